//! Upload sessions, for layer parts and for the registry's HTTP uploads alike. Bytes go to a staging file
//! and through the hash as they come; never is a blob held in memory. Only what was acknowledged counts:
//! an interrupted writer's bytes are overwritten by the next.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, PoisonError};

use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex, MutexGuard};

use super::Ecr;
use super::blobs::digest_of;
use super::error::{Place, Refusal};
use super::names::{invalid_digest, is_digest};
use super::state::{Change, Upload};

/// The part size that ECR asks for, and the smallest PATCH but the last: 10 MiB (`InitiateLayerUpload` answers
/// it as `partSize`, the registry as `OCI-Chunk-Min-Length`).
pub(crate) const PART_BYTES: u64 = 10 * 1024 * 1024;
/// The smallest layer part but the last: 5 MiB (ECR service quotas, "Minimum layer part size").
pub(crate) const PART_BYTES_MIN: u64 = 5 * 1024 * 1024;
/// Largest layer (ECR service quotas, "Maximum layer size": 52,000 MiB).
const LAYER_BYTES_MAX: u64 = 52_000 * 1024 * 1024;
/// ECR service quotas, "Layer parts".
const PARTS_MAX: u64 = 4_200;
/// Staging files kept open without a writer. One that is closed is taken up from the disk again.
const SESSIONS_MAX: usize = 128;
/// Read at once when a staged upload is hashed again after a restart.
const CHUNK_BYTES: usize = 64 * 1024;

/// One session's staging file; one writer at a time.
#[derive(Debug)]
pub(crate) struct Session {
    sink: Mutex<Sink>,
}

/// Where an upload's bytes go.
#[derive(Debug)]
struct Sink {
    file: File,
    hasher: Sha256,
    length: u64,
    /// Hash and length of what was acknowledged.
    kept: (Sha256, u64),
}

impl Sink {
    /// Takes up the first `length` bytes of a staging file.
    fn open(mut file: File, length: u64) -> io::Result<Self> {
        let (mut hasher, mut left) = (Sha256::new(), length);
        let mut chunk = vec![0; CHUNK_BYTES];
        while left > 0 {
            let wanted = usize::try_from(left)
                .unwrap_or(CHUNK_BYTES)
                .min(CHUNK_BYTES);
            let part = chunk.get_mut(..wanted).unwrap_or_default();
            file.read_exact(part)?;
            hasher.update(&*part);
            left -= wanted as u64;
        }
        file.set_len(length)?;
        Ok(Self {
            file,
            kept: (hasher.clone(), length),
            hasher,
            length,
        })
    }

    /// Writes to the page cache: a hop to another thread would cost more than the write itself.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn rewind(&mut self) -> io::Result<()> {
        (self.hasher, self.length) = self.kept.clone();
        self.file.set_len(self.length)?;
        self.file.seek(SeekFrom::Start(self.length)).map(drop)
    }

    fn keep(&mut self) {
        self.kept = (self.hasher.clone(), self.length);
    }
}

/// A session held by its one writer.
pub(crate) struct Writer<'a> {
    ecr: &'a Ecr,
    place: &'a Place,
    id: &'a str,
    sink: MutexGuard<'a, Sink>,
    upload: Upload,
}

impl Ecr {
    pub(crate) fn open_upload(&self, place: &Place) -> Result<String, Refusal> {
        let mut journal = self.journal();
        journal.state.repository(place)?;
        let upload = self.fresh_id(journal.state.opened);
        let opened = Change::UploadOpened {
            upload: upload.clone(),
            repository: place.repository.clone(),
        };
        Self::commit(&mut journal, vec![opened])?;
        Ok(upload)
    }

    pub(crate) fn upload(&self, place: &Place, upload: &str) -> Result<Upload, Refusal> {
        let journal = self.journal();
        journal.state.repository(place)?;
        let found = journal
            .state
            .uploads
            .get(upload)
            .filter(|found| found.repository == place.repository);
        found.cloned().ok_or_else(|| Refusal::UploadNotFound {
            upload: upload.to_owned(),
            place: place.clone(),
        })
    }

    /// The session of an upload; after a restart it is taken up from the disk.
    pub(crate) fn session(&self, place: &Place, upload: &str) -> Result<Arc<Session>, Refusal> {
        let received = self.upload(place, upload)?.received;
        let mut sessions = self
            .0
            .sessions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = sessions.get(upload) {
            return Ok(Arc::clone(session));
        }
        if sessions.len() >= SESSIONS_MAX {
            sessions.retain(|_, session| Arc::strong_count(session) > 1);
        }
        let sink = Mutex::new(Sink::open(self.blobs().stage(upload)?, received)?);
        let session = Arc::new(Session { sink });
        sessions.insert(upload.to_owned(), Arc::clone(&session));
        Ok(session)
    }

