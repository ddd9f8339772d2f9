//! The files in `events/`, one of each kind and variant that AWS sends or people invoke by hand, and the malformed ones of
//! `tests/malformed`: what each of them becomes.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::*;

fn folder(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(of)
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
        Event::Schedule => return "schedule".to_owned(),
        Event::Work(work) => return format!("open work {work:?}"),
        Event::Edit(edit) => return format!("edit of {}", edit.policy),
        Event::Cases(cases) => return format!("cases of {}", cases.policy),
        Event::Wrapped { what } => return format!("wrapped: {what}"),
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

/// The file of each event, and what it becomes.
fn events_of(of: &str) -> String {
    let mut list = String::new();
    for (name, payload) in files(&folder(of)) {
        let delivery = only(read(&payload));
        let body = delivery.body.as_bytes();
        assert_eq!(body, payload, "{name}: the body is kept");
        writeln!(list, "{name}: {}", line(&delivery.event)).unwrap();
    }
    list
}

/// The file of each batch, and what its records become.
fn batches_of(of: &str) -> String {
    let mut list = String::new();
    for (name, payload) in files(&folder(of)) {
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
    list
}

#[test]
fn each_event_that_aws_sends_or_people_invoke_becomes_what_it_should() {
    insta::assert_snapshot!(events_of("../../events"));
}

#[test]
fn each_batch_that_sqs_delivers_becomes_what_it_should() {
    insta::assert_snapshot!(batches_of("../../events/sqs"));
}

#[test]
fn each_malformed_event_says_what_is_wrong_with_it() {
    insta::assert_snapshot!(events_of("tests/malformed"));
}

#[test]
fn each_malformed_record_stands_for_itself() {
    insta::assert_snapshot!(batches_of("tests/malformed/sqs"));
}
