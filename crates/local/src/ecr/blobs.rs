//! Blobs on disk: one file for each digest, whichever repositories hold it, and a staging file for each
//! upload. Also the signed download addresses. Must not decide who may read what.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use super::names::is_digest;
use super::state::State;

/// Where the download host keeps blobs.
pub(crate) const BLOBS_PREFIX: &str = "/_blobs/";

/// How long a download address is good for, in seconds. AWS names no number; clients have to ask again.
const URL_SECONDS: i64 = 3600;
const DATE: &str = "%Y%m%dT%H%M%SZ";

/// The folder of the blobs.
#[derive(Debug)]
pub(crate) struct Blobs {
    blobs: PathBuf,
    uploads: PathBuf,
}

impl Blobs {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let this = Self {
            blobs: folder.join("blobs"),
            uploads: folder.join("uploads"),
        };
        fs::create_dir_all(&this.blobs)?;
        fs::create_dir_all(&this.uploads)?;
        Ok(this)
    }

    /// Removes what no repository and no open upload needs any more.
    pub(super) fn sweep(&self, state: &State) -> io::Result<()> {
        let layers = state
            .repositories
            .values()
            .flat_map(|repository| repository.layers.keys());
        let linked: BTreeSet<String> = layers.map(|digest| file_name(digest)).collect();
        remove_all_but(&self.blobs, |name| linked.contains(name))?;
        remove_all_but(&self.uploads, |name| state.uploads.contains_key(name))
    }

    /// Opens a blob, where it is here.
    pub(crate) fn read(&self, digest: &str) -> io::Result<Option<File>> {
        if !is_digest(digest) {
            return Ok(None);
        }
        match File::open(self.blobs.join(file_name(digest))) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn stage(&self, upload: &str) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.uploads.join(upload))
    }

    /// Makes a finished upload the blob that it is; its staging file stays until it is dropped. A blob that is
    /// here already is the same bytes.
    pub(super) fn keep(&self, upload: &str, digest: &str) -> io::Result<()> {
        let blob = self.blobs.join(file_name(digest));
        match fs::hard_link(self.uploads.join(upload), blob) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }

    pub(super) fn drop_stage(&self, upload: &str) -> io::Result<()> {
        match fs::remove_file(self.uploads.join(upload)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// `sha256:` becomes `sha256-`: a colon is not allowed in file names everywhere.
fn file_name(digest: &str) -> String {
    digest.replace(':', "-")
}

fn remove_all_but(folder: &Path, keep: impl Fn(&str) -> bool) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().to_str().is_some_and(&keep) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// `sha256:` and the hexadecimal digest of some bytes.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    digest_of(Sha256::new_with_prefix(bytes))
}

pub(super) fn digest_of(hasher: Sha256) -> String {
    hasher
        .finalize()
        .iter()
        .fold(String::from("sha256:"), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// A download address: it is the permission itself, so no credentials go with it.
#[derive(Debug)]
pub(crate) struct Signed<'a> {
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
}

/// What is wrong with a download address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsigned {
    Denied,
    Expired,
}

impl Signed<'_> {
    /// The address of a blob, good from `now` on.
    pub(crate) fn url(host: &str, repository: &str, digest: &str, now: DateTime<Utc>) -> String {
        let path = format!("{BLOBS_PREFIX}{repository}/{digest}");
        let date = now.format(DATE).to_string();
        let signature = signature(&path, &date);
        format!(
            "{host}{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={date}&X-Amz-SignedHeaders=host&X-Amz-Expires={URL_SECONDS}&X-Amz-Signature={signature}"
        )
    }

    pub(crate) fn check(&self, now: DateTime<Utc>) -> Result<(), Unsigned> {
        let of = |name: &str| {
            self.query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .find(|(key, _)| *key == name)
        };
        let (Some((_, date)), Some((_, given))) = (of("X-Amz-Date"), of("X-Amz-Signature")) else {
            return Err(Unsigned::Denied);
        };
        let signed_at = NaiveDateTime::parse_from_str(date, DATE)
            .map_err(|_| Unsigned::Denied)?
            .and_utc();
        if given != signature(self.path, date) {
            return Err(Unsigned::Denied);
        }
        if now.signed_duration_since(signed_at) >= TimeDelta::seconds(URL_SECONDS) {
            Err(Unsigned::Expired)
        } else {
            Ok(())
        }
    }
}

/// No secret: it only has to be a value that cannot be guessed.
fn signature(path: &str, date: &str) -> String {
    sha256(format!("{path}\n{date}\n{URL_SECONDS}").as_bytes())
        .trim_start_matches("sha256:")
        .to_owned()
}
