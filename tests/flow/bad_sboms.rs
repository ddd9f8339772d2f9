//! What is attached and is not evidence: too large, broken, about something else, or in disguise.

use serde_json::json;

use crate::{
    attach::{Format, artifact, buildkit, dressed, envelope, index, statement, ways},
    blobs::not_digests,
    image::{Image, OCI_CONFIG, OCI_MANIFEST},
    world::{World, stable_to_qa},
};

const SPDX: &str = r#"{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"image","packages":[{"SPDXID":"SPDXRef-1","name":"zlib","versionInfo":"1.3","licenseConcluded":"Zlib"}]}"#;
const CYCLONEDX: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"library","name":"zlib","version":"1.3","licenses":[{"license":{"id":"Zlib"}}]}]}"#;

/// A world with a policy that bans one component and one license.
async fn world() -> World {
    let world = World::new().await;
    let mut policy = stable_to_qa();
    policy["criteria"] = json!([
        {"attribute": "component", "operator": "not_one_of", "value": ["log4j-core"]},
        {"attribute": "license", "operator": "not_one_of", "value": ["AGPL-3.0-only"]},
    ]);
    world.policy(policy).await;
    world
}

/// What is decided in the end, and its words.
async fn decided(world: &World) -> (String, String) {
    world.settle().await;
    world.later(60).await;
    let request = json!({"repository": "dev/website", "tag": "1"});
    let answer = world.ask(&request).await.unwrap();
    let decision = &answer["decisions"][0];
    let text = |key: &str| decision[key].as_str().unwrap().to_owned();
    // What came to be promoted on the way is skipped when it is asked for again.
    let promoted = ["promote", "skip"].contains(&text("decision").as_str());
    let there = world.tags("qa/website").await.contains_key("1");
    assert_eq!(there, promoted, "{decision}");
    (text("decision"), decision.to_string())
}

