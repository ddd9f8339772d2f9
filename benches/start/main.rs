//! How soon the function asks for its first work, and what it holds while it waits.
//!
//! `cargo bench --bench start` starts the binary and `examples/empty.rs`, of the same profile,
//! against a Runtime API of its own, 20 times each, taking turns. The time is that from the start
//! of the process to its first `GET …/invocation/next`; the memory is the kernel's resident set.
//! Aims: at most 1.5 times the empty function's time, at most 24 MB at rest.
//!
//! The figures are in docs/figures.md.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a bench stops where a step fails"
)]

mod runtime;

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use runtime::Runtime;

const ROUNDS: usize = 20;
const RATIO_AIM: f64 = 1.5;
const MEMORY_AIM_KB: u64 = 24 * 1024;

/// An event that leads to no call of AWS.
const IGNORED: &str = include_str!("../../events/push-without-tag.json");
/// An event for which the policies are asked, of which there are none.
const PUSH: &str = include_str!("../../events/push.json");

fn main() {
    let ours = PathBuf::from(env!("CARGO_BIN_EXE_bootstrap"));
    let empty = build_empty(&ours);
    let (mut of_ours, mut of_empty) = (Vec::new(), Vec::new());
    // Files are read and pages are cached before anything is measured.
    for binary in [&ours, &empty] {
        start(binary);
    }
    for _ in 0..ROUNDS {
        of_empty.push(start(&empty));
        of_ours.push(start(&ours));
    }
    println!("start, of {ROUNDS}:  {:>10} {:>10}", "median", "fastest");
    let empty_took = print("empty function", of_empty);
    let ours_took = print("bootstrap", of_ours);
    let ratios = ours_took
        .iter()
        .zip(empty_took)
        .map(|(ours, empty)| ours / empty);
    let ratios: Vec<String> = ratios.map(|it| format!("{it:10.2}")).collect();
    println!(
        "  ratio          {} (aim: at most {RATIO_AIM})",
        ratios.join(" ")
    );
    println!("resident at rest (aim: at most {MEMORY_AIM_KB} kB):");
    memory("empty function", &empty);
    memory("bootstrap", &ours);
}

/// The peer, built by the same profile into the folder beside.
fn build_empty(ours: &Path) -> PathBuf {
    let folder = ours.parent().unwrap();
    let profile = match folder.file_name().and_then(|it| it.to_str()) {
        Some("debug") => "dev",
        // The profile `bench` has the same folder.
        Some("release") => "bench",
        Some(profile) => profile,
        None => panic!("no profile's folder: {}", folder.display()),
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = Command::new(cargo)
        .args([
            "build",
            "--quiet",
            "--workspace",
            "--example",
            "empty",
            "--profile",
            profile,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(build.unwrap().success(), "the empty function builds");
    folder.join("examples/empty")
}

/// A process that is ended with its owner.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // One that has already ended need not be killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn spawn(binary: &Path, runtime: &Runtime) -> Process {
    let address = runtime.address.to_string();
    let endpoint = format!("http://{address}");
    let queue = format!("{endpoint}/000000000000/promoter");
    let child = Command::new(binary)
        .env_clear()
        .envs([
            ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", "ecr-promoter"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "bench"),
            ("AWS_SECRET_ACCESS_KEY", "bench"),
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("POLICIES_TABLE", "policies"),
            ("PROMOTIONS_TABLE", "promotions"),
            ("PROMOTION_PATHS", "dev/* => qa/*"),
            ("QUEUE_URL", queue.as_str()),
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    Process(child.unwrap())
}

/// From the start of a process to its first request for work.
fn start(binary: &Path) -> Duration {
    let runtime = Runtime::start();
    let began = Instant::now();
    let _process = spawn(binary, &runtime);
    runtime.asked() - began
}

/// Median and fastest, in milliseconds. The fastest is what the machine's other work disturbs least.
fn print(name: &str, mut times: Vec<Duration>) -> [f64; 2] {
    times.sort_unstable();
    let at = |place: usize| times.get(place).unwrap().as_secs_f64() * 1e3;
    let [median, fastest] = [at(times.len() / 2), at(0)];
    println!("  {name:15} {median:10.2} {fastest:10.2} ms");
    [median, fastest]
}

/// What a process holds before its first work and after some.
fn memory(name: &str, binary: &Path) {
    let runtime = Runtime::start();
    let process = spawn(binary, &runtime);
    runtime.asked();
    let before = resident(&process);
    runtime.give(IGNORED);
    runtime.asked();
    let ignored = resident(&process);
    runtime.give(PUSH);
    runtime.asked();
    let asked = resident(&process);
    println!(
        "  {name:15} {before} kB at first, {ignored} kB after an ignored event, \
         {asked} kB after a push for which the policies were asked"
    );
}

/// The resident set in kB (proc(5), `VmRSS`).
fn resident(Process(child): &Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap()
}
