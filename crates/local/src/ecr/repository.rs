//! What one repository holds, and how a change alters it.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::manifest::Manifest;
use super::request::ImageId;
use super::state::{Change, Image, Repository};

impl Repository {
    /// The digest that `id` names: the tag's if there is a tag (and equal to the digest where both are
    /// there), or none.
    pub(crate) fn resolve(&self, id: &ImageId) -> Option<&str> {
        let by_tag = id.tag.as_ref().map(|tag| self.tags.get(tag));
        match (&id.digest, by_tag) {
            (Some(digest), None) => self
                .images
                .get_key_value(digest)
                .map(|(digest, _)| digest.as_str()),
            (None, Some(found)) => found.map(String::as_str),
            (Some(digest), Some(found)) => {
                found.filter(|found| *found == digest).map(String::as_str)
            }
            (None, None) => None,
        }
    }

    pub(crate) fn image(&self, id: &ImageId) -> Option<(&str, &Image)> {
        let digest = self.resolve(id)?;
        self.images.get(digest).map(|image| (digest, image))
    }

    /// The images whose manifest names this blob: only such a blob is downloadable and mountable.
    pub(crate) fn referrers_of_blob<'a>(&'a self, digest: &str) -> impl Iterator<Item = &'a Image> {
        self.named(digest)
            .filter(|image| !image.manifest.is_index())
    }

    /// Whether an index of this repository holds the image as its child.
    pub(crate) fn is_child(&self, digest: &str) -> bool {
        self.named(digest).any(|image| image.manifest.is_index())
    }

    fn named<'a>(&'a self, digest: &str) -> impl Iterator<Item = &'a Image> {
        let manifests = self.named_by.get(digest).into_iter().flatten();
        manifests.filter_map(|manifest| self.images.get(manifest))
    }

    pub(super) fn apply(&mut self, change: Change) {
        match change {
            Change::LayerLinked { digest, size, .. } => drop(self.layers.insert(digest, size)),
            Change::ImagePut {
                digest,
                media_type,
                manifest,
                at,
                ..
            } => self.put_image(digest, &media_type, &manifest, at),
            Change::TagPut { tag, digest, .. } => self.put_tag(tag, digest),
            Change::TagRemoved { tag, .. } => self.remove_tag(&tag),
            Change::ImageDeleted { digest, .. } => self.delete_image(&digest),
            Change::Archived { digest, at, .. } => {
                self.alter(&digest, |image| image.archived_at = Some(at));
            }
            Change::Activated { digest, at, .. } => self.alter(&digest, |image| {
                image.archived_at = None;
                image.activated_at = Some(at);
            }),
            Change::Scanned {
                digest,
                scan,
                started,
                ..
            } => self.alter(&digest, |image| {
                image.scan = Some(scan);
                image.scan_started_at = started.or(image.scan_started_at);
            }),
            // The other changes do not belong to a repository.
            _ => {}
        }
    }

    fn alter(&mut self, digest: &str, act: impl FnOnce(&mut Image)) {
        if let Some(image) = self.images.get_mut(digest) {
            act(image);
        }
    }

    fn put_image(
        &mut self,
        digest: String,
        media_type: &str,
        text: &str,
        pushed_at: DateTime<Utc>,
    ) {
        let Ok(manifest) = Manifest::read(text, Some(media_type)) else {
            return;
        };
        let image = Image {
            text: Arc::from(text),
            manifest,
            tags: BTreeSet::new(),
            pushed_at,
            archived_at: None,
            activated_at: None,
            scan: None,
            scan_started_at: None,
            pulled_at: None,
        };
        for named in image.manifest.names() {
            self.named_by
                .entry(named.to_owned())
                .or_default()
                .insert(digest.clone());
        }
        self.images.entry(digest).or_insert(image);
    }

    fn delete_image(&mut self, digest: &str) {
        let Some(image) = self.images.remove(digest) else {
            return;
        };
        for tag in &image.tags {
            self.tags.remove(tag);
        }
        for named in image.manifest.names() {
            if let Some(manifests) = self.named_by.get_mut(named) {
                manifests.remove(digest);
                if manifests.is_empty() {
                    self.named_by.remove(named);
                }
            }
        }
    }

    /// Moving a tag takes it from the image it stood on (ECR user guide, "Retagging an image").
    fn put_tag(&mut self, tag: String, digest: String) {
        self.remove_tag(&tag);
        self.alter(&digest, |image| {
            image.tags.insert(tag.clone());
        });
        self.tags.insert(tag, digest);
    }

    fn remove_tag(&mut self, tag: &str) {
        if let Some(digest) = self.tags.remove(tag) {
            self.alter(&digest, |image| {
                image.tags.remove(tag);
            });
        }
    }
}
