use std::fs;

use super::*;
use crate::image::{digest, sample};

/// Writes an image as a folder, as tools write it.
pub(crate) fn write(folder: &Path, image: &Image) {
    let blobs = folder.join("blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    fs::write(
        folder.join("oci-layout"),
        r#"{"imageLayoutVersion": "1.0.0"}"#,
    )
    .unwrap();
    for (digest, stored) in image.tree.manifests_leaves_first() {
        fs::write(blobs.join(digest.hex()), &stored.bytes).unwrap();
    }
    for (digest, blob) in &image.blobs {
        let Blob::Memory(bytes) = blob else {
            panic!("{digest} lies in a file already");
        };
        fs::write(blobs.join(digest.hex()), bytes).unwrap();
    }
    let root = image.tree.get(image.digest()).unwrap();
    let named = named(&root.media_type, image.digest().as_str(), root.bytes.len());
    index(folder, &[named]);
}

fn named(media_type: &str, digest: &str, size: usize) -> String {
    format!(
        r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{size},"annotations":{{"org.opencontainers.image.ref.name":"1.4"}}}}"#
    )
}

fn index(folder: &Path, named: &[String]) {
    let text = format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, named.join(","));
    fs::write(folder.join("index.json"), text).unwrap();
}

/// A folder with the sample in it, changed by `change`.
fn folder(change: impl FnOnce(&Path, &Image)) -> (tempfile::TempDir, Image) {
    let folder = tempfile::tempdir().unwrap();
    let image = sample::image("1.4").unwrap();
    write(folder.path(), &image);
    change(folder.path(), &image);
    (folder, image)
}

fn blob(folder: &Path, digest: &Digest) -> PathBuf {
    folder.join("blobs/sha256").join(digest.hex())
}

#[test]
fn an_image_is_read_as_it_was_written() {
    let (folder, image) = folder(|_, _| {});
    let read = read(folder.path()).unwrap();
    assert_eq!(read.tree, image.tree);
    assert_eq!(read.summary(), image.summary());
}

/// Puts an image of these parts into an empty folder.
fn single(types: [&str; 3], config: &[u8], layer: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let blobs = folder.path().join("blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    fs::write(
        folder.path().join("oci-layout"),
        r#"{"imageLayoutVersion":"1.0.0"}"#,
    )
    .unwrap();
    let [manifest_type, config_type, layer_type] = types;
    let descriptor = |media_type: &str, bytes: &[u8]| {
        fs::write(blobs.join(digest(bytes).hex()), bytes).unwrap();
        named(media_type, digest(bytes).as_str(), bytes.len())
    };
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"{manifest_type}","config":{},"layers":[{}]}}"#,
        descriptor(config_type, config),
        descriptor(layer_type, layer)
    );
    let root = descriptor(manifest_type, manifest.as_bytes());
    // The same image under two names is one image.
    index(folder.path(), &[root.clone(), root]);
    folder
}

#[test]
fn dockers_media_types_are_an_image_too() {
    let types = [
        media::DOCKER_MANIFEST,
        media::DOCKER_CONFIG,
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
    ];
    let image = read(single(types, b"{}", b"layer").path()).unwrap();
    assert_eq!(image.summary().blobs, 2);
    let root = image.tree.get(image.digest()).unwrap();
    assert_eq!(root.media_type, media::DOCKER_MANIFEST);
}

/// What reading a folder says, its name taken out.
fn told(case: &str, path: &Path) -> String {
    let error = read(path).unwrap_err().to_string();
    format!("{case}: {}\n", error.replace(path.to_str().unwrap(), "DIR"))
}

