//! What a 50 MB SBOM costs: peak memory, and throughput beside `serde_json`'s own `Value` on the same
//! bytes, parsed from memory. The promise: at most 60 MB resident, which 200,000 components exceed by a tenth, and never
//! slower than `Value`.
//!
//! ```text
//! cargo bench -p ecr-promoter-contents --bench sbom
//! ```
//!
//! Each reading is a process of its own, so that its peak (`VmHWM` in `/proc/self/status`) is its own;
//! the best of three counts, and what was read is still held at the peak. On an x86-64 core with other
//! work, so that only the proportions count, as the function is built (`opt-level = "s"`), with 2 MB resident before anything is read:
//!
//! | document | time | peak | beside `Value` | its peak |
//! | --- | --- | --- | --- | --- |
//! | SPDX, 49 MB, 1 KB a package | 237 ms | 19 MB | 1.9 times as fast | 361 MB |
//! | SPDX, 49 MB, 200,000 packages | 267 ms | 63 MB | 1.4 times as fast | 402 MB |
//! | CycloneDX, 49 MB, 1 KB a component | 149 ms | 23 MB | 3.0 times as fast | 509 MB |
//! | CycloneDX, 37 MB, 200,000 components | 280 ms | 66 MB | 1.3 times as fast | 403 MB |
//! | that of 49 MB in an envelope, 66 MB | 194 ms | 23 MB | 2.7 times as fast | 642 MB |

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints and may stop at once"
)]

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use base64::{Engine as _, prelude::BASE64_STANDARD, write::EncoderWriter};
use ecr_promoter_contents::{
    limits::SBOM_BYTES_MAX,
    sbom::{Format, Label, Reader},
};
use ecr_promoter_core::Digest;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--child", way, path] => child(way, Path::new(path)),
        // `cargo test --benches` asks for no measuring.
        _ if args.iter().any(|arg| arg == "--bench") => measure(),
        _ => {}
    }
}

/// A shape of document: its name, the way it is read, and what writes it up to a size.
type Shape = (&'static str, &'static str, fn(&mut dyn Write, u64));

const SHAPES: &[Shape] = &[
    ("spdx", "spdx", |out, max| spdx(out, max, true)),
    ("spdx, 200,000 packages", "spdx", |out, max| {
        spdx(out, max, false);
    }),
    ("cyclonedx", "cyclonedx", |out, max| {
        cyclonedx(out, max, true);
    }),
    ("cyclonedx, 200,000 components", "cyclonedx", |out, max| {
        cyclonedx(out, max, false);
    }),
    ("cyclonedx in an envelope", "envelope", envelope),
];

