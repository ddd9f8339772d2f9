//! In-toto statements about an SBOM.
//!
//! A statement speaks of its subjects and of nothing else: one about another digest, or of another
//! predicate type, is not an SBOM of this image, whatever is in it. In-toto attestation framework,
//! "Statement" v0.1 and v1.

use ecr_promoter_core::Digest;

use super::{
    Attested, NoSbom, Piece,
    allowance::Allowance,
    document::Document,
    draft::Draft,
    error::{SbomError, shortened},
    label::Predicate,
    place::{Keys, Problem, Text, wrong_type},
};
use crate::{
    json::{Fault, List, Object, Place},
    limits::TEXT_BYTES_MAX,
};

/// How the type of a statement begins, whatever its version.
const STATEMENT: &str = "https://in-toto.io/Statement/v";
/// What is gathered from a statement.
pub(super) struct StatementParts {
    problem: Problem,
    kind: Option<String>,
    predicate_type: Option<String>,
    subjects: Vec<Digest>,
    has_predicate: bool,
    predicate: Draft,
}

impl StatementParts {
    pub(super) fn within(left: Allowance) -> Self {
        Self {
            problem: None,
            kind: None,
            predicate_type: None,
            subjects: Vec::new(),
            has_predicate: false,
            predicate: Draft::within(left),
        }
    }

    /// Whether an object with these keys is a statement, readable or not.
    pub(super) fn is_told(&self) -> bool {
        self.predicate_type.is_some() || self.kind.is_some() && self.has_predicate
    }

    /// Reads the value of a key of a statement.
    pub(super) fn take(
        &mut self,
        key: &'static str,
        object: &mut Object<'_, '_>,
        wanted: &[Digest],
    ) -> Result<(), Fault> {
        let problem = &mut self.problem;
        match key {
            "_type" => object.value(text(key, &mut self.kind, problem)),
            "predicateType" => object.value(text(key, &mut self.predicate_type, problem)),
            "subject" => object.value(Subjects {
                wanted,
                into: &mut self.subjects,
                problem,
            }),
            _ => {
                self.has_predicate = true;
                object.value(Document(&mut self.predicate))
            }
        }
    }

    /// What the statement comes to; it has this many bytes.
    pub(super) fn finish(self, bytes: u64) -> Result<Piece, SbomError> {
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
        let kind = match Predicate::of(&predicate_type) {
            Predicate::Sbom(kind) => kind,
            Predicate::Syft => {
                return Err(SbomError::Unsupported("in syft's own format".to_owned()));
            }
            Predicate::Other => {
                let found = shortened(&predicate_type);
                return Ok(Piece::NoSbom(NoSbom::PredicateType(found)));
            }
        };
        if self.subjects.is_empty() {
            return Ok(Piece::NoSbom(NoSbom::Subject));
        }
        if !self.has_predicate {
            return Err(SbomError::Missing("predicate"));
        }
        if self.predicate.is_of_vulnerabilities() {
            return Ok(Piece::NoSbom(NoSbom::Vulnerabilities));
        }
        Ok(Piece::Sbom(Attested {
            sbom: self.predicate.finish(kind)?,
            subjects: Some(self.subjects),
            bytes,
        }))
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

pub(super) fn text<'a>(
    key: &'static str,
    into: &'a mut Option<String>,
    problem: &'a mut Problem,
) -> Text<'a> {
    Text {
        key,
        bytes_max: TEXT_BYTES_MAX,
        into,
        problem,
    }
}
