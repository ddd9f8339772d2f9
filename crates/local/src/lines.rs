//! A file of JSON lines that is only ever added to, and now and then replaced whole.
//!
//! What was written survives the end of the process, not of the machine: nothing is synced.

use std::{
    borrow::Borrow,
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use serde_json::Value;

/// The open file.
#[derive(Debug)]
pub(crate) struct Lines {
    path: PathBuf,
    file: File,
    /// Lines in the file now: the owner replaces the file when they are many more than what they stand for.
    pub(crate) count: usize,
}

impl Lines {
    /// Opens a file and reads what it holds. A last line that a crash cut short is cut off, so that the next one
    /// does not become a part of it.
    pub(crate) fn open(path: &Path) -> io::Result<(Vec<Value>, Self)> {
        let (values, length) = match File::open(path) {
            Ok(file) => read(file, path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => (Vec::new(), 0),
            Err(error) => return Err(error),
        };
        let file = append_to(path)?;
        file.set_len(length)?;
        let path = path.to_owned();
        let count = values.len();
        Ok((values, Self { path, file, count }))
    }

    /// Adds a line. A failure is logged: what is in memory stays.
    pub(crate) fn append(&mut self, value: &Value) {
        let line = format!("{value}\n");
        self.count += 1;
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            tracing::error!(path = %self.path.display(), %error, "cannot write");
        }
    }

    /// Puts these lines in the place of all there are, at once.
    pub(crate) fn replace(&mut self, values: &[impl Borrow<Value>]) {
        let attempt = || -> io::Result<File> {
            let temporary = self.path.with_extension("new");
            let mut writer = BufWriter::new(File::create(&temporary)?);
            for value in values {
                let value: &Value = value.borrow();
                writeln!(writer, "{value}")?;
            }
            writer.flush()?;
            fs::rename(&temporary, &self.path)?;
            append_to(&self.path)
        };
        match attempt() {
            Ok(file) => {
                self.file = file;
                self.count = values.len();
            }
            Err(error) => tracing::error!(path = %self.path.display(), %error, "cannot rewrite"),
        }
    }
}

/// The values of all lines that are whole, and how many bytes those have.
fn read(file: File, path: &Path) -> io::Result<(Vec<Value>, u64)> {
    let (mut values, mut length, mut line) = (Vec::new(), 0, Vec::new());
    let mut reader = BufReader::new(file);
    while reader.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
        match serde_json::from_slice(&line) {
            Ok(value) => values.push(value),
            Err(error) => tracing::warn!(path = %path.display(), %error, "skipped a line"),
        }
        length += line.len() as u64;
        line.clear();
    }
    Ok((values, length))
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_and_a_torn_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        let (none, mut lines) = Lines::open(&path).unwrap();
        assert!(none.is_empty());
        lines.append(&Value::from(1));
        lines.replace(&[Value::from(2), Value::from(3)]);
        lines.append(&Value::from(4));
        fs::write(
            &path,
            [fs::read(&path).unwrap(), b"{\"torn\":".to_vec()].concat(),
        )
        .unwrap();
        let (whole, mut lines) = Lines::open(&path).unwrap();
        assert_eq!(whole, [2, 3, 4].map(Value::from));
        lines.append(&Value::from(5));
        assert_eq!(Lines::open(&path).unwrap().0, [2, 3, 4, 5].map(Value::from));
    }
}
