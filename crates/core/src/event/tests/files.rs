//! The files in `events/`, one of each kind and variant, and what each of them becomes.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::*;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events")
}

/// The names of the files in a folder, with their content.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("the folder of events") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            files.insert(name, fs::read(&path).expect("a readable file"));
        }
    }
    files
}

/// An event in one short line.
fn line(event: &Event) -> String {
    let trigger = match event {
        Event::Trigger(trigger) => trigger,
        Event::Request(request) => return format!("request {request:?}").replace("sha256:", ""),
        Event::Invalid { message } => return format!("invalid: {message}"),
        Event::Other { what } => return format!("other: {what}"),
    };
    let name = |digest: &Digest| digest.short().get(..4).unwrap().to_owned();
    let kind = match &trigger.kind {
        TriggerKind::Push {
            tag,
            digest,
            arrival,
        } => format!("push {tag} on {} ({arrival:?})", name(digest)),
        TriggerKind::Referrer {
            digest,
            subject,
            artifact_media_type,
            ..
        } => format!(
            "referrer {} of {} ({})",
            name(digest),
            subject.as_ref().map_or("?".to_owned(), name),
            artifact_media_type.as_deref().unwrap_or("?"),
        ),
        TriggerKind::Child { digest } => format!("child {}", name(digest)),
        TriggerKind::Scan {
            digest,
            scanner,
            status,
        } => format!("scan of {} ({scanner:?} {status})", name(digest)),
        TriggerKind::Restored { digest } => format!("restored {}", name(digest)),
        TriggerKind::Deleted { digest, tag } => {
            let tag = tag.as_ref().map_or("no tag", Tag::as_str);
            format!("deleted {} ({tag})", name(digest))
        }
    };
    let Trigger {
        registry,
        repository,
        ..
    } = trigger;
    format!("{}/{repository} {kind}", registry.region())
}

