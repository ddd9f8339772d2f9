//! `promoter local` as a process.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    process::Stdio,
};

use crate::{
    scripted::{GOOD, promoter, run, signal},
    world::text,
};

#[test]
fn local_tells_every_mistake_of_its_environment_before_it_is_ready() {
    let output = promoter(&["local", "--listen", "127.0.0.1:0"])
        .env("PROMOTION_PATHS", "dev/*")
        .env("SETTLE_SECONDS", "soon")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(text(&output.stdout), "");
    let told = text(&output.stderr);
    assert!(
        told.contains("PROMOTION_PATHS") && told.contains("SETTLE_SECONDS"),
        "{told}"
    );
}

#[test]
fn local_takes_no_folder_and_no_binary_that_is_not_there() {
    let file = env!("CARGO_BIN_EXE_promoter");
    let below_a_file = format!("{file}/below");
    for (option, told) in [
        ("--policies", "error: cannot read the policies in "),
        ("--bootstrap", "error: cannot run "),
        ("--data", "error: cannot use "),
    ] {
        let output = run(&["local", "--listen", "127.0.0.1:0", option, &below_a_file]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let told = format!("{told}{below_a_file:?}: ");
        assert!(text(&output.stderr).starts_with(&told), "{output:?}");
    }
}

#[test]
fn local_says_ready_first_and_ends_when_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("good.json"), GOOD).unwrap();
    std::fs::write(folder.path().join("bad.json"), "{").unwrap();
    let policies = folder.path().to_str().unwrap();
    let mut child = promoter(&[
        "local",
        "--listen",
        "127.0.0.1:0",
        "--repositories",
        "dev/website,qa/website",
        "--policies",
        policies,
    ])
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    let address = first
        .trim_end()
        .strip_prefix("ready http://")
        .unwrap()
        .to_owned();
    assert!(address.starts_with("127.0.0.1:"), "{first}");

    let item =
        r#"{"TableName":"policies","Key":{"source":{"S":"dev/website"},"name":{"S":"stable"}}}"#;
    let answer = post(&address, "DynamoDB_20120810.GetItem", item);
    assert!(answer.contains("qa/website"), "{answer}");
    let answer = post(
        &address,
        "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories",
        "{}",
    );
    assert!(
        answer.contains("dev/website") && answer.contains("qa/website"),
        "{answer}"
    );

    signal("TERM", &child.id().to_string());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let told = text(&output.stderr);
    assert!(told.contains("bad.json: expected JSON"), "{told}");
    assert!(told.contains("1 policy loaded"), "{told}");
}

/// One call of a JSON API, by hand.
fn post(address: &str, target: &str, body: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let length = body.len();
    let authorization = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/any/aws4_request, SignedHeaders=host, Signature=0";
    write!(
        stream,
        "POST / HTTP/1.1\r\nhost: {address}\r\nx-amz-target: {target}\r\ncontent-length: {length}\r\n\
         content-type: application/x-amz-json-1.1\r\nauthorization: {authorization}\r\nconnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// A `promoter local` that keeps everything in `data`, and its address.
fn local(data: &str) -> (std::process::Child, String) {
    let mut child = promoter(&[
        "local",
        "--listen",
        "127.0.0.1:0",
        "--data",
        data,
        "--repositories",
        "dev/website",
        "--no-function",
    ])
    .stdout(Stdio::piped())
    .stderr(Stdio::null())
    .spawn()
    .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    let address = first.trim_end().strip_prefix("ready http://").unwrap();
    (child, address.to_owned())
}

#[test]
fn a_killed_local_opens_again_with_nothing_lost_that_it_had_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let queue = "AmazonSQS.SendMessage";
    let url = r#""QueueUrl":"http://127.0.0.1/000000000000/promoter""#;
    let (mut child, address) = local(data);
    let create = "AmazonEC2ContainerRegistry_V20150921.CreateRepository";
    post(&address, create, r#"{"repositoryName":"qa/website"}"#);
    let item = r#"{"TableName":"policies","Item":{"source":{"S":"a"},"name":{"S":"b"}}}"#;
    post(&address, "DynamoDB_20120810.PutItem", item);
    for number in 0..20 {
        let body = format!(r#"{{{url},"MessageBody":"{number}"}}"#);
        let answer = post(&address, queue, &body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    // SIGKILL: there is no time to write anything down.
    child.kill().unwrap();
    child.wait().unwrap();

    let (mut child, address) = local(data);
    let describe = "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories";
    assert!(post(&address, describe, "{}").contains("qa/website"));
    let key = r#"{"TableName":"policies","Key":{"source":{"S":"a"},"name":{"S":"b"}}}"#;
    assert!(post(&address, "DynamoDB_20120810.GetItem", key).contains(r#""S":"b""#));
    let attributes = format!(r#"{{{url},"AttributeNames":["ApproximateNumberOfMessages"]}}"#);
    let answer = post(&address, "AmazonSQS.GetQueueAttributes", &attributes);
    assert!(answer.contains(r#""20""#), "{answer}");
    child.kill().unwrap();
    child.wait().unwrap();
}
