//! The question of a negative operator: whether what a document says of a license leaves a choice that
//! avoids what is banned, and nothing unknown. Asked for all criteria of a policy at once: a text is read
//! and walked once, however many criteria there are, and each has a bit of its own.

use std::collections::HashMap;

use super::{Explanations, Expression, License, Named, Term, expression::Atom};

/// How many of the names that a criterion asks for are kept of one license: more than a message shows.
const NAMES_MAX: u8 = 40;

/// What one criterion learns of a component's license.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clearance {
    /// Some choice avoids all that is banned.
    Clear,
    /// No choice avoids it: what is banned of what is named.
    Broken(Vec<String>),
    /// Not stated, or no choice avoids unknown words: then the first of these.
    Unknown(Option<String>),
}

/// What several criteria learn of a component's license; each has a bit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Clearances {
    /// The criteria that no choice avoids.
    broken: u64,
    /// Those that it is unknown of; the broken ones are among them.
    unclear: u64,
    /// What criteria ask for of what is named, each once, with those that do.
    named: Vec<(String, u64)>,
    /// The first unknown words of each.
    unknown: Vec<(String, u64)>,
}

impl Clearances {
    /// Of a license that is not stated.
    #[must_use]
    pub fn not_stated() -> Self {
        Self {
            unclear: u64::MAX,
            ..Self::default()
        }
    }

    /// What the criterion of this bit learns.
    #[must_use]
    pub fn of(&self, bit: u64) -> Clearance {
        if self.broken & bit != 0 {
            let names = self.names(bit);
            Clearance::Broken(names.map(str::to_owned).collect())
        } else if self.unclear & bit != 0 {
            let mut unknown = self.unknown.iter();
            let first = unknown.find(|(_, bits)| bits & bit != 0);
            Clearance::Unknown(first.map(|(words, _)| words.clone()))
        } else {
            Clearance::Clear
        }
    }

    /// What of what is named the criterion of this bit asks for, or forbids.
    pub fn names(&self, bit: u64) -> impl Iterator<Item = &str> {
        let named = self.named.iter().filter(move |(_, bits)| bits & bit != 0);
        named.map(|(name, _)| name.as_str())
    }

    /// The criteria that ask for something of what is named.
    #[must_use]
    pub fn touched(&self) -> u64 {
        self.named.iter().fold(0, |all, (_, bits)| all | bits)
    }

    /// The criteria that no choice avoids.
    #[must_use]
    pub fn broken(&self) -> u64 {
        self.broken
    }

    /// Whether every criterion finds it clear, and none asks for what is named.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.unclear == 0 && self.named.is_empty()
    }
}

/// How well one license is known, for each criterion.
#[derive(Debug, Clone, Copy)]
struct Standing {
    broken: u64,
    /// With those of `broken`.
    unclear: u64,
}

impl Standing {
    const CLEAR: Self = Self::broken(0);
    const UNKNOWN: Self = Self {
        broken: 0,
        unclear: u64::MAX,
    };

    const fn broken(bits: u64) -> Self {
        Self {
            broken: bits,
            unclear: bits,
        }
    }

    /// Of what applies together the worst.
    fn both(self, other: Self) -> Self {
        Self {
            broken: self.broken | other.broken,
            unclear: self.unclear | other.unclear,
        }
    }

    /// Of a choice the best.
    fn either(self, other: Self) -> Self {
        Self {
            broken: self.broken & other.broken,
            unclear: self.unclear & other.unclear,
        }
    }
}

/// Asks what a document says of a component's license. `touched` says which criteria ask for what is
/// named, or forbid it. What is stated apart applies together; a choice is taken that avoids what is
/// banned, and else one that avoids what is unknown. `accepted` says which unknown words are taken for
/// harmless.
pub fn clearances(
    license: &License,
    touched: &mut dyn FnMut(Named<'_>) -> u64,
    accepted: &dyn Fn(&str) -> bool,
) -> Clearances {
    if !license.is_stated() {
        return Clearances::not_stated();
    }
    let mut asked = Asked {
        explanations: Explanations::of(license),
        meant: HashMap::new(),
        touched,
        accepted,
        names: Names::default(),
        unknown: Vec::new(),
        clear: u64::MAX,
    };
    let mut standing = Standing::CLEAR;
    for text in &license.stated {
        standing = standing.both(asked.text(text, true));
    }
    // An image may have two hundred thousand of these.
    asked.names.named.shrink_to_fit();
    asked.unknown.shrink_to_fit();
    Clearances {
        broken: standing.broken,
        unclear: standing.unclear,
        named: asked.names.named,
        unknown: asked.unknown,
    }
}

struct Asked<'a> {
    explanations: Explanations<'a>,
    /// What each explanation comes to, once it was looked at.
    meant: HashMap<usize, Standing>,
    touched: &'a mut dyn FnMut(Named<'_>) -> u64,
    accepted: &'a dyn Fn(&str) -> bool,
    names: Names,
    unknown: Vec<(String, u64)>,
    /// The criteria that have met nothing unknown yet.
    clear: u64,
}

