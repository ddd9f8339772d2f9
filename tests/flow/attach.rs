//! The ways in which SBOMs are attached to images: what build tools and people push beside them.

use serde_json::{Value, json};

use crate::image::{Image, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST, digest};

pub const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const DSSE: &str = "application/vnd.dsse.envelope.v1+json";
const IN_TOTO: &str = "application/vnd.in-toto+json";

/// Which of the two formats, with its words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Spdx,
    CycloneDx,
}

impl Format {
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Spdx => "application/spdx+json",
            Self::CycloneDx => "application/vnd.cyclonedx+json",
        }
    }

    pub fn predicate_type(self) -> &'static str {
        match self {
            Self::Spdx => "https://spdx.dev/Document",
            Self::CycloneDx => "https://cyclonedx.org/bom",
        }
    }

    /// The type of the layer under cosign's `.sbom` tag, as `cosign attach sbom` writes it.
    fn attached(self) -> &'static str {
        match self {
            Self::Spdx => "spdx+json",
            Self::CycloneDx => "application/vnd.cyclonedx+json",
        }
    }
}

/// One way of attaching a document: its name, the tag that it needs, the artifact, and the origin
/// that its evidence has.
pub struct Way {
    pub name: &'static str,
    pub tag: Option<String>,
    pub artifact: Image,
    pub origin: &'static str,
}

/// Each way of attaching `document` to `subject`; a referrer that is the bare document is the first.
pub fn ways(subject: &Image, format: Format, document: &str) -> Vec<Way> {
    let about = subject.digest();
    let of = |predicate: &str| statement(&about, format.predicate_type(), predicate);
    let bare = of(document);
    let as_object = of(&format!(r#"{{"Data":{document},"Timestamp":""}}"#));
    let as_text = of(&format!(r#"{{"Data":{},"Timestamp":""}}"#, json!(document)));
    let bundle = bundle(&bare);
    let kind = format.media_type();
    let said = json!({"predicateType": format.predicate_type()});
    let referrer = |name, kind: &str, annotations: &Value, body: &str| Way {
        name,
        tag: None,
        artifact: artifact(kind, kind, annotations, Some(subject), body.as_bytes()),
        origin: if kind == BUNDLE {
            "sbom: sigstore bundle (attached by the pusher, unverified)"
        } else {
            "sbom: referrer (attached by the pusher, unverified)"
        },
    };
    let hex = about.trim_start_matches("sha256:");
    let tagged = |name, suffix: &str, kind: &str, annotations: &Value, body: &str| Way {
        name,
        tag: Some(format!("sha256-{hex}.{suffix}")),
        artifact: artifact(OCI_CONFIG, kind, annotations, None, body.as_bytes()),
        origin: "sbom: cosign tag (attached by the pusher, unverified)",
    };
    let none = json!({});
    vec![
        referrer("referrer", kind, &none, document),
        referrer("statement as a referrer", IN_TOTO, &said, &bare),
        referrer("envelope as a referrer", DSSE, &none, &envelope(&bare)),
        referrer("sigstore bundle", BUNDLE, &none, &bundle),
        tagged("cosign att", "att", DSSE, &said, &envelope(&bare)),
        tagged(
            "older cosign att, an object",
            "att",
            DSSE,
            &said,
            &envelope(&as_object),
        ),
        tagged(
            "older cosign att, a text",
            "att",
            DSSE,
            &said,
            &envelope(&as_text),
        ),
        tagged("cosign sbom", "sbom", format.attached(), &none, document),
    ]
}

/// An in-toto statement; the predicate stays as it is written.
pub fn statement(subject: &str, predicate_type: &str, predicate: &str) -> String {
    let hex = subject.trim_start_matches("sha256:");
    format!(
        r#"{{"_type":"https://in-toto.io/Statement/v0.1","subject":[{{"name":"image","digest":{{"sha256":"{hex}"}}}}],"predicateType":"{predicate_type}","predicate":{predicate}}}"#
    )
}

pub fn envelope(statement: &str) -> String {
    use base64::Engine as _;
    let payload = base64::engine::general_purpose::STANDARD.encode(statement);
    json!({"payloadType": IN_TOTO, "payload": payload, "signatures": [{"sig": "c2ln"}]}).to_string()
}

pub fn bundle(statement: &str) -> String {
    format!(
        r#"{{"mediaType":"{BUNDLE}","dsseEnvelope":{}}}"#,
        envelope(statement)
    )
}

/// An artifact of one blob; with a subject it is a referrer.
pub fn artifact(
    artifact_type: &str,
    layer_type: &str,
    annotations: &Value,
    subject: Option<&Image>,
    body: &[u8],
) -> Image {
    let config = b"{}".to_vec();
    let mut manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": artifact_type,
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest(&config), "size": 2},
        "layers": [{"mediaType": layer_type, "digest": digest(body), "size": body.len(), "annotations": annotations}],
    });
    if let Some(subject) = subject {
        manifest["subject"] = json!({"mediaType": subject.media_type, "digest": subject.digest(), "size": subject.manifest.len()});
    }
    Image {
        manifest: manifest.to_string(),
        media_type: OCI_MANIFEST,
        blobs: vec![config, body.to_vec()],
        children: Vec::new(),
    }
}

/// `BuildKit`'s layout: for each child of the index an attestation that is a child too, for no
/// platform, whose statement is about `about` and holds `document`.
pub fn buildkit(children: Vec<(Image, &str, String)>, format: Format, document: &str) -> Image {
    let said = json!({"in-toto.io/predicate-type": format.predicate_type()});
    let mut entries = Vec::new();
    let mut all = Vec::new();
    for (child, architecture, about) in children {
        let body = statement(&about, format.predicate_type(), document);
        let mut attestation = artifact("x", IN_TOTO, &said, None, body.as_bytes());
        attestation.manifest = attestation.manifest.replace(r#""artifactType":"x","#, "");
        entries.push(
            json!({"mediaType": OCI_MANIFEST, "digest": child.digest(), "size": child.manifest.len(),
            "platform": {"os": "linux", "architecture": architecture}}),
        );
        entries.push(dressed(&attestation, &child.digest()));
        all.extend([child, attestation]);
    }
    index(&entries, all)
}

/// How an index names a child that should be an attestation.
pub fn dressed(child: &Image, about: &str) -> Value {
    json!({"mediaType": OCI_MANIFEST, "digest": child.digest(), "size": child.manifest.len(),
        "platform": {"os": "unknown", "architecture": "unknown"},
        "annotations": {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": about}})
}

/// An index whose entries are written out.
pub fn index(entries: &[Value], children: Vec<Image>) -> Image {
    Image {
        manifest: json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries})
            .to_string(),
        media_type: OCI_INDEX,
        blobs: Vec::new(),
        children,
    }
}
