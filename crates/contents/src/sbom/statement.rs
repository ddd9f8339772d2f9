//! Attestations around an SBOM: an in-toto statement, plain as BuildKit writes it, in a DSSE envelope
//! as cosign's `.att` tags hold it, or in a sigstore bundle.
//!
//! A statement speaks of its subjects and of nothing else: one about another digest, or of another
//! predicate type, is no SBOM of this image, whatever is in it. No signature is verified here.
//!
//! Sources: in-toto attestation framework, "Statement" v0.1 and v1; DSSE protocol and envelope 1.0;
//! sigstore bundle format 0.1 to 0.3; BuildKit, "Attestation storage".

mod envelope;

use std::{fmt, io::Read};

use ecr_promoter_core::Digest;

use self::envelope::{Bundle, BundleParts, Envelope, EnvelopeParts};
use super::{
    Kind, Sbom,
    document::Document,
    draft::Draft,
    error::{SbomError, shortened},
    fill,
    place::{Keys, Problem, Text, wrong_type},
};
use crate::{
    json::{Fault, List, Object, Place},
    limits::{ENVELOPE_BYTES_MAX, SBOM_BYTES_MAX, TEXT_BYTES_MAX},
};

/// The payload type of an in-toto statement (DSSE envelope, in-toto attestation framework).
const IN_TOTO: &str = "application/vnd.in-toto+json";
/// How the type of a statement begins, whatever its version.
const STATEMENT: &str = "https://in-toto.io/Statement/v";
/// How the media type of a sigstore bundle begins, whatever its version.
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle";

/// What a blob's media type says is around the SBOM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wrapping {
    /// An in-toto statement.
    Statement,
    /// A DSSE envelope around one.
    Envelope,
    /// A sigstore bundle around that.
    Bundle,
}

impl Wrapping {
    /// The wrapping that a layer's media type names: `application/vnd.in-toto+json`,
    /// `application/vnd.dsse.envelope.v1+json`, `application/vnd.dev.sigstore.bundle.v0.3+json` and
    /// its older versions.
    #[must_use]
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        match media_type {
            IN_TOTO => Some(Self::Statement),
            "application/vnd.dsse.envelope.v1+json" => Some(Self::Envelope),
            other if other.starts_with(BUNDLE) => Some(Self::Bundle),
            _ => None,
        }
    }
}

/// What an attestation holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unwrapped {
    /// An SBOM of one of the wanted subjects.
    Sbom {
        /// The SBOM.
        sbom: Sbom,
        /// Those of the wanted subjects that the statement names, each once, in its order.
        subjects: Vec<Digest>,
    },
    /// Something else, which says nothing about the image's components.
    NoSbom(NoSbom),
}

/// Why an attestation is no SBOM of the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoSbom {
    /// Its payload is no in-toto statement but of this type.
    PayloadType(String),
    /// A bundle of a plain signature.
    Signature,
    /// Its statement is of this predicate type.
    PredicateType(String),
    /// Its statement names none of the wanted subjects.
    Subject,
}

impl fmt::Display for NoSbom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PayloadType(found) => write!(f, "the attestation's payload is {found:?}"),
            Self::Signature => f.write_str("the bundle holds a signature alone"),
            Self::PredicateType(found) => write!(f, "the attestation's predicate is {found:?}"),
            Self::Subject => f.write_str("the attestation is about another digest"),
        }
    }
}

/// Reads an attestation and the SBOM in it. `subjects` are the digests that it may be about: the
/// image, its platforms, its index.
///
/// # Errors
/// An attestation that claims to be an SBOM of the image and cannot be read whole, or that cannot be
/// told: the list is unknown.
pub fn unwrap(
    mut reader: impl Read,
    wrapping: Wrapping,
    subjects: &[Digest],
) -> Result<Unwrapped, SbomError> {
    match wrapping {
        Wrapping::Statement => statement(&mut reader, subjects),
        Wrapping::Envelope => {
            let mut parts = EnvelopeParts::default();
            let into = &mut parts;
            fill(&mut reader, ENVELOPE_BYTES_MAX, Envelope { into, subjects })?;
            parts.finish()
        }
        Wrapping::Bundle => {
            let mut parts = BundleParts::default();
            let into = &mut parts;
            fill(&mut reader, ENVELOPE_BYTES_MAX, Bundle { into, subjects })?;
            parts.finish()
        }
    }
}

