//! Licenses as SPDX expressions, read as leniently as people write them, and the questions a
//! `license` criterion asks of them.
//!
//! A reading is either sure or none: what names no single license (`BSD`, `GPL`, `LGPLv2`) is
//! unreadable, and unreadable is unknown, never harmless. Nothing here decides what unknown means
//! for a policy; [`clearance`] only tells it apart.
//!
//! Grammar: SPDX specification 2.3, annex D "SPDX license expressions"; identifiers: the SPDX
//! license list that the crate `spdx` brings.

mod listed;
mod names;
mod spellings;

use std::fmt;

use spdx::{
    AdditionItem, LicenseItem, LicenseReq, ParseMode,
    expression::{ExprNode, ExpressionReq},
};

pub use self::listed::{Listed, NotListed, near};
use crate::evidence::License;

/// The longest text that is read as an expression, in bytes; a longer one is unreadable. Linux
/// distributions' longest expressions have some 5,000.
pub const EXPRESSION_LENGTH_MAX: usize = 16 * 1024;

/// Identifiers are made canonical before the parser sees them, so it may be as strict as it can.
const MODE: ParseMode = ParseMode {
    allow_slash_as_or_operator: false,
    allow_imprecise_license_names: false,
    allow_postfix_plus_on_gpl: false,
    allow_deprecated: true,
    allow_unknown: false,
};

/// A license expression whose every word is a license of SPDX's list or a `LicenseRef-…` of the
/// document's own. Shown in canonical form: modern identifiers, operators in capitals.
#[derive(Debug, Clone)]
pub struct Expression(spdx::Expression);

/// One license that an expression names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term {
    /// The canonical identifier, as in `GPL-2.0-only` or `LicenseRef-ours`; `+` stays on licenses
    /// that have no `-or-later` form.
    pub license: String,
    /// What stands behind `WITH`, as in `Classpath-exception-2.0`.
    pub exception: Option<String>,
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.exception {
            Some(exception) => write!(f, "{} WITH {exception}", self.license),
            None => f.write_str(&self.license),
        }
    }
}

impl Expression {
    /// Reads an expression, an identifier in any case, a deprecated identifier, or a license's name
    /// as people write it (`Apache License, Version 2.0`, `GPLv3+`). `None` where any word of it is
    /// not surely one license, where it says `NOASSERTION` or `NONE`, or where it is longer than
    /// [`EXPRESSION_LENGTH_MAX`].
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if text.len() > EXPRESSION_LENGTH_MAX {
            return None;
        }
        let canonical = match names::whole(text) {
            Some(canonical) => canonical.to_owned(),
            None => names::canonical(text)?,
        };
        spdx::Expression::parse_mode(&canonical, MODE)
            .ok()
            .map(Self)
    }

    /// Every license named, in the order of the text, each once.
    #[must_use]
    pub fn terms(&self) -> Vec<Term> {
        let mut terms: Vec<Term> = Vec::new();
        for ExpressionReq { req, .. } in self.0.requirements() {
            let term = term(req);
            if !terms.contains(&term) {
                terms.push(term);
            }
        }
        terms
    }

    /// [`Self::terms`] as text.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.terms().iter().map(Term::to_string).collect()
    }

    /// Whether some choice that the expression leaves (`OR`) avoids every license that `banned`
    /// says is banned; it is asked with a license and its exception.
    #[must_use]
    pub fn avoidable(&self, banned: impl Fn(&str, Option<&str>) -> bool) -> bool {
        self.0.evaluate(|req| {
            let term = term(req);
            !banned(&term.license, term.exception.as_deref())
        })
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_ref())
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        let node = |node: &ExprNode| match node {
            ExprNode::Op(operator) => (Some(*operator), None),
            ExprNode::Req(ExpressionReq { req, .. }) => (None, Some(term(req))),
        };
        self.0.iter().map(node).eq(other.0.iter().map(node))
    }
}

impl Eq for Expression {}

/// What a negative operator learns of one component's license.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clearance {
    /// Some choice avoids all that is banned, or there is no license to ask for.
    Clear,
    /// No choice avoids it: the banned licenses named.
    Broken(Vec<String>),
    /// Not stated, or not readable: then with the words as written.
    Unknown(Option<String>),
}

/// Asks what a document says of a component's license for banned licenses. What is stated apart
/// applies together, so one part that cannot avoid the ban breaks it, and after that one unreadable
/// part makes the whole unknown. A banned word that is written literally breaks it too.
#[must_use]
pub fn clearance(license: &License, banned: impl Fn(&str, Option<&str>) -> bool) -> Clearance {
    let parts: &[String] = match license {
        License::NotApplicable => return Clearance::Clear,
        License::Unknown => return Clearance::Unknown(None),
        License::Unreadable(word) => std::slice::from_ref(word),
        License::Stated(parts) => parts,
    };
    let mut culprits = Vec::new();
    let mut unreadable = None;
    for part in parts {
        match Expression::read(part) {
            Some(expression) if expression.avoidable(&banned) => {}
            Some(expression) => culprits.extend(
                expression
                    .terms()
                    .into_iter()
                    .filter(|term| banned(&term.license, term.exception.as_deref()))
                    .map(|term| term.to_string()),
            ),
            None if banned(part.trim(), None) => culprits.push(part.clone()),
            None => unreadable = unreadable.or(Some(part.clone())),
        }
    }
    match (culprits.is_empty(), unreadable) {
        (false, _) => Clearance::Broken(culprits),
        (true, Some(word)) => Clearance::Unknown(Some(word)),
        (true, None) if parts.is_empty() => Clearance::Unknown(None),
        (true, None) => Clearance::Clear,
    }
}

/// Every license that a component's document names, for a positive operator: the terms of what can
/// be read, the words themselves of what cannot.
#[must_use]
pub fn named(license: &License) -> Vec<Term> {
    let parts: &[String] = match license {
        License::NotApplicable | License::Unknown => &[],
        License::Unreadable(word) => std::slice::from_ref(word),
        License::Stated(parts) => parts,
    };
    let word = |part: &String| {
        vec![Term {
            license: part.trim().to_owned(),
            exception: None,
        }]
    };
    parts
        .iter()
        .flat_map(|part| Expression::read(part).map_or_else(|| word(part), |e| e.terms()))
        .collect()
}

/// Every way in which the license list spells a license: its identifier, deprecated ones that mean
/// the same, and where it has an exception these again with it. An operator on parts of a text or a
/// regular expression is asked of each, so that `GPL-2.0` means the same to all operators.
#[must_use]
pub fn spellings(license: &str, exception: Option<&str>) -> Vec<String> {
    let with_exception = exception.map(|exception| format!("{license} WITH {exception}"));
    let mut spellings = Vec::new();
    for modern in std::iter::once(license.to_owned()).chain(with_exception) {
        spellings.extend(names::deprecated(&modern).iter().map(ToString::to_string));
        spellings.push(modern);
    }
    spellings
}

fn term(req: &LicenseReq) -> Term {
    let license = match &req.license {
        LicenseItem::Spdx { id, or_later: true } => format!("{}+", id.name),
        LicenseItem::Spdx { id, .. } => id.name.to_owned(),
        other @ LicenseItem::Other(_) => other.to_string(),
    };
    let exception = req.addition.as_ref().map(|addition| match addition {
        AdditionItem::Spdx(id) => id.name.to_owned(),
        other @ AdditionItem::Other(_) => other.to_string(),
    });
    Term { license, exception }
}

#[cfg(test)]
mod tests;
