//! `promoter local` as a newcomer meets it: what it says of a push, and of a scan.

use std::{
    io::{BufRead as _, BufReader, Lines, Read as _, Write as _},
    process::{Child, ChildStderr, Output, Stdio},
};

use serde_json::{Value, json};

use crate::scripted::promoter;

/// The sample policies, as the documents have them.
const POLICIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies");

/// One that runs on a port of its own.
struct Running {
    child: Child,
    address: String,
    told: Lines<BufReader<ChildStderr>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = promoter(&["local", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut first).unwrap();
        let address = first.trim_end().strip_prefix("ready http://").unwrap();
        let told = BufReader::new(child.stderr.take().unwrap()).lines();
        Self {
            address: address.to_owned(),
            child,
            told,
        }
    }

    /// The next line with these words; those before it are passed over.
    fn line(&mut self, words: &str) -> String {
        let mut lines = self.told.by_ref().map(Result::unwrap);
        lines.find(|it| it.contains(words)).unwrap()
    }

    /// Asks ECR.
    fn ask(&self, operation: &str, body: &Value) -> Value {
        let target = format!("X-Amz-Target: AmazonEC2ContainerRegistry_V20150921.{operation}\r\n");
        let (status, answer) = self.send("POST /", &target, &body.to_string());
        assert_eq!(status, "200", "{operation}: {answer}");
        serde_json::from_str(&answer).unwrap()
    }

    /// The status and the body of an answer.
    fn send(&self, line: &str, headers: &str, body: &str) -> (String, String) {
        let address = &self.address;
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: AWS4-HMAC-SHA256 any\r\n\
             {headers}Content-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap();
        (status.to_owned(), body.to_owned())
    }

    /// Pushes an image without layers to `dev/website`.
    fn push(&self, tag: &str) -> String {
        const CONFIG: &str = "{}";
        const DIGEST: &str =
            "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        let upload = self.ask(
            "InitiateLayerUpload",
            &json!({"repositoryName": "dev/website"}),
        );
        let upload = &upload["uploadId"];
        let part = json!({"repositoryName": "dev/website", "uploadId": upload, "partFirstByte": 0, "partLastByte": 1,
                          "layerPartBlob": "e30="});
        self.ask("UploadLayerPart", &part);
        let complete =
            json!({"repositoryName": "dev/website", "uploadId": upload, "layerDigests": [DIGEST]});
        self.ask("CompleteLayerUpload", &complete);
        let config = json!({"mediaType": "application/vnd.oci.image.config.v1+json", "digest": DIGEST, "size": CONFIG.len()});
        let manifest = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                              "config": config, "layers": []});
        let put = json!({"repositoryName": "dev/website", "imageTag": tag, "imageManifest": manifest.to_string()});
        let digest = self.ask("PutImage", &put)["image"]["imageId"]["imageDigest"].clone();
        digest.as_str().unwrap().to_owned()
    }

    /// Asks DynamoDB of the policy `dev/website stable`.
    fn policy(&self, operation: &str, body: &Value) -> Value {
        let target = format!("X-Amz-Target: DynamoDB_20120810.{operation}\r\n");
        let mut body = body.clone();
        body["TableName"] = json!("policies");
        let (status, answer) = self.send("POST /", &target, &body.to_string());
        assert_eq!(status, "200", "{operation}: {answer}");
        serde_json::from_str(&answer).unwrap()
    }

    fn scan(&self, arguments: &[&str]) -> Output {
        let url = format!("http://{}", self.address);
        promoter(&["local", "scan", "--url", &url])
            .args(arguments)
            .output()
            .unwrap()
    }
}

