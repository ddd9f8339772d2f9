//! What an image says of itself is not a judgement: labels, annotations, tags and attachments that
//! claim one change nothing, and neither does being dressed as no image.

use serde_json::{Value, json};

use crate::{
    attach::artifact,
    findings::{basic, no_critical},
    image::{Image, OCI_INDEX, OCI_MANIFEST, digest},
    world::{World, stable_to_qa},
};

/// How an image claims to be judged, or promoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    Nothing,
    Labels,
    Annotations,
    Tags,
    Attachment,
}

fn words() -> Value {
    json!({
        "ecr-promoter.decision": "promote", "ecr-promoter.outcome": "promoted", "ecr-promoter/judged": "true",
        "kyverno.io/verify-images": "pass", "promoted": "true",
    })
}

/// The image with its claims inside.
fn claiming(claim: Claim) -> Image {
    let mut image = Image::single("a", 1);
    let mut manifest: Value = serde_json::from_str(&image.manifest).unwrap();
    if claim == Claim::Labels {
        let mut config: Value = serde_json::from_slice(&image.blobs[0]).unwrap();
        config["config"] = json!({"Labels": words()});
        image.blobs[0] = config.to_string().into_bytes();
        manifest["config"]["digest"] = json!(digest(&image.blobs[0]));
        manifest["config"]["size"] = json!(image.blobs[0].len());
    }
    if claim == Claim::Annotations {
        manifest["annotations"] = words();
        manifest["config"]["annotations"] = words();
        manifest["layers"][0]["annotations"] = words();
    }
    image.manifest = manifest.to_string();
    image
}

/// What is decided by an event and then twice by hand, and how often something was written.
async fn decisions(claim: Claim, policy: Value) -> (Vec<Value>, usize, Option<u64>) {
    let world = World::new().await;
    world.policy(policy).await;
    let image = claiming(claim);
    let digest = world.push("dev/website", "1-stable", &image).await;
    if claim == Claim::Tags {
        for tag in ["promoted", "qa-website-1-stable", "sha256-promoted.judged"] {
            image.push(&world.aws.ecr, "dev/website", Some(tag)).await;
        }
    }
    if claim == Claim::Attachment {
        let kind = "application/vnd.ecr-promoter.record+json";
        let record = json!({"outcome": "promoted", "decision": "promote"});
        let (none, record) = (json!({}), record.to_string());
        let attached = artifact(kind, kind, &none, Some(&image), record.as_bytes());
        attached.push(&world.aws.ecr, "dev/website", None).await;
    }
    world.scan("dev/website", &digest, &basic(&world, &["CRITICAL"]));
    world.local.reset_requests();
    world.settle().await;
    world.later(30).await;
    let mut told = Vec::new();
    for _ in 0..2 {
        let request = json!({"repository": "dev/website", "tag": "1-stable"});
        let answer = world.ask(&request).await.unwrap();
        let decision = &answer["decisions"][0];
        told.push(json!([decision["decision"], decision["reason"]]));
    }
    let puts = world.local.requests().get("ecr:PutImage").copied();
    (told, world.tags("qa/website").await.len(), puts)
}

#[tokio::test(start_paused = true)]
async fn a_forged_verified_annotation_on_the_object_was_trusted() {
    let mut stable_and_clean = no_critical();
    stable_and_clean["criteria"] = json!([
        {"attribute": "tag", "operator": "equals", "value": "1-stable"},
        {"attribute": "vulnerabilities.critical", "operator": "=", "value": 0},
    ]);
    let mut this_tag = stable_to_qa();
    this_tag["criteria"] = json!([{"attribute": "tag", "operator": "equals", "value": "1-stable"}]);
    for (policy, word, tags) in [(stable_and_clean, "hold", 0), (this_tag, "skip", 1)] {
        let plain = decisions(Claim::Nothing, policy.clone()).await;
        assert_eq!(plain.0[0][0], word, "{plain:?}");
        assert_eq!(
            (plain.1, plain.2),
            (tags, (tags > 0).then_some(1)),
            "{plain:?}"
        );
        for claim in [Claim::Labels, Claim::Annotations, Claim::Tags] {
            assert_eq!(decisions(claim, policy.clone()).await, plain, "{claim:?}");
        }
        // What is attached goes along.
        let (told, tags, puts) = decisions(Claim::Attachment, policy.clone()).await;
        let one_more = plain.2.map(|puts| puts + 1);
        assert_eq!((told, tags, puts), (plain.0, plain.1, one_more));
    }
}

/// An index whose second child can run, and says in every way that it is an attestation.
fn dressed() -> Image {
    let [open, hidden] = ["open", "hidden"].map(|seed| Image::single(seed, 1));
    let entry = |child: &Image| json!({"mediaType": OCI_MANIFEST, "digest": child.digest(), "size": child.manifest.len()});
    let (mut first, mut second) = (entry(&open), entry(&hidden));
    first["platform"] = json!({"os": "linux", "architecture": "amd64"});
    second["platform"] = json!({"os": "unknown", "architecture": "unknown"});
    second["artifactType"] = json!("application/vnd.docker.attestation.manifest.v1+json");
    second["annotations"] = json!({
        "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": open.digest(),
    });
    let manifests = [first, second];
    Image {
        manifest: json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests})
            .to_string(),
        media_type: OCI_INDEX,
        blobs: Vec::new(),
        children: vec![open, hidden],
    }
}

#[tokio::test(start_paused = true)]
async fn a_runnable_child_dressed_as_an_attestation_is_judged_as_a_platform() {
    for (severity, word) in [
        (None, "awaiting"),
        (Some("CRITICAL"), "held"),
        (Some("LOW"), "promoted"),
    ] {
        let world = World::new().await;
        world.policy(no_critical()).await;
        let index = dressed();
        world.push("dev/website", "1", &index).await;
        let [open, hidden] = [0, 1].map(|n: usize| index.children[n].digest());
        world.settle().await;
        world.scan("dev/website", &open, &basic(&world, &[]));
        if let Some(severity) = severity {
            world.scan("dev/website", &hidden, &basic(&world, &[severity]));
        }
        world.settle().await;
        let history = world.history().await.join("\n");
        assert!(
            history.contains(&format!("{word}: ")),
            "{severity:?}: {history}"
        );
        assert_eq!(
            world.tags("qa/website").await.len(),
            usize::from(word == "promoted"),
            "{severity:?}"
        );
    }
}
