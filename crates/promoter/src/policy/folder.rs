//! The policy files of folders, and what of a folder is left out.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::files::format_of;

/// The most policy files of a folder, those of the folders in it counted.
const FILES_MAX: usize = 10_000;
/// The most levels of folders.
const LEVELS_MAX: usize = 16;

/// The policy files of a folder and of the folders in it, in the order of their paths. What is hidden is left out, and
/// so is a folder that a link names: it may lie above this one.
pub(crate) fn in_folder(folder: &Path) -> io::Result<Vec<PathBuf>> {
    walk(folder).map(|walked| walked.files)
}

/// A line for each thing in these folders that is left out and may hold policies.
pub(crate) fn left_out(paths: &[PathBuf]) -> Vec<String> {
    let folders = paths.iter().filter(|path| path.is_dir());
    let walked = folders.filter_map(|folder| walk(folder).ok());
    walked.flat_map(|walked| walked.left_out).collect()
}

/// What a folder holds.
#[derive(Default)]
struct Walked {
    files: Vec<PathBuf>,
    left_out: Vec<String>,
}

impl Walked {
    fn leave_out(&mut self, path: &Path, why: &str) {
        self.left_out
            .push(format!("{}: skipped: {why}", path.display()));
    }
}

/// Whether a hidden entry may hold policies; a clone's own folder does not.
fn may_hold_policies(path: &Path) -> bool {
    if path.is_dir() {
        path.file_name().is_some_and(|name| name != ".git")
    } else {
        format_of(path).is_some()
    }
}

fn walk(folder: &Path) -> io::Result<Walked> {
    let mut walked = Walked::default();
    let mut folders = vec![(folder.to_owned(), 1)];
    while let Some((folder, level)) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_name().to_string_lossy().starts_with('.') {
                if may_hold_policies(&path) {
                    walked.leave_out(&path, "its name begins with a dot");
                }
                continue;
            }
            if entry.file_type()?.is_symlink() && path.is_dir() {
                walked.leave_out(&path, "it is a link to a folder");
            } else if entry.file_type()?.is_dir() {
                if level >= LEVELS_MAX {
                    let text = format!(
                        "expected at most {LEVELS_MAX} levels of folders, found more at {}",
                        path.display()
                    );
                    return Err(io::Error::other(text));
                }
                folders.push((path, level + 1));
            } else if format_of(&path).is_some() && path.is_file() {
                walked.files.push(path);
            }
            if walked.files.len() > FILES_MAX {
                let text = format!("expected at most {FILES_MAX} policy files, found more");
                return Err(io::Error::other(text));
            }
        }
    }
    walked.files.sort();
    walked.left_out.sort();
    Ok(walked)
}

#[cfg(test)]
mod tests;
