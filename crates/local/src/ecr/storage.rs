//! Archive and restore: `UpdateImageStorageClass`. A restore takes up to some 20 minutes at AWS; here it is
//! over when the call is answered.

use serde_json::json;

use super::error::Refusal;
use super::events::{Action, Image as EventOf};
use super::request::Request;
use super::state::Change;
use super::{Ecr, Outcome};

impl Ecr {
    pub(super) fn update_image_storage_class(&self, request: &Request) -> Outcome {
        let place = self.place_of(request)?;
        let id = request.image_id()?;
        let archive = match request.required("targetStorageClass")? {
            "ARCHIVE" => true,
            "STANDARD" => false,
            _ => {
                return Err(Refusal::parameter(
                    "targetStorageClass",
                    "must be one of STANDARD, ARCHIVE",
                ));
            }
        };
        let now = self.now();
        let mut journal = self.journal();
        let found = journal.state.repository(&place)?.image(&id);
        let (digest, image) = found.ok_or_else(|| Refusal::ImageNotFound {
            id: id.clone(),
            place: place.clone(),
        })?;
        if archive == image.archived_at.is_some() {
            return Err(Refusal::StorageClassUpdateNotSupported {
                id,
                status: image.status(),
            });
        }
        let (repository, digest, manifest) = (
            place.repository.clone(),
            digest.to_owned(),
            image.manifest.clone(),
        );
        let (change, status, action) = if archive {
            (
                Change::Archived {
                    repository,
                    digest: digest.clone(),
                    at: now,
                },
                "ARCHIVED",
                Action::Archive,
            )
        } else {
            (
                Change::Activated {
                    repository,
                    digest: digest.clone(),
                    at: now,
                },
                "ACTIVATING",
                Action::Restore { activated_at: now },
            )
        };
        Self::commit(&mut journal, vec![change])?;
        let opened = journal.state.opened;
        drop(journal);
        self.raise(
            opened,
            &EventOf {
                action,
                repository: &place.repository,
                digest: &digest,
                tag: None,
                manifest: &manifest,
            },
        );
        let mut answer = place.answer();
        answer.insert("imageId".to_owned(), id.json());
        answer.insert("imageStatus".to_owned(), json!(status));
        Ok(serde_json::Value::Object(answer))
    }
}
