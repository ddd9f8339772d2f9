//! The command as a process: what others script against.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Output, Stdio},
};

use crate::world::text;

pub(crate) const GOOD: &str =
    r#"{"source": "dev/website", "name": "stable", "target": {"repository": "qa/website"}}"#;

pub(crate) fn promoter(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_promoter"));
    command.args(arguments);
    for name in ["NO_COLOR", "PROMOTION_PATHS", "AWS_ENDPOINT_URL"] {
        command.env_remove(name);
    }
    command
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    promoter(arguments).output().unwrap()
}

#[test]
fn exit_statuses_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let good = file("good.json", GOOD);
    let bad = file("bad.json", "{}");
    let folder_name = folder.path().to_str().unwrap();
    for (case, arguments, status) in [
        ("a good policy", vec!["policy", "validate", &good], 0),
        (
            "within the paths",
            vec!["policy", "validate", &good, "--paths", "dev/* => qa/*"],
            0,
        ),
        ("the schema", vec!["policy", "schema"], 0),
        ("help", vec!["--help"], 0),
        ("a bad policy", vec!["policy", "validate", &good, &bad], 1),
        (
            "outside the paths",
            vec!["policy", "validate", &good, "--paths", "dev/* => prod/*"],
            1,
        ),
        (
            "no such policy",
            vec!["policy", "validate", "/none/at/all.json"],
            1,
        ),
        ("no image", vec!["demo", "--image", folder_name], 1),
        (
            "an address that cannot be used",
            vec!["local", "--listen", "nowhere"],
            1,
        ),
        (
            "an account that is none",
            vec!["local", "--listen", "127.0.0.1:0", "--account", "1"],
            1,
        ),
        (
            "paths that are none",
            vec!["policy", "validate", &good, "--paths", "dev/*"],
            2,
        ),
        ("no file", vec!["policy", "validate"], 2),
        ("no command", vec![], 2),
        ("an unknown command", vec!["demonstrate"], 2),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(status), "{case}: {output:?}");
        if status == 1 && arguments.first() != Some(&"policy") {
            assert!(
                text(&output.stderr).starts_with("error: "),
                "{case}: {output:?}"
            );
        }
    }
}

#[test]
fn stdin_is_a_file_too() {
    let mut child = promoter(&["policy", "validate", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(GOOD.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stdout), "1 valid policy in 1 file\n");
}

#[test]
fn the_samples_are_valid() {
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies");
    let output = run(&["policy", "validate", samples]);
    assert_eq!(text(&output.stderr), "");
    assert_eq!(text(&output.stdout), "5 valid policies in 5 files\n");
}

#[test]
fn the_demo_is_plain_in_a_pipe_and_coloured_on_demand() {
    let plain = run(&["demo"]);
    assert_eq!(plain.status.code(), Some(0), "{plain:?}");
    assert!(!text(&plain.stdout).contains('\u{1b}'), "{plain:?}");
    assert_eq!(text(&plain.stderr), "");
    let coloured = run(&["demo", "--color", "always"]);
    assert!(text(&coloured.stdout).contains('\u{1b}'), "{coloured:?}");
    let silent = promoter(&["demo"]).env("NO_COLOR", "1").output().unwrap();
    assert!(!text(&silent.stdout).contains('\u{1b}'), "{silent:?}");
}

#[test]
fn the_demo_fits_80_columns_and_names_the_promoted_digest_once_in_full() {
    let output = run(&["demo"]);
    let shown = text(&output.stdout);
    let wide = shown.lines().find(|line| line.chars().count() > 80);
    assert_eq!(wide, None, "{shown}");
    let full = |word: &&str| {
        word.strip_prefix("sha256:")
            .is_some_and(|hex| hex.len() == 64)
    };
    assert_eq!(shown.split_whitespace().filter(full).count(), 1, "{shown}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_left_a_folder_behind() {
    for (arguments, status) in [
        (vec!["demo"], 130),
        (vec!["local", "--listen", "127.0.0.1:0"], 0),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut child = promoter(&arguments)
            .env("TMPDIR", folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // By its first line it has opened its account.
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut String::new()).unwrap();
        let made = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(made, 1, "{arguments:?}: there is nothing to leave behind");
        signal("INT", &child.id().to_string());
        let ended = child.wait().unwrap();
        // 0 is a demonstration that was faster than the signal.
        assert!(
            [Some(status), Some(0)].contains(&ended.code()),
            "{arguments:?}: {ended}"
        );
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 0, "{arguments:?}");
    }
}

#[test]
fn the_version_names_the_commit() {
    let output = run(&["--version"]);
    let told = text(&output.stdout).trim_end().to_owned();
    let checkout = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.git");
    if !checkout.exists() {
        // Sources without their history have no commit to name.
        assert_eq!(told, concat!("promoter ", env!("CARGO_PKG_VERSION")));
        return;
    }
    let (version, commit) = told.split_once(" (").expect(&told);
    assert_eq!(version, concat!("promoter ", env!("CARGO_PKG_VERSION")));
    let (hash, date) = commit.split_once(' ').expect(&told);
    assert!(
        hash.len() >= 7 && hash.bytes().all(|b| b.is_ascii_hexdigit()),
        "{told}"
    );
    assert_eq!(date.len(), "2026-03-07)".len(), "{told}");
}

#[test]
fn every_shell_completes_the_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0), "{shell}");
        let script = text(&output.stdout);
        for word in ["evidence", "validate", "--image"] {
            let word = word.trim_start_matches(if shell == "fish" { "--" } else { "" });
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(run(&["completions", "tcsh"]).status.code(), Some(2));
}

/// The environment of the person who runs it is about another AWS.
#[test]
fn the_demo_needs_nothing_and_heeds_no_other_aws() {
    let output = promoter(&["demo"])
        .env_clear()
        .env("AWS_PROFILE", "none")
        .env("AWS_USE_FIPS_ENDPOINT", "true")
        .env("AWS_ENDPOINT_URL_ECR", "http://127.0.0.1:1")
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

pub(crate) fn signal(name: &str, process: &str) {
    // The shell's own `kill`: not every machine has it as a program.
    let kill = format!("kill -{name} {process}");
    let ended = Command::new("sh").args(["-c", &kill]).status().unwrap();
    assert!(ended.success());
}
