//! Every file in `events/`, and every malformed one, as the queue delivers it and directly.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::json;

use super::record;
use crate::deployed::Deployed;
use crate::{image::Image, world::stable_to_qa};

/// What AWS sends or people invoke by hand, and what is malformed.
const FOLDERS: [&str; 2] = ["events", "crates/core/tests/malformed"];

fn files(below: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for folder in FOLDERS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in fs::read_dir(folder.join(below)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read_to_string(path).unwrap());
            }
        }
    }
    assert!(!files.is_empty());
    files
}

/// A policy for every repository, so that each push of the files leads somewhere.
async fn deployed() -> Deployed {
    let deployed = Deployed::new(&[]).await;
    let all = json!({"source": "*", "name": "all", "target": {"repository": "qa/{repository}"}});
    deployed.world.policy(all).await;
    deployed.world.policy(stable_to_qa()).await;
    deployed
}

impl Deployed {
    /// One process lived through everything, and nothing is given up.
    fn is_unharmed(&self) {
        assert_eq!(self.processes().len(), 1, "{}", self.written());
        assert!(!self.written().contains("panicked"), "{}", self.written());
        assert_eq!(self.world.local.queue().dead, 0);
    }
}

#[tokio::test]
async fn every_event_in_a_record_is_acknowledged() {
    let deployed = deployed().await;
    for (name, event) in files("") {
        let batch = json!({"Records": [record(&name, &event)]}).to_string();
        let answer = deployed.invoke(batch).await;
        assert_eq!(answer, Ok(json!({"batchItemFailures": []})), "{name}");
    }
    deployed.is_unharmed();
}

#[tokio::test]
async fn every_batch_is_acknowledged() {
    let deployed = deployed().await;
    for (name, batch) in files("sqs") {
        let answer = deployed.invoke(batch).await;
        assert_eq!(answer, Ok(json!({"batchItemFailures": []})), "{name}");
    }
    deployed.is_unharmed();
}

#[tokio::test]
async fn every_event_without_a_record_is_answered() {
    let deployed = deployed().await;
    for (name, event) in files("") {
        let answer = deployed.invoke(event).await;
        let asked = name.starts_with("request-") || name == "console-test.json";
        assert_eq!(answer.is_err(), asked, "{name}: {answer:?}");
        if let Ok(answer) = answer {
            let expected = match name.as_str() {
                // It sends open work, and there is none.
                "schedule.json" => json!({}),
                _ => json!({"decisions": [], "invalid": []}),
            };
            assert_eq!(answer, expected, "{name}");
        }
    }
    deployed.is_unharmed();
}

/// Through the rule's pattern, the queue and its poller.
#[tokio::test]
async fn an_image_is_promoted_by_the_event_of_its_push_through_queue_and_poller() {
    let deployed = Deployed::new(&[]).await;
    let world = &deployed.world;
    world.policy(stable_to_qa()).await;
    let image = Image::index("a", &["linux/amd64", "linux/arm64"], 2);
    let digest = world.push("dev/website", "1.4-stable", &image).await;
    world.local.start_poller();
    assert!(world.local.idle(crate::deployed::PATIENCE).await);
    assert_eq!(world.tags("qa/website").await["1.4-stable"], digest);
    assert_eq!(world.announced().len(), 1, "{:?}", world.announced());
    deployed.is_unharmed();
}