impl Asked<'_> {
    /// A text as a whole; what explains a license of the document's own is explained no further.
    fn text(&mut self, text: &str, explains: bool) -> Standing {
        let expression = Expression::read(text);
        let whole = text.trim();
        let (bits, is_accepted) = if expression.is_readable() {
            (0, false)
        } else {
            ((self.touched)(Named::Words(whole)), (self.accepted)(whole))
        };
        let standing = expression.evaluate(
            |atom| match atom {
                Atom::License(term) => self.term(term, explains),
                Atom::Words(words) => self.words(words, is_accepted),
            },
            Standing::both,
            Standing::either,
        );
        self.names.add(Named::Words(whole), bits);
        // An expression is never empty; were one, it would be unknown.
        standing
            .unwrap_or(Standing::UNKNOWN)
            .both(Standing::broken(bits))
    }

    fn term(&mut self, term: &Term<'_>, explains: bool) -> Standing {
        let bits = self.touch(Named::Term(term));
        let own = Standing::broken(bits);
        if !term.is_reference() {
            return own;
        }
        let meant = if explains { self.meant(term) } else { None };
        let is_accepted = (self.accepted)(&term.license);
        own.both(match meant {
            None if is_accepted => Standing::CLEAR,
            Some(meant) if is_accepted => Standing::broken(meant.broken),
            Some(meant) => meant,
            None => self.unclear(&term.license, 0),
        })
    }

    /// What a document says of a license of its own, looked at once however often it is named.
    fn meant(&mut self, term: &Term<'_>) -> Option<Standing> {
        let (place, by) = self.explanations.get(term)?;
        if let Some(meant) = self.meant.get(&place) {
            return Some(*meant);
        }
        let mut meant: Option<Standing> = None;
        for text in by {
            let one = self.text(text, false);
            meant = Some(meant.map_or(one, |all| all.both(one)));
        }
        self.meant.extend(meant.map(|meant| (place, meant)));
        meant
    }

    fn words(&mut self, words: &str, is_accepted: bool) -> Standing {
        let bits = self.touch(Named::Words(words));
        if is_accepted || (self.accepted)(words) {
            return Standing::broken(bits);
        }
        Standing::broken(bits).both(self.unclear(words, bits))
    }

    /// Unknown for all criteria but these.
    fn unclear(&mut self, words: &str, but: u64) -> Standing {
        let fresh = self.clear & !but;
        if fresh != 0 {
            self.unknown.push((words.to_owned(), fresh));
            self.clear &= !fresh;
        }
        Standing::UNKNOWN
    }

    fn touch(&mut self, named: Named<'_>) -> u64 {
        let bits = (self.touched)(named);
        self.names.add(named, bits);
        bits
    }
}

/// The names that criteria ask for.
#[derive(Default)]
struct Names {
    named: Vec<(String, u64)>,
    places: HashMap<String, usize>,
    /// How many names each bit has.
    counts: HashMap<u32, u8>,
    /// The bits that have enough.
    full: u64,
}

impl Names {
    fn add(&mut self, name: Named<'_>, bits: u64) {
        let wanting = bits & !self.full;
        if wanting == 0 {
            return;
        }
        let name = name.to_string();
        let place = *self.places.entry(name).or_insert_with_key(|name| {
            self.named.push((name.clone(), 0));
            self.named.len() - 1
        });
        let Some((_, known)) = self.named.get_mut(place) else {
            return;
        };
        let fresh = wanting & !*known;
        *known |= fresh;
        for bit in (0..u64::BITS).filter(|bit| fresh >> bit & 1 == 1) {
            let count = self.counts.entry(bit).or_default();
            *count += 1;
            if *count == NAMES_MAX {
                self.full |= 1 << bit;
            }
        }
    }
}
