//! Folders as people keep them.

use super::*;

#[test]
fn policies_in_subfolders_were_skipped_without_a_word() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("team.json/web")).unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    std::fs::create_dir(folder.path().join(".team")).unwrap();
    for name in [
        "b.yaml",
        "a.json",
        "c.YML",
        "notes.txt",
        ".hidden.json",
        ".team/policy.json",
        ".git/config.json",
        "team.json/d.json",
        "team.json/web/a.yaml",
    ] {
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path(), folder.path().join("team.json/circle")).unwrap();
    let files = in_folder(folder.path()).unwrap();
    let names: Vec<_> = files
        .iter()
        .map(|path| path.strip_prefix(folder.path()).unwrap().to_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "a.json",
            "b.yaml",
            "c.YML",
            "team.json/d.json",
            "team.json/web/a.yaml"
        ]
    );
    // What may hold policies is not left out without a word.
    let told = left_out(&[folder.path().to_owned(), folder.path().join("a.json")]);
    let start = format!("{}/", folder.path().display());
    let told: Vec<_> = told.iter().map(|line| line.replace(&start, "")).collect();
    assert_eq!(
        told,
        [
            ".hidden.json: skipped: its name begins with a dot",
            ".team: skipped: its name begins with a dot",
            "team.json/circle: skipped: it is a link to a folder",
        ]
    );
}

#[test]
fn folders_within_folders_have_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let deep: std::path::PathBuf = std::iter::repeat_n("f", LEVELS_MAX).collect();
    std::fs::create_dir_all(folder.path().join(deep)).unwrap();
    let error = in_folder(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("expected at most 16 levels of folders, found more at "),
        "{error}"
    );
}