#[test]
fn the_recommended_path_ended_in_silence() {
    let mut local = Running::start(&[
        "--repositories",
        "dev/website,qa/website",
        "--policies",
        POLICIES,
    ]);
    let digest = local.push("1.4-stable");
    let short = &digest[..19];
    assert_eq!(
        local.line("event    ECR Image Action PUSH dev/"),
        format!("event    ECR Image Action PUSH dev/website:1.4-stable@{short}…")
    );
    let promoted = local.line("promote ");
    assert!(
        promoted.starts_with(
            "promote  dev/website:1.4-stable => qa/website:1.4-stable (dev/website tag-only)"
        ),
        "{promoted}"
    );

    // The other sample waits for a scan, and then for an SBOM.
    let output = local.scan(&["dev/website:1.4-stable", "--clean"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(
        local.line("event    ECR Image Scan"),
        format!("event    ECR Image Scan COMPLETE dev/website@{short}…")
    );
    let waits = local.line("(dev/website stable-to-qa): component not_one_of");
    assert!(waits.starts_with("await "), "{waits}");
}

#[test]
fn a_policy_edited_by_hand_has_its_status_within_seconds() {
    let mut local = Running::start(&["--repositories", "dev/website,qa/website"]);
    let key = json!({"source": {"S": "dev/website"}, "name": {"S": "stable"}});
    let valid =
        "note     checked an edited policy; policy: dev/website stable; said: ; state: valid";
    let invalid = "event    Policy Invalid dev/website stable";
    for (operator, state, told) in [
        ("ends_with", "valid", valid),
        ("endswith", "invalid", invalid),
        ("equals", "valid", valid),
    ] {
        let mut item = key.clone();
        item["target"] = json!({"M": {"repository": {"S": "qa/website"}}});
        item["criteria"] = json!({"L": [{"M": {
            "attribute": {"S": "tag"}, "operator": {"S": operator}, "value": {"S": "stable"},
        }}]});
        local.policy("PutItem", &json!({"Item": item}));
        let (idle, answer) = local.send("GET /_local/idle?timeout=30", "", "");
        assert_eq!(idle, "200", "{answer}");
        let there = local.policy("GetItem", &json!({"Key": key}));
        assert_eq!(there["Item"]["status"]["M"]["state"]["S"], state, "{there}");
        assert_eq!(local.line(told), told);
    }
}

#[test]
fn findings_of_a_file_hold_an_image_and_wrong_ones_are_told() {
    let mut local = Running::start(&["--repositories", "dev/website", "--policies", POLICIES]);
    let digest = local.push("1.4-stable");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("findings.json");
    let mut findings = json!({
        "imageScanStatus": {"status": "COMPLETE"},
        "imageScanFindings": {
            "imageScanCompletedAt": "2026-11-28T12:00:00Z",
            "findings": [{"name": "CVE-2021-44228", "severity": "CRITICAL"}],
            "findingSeverityCounts": {"CRITICAL": 1},
        },
    });
    let write = |findings: &Value| std::fs::write(&file, findings.to_string()).unwrap();
    let path = file.to_str().unwrap();
    write(&findings);
    let image = format!("dev/website@{digest}");
    let output = local.scan(&[&image, "--findings", path]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let held = local.line("hold ");
    assert!(held.contains("CVE-2021-44228"), "{held}");

    findings["imageScanStatus"]["status"] = json!("DONE");
    write(&findings);
    for (arguments, words) in [
        (
            vec![image.as_str(), "--findings", path],
            "expected one of IN_PROGRESS, COMPLETE, ",
        ),
        (
            vec!["dev/website:none", "--clean"],
            "Requested image not found",
        ),
        (vec!["dev/none:1", "--clean"], "RepositoryNotFoundException"),
    ] {
        let output = local.scan(&arguments);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(words), "{told}");
    }
    let output = local.scan(&["dev/website:1.4-stable"]);
    assert_eq!(
        output.status.code(),
        Some(2),
        "neither --clean nor --findings: {output:?}"
    );
}

/// A file that may be run.
fn runnable(path: &std::path::Path, bytes: &[u8]) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, bytes).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_misspelt_variable_and_a_binary_that_cannot_run_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("bootstrap");
    std::fs::write(&text, "no program").unwrap();
    let below = folder.path().to_str().unwrap();
    let without_a_first_line = runnable(&folder.path().join("script"), b"echo hello\n");
    let other: u8 = if cfg!(target_arch = "aarch64") {
        62
    } else {
        183
    };
    let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
    elf.resize(64, 0);
    elf[16..20].copy_from_slice(&[2, 0, other, 0]);
    let of_another_machine = runnable(&folder.path().join("other"), &elf);
    for (variable, bootstrap, words) in [
        (
            "PROMOTION_PATH",
            None,
            "expected a variable of the function, found PROMOTION_PATH: did you mean PROMOTION_PATHS?",
        ),
        ("UNRELATED", text.to_str(), "expected an executable file"),
        ("UNRELATED", Some(below), "expected an executable file"),
        (
            "UNRELATED",
            Some(without_a_first_line.as_str()),
            "or a script that begins with #!",
        ),
        (
            "UNRELATED",
            Some(of_another_machine.as_str()),
            "expected a program for ",
        ),
    ] {
        let mut command = promoter(&["local", "--listen", "127.0.0.1:0"]);
        command.env(variable, "dev/* => qa/*");
        command.args(bootstrap.iter().flat_map(|path| ["--bootstrap", path]));
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert_eq!(output.stdout, b"");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(words), "{told}");
    }
}
