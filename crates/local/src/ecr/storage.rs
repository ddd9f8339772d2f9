//! Archive and restore: `UpdateImageStorageClass`. A restore takes up to some 20 minutes at AWS; here it is
//! over when the call is answered.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::error::{Place, Refusal};
use super::events::{Action, Image as EventOf};
use super::request::Request;
use super::state::Change;
use super::{Ecr, Outcome};

impl Ecr {
    pub(super) fn update_image_storage_class(&self, request: &Request) -> Outcome {
        let place = self.place_of(request)?;
        let id = request.image_id()?;
        let archive = wants_archive(request)?;
        let at = self.now();
        let mut journal = self.journal();
        let (digest, image) = journal.state.image(&place, &id)?;
        if archive == image.archived_at.is_some() {
            return Err(Refusal::StorageClassUpdateNotSupported {
                id,
                status: image.status(),
            });
        }
        let (digest, manifest) = (digest.to_owned(), image.manifest.clone());
        let change = change(&place, &digest, archive, at);
        let (status, action) = if archive {
            ("ARCHIVED", Action::Archive)
        } else {
            ("ACTIVATING", Action::Restore { activated_at: at })
        };
        let event = EventOf {
            action,
            repository: &place.repository,
            digest: &digest,
            tag: None,
            manifest: &manifest,
        };
        let events = vec![self.event(&journal, &event)];
        Self::commit_with(&mut journal, vec![change], &events)?;
        drop(journal);
        self.raise(events);
        let mut answer = place.answer();
        answer.insert("imageId".to_owned(), id.json());
        answer.insert("imageStatus".to_owned(), json!(status));
        Ok(serde_json::Value::Object(answer))
    }
}

fn wants_archive(request: &Request) -> Result<bool, Refusal> {
    match request.required("targetStorageClass")? {
        "ARCHIVE" => Ok(true),
        "STANDARD" => Ok(false),
        _ => Err(Refusal::parameter(
            "targetStorageClass",
            "must be one of STANDARD, ARCHIVE",
        )),
    }
}

fn change(place: &Place, digest: &str, archive: bool, at: DateTime<Utc>) -> Change {
    let (repository, digest) = (place.repository.clone(), digest.to_owned());
    if archive {
        Change::Archived {
            repository,
            digest,
            at,
        }
    } else {
        Change::Activated {
            repository,
            digest,
            at,
        }
    }
}
