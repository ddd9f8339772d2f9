//! An image in a folder, as OCI specifies it (OCI image specification, "Image Layout"): `oci-layout`,
//! `index.json`, `blobs/`. This is what `skopeo copy docker://… oci:DIR` and `docker buildx build
//! --output type=oci,tar=false` write, with OCI's or Docker's media types in it.
//!
//! The folder comes from anywhere: each size is bounded before a byte is read, each digest checked
//! before it names a path, each blob hashed before it counts as there.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
};

use ecr_promoter_core::{
    Digest,
    evidence::Contents,
    manifest::{
        Descriptor, MANIFEST_BYTES_MAX, Manifest, ManifestError, ManifestKind, Stored, Tree, media,
    },
};
use serde_json::Value;

use super::{Blob, Image};
pub(crate) use error::LayoutError;

mod error;
mod file;

/// The longest `oci-layout` file that is read; it has one short key.
const MARKER_BYTES_MAX: usize = 4 * 1024;
/// The largest blob (Amazon ECR service quotas, "Maximum layer size": 52,000 MiB).
const BLOB_BYTES_MAX: u64 = 52_000 * 1024 * 1024;

/// What is likely where an index is there and a child is not.
const COPY_ALL: &str =
    "; was the index copied without its children (`skopeo copy --all` copies them)?";

/// Reads the image of a folder and checks it, every blob included.
pub(crate) fn read(folder: &Path) -> Result<Image, LayoutError> {
    let layout = Layout { folder };
    layout.check_marker()?;
    let root = layout.root()?;
    let tree = layout.tree(&root)?;
    if tree.contents() == Contents::Artifact {
        return Err(LayoutError::Artifact {
            folder: folder.to_owned(),
            what: describe(&tree),
        });
    }
    let mut blobs = HashMap::new();
    for blob in tree.blobs() {
        if let Some(path) = layout.blob(blob)? {
            blobs.insert(blob.digest.clone(), Blob::File(path));
        }
    }
    Ok(Image { tree, blobs })
}

/// What a tree holds that is not an image.
fn describe(tree: &Tree) -> String {
    match tree.get(tree.root()).map(|root| &root.manifest.kind) {
        Some(ManifestKind::Image { config, .. }) => {
            format!("an artifact of type {:?}", config.media_type)
        }
        _ => "an index without a platform".to_owned(),
    }
}

struct Layout<'a> {
    folder: &'a Path,
}

