//! An AWS at an address, as the command finds it: by its environment alone.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "not every test uses all of it, and a test may stop at once"
)]

pub(crate) mod deployed;
pub(crate) mod filled;
pub(crate) mod stage;
pub(crate) mod ui;

use std::process::Output;

use aws_sdk_ecr::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
    primitives::Blob,
};
use aws_smithy_runtime_api::client::http::http_client_fn;
use ecr_promoter_local::{Local, Options};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const SPDX: &str = "application/spdx+json";

/// An AWS at an address, and a client of it in this process.
pub(crate) struct Aws {
    pub(crate) local: Local,
    pub(crate) url: String,
    pub(crate) ecr: Client,
}

impl Aws {
    pub(crate) async fn new() -> Self {
        let local = Local::open(Options::default()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = local.clone();
        tokio::spawn(async move { serving.serve(listener).await });
        let connector = local.connector();
        let config = aws_sdk_ecr::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(format!("http://{}", ecr_promoter_local::HOST_IN_PROCESS))
            .credentials_provider(Credentials::from_keys("local", "local", None))
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        let aws = Self {
            local,
            url,
            ecr: Client::from_conf(config),
        };
        let create = aws.ecr.create_repository().repository_name("dev/website");
        create.send().await.unwrap();
        aws
    }

    /// Pushes a manifest of one config and one layer; its digest.
    pub(crate) async fn push(
        &self,
        manifest: Value,
        blobs: &[Vec<u8>],
        tag: Option<&str>,
    ) -> String {
        self.push_to("dev/website", manifest, blobs, tag).await
    }

    /// The same to another repository.
    pub(crate) async fn push_to(
        &self,
        repository: &str,
        manifest: Value,
        blobs: &[Vec<u8>],
        tag: Option<&str>,
    ) -> String {
        for blob in blobs {
            self.upload(repository, blob).await;
        }
        let put = self.ecr.put_image().repository_name(repository);
        let put = put.image_manifest(manifest.to_string());
        put.image_manifest_media_type(MANIFEST)
            .set_image_tag(tag.map(str::to_owned))
            .send()
            .await
            .unwrap();
        digest(manifest.to_string().as_bytes())
    }

    async fn upload(&self, repository: &str, blob: &[u8]) {
        let started = self.ecr.initiate_layer_upload();
        let started = started.repository_name(repository).send().await.unwrap();
        let id = started.upload_id().unwrap();
        let part = self.ecr.upload_layer_part().repository_name(repository);
        let last = i64::try_from(blob.len()).unwrap() - 1;
        let part = part.upload_id(id).part_first_byte(0).part_last_byte(last);
        part.layer_part_blob(Blob::new(blob)).send().await.unwrap();
        let complete = self.ecr.complete_layer_upload();
        let complete = complete.repository_name(repository).upload_id(id);
        let complete = complete.layer_digests(digest(blob));
        if let Err(error) = complete.send().await {
            // Images share what they have in common.
            let error = error.into_service_error();
            assert!(error.is_layer_already_exists_exception(), "{error}");
        }
    }

    /// An image without a scan and without an SBOM.
    pub(crate) async fn bare(&self, repository: &str, seed: &str, tag: &str) -> String {
        let (config, layer) = (
            br#"{"os":"linux"}"#.to_vec(),
            format!("a layer of {seed}").into_bytes(),
        );
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
            "layers": [descriptor("application/vnd.oci.image.layer.v1.tar", &layer)],
        });
        self.push_to(repository, manifest, &[config, layer], Some(tag))
            .await
    }

    /// Pushes what is not an image.
    pub(crate) async fn chart(&self, repository: &str, tag: &str) -> String {
        let (config, layer) = (br#"{"name":"chart"}"#.to_vec(), b"a chart".to_vec());
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": descriptor("application/vnd.cncf.helm.config.v1+json", &config),
            "layers": [descriptor("application/vnd.cncf.helm.chart.content.v1.tar+gzip", &layer)],
        });
        self.push_to(repository, manifest, &[config, layer], Some(tag))
            .await
    }

    /// Attaches an SBOM to an image: names, versions and licenses.
    pub(crate) async fn attach(&self, repository: &str, image: &str, packages: &[[&str; 3]]) {
        let packages = packages.iter().enumerate().map(|(place, [name, version, license])| {
            let mut package = json!({"SPDXID": format!("SPDXRef-{place}"), "name": name, "versionInfo": version});
            if !license.is_empty() {
                package["licenseConcluded"] = json!(license);
            }
            package
        });
        let sbom = json!({
            "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "website",
            "packages": packages.collect::<Vec<_>>(),
        });
        self.attach_as(repository, image, SPDX, &sbom).await;
    }

    /// Attaches a document of some type to an image.
    pub(crate) async fn attach_as(
        &self,
        repository: &str,
        image: &str,
        kind: &str,
        document: &Value,
    ) {
        let (config, document) = (b"{}".to_vec(), document.to_string().into_bytes());
        let referrer = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": kind,
            "config": descriptor("application/vnd.oci.empty.v1+json", &config),
            "layers": [descriptor(kind, &document)],
            "subject": {"mediaType": MANIFEST, "digest": image, "size": 1},
        });
        self.push_to(repository, referrer, &[config, document], None)
            .await;
    }

    /// What the scanner found: id, severity, package, version, and the version that mends it.
    /// Told by an event, too.
    pub(crate) fn scan(&self, repository: &str, image: &str, findings: &[[&str; 5]]) {
        let findings = findings
            .iter()
            .map(|[id, severity, package, version, fixed]| {
                let attribute = |key: &str, value: &str| json!({"key": key, "value": value});
                let mut attributes = vec![
                    attribute("package_name", package),
                    attribute("package_version", version),
                ];
                if !fixed.is_empty() {
                    attributes.push(attribute("patched_version", fixed));
                }
                json!({"name": id, "severity": severity, "attributes": attributes})
            });
        let scan = json!({
            "imageScanStatus": {"status": "COMPLETE"},
            "imageScanFindings": {
                "imageScanCompletedAt": self.local.clock().now().timestamp(),
                "findings": findings.collect::<Vec<_>>(),
            },
        });
        let ecr = self.local.ecr();
        ecr.set_findings(repository, image, scan, true).unwrap();
    }

    /// A scanned image with an SBOM.
    pub(crate) async fn image(&self) -> String {
        let (config, layer) = (br#"{"os":"linux"}"#.to_vec(), b"a layer".to_vec());
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
            "layers": [descriptor("application/vnd.oci.image.layer.v1.tar", &layer)],
        });
        let size = manifest.to_string().len();
        let image = self.push(manifest, &[config, layer], Some("1.4")).await;
        let sbom = json!({
            "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "website",
            "packages": [{"SPDXID": "SPDXRef-1", "name": "musl", "versionInfo": "1.2.5", "licenseConcluded": "MIT"}],
        });
        let (config, sbom) = (b"{}".to_vec(), sbom.to_string().into_bytes());
        let referrer = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": SPDX,
            "config": descriptor("application/vnd.oci.empty.v1+json", &config),
            "layers": [descriptor(SPDX, &sbom)],
            "subject": {"mediaType": MANIFEST, "digest": image, "size": size},
        });
        self.push(referrer, &[config, sbom], None).await;
        let scan = json!({
            "imageScanStatus": {"status": "COMPLETE"},
            "imageScanFindings": {
                "imageScanCompletedAt": self.local.clock().now().timestamp(),
                "findings": [{"name": "CVE-2026-0001", "severity": "LOW"}],
            },
        });
        let ecr = self.local.ecr();
        ecr.set_findings("dev/website", &image, scan, false)
            .unwrap();
        image
    }

    /// Runs the command against this AWS.
    pub(crate) async fn promoter(&self, arguments: &[&str]) -> Output {
        self.promoter_at(&self.url, arguments).await
    }

    /// Runs it against another endpoint.
    pub(crate) async fn promoter_at(&self, url: &str, arguments: &[&str]) -> Output {
        command(url, arguments).output().await.unwrap()
    }

    /// The command against this AWS, not started yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> tokio::process::Command {
        command(&self.url, arguments)
    }
}

fn command(url: &str, arguments: &[&str]) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_promoter"));
    command.args(arguments).env_clear();
    command.env("AWS_ENDPOINT_URL", url);
    command.env("AWS_REGION", "us-east-1");
    command.env("AWS_ACCESS_KEY_ID", "local");
    command.env("AWS_SECRET_ACCESS_KEY", "local");
    command.stdin(std::process::Stdio::null());
    command
}

fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = "sha256:".to_owned();
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": digest(bytes), "size": bytes.len()})
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}
