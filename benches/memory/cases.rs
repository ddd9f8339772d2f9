//! What is measured.

use serde_json::{Value, json};

use crate::{
    attach::{Format, ways},
    documents::{self, SBOM_BYTES, aliases, cyclonedx, spdx, wordy},
    image::{Image, OCI_LAYER},
};

/// What the function meets: who wants what, what is pushed, what is asked.
pub(crate) struct Case {
    pub(crate) policies: Vec<Value>,
    pub(crate) image: Image,
    pub(crate) attached: Vec<Image>,
    pub(crate) findings: Option<Value>,
    /// The invocation's payload, where it is not a request for the image.
    pub(crate) payload: Option<String>,
    /// Every byte moves: the registry links none.
    pub(crate) moves: bool,
}

/// A case by its name, made when it is its turn.
type Named = (&'static str, fn() -> Case);

/// What is measured, in this order.
pub(crate) fn all() -> Vec<Named> {
    [images(), fields(), others(), copies()].concat()
}

/// What images and the SBOMs attached to them bring.
fn images() -> Vec<Named> {
    vec![
        ("nothing but an image", || judging(vec![banned()], single())),
        ("CycloneDX of 50 MB", || {
            with(single(), &[cyclonedx(6, usize::MAX, 600, SBOM_BYTES)])
        }),
        ("SPDX of 50 MB", || {
            with(single(), &[spdx(60_000, 600, SBOM_BYTES)])
        }),
        ("200,000 components", || {
            with(single(), &[cyclonedx(6, 200_000, 0, SBOM_BYTES)])
        }),
        ("four SBOMs of 120,000 components", || {
            with(
                single(),
                &[3, 4, 5, 6].map(|it| cyclonedx(it, 120_000, 0, SBOM_BYTES)),
            )
        }),
        ("an index of 40 platforms, an SBOM of 32 MB", || {
            with(platforms(40), &[cyclonedx(6, usize::MAX, 200, 32 << 20)])
        }),
        ("an index of 60 children, manifests of 4 MB", || {
            judging(vec![banned()], documents::large_manifests(60))
        }),
    ]
}

/// What single fields of SBOMs bring.
fn fields() -> Vec<Named> {
    vec![
        ("one license of 49 MB, \"x and x and …\"", || {
            with(single(), &[wordy(49_000_000, 1)])
        }),
        (
            "licenses of 60 KB, \"x and x and …\", 49 MB of them",
            || with(single(), &[wordy(60_000, 49_000_000)]),
        ),
        ("components of 40 package URLs each, 50 MB", || {
            with(single(), &[aliases(40, SBOM_BYTES)])
        }),
        ("components of 1,000 package URLs each, 50 MB", || {
            with(single(), &[aliases(1000, SBOM_BYTES)])
        }),
    ]
}

/// What policies, payloads and scanners bring.
fn others() -> Vec<Named> {
    vec![
        ("47 criteria of 1,000 values, 200,000 components", || {
            let sbom = cyclonedx(6, 200_000, 0, SBOM_BYTES);
            Case {
                policies: vec![policy(0, &values(47, 1_000))],
                ..with(single(), &[sbom])
            }
        }),
        ("15 policies of 20 expressions that are too large", || {
            judging(expressions(15, 20, |n| format!(r"\w{{900}}{n}")), single())
        }),
        (
            "15 policies of 12 wide expressions, 200,000 components",
            || wide_expressions(15),
        ),
        (
            "100 policies of 12 wide expressions, 200,000 components",
            || wide_expressions(100),
        ),
        ("a direct invocation of 5.9 MB of nested JSON", || Case {
            payload: Some(format!(
                "{}{}",
                "[".repeat(2_950_000),
                "]".repeat(2_950_000)
            )),
            ..judging(vec![banned()], single())
        }),
        ("a direct invocation of 5.9 MB of small objects", || Case {
            payload: Some(format!("[{}{{}}]", "{},".repeat(1_966_000))),
            ..judging(vec![banned()], single())
        }),
        ("10,000 findings", || Case {
            findings: Some(documents::findings(10_000)),
            ..judging(vec![no_findings()], single())
        }),
    ]
}

/// What is copied, every byte of it.
fn copies() -> Vec<Named> {
    const MIB: usize = 1 << 20;
    vec![
        ("a copy of a layer of 100 MiB", || {
            moving(layers(1, 100 * MIB))
        }),
        ("a copy of a layer of 4 GiB", || {
            moving(layers(1, 4096 * MIB))
        }),
        ("a copy of 10 layers of 50 MiB", || {
            moving(layers(10, 50 * MIB))
        }),
        ("a copy of 500 layers of 64 KiB", || {
            moving(layers(500, MIB / 16))
        }),
        ("a copy of 99 platforms of 4 layers", || {
            let names: Vec<String> = (0..99).map(|n| format!("linux/p{n}")).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            moving(Image::index("a", &names, 4))
        }),
        ("a copy of an image and its 40 SBOMs of 4 MB", || {
            let documents: Vec<String> = (0..40)
                // As long as they may be, and no two the same.
                .map(|it| cyclonedx(6, usize::MAX, 100 + it, 4_000_000))
                .collect();
            Case {
                moves: true,
                policies: vec![policy(0, &[])],
                ..with(single(), &documents)
            }
        }),
    ]
}

/// An image whose bytes all move, for its tag alone.
fn moving(image: Image) -> Case {
    Case {
        moves: true,
        ..judging(vec![policy(0, &[])], image)
    }
}

fn layers(count: usize, bytes: usize) -> Image {
    let layer = |number: usize| {
        let mut layer = vec![0; bytes];
        layer[..8].copy_from_slice(&number.to_le_bytes());
        layer
    };
    Image::of("a", OCI_LAYER, (0..count).map(layer).collect())
}

fn single() -> Image {
    Image::single("a", 1)
}

fn platforms(count: usize) -> Image {
    let platforms: Vec<String> = (0..count).map(|n| format!("linux/p{n}")).collect();
    let platforms: Vec<&str> = platforms.iter().map(String::as_str).collect();
    Image::index("a", &platforms, 1)
}

fn judging(policies: Vec<Value>, image: Image) -> Case {
    Case {
        policies,
        image,
        attached: Vec::new(),
        findings: None,
        payload: None,
        moves: false,
    }
}

/// An image with these SBOMs, of whose components and licenses some are banned.
fn with(image: Image, documents: &[String]) -> Case {
    let attached = documents.iter().map(|document| {
        let spdx = document.contains("spdxVersion");
        let format = if spdx {
            Format::Spdx
        } else {
            Format::CycloneDx
        };
        ways(&image, format, document).swap_remove(0).artifact
    });
    Case {
        attached: attached.collect(),
        ..judging(vec![banned()], image)
    }
}

fn policy(number: usize, criteria: &[Value]) -> Value {
    json!({
        "source": "dev/website", "name": format!("p{number}"), "criteria": criteria,
        "target": {"repository": "qa/website", "tag": format!("%n-{number}")},
    })
}

fn banned() -> Value {
    policy(
        0,
        &[
            json!({"attribute": "component", "operator": "not_one_of", "value": ["log4j-core"]}),
            json!({"attribute": "license", "operator": "not_one_of", "value": ["AGPL-3.0-only"]}),
        ],
    )
}

fn no_findings() -> Value {
    let criterion = json!({"attribute": "vulnerabilities.all", "operator": "=", "value": 0});
    policy(0, &[criterion])
}

/// So many criteria that share so many values.
fn values(criteria: usize, values: usize) -> Vec<Value> {
    let value = |n: usize| format!("absent-{n}-x");
    let operators = ["not_one_of", "contains", "ends_with", "starts_with"];
    let criterion = |n: usize| {
        let own: Vec<String> = (n..values).step_by(criteria).map(value).collect();
        json!({"attribute": "component", "operator": operators[n % 4], "value": own})
    };
    (0..criteria).map(criterion).collect()
}

/// So many policies of so many regular expressions each.
fn expressions(policies: usize, each: usize, expression: fn(usize) -> String) -> Vec<Value> {
    let of = |number: usize| {
        let list: Vec<String> = (0..each).map(|n| expression(number * each + n)).collect();
        let criterion = json!({"attribute": "component", "operator": "not_matches", "value": list});
        policy(number, &[criterion])
    };
    (0..policies).map(of).collect()
}

fn wide_expressions(policies: usize) -> Case {
    Case {
        policies: expressions(policies, 12, |n| format!(r"[\w.-]+absent{n}[\w.-]+")),
        ..with(single(), &[cyclonedx(6, 200_000, 0, SBOM_BYTES)])
    }
}
