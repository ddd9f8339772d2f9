//! The platforms of an image by names that tell them apart.

use std::collections::HashMap;

use super::{Descriptor, Manifest};
use crate::{
    Digest,
    evidence::{Contents, Platform},
};

/// Platforms in the order of the index, each digest once.
#[derive(Default)]
pub(super) struct Named(Vec<(Platform, Option<String>)>);

impl Named {
    /// Adds a manifest, as far as it was read, with the descriptor that names it.
    pub(super) fn add(
        &mut self,
        digest: &Digest,
        manifest: Option<&Manifest>,
        named: Option<&Descriptor>,
    ) {
        if self.0.iter().any(|(known, _)| known.digest == *digest) {
            return;
        }
        let platform = Platform {
            digest: digest.clone(),
            name: named.and_then(|named| named.platform.clone()),
            unknown_layer: manifest
                .and_then(Manifest::unknown_layer)
                .map(str::to_owned),
        };
        self.0
            .push((platform, named.and_then(|named| named.os_version.clone())));
    }

    /// Platforms of one name are told apart by the version of their system, else by digest.
    pub(super) fn into_contents(self) -> Contents {
        let mut by_name: HashMap<Option<String>, usize> = HashMap::new();
        let mut by_version: HashMap<(Option<String>, Option<String>), usize> = HashMap::new();
        for (platform, version) in &self.0 {
            *by_name.entry(platform.name.clone()).or_default() += 1;
            *by_version
                .entry((platform.name.clone(), version.clone()))
                .or_default() += 1;
        }
        let platforms: Vec<Platform> = self
            .0
            .into_iter()
            .map(|(platform, version)| {
                let is_shared = by_name.get(&platform.name).is_some_and(|count| *count > 1);
                let Some(name) = platform.name.clone().filter(|_| is_shared) else {
                    return platform;
                };
                let is_told = by_version.get(&(platform.name.clone(), version.clone())) == Some(&1);
                let apart = match version {
                    Some(version) if is_told => version,
                    _ => platform.digest.to_string(),
                };
                Platform {
                    name: Some(format!("{name} {apart}")),
                    ..platform
                }
            })
            .collect();
        if platforms.is_empty() {
            Contents::Artifact
        } else {
            Contents::Platforms(platforms)
        }
    }
}