#[test]
fn each_file_becomes_what_it_should() {
    let mut list = String::new();
    for (name, payload) in files(&folder()) {
        let delivery = only(read(&payload));
        assert_eq!(
            delivery.body.as_bytes(),
            payload,
            "{name}: the body is kept"
        );
        writeln!(list, "{name}: {}", line(&delivery.event)).unwrap();
    }
    insta::assert_snapshot!(list, @r#"
    archive.json: other: "ECR Image Action" of "aws.ecr": target-storage-class "ARCHIVE"
    artifact-action.json: other: "ECR Artifact Action" of "aws.ecr"
    cloudtrail-call.json: other: "AWS API Call via CloudTrail" of "aws.ecr"
    console-test.json: other: neither "detail-type" nor "repository": an object with the keys ["key1", "key2", "key3"]
    delete-without-tag.json: eu-west-1/dev/website deleted 5a1f (no tag)
    delete.json: eu-west-1/dev/website deleted 5a1f (1.4-stable)
    empty-batch.json: other: records without an event source
    forged-mark.json: eu-west-1/dev/website push 1.4-stable on 5a1f (Push)
    image-action-unknown.json: other: "ECR Image Action" of "aws.ecr": action-type "PAINT"
    image-promoted.json: other: "Image Promoted" of "ecr-promoter"
    inspector-finding.json: other: "Inspector2 Finding" of "aws.inspector2"
    inspector-scan-bare-name.json: eu-west-1/dev/website scan of 5a1f (Enhanced INITIAL_SCAN_COMPLETE)
    inspector-scan-china.json: cn-north-1/dev/website scan of 5a1f (Enhanced INITIAL_SCAN_COMPLETE)
    inspector-scan-ec2.json: other: "Inspector2 Scan" of "aws.inspector2": no "image-digest"
    inspector-scan-foreign-arn.json: other: "Inspector2 Scan" of "aws.inspector2": repository-name: "arn:aws:lambda:eu-west-1:123456789012:function:checkout:$LATEST" is not the ARN of an ECR repository
    inspector-scan-govcloud.json: us-gov-west-1/dev/website scan of 5a1f (Enhanced INITIAL_SCAN_COMPLETE)
    inspector-scan-lambda.json: other: "Inspector2 Scan" of "aws.inspector2": no "image-digest"
    inspector-scan-without-version.json: eu-west-1/dev/website scan of 5a1f (Enhanced INITIAL_SCAN_COMPLETE)
    inspector-scan.json: eu-west-1/dev/website scan of 5a1f (Enhanced INITIAL_SCAN_COMPLETE)
    key-twice.json: eu-west-1/dev/website scan of 5a1f (Basic COMPLETE)
    malformed-digest-path.json: other: "ECR Image Action" of "aws.ecr": image-digest: "sha256:../../etc/passwd" is not a digest: expected sha256: and 64 lower-case hexadecimal digits
    malformed-digest-upper-case.json: other: "ECR Image Action" of "aws.ecr": image-digest: "sha256:5A1F0C3E9B7D2468ACE013579BDF2468ACE013579BDF2468ACE013579BDF2468" is not a digest: expected sha256: and 64 lower-case hexadecimal digits
    malformed-digest.json: other: "ECR Image Action" of "aws.ecr": image-digest: "sha256:5a1f0c3e9b7d2468ace013579bdf2468ace013579bdf2468ace013579bdf" is not a digest: expected sha256: and 64 lower-case hexadecimal digits
    malformed-time.json: other: "ECR Image Action" of "aws.ecr": time: "Nov 24, 2026, 10:15:00 AM" is not a time: expected RFC 3339, as in 2026-11-24T10:15:00Z
    no-envelope.json: other: neither "detail-type" nor "repository": an object with the keys ["action-type", "image-digest", "image-tag", "manifest-media-type", "repository-name"]
    not-sqs-records.json: other: records of "aws:s3"
    pull-through-cache-failed.json: other: "ECR Pull Through Cache Action" of "aws.ecr": sync-status "FAILED"
    pull-through-cache.json: eu-west-1/docker-hub/library/alpine push 3.23 on 5a1f (PullThroughCache)
    push-china.json: cn-north-1/dev/website push 1.4-stable on 5a1f (Push)
    push-cosign-attestation.json: eu-west-1/dev/website referrer 51b0 of 5a1f (?)
    push-cosign-sbom.json: eu-west-1/dev/website referrer 51b0 of 5a1f (?)
    push-cosign-signature.json: eu-west-1/dev/website referrer 51b0 of 5a1f (application/vnd.oci.image.config.v1+json)
    push-docker-child.json: eu-west-1/dev/website child c4d1
    push-documented-fields-only.json: eu-west-1/dev/website push 1.4-stable on 5a1f (Push)
    push-empty-tag.json: eu-west-1/dev/website child c4d1
    push-failure.json: other: "ECR Image Action" of "aws.ecr": result "FAILURE"
    push-helm-chart.json: eu-west-1/dev/website push 0.3.1 on 5a1f (Push)
    push-of-another-source.json: other: "ECR Image Action" of "com.example.builds"
    push-referrer-untagged.json: eu-west-1/dev/website referrer 51b0 of ? (application/spdx+json)
    push-referrers-tag-schema.json: eu-west-1/dev/website referrer 51b0 of 5a1f (?)
    push-tag-is-a-number.json: other: "ECR Image Action" of "aws.ecr": "image-tag" is no text
    push-tag-like-a-digest.json: other: "ECR Image Action" of "aws.ecr": image-tag: "sha256:5a1f0c3e9b7d2468ace013579bdf2468ace013579bdf2468ace013579bdf2468" is not a tag: expected 1 to 128 of A-Z a-z 0-9 _ . -, not beginning with "." or "-"
    push-tag-too-long.json: other: "ECR Image Action" of "aws.ecr": image-tag: "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv" is not a tag: expected 1 to 128 of A-Z a-z 0-9 _ . -, not beginning with "." or "-"
    push-without-account.json: other: "ECR Image Action" of "aws.ecr": no "account"
    push-without-detail.json: other: "ECR Image Action" of "aws.ecr": no "action-type"
    push-without-digest.json: other: "ECR Image Action" of "aws.ecr": no "image-digest"
    push-without-repository.json: other: "ECR Image Action" of "aws.ecr": no "repository-name"
    push-without-tag-or-types.json: eu-west-1/dev/website child c4d1
    push-without-tag.json: eu-west-1/dev/website child c4d1
    push-without-time.json: other: "ECR Image Action" of "aws.ecr": no "time"
    push.json: eu-west-1/dev/website push 1.4-stable on 5a1f (Push)
    referrer-push-empty-tag.json: eu-west-1/dev/website referrer 51b0 of ? (application/vnd.dev.sigstore.bundle.v0.3+json)
    referrer-push.json: eu-west-1/dev/website referrer 51b0 of ? (application/vnd.cyclonedx+json)
    referrer-restore.json: other: "ECR Referrer Action" of "aws.ecr": action-type "UPDATE_STORAGE_CLASS"
    replication-cosign-signature.json: eu-west-1/dev/website referrer 51b0 of 5a1f (?)
    replication-failed.json: other: "ECR Replication Action" of "aws.ecr": result "FAILED"
    replication-without-tag.json: eu-west-1/dev/website child 5a1f
    replication.json: eu-west-1/dev/website push 1.4-stable on 5a1f (Replication)
    request-both.json: invalid: both "tag" and "digest" are given: give one of them
    request-digest.json: request Request { repository: Repository("dev/website"), select: Digest(Digest("5a1f0c3e9b7d2468ace013579bdf2468ace013579bdf2468ace013579bdf2468")) }
    request-key-twice.json: invalid: "tag" is given twice
    request-malformed-digest.json: invalid: "sha256:../../etc/passwd" is not a digest: expected sha256: and 64 lower-case hexadecimal digits
    request-neither.json: invalid: neither "tag" nor "digest" is given: give one of them
    request-tag-is-a-number.json: invalid: "tag" is no text
    request-tag.json: request Request { repository: Repository("dev/website"), select: Tag(Tag("1.4-stable")) }
    request-unknown-key.json: invalid: unknown key "time": a request has "repository" and either "tag" or "digest", nothing else
    request-without-repository.json: invalid: no "repository": name the repository, as in {"repository": "dev/website", "tag": "1.2"}
    restore.json: eu-west-1/dev/website restored 5a1f
    scan-basic-clean.json: eu-west-1/dev/website scan of 5a1f (Basic COMPLETE)
    scan-basic-failed.json: eu-west-1/dev/website scan of 5a1f (Basic FAILED)
    scan-basic-unknown-status.json: other: "ECR Image Scan" of "aws.ecr": scan-status "IN_PROGRESS"
    scan-basic-without-digest.json: other: "ECR Image Scan" of "aws.ecr": no "image-digest"
    scan-basic-without-resources.json: eu-west-1/dev/website scan of 5a1f (Basic COMPLETE)
    scan-basic.json: eu-west-1/dev/website scan of 5a1f (Basic COMPLETE)
    scan-resource-change.json: other: "ECR Scan Resource Change" of "aws.ecr"
    schedule.json: other: "Scheduled Event" of "aws.events"
    "#);
}

#[test]
fn each_batch_becomes_what_it_should() {
    let mut list = String::new();
    for (name, payload) in files(&folder().join("sqs")) {
        writeln!(list, "{name}:").unwrap();
        for delivery in read(&payload) {
            let record = delivery.record.expect("a record");
            let id = record.message_id.as_deref().map_or("no id", |id| &id[30..]);
            let handle = record.receipt_handle.as_deref().unwrap_or("no handle");
            writeln!(
                list,
                "  {id} {handle} received {} round {}: {}",
                record.receive_count,
                delivery.round,
                line(&delivery.event)
            )
            .unwrap();
        }
    }
    insta::assert_snapshot!(list, @r#"
    came-back-unreadable-round.json:
      000001 handle-1 received 1 round 4294967295: eu-west-1/dev/website push 1.4-stable on 5a1f (Push)
    came-back.json:
      000001 handle-1 received 2 round 3: eu-west-1/dev/website push 1.4-stable on 5a1f (Push)
    deeply-nested-body.json:
      000001 handle-1 received 1 round 0: other: no JSON: recursion limit exceeded at line 1 column 128
      000002 handle-2 received 1 round 0: eu-west-1/dev/website push 1.4-stable on 5a1f (Push)
    mixed-batch.json:
      000001 handle-1 received 1 round 0: eu-west-1/dev/website push 1.4-stable on 5a1f (Push)
      000002 handle-2 received 1 round 0: eu-west-1/dev/website scan of 5a1f (Basic FAILED)
      000003 handle-3 received 1 round 0: other: no JSON: expected ident at line 1 column 2
      000004 handle-4 received 1 round 0: eu-west-1/dev/website scan of 5a1f (Enhanced INITIAL_SCAN_COMPLETE)
      000005 handle-5 received 1 round 0: eu-west-1/dev/website child c4d1
      000006 handle-6 received 1 round 0: other: "ECR Scan Resource Change" of "aws.ecr"
      000007 handle-7 received 1 round 0: request Request { repository: Repository("dev/website"), select: Tag(Tag("1.4-stable")) }
    mixed-sources.json:
      000001 handle-1 received 1 round 0: eu-west-1/dev/website push 1.4-stable on 5a1f (Push)
      no id no handle received 1 round 0: other: a record that is not of SQS
    nested-envelope.json:
      000001 handle-1 received 1 round 0: other: records of "aws:sqs"
    push.json:
      000001 handle-1 received 1 round 0: eu-west-1/dev/website push 1.4-stable on 5a1f (Push)
    same-event-twice.json:
      000001 handle-1 received 1 round 0: eu-west-1/dev/website push 1.4-stable on 5a1f (Push)
      000002 handle-2 received 1 round 0: eu-west-1/dev/website push 1.4-stable on 5a1f (Push)
    three-tags-of-one-digest.json:
      000001 handle-1 received 1 round 0: eu-west-1/dev/website push 1.4-stable on 5a1f (Push)
      000002 handle-2 received 1 round 0: eu-west-1/dev/website push 1.4 on 5a1f (Push)
      000003 handle-3 received 1 round 0: eu-west-1/dev/website push latest on 5a1f (Push)
    without-attributes.json:
      000001 no handle received 1 round 0: eu-west-1/dev/website push 1.4-stable on 5a1f (Push)
    without-body.json:
      000001 handle-1 received 1 round 0: other: an SQS record without a body
      000002 handle-2 received 1 round 0: other: no JSON: EOF while parsing a value at line 1 column 0
    without-message-id.json:
      no id handle-1 received 1 round 0: eu-west-1/dev/website push 1.4-stable on 5a1f (Push)
      no id handle-2 received 1 round 0: eu-west-1/dev/website push 1.4-stable on 5a1f (Push)
    "#);
}
