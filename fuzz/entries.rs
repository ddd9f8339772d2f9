//! What strangers write, handed to what reads it: one function for each kind of input, called by the fuzz targets and by
//! the test that replays their corpora. Each also asks what was read for all that is asked of it later, and checks what
//! must hold of any input.

#![allow(dead_code, reason = "each target calls one of them")]

use std::str::from_utf8;

use ecr_promoter_contents::sbom::{Format, Label, Reader};
use ecr_promoter_core::{
    Digest, Registry, Repository, Tag, Time,
    component::{Component, Purl, Spelling},
    event,
    labels::{LABELS_MAX, Labels},
    license::{Expression, License, Named, clearances, each_named},
    manifest::Manifest,
    node::Node,
    path::Paths,
    policy::Policy,
    template::{Context, RepositoryTemplate, TagTemplate},
    version::{Range, Releases, VersionOrder},
};

/// A payload of the function.
pub fn events(bytes: &[u8]) {
    assert!(
        !event::read(bytes).is_empty(),
        "each payload is a delivery at least, so that none is lost in silence"
    );
}

/// A policy as JSON.
pub fn policies_json(bytes: &[u8]) {
    if let Ok(text) = from_utf8(bytes)
        && let Ok(node) = Node::from_json(text)
    {
        policy(&node);
    }
}

/// A policy as YAML.
pub fn policies_yaml(bytes: &[u8]) {
    if let Ok(text) = from_utf8(bytes)
        && let Ok(node) = serde_saphyr::from_str::<Node>(text)
    {
        policy(&node);
    }
}

fn policy(node: &Node) {
    match Policy::parse(node) {
        Ok(policy) => {
            let again = Policy::parse(node).map(|again| again.fingerprint());
            assert_eq!(again, Ok(policy.fingerprint()));
        }
        Err(mistakes) => assert!(!mistakes.is_empty()),
    }
}

/// The templates of a target, and the administrator's paths.
pub fn templates(bytes: &[u8]) {
    let Ok(text) = from_utf8(bytes) else { return };
    let _ = Paths::parse(text);
    let (Ok(repository), Ok(tag), Ok(digest)) = (
        Repository::parse("dev/website"),
        Tag::parse("1.4-stable"),
        Digest::parse(&format!("sha256:{}", "0f".repeat(32))),
    ) else {
        return;
    };
    let context = Context {
        repository: &repository,
        tag: &tag,
        digest: &digest,
        rest: Some("website"),
        time: Time::default(),
    };
    if let Ok(template) = TagTemplate::parse(text) {
        let _ = (template.uses_time(), template.collides_within_a_second());
        if let Ok(tag) = template.render(&context) {
            assert_eq!(Tag::parse(tag.as_str()), Ok(tag));
        }
    }
    if let Ok(template) = RepositoryTemplate::parse(text)
        && let Ok(repository) = template.render(&context)
    {
        assert_eq!(Repository::parse(repository.as_str()), Ok(repository));
    }
}

/// A manifest or an index, or an image's config.
pub fn manifests(bytes: &[u8]) {
    if let Ok(labels) = Labels::read(bytes) {
        assert!(labels.into_iter().count() <= LABELS_MAX);
    }
    if let Ok(manifest) = Manifest::read(bytes, None) {
        assert!(
            !(manifest.is_index() && manifest.is_image()),
            "one document has one reading"
        );
        let _ = (manifest.is_platform(), manifest.is_attestation());
        let _ = manifest.unknown_layer();
    }
}

/// An SBOM, be it claimed to be one or not.
pub fn sboms(bytes: &[u8]) {
    for label in [Label::Sbom(Format::Any), Label::Open] {
        attached(bytes, label);
    }
}

/// A statement, an envelope, a bundle or lines of such.
pub fn statements(bytes: &[u8]) {
    attached(bytes, Label::Attestation);
}

fn attached(bytes: &[u8], label: Label) {
    let subject = Digest::from_sha256([0; 32]);
    if let Ok(documents) = Reader::new(vec![subject]).read(bytes, label) {
        for attested in documents.sboms {
            assert!(
                !attested.sbom.components.is_empty(),
                "a list that was read is never empty"
            );
        }
    }
}

/// What a document says of a license.
pub fn licenses(bytes: &[u8]) {
    let Ok(text) = from_utf8(bytes) else { return };
    let expression = Expression::read(text);
    let _ = expression.to_string();
    let license = License::of(text);
    each_named(&license, |named| drop(named.to_string()));
    let touched = &mut |named: Named<'_>| u64::from(named.to_string().contains("AGPL"));
    let _ = clearances(&license, touched, &|_| false).of(1);
}

/// Names, versions and references, one a line.
pub fn names(bytes: &[u8]) {
    let Ok(text) = from_utf8(bytes) else { return };
    let mut lines = text.lines();
    let (first, second) = (lines.next().unwrap_or(""), lines.next().unwrap_or(""));
    let _ = (Tag::parse(first), Digest::parse(first));
    let _ = (Repository::parse(first), Repository::parse_written(first));
    let _ = Registry::new(first, second);
    let _ = Purl::parse(first).map(|purl| purl.bare());
    for spelling in Spelling::ALL {
        let canonical = spelling.canonical(first).into_owned();
        assert_eq!(spelling.canonical(&canonical), canonical);
    }
    for order in VersionOrder::ALL {
        let turned = order
            .compare(second, first)
            .map(std::cmp::Ordering::reverse);
        assert_eq!(order.compare(first, second), turned, "{order:?}");
        let _ = Range::parse(first, Some(order)).map(|range| range.holds(second, Some(order)));
    }
    let _ = Releases::parse(first).map(|releases| releases.hold(second));
    let component = Component {
        name: first.to_owned(),
        group: Some(second.to_owned()),
        purls: lines.map(str::to_owned).collect(),
        ..Component::default()
    };
    component.each_name(|_, _| {});
    component.each_version(|_, _| {});
}
