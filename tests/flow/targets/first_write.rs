//! Where the function makes no repositories, the first write decides whether a target is missing.

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use serde_json::{Value, json};

use crate::{
    between::Between,
    image::Image,
    world::{Choices, World, stable_to_qa},
};

#[tokio::test(start_paused = true)]
async fn a_missing_target_fails_by_its_first_write_and_the_words_name_the_switch() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    world.delete_repository("qa/website").await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 3))
        .await;
    world.settle().await;
    insta::assert_snapshot!(world.history().await.join("\n"), @"dev/website:1-stable failed: cannot write to qa/website: HTTP 404: The repository with name 'qa/website' does not exist in the registry with id '123456789012' (RepositoryNotFoundException); create the repository, or let the function create its targets: CREATE_TARGETS=true");
    assert_eq!(world.settings("qa/website").await, None);
    assert!(world.requests("blobs:").is_empty(), "no byte was moved");
}

#[tokio::test(start_paused = true)]
async fn a_target_that_a_template_makes_at_the_first_push_was_taken_for_missing() {
    for blob_mounting in [true, false] {
        let world = World::with(Choices {
            blob_mounting,
            between: Some(Between::through(|inner| {
                SharedHttpConnector::new(CreationTemplate(inner))
            })),
            ..Choices::default()
        })
        .await;
        world.policy(stable_to_qa()).await;
        world.delete_repository("qa/website").await;
        let index = Image::index("a", &["linux/amd64", "linux/arm64"], 2);
        let digest = world.push("dev/website", "1-stable", &index).await;
        world.settle().await;
        assert_eq!(world.tags("qa/website").await["1-stable"], digest);
        assert_eq!(world.target_made().await, Value::Null, "not by us");
    }
}

/// What a creation template for pushes does: an upload that is opened at a repository that is not there makes it.
#[derive(Debug)]
struct CreationTemplate(SharedHttpConnector);

impl HttpConnector for CreationTemplate {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let inner = self.0.clone();
        HttpConnectorFuture::new(async move {
            let pushes = request.uri().contains("/v2/qa/website/blobs/uploads/");
            if pushes && request.method() == "POST" {
                let body = json!({"repositoryName": "qa/website"}).to_string();
                let mut create = HttpRequest::new(body.clone().into());
                create.set_method("POST").unwrap();
                create.set_uri("http://local/").unwrap();
                let headers = create.headers_mut();
                let target = "AmazonEC2ContainerRegistry_V20150921.CreateRepository";
                headers.insert("x-amz-target", target);
                headers.insert(
                    "authorization",
                    "AWS4-HMAC-SHA256 Credential=AKID/20260307/eu-west-1/ecr/aws4_request",
                );
                headers.insert("content-length", body.len().to_string());
                // Refused where it is there already.
                inner.call(create).await?;
            }
            inner.call(request).await
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_with_a_missing_target_says_who_makes_it() {
    for (switch, words) in [
        (
            "false",
            "promotions to it fail until you create it, or a creation template does",
        ),
        ("true", "the first promotion to it creates it"),
    ] {
        let environment: &[_] = match switch {
            "true" => &[("CREATE_TARGETS", "true")],
            _ => &[],
        };
        let world = World::with(Choices {
            environment,
            ..Choices::default()
        })
        .await;
        world.delete_repository("qa/website").await;
        world.policy(stable_to_qa()).await;
        world.edits().await;
        let status = world.status("dev/website", "stable-to-qa").await;
        let wanted = format!("valid: the repository qa/website does not exist: {words}");
        assert_eq!(status, wanted);
    }
}
