//! What a kill leaves of an upload.

use std::path::Path;

use serde_json::json;

use super::super::{Base, Settings, sha256};
use super::*;
use crate::clock::Clock;

fn open(folder: &Path) -> Ecr {
    Ecr::open(Settings {
        account: "123456789012".to_owned(),
        region: "eu-central-1".to_owned(),
        blob_mounting: false,
        folder: folder.to_owned(),
        clock: Clock::system(),
        raise: Arc::new(|_| {}),
    })
    .unwrap()
}

#[tokio::test]
async fn a_kill_before_an_upload_is_acknowledged_as_finished_leaves_it_to_be_finished() {
    let folder = tempfile::tempdir().unwrap();
    let ecr = open(folder.path());
    let base = Base {
        api: String::new(),
        blobs: String::new(),
    };
    let create = json!({"repositoryName": "dev/website"}).to_string();
    ecr.call("CreateRepository", create.into(), &base).await;
    let place = ecr.place("dev/website");
    let (id, digest) = (ecr.open_upload(&place).unwrap(), sha256(b"hello"));
    let session = ecr.session(&place, &id).unwrap();
    let mut writer = session.writer(&ecr, &place, &id).await.unwrap();
    writer.write(b"hello").unwrap();
    writer.acknowledge(PART_BYTES_MIN).unwrap();
    ecr.blobs().keep(&id, &digest).unwrap();
    drop(ecr);

    let ecr = open(folder.path());
    let session = ecr.session(&place, &id).unwrap();
    let writer = session.writer(&ecr, &place, &id).await.unwrap();
    writer.finish(&digest, PART_BYTES_MIN).unwrap();
    assert_eq!(ecr.layer_size(&place, &digest).unwrap(), Some(5));
    let staged = folder.path().join("uploads").read_dir().unwrap();
    assert_eq!(staged.count(), 0, "nothing is left behind");
}
