//! The command as a process: what others script against.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at once, in its helpers too"
)]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    process::{Command, Output, Stdio},
};

const GOOD: &str =
    r#"{"source": "dev/website", "name": "stable", "target": {"repository": "qa/website"}}"#;

fn promoter(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_promoter"));
    command.args(arguments);
    command.env_remove("NO_COLOR").env_remove("PROMOTION_PATHS");
    command
}

fn run(arguments: &[&str]) -> Output {
    promoter(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn exit_statuses_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let good = file("good.json", GOOD);
    let bad = file("bad.json", "{}");
    let folder_name = folder.path().to_str().unwrap();
    for (case, arguments, status) in [
        ("a good policy", vec!["policy", "validate", &good], 0),
        (
            "within the paths",
            vec!["policy", "validate", &good, "--paths", "dev/* => qa/*"],
            0,
        ),
        ("the schema", vec!["policy", "schema"], 0),
        ("help", vec!["--help"], 0),
        ("a bad policy", vec!["policy", "validate", &good, &bad], 1),
        (
            "outside the paths",
            vec!["policy", "validate", &good, "--paths", "dev/* => prod/*"],
            1,
        ),
        (
            "no such policy",
            vec!["policy", "validate", "/none/at/all.json"],
            1,
        ),
        ("no image", vec!["demo", "--image", folder_name], 1),
        (
            "an address that cannot be used",
            vec!["local", "--listen", "nowhere"],
            1,
        ),
        (
            "an account that is none",
            vec!["local", "--listen", "127.0.0.1:0", "--account", "1"],
            1,
        ),
        (
            "paths that are none",
            vec!["policy", "validate", &good, "--paths", "dev/*"],
            2,
        ),
        ("no file", vec!["policy", "validate"], 2),
        ("no command", vec![], 2),
        ("an unknown command", vec!["demonstrate"], 2),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(status), "{case}: {output:?}");
        if status == 1 && arguments.first() != Some(&"policy") {
            assert!(
                text(&output.stderr).starts_with("error: "),
                "{case}: {output:?}"
            );
        }
    }
}

#[test]
fn stdin_is_a_file_too() {
    let mut child = promoter(&["policy", "validate", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(GOOD.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stdout), "1 valid policy in 1 file\n");
}

#[test]
fn the_demo_is_plain_in_a_pipe_and_coloured_on_demand() {
    let plain = run(&["demo"]);
    assert_eq!(plain.status.code(), Some(0), "{plain:?}");
    assert!(!text(&plain.stdout).contains('\u{1b}'), "{plain:?}");
    assert_eq!(text(&plain.stderr), "");
    let coloured = run(&["demo", "--color", "always"]);
    assert!(text(&coloured.stdout).contains('\u{1b}'), "{coloured:?}");
    let silent = promoter(&["demo"]).env("NO_COLOR", "1").output().unwrap();
    assert!(!text(&silent.stdout).contains('\u{1b}'), "{silent:?}");
}

#[test]
fn the_demo_fits_80_columns_and_names_the_promoted_digest_once_in_full() {
    let output = run(&["demo"]);
    let shown = text(&output.stdout);
    let wide = shown.lines().find(|line| line.chars().count() > 80);
    assert_eq!(wide, None, "{shown}");
    let full = |word: &&str| {
        word.strip_prefix("sha256:")
            .is_some_and(|hex| hex.len() == 64)
    };
    assert_eq!(shown.split_whitespace().filter(full).count(), 1, "{shown}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_left_a_folder_behind() {
    for (arguments, status) in [
        (vec!["demo"], 130),
        (vec!["local", "--listen", "127.0.0.1:0"], 0),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut child = promoter(&arguments)
            .env("TMPDIR", folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // By its first line it has opened its account.
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut String::new()).unwrap();
        let made = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(made, 1, "{arguments:?}: there is nothing to leave behind");
        signal("INT", &child.id().to_string());
        let ended = child.wait().unwrap();
        // 0 is a demonstration that was faster than the signal.
        assert!(
            [Some(status), Some(0)].contains(&ended.code()),
            "{arguments:?}: {ended}"
        );
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 0, "{arguments:?}");
    }
}

#[test]
fn the_version_names_the_commit() {
    let output = run(&["--version"]);
    let told = text(&output.stdout).trim_end().to_owned();
    let checkout = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.git");
    if !checkout.exists() {
        // Sources without their history have no commit to name.
        assert_eq!(told, concat!("promoter ", env!("CARGO_PKG_VERSION")));
        return;
    }
    let (version, commit) = told.split_once(" (").expect(&told);
    assert_eq!(version, concat!("promoter ", env!("CARGO_PKG_VERSION")));
    let (hash, date) = commit.split_once(' ').expect(&told);
    assert!(
        hash.len() >= 7 && hash.bytes().all(|b| b.is_ascii_hexdigit()),
        "{told}"
    );
    assert_eq!(date.len(), "2026-03-07)".len(), "{told}");
}

#[test]
fn every_shell_completes_the_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0), "{shell}");
        let script = text(&output.stdout);
        for word in ["evidence", "validate", "--image"] {
            let word = word.trim_start_matches(if shell == "fish" { "--" } else { "" });
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(run(&["completions", "tcsh"]).status.code(), Some(2));
}