fn statement(reader: &mut dyn Read, subjects: &[Digest]) -> Result<Unwrapped, SbomError> {
    let mut parts = StatementParts::default();
    let into = &mut parts;
    fill(reader, SBOM_BYTES_MAX, Statement { into, subjects })?;
    parts.finish()
}

/// What is gathered from a statement.
#[derive(Default)]
struct StatementParts {
    problem: Problem,
    kind: Option<String>,
    predicate_type: Option<String>,
    subjects: Vec<Digest>,
    has_predicate: bool,
    predicate: Draft,
}

impl StatementParts {
    fn finish(self) -> Result<Unwrapped, SbomError> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let kind = self.kind.ok_or(SbomError::Missing("_type"))?;
        if !kind.starts_with(STATEMENT) {
            let what = shortened(&format!("in a statement of type {kind:?}"));
            return Err(SbomError::Unsupported(what));
        }
        let predicate_type = self.predicate_type;
        let predicate_type = predicate_type.ok_or(SbomError::Missing("predicateType"))?;
        let Some(kind) = Kind::of_predicate_type(&predicate_type) else {
            let found = shortened(&predicate_type);
            return Ok(Unwrapped::NoSbom(NoSbom::PredicateType(found)));
        };
        if self.subjects.is_empty() {
            return Ok(Unwrapped::NoSbom(NoSbom::Subject));
        }
        if !self.has_predicate {
            return Err(SbomError::Missing("predicate"));
        }
        Ok(Unwrapped::Sbom {
            sbom: self.predicate.finish(kind)?,
            subjects: self.subjects,
        })
    }
}

struct Statement<'a> {
    into: &'a mut StatementParts,
    subjects: &'a [Digest],
}

impl Place for Statement<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.into.problem, "statement", "an object", found);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let Self { into, subjects } = self;
        let mut keys = Keys::new(&["_type", "predicateType", "subject", "predicate"]);
        while let Some(key) = keys.next(object, &mut into.problem)? {
            let problem = &mut into.problem;
            match key {
                "_type" => object.value(text(key, &mut into.kind, problem))?,
                "predicateType" => {
                    object.value(text(key, &mut into.predicate_type, problem))?;
                }
                "subject" => object.value(Subjects {
                    wanted: subjects,
                    into: &mut into.subjects,
                    problem,
                })?,
                _ => {
                    into.has_predicate = true;
                    object.value(Document::predicate(&mut into.predicate))?;
                }
            }
        }
        Ok(())
    }
}

/// `subject`: of its entries only those digests are kept that are wanted.
struct Subjects<'a> {
    wanted: &'a [Digest],
    into: &'a mut Vec<Digest>,
    problem: &'a mut Problem,
}

impl Place for Subjects<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(self.problem, "subject", "a list", found);
    }

    fn list(self, list: &mut List<'_, '_>) -> Result<(), Fault> {
        loop {
            let mut hex = None;
            let (into, problem) = (&mut hex, &mut *self.problem);
            let keys = &["digest"];
            if !list.next(Digests {
                keys,
                into,
                problem,
            })? {
                return Ok(());
            }
            let named = hex.and_then(|hex| Digest::parse(&format!("sha256:{hex}")).ok());
            self.into.extend(
                named.filter(|named| self.wanted.contains(named) && !self.into.contains(named)),
            );
        }
    }
}

/// One subject, and in it its `digest`: objects around `sha256`.
struct Digests<'a> {
    keys: &'static [&'static str],
    into: &'a mut Option<String>,
    problem: &'a mut Problem,
}

impl Place for Digests<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(self.problem, "subject", "objects with a digest", found);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let Self {
            keys,
            into,
            problem,
        } = self;
        let mut found = Keys::new(keys);
        while let Some(key) = found.next(object, problem)? {
            let (into, problem) = (&mut *into, &mut *problem);
            if key == "digest" {
                let keys = &["sha256"];
                object.value(Digests {
                    keys,
                    into,
                    problem,
                })?;
            } else {
                object.value(text(key, into, problem))?;
            }
        }
        Ok(())
    }
}

fn text<'a>(key: &'static str, into: &'a mut Option<String>, problem: &'a mut Problem) -> Text<'a> {
    Text {
        key,
        bytes_max: TEXT_BYTES_MAX,
        into,
        problem,
    }
}

#[cfg(test)]
mod tests;
