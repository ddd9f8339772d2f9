//! The question of a negative operator: whether what a document says of a license leaves a choice that
//! avoids what is banned, and nothing unknown.

use super::{Expression, License, Named, Term, expression::Atom};

/// What a negative operator learns of one component's license.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clearance {
    /// Some choice avoids all that is banned.
    Clear,
    /// No choice avoids it: what is banned of what is named.
    Broken(Vec<String>),
    /// Not stated, or no choice avoids unknown words: then the first of these.
    Unknown(Option<String>),
}

/// How well one license is known, from the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Clear,
    Unknown,
    Banned,
}

/// Asks what a document says of a component's license for banned licenses. What is stated apart
/// applies together; a choice is taken that avoids what is banned, and else one that avoids what is
/// unknown. `accepted` says which unknown words are taken for harmless.
#[must_use]
pub fn clearance(
    license: &License,
    banned: impl Fn(Named<'_>) -> bool,
    accepted: impl Fn(&str) -> bool,
) -> Clearance {
    let mut asked = Asked {
        license,
        banned: &banned,
        accepted: &accepted,
        culprits: Vec::new(),
        unknown: None,
    };
    let standings = license.stated.iter().map(|text| asked.text(text, true));
    match standings.max() {
        None => Clearance::Unknown(None),
        Some(Standing::Banned) => Clearance::Broken(asked.culprits),
        Some(Standing::Unknown) => Clearance::Unknown(asked.unknown),
        Some(Standing::Clear) => Clearance::Clear,
    }
}

struct Asked<'a> {
    license: &'a License,
    banned: &'a dyn Fn(Named<'_>) -> bool,
    accepted: &'a dyn Fn(&str) -> bool,
    culprits: Vec<String>,
    unknown: Option<String>,
}

impl Asked<'_> {
    /// A text as a whole; what explains a license of the document's own is explained no further.
    fn text(&mut self, text: &str, explains: bool) -> Standing {
        let expression = Expression::read(text);
        let (is_banned, is_accepted) = if expression.is_readable() {
            (false, false)
        } else {
            let whole = text.trim();
            ((self.banned)(Named::Words(whole)), (self.accepted)(whole))
        };
        if is_banned {
            self.name(Named::Words(text.trim()));
        }
        let standing = expression.evaluate(|atom| match atom {
            Atom::License(term) => self.term(term, explains),
            Atom::Words(words) => self.words(words, is_accepted),
        });
        let whole = is_banned.then_some(Standing::Banned);
        // An expression is never empty; were one, it would be unknown.
        standing
            .unwrap_or(Standing::Unknown)
            .max(whole.unwrap_or(Standing::Clear))
    }

    fn term(&mut self, term: &Term<'_>, explains: bool) -> Standing {
        let is_banned = (self.banned)(Named::Term(term));
        if is_banned {
            self.name(Named::Term(term));
        }
        let own = if is_banned {
            Standing::Banned
        } else {
            Standing::Clear
        };
        if !term.is_reference() {
            return own;
        }
        let explained = self.license.explains(term).filter(|_| explains);
        let by = explained.map_or(&[][..], |explained| explained.by.as_slice());
        let meant = by.iter().map(|text| self.text(text, false)).max();
        let is_accepted = (self.accepted)(&term.license);
        own.max(match meant {
            Some(Standing::Unknown) | None if is_accepted => Standing::Clear,
            Some(meant) => meant,
            None => self.unclear(&term.license),
        })
    }

    fn words(&mut self, words: &str, is_accepted: bool) -> Standing {
        if (self.banned)(Named::Words(words)) {
            self.name(Named::Words(words));
            return Standing::Banned;
        }
        if is_accepted || (self.accepted)(words) {
            return Standing::Clear;
        }
        self.unclear(words)
    }

    fn unclear(&mut self, words: &str) -> Standing {
        self.unknown.get_or_insert_with(|| words.to_owned());
        Standing::Unknown
    }

    fn name(&mut self, culprit: Named<'_>) {
        let culprit = culprit.to_string();
        if !self.culprits.contains(&culprit) {
            self.culprits.push(culprit);
        }
    }
}
