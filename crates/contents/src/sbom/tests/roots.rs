//! What a document describes: the image, or the packages that it lists.

use super::*;

/// The names of entries that stand for the image, its system and its files.
fn apart(document: &str) -> Vec<String> {
    let sbom = read(document.as_bytes(), Format::Any).unwrap();
    let apart = sbom.components.into_iter().filter(|entry| entry.is_frame);
    apart.map(|component| component.name).collect()
}

fn count(document: &str) -> usize {
    let sbom = read(document.as_bytes(), Format::Any).unwrap();
    sbom.components.len()
}

#[test]
fn a_document_that_describes_what_it_lists_lists_it() {
    let package = |name: &str| format!(r#"{{"name":"{name}","SPDXID":"SPDXRef-{name}"}}"#);
    let list = |names: &[&str]| {
        let packages: Vec<String> = names.iter().map(|name| package(name)).collect();
        format!("[{}]", packages.join(","))
    };
    let describes = |names: &[&str]| {
        let ids: Vec<String> = names
            .iter()
            .map(|name| format!("\"SPDXRef-{name}\""))
            .collect();
        format!(r#","documentDescribes":[{}]"#, ids.join(","))
    };
    let none: &[&str] = &[];
    for (case, names, described, wanted) in [
        (
            "one of several is the image",
            &["image", "a", "b"][..],
            &["image"][..],
            &["image"][..],
        ),
        ("every package is described", &["a", "b"], &["a", "b"], none),
        ("several of them are", &["a", "b", "c"], &["a", "b"], none),
        ("a single package", &["a"], &["a"], none),
        ("none is", &["a", "b"], none, none),
        (
            "others are, beside the image",
            &["image", "a"],
            &["image", "elsewhere"],
            &["image"],
        ),
    ] {
        let document = spdx(&list(names), &describes(described));
        assert_eq!(apart(&document), wanted, "{case}");
        assert_eq!(count(&document), names.len(), "{case}");
    }
    // The image, its system and its files are not components of it, described or not.
    for packages in [
        r#"[{"name":"image","SPDXID":"SPDXRef-i","primaryPackagePurpose":"CONTAINER"}]"#,
        r#"[{"name":"image","SPDXID":"SPDXRef-DocumentRoot-Image-i"}]"#,
    ] {
        let document = spdx(
            packages,
            r#","documentDescribes":["SPDXRef-i","SPDXRef-DocumentRoot-Image-i"]"#,
        );
        assert_eq!(
            error(&document),
            "the SBOM lists no components",
            "{packages}"
        );
    }
}

#[test]
fn a_described_root_without_a_name_is_passed_over() {
    let firmware = r#"{"bomFormat":"CycloneDX","specVersion":"1.6",
        "metadata":{"component":{"type":"firmware"}},"components":[{"name":"a"}]}"#;
    assert_eq!(count(firmware), 1);
    let root = |root: &str| {
        spdx(
            &format!(
                r#"[{{"SPDXID":"SPDXRef-DocumentRoot-Unknown-"{root}}},{{"SPDXID":"SPDXRef-a","name":"a"}}]"#
            ),
            r#","relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relatedSpdxElement":
            "SPDXRef-DocumentRoot-Unknown-","relationshipType":"DESCRIBES"}]"#,
        )
    };
    assert_eq!(count(&root(r#","name":"""#)), 1);
    assert_eq!(count(&root("")), 1);
    // One that says more than nothing is not.
    let stated = root(r#","licenseDeclared":"AGPL-3.0-only""#);
    assert_eq!(error(&stated), "the SBOM's packages[0] has no name");
    let named = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"a"}],
        "metadata":{"component":{"licenses":[{"license":{"id":"AGPL-3.0-only"}}]}}}"#;
    assert_eq!(error(named), "the SBOM's metadata.component has no name");
}

#[test]
fn an_entry_without_a_name_is_named_with_its_place() {
    for (document, place) in [
        (
            cyclonedx(r#"[{"name":"a"},{"version":"1"}]"#),
            "components[1]",
        ),
        (
            cyclonedx(
                r#"[{"name":"a","components":[{"name":"b"},{"name":"c","components":[{}]}]},{"name":"d"}]"#,
            ),
            "components[0].components[1].components[0]",
        ),
        (
            r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"a"}],
            "metadata":{"component":{"name":"i","components":[{"name":"b"},{}]}}}"#
                .to_owned(),
            "metadata.component.components[1]",
        ),
        (
            spdx(r#"[{"name":"a"},{"name":"b"},{"versionInfo":"1"}]"#, ""),
            "packages[2]",
        ),
        (
            spdx(r#"[{"name":"a"},{"SPDXID":"SPDXRef-b"}]"#, ""),
            "packages[1]",
        ),
    ] {
        assert_eq!(
            error(&document),
            format!("the SBOM's {place} has no name"),
            "{document}"
        );
    }
}