fn measure() {
    let folder = std::env::temp_dir().join(format!("sbom-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    println!("nothing read: {} MB", run("nothing", &folder).1 / 1024);
    for (name, way, write) in SHAPES {
        let path = folder.join("document.json");
        let mut out = BufWriter::new(File::create(&path).unwrap());
        write(&mut out, SBOM_BYTES_MAX - 4096);
        out.flush().unwrap();
        drop(out);
        let size = std::fs::metadata(&path).unwrap().len();
        let (ours, ours_peak) = run(way, &path);
        let value_way = if *way == "envelope" {
            "envelope as value"
        } else {
            "value"
        };
        let (value, value_peak) = run(value_way, &path);
        println!(
            "{name}: {} MB: {:.0} ms, {} MB resident; Value {:.0} ms, {} MB resident; {:.1} times as fast",
            size / 1024 / 1024,
            ours * 1e3,
            ours_peak / 1024,
            value * 1e3,
            value_peak / 1024,
            value / ours,
        );
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// The best of three processes: seconds, and the peak in KB.
fn run(way: &str, path: &Path) -> (f64, u64) {
    let once = |_| {
        let this: PathBuf = std::env::current_exe().unwrap();
        let output = Command::new(this)
            .arg("--child")
            .arg(way)
            .arg(path)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let (seconds, peak) = text.trim().split_once(' ').unwrap();
        (seconds.parse().unwrap(), peak.parse().unwrap())
    };
    (0..3)
        .map(once)
        .min_by(|a: &(f64, u64), b| a.0.total_cmp(&b.0))
        .unwrap()
}

fn child(way: &str, path: &Path) {
    let whole = || std::fs::read(path).unwrap();
    let value = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
    let started = Instant::now();
    match way {
        "nothing" => report(started),
        "value" => {
            let bytes = whole();
            let started = Instant::now();
            let _held = value(&bytes);
            report(started);
        }
        "envelope as value" => {
            let bytes = whole();
            let started = Instant::now();
            let envelope = value(&bytes);
            let payload = envelope.get("payload").and_then(|payload| payload.as_str());
            let _held = value(&BASE64_STANDARD.decode(payload.unwrap()).unwrap());
            report(started);
        }
        "envelope" => read(started, path, Label::Attestation),
        "spdx" => read(started, path, Label::Sbom(Format::Spdx)),
        _ => read(started, path, Label::Sbom(Format::CycloneDx)),
    }
}

fn read(started: Instant, path: &Path, label: Label) {
    let mut reader = Reader::new(vec![Digest::from_sha256([1; 32])]);
    let held = reader.read(File::open(path).unwrap(), label).unwrap();
    report(started);
    let held = held.sboms.first().unwrap();
    assert!(held.sbom.components.len() > 1000);
}

fn report(started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next())
        .unwrap_or("0");
    println!("{seconds} {peak}");
}

const LICENSES: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "GPL-2.0-or-later AND LGPL-2.1-or-later",
    "BSD-3-Clause",
];

fn license(index: usize) -> &'static str {
    LICENSES.get(index % LICENSES.len()).unwrap()
}

/// Packages as syft writes them; `full` with all that is passed over, else with what is read alone.
fn spdx(out: &mut dyn Write, bytes_max: u64, full: bool) {
    let head = r#"{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","packages":["#;
    let tail = r#"],"relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relatedSpdxElement":"SPDXRef-Package-0","relationshipType":"DESCRIBES"}]}"#;
    entries(out, bytes_max, [head, tail], |index| {
        let license = license(index);
        let (more, references) = if full {
            let cpe = |vendor: &str| {
                format!(
                    r#"{{"referenceCategory":"SECURITY","referenceType":"cpe23Type","referenceLocator":"cpe:2.3:a:{vendor}:package-{index}:1.{index}.0:*:*:*:*:*:*:*"}},"#
                )
            };
            let more = format!(
                r#""supplier":"Organization: Demo","originator":"Person: Demo (demo@example.org)","downloadLocation":"https://example.org/package-{index}","filesAnalyzed":false,"sourceInfo":"acquired package info from DPKG DB: /var/lib/dpkg/status, /usr/share/doc/package-{index}/copyright","copyrightText":"NOASSERTION","description":"one of many packages\nwith \"quotes\" in it","#
            );
            (
                more,
                [cpe("demo"), cpe("package"), cpe("other-vendor")].concat(),
            )
        } else {
            (String::new(), String::new())
        };
        format!(
            r#"{{"name":"package-{index}","SPDXID":"SPDXRef-Package-{index}","versionInfo":"1.{index}.0",{more}"licenseConcluded":"NOASSERTION","licenseDeclared":"{license}","externalRefs":[{references}{{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:npm/package-{index}@1.{index}.0"}}]}}"#
        )
    });
}

/// Components as trivy writes them, likewise.
fn cyclonedx(out: &mut dyn Write, bytes_max: u64, full: bool) {
    let head = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":["#;
    entries(out, bytes_max, [head, "]}"], |index| {
        let license = license(index);
        let more = if full {
            let property = |name: &str, value: &str| {
                format!(r#"{{"name":"aquasecurity:trivy:{name}","value":"{value}-{index}"}}"#)
            };
            let properties = [
                property(
                    "LayerDiffID",
                    "sha256:89169d87dbe2b72ba42bfbb3579c957322baca28e03a1e558076542a1c1b2b4a",
                ),
                property(
                    "LayerDigest",
                    "sha256:ac9208207adaac3a48e54a4dc6b49c69e78c3072d2b3add7efdabf814db2133b",
                ),
                property("FilePath", "usr/lib/node_modules/package/package.json"),
                property("PkgID", "package"),
                property("PkgType", "node-pkg"),
            ];
            format!(
                r#","hashes":[{{"alg":"SHA-256","content":"1335353058698989fe1b395717c415be4ba64eaa41d73f6201d1829fcdd58031"}}],"properties":[{}]"#,
                properties.join(",")
            )
        } else {
            String::new()
        };
        format!(
            r#"{{"bom-ref":"pkg:npm/package-{index}@1.{index}.0","type":"library","name":"package-{index}","version":"1.{index}.0","licenses":[{{"expression":"{license}"}}],"purl":"pkg:npm/package-{index}@1.{index}.0"{more}}}"#
        )
    });
}

/// As many entries as fit, 200,000 at most.
fn entries(
    out: &mut dyn Write,
    bytes_max: u64,
    [head, tail]: [&str; 2],
    entry: impl Fn(usize) -> String,
) {
    out.write_all(head.as_bytes()).unwrap();
    let mut left = bytes_max;
    for index in 0..200_000 {
        let entry = entry(index);
        let comma = if index == 0 { "" } else { "," };
        write!(out, "{comma}{entry}").unwrap();
        left = left.saturating_sub(entry.len() as u64 + 1);
        if left < 8192 {
            break;
        }
    }
    out.write_all(tail.as_bytes()).unwrap();
}

/// The same in a statement, in base64.
fn envelope(out: &mut dyn Write, bytes_max: u64) {
    let subject = Digest::from_sha256([1; 32]);
    out.write_all(br#"{"payloadType":"application/vnd.in-toto+json","payload":""#)
        .unwrap();
    let mut encoder = EncoderWriter::new(&mut *out, &BASE64_STANDARD);
    write!(
        encoder,
        r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"digest":{{"sha256":"{}"}}}}],"predicateType":"https://cyclonedx.org/bom","predicate":"#,
        subject.hex()
    )
    .unwrap();
    cyclonedx(&mut encoder, bytes_max - 1024, true);
    encoder.write_all(b"}").unwrap();
    encoder.finish().unwrap();
    drop(encoder);
    out.write_all(br#"","signatures":[]}"#).unwrap();
}
