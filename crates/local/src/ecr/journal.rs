//! Keeps the state on disk: an append-only file with one JSON line for each acknowledged call, replayed when
//! the folder is opened again. A line counts once it ends with its newline; what a killed process left
//! after it is cut off.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::Path;

use super::state::{Change, State};

/// The state and the file that remembers it.
#[derive(Debug)]
pub(crate) struct Journal {
    pub(crate) state: State,
    file: File,
    length: u64,
}

impl Journal {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        // Not `append`: a torn line is overwritten from its beginning.
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        file.try_lock().map_err(|cause| {
            let text = format!(
                "cannot lock \"{}\": {cause}; another process uses this folder",
                path.display()
            );
            io::Error::new(io::ErrorKind::ResourceBusy, text)
        })?;
        let (state, length) = replay(&file, path)?;
        file.set_len(length)?;
        let mut journal = Self {
            state,
            file,
            length,
        };
        journal.commit(vec![Change::Opened])?;
        Ok(journal)
    }

    /// Writes the changes of one call as one line, then applies them. A failed write changes nothing.
    pub(crate) fn commit(&mut self, changes: Vec<Change>) -> io::Result<()> {
        let mut line = serde_json::to_vec(&changes).map_err(io::Error::other)?;
        line.push(b'\n');
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.write_all(&line)?;
        self.length += line.len() as u64;
        for change in changes {
            self.state.apply(change);
        }
        Ok(())
    }
}

fn replay(file: &File, path: &Path) -> io::Result<(State, u64)> {
    let (mut state, mut length, mut line) = (State::default(), 0, Vec::new());
    let mut reader = BufReader::new(file);
    while reader.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
        let changes: Vec<Change> = serde_json::from_slice(&line).map_err(|cause| {
            let text = format!(
                "cannot read \"{}\" at byte {length}: {cause}; it was not written by this program",
                path.display()
            );
            io::Error::new(io::ErrorKind::InvalidData, text)
        })?;
        for change in changes {
            state.apply(change);
        }
        length += line.len() as u64;
        line.clear();
    }
    Ok((state, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_is_cut_off_and_nothing_before_it_is_lost() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let put = |value: &str| {
            vec![Change::SettingPut {
                name: "BLOB_MOUNTING".into(),
                value: value.into(),
            }]
        };
        let mut journal = Journal::open(&path).expect("opens");
        journal.commit(put("ENABLED")).expect("commits");
        assert!(Journal::open(&path).is_err(), "one process at a time");
        drop(journal);
        let mut file = OpenOptions::new().append(true).open(&path).expect("opens");
        file.write_all(b"[{\"setting_put\":{\"name\":\"BLOB_M")
            .expect("writes");
        let mut again = Journal::open(&path).expect("opens again");
        assert_eq!(
            (
                again.state.settings["BLOB_MOUNTING"].as_str(),
                again.state.opened
            ),
            ("ENABLED", 2)
        );
        again.commit(put("DISABLED")).expect("commits");
        drop(again);
        assert_eq!(
            Journal::open(&path).expect("opens").state.settings["BLOB_MOUNTING"],
            "DISABLED"
        );
    }
}
