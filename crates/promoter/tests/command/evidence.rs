//! `promoter evidence` as a process, against an AWS that it finds by its environment alone.

use std::process::Output;

use crate::{
    said::assert_valid,
    world::{Aws, text},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

async fn evidence(aws: &Aws, arguments: &[&str]) -> Output {
    aws.promoter(&[&["evidence"], arguments].concat()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_policy_would_see_is_printed_without_any_policy() {
    let aws = Aws::new().await;
    let digest = aws.image().await;
    let by_digest = format!("dev/website@{digest}");
    for image in ["dev/website:1.4", &by_digest] {
        let output = evidence(&aws, &[image]).await;
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let shown = text(&output.stdout);
        for seen in ["dev/website:1.4", &digest, "CVE-2026-0001", "musl", "MIT"] {
            assert!(shown.contains(seen), "{seen}: {shown}");
        }
        assert!(!shown.contains('\u{1b}'), "{shown}");
    }
    let output = evidence(&aws, &["dev/website:1.4", "--json"]).await;
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["scan"]["state"], "seen", "{document}");
    assert_eq!(document["findings"][0]["origin"], "scan: basic");
    assert_eq!(document["components"][0]["name"], "musl");
    assert_eq!(document["licenses"][0]["license"], "MIT");
    assert_eq!(document["config"]["state"], "seen", "{document}");
    assert_eq!(document["image"]["registry"], "000000000000/us-east-1");
    assert_valid(
        &document,
        include_str!("../../../../docs/evidence.schema.json"),
    );
    let requests = aws.local.requests();
    assert!(!requests.keys().any(|name| name.starts_with("dynamodb:")));
    assert!(!requests.contains_key("ecr:StartImageScan"), "{requests:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_looked_at_is_an_error_beside_what_may() {
    let aws = Aws::new().await;
    aws.image().await;
    let denied = json!([{
        "operation": "ecr:DescribeImageScanFindings", "code": "AccessDeniedException", "status": 400, "times": 99,
    }]);
    aws.local
        .set_faults(serde_json::from_value(denied).unwrap());
    let output = evidence(&aws, &["dev/website:1.4"]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let told = text(&output.stderr);
    assert!(
        told.starts_with("error: cannot read the scan findings of dev/website@"),
        "{told}"
    );
    assert!(told.contains("AccessDeniedException"), "{told}");
    assert!(text(&output.stdout).contains("musl"), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_looked_at_says_why() {
    let aws = Aws::new().await;
    let digest = aws.image().await;
    let host = |account: &str, region: &str| format!("{account}.dkr.ecr.{region}.amazonaws.com");
    let elsewhere = host("123456789012", "us-east-1");
    let other_region = host("000000000000", "eu-west-1");
    for (case, image, status, told) in [
        (
            "a tag that is not there",
            "dev/website:2".to_owned(),
            1,
            "dev/website has no tag \"2\"\n",
        ),
        (
            "a typo in the tag",
            "dev/website:1.5".to_owned(),
            1,
            "dev/website has no tag \"1.5\"; did you mean \"1.4\"?",
        ),
        (
            "a repository that is not there",
            "prod/api:2".to_owned(),
            1,
            "there is no repository \"prod/api\" in 000000000000/us-east-1\n",
        ),
        (
            "a typo in the repository",
            "dev/websit:1.4".to_owned(),
            1,
            "there is no repository \"dev/websit\" in 000000000000/us-east-1; did you mean \"dev/website\"?",
        ),
        (
            "a typo in the repository, by digest",
            format!("dev/webiste@{digest}"),
            1,
            "did you mean \"dev/website\"?",
        ),
        (
            "another account's URI",
            format!("{elsewhere}/dev/website:1.4"),
            1,
            "dev/website:1.4 is in the registry 123456789012/us-east-1, but your credentials and Region are those of 000000000000/us-east-1",
        ),
        (
            "another Region's URI",
            format!("{other_region}/dev/website:1.4"),
            1,
            "000000000000/eu-west-1",
        ),
        ("no name", "Dev/Website".to_owned(), 2, "Dev/Website"),
    ] {
        let output = evidence(&aws, &[&image]).await;
        assert_eq!(output.status.code(), Some(status), "{case}: {output:?}");
        assert!(text(&output.stderr).contains(told), "{case}: {output:?}");
        assert_eq!(text(&output.stdout), "", "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_uri_and_a_tag_beside_a_digest_were_refused() {
    let aws = Aws::new().await;
    let digest = aws.image().await;
    let host = "000000000000.dkr.ecr.us-east-1.amazonaws.com";
    let local = aws.url.trim_start_matches("http://");
    for image in [
        format!("{host}/dev/website:1.4"),
        format!("{host}/dev/website@{digest}"),
        format!("dev/website:1.4@{digest}"),
        format!("docker://{local}/dev/website:1.4@{digest}"),
    ] {
        let output = evidence(&aws, &[&image]).await;
        assert_eq!(output.status.code(), Some(0), "{image}: {output:?}");
        assert!(text(&output.stdout).contains(&digest), "{output:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aws_that_does_not_answer_was_not_named() {
    let mut aws = Aws::new().await;
    // Nothing listens at a port that was given back.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let down = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    // A proxy, or any other server that is not AWS.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let web = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            let answer =
                "HTTP/1.1 404 Not Found\r\ncontent-length: 9\r\nconnection: close\r\n\r\nnot found";
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    for (case, url, told) in [
        (
            "down",
            &down,
            format!("nothing answers at {down}: connection refused; check AWS_ENDPOINT_URL"),
        ),
        (
            "no such host",
            &"http://nowhere.invalid:4566".to_owned(),
            "the name of http://nowhere.invalid:4566 cannot be resolved".to_owned(),
        ),
        (
            "not AWS",
            &web,
            "HTTP 404 without an AWS error; check AWS_ENDPOINT_URL".to_owned(),
        ),
    ] {
        aws.url.clone_from(url);
        let output = evidence(&aws, &["dev/website:1.4"]).await;
        assert_eq!(output.status.code(), Some(1), "{case}: {output:?}");
        let wanted = format!("error: cannot ask AWS whose credentials these are: {told}");
        assert!(
            text(&output.stderr).starts_with(&wanted),
            "{case}: {output:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_anybody_from_asking_aws_was_told_as_a_rust_struct() {
    let address = |found: &str| {
        format!(
            "expected an address as in http://127.0.0.1:4566 in AWS_ENDPOINT_URL, found {found:?}"
        )
    };
    let no_region = "no Region is set; set AWS_REGION, or a region in the profile";
    let no_credentials = "cannot ask AWS whose credentials these are: no credentials are set; \
                          set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
    let (url, region, key) = ("http://127.0.0.1:1", "us-east-1", "local");
    for (url, region, key, told) in [
        ("localhost:4566", region, key, address("localhost:4566")),
        ("nonsense", region, key, address("nonsense")),
        ("ftp://localhost", region, key, address("ftp://localhost")),
        (url, "", key, no_region.to_owned()),
        (url, region, "", no_credentials.to_owned()),
    ] {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_promoter"));
        command.args(["evidence", "dev/website:1.4"]).env_clear();
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command
            .env("AWS_ENDPOINT_URL", url)
            .env("AWS_REGION", region);
        command
            .env("AWS_ACCESS_KEY_ID", key)
            .env("AWS_SECRET_ACCESS_KEY", key);
        let output = command.output().await.unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert_eq!(text(&output.stderr), format!("error: {told}\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn times_had_nanoseconds() {
    let aws = Aws::new().await;
    aws.image().await;
    let output = evidence(&aws, &["dev/website:1.4", "--json"]).await;
    let document = text(&output.stdout);
    let times = document
        .split('"')
        .filter(|word| word.starts_with("20") && word.ends_with('Z'));
    let mut count = 0;
    for time in times {
        let fraction = time.split_once('.').map_or("", |(_, fraction)| fraction);
        assert!(fraction.len() <= "123456Z".len(), "{time}");
        count += 1;
    }
    assert!(count > 3, "{document}");
}