    pub(crate) fn close_upload(&self, place: &Place, upload: &str) -> Result<(), Refusal> {
        self.upload(place, upload)?;
        self.forget(upload);
        let closed = Change::UploadClosed {
            upload: upload.to_owned(),
        };
        Self::commit(&mut self.journal(), vec![closed])?;
        Ok(self.blobs().drop_stage(upload)?)
    }

    fn forget(&self, upload: &str) {
        self.0
            .sessions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(upload);
    }
}

impl Session {
    /// Waits for the session and discards what an interrupted writer left.
    pub(crate) async fn writer<'a>(
        &'a self,
        ecr: &'a Ecr,
        place: &'a Place,
        id: &'a str,
    ) -> Result<Writer<'a>, Refusal> {
        let mut sink = self.sink.lock().await;
        // Read only now: the writer before us may have finished the upload.
        let upload = ecr.upload(place, id)?;
        sink.rewind()?;
        Ok(Writer {
            ecr,
            place,
            id,
            sink,
            upload,
        })
    }
}

impl Writer<'_> {
    pub(crate) fn upload(&self) -> &Upload {
        &self.upload
    }

    /// Takes bytes that are not acknowledged yet.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        if self.sink.length.saturating_add(bytes.len() as u64) > LAYER_BYTES_MAX {
            return Err(Refusal::LimitExceeded {
                what: format!("The layer is larger than {LAYER_BYTES_MAX} bytes"),
            });
        }
        Ok(self.sink.write(bytes)?)
    }

    /// How many bytes are not acknowledged yet.
    pub(crate) fn pending(&self) -> u64 {
        self.sink.length - self.upload.received
    }

    /// An upload without a byte is refused, whatever it would have become.
    pub(crate) fn check_not_empty(&self) -> Result<(), Refusal> {
        if self.sink.length > 0 {
            return Ok(());
        }
        Err(Refusal::EmptyUpload {
            upload: self.id.to_owned(),
        })
    }

    /// Acknowledges what was written as one part. All parts but the last have `minimum` bytes.
    pub(crate) fn acknowledge(mut self, minimum: u64) -> Result<Upload, Refusal> {
        if self.upload.parts >= PARTS_MAX {
            return Err(Refusal::LimitExceeded {
                what: format!("The layer has more than {PARTS_MAX} parts"),
            });
        }
        let (upload, bytes) = (self.id.to_owned(), self.pending());
        Ecr::commit(
            &mut self.ecr.journal(),
            vec![Change::UploadGrew {
                upload,
                bytes,
                minimum,
            }],
        )?;
        self.sink.keep();
        self.ecr.upload(self.place, self.id)
    }

    /// Makes the upload, and what was written last, the repository's layer. On an error the session stays
    /// as it was acknowledged.
    pub(crate) fn finish(self, digest: &str, minimum: u64) -> Result<(), Refusal> {
        if !is_digest(digest) {
            return Err(invalid_digest("layerDigests"));
        }
        let short = self.pending() > 0 && self.upload.parts > 0 && self.upload.last_part < minimum;
        if let Some(minimum) = self.upload.too_small.or(short.then_some(minimum)) {
            return Err(Refusal::LayerPartTooSmall { minimum });
        }
        self.check_not_empty()?;
        let computed = digest_of(self.sink.hasher.clone());
        if computed != digest {
            return Err(Refusal::InvalidLayer {
                given: digest.to_owned(),
                computed,
            });
        }
        // The blob first, the staging file last: a kill in between leaves a file that no repository links and an
        // upload that can be finished, or a staging file that no upload needs.
        self.ecr.blobs().keep(self.id, digest)?;
        let linked = Change::LayerLinked {
            repository: self.place.repository.clone(),
            digest: digest.to_owned(),
            size: self.sink.length,
        };
        Ecr::commit(
            &mut self.ecr.journal(),
            vec![
                linked,
                Change::UploadClosed {
                    upload: self.id.to_owned(),
                },
            ],
        )?;
        self.ecr.forget(self.id);
        Ok(self.ecr.blobs().drop_stage(self.id)?)
    }
}

#[cfg(test)]
mod tests;
