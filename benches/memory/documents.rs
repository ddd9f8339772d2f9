//! Documents as large as they may be, and larger.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::image::Image;

/// As large as an SBOM may be, less what a document has around its entries.
pub(crate) const SBOM_BYTES: usize = 50 * 1024 * 1024 - 4096;

/// A document of at most so many entries and bytes.
fn filled(open: &str, entries: usize, bytes: usize, entry: impl Fn(usize) -> String) -> String {
    let mut document = open.to_owned();
    for index in 0..entries {
        let entry = entry(index);
        if document.len() + entry.len() > bytes {
            break;
        }
        if index > 0 {
            document.push(',');
        }
        document.push_str(&entry);
    }
    document.push_str("]}");
    document
}

/// CycloneDX of so many components of a version of the format, each with so many bytes that are passed over.
pub(crate) fn cyclonedx(
    version: u8,
    components: usize,
    passed_over: usize,
    bytes: usize,
) -> String {
    let open = format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.{version}","components":["#);
    let more = "x".repeat(passed_over);
    filled(&open, components, bytes, |n| {
        format!(
            r#"{{"type":"library","name":"package-{n}","version":"1.{n}.0","purl":"pkg:npm/package-{n}@1.{n}.0","licenses":[{{"license":{{"id":"MIT"}}}}],"description":"{more}"}}"#
        )
    })
}

/// SPDX of so many packages, each with so many bytes that are passed over.
pub(crate) fn spdx(packages: usize, passed_over: usize, bytes: usize) -> String {
    let more = "x".repeat(passed_over);
    filled(SPDX, packages, bytes, |n| {
        format!(
            r#"{{"name":"package-{n}","SPDXID":"SPDXRef-{n}","versionInfo":"1.{n}.0","licenseDeclared":"MIT","externalRefs":[{{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:npm/package-{n}@1.{n}.0"}}],"comment":"{more}"}}"#
        )
    })
}

const SPDX: &str = r#"{"spdxVersion":"SPDX-2.3","packages":["#;

/// SPDX whose licenses are `x and x and …`, each of so many bytes.
pub(crate) fn wordy(license_bytes: usize, bytes: usize) -> String {
    let words = "x and ".repeat(license_bytes / 6);
    filled(SPDX, usize::MAX, bytes + license_bytes, |n| {
        format!(r#"{{"name":"a{n}","SPDXID":"SPDXRef-{n}","licenseDeclared":"{words}y{n}"}}"#)
    })
}

/// SPDX whose packages have so many package URLs each.
pub(crate) fn aliases(each: usize, bytes: usize) -> String {
    filled(SPDX, usize::MAX, bytes, |n| {
        let mut references = String::new();
        for alias in 0..each {
            let comma = if alias == 0 { "" } else { "," };
            write!(
                references,
                r#"{comma}{{"referenceType":"purl","referenceLocator":"pkg:npm/a{n}-{alias}@1"}}"#
            )
            .unwrap();
        }
        format!(r#"{{"name":"a{n}","SPDXID":"SPDXRef-{n}","externalRefs":[{references}]}}"#)
    })
}

/// An index of so many images, each with a manifest of almost 4 MiB, most of it annotations.
pub(crate) fn large_manifests(children: usize) -> Image {
    let platforms: Vec<String> = (0..children).map(|n| format!("linux/p{n}")).collect();
    let names: Vec<&str> = platforms.iter().map(String::as_str).collect();
    let images = names.iter().map(|name| {
        let mut image = Image::single(name, 1);
        let mut manifest: Value = serde_json::from_str(&image.manifest).unwrap();
        let annotations: serde_json::Map<String, Value> = (0..180_000)
            .map(|n| (format!("a{n:06}"), json!("b")))
            .collect();
        manifest["annotations"] = Value::Object(annotations);
        image.manifest = manifest.to_string();
        assert!((2 << 20..4 << 20).contains(&image.manifest.len()));
        image
    });
    Image::index_of(images.collect(), &names)
}

/// A finished scan of so many findings.
pub(crate) fn findings(count: usize) -> Value {
    let finding = |n: usize| {
        json!({"name": format!("CVE-2026-{n:05}"), "severity": "LOW", "uri": "https://cve.example/".repeat(10),
            "description": "d".repeat(500),
            "attributes": [{"key": "package_version", "value": "1.1.1"}, {"key": "package_name", "value": "openssl"}]})
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    json!({
        "imageScanStatus": {"status": "COMPLETE", "description": "The scan was completed successfully."},
        "imageScanFindings": {
            "imageScanCompletedAt": now.unwrap().as_secs(),
            "findingSeverityCounts": {"LOW": count},
            "findings": (0..count).map(finding).collect::<Vec<_>>(),
        },
    })
}
