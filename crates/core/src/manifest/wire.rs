//! The document of a manifest: which of the possible readings it has, and whether it has one alone.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

use super::{
    Descriptor, LAYERS_MAX, MANIFESTS_MAX, Manifest, ManifestError, ManifestKind,
    annotations::Annotations, descriptor::WireDescriptor, media, spelling,
};
use crate::reference::shortened;

/// Reads the document: the parts that are known, and then all keys as they are spelt.
pub(super) fn read(bytes: &[u8], media_type: Option<&str>) -> Result<Manifest, ManifestError> {
    let Object(wire): Object<Wire> =
        serde_json::from_slice(bytes).map_err(|error| ManifestError::json(&error))?;
    let media_type = wire.media_type(media_type)?;
    spelling::check(bytes)?;
    wire.into_manifest(media_type)
}

/// A manifest's document, before anything is believed of it. The derived reader refuses a key that
/// is given twice.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    schema_version: Option<serde_json::Number>,
    media_type: Option<String>,
    artifact_type: Option<String>,
    config: Option<Object<WireDescriptor>>,
    layers: Option<Bounded<Object<WireDescriptor>, LAYERS_MAX>>,
    manifests: Option<Bounded<Object<WireDescriptor>, MANIFESTS_MAX>>,
    subject: Option<Object<WireDescriptor>>,
    #[expect(dead_code, reason = "a document whose annotations are none is refused")]
    annotations: Option<Annotations>,
    fs_layers: Option<IgnoredAny>,
    history: Option<IgnoredAny>,
    signatures: Option<IgnoredAny>,
    blobs: Option<IgnoredAny>,
}

impl Wire {
    /// The type of the manifest, by the registry, by the document, by the shape; all that speak
    /// must agree.
    fn media_type(&self, response: Option<&str>) -> Result<String, ManifestError> {
        let itself = self.media_type.as_deref().filter(|text| !text.is_empty());
        let media_type = match (response, itself) {
            (Some(said), Some(itself)) if said != itself => {
                return Err(ManifestError::MediaTypesDiffer {
                    place: "the registry",
                    said: shortened(said),
                    itself: shortened(itself),
                });
            }
            (Some(media_type), _) | (None, Some(media_type)) => media_type,
            (None, None) => self.shape()?,
        };
        if media::is_manifest(media_type) {
            Ok(media_type.to_owned())
        } else {
            Err(refusal("the manifest", media_type))
        }
    }

    fn shape(&self) -> Result<&'static str, ManifestError> {
        if self.is_version(1) {
            Err(ManifestError::SchemaOne)
        } else if self.manifests.is_some() {
            Ok(media::OCI_INDEX)
        } else if let Some(Object(config)) = &self.config {
            Ok(if config.media_type == media::DOCKER_CONFIG {
                media::DOCKER_MANIFEST
            } else {
                media::OCI_MANIFEST
            })
        } else {
            self.check_version()?;
            Err(ManifestError::Lacks("mediaType"))
        }
    }

    fn is_version(&self, version: u64) -> bool {
        self.schema_version
            .as_ref()
            .is_some_and(|number| number.as_u64() == Some(version))
    }

    fn check_version(&self) -> Result<(), ManifestError> {
        if self.is_version(2) {
            return Ok(());
        }
        let version = self.schema_version.as_ref();
        Err(ManifestError::SchemaVersion(
            version.map_or("none".to_owned(), ToString::to_string),
        ))
    }

    /// Refuses what belongs to another kind of manifest than `index` says.
    fn check_keys(&self, index: bool) -> Result<(), ManifestError> {
        let foreign = [
            ("fsLayers", self.fs_layers.is_some()),
            ("history", self.history.is_some()),
            ("signatures", self.signatures.is_some()),
            ("blobs", self.blobs.is_some()),
            ("config", index && self.config.is_some()),
            ("layers", index && self.layers.is_some()),
            ("manifests", !index && self.manifests.is_some()),
        ];
        match foreign.iter().find(|(_, there)| *there) {
            Some((key, _)) => Err(ManifestError::Ambiguous((*key).to_owned())),
            None => Ok(()),
        }
    }

    fn into_manifest(self, media_type: String) -> Result<Manifest, ManifestError> {
        self.check_version()?;
        let index = media::is_index(&media_type);
        self.check_keys(index)?;
        let kind = if index {
            let manifests = self.manifests.ok_or(ManifestError::Lacks("manifests"))?;
            children(manifests)?
        } else {
            let Object(config) = self.config.ok_or(ManifestError::Lacks("config"))?;
            // Some clients write `null` for a list without members.
            image(config, self.layers.unwrap_or_default())?
        };
        let subject = self
            .subject
            .map(|Object(wire)| wire.check(|| "subject".to_owned()));
        Ok(Manifest {
            media_type,
            kind,
            subject: subject.transpose()?,
            artifact_type: self.artifact_type.filter(|text| !text.is_empty()),
        })
    }
}

