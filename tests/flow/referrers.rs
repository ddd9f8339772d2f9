//! What is attached to an image goes along with it: signatures, SBOMs and attestations, by ECR's list and by tags.

mod bounds;
mod lagging;
mod late;
mod named;
mod refused;

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::{Value, json};

use crate::{
    attach::{BUNDLE, artifact, index},
    between::{Between, Seen, json_answer},
    image::{Image, OCI_CONFIG},
    world::{Choices, World, stable_to_qa},
};

pub const SPDX: &str = "application/spdx+json";
pub const NOTATION: &str = "application/vnd.cncf.notary.signature";
pub const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";

/// A referrer of this type, with these words.
pub fn attached(kind: &str, subject: &Image, words: &str) -> Image {
    artifact(kind, kind, &json!({}), Some(subject), words.as_bytes())
}

/// What cosign puts under a tag: an image's config, and a layer of its own type.
pub fn by_cosign(words: &str) -> Image {
    let none = json!({});
    let mut image = artifact(OCI_CONFIG, SIMPLE_SIGNING, &none, None, words.as_bytes());
    let own = format!(r#""artifactType":"{OCI_CONFIG}","#);
    image.manifest = image.manifest.replace(&own, "");
    image
}

/// The tag by which cosign attaches something.
pub fn tag_of(subject: &Image, suffix: &str) -> String {
    format!("{}{suffix}", subject.digest().replace(':', "-"))
}

pub async fn put(world: &World, referrer: &Image, tag: Option<&str>) -> String {
    referrer.push(&world.aws.ecr, "dev/website", tag).await
}

/// So many of them, each with a manifest of its own, of the same blobs.
pub async fn put_many(world: &World, first: &Image, many: usize) {
    put(world, first, None).await;
    for n in 1..many {
        let number = format!(r#"{{"annotations":{{"n":"{n}"}},"#);
        let next = Image {
            manifest: first.manifest.replacen('{', &number, 1),
            ..first.clone()
        };
        world.put_image("dev/website", None, &next).await;
    }
}

/// The digests that a repository holds.
pub async fn digests(world: &World, repository: &str) -> BTreeSet<String> {
    let asked = world.aws.ecr.describe_images().repository_name(repository);
    let pages = asked.into_paginator().items().send();
    let images = pages.collect::<Result<Vec<_>, _>>().await.unwrap();
    let digests = images.into_iter().map(|image| image.image_digest.unwrap());
    digests.collect()
}

/// What the record of the only promotion says of referrers.
pub async fn told(world: &World) -> Value {
    let records = world.items("RECORD#", "BODY").await;
    let mut promoted = records.iter().filter(|it| it["outcome"] == "promoted");
    let told = promoted.next().unwrap()["referrers"].clone();
    assert!(promoted.next().is_none(), "promoted once");
    told
}

/// Whether ECR's reads are behind.
#[derive(Clone, Default)]
pub struct Lag(Arc<AtomicBool>);

impl Lag {
    pub fn set(&self, behind: bool) {
        self.0.store(behind, Ordering::Relaxed);
    }

    fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// A world whose lists of referrers are empty while they are behind.
    pub async fn of_lists(&self) -> World {
        self.world(|seen| {
            let lists = seen.operation == "ListImageReferrers";
            lists.then(|| json!({"referrers": []}))
        })
        .await
    }

    /// A world whose source does not show what one of these names names while it is behind: digests, or ends of tags.
    pub async fn of_images(&self, named: impl Fn(&str) -> bool + Send + Sync + 'static) -> World {
        self.answering("ImageNotFound", named).await
    }

    /// The same, where ECR says another word.
    pub async fn answering(
        &self,
        code: &'static str,
        named: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> World {
        self.world(move |seen| {
            let body = &seen.body;
            let ids = body["imageIds"].as_array()?;
            let is_named = |id: &Value| {
                let mut said = [&id["imageTag"], &id["imageDigest"]].into_iter();
                said.any(|name| name.as_str().is_some_and(&named))
            };
            let source = body["repositoryName"] == "dev/website";
            let reads = seen.operation == "BatchGetImage" && source;
            (reads && ids.iter().any(is_named)).then(|| {
                let failed =
                    |id: &Value| json!({"imageId": id, "failureCode": code, "failureReason": "-"});
                let failures: Vec<Value> = ids.iter().map(failed).collect();
                json!({"images": [], "failures": failures})
            })
        })
        .await
    }

    async fn world(
        &self,
        answer: impl Fn(&Seen) -> Option<Value> + Send + Sync + 'static,
    ) -> World {
        let lag = self.clone();
        let instead = move |seen: &Seen| {
            let answer = answer(seen).filter(|_| lag.is_on());
            answer.map(|answer| json_answer(&answer))
        };
        World::with(Choices {
            between: Some(Between::answering(instead)),
            ..Choices::default()
        })
        .await
    }
}

/// Everything that tools attach to an index of two platforms and to one of its children; a signature of an SBOM, too.
async fn everything(world: &World, image: &Image) -> BTreeSet<String> {
    let child = &image.children[1];
    let mut all = BTreeSet::new();
    let sbom = attached(SPDX, child, "an sbom");
    let of_sbom = attached(NOTATION, &sbom, "a signature of the sbom");
    for referrer in [
        attached(NOTATION, image, "a signature"),
        attached(BUNDLE, image, "a bundle"),
        attached(NOTATION, child, "a signature of a child"),
        sbom.clone(),
        attached(NOTATION, &of_sbom, "a signature of that signature"),
        of_sbom,
    ] {
        all.insert(put(world, &referrer, None).await);
    }
    for (subject, suffix) in [
        (image, ".sig"),
        (image, ".att"),
        (child, ".sbom"),
        (&sbom, ".sig"),
    ] {
        let tag = tag_of(subject, suffix);
        all.insert(put(world, &by_cosign(&tag), Some(&tag)).await);
    }
    let listed = attached(BUNDLE, image, "a bundle for registries without a list");
    let entry = json!({"mediaType": listed.media_type, "digest": listed.digest(), "size": listed.manifest.len(),
        "artifactType": BUNDLE});
    all.insert(listed.digest());
    let list = index(&[entry], vec![listed]);
    all.insert(put(world, &list, Some(&tag_of(image, ""))).await);
    all
}

#[tokio::test(start_paused = true)]
async fn signatures_were_left_behind_by_the_copy() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let image = Image::index("a", &["linux/amd64", "linux/arm64"], 1);
    let digest = world.push("dev/website", "1-stable", &image).await;
    let all = everything(&world, &image).await;
    world.settle().await;
    let tags = world.tags("dev/website").await;
    assert_eq!(world.tags("qa/website").await, tags);
    assert_eq!(tags["1-stable"], digest);
    let there = digests(&world, "qa/website").await;
    let missing: Vec<_> = all.difference(&there).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(there, digests(&world, "dev/website").await);
    let told = told(&world).await;
    // Six by their subject, four and the list by their tags; what is listed is a child of the list, and by its subject
    // a referrer as well.
    assert_eq!(told["copied"], 6 + 5 + 1, "{told}");
    assert_eq!(told["left"], json!(null), "{told}");
    assert_eq!(world.open().await, 0);
    let history = world.history().await;
    assert_eq!(
        history.len(),
        1,
        "a tag of cosign is not a push: {history:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_policy_says_what_goes_along() {
    for (case, referrers, expected) in [
        (
            "nothing said",
            json!(null),
            vec![SPDX, NOTATION, SIMPLE_SIGNING],
        ),
        ("all", json!(true), vec![SPDX, NOTATION, SIMPLE_SIGNING]),
        ("none", json!(false), vec![]),
        ("SBOMs", json!([SPDX]), vec![SPDX]),
        (
            "cosign's",
            json!([SIMPLE_SIGNING, "a/b"]),
            vec![SIMPLE_SIGNING],
        ),
    ] {
        let world = World::new().await;
        let mut policy = stable_to_qa();
        if !referrers.is_null() {
            policy["target"]["referrers"] = referrers;
        }
        world.policy(policy).await;
        let image = Image::single("a", 1);
        image.push(&world.aws.ecr, "dev/website", None).await;
        let sbom = attached(SPDX, &image, "an sbom");
        let signature = attached(NOTATION, &sbom, "its signature");
        let cosign = by_cosign("a signature");
        put(&world, &sbom, None).await;
        put(&world, &signature, None).await;
        put(&world, &cosign, Some(&tag_of(&image, ".sig"))).await;
        let digest = world.push("dev/website", "1-stable", &image).await;
        world.settle().await;
        let there = digests(&world, "qa/website").await;
        let mut wanted = BTreeSet::from([digest]);
        for (kind, referrer) in [
            (SPDX, &sbom),
            (NOTATION, &signature),
            (SIMPLE_SIGNING, &cosign),
        ] {
            wanted.extend(expected.contains(&kind).then(|| referrer.digest()));
        }
        assert_eq!(there, wanted, "{case}");
        assert_eq!(world.open().await, 0, "{case}");
    }
}

/// A stranger may attach as much as he likes: so much goes along, and the record says that there is more.
#[tokio::test(start_paused = true)]
async fn ten_thousand_referrers_exhausted_the_verifier() {
    const MANY: usize = 10_000;
    const GO_ALONG: usize = 100;
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let image = Image::single("a", 1);
    image.push(&world.aws.ecr, "dev/website", None).await;
    let first = attached(SPDX, &image, "the same words");
    put_many(&world, &first, MANY).await;
    world.drop_events_of("sha256:").await;
    let digest = world.push("dev/website", "1-stable", &image).await;
    world.local.reset_requests();
    let event = world.push_event("dev/website", "1-stable", &digest);
    world.ask(&event).await.unwrap();
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
    assert_eq!(digests(&world, "qa/website").await.len(), 1 + GO_ALONG);
    let told = told(&world).await;
    assert_eq!(told["copied"], GO_ALONG, "{told}");
    assert!(told["left_unnamed"].as_u64().unwrap() > 0, "{told}");
    assert_eq!(world.open().await, 0, "another look would find as many");
    let lists = world.local.requests()["ecr:ListImageReferrers"];
    assert!(lists <= 3 + 100, "{lists}");
}
