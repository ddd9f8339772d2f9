//! Documents that say of themselves that they are incomplete.

use super::*;

fn partial(document: &str) -> String {
    let sbom = read(document.as_bytes(), Format::Any).unwrap();
    sbom.partial
        .map_or_else(|| "whole".to_owned(), |partial| partial.to_string())
}

#[test]
fn compositions_say_how_complete_a_document_is() {
    let says = |aggregate: &str| {
        format!("the SBOM says that it is incomplete: its compositions say {aggregate:?}")
    };
    let whole = || "whole".to_owned();
    for (compositions, wanted) in [
        ("[]", whole()),
        (r#"[{"aggregate":"complete","assemblies":["a"]}]"#, whole()),
        (r#"[{"aggregate":"not_specified"}]"#, whole()),
        (r#"[{"aggregate":"incomplete"}]"#, says("incomplete")),
        (r#"[{"aggregate":"unknown"}]"#, says("unknown")),
        (
            r#"[{"aggregate":"complete"},{"aggregate":"incomplete_first_party_only","dependencies":["a"]}]"#,
            says("incomplete_first_party_only"),
        ),
        (
            r#"[{"assemblies":["a"],"aggregate":"incomplete_third_party_opensource_only"}]"#,
            says("incomplete_third_party_opensource_only"),
        ),
        // No word of today's specification, and none that says that the list is whole.
        (r#"[{"aggregate":"truncated"}]"#, says("truncated")),
        (
            r#"[{"aggregate":"incomplete","vulnerabilities":["a"]}]"#,
            whole(),
        ),
        (
            r#"[{"aggregate":"incomplete","vulnerabilities":["a"],"assemblies":["b"]}]"#,
            says("incomplete"),
        ),
    ] {
        let document = format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{{"name":"a"}}],"compositions":{compositions}}}"#
        );
        assert_eq!(partial(&document), wanted, "{compositions}");
    }
    for compositions in ["{}", "[1]", r#"[{"aggregate":7}]"#] {
        let document = format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{{"name":"a"}}],"compositions":{compositions}}}"#
        );
        assert!(
            read(document.as_bytes(), Format::Any).is_err(),
            "{compositions}"
        );
    }
}

#[test]
fn a_reference_to_another_sbom_makes_a_document_partial() {
    let bom =
        r#""externalReferences":[{"type":"vcs","url":"x"},{"type":"bom","url":"urn:cdx:1/1"}]"#;
    let vcs = r#""externalReferences":[{"type":"vcs","url":"bom"}]"#;
    let of = |root: &str, subject: &str, component: &str| {
        let comma = |member: &str| {
            if member.is_empty() {
                String::new()
            } else {
                format!(",{member}")
            }
        };
        format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{{"component":{{"name":"image"{}}}}},
            "components":[{{"name":"a"{}}}]{}}}"#,
            comma(subject),
            comma(component),
            comma(root)
        )
    };
    let external = Partial::ExternalBom.to_string();
    for (document, wanted) in [
        (of("", "", ""), "whole"),
        (of(vcs, vcs, vcs), "whole"),
        (of(bom, "", ""), external.as_str()),
        (of("", bom, ""), &external),
        (of("", "", bom), &external),
    ] {
        assert_eq!(partial(&document), wanted, "{document}");
    }
    let package = r#"[{"name":"a"}]"#;
    let document = Partial::ExternalDocument.to_string();
    for (more, wanted) in [
        (r#","externalDocumentRefs":[]"#, "whole"),
        (
            r#","externalDocumentRefs":[{"externalDocumentId":"DocumentRef-x","spdxDocument":"y"}]"#,
            document.as_str(),
        ),
    ] {
        assert_eq!(partial(&spdx(package, more)), wanted, "{more}");
    }
}

#[test]
fn a_relationship_to_noassertion_says_that_there_may_be_more() {
    let may = Partial::MayContainMore.to_string();
    for (kind, to, wanted) in [
        ("CONTAINS", "NOASSERTION", may.as_str()),
        ("DEPENDS_ON", "NOASSERTION", &may),
        ("CONTAINS", "NONE", "whole"),
        ("DEPENDS_ON", "SPDXRef-b", "whole"),
        ("GENERATED_FROM", "NOASSERTION", "whole"),
    ] {
        let more = format!(
            r#","relationships":[{{"spdxElementId":"SPDXRef-a","relationshipType":"{kind}","relatedSpdxElement":"{to}"}}]"#
        );
        assert_eq!(
            partial(&spdx(r#"[{"name":"a"}]"#, &more)),
            wanted,
            "{kind} {to}"
        );
    }
}
