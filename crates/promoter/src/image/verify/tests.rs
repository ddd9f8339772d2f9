use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector,
};
use ecr_promoter_local::BLOBS_HOST_IN_PROCESS;

use super::*;
use crate::{
    image::{push::push, sample},
    local::account,
};

/// A storage that answers every download with other bytes.
#[derive(Debug)]
struct OtherBytes(SharedHttpConnector, &'static str);

impl HttpConnector for OtherBytes {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let blob = request.uri().contains(BLOBS_HOST_IN_PROCESS);
        let (answer, bytes) = (self.0.call(request), self.1);
        HttpConnectorFuture::new(async move {
            let mut answer = answer.await?;
            if blob {
                *answer.body_mut() = bytes.into();
            }
            Ok(answer)
        })
    }
}

#[tokio::test]
async fn an_image_is_read_back_whole() {
    let (account, repository, tag) = account::tests::with_repository().await;
    let image = sample::image("1.4").unwrap();
    push(&account.aws.ecr, &repository, &tag, &image)
        .await
        .unwrap();
    let verified = read_back(&account.aws, &repository, &tag).await.unwrap();
    let summary = image.summary();
    assert_eq!(
        verified,
        Verified {
            digest: image.digest().clone(),
            manifests: summary.manifests,
            blobs: summary.blobs,
            bytes: summary.bytes,
        }
    );
    assert!(
        holds(&account.aws, &repository, image.digest())
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn nothing_is_trusted() {
    let (account, repository, tag) = account::tests::with_repository().await;
    let absent = read_back(&account.aws, &repository, &tag)
        .await
        .unwrap_err();
    let image = sample::image("1.4").unwrap();
    assert!(
        !holds(&account.aws, &repository, image.digest())
            .await
            .unwrap()
    );
    push(&account.aws.ecr, &repository, &tag, &image)
        .await
        .unwrap();
    let mut told = format!("absent: {absent}\n");
    let longer = "x".repeat(10_000).leak();
    for (case, bytes) in [("short", "other"), ("long", longer)] {
        let mut aws = account.aws.clone();
        let connector = OtherBytes(aws.seam.connector, bytes);
        aws.seam.connector = SharedHttpConnector::new(connector);
        let error = read_back(&aws, &repository, &tag).await.unwrap_err();
        told = format!("{told}{case}: {error}\n");
    }
    let none = Repository::parse("dev/none").unwrap();
    let error = read_back(&account.aws, &none, &tag).await.unwrap_err();
    told = format!("{told}no repository: {error}\n");
    insta::assert_snapshot!(told, @"
    absent: dev/website does not have the tag 1.4: Requested image not found
    short: dev/website has the blob sha256:619e8366e7196a41b39d21c1b439d2a45bdecb73fd5efa62eafb28b54bf5d1d9, but its bytes are broken: expected 583 bytes, found 5 bytes with the digest sha256:d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa
    long: dev/website has the blob sha256:619e8366e7196a41b39d21c1b439d2a45bdecb73fd5efa62eafb28b54bf5d1d9, but its bytes are broken: expected 583 bytes, found 10000 bytes with the digest sha256:e4ee97ec252749d2096447e849628d0d7734f51700416eefbb33574bf0b3ee75
    no repository: cannot read the tag 1.4 in dev/none: The repository with name 'dev/none' does not exist in the registry with id '000000000000' (RepositoryNotFoundException)
    ");
}
