//! Pushes, policies and evidence for the tests of the rules.

use serde_json::{Value, json};

use crate::{
    Digest, Push, Registry, Repository, Tag, Time,
    evidence::{
        Component, Components, Contents, Evidence, Finding, Known, Labels, Lack, License, NotYet,
        Origin, Platform, Read, Seen, Severity, Sightings,
    },
    license::Expression,
    node::Node,
    policy::{Criterion, Policy},
    provenance::Chain,
};

mod losses;

pub(crate) use losses::LOSSES;

pub(crate) fn time(minute: u32) -> Time {
    format!("2026-03-07T09:{minute:02}:03.000042Z")
        .parse()
        .unwrap()
}

pub(crate) fn push(repository: &str, tag: &str) -> Push {
    Push {
        registry: Registry::parse("123456789012/eu-west-1").unwrap(),
        repository: Repository::parse(repository).unwrap(),
        tag: Tag::parse(tag).unwrap(),
        digest: Digest::from_sha256([1; 32]),
        number: 1,
        order_time: time(0),
        current: true,
        seen: time(0),
        told: None,
        chain: Chain::default(),
    }
}

/// A policy from `dev/website` to `qa/website` with some keys replaced or added.
pub(crate) fn policy(changes: &Value) -> Policy {
    let mut document = json!({
        "source": "dev/website", "name": "p", "target": {"repository": "qa/website"}
    });
    for (key, value) in changes.as_object().unwrap() {
        document[key] = value.clone();
    }
    Policy::parse(&Node::from_json(&document.to_string()).unwrap()).unwrap()
}

pub(crate) fn criterion(attribute: &str, operator: &str, value: &Value) -> Criterion {
    let written = json!([{"attribute": attribute, "operator": operator, "value": value}]);
    policy(&json!({"criteria": written})).criteria.remove(0)
}

/// A list that may lack something.
pub(crate) fn partial_sbom(components: Vec<Component>, why: &str) -> On {
    let mut listed = Components::from(components);
    listed.lack(why.to_owned().into());
    On {
        components: seen(listed, Origin::BuildkitAttestation),
        ..UNASKED
    }
}

/// What is known of one platform.
#[derive(Debug, Clone)]
pub(crate) struct On {
    labels: Known<Labels>,
    findings: Known<Vec<Finding>>,
    sightings: Known<Sightings>,
    components: Known<Components>,
}

/// Nothing asked for.
const UNASKED: On = On {
    labels: Known::NotAsked,
    findings: Known::NotAsked,
    sightings: Known::NotAsked,
    components: Known::NotAsked,
};

pub(crate) fn scanned(findings: Vec<Finding>) -> On {
    read(seen(findings, Origin::EnhancedScan))
}

/// A scan as it was read.
pub(crate) fn read(findings: Known<Vec<Finding>>) -> On {
    On {
        findings,
        ..UNASKED
    }
}

pub(crate) fn sbom(components: Vec<Component>) -> On {
    On {
        components: seen(components.into(), Origin::BuildkitAttestation),
        ..UNASKED
    }
}

impl On {
    pub(crate) fn and(self, other: On) -> On {
        On {
            components: other.components,
            ..self
        }
    }

    /// With a config that has these labels.
    pub(crate) fn with_labels(self, labels: &[(&str, &str)]) -> On {
        let labels = labels.iter();
        let owned = labels.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        On {
            labels: seen(owned.collect(), Origin::Config),
            ..self
        }
    }

    /// With what the ledger saw: these findings, so many days before the first minute.
    pub(crate) fn with_sightings(self, seen_before: &[(&str, i64)]) -> On {
        let mut known = Sightings::default();
        for (id, days) in seen_before {
            let at = time(0) - chrono::TimeDelta::days(*days);
            let new = [finding(id, Severity::Low)];
            known = known.seen(&new, at).unwrap_or(known);
        }
        On {
            sightings: seen(known, Origin::Ledger),
            ..self
        }
    }

    pub(crate) fn without_findings(self) -> On {
        On {
            findings: Known::NotAsked,
            ..self
        }
    }

    /// Whether the evidence of an attribute is a list that can be trusted.
    pub(crate) fn is_seen(&self, attribute: &str) -> bool {
        match attribute {
            "component" | "license" => {
                let stands = |component: &Component| !component.is_frame;
                matches!(&self.components, Known::Seen(seen)
                    if seen.value.gap().is_none() && seen.value.iter().any(stands))
            }
            label if label.starts_with("label.") => matches!(&self.labels, Known::Seen(_)),
            _ => matches!(&self.findings, Known::Seen(_)),
        }
    }

