//! What is sought, what was found of it, and what became of that.

use std::collections::HashSet;

use ecr_promoter_core::{
    Digest, Tag,
    manifest::{Manifest, ManifestKind, Tree, media},
    policy::ReferrersTaken,
};

use crate::failure::Failure;

/// The type of an empty config (OCI image specification, "Guidance for an empty descriptor").
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// What is looked for.
#[derive(Clone, Copy)]
pub(crate) struct Sought<'a> {
    /// What the policy lets go along.
    pub taken: &'a ReferrersTaken,
    /// Whose referrers.
    pub subjects: &'a [Digest],
    /// What an event told of.
    pub late: Option<Late<'a>>,
}

/// A referrer that an event told of: ECR's lists may not show it yet.
#[derive(Clone, Copy)]
pub(crate) struct Late<'a> {
    /// The referrers that lead to it from its image, each behind its subject; it is the last one, or attached to that by
    /// a tag.
    pub chain: &'a [Digest],
    /// What is looked at beside it: the last of the chain, or else the image.
    pub beside: &'a Digest,
    /// The tag by which it is attached, and the digest that the event names.
    pub tag: Option<(&'a Tag, &'a Digest)>,
}

/// What became of them.
#[derive(Debug, Default)]
pub(crate) struct Brought {
    /// How many were put at the target.
    pub copied: usize,
    /// How many stood there.
    pub there: usize,
    /// Those that are not there.
    pub left: Vec<Left>,
    /// How many more there are than go along with one image; at least.
    pub more: usize,
    /// The names of all that was seen at the source, as [`Left::name`] has them.
    pub met: HashSet<String>,
    /// Whether the tag that an event told of is not on the event's digest.
    pub contradicted: bool,
}

impl Brought {
    /// None of them: the look as a whole failed.
    pub(crate) fn failed(failure: &Failure) -> Self {
        Self {
            left: vec![Left::all(failure.to_string())],
            ..Self::default()
        }
    }
}

/// A referrer that did not go along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Left {
    /// Its digest, and the tag by which it is attached; the tag alone where its digest is not known.
    pub referrer: String,
    /// Its type.
    pub kind: String,
    /// Why.
    pub why: String,
    /// Whether another try may bring it.
    pub again: bool,
}

impl Left {
    /// All of them: they could not even be listed.
    pub(super) fn all(why: String) -> Self {
        Self {
            referrer: String::new(),
            kind: String::new(),
            why,
            again: true,
        }
    }

    /// One with nothing to read but its tag: no event names the tag once that is restored.
    pub(super) fn tag(tag: &Tag, why: String) -> Self {
        Self {
            referrer: tag.to_string(),
            ..Self::all(why)
        }
    }

    /// What tells it from others: the tag of one that is attached by a tag, wherever that points to.
    pub(crate) fn name(referrer: &str) -> &str {
        let tagged = referrer.split_once('@');
        tagged.map_or(referrer, |(tag, _)| tag)
    }
}

/// A referrer at the source, whole.
pub(super) struct Referrer {
    /// Its manifests.
    pub tree: Tree,
    /// The tag by which it is attached, if it is by one.
    pub tag: Option<Tag>,
    /// Its type, for people.
    pub kind: String,
    /// How far it is from the image.
    pub level: usize,
}

impl Referrer {
    pub(super) fn digest(&self) -> &Digest {
        self.tree.root()
    }

    /// The bytes of its own manifest.
    pub(super) fn root(&self) -> &str {
        let root = self.tree.get(self.digest());
        root.map_or("", |root| root.bytes.as_str())
    }

    /// The same as one that did not go along.
    pub(super) fn left(&self, why: String, again: bool) -> Left {
        let tag = self.tag.as_ref();
        left(self.digest(), tag, Some(&self.kind), why, again)
    }
}

/// One that does not go along.
pub(super) fn left(
    digest: &Digest,
    tag: Option<&Tag>,
    kind: Option<&str>,
    why: impl Into<String>,
    again: bool,
) -> Left {
    let referrer = match tag {
        Some(tag) => format!("{tag}@{digest}"),
        None => digest.to_string(),
    };
    Left {
        referrer,
        kind: kind.unwrap_or_default().to_owned(),
        why: why.into(),
        again,
    }
}

/// The type that is given, where it is the referrer's own: where a manifest names none, ECR's list gives that of its config.
pub(super) fn own_type(given: Option<&str>) -> Option<&str> {
    given.filter(|kind| !media::is_image_config(kind) && *kind != EMPTY)
}

/// The types of a referrer: its own, or those of its config and layers, or of its children, where it names none.
pub(super) fn types(listed: Option<&str>, manifest: &Manifest) -> Vec<String> {
    let own = own_type(listed).or_else(|| own_type(manifest.artifact_type.as_deref()));
    if let Some(own) = own {
        return vec![own.to_owned()];
    }
    match &manifest.kind {
        ManifestKind::Image { config, layers } => {
            let layers = layers.iter().map(|layer| layer.media_type.clone());
            layers.chain([config.media_type.clone()]).collect()
        }
        ManifestKind::Index { manifests } => {
            let types = manifests
                .iter()
                .filter_map(|child| child.artifact_type.clone());
            types.chain([manifest.media_type.clone()]).collect()
        }
    }
}
