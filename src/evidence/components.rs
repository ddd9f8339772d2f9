//! The components of every platform, from the SBOMs that are attached to it: in `BuildKit`'s
//! attestations in the index, in referrers, under cosign's tags.
//!
//! Several SBOMs of one platform add up. One that exists and cannot be read makes the list of its
//! platforms unknown, never shorter. An SBOM of the index counts for every platform.

use std::collections::HashMap;

use ecr_promoter_contents::{
    limits::ENVELOPE_BYTES_MAX,
    sbom::{
        self, Kind, Sbom,
        statement::{Unwrapped, Wrapping, unwrap},
    },
};
use ecr_promoter_core::{
    Digest, Image, Time,
    evidence::{Component, Known, Never, Origin, Platform},
    manifest::{Descriptor, Kind as ManifestKind, Manifest, Tree},
};

use super::{
    lists::Lists,
    referrers::{self, Attached},
};
use crate::{
    ecr::downloads,
    failure::{Failure, Remedy},
    function::Function,
};

/// So many SBOMs of one image are read.
const SBOMS_MAX: usize = 40;
/// The annotation by which in-toto layers say what they hold.
const PREDICATE_TYPES: [&str; 3] = [
    "in-toto.io/predicate-type",
    "predicateType",
    "dev.sigstore.bundle.predicateType",
];

/// A blob that may be an SBOM.
struct Candidate {
    blob: Descriptor,
    origin: Origin,
    form: Form,
    /// What it is attached to.
    subject: Option<Digest>,
}

/// How a blob holds its SBOM.
#[derive(Clone, Copy)]
enum Form {
    Bare(Kind),
    Wrapped(Wrapping),
}

/// What is known of each platform's components.
pub(super) async fn of_platforms(
    function: &Function,
    image: &Image,
    tree: &Tree,
    platforms: &[Platform],
    now: Time,
) -> Result<HashMap<Digest, Known<Vec<Component>>>, Failure> {
    let mut lists = Lists::new(image.digest.clone(), platforms, now);
    let mut candidates = buildkit(tree);
    for attached in referrers::attached(function, image, &lists.subjects).await? {
        match &attached.manifest {
            Ok(manifest) => candidates.extend(layers(manifest, &attached)),
            Err(words) => {
                let never = Never::read(words.clone(), attached.origin, now);
                lists.break_off(Some(&attached.subject), &never);
            }
        }
    }
    if candidates.len() > SBOMS_MAX {
        let words = format!("limit: more than {SBOMS_MAX} attached documents");
        lists.break_off(None, &words.into());
        candidates.clear();
    }
    for candidate in &candidates {
        read_candidate(function, image, candidate, &mut lists).await?;
    }
    let known = platforms
        .iter()
        .map(|platform| (platform.digest.clone(), lists.of(platform)));
    Ok(known.collect())
}

async fn read_candidate(
    function: &Function,
    image: &Image,
    candidate: &Candidate,
    lists: &mut Lists,
) -> Result<(), Failure> {
    let (aws, blob) = (&function.aws, &candidate.blob);
    let whole = downloads::whole(aws, blob, &image.repository, ENVELOPE_BYTES_MAX).await;
    let read = match whole {
        Ok(bytes) => read_bytes(&bytes, candidate, &lists.subjects),
        Err(failure) if failure.remedy() == Remedy::Never => Err(failure.to_string()),
        Err(failure) => return Err(failure),
    };
    let origin = candidate.origin;
    match read {
        Ok(Some((sbom, about))) => lists.add(&about, &sbom.components, origin),
        Ok(None) => {}
        Err(words) => {
            let never = Never::read(format!("{origin}: {words}"), origin, lists.now);
            lists.break_off(candidate.subject.as_ref(), &never);
        }
    }
    Ok(())
}

/// The SBOM in a blob and what it is about; `None` where it is another attestation.
fn read_bytes(
    bytes: &[u8],
    candidate: &Candidate,
    subjects: &[Digest],
) -> Result<Option<(Sbom, Vec<Digest>)>, String> {
    let digest = &candidate.blob.digest;
    let read = match candidate.form {
        Form::Bare(kind) => sbom::read(bytes, kind).map(|sbom| {
            let about = candidate.subject.iter().cloned().collect();
            Some((sbom, about))
        }),
        Form::Wrapped(wrapping) => {
            unwrap(bytes, wrapping, subjects).map(|unwrapped| match unwrapped {
                Unwrapped::Sbom { sbom, subjects } => Some((sbom, subjects)),
                Unwrapped::NoSbom(why) => {
                    tracing::debug!(%digest, %why, "no SBOM");
                    None
                }
            })
        }
    };
    read.map_err(|error| format!("{digest}: {error}"))
}

/// The attestations in the index itself (`BuildKit`, "Attestation storage").
fn buildkit(tree: &Tree) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (_, stored) in tree.manifests_leaves_first() {
        let ManifestKind::Image { layers, .. } = &stored.manifest.kind else {
            continue;
        };
        if !stored.manifest.is_attestation() {
            continue;
        }
        let layers = layers.iter().filter(|layer| may_be_an_sbom(layer));
        candidates.extend(layers.map(|layer| Candidate {
            blob: layer.clone(),
            origin: Origin::BuildkitAttestation,
            form: Form::Wrapped(Wrapping::Statement),
            subject: None,
        }));
    }
    candidates
}

/// The layers of an attached manifest that may be an SBOM.
fn layers(manifest: &Manifest, attached: &Attached) -> Vec<Candidate> {
    let ManifestKind::Image { layers, .. } = &manifest.kind else {
        return Vec::new();
    };
    let artifact = attached
        .artifact_type
        .as_deref()
        .or(manifest.artifact_type.as_deref());
    let candidates = layers
        .iter()
        .filter(|layer| may_be_an_sbom(layer))
        .filter_map(|layer| {
            Some(Candidate {
                form: form(&layer.media_type, artifact)?,
                blob: layer.clone(),
                origin: attached.origin,
                subject: Some(attached.subject.clone()),
            })
        });
    candidates.collect()
}

/// By the layer's own type; a layer of a type that says nothing is what its artifact is.
fn form(media_type: &str, artifact: Option<&str>) -> Option<Form> {
    let wrapped = |media_type| Wrapping::of_media_type(media_type).map(Form::Wrapped);
    let bare = |media_type| Kind::of_media_type(media_type).map(Form::Bare);
    wrapped(media_type)
        .or_else(|| bare(media_type))
        .or_else(|| artifact.and_then(|artifact| wrapped(artifact).or_else(|| bare(artifact))))
}

/// A layer that says that it holds another predicate is not fetched; one that does not say is.
fn may_be_an_sbom(layer: &Descriptor) -> bool {
    let said = PREDICATE_TYPES
        .iter()
        .find_map(|key| layer.annotations.get(*key));
    said.is_none_or(|said| Kind::of_predicate_type(said).is_some())
}
