//! Nothing that a caller sends makes the registry panic or blame itself.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::*;

const OPERATIONS: [&str; 21] = [
    "CreateRepository",
    "DescribeRepositories",
    "DeleteRepository",
    "PutImageTagMutability",
    "PutImage",
    "BatchGetImage",
    "BatchDeleteImage",
    "DescribeImages",
    "ListImages",
    "UpdateImageStorageClass",
    "BatchCheckLayerAvailability",
    "GetDownloadUrlForLayer",
    "InitiateLayerUpload",
    "UploadLayerPart",
    "CompleteLayerUpload",
    "GetAuthorizationToken",
    "GetAccountSetting",
    "PutAccountSetting",
    "DescribeImageScanFindings",
    "StartImageScan",
    "ListImageReferrers",
];
const MEMBERS: [&str; 19] = [
    "repositoryName",
    "repositoryNames",
    "imageIds",
    "imageId",
    "imageDigest",
    "imageTag",
    "imageManifest",
    "imageTagMutability",
    "force",
    "filter",
    "layerDigest",
    "layerDigests",
    "uploadId",
    "partFirstByte",
    "partLastByte",
    "layerPartBlob",
    "nextToken",
    "maxResults",
    "subjectId",
];
const METHODS: [&str; 6] = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"];
const PATH: &str = "(/v2/|/v2/dev/website/(blobs|manifests|tags|referrers|blobs/uploads)/|/_blobs/)[a-zA-Z0-9:%./?&=_-]{0,40}";

/// An operation and the members of its request.
fn request() -> impl Strategy<Value = (&'static str, Vec<(&'static str, Value)>)> {
    let members = prop::collection::vec((prop::sample::select(&MEMBERS[..]), value()), 0..6);
    (prop::sample::select(&OPERATIONS[..]), members)
}

fn value() -> impl Strategy<Value = Value> {
    let known = || {
        prop_oneof![
            Just(json!("dev/website")),
            Just(json!("latest")),
            Just(json!(sha256(b"x"))),
            Just(json!("IMMUTABLE"))
        ]
    };
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(|flag| json!(flag)),
        any::<u64>().prop_map(|number| json!(number)),
        any::<i64>().prop_map(|number| json!(number)),
        ".{0,20}".prop_map(|text| json!(text)),
        known(),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|list| json!(list)),
            prop::collection::vec((prop::sample::select(&MEMBERS[..]), inner), 0..4).prop_map(
                |members| Value::Object(
                    members
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), value))
                        .collect()
                )
            ),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_request_gets_an_answer(requests in prop::collection::vec(request(), 1..8)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let world = World::embedded(&["dev/website"]).await;
            for (operation, members) in requests {
                let mut body = json!({"repositoryName": "dev/website"});
                for (name, value) in members {
                    body[name] = value;
                }
                let (status, answer) = world.call(operation, body).await;
                assert!(status == 200 || status == 400, "{operation}: {status} {answer}");
            }
        });
    }

    #[test]
    fn any_path_gets_an_answer(method in prop::sample::select(&METHODS[..]), path in PATH) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let world = World::embedded(&["dev/website"]).await;
            let answer = world.http(method, &path, "{}").await;
            assert!(answer.status.as_u16() < 500, "{method} {path}: {}", answer.status);
        });
    }
}
