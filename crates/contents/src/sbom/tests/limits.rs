//! Every bound, met exactly and broken: of a document, and of all documents of an image.

use super::*;
use crate::limits::{
    DEPTH_MAX, DOCUMENTS_MAX, IMAGE_COMPONENTS_MAX, IMAGE_KEPT_BYTES_MAX, IMAGE_SBOM_BYTES_MAX,
    LICENSE_BYTES_MAX, SBOM_BYTES_MAX, TEXT_BYTES_MAX,
};

#[test]
fn every_bound_has_its_error() {
    let name = |length: usize| cyclonedx(&format!(r#"[{{"name":"{}"}}]"#, "a".repeat(length)));
    assert!(read(name(TEXT_BYTES_MAX).as_bytes(), Format::Any).is_ok());
    assert_eq!(
        error(&name(TEXT_BYTES_MAX + 1)),
        "limit: expected at most 4096 bytes in a \"name\" of the SBOM, found more"
    );
    let license = "a".repeat(LICENSE_BYTES_MAX + 1);
    let license = format!(r#"[{{"name":"a","licenses":[{{"expression":"{license}"}}]}}]"#);
    let license = cyclonedx(&license);
    assert_eq!(
        error(&license),
        "limit: expected at most 65536 bytes in a \"expression\" of the SBOM, found more"
    );

    let many = |count: usize| cyclonedx(&format!("[{}]", vec![r#"{"name":"a"}"#; count].join(",")));
    assert!(read(many(IMAGE_COMPONENTS_MAX).as_bytes(), Format::Any).is_ok());
    let over = "limit: expected at most 200000 components in the image's SBOMs, found more";
    assert_eq!(error(&many(IMAGE_COMPONENTS_MAX + 1)), over);

    let nested = |depth: usize| {
        let open = r#"{"name":"a","components":["#.repeat(depth);
        cyclonedx(&format!("[{open}{}]", "]}".repeat(depth)))
    };
    let deepest = DEPTH_MAX / 2 - 1;
    let sbom = read(nested(deepest).as_bytes(), Format::Any).unwrap();
    assert_eq!(sbom.components.len(), deepest);
    let too_deep = "limit: expected at most 100 levels of nesting in the SBOM, found more";
    assert_eq!(error(&nested(deepest + 1)), too_deep);
    assert_eq!(error(&"[".repeat(1_000_000)), too_deep);

    let endless = std::io::repeat(b' ');
    assert_eq!(read(endless, Format::Any), Err(SbomError::TooLarge));
}

#[test]
fn what_is_kept_is_counted_as_it_is_allocated() {
    let too_much = format!(
        "limit: expected the components of the image's SBOMs to take at most {IMAGE_KEPT_BYTES_MAX} bytes, found more"
    );
    // Each component has licenses of its own, and each of sixty is explained in 380 bytes.
    let ids: Vec<String> = (0..60).map(|n| format!("LicenseRef-{n}")).collect();
    let packages = (0..3_600).map(|n| {
        let licenses = ids.join(" AND ");
        format!(r#"{{"name":"a","licenseDeclared":"{licenses} AND LicenseRef-own-{n}"}}"#)
    });
    let packages = packages.collect::<Vec<_>>().join(",");
    let long = "w".repeat(190);
    let explains = |id: &String| {
        format!(r#"{{"licenseId":"{id}","name":"{long}","extractedText":"{long} too"}}"#)
    };
    let explained = ids.iter().map(explains).collect::<Vec<_>>().join(",");
    let explained = spdx(
        &format!("[{packages}]"),
        &format!(r#","hasExtractedLicensingInfos":[{explained}]"#),
    );
    // A meaning for each of many unused identifiers.
    let meanings: Vec<String> = (0..520_000)
        .map(|n| format!(r#"{{"licenseId":"LicenseRef-{n}","name":"a b c"}}"#))
        .collect();
    let meanings = format!(r#","hasExtractedLicensingInfos":[{}]"#, meanings.join(","));
    let meanings = spdx(r#"[{"name":"a"}]"#, &meanings);
    for (case, document) in [("explanations", explained), ("meanings", meanings)] {
        assert!((document.len() as u64) < SBOM_BYTES_MAX, "{case}");
        assert_eq!(error(&document), too_much, "{case}");
    }
}

/// A document of about this many bytes, of this many components.
fn sized(bytes: u64, components: usize) -> String {
    let document = cyclonedx(&format!(
        "[{}]",
        vec![r#"{"name":"a"}"#; components].join(",")
    ));
    let blanks = usize::try_from(bytes)
        .unwrap()
        .saturating_sub(document.len());
    document.replacen('{', &format!("{{{}", " ".repeat(blanks)), 1)
}

#[test]
fn the_sboms_of_an_image_are_bounded_together() {
    let label = Label::Sbom(Format::Any);
    let half = IMAGE_SBOM_BYTES_MAX / 2;
    let mut reader = Reader::new(Vec::new());
    for _ in 0..2 {
        let document = sized(half, 1);
        assert!(reader.read(document.as_bytes(), label).is_ok());
    }
    let one_more = cyclonedx(r#"[{"name":"a"}]"#);
    let error = reader.read(one_more.as_bytes(), label).unwrap_err();
    assert_eq!(error, SbomError::TooLargeTogether);

    let mut reader = Reader::new(Vec::new());
    let most = sized(0, IMAGE_COMPONENTS_MAX - 1);
    assert!(reader.read(most.as_bytes(), label).is_ok());
    assert!(reader.read(one_more.as_bytes(), label).is_ok());
    let error = reader.read(one_more.as_bytes(), label).unwrap_err();
    assert_eq!(error, SbomError::TooManyComponents);

    // What is not an SBOM takes nothing of it.
    let mut reader = Reader::new(Vec::new());
    let report = format!(
        r#"{{"Results":[]{}}}"#,
        " ".repeat(usize::try_from(half).unwrap())
    );
    for _ in 0..4 {
        assert!(reader.read(report.as_bytes(), Label::Open).is_ok());
    }
    assert!(reader.read(one_more.as_bytes(), label).is_ok());
}

#[test]
fn a_blob_of_endless_lines_is_refused() {
    let line = r#"{"payloadType":"text/plain","payload":"e30="}"#;
    let lines = |count: usize| format!("{line}\n").repeat(count);
    let mut reader = Reader::new(Vec::new());
    let most = lines(DOCUMENTS_MAX);
    assert!(reader.read(most.as_bytes(), Label::Attestation).is_ok());
    let over = lines(DOCUMENTS_MAX + 1);
    let error = reader
        .read(over.as_bytes(), Label::Attestation)
        .unwrap_err();
    assert_eq!(error, SbomError::TooManyDocuments);
}

/// Were each compared with each, these would take minutes.
#[test]
fn many_aliases_are_told_apart_quickly() {
    let reference = |n: usize| {
        format!(r#"{{"referenceType":"purl","referenceLocator":"pkg:maven/g{n}/a{n}"}}"#)
    };
    let references: Vec<String> = (0..1_000).map(reference).collect();
    let package = format!(
        r#"{{"name":"a","externalRefs":[{}]}}"#,
        references.join(",")
    );
    let names = spdx(&format!("[{}]", vec![package; 100].join(",")), "");
    let licenses: Vec<String> = (0..1_000)
        .map(|n| {
            let words: Vec<String> = (0..50).map(|word| format!("w{n}-{word}")).collect();
            format!(r#"{{"license":{{"name":"{}"}}}}"#, words.join(" and "))
        })
        .collect();
    let licenses = cyclonedx(&format!(
        r#"[{{"name":"a","licenses":[{}]}}]"#,
        licenses.join(",")
    ));
    let meanings: Vec<String> = (0..200_000)
        .map(|n| format!(r#"{{"licenseId":"LicenseRef-a","name":"{}"}}"#, n % 2))
        .collect();
    let meanings = format!(r#","hasExtractedLicensingInfos":[{}]"#, meanings.join(","));
    let meanings = spdx(r#"[{"name":"a"}]"#, &meanings);
    for document in [names, licenses, meanings] {
        assert!(read(document.as_bytes(), Format::Any).is_ok());
    }
}
