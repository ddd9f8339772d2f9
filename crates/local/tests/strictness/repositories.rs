//! Repositories and tokens.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::*;

#[tokio::test]
async fn a_repository_is_described_as_it_was_created() {
    let world = World::embedded(&[]).await;
    let created = world
        .ok("CreateRepository", json!({"repositoryName": "dev/website"}))
        .await["repository"]
        .clone();
    let described = world
        .ok(
            "DescribeRepositories",
            json!({"repositoryNames": ["dev/website"]}),
        )
        .await["repositories"][0]
        .clone();
    assert_eq!(created, described);
    insta::assert_json_snapshot!(created, @r#"
    {
      "createdAt": 1767323045.0,
      "encryptionConfiguration": {
        "encryptionType": "AES256"
      },
      "imageScanningConfiguration": {
        "scanOnPush": false
      },
      "imageTagMutability": "MUTABLE",
      "registryId": "123456789012",
      "repositoryArn": "arn:aws:ecr:eu-central-1:123456789012:repository/dev/website",
      "repositoryName": "dev/website",
      "repositoryUri": "local/dev/website"
    }
    "#);
}

#[tokio::test]
async fn a_name_is_given_once() {
    let world = World::new(&["dev/website"]).await;
    assert_eq!(
        world
            .refused("CreateRepository", json!({"repositoryName": "dev/website"}))
            .await,
        "RepositoryAlreadyExistsException"
    );
    assert_eq!(
        world.refused("CreateRepository", json!({})).await,
        "InvalidParameterException"
    );
}

/// The tags of a repository, by its ARN.
async fn tags_of(world: &World, created: &Value) -> Value {
    let arn = &created["repository"]["repositoryArn"];
    world
        .ok("ListTagsForResource", json!({"resourceArn": arn}))
        .await["tags"]
        .clone()
}

#[tokio::test]
async fn tags_are_given_at_the_creation_and_listed() {
    let world = World::new(&[]).await;
    let tags = json!([{"Key": "ecr-promoter:created-by", "Value": "dev/_ a=b+c@d.e:f"}]);
    for (name, tags) in [("dev/tagged", tags), ("dev/bare", json!([]))] {
        let body = json!({"repositoryName": name, "tags": tags});
        let created = world.ok("CreateRepository", body).await;
        assert_eq!(tags_of(&world, &created).await, tags, "{name}");
    }
}

#[tokio::test]
async fn tags_that_aws_does_not_take_are_refused() {
    let world = World::new(&[]).await;
    let tag = |key: &str, value: &str| json!({"Key": key, "Value": value});
    let many: Vec<Value> = (0..51).map(|n| tag(&n.to_string(), "")).collect();
    for (case, tags, refused) in [
        (
            "a star",
            json!([tag("by", "dev/* a")]),
            "InvalidTagParameterException",
        ),
        (
            "a comma and parentheses",
            json!([tag("by", "(a, b)")]),
            "InvalidTagParameterException",
        ),
        (
            "a long key",
            json!([tag(&"k".repeat(129), "")]),
            "InvalidTagParameterException",
        ),
        (
            "a long value",
            json!([tag("by", &"v".repeat(257))]),
            "InvalidTagParameterException",
        ),
        (
            "a reserved key",
            json!([tag("aws:by", "")]),
            "InvalidTagParameterException",
        ),
        ("too many", json!(many), "TooManyTagsException"),
        (
            "no value",
            json!([{"Key": "by"}]),
            "InvalidParameterException",
        ),
    ] {
        let body = json!({"repositoryName": "dev/tagged", "tags": tags});
        assert_eq!(
            world.refused("CreateRepository", body).await,
            refused,
            "{case}"
        );
    }
}

#[tokio::test]
async fn only_a_repository_has_tags() {
    let world = World::embedded(&[]).await;
    let arn = |name: &str| format!("arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{name}");
    for (arn, refused) in [
        (arn("dev/none"), "RepositoryNotFoundException"),
        (arn("Dev"), "InvalidParameterException"),
        ("dev/website".to_owned(), "InvalidParameterException"),
    ] {
        let body = json!({"resourceArn": arn});
        assert_eq!(world.refused("ListTagsForResource", body).await, refused);
    }
}

#[tokio::test]
async fn repositories_asked_for_by_name_are_all_there_or_none() {
    let world = World::new(&["dev/website"]).await;
    for (more, refused) in [
        (
            json!({"repositoryNames": ["dev/website", "dev/other"]}),
            "RepositoryNotFoundException",
        ),
        (
            json!({"registryId": "999999999999"}),
            "RepositoryNotFoundException",
        ),
        (json!({"registryId": "9"}), "InvalidParameterException"),
        (json!({"maxResults": 1}), "InvalidParameterException"),
        (json!({"nextToken": "x"}), "InvalidParameterException"),
    ] {
        let mut body = json!({"repositoryNames": ["dev/website"]});
        body.as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        let seen = world.refused("DescribeRepositories", body).await;
        assert_eq!(seen, refused, "{more}");
    }
}

#[tokio::test]
async fn repositories_are_described_in_pages() {
    let world = World::embedded(&["a/1", "a/2", "a/3"]).await;
    let page = world
        .ok("DescribeRepositories", json!({"maxResults": 2}))
        .await;
    let rest = world
        .ok(
            "DescribeRepositories",
            json!({"maxResults": 2, "nextToken": page["nextToken"]}),
        )
        .await;
    assert_eq!(
        (
            rest["repositories"][0]["repositoryName"].clone(),
            rest.get("nextToken")
        ),
        (json!("a/3"), None)
    );
    for size in [0, 1001] {
        assert_eq!(
            world
                .refused("DescribeRepositories", json!({"maxResults": size}))
                .await,
            "InvalidParameterException"
        );
    }
}

#[tokio::test]
async fn a_token_is_good_for_12_hours() {
    let world = World::embedded(&["dev/website"]).await;
    let data = world.ok("GetAuthorizationToken", json!({})).await["authorizationData"][0].clone();
    assert_eq!(
        (data["expiresAt"].as_i64(), &data["proxyEndpoint"]),
        (Some(1_767_323_045 + 12 * 3600), &json!("http://local"))
    );
    let credentials = format!(
        "Basic {}",
        data["authorizationToken"].as_str().expect("a token")
    );
    let ask = async || {
        let request = http::Request::get("/v2/")
            .header("authorization", &credentials)
            .body(axum::body::Body::empty())
            .expect("a request");
        world.send(request).await
    };
    assert_eq!(ask().await.status, 200);
    world.clock.advance(Duration::from_hours(12));
    let answer = ask().await;
    assert_eq!(answer.refusal(), (403, "DENIED".to_owned()));
    assert_eq!(
        answer.json()["errors"][0]["message"],
        "Your authorization token has expired. Reauthenticate and try again."
    );
}

#[tokio::test]
async fn a_body_that_is_not_an_object_is_refused() {
    let world = World::new(&[]).await;
    for body in [Value::Null, json!([]), json!("x")] {
        assert_eq!(
            world.refused("ListImages", body).await,
            "SerializationException"
        );
    }
}
