//! The part of ecr-promoter that judges: events, policies, templates, evidence, decisions and the
//! transitions of a promotion.
//!
//! Everything here is pure. There is no async, no SDK type, no clock and no environment: the time
//! and the evidence are arguments, and what is missing is an answer ([`decide::Step::Ask`]), not a
//! call. So each rule can be read, tested and mutated without a registry in sight.
//!
//! The order in which a push meets these modules:
//!
//! | module | in → out |
//! | --- | --- |
//! | [`event`] | bytes → [`event::Delivery`]s, each an event, or why it is not one |
//! | [`mod@reference`] | text → [`Registry`], [`Repository`], [`Tag`], [`Digest`], parsed once |
//! | [`policy`] | a document → a [`policy::Policy`], or every mistake in it |
//! | [`manifest`] | bytes from ECR → what the image consists of |
//! | [`runs`] | an event and what the tag points to → the push's run and order |
//! | [`findings`] | what a scan answered → its state, and what counts of it |
//! | [`component`] | an entry of an SBOM → the names that it answers to |
//! | [`version`] | versions → their order in an ecosystem, and ranges over them |
//! | [`labels`] | the bytes of an image config → its labels |
//! | [`license`] | the words of an SBOM → an SPDX expression that can be asked |
//! | [`decide`] | push, policy, evidence → a [`decision::Decision`], or what it lacks |
//! | [`mod@nearest`] | the same → the smallest change that would let the image through |
//! | [`claim`] | a case's claim and now → whose turn it is |
//! | [`names`] | the names of a minute → the one that a template of seconds renders |
//! | [`head`] | a target tag's item and a push → whether the tag may be written |
//! | [`provenance`] | a target tag's windows and an event → whether the push is ours |
//! | [`sightings`] | a scan's findings and those seen before → since when each is known |
//! | [`walk`] | a tag that stands and its last run → the policies for which it is a lost push |
//! | [`due`] | what is open and how often it was looked at → when it is looked at again |

pub mod claim;
pub mod component;
pub mod decide;
pub mod decision;
pub mod due;
pub mod event;
pub mod evidence;
pub mod findings;
pub mod head;
pub mod labels;
pub mod license;
pub mod manifest;
pub mod names;
pub mod nearest;
pub mod node;
pub mod path;
pub mod policy;
pub mod provenance;
pub mod push;
pub mod reference;
pub mod runs;
pub mod sightings;
pub mod suggest;
pub mod template;
pub mod version;
pub mod walk;

pub use push::Push;
pub use reference::{Digest, Image, Registry, Repository, Tag};

/// A moment in UTC; the ledger keeps it with microseconds.
pub type Time = chrono::DateTime<chrono::Utc>;
