//! Target repositories that are missing: made by the function where it may, by ECR at the first write, or by nobody.

mod first_write;
mod made;

use aws_sdk_ecr::types::{
    EncryptionConfiguration, EncryptionType, ImageScanningConfiguration, ImageTagMutability,
    ImageTagMutabilityExclusionFilter, ImageTagMutabilityExclusionFilterType,
};
use serde_json::{Value, json};

use crate::{
    image::Image,
    world::{Choices, World, stable_to_qa},
};

/// A world in which targets are made.
async fn making() -> World {
    let world = World::with(Choices {
        environment: &[("CREATE_TARGETS", "true")],
        ..Choices::default()
    })
    .await;
    world.policy(stable_to_qa()).await;
    world.delete_repository("qa/website").await;
    world
}

impl World {
    /// Makes a source again, with these exclusions from the mutability of its tags.
    async fn source(&self, mode: ImageTagMutability, exclusions: &[&str], key: Option<&str>) {
        self.delete_repository("dev/website").await;
        let filter = |text: &&str| {
            ImageTagMutabilityExclusionFilter::builder()
                .filter_type(ImageTagMutabilityExclusionFilterType::Wildcard)
                .filter(*text)
                .build()
                .unwrap()
        };
        let encryption = key.map(|key| {
            EncryptionConfiguration::builder()
                .encryption_type(EncryptionType::Kms)
                .kms_key(key)
                .build()
                .unwrap()
        });
        let scanning = ImageScanningConfiguration::builder().scan_on_push(key.is_some());
        let filters: Vec<_> = exclusions.iter().map(filter).collect();
        self.aws
            .ecr
            .create_repository()
            .repository_name("dev/website")
            .image_tag_mutability(mode)
            .set_image_tag_mutability_exclusion_filters((!filters.is_empty()).then_some(filters))
            .set_encryption_configuration(encryption)
            .image_scanning_configuration(scanning.build())
            .send()
            .await
            .unwrap();
    }

    /// The mode, exclusions and tags of a repository; none if it is not there.
    async fn settings(&self, name: &str) -> Option<Value> {
        let described = self.aws.ecr.describe_repositories().repository_names(name);
        let repository = described.send().await.ok()?.repositories?.pop()?;
        let arn = repository.repository_arn().unwrap();
        let tags = self.aws.ecr.list_tags_for_resource().resource_arn(arn);
        let tags = tags.send().await.unwrap();
        let tags: Vec<_> = tags
            .tags()
            .iter()
            .map(|it| [it.key(), it.value()])
            .collect();
        let filters = repository.image_tag_mutability_exclusion_filters();
        let filters: Vec<&str> = filters
            .iter()
            .map(ImageTagMutabilityExclusionFilter::filter)
            .collect();
        let mode = repository.image_tag_mutability().unwrap().as_str();
        Some(json!([mode, filters, tags]))
    }