    /// Whether every component that misses a license states one that can be read.
    pub(crate) fn states_licenses(&self) -> bool {
        let is_readable = |text: &String| Expression::read(text).is_readable();
        let known = |component: &Component| {
            let stated = &component.license.stated;
            stated.iter().all(is_readable) && (component.is_frame || !stated.is_empty())
        };
        matches!(&self.components, Known::Seen(seen) if seen.value.iter().all(known))
    }

    /// Whether every finding says whether it has a fix.
    pub(crate) fn says_fixes(&self) -> bool {
        let said = |finding: &Finding| finding.fixable.is_some();
        matches!(&self.findings, Known::Seen(seen) if seen.value.iter().all(said))
    }

    pub(crate) fn is_not_asked(&self, lack: Lack) -> bool {
        match lack {
            Lack::Contents => false,
            Lack::Labels => matches!(self.labels, Known::NotAsked),
            Lack::Findings => matches!(self.findings, Known::NotAsked),
            Lack::Sightings => matches!(self.sightings, Known::NotAsked),
            Lack::Components => matches!(self.components, Known::NotAsked),
        }
    }
}

pub(crate) fn not_yet() -> On {
    waiting("the scan has not finished", 10)
}

/// Evidence that waits until then, for this reason.
pub(crate) fn waiting(reason: &str, minute: u32) -> On {
    let waiting = NotYet {
        reason: reason.to_owned(),
        look_at: Some(time(minute)),
        read: Read::default(),
    };
    On {
        labels: Known::NotYet(waiting.clone()),
        findings: Known::NotYet(waiting.clone()),
        sightings: Known::NotAsked,
        components: Known::NotYet(waiting),
    }
}

pub(crate) fn never() -> On {
    On {
        labels: Known::Never("the image config cannot be read".to_owned().into()),
        findings: Known::Never("the scan failed".to_owned().into()),
        sightings: Known::NotAsked,
        components: Known::Never("layer 3 ends early".to_owned().into()),
    }
}

pub(crate) fn seen<T>(value: T, origin: Origin) -> Known<T> {
    Known::Seen(Seen {
        value,
        origin,
        at: time(5),
    })
}

pub(crate) fn finding(id: &str, severity: Severity) -> Finding {
    Finding {
        id: id.to_owned(),
        severity,
        package: Some("log4j-core".to_owned()),
        installed: Some("2.14.1".to_owned()),
        fixed: Some("2.15.0".to_owned()),
        fixable: Some(true),
        exploitable: None,
        related: Vec::new(),
        others: Vec::new(),
        first_seen: None,
    }
}

pub(crate) fn component(name: &str, version: &str, purls: &[&str]) -> Component {
    Component {
        name: name.to_owned(),
        version: Some(version.to_owned()),
        purls: purls.iter().map(|purl| (*purl).to_owned()).collect(),
        ..Component::default()
    }
}

pub(crate) fn licensed(name: &str, license: License) -> Component {
    Component {
        license: license.into(),
        ..component(name, "1.0", &[])
    }
}

/// The document's subject, a file: with a license or without.
pub(crate) fn frame(name: &str, license: License) -> Component {
    Component {
        is_frame: true,
        ..licensed(name, license)
    }
}

/// The evidence of an image with these platforms: amd64, arm64, and so on.
pub(crate) fn evidence(platforms: &[On]) -> Evidence {
    const NAMES: [&str; 3] = ["linux/amd64", "linux/arm64", "linux/arm/v7"];
    let numbered = (10u8..).zip(NAMES).zip(platforms);
    let mut known = Evidence::none();
    let mut named = Vec::new();
    for ((number, name), on) in numbered {
        let digest = Digest::from_sha256([number; 32]);
        known.labels.insert(digest.clone(), on.labels.clone());
        known.findings.insert(digest.clone(), on.findings.clone());
        known.sightings.insert(digest.clone(), on.sightings.clone());
        known
            .components
            .insert(digest.clone(), on.components.clone());
        named.push(Platform {
            digest,
            name: Some(name.to_owned()),
            unknown_layer: None,
        });
    }
    known.contents = seen(Contents::Platforms(named), Origin::Registry);
    known
}

/// The evidence of what is not an image.
pub(crate) fn artifact() -> Evidence {
    Evidence {
        contents: seen(Contents::Artifact, Origin::Registry),
        ..Evidence::none()
    }
}
