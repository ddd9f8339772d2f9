//! What a test does to repositories and images by hand, and what it sees of them.

use aws_sdk_ecr::types::ImageIdentifier;

use crate::world::World;

impl World {
    pub async fn repository(&self, name: &str) {
        self.aws
            .ecr
            .create_repository()
            .repository_name(name)
            .send()
            .await
            .unwrap();
    }

    /// Makes a repository's tags immutable.
    pub async fn immutable(&self, name: &str) {
        self.aws
            .ecr
            .put_image_tag_mutability()
            .repository_name(name)
            .image_tag_mutability(aws_sdk_ecr::types::ImageTagMutability::Immutable)
            .send()
            .await
            .unwrap();
    }

    pub async fn delete_repository(&self, name: &str) {
        let delete = self
            .aws
            .ecr
            .delete_repository()
            .repository_name(name)
            .force(true);
        delete.send().await.unwrap();
    }

    pub async fn delete_image(&self, repository: &str, digest: &str) {
        let id = ImageIdentifier::builder().image_digest(digest);
        self.delete(repository, id.build()).await;
    }

    pub async fn untag(&self, repository: &str, tag: &str) {
        let id = ImageIdentifier::builder().image_tag(tag);
        self.delete(repository, id.build()).await;
    }

    async fn delete(&self, repository: &str, id: ImageIdentifier) {
        let delete = self
            .aws
            .ecr
            .batch_delete_image()
            .repository_name(repository)
            .image_ids(id);
        let answer = delete.send().await.unwrap();
        assert!(answer.failures().is_empty(), "{answer:?}");
    }

    pub async fn archive(&self, repository: &str, digest: &str) {
        self.store(
            repository,
            digest,
            aws_sdk_ecr::types::TargetStorageClass::Archive,
        )
        .await;
    }

    pub async fn restore(&self, repository: &str, digest: &str) {
        self.store(
            repository,
            digest,
            aws_sdk_ecr::types::TargetStorageClass::Standard,
        )
        .await;
    }

    async fn store(
        &self,
        repository: &str,
        digest: &str,
        class: aws_sdk_ecr::types::TargetStorageClass,
    ) {
        let id = ImageIdentifier::builder().image_digest(digest).build();
        let update = self
            .aws
            .ecr
            .update_image_storage_class()
            .repository_name(repository);
        update
            .image_id(id)
            .target_storage_class(class)
            .send()
            .await
            .unwrap();
    }

    /// A manifest of a repository, as it is stored.
    pub async fn manifest(&self, repository: &str, digest: &str) -> Option<String> {
        let id = ImageIdentifier::builder().image_digest(digest).build();
        let get = self
            .aws
            .ecr
            .batch_get_image()
            .repository_name(repository)
            .image_ids(id);
        let images = get.send().await.unwrap().images.unwrap_or_default();
        images
            .into_iter()
            .next()
            .and_then(|image| image.image_manifest)
    }
}