    /// What the record of the promotion says of its target.
    async fn target_made(&self) -> Value {
        let mut records = self.items("RECORD#", "BODY").await;
        records.retain(|record| record["outcome"] == "promoted");
        let [record] = records.as_slice() else {
            panic!("one promotion: {records:?}");
        };
        record["promotion"]["target_made"].clone()
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_target_is_made_as_its_source_is_and_the_same_invocation_promotes() {
    let key = "arn:aws:kms:eu-west-1:123456789012:key/0f3c";
    let rest = "a lifecycle policy or a repository policy, if it has one";
    for (mode, exclusions, key, words) in [
        (
            ImageTagMutability::Mutable,
            &[][..],
            None,
            format!("its tags are MUTABLE as those of dev/website; not taken over: {rest}"),
        ),
        (
            ImageTagMutability::Immutable,
            &[],
            Some(key),
            format!(
                "its tags are IMMUTABLE as those of dev/website; not taken over: its encryption (KMS with {key}), its scan on push, {rest}"
            ),
        ),
        (
            ImageTagMutability::ImmutableWithExclusion,
            &["latest", "dev-*"],
            None,
            format!(
                "its tags are IMMUTABLE_WITH_EXCLUSION (latest, dev-*) as those of dev/website; not taken over: {rest}"
            ),
        ),
        (
            ImageTagMutability::MutableWithExclusion,
            &["v*"],
            None,
            format!(
                "its tags are MUTABLE_WITH_EXCLUSION (v*) as those of dev/website; not taken over: {rest}"
            ),
        ),
    ] {
        let world = making().await;
        world.source(mode.clone(), exclusions, key).await;
        let digest = world
            .push("dev/website", "1-stable", &Image::single("a", 2))
            .await;
        world.local.reset_requests();
        assert!(world.local.step().await);
        assert_eq!(world.tags("qa/website").await["1-stable"], digest, "{mode}");
        let tags = [["ecr-promoter:created-by", "dev/website stable-to-qa"]];
        let settings = world.settings("qa/website").await.unwrap();
        assert_eq!(settings, json!([mode.as_str(), exclusions, tags]));
        assert_eq!(world.target_made().await, words);
        // The next one finds it there.
        world.local.reset_requests();
        world
            .push("dev/website", "2-stable", &Image::single("b", 2))
            .await;
        world.settle().await;
        assert_eq!(world.tags("qa/website").await.len(), 2, "{mode}");
        assert_eq!(world.requests("ecr:CreateRepository").len(), 0, "{mode}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_there_is_neither_described_nor_made() {
    let world = making().await;
    world.repository("qa/website").await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.local.reset_requests();
    world.settle().await;
    assert_eq!(world.target_made().await, Value::Null);
    let requests = world.requests("ecr:");
    let about_repositories = requests.keys().filter(|it| it.contains("Repositor"));
    assert_eq!(about_repositories.count(), 0, "{requests:?}");
}

#[tokio::test(start_paused = true)]
async fn of_two_invocations_that_made_one_target_the_second_failed() {
    let world = making().await;
    let digest = world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    // Another one makes it between the look and the request.
    world.fault(json!([{
        "operation": "ecr:CreateRepository", "match": "qa/website", "status": 400,
        "code": "RepositoryAlreadyExistsException", "times": 1, "after_effect": true,
    }]));
    assert!(world.local.step().await);
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
    assert_eq!(world.target_made().await, Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_target_is_told_of_though_its_copy_takes_more_than_one_invocation() {
    let world = making().await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.fault(json!([{
        "operation": "registry:mount", "code": "TOOMANYREQUESTS", "status": 429, "times": 999,
    }]));
    assert!(world.local.step().await);
    assert!(world.settings("qa/website").await.is_some());
    assert!(world.tags("qa/website").await.is_empty());
    world.fault(json!([]));
    world.later(60).await;
    assert_eq!(world.tags("qa/website").await.len(), 1);
    let made = world.target_made().await;
    assert!(made.as_str().unwrap().contains("MUTABLE"), "{made}");
}

#[tokio::test(start_paused = true)]
async fn a_target_that_cannot_be_made_says_what_to_do() {
    for (operation, code, words) in [
        (
            "ecr:CreateRepository",
            "AccessDeniedException",
            "deploy the stack with CreateTargets=true: with it the function's role may create its targets",
        ),
        (
            "ecr:CreateRepository",
            "LimitExceededException",
            "the registry's quota of repositories is used up: raise it or remove repositories",
        ),
        (
            "ecr:DescribeRepositories",
            "AccessDeniedException",
            "allow the caller (the function or you) this action on this repository",
        ),
    ] {
        let world = making().await;
        let digest = world
            .push("dev/website", "1-stable", &Image::single("a", 1))
            .await;
        world.fault(json!([{"operation": operation, "code": code, "status": 400, "times": 9}]));
        world.local.reset_requests();
        world.settle().await;
        let history = world.history().await;
        let [line] = history.as_slice() else {
            panic!("{history:?}");
        };
        assert!(
            line.contains(" failed: cannot ") && line.contains(code) && line.ends_with(words),
            "{line}"
        );
        assert_eq!(
            world.requests(operation)[operation],
            1,
            "{operation} {code}"
        );
        assert!(world.requests("registry:").is_empty(), "nothing is copied");
        world.fault(json!([]));
        world.later(60).await;
        assert_eq!(world.tags("qa/website").await["1-stable"], digest);
    }
}
