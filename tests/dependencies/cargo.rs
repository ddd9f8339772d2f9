//! What cargo knows of the workspace. Every question is asked offline and with the lock file as it is, so that the
//! answer is that of the build, and about this machine's platform alone: crates of other platforms are never fetched.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// `cargo metadata`: every package of the workspace and all that it depends on.
#[derive(Deserialize)]
pub struct Metadata {
    pub packages: Vec<Package>,
}

#[derive(Deserialize)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub license: Option<String>,
    /// Absent for a package that lies in the workspace.
    pub source: Option<String>,
    /// As its manifest writes them, for every platform.
    pub dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
pub struct Dependency {
    pub name: String,
    /// Absent for a normal one, else `dev` or `build`.
    pub kind: Option<String>,
    /// The folder of a dependency that is named by path.
    pub path: Option<PathBuf>,
}

/// A crate that a package's own code is linked with, and the features it has there.
pub struct Linked {
    pub name: String,
    pub version: String,
    pub features: Vec<String>,
}

impl Metadata {
    pub fn load() -> Self {
        let platform = platform();
        let answer = ask(
            "metadata",
            &["--format-version=1", "--filter-platform", &platform],
        );
        serde_json::from_str(&answer).unwrap()
    }

    pub fn package(&self, name: &str) -> &Package {
        let mut found = self.packages.iter().filter(|package| package.name == name);
        match (found.next(), found.next()) {
            (Some(package), None) => package,
            _ => panic!("there is not exactly one package \"{name}\""),
        }
    }

    /// The packages of the workspace itself.
    pub fn ours(&self) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(|package| package.source.is_none())
    }
}

/// What `package` links when it is built alone: normal dependencies, and neither macros nor what they are made of.
pub fn linked(package: &str) -> Vec<Linked> {
    let answer = ask(
        "tree",
        &[
            "--package",
            package,
            "--edges=normal,no-proc-macro",
            "--prefix=none",
            "--format={p}|{f}",
        ],
    );
    answer.lines().map(read_linked).collect()
}

/// Reads `name v1.2.3 (path or kind)|feature,feature (*)`.
fn read_linked(line: &str) -> Linked {
    let (package, features) = line.split_once('|').unwrap();
    let mut words = package.split(' ');
    Linked {
        name: words.next().unwrap().to_owned(),
        version: words.next().unwrap().to_owned(),
        features: features
            .trim_end_matches(" (*)")
            .split(',')
            .filter(|feature| !feature.is_empty())
            .map(str::to_owned)
            .collect(),
    }
}

/// The folder of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn platform() -> String {
    let version = run(Command::new(program()).arg("-vV"));
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap().to_owned()
}

fn ask(question: &str, arguments: &[&str]) -> String {
    run(Command::new(program())
        .arg(question)
        .args(["--offline", "--locked", "--manifest-path"])
        .arg(root().join("Cargo.toml"))
        .args(arguments))
}

/// The cargo that runs this test.
fn program() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}; where a crate is not there yet, `cargo fetch` brings it",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}