/// The environment of whoever runs it is about another AWS.
#[test]
fn the_demo_needs_nothing_and_heeds_no_other_aws() {
    let output = promoter(&["demo"])
        .env_clear()
        .env("AWS_PROFILE", "none")
        .env("AWS_USE_FIPS_ENDPOINT", "true")
        .env("AWS_ENDPOINT_URL_ECR", "http://127.0.0.1:1")
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn local_tells_every_mistake_of_its_environment_before_it_is_ready() {
    let output = promoter(&["local", "--listen", "127.0.0.1:0"])
        .env("PROMOTION_PATHS", "dev/*")
        .env("SETTLE_SECONDS", "soon")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(text(&output.stdout), "");
    let told = text(&output.stderr);
    assert!(
        told.contains("PROMOTION_PATHS") && told.contains("SETTLE_SECONDS"),
        "{told}"
    );
}

#[test]
fn local_takes_no_folder_and_no_binary_that_is_not_there() {
    let file = env!("CARGO_BIN_EXE_promoter");
    let below_a_file = format!("{file}/below");
    for (option, told) in [
        ("--policies", "error: cannot read the policies in "),
        ("--bootstrap", "error: cannot run "),
        ("--data", "error: cannot use "),
    ] {
        let output = run(&["local", "--listen", "127.0.0.1:0", option, &below_a_file]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let told = format!("{told}{below_a_file:?}: ");
        assert!(text(&output.stderr).starts_with(&told), "{output:?}");
    }
}

#[test]
fn local_says_ready_first_and_ends_when_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("good.json"), GOOD).unwrap();
    std::fs::write(folder.path().join("bad.json"), "{").unwrap();
    let policies = folder.path().to_str().unwrap();
    let mut child = promoter(&[
        "local",
        "--listen",
        "127.0.0.1:0",
        "--repositories",
        "dev/website,qa/website",
        "--policies",
        policies,
    ])
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    let address = first
        .trim_end()
        .strip_prefix("ready http://")
        .unwrap()
        .to_owned();
    assert!(address.starts_with("127.0.0.1:"), "{first}");

    let item =
        r#"{"TableName":"policies","Key":{"source":{"S":"dev/website"},"name":{"S":"stable"}}}"#;
    let answer = post(&address, "DynamoDB_20120810.GetItem", item);
    assert!(answer.contains("qa/website"), "{answer}");
    let answer = post(
        &address,
        "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories",
        "{}",
    );
    assert!(
        answer.contains("dev/website") && answer.contains("qa/website"),
        "{answer}"
    );

    signal("TERM", &child.id().to_string());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let told = text(&output.stderr);
    assert!(told.contains("bad.json: expected JSON"), "{told}");
    assert!(told.contains("1 policy loaded"), "{told}");
}

fn signal(name: &str, process: &str) {
    // The shell's own `kill`: not every machine has it as a program.
    let kill = format!("kill -{name} {process}");
    let ended = Command::new("sh").args(["-c", &kill]).status().unwrap();
    assert!(ended.success());
}

/// One call of a JSON API, by hand.
fn post(address: &str, target: &str, body: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let length = body.len();
    let authorization = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/any/aws4_request, SignedHeaders=host, Signature=0";
    write!(
        stream,
        "POST / HTTP/1.1\r\nhost: {address}\r\nx-amz-target: {target}\r\ncontent-length: {length}\r\n\
         content-type: application/x-amz-json-1.1\r\nauthorization: {authorization}\r\nconnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// A `promoter local` that keeps everything in `data`, and its address.
fn local(data: &str) -> (std::process::Child, String) {
    let mut child = promoter(&[
        "local",
        "--listen",
        "127.0.0.1:0",
        "--data",
        data,
        "--repositories",
        "dev/website",
        "--no-function",
    ])
    .stdout(Stdio::piped())
    .stderr(Stdio::null())
    .spawn()
    .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    let address = first.trim_end().strip_prefix("ready http://").unwrap();
    (child, address.to_owned())
}

#[test]
fn a_killed_local_opens_again_with_nothing_lost_that_it_had_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let queue = "AmazonSQS.SendMessage";
    let url = r#""QueueUrl":"http://127.0.0.1/000000000000/promoter""#;
    let (mut child, address) = local(data);
    let create = "AmazonEC2ContainerRegistry_V20150921.CreateRepository";
    post(&address, create, r#"{"repositoryName":"qa/website"}"#);
    let item = r#"{"TableName":"policies","Item":{"source":{"S":"a"},"name":{"S":"b"}}}"#;
    post(&address, "DynamoDB_20120810.PutItem", item);
    for number in 0..20 {
        let body = format!(r#"{{{url},"MessageBody":"{number}"}}"#);
        let answer = post(&address, queue, &body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    // SIGKILL: nobody has the time to write anything down.
    child.kill().unwrap();
    child.wait().unwrap();

    let (mut child, address) = local(data);
    let describe = "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories";
    assert!(post(&address, describe, "{}").contains("qa/website"));
    let key = r#"{"TableName":"policies","Key":{"source":{"S":"a"},"name":{"S":"b"}}}"#;
    assert!(post(&address, "DynamoDB_20120810.GetItem", key).contains(r#""S":"b""#));
    let attributes = format!(r#"{{{url},"AttributeNames":["ApproximateNumberOfMessages"]}}"#);
    let answer = post(&address, "AmazonSQS.GetQueueAttributes", &attributes);
    assert!(answer.contains(r#""20""#), "{answer}");
    child.kill().unwrap();
    child.wait().unwrap();
}