/// Why a type is refused, in the words that help most.
fn refusal(place: &str, media_type: &str) -> ManifestError {
    if media::is_schema_one(media_type) {
        ManifestError::SchemaOne
    } else if media::is_artifact_manifest(media_type) {
        ManifestError::ArtifactManifest(media_type.to_owned())
    } else {
        ManifestError::UnknownMediaType {
            place: place.to_owned(),
            media_type: shortened(media_type),
        }
    }
}

fn children(
    manifests: Bounded<Object<WireDescriptor>, MANIFESTS_MAX>,
) -> Result<ManifestKind, ManifestError> {
    // The root is a manifest too.
    if manifests.count >= MANIFESTS_MAX {
        return Err(ManifestError::TooManyManifests(manifests.count + 1));
    }
    let check = |place: &str, media_type: &str| {
        let known = media::is_manifest(media_type);
        if known {
            Ok(())
        } else {
            Err(refusal(place, media_type))
        }
    };
    let manifests = checked(manifests.items, "manifests", check)?;
    Ok(ManifestKind::Index { manifests })
}

fn image(
    config: WireDescriptor,
    layers: Bounded<Object<WireDescriptor>, LAYERS_MAX>,
) -> Result<ManifestKind, ManifestError> {
    if layers.count > LAYERS_MAX {
        return Err(ManifestError::TooManyLayers(layers.count));
    }
    Ok(ManifestKind::Image {
        config: config.check(|| "config".to_owned())?,
        layers: checked(layers.items, "layers", |_, _| Ok(()))?,
    })
}

fn checked(
    list: Vec<Object<WireDescriptor>>,
    key: &str,
    check_type: impl Fn(&str, &str) -> Result<(), ManifestError>,
) -> Result<Vec<Descriptor>, ManifestError> {
    let check = |(at, Object(wire)): (usize, Object<WireDescriptor>)| {
        let place = || format!("{key}[{at}]");
        let descriptor = wire.check(place)?;
        check_type(&place(), &descriptor.media_type)?;
        Ok(descriptor)
    };
    list.into_iter().enumerate().map(check).collect()
}

/// A list that is kept up to its limit and counted beyond it: a manifest's bytes hold a hundred
/// thousand descriptors.
pub(super) struct Bounded<T, const MAX: usize> {
    pub(super) items: Vec<T>,
    pub(super) count: usize,
}

impl<T, const MAX: usize> Default for Bounded<T, MAX> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            count: 0,
        }
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for Bounded<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T, const MAX: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Items<T, MAX> {
            type Value = Bounded<T, MAX>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut bounded = Bounded::default();
                while bounded.count < MAX {
                    let Some(item) = list.next_element()? else {
                        return Ok(bounded);
                    };
                    bounded.items.push(item);
                    bounded.count += 1;
                }
                while list.next_element::<IgnoredAny>()?.is_some() {
                    bounded.count += 1;
                }
                Ok(bounded)
            }
        }
        deserializer.deserialize_seq(Items(PhantomData))
    }
}

/// A part that has to be written as an object: the derived readers would take a list of the values
/// for one too.
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_map(Members(PhantomData))
    }
}
