//! Labels of the image: read from its config, on every platform, and only where a policy asks for them.

use serde_json::{Value, json};

use crate::{
    image::{Image, OCI_CONFIG, OCI_LAYER},
    trips::Ticking,
    world::{World, stable_to_qa},
};

/// A policy that asks for a label.
fn only_web() -> Value {
    let mut policy = stable_to_qa();
    policy["criteria"] =
        json!([{"attribute": "label.team", "operator": "one_of", "value": ["web", "shop"]}]);
    policy
}

/// What becomes of an image under that policy.
async fn outcome(image: &Image) -> String {
    let world = World::new().await;
    world.policy(only_web()).await;
    world.push("dev/website", "1", image).await;
    world.settle().await;
    let told = world.history().await.pop().unwrap();
    told.trim_start_matches("dev/website:1 ").to_owned()
}

fn config(bytes: &[u8]) -> Image {
    let layers = vec![b"layer".to_vec()];
    Image::configured((OCI_CONFIG, bytes.to_vec()), OCI_LAYER, layers)
}

fn index(amd64: Image, arm64: Image) -> Image {
    Image::index_of(vec![amd64, arm64], &["linux/amd64", "linux/arm64"])
}

#[tokio::test(start_paused = true)]
async fn only_images_with_the_label_are_promoted() {
    let web = || Image::labelled("a", &json!({"team": "web"}));
    let shop = Image::labelled("b", &json!({"team": "shop"}));
    let other = Image::labelled("c", &json!({"team": "ops"}));
    let none = Image::labelled("d", &json!(null));
    let told = [
        ("it has it", web()),
        ("every platform has one", index(web(), shop)),
        ("another", other.clone()),
        ("another on one platform", index(web(), other)),
        ("none", none.clone()),
        ("none on one platform", index(web(), none)),
        (
            "two readings",
            config(br#"{"config": {"labels": {"team": "web"}}}"#),
        ),
        ("not JSON", config(b"team=web")),
        ("too large", config(&vec![b' '; 1024 * 1024 + 1])),
    ];
    let mut lines = Vec::new();
    for (case, image) in told {
        lines.push(format!("{case}: {}", outcome(&image).await));
    }
    let lines = lines.join("\n");
    insta::assert_snapshot!(lines, @r#"
    it has it: promoted: promoted to qa/website:1
    every platform has one: promoted: promoted to qa/website:1
    another: held: label.team one_of ["web","shop"]: saw "ops"
    another on one platform: held: label.team one_of ["web","shop"]: saw "ops" on linux/arm64
    none: held: label.team one_of ["web","shop"]: saw no such label
    none on one platform: held: label.team one_of ["web","shop"]: saw no such label on linux/arm64
    two readings: held: label.team one_of ["web","shop"]: the image config cannot be read: some readers would take the key "labels" for "Labels" at line 1 column 20
    not JSON: held: label.team one_of ["web","shop"]: the image config cannot be read: expected ident at line 1 column 2
    too large: held: label.team one_of ["web","shop"]: limit: expected at most 1048576 bytes of an image config, found 1048577
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_config_that_is_not_an_image_s_tells_no_labels() {
    let config = json!({"config": {"Labels": {"team": "web"}}});
    let config = config.to_string().into_bytes();
    let foreign = "application/vnd.example.config.v1+json";
    let odd = Image::configured((foreign, config), OCI_LAYER, vec![b"layer".to_vec()]);
    // Alone it is not an image; in an index its layers can run.
    let alone = outcome(&odd).await;
    assert!(alone.starts_with("skipped: not an image"), "{alone}");
    let web = Image::labelled("a", &json!({"team": "web"}));
    insta::assert_snapshot!(outcome(&index(web, odd)).await, @r#"held: label.team one_of ["web","shop"]: its config is not an image's: it is of type "application/vnd.example.config.v1+json" (on linux/arm64)"#);
}

#[tokio::test(start_paused = true)]
async fn a_config_that_may_not_be_read_is_a_failure_and_never_a_missing_label() {
    let world = World::new().await;
    world.policy(only_web()).await;
    let denied = json!([{
        "operation": "ecr:GetDownloadUrlForLayer", "code": "AccessDeniedException", "status": 400, "times": 1,
    }]);
    world
        .local
        .set_faults(serde_json::from_value(denied).unwrap());
    let image = Image::labelled("a", &json!({"team": "web"}));
    let digest = world.push("dev/website", "1", &image).await;
    assert!(world.local.step().await);
    assert!(world.tags("qa/website").await.is_empty());
    world.later(120).await;
    assert_eq!(world.tags("qa/website").await.get("1"), Some(&digest));
}

#[tokio::test(start_paused = true)]
async fn configs_are_fetched_side_by_side_and_only_for_who_asks() {
    let children = ["amd64", "arm64", "s390x", "ppc64le"];
    let platforms = children.map(|name| format!("linux/{name}"));
    let platforms: Vec<&str> = platforms.iter().map(String::as_str).collect();
    let children = children.map(|name| Image::labelled(name, &json!({"team": "web"})));
    let index = Image::index_of(children.into(), &platforms);
    let asking = Ticking::new(&[only_web()]).await;
    let warm = Image::labelled("warm", &json!({"team": "web"}));
    asking.push("0-stable", &warm).await;
    let path = asking.push("1-stable", &index).await.to_string();
    insta::assert_snapshot!(path, @r#"
     1  3 dynamodb:Query policies
     2  dynamodb:BatchGetItem tags+from+target | ecr:BatchGetImage | sqs:ChangeMessageVisibility
     3  dynamodb:TransactWriteItems tags+push
     4  ecr:BatchGetImage
     5  4 ecr:GetDownloadUrlForLayer
     6  4 storage:GET blob
     7  dynamodb:TransactWriteItems case+in
     8  dynamodb:BatchGetItem target+from | ecr:BatchCheckLayerAvailability | ecr:BatchGetImage
     9  8 registry:POST blob
    10  4 ecr:PutImage
    11  dynamodb:TransactWriteItems target+policy+case+from
    12  ecr:PutImage, tagged
    13  dynamodb:TransactWriteItems target+record+history+case+from
    14  ecr:BatchGetImage | 5 ecr:ListImageReferrers
    15  events:PutEvents
    16  dynamodb:PutItem case
    "#);
    let plain = Ticking::warm(&[stable_to_qa()]).await;
    let path = plain.push("1-stable", &index).await.to_string();
    let before = path.split("BatchCheckLayerAvailability").next().unwrap();
    assert!(!before.contains("GetDownloadUrlForLayer"), "{path}");
}