#[test]
fn what_is_no_layout_says_what_was_expected() {
    let empty = tempfile::tempdir().unwrap();
    let (file, _) = folder(|_, _| {});
    let mut all = told("nothing", Path::new("/none/at/all"));
    all += &told("an empty folder", empty.path());
    all += &told("a file", &file.path().join("index.json"));
    for (case, name, text) in [
        (
            "another version",
            "oci-layout",
            r#"{"imageLayoutVersion":"2.0"}"#,
        ),
        ("a broken marker", "oci-layout", "1.0.0"),
        ("an empty marker", "oci-layout", "{}"),
        ("a broken index", "index.json", "{"),
        ("no index at all", "index.json", "[]"),
        (
            "a single image as index",
            "index.json",
            r#"{"schemaVersion":2,"layers":[]}"#,
        ),
    ] {
        let (folder, _) = folder(|dir, _| fs::write(dir.join(name), text).unwrap());
        all += &told(case, folder.path());
    }
    let (without, _) = folder(|dir, _| fs::remove_file(dir.join("index.json")).unwrap());
    all += &told("no index", without.path());
    insta::assert_snapshot!(all, @r#"
    nothing: "DIR" is not an OCI image layout: No such file or directory (os error 2); use a folder as `skopeo copy docker://IMAGE oci:DIR` writes it
    an empty folder: "DIR" is not an OCI image layout: it has no "oci-layout"; use a folder as `skopeo copy docker://IMAGE oci:DIR` writes it
    a file: "DIR" is not an OCI image layout: expected a folder, found a file; use a folder as `skopeo copy docker://IMAGE oci:DIR` writes it
    another version: "DIR" is not an OCI image layout: expected version 1.x in "oci-layout", found "2.0"; use a folder as `skopeo copy docker://IMAGE oci:DIR` writes it
    a broken marker: "DIR" is not an OCI image layout: "oci-layout" is not JSON: trailing characters at line 1 column 4; use a folder as `skopeo copy docker://IMAGE oci:DIR` writes it
    an empty marker: "DIR" is not an OCI image layout: expected imageLayoutVersion in "oci-layout", found none; use a folder as `skopeo copy docker://IMAGE oci:DIR` writes it
    a broken index: "DIR/index.json" is not a manifest that can be promoted: the manifest cannot be read: EOF while parsing an object at line 1 column 1
    no index at all: "DIR/index.json" is not a manifest that can be promoted: the manifest cannot be read: invalid type: sequence, expected an object at line 1 column 0
    a single image as index: "DIR/index.json" is not a manifest that can be promoted: expected only keys of the manifest's own media type, found "layers" as well: it could be read in two ways
    no index: "DIR" is not an OCI image layout: it has no "index.json"; use a folder as `skopeo copy docker://IMAGE oci:DIR` writes it
    "#);
}

#[test]
fn an_index_that_names_no_single_image_says_so() {
    let of = |digest: &str, size: usize| named(media::OCI_INDEX, digest, size);
    let other = format!("sha256:{}", "0".repeat(64));
    let image = sample::image("1.4").unwrap();
    let root = image.digest().as_str();
    let mut all = String::new();
    for (case, entries) in [
        ("none", vec![]),
        ("two", vec![of(root, 10), of(&other, 10)]),
        ("not there", vec![of(&other, 10)]),
        (
            "out of the folder",
            vec![of("sha256:../../../etc/passwd", 10)],
        ),
        ("upper case", vec![of(&root.to_uppercase(), 10)]),
        ("another size", vec![of(root, 10)]),
        ("beyond the limit", vec![of(root, 1 << 40)]),
    ] {
        let (folder, _) = folder(|dir, _| index(dir, &entries));
        all += &told(case, folder.path());
    }
    insta::assert_snapshot!(all, @r#"
    none: "DIR" holds no image: its "index.json" lists none
    two: "DIR" holds 2 images, expected one: copy the one you mean into a separate folder
    not there: "DIR" is incomplete: the manifest sha256:0000000000000000000000000000000000000000000000000000000000000000 is missing
    out of the folder: "DIR/index.json" is not a manifest that can be promoted: manifests[0]: expected a digest (sha256: and 64 lower-case hexadecimal digits), found "sha256:../../../etc/passwd"
    upper case: "DIR/index.json" is not a manifest that can be promoted: manifests[0]: expected a digest (sha256: and 64 lower-case hexadecimal digits), found "SHA256:57FF7EA94CBBAED231A1D3D50B8A08766F3A3FCB3A7C73FE9686581B5F6715EB"
    another size: "DIR/blobs/sha256/57ff7ea94cbbaed231a1d3d50b8a08766f3a3fcb3a7c73fe9686581b5f6715eb" is broken: expected 10 bytes, found 491 bytes
    beyond the limit: "DIR/blobs/sha256/57ff7ea94cbbaed231a1d3d50b8a08766f3a3fcb3a7c73fe9686581b5f6715eb" is not a manifest that can be promoted: limit: expected a manifest of at most 4194304 bytes, found 1099511627776
    "#);
}

#[test]
fn what_is_not_whole_or_not_what_it_says_is_refused() {
    let mut all = String::new();
    for case in ["missing", "cut short", "changed", "a folder"] {
        for what in ["the root", "a child", "a blob"] {
            let (folder, _) = folder(|dir, image| {
                let digest = match what {
                    "the root" => image.digest(),
                    "a child" => image.tree.manifests_leaves_first()[0].0,
                    _ => &image.tree.blobs()[0].digest,
                };
                damage(&blob(dir, digest), case);
            });
            all += &told(&format!("{what}, {case}"), folder.path());
        }
    }
    insta::assert_snapshot!(all, @r#"
    the root, missing: "DIR" is incomplete: the manifest sha256:57ff7ea94cbbaed231a1d3d50b8a08766f3a3fcb3a7c73fe9686581b5f6715eb is missing
    a child, missing: "DIR" is incomplete: the manifest sha256:7ba9b0f2e5166369e2ed634a3829da5ccb4a1dd3b03221eaf66da2aae616b9cb is missing; was the index copied without its children (`skopeo copy --all` copies them)?
    a blob, missing: "DIR" is incomplete: the blob sha256:619e8366e7196a41b39d21c1b439d2a45bdecb73fd5efa62eafb28b54bf5d1d9 is missing
    the root, cut short: "DIR/blobs/sha256/57ff7ea94cbbaed231a1d3d50b8a08766f3a3fcb3a7c73fe9686581b5f6715eb" is broken: expected 491 bytes, found 245 bytes
    a child, cut short: "DIR/blobs/sha256/7ba9b0f2e5166369e2ed634a3829da5ccb4a1dd3b03221eaf66da2aae616b9cb" is broken: expected 547 bytes, found 273 bytes
    a blob, cut short: "DIR/blobs/sha256/619e8366e7196a41b39d21c1b439d2a45bdecb73fd5efa62eafb28b54bf5d1d9" is broken: expected 583 bytes, found 291 bytes
    the root, changed: "DIR/blobs/sha256/57ff7ea94cbbaed231a1d3d50b8a08766f3a3fcb3a7c73fe9686581b5f6715eb" is broken: expected the digest sha256:57ff7ea94cbbaed231a1d3d50b8a08766f3a3fcb3a7c73fe9686581b5f6715eb, found the digest sha256:951722750ac39cfff388d4498d75e4685441567178faa6174404b133ece925dc
    a child, changed: "DIR/blobs/sha256/7ba9b0f2e5166369e2ed634a3829da5ccb4a1dd3b03221eaf66da2aae616b9cb" is broken: expected the digest sha256:7ba9b0f2e5166369e2ed634a3829da5ccb4a1dd3b03221eaf66da2aae616b9cb, found the digest sha256:c3c92f7e5c6cbf3bea0a335ed6daaafcb72ba68b9159849a54052cec6ae16c27
    a blob, changed: "DIR/blobs/sha256/619e8366e7196a41b39d21c1b439d2a45bdecb73fd5efa62eafb28b54bf5d1d9" is broken: expected the digest sha256:619e8366e7196a41b39d21c1b439d2a45bdecb73fd5efa62eafb28b54bf5d1d9, found the digest sha256:af0ef8d8810d111b25058565f474d01e055e6add3e2b4fe4ffd7a3ff860ac0f4
    the root, a folder: cannot read "DIR/blobs/sha256/57ff7ea94cbbaed231a1d3d50b8a08766f3a3fcb3a7c73fe9686581b5f6715eb": expected a regular file, found something else
    a child, a folder: cannot read "DIR/blobs/sha256/7ba9b0f2e5166369e2ed634a3829da5ccb4a1dd3b03221eaf66da2aae616b9cb": expected a regular file, found something else
    a blob, a folder: cannot read "DIR/blobs/sha256/619e8366e7196a41b39d21c1b439d2a45bdecb73fd5efa62eafb28b54bf5d1d9": expected a regular file, found something else
    "#);
}

fn damage(path: &Path, how: &str) {
    let mut bytes = fs::read(path).unwrap();
    fs::remove_file(path).unwrap();
    match how {
        "missing" => {}
        "a folder" => fs::create_dir(path).unwrap(),
        "cut short" => fs::write(path, &bytes[..bytes.len() / 2]).unwrap(),
        _ => {
            bytes[3] ^= 1;
            fs::write(path, bytes).unwrap();
        }
    }
}

#[test]
fn an_artifact_is_no_image() {
    let chart = single(
        [
            media::OCI_MANIFEST,
            "application/vnd.cncf.helm.config.v1+json",
            "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
        ],
        b"{}",
        b"chart",
    );
    insta::assert_snapshot!(told("a Helm chart", chart.path()), @r#"a Helm chart: "DIR" holds an artifact of type "application/vnd.cncf.helm.config.v1+json", which is not an image: it has no image layers"#);
}
