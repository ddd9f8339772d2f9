//! Files of a folder that comes from anywhere: regular ones alone, and never more than was asked for.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use ecr_promoter_core::Digest;
use sha2::{Digest as _, Sha256};

/// How much of a blob is read at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// A file's bytes, an error if there are more than `bytes_max`.
pub(super) fn read(path: &Path, bytes_max: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = bytes_max as u64 + 1;
    open(path)?.take(limit).read_to_end(&mut bytes)?;
    if bytes.len() > bytes_max {
        let problem = format!("expected at most {bytes_max} bytes, found more");
        return Err(io::Error::other(problem));
    }
    Ok(bytes)
}

/// The digest of a file's bytes, a chunk at a time.
pub(super) fn hash(mut file: File) -> io::Result<Digest> {
    let mut hash = Sha256::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = file.read(&mut chunk)?;
        match chunk.get(..read) {
            None | Some([]) => return Ok(Digest::from_sha256(hash.finalize().into())),
            Some(bytes) => hash.update(bytes),
        }
    }
}

/// Opens a regular file: a pipe or a device would never end.
pub(super) fn open(path: &Path) -> io::Result<File> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other(
            "expected a regular file, found something else",
        ));
    }
    File::open(path)
}