#[tokio::test(start_paused = true)]
async fn what_is_broken_is_held_whatever_the_format() {
    let deep = |text: &str| {
        let nested = format!("{}{}", "[".repeat(200), "]".repeat(200));
        text.replacen('{', &format!(r#"{{"extra":{nested},"#), 1)
    };
    let no_list = |text: &str| {
        let list = text.find("[{").unwrap();
        format!(r#"{}"none"}}"#, &text[..list])
    };
    for (format, good, version) in [
        (Format::Spdx, SPDX, r#""spdxVersion":"SPDX-2.3","#),
        (Format::CycloneDx, CYCLONEDX, r#""specVersion":"1.6","#),
    ] {
        for (case, body) in [
            ("good", good.to_owned()),
            ("no JSON", "<sbom/>".to_owned()),
            ("truncated", good[..good.len() - 20].to_owned()),
            ("two documents", format!("{good}{good}")),
            (
                "a key twice",
                good.replacen('{', &format!("{{{version}"), 1),
            ),
            ("no version", good.replace(version, "")),
            ("a name that is a number", good.replace(r#""zlib""#, "7")),
            ("a list that is a text", no_list(good)),
            ("nested too deep", deep(good)),
        ] {
            let world = world().await;
            let image = Image::single("a", 1);
            world.push("dev/website", "1", &image).await;
            let way = ways(&image, format, &body).swap_remove(0);
            way.artifact.push(&world.aws.ecr, "dev/website", None).await;
            let (decision, words) = decided(&world).await;
            let wanted = if case == "good" { "skip" } else { "hold" };
            assert_eq!(decision, wanted, "{case}: {words}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_gigantic_sbom_is_held_by_the_size_that_its_manifest_tells() {
    let world = world().await;
    let image = Image::single("a", 1);
    world.push("dev/website", "1", &image).await;
    let mut attached = ways(&image, Format::Spdx, SPDX).swap_remove(0).artifact;
    let told = format!(r#""size":{}"#, SPDX.len());
    assert!(attached.manifest.contains(&told));
    attached.manifest = attached.manifest.replace(&told, r#""size":2000000000"#);
    attached.push(&world.aws.ecr, "dev/website", None).await;
    world.local.reset_requests();
    let (decision, words) = decided(&world).await;
    assert_eq!(decision, "hold", "{words}");
    assert!(words.contains("found 2000000000"), "{words}");
    assert!(world.requests("blobs:").is_empty(), "nothing is downloaded");
}

#[tokio::test(start_paused = true)]
async fn a_statement_about_another_digest_is_no_sbom_however_it_comes() {
    let other = Image::single("other", 1).digest();
    let format = Format::Spdx;
    let foreign = statement(&other, format.predicate_type(), SPDX);
    let none = json!({});
    let image = Image::single("a", 1);
    let hex = image.digest().trim_start_matches("sha256:").to_owned();
    let dsse = "application/vnd.dsse.envelope.v1+json";
    let in_toto = "application/vnd.in-toto+json";
    let referrer = artifact(in_toto, in_toto, &none, Some(&image), foreign.as_bytes());
    let att = artifact(OCI_CONFIG, dsse, &none, None, envelope(&foreign).as_bytes());
    for (case, tag, attached) in [
        ("referrer", None, referrer),
        ("cosign att", Some(format!("sha256-{hex}.att")), att),
    ] {
        let world = world().await;
        world.push("dev/website", "1", &image).await;
        attached
            .push(&world.aws.ecr, "dev/website", tag.as_deref())
            .await;
        let (decision, words) = decided(&world).await;
        assert_eq!(decision, "await", "{case}: {words}");
    }
    let world = world().await;
    let index = buildkit(vec![(image, "amd64", other)], format, SPDX);
    world.push("dev/website", "1", &index).await;
    let (decision, words) = decided(&world).await;
    assert_eq!(decision, "await", "in the index: {words}");
}

#[tokio::test(start_paused = true)]
async fn subjects_of_statements_not_validated_became_paths() {
    let format = Format::Spdx;
    let image = Image::single("a", 1);
    let own = image.digest().replace("sha256:", "");
    let upper = ("the image's own in upper case", own.to_uppercase());
    for (case, subject) in not_digests().into_iter().chain([upper]) {
        let statement = statement(&subject, format.predicate_type(), SPDX);
        let in_toto = "application/vnd.in-toto+json";
        let referrer = artifact(
            in_toto,
            in_toto,
            &json!({}),
            Some(&image),
            statement.as_bytes(),
        );
        let world = world().await;
        world.push("dev/website", "1", &image).await;
        referrer.push(&world.aws.ecr, "dev/website", None).await;
        let (decision, words) = decided(&world).await;
        assert_eq!(decision, "await", "{case}: {words}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_runnable_child_dressed_as_an_attestation_is_a_platform() {
    let world = world().await;
    let known = Image::single("known", 1);
    let hidden = Image::single("hidden", 1);
    let entries = [
        json!({"mediaType": OCI_MANIFEST, "digest": known.digest(), "size": known.manifest.len(),
            "platform": {"os": "linux", "architecture": "amd64"}}),
        dressed(&hidden, &known.digest()),
    ];
    let sboms: Vec<Image> = [&known, &hidden]
        .map(|child| ways(child, Format::Spdx, SPDX).swap_remove(0).artifact)
        .into();
    let index = index(&entries, vec![known, hidden]);
    world.push("dev/website", "1", &index).await;
    sboms[0].push(&world.aws.ecr, "dev/website", None).await;
    let (decision, words) = decided(&world).await;
    assert_eq!(decision, "await", "the hidden one has no SBOM: {words}");
    sboms[1].push(&world.aws.ecr, "dev/website", None).await;
    let (decision, words) = decided(&world).await;
    assert_eq!(decision, "skip", "promoted already: {words}");
}

/// No hash refers to itself, but cosign's tags are names that anybody may give.
#[tokio::test(start_paused = true)]
async fn referrers_that_lead_back_to_the_image_end() {
    let world = world().await;
    let [one, two] = ["one", "two"].map(|seed| Image::single(seed, 1));
    let tag_of = |image: &Image| format!("sha256-{}.att", &image.digest()["sha256:".len()..]);
    world.push("dev/website", "1", &one).await;
    world.push("dev/website", &tag_of(&one), &two).await;
    world.push("dev/website", &tag_of(&two), &one).await;
    world
        .push(
            "dev/website",
            &format!("sha256-{}", &one.digest()["sha256:".len()..]),
            &one,
        )
        .await;
    let (decision, words) = decided(&world).await;
    assert_eq!(decision, "await", "{words}");
    world.later(15 * 60).await;
    world.local.reset_requests();
    world.later(30 * 60).await;
    assert_eq!(world.registry_requests(), 0, "nothing goes on");
}

#[tokio::test(start_paused = true)]
async fn a_long_chain_of_referrers_ends() {
    const LINKS: usize = 30;
    let world = world().await;
    let image = Image::single("a", 1);
    world.push("dev/website", "1", &image).await;
    world.settle().await;
    let note = "application/vnd.example.note";
    let mut last = image;
    for link in 0..LINKS {
        let body = format!("link {link}");
        last = artifact(note, note, &json!({}), Some(&last), body.as_bytes());
        last.push(&world.aws.ecr, "dev/website", None).await;
    }
    // What is attached to the last link is about that one, whatever it refers to.
    let way = ways(&last, Format::Spdx, SPDX).swap_remove(0);
    way.artifact.push(&world.aws.ecr, "dev/website", None).await;
    let (decision, words) = decided(&world).await;
    assert_eq!(decision, "await", "{words}");
    world.later(15 * 60).await;
    world.local.reset_requests();
    world.later(30 * 60).await;
    assert_eq!(world.registry_requests(), 0, "nothing goes on");
}