impl Layout<'_> {
    fn check_marker(&self) -> Result<(), LayoutError> {
        match std::fs::metadata(self.folder) {
            Err(error) => return Err(self.no_layout(error.to_string())),
            Ok(found) if !found.is_dir() => {
                return Err(self.no_layout("expected a folder, found a file".to_owned()));
            }
            Ok(_) => {}
        }
        let bytes = self.top("oci-layout", MARKER_BYTES_MAX)?;
        let marker: Value = serde_json::from_slice(&bytes)
            .map_err(|error| self.no_layout(format!("\"oci-layout\" is not JSON: {error}")))?;
        match marker.get("imageLayoutVersion").and_then(Value::as_str) {
            Some(version) if version.starts_with("1.") => Ok(()),
            Some(version) => Err(self.no_layout(format!(
                "expected version 1.x in \"oci-layout\", found {version:?}"
            ))),
            None => Err(self
                .no_layout("expected imageLayoutVersion in \"oci-layout\", found none".to_owned())),
        }
    }

    /// The descriptor of the one image that `index.json` names.
    fn root(&self) -> Result<Descriptor, LayoutError> {
        let bytes = self.top("index.json", MANIFEST_BYTES_MAX)?;
        let path = self.folder.join("index.json");
        let index = Manifest::read(&bytes, Some(media::OCI_INDEX))
            .map_err(|source| LayoutError::Manifest { path, source })?;
        let mut named = match index.kind {
            ManifestKind::Index { manifests } => manifests,
            ManifestKind::Image { .. } => Vec::new(),
        };
        // One image under several names is still one.
        let mut seen = std::collections::HashSet::new();
        named.retain(|descriptor| seen.insert(descriptor.digest.clone()));
        match <[Descriptor; 1]>::try_from(named) {
            Ok([one]) => Ok(one),
            Err(none) if none.is_empty() => Err(LayoutError::Empty(self.folder.to_owned())),
            Err(several) => Err(LayoutError::Count {
                folder: self.folder.to_owned(),
                count: several.len(),
            }),
        }
    }

    /// The root and all that its indexes name.
    fn tree(&self, root: &Descriptor) -> Result<Tree, LayoutError> {
        let stored = self.manifest(root, "")?;
        let mut named: HashMap<Digest, Descriptor> = children(&stored).collect();
        let failed = |digest: &Digest| {
            let path = self.path(digest);
            move |source| LayoutError::Manifest { path, source }
        };
        let mut tree = Tree::new(root.digest.clone(), stored).map_err(failed(&root.digest))?;
        loop {
            let lacking = tree.lacking();
            if lacking.is_empty() {
                return Ok(tree);
            }
            for digest in lacking {
                // A tree lacks only what its manifests name.
                let Some(descriptor) = named.get(&digest) else {
                    return Err(failed(&digest)(ManifestError::Stray(digest.clone())));
                };
                let stored = self.manifest(descriptor, COPY_ALL)?;
                named.extend(children(&stored));
                tree.add(&digest, stored).map_err(failed(&digest))?;
            }
        }
    }

    /// Reads a manifest; `hint` says what to do if it is missing.
    fn manifest(&self, descriptor: &Descriptor, hint: &'static str) -> Result<Stored, LayoutError> {
        let path = self.path(&descriptor.digest);
        let failed = |source| LayoutError::Manifest {
            path: path.clone(),
            source,
        };
        if descriptor.size > MANIFEST_BYTES_MAX as u64 {
            let size = usize::try_from(descriptor.size).unwrap_or(usize::MAX);
            return Err(failed(ManifestError::TooLarge(size)));
        }
        let bytes = file::read(&path, MANIFEST_BYTES_MAX).map_err(|source| {
            if source.kind() == io::ErrorKind::NotFound {
                self.missing("the manifest", &descriptor.digest, hint)
            } else {
                LayoutError::File {
                    path: path.clone(),
                    source,
                }
            }
        })?;
        check(
            &path,
            descriptor,
            bytes.len() as u64,
            &super::digest(&bytes),
        )?;
        let text = String::from_utf8(bytes)
            .map_err(|_| failed(ManifestError::Json("it is not UTF-8".to_owned())))?;
        Stored::read(text, Some(&descriptor.media_type)).map_err(failed)
    }

    /// Where a blob lies, once it is hashed; none for one that may lie elsewhere and is not here.
    fn blob(&self, descriptor: &Descriptor) -> Result<Option<PathBuf>, LayoutError> {
        let path = self.path(&descriptor.digest);
        let failed = |source| LayoutError::File {
            path: path.clone(),
            source,
        };
        let file = match file::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return if descriptor.may_lie_elsewhere() {
                    Ok(None)
                } else {
                    Err(self.missing("the blob", &descriptor.digest, ""))
                };
            }
            Err(error) => return Err(failed(error)),
        };
        let size = file.metadata().map_err(failed)?.len();
        if size != descriptor.size || size > BLOB_BYTES_MAX {
            let wanted = descriptor.size.min(BLOB_BYTES_MAX);
            return Err(broken(
                &path,
                format!("{size} bytes"),
                format!("{wanted} bytes"),
            ));
        }
        let digest = file::hash(file).map_err(failed)?;
        check(&path, descriptor, size, &digest)?;
        Ok(Some(path))
    }

    /// A file that every layout has.
    fn top(&self, name: &'static str, bytes_max: usize) -> Result<Vec<u8>, LayoutError> {
        let path = self.folder.join(name);
        file::read(&path, bytes_max).map_err(|source| {
            if source.kind() == io::ErrorKind::NotFound {
                self.no_layout(format!("it has no {name:?}"))
            } else {
                LayoutError::File { path, source }
            }
        })
    }

    /// A digest is 64 hexadecimal digits by its type, so that the path stays in the folder.
    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join("blobs").join("sha256").join(digest.hex())
    }

    fn no_layout(&self, problem: String) -> LayoutError {
        LayoutError::NoLayout {
            folder: self.folder.to_owned(),
            problem,
        }
    }

    fn missing(&self, place: &'static str, digest: &Digest, hint: &'static str) -> LayoutError {
        LayoutError::Missing {
            folder: self.folder.to_owned(),
            place,
            digest: digest.clone(),
            hint,
        }
    }
}

fn children(stored: &Stored) -> impl Iterator<Item = (Digest, Descriptor)> + use<> {
    let manifests = match &stored.manifest.kind {
        ManifestKind::Index { manifests } => manifests.clone(),
        ManifestKind::Image { .. } => Vec::new(),
    };
    manifests
        .into_iter()
        .map(|child| (child.digest.clone(), child))
}

fn check(
    path: &Path,
    descriptor: &Descriptor,
    size: u64,
    digest: &Digest,
) -> Result<(), LayoutError> {
    if size != descriptor.size {
        Err(broken(
            path,
            format!("{size} bytes"),
            format!("{} bytes", descriptor.size),
        ))
    } else if *digest != descriptor.digest {
        Err(broken(
            path,
            format!("the digest {digest}"),
            format!("the digest {}", descriptor.digest),
        ))
    } else {
        Ok(())
    }
}

fn broken(path: &Path, seen: String, wanted: String) -> LayoutError {
    LayoutError::Broken {
        path: path.to_owned(),
        seen,
        wanted,
    }
}

#[cfg(test)]
pub(crate) mod tests;
