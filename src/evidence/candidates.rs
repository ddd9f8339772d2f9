//! The blobs that may hold an SBOM, among all that is attached to an image: whatever is not known to
//! be something else. The rest is skipped and remembered, for people who wait for an SBOM.

use ecr_promoter_contents::sbom::Label;
use ecr_promoter_core::{
    Digest,
    evidence::Origin,
    manifest::{Descriptor, ManifestKind, Tree},
};

use super::{lists::Lists, referrers::Attached};

/// The annotations by which layers say what they attest.
const PREDICATE_TYPES: [&str; 3] = [
    "in-toto.io/predicate-type",
    "predicateType",
    "dev.sigstore.bundle.predicateType",
];

/// A blob that may hold an SBOM.
pub(super) struct Candidate {
    pub blob: Descriptor,
    pub origin: Origin,
    /// What its types say about it.
    pub label: Label,
    /// What it is attached to.
    pub subject: Option<Digest>,
    /// The type that is shown to people.
    pub kind: String,
}

/// The attestations in the index itself, plain (`BuildKit`, "Attestation storage") or signed.
pub(super) fn in_the_index(tree: &Tree, lists: &mut Lists) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (_, stored) in tree.manifests_leaves_first() {
        let ManifestKind::Image { layers, .. } = &stored.manifest.kind else {
            continue;
        };
        if stored.manifest.is_attestation() {
            for layer in layers {
                candidates.extend(candidate(
                    layer,
                    None,
                    Origin::BuildkitAttestation,
                    None,
                    lists,
                ));
            }
        }
    }
    candidates
}

/// The layers of a manifest that is attached.
pub(super) fn attached(attached: &Attached, lists: &mut Lists) -> Vec<Candidate> {
    let manifest = match &attached.manifest {
        Ok(manifest) => manifest,
        Err(words) => {
            lists.break_off(Some(&attached.subject), attached.origin, words);
            return Vec::new();
        }
    };
    let ManifestKind::Image { layers, .. } = &manifest.kind else {
        return Vec::new();
    };
    let artifact = attached
        .artifact_type
        .as_deref()
        .or(manifest.artifact_type.as_deref());
    let subject = Some(&attached.subject);
    let found = layers
        .iter()
        .filter_map(|layer| candidate(layer, artifact, attached.origin, subject, lists));
    found.collect()
}

fn candidate(
    layer: &Descriptor,
    artifact: Option<&str>,
    origin: Origin,
    subject: Option<&Digest>,
    lists: &mut Lists,
) -> Option<Candidate> {
    let mut keys = PREDICATE_TYPES.iter();
    let predicate = keys.find_map(|key| layer.annotations.get(*key));
    let predicate = predicate.map(String::as_str);
    let label = Label::of(&layer.media_type, artifact, predicate);
    let kind = predicate.or(artifact).unwrap_or(&layer.media_type);
    if label == Label::Other {
        lists.pass_over(subject, kind, None);
        return None;
    }
    Some(Candidate {
        blob: layer.clone(),
        origin,
        label,
        subject: subject.cloned(),
        kind: kind.to_owned(),
    })
}
