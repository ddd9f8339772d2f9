use std::collections::HashMap;

use ecr_promoter_core::manifest::{Stored, Tree, media};

use super::*;
use crate::{
    image::{digest, sample, verify},
    local::account,
};

/// An image of one layer that lies on disk.
fn of_one_layer(layer: &std::path::Path) -> Image {
    let bytes = std::fs::read(layer).unwrap();
    let config = b"{}".to_vec();
    let descriptor = |media_type: &str, bytes: &[u8]| {
        let (digest, size) = (digest(bytes), bytes.len());
        format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{size}}}"#)
    };
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{}]}}"#,
        media::OCI_MANIFEST,
        descriptor(media::OCI_CONFIG, &config),
        descriptor("application/vnd.oci.image.layer.v1.tar", &bytes),
    );
    let root = digest(manifest.as_bytes());
    Image {
        tree: Tree::new(root, Stored::read(manifest, None).unwrap()).unwrap(),
        blobs: HashMap::from([
            (digest(&config), Blob::Memory(config)),
            (digest(&bytes), Blob::File(layer.to_owned())),
        ]),
    }
}

#[tokio::test]
async fn a_large_blob_goes_in_parts_and_a_second_push_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let layer = folder.path().join("layer");
    // ECR asks for parts of 10 MiB.
    let length: usize = 10 * 1024 * 1024 + 1_000;
    let bytes: Vec<u8> = (0..length).map(|at| (at % 251).to_le_bytes()[0]).collect();
    std::fs::write(&layer, bytes).unwrap();
    let image = of_one_layer(&layer);
    let (account, repository, tag) = account::tests::with_repository().await;
    for _ in 0..2 {
        push(&account.aws.ecr, &repository, &tag, &image)
            .await
            .unwrap();
    }
    let requests = account.local.requests();
    assert_eq!(
        requests.get("ecr:UploadLayerPart"),
        Some(&6),
        "{requests:?}"
    );
    let read = verify::read_back(&account.aws, &repository, &tag)
        .await
        .unwrap();
    assert_eq!(read.digest, *image.digest());
    assert_eq!((read.manifests, read.blobs), (1, 2));
    assert_eq!(read.bytes, length as u64 + 2);
}

#[tokio::test]
async fn what_ecr_refuses_is_told_in_its_words() {
    let (account, _, tag) = account::tests::with_repository().await;
    let other = Repository::parse("dev/none").unwrap();
    let image = sample::image("1.4").unwrap();
    let error = push(&account.aws.ecr, &other, &tag, &image)
        .await
        .unwrap_err();
    insta::assert_snapshot!(error, @"cannot upload the blob sha256:619e8366e7196a41b39d21c1b439d2a45bdecb73fd5efa62eafb28b54bf5d1d9 to dev/none: The repository with name 'dev/none' does not exist in the registry with id '000000000000' (RepositoryNotFoundException)");
}

#[tokio::test]
async fn a_blob_that_went_meanwhile_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let layer = folder.path().join("layer");
    std::fs::write(&layer, "layer").unwrap();
    let image = of_one_layer(&layer);
    std::fs::write(&layer, "lay").unwrap();
    let (account, repository, tag) = account::tests::with_repository().await;
    let error = push(&account.aws.ecr, &repository, &tag, &image)
        .await
        .unwrap_err();
    insta::assert_snapshot!(error, @"cannot read the blob sha256:dac1d7cfa95021764849fd102524e141488c5e3a90f861dbb5a12d9ac8584f85: early eof");
}
