//! Amazon ECR, by its two faces: the JSON API for images, and the registry's HTTP API for blobs.
//! What comes back is checked here: a manifest against its digest, a blob against its own, an
//! address against the registry's host.

pub(crate) mod arriving;
pub(crate) mod described;
pub(crate) mod downloads;
pub(crate) mod handed;
mod http;
pub(crate) mod images;
pub(crate) mod put;
pub(crate) mod referrers;
pub(crate) mod repositories;
mod token;
pub(crate) mod uploads;
