//! What cannot be asked of `promoter explain | history | waiting | retry`, and what it says then.

use crate::world::{deployed::Deployed, text};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
async fn what_cannot_be_asked_says_what_is_lacking() {
    let world = Deployed::new().await;
    let digest = format!("dev/website@sha256:{}", "0".repeat(64));
    let denied = |operation: &str| {
        json!([{
            "operation": operation, "code": "AccessDeniedException", "status": 400, "times": 99,
            "message": format!("User: me is not authorized to perform: {operation}"),
        }])
    };
    world.aws.bare("dev/website", "a", "1").await;
    for (case, arguments, faults, told) in [
        (
            "unknown tag",
            vec!["explain", "dev/website:2"],
            None,
            "has no tag \"2\"",
        ),
        (
            "unknown repository",
            vec!["explain", "dev/websit:1"],
            None,
            "did you mean \"dev/website\"?",
        ),
        (
            "unknown digest",
            vec!["explain", &digest],
            None,
            "ImageNotFoundException",
        ),
        (
            "no name",
            vec!["explain", "dev/Website:1"],
            None,
            "repository",
        ),
        (
            "no policies",
            vec!["explain", "dev/website:1", "--policies-table", "none"],
            None,
            "--policies-table",
        ),
        (
            "no ledger",
            vec!["history", "--promotions-table", "none"],
            None,
            "--promotions-table",
        ),
        (
            "no ledger, waiting",
            vec!["waiting", "--promotions-table", "none"],
            None,
            "--promotions-table",
        ),
        (
            "a right is lacking",
            vec!["history"],
            Some(denied("dynamodb:Query")),
            "not authorized to perform: dynamodb:Query (AccessDeniedException); docs/command.md lists the rights",
        ),
        (
            "a right is lacking, waiting",
            vec!["waiting"],
            Some(denied("dynamodb:Query")),
            "not authorized to perform: dynamodb:Query",
        ),
        (
            "a right is lacking at the ledger",
            vec!["explain", "dev/website:1"],
            Some(denied("dynamodb:BatchGetItem")),
            "not authorized to perform: dynamodb:BatchGetItem",
        ),
        (
            "a right is lacking at ECR",
            vec!["explain", "dev/website:1"],
            Some(denied("ecr:BatchGetImage")),
            "not authorized to perform: ecr:BatchGetImage",
        ),
        (
            "no such function",
            vec!["retry", "dev/website:1", "--function", "none"],
            None,
            "--function names another one",
        ),
        (
            "no function's name",
            vec!["retry", "dev/website:1", "--function", "a b"],
            None,
            "expected the name or the ARN",
        ),
        ("no time", vec!["history", "--since", "soon"], None, "90m"),
        (
            "no policy's name",
            vec!["history", "--policy", "dev/website"],
            None,
            "source and name",
        ),
        (
            "an unknown outcome",
            vec!["history", "--outcome", "lost"],
            None,
            "possible values",
        ),
    ] {
        let faults = faults.unwrap_or_else(|| json!([]));
        world
            .aws
            .local
            .set_faults(serde_json::from_value(faults).unwrap());
        let output = world.run(&arguments).await;
        assert_eq!(output.status.code(), Some(2), "{case}: {output:?}");
        let said = text(&output.stderr);
        assert!(said.contains(told), "{case}: {said}");
        assert!(!said.contains("panicked"), "{case}: {said}");
    }
}
