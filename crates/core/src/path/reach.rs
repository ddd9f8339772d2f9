//! Which repositories a policy's target template can come to, as far as it is known before any
//! push. "None" is always certain; "some" may be more or less than it seems.

use super::{Path, Side};
use crate::{
    Repository,
    policy::{Policy, Source},
    template::{Part, Placeholder, RepositoryTemplate},
};

/// How much of one set of repositories lies in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Extent {
    /// Nothing, for certain.
    None,
    /// Something, or it is not known.
    Some,
    /// Everything.
    All,
}

/// What a template comes to for a source: fixed text and open places.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Reach(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Piece {
    Fixed(String),
    /// What the source's `*` stands for.
    Rest,
    /// Anything else that only a push tells.
    Open,
}

/// What `template` comes to for the repositories of `source`.
pub(crate) fn reach(source: &Source, template: &RepositoryTemplate) -> Reach {
    let mut pieces = Vec::new();
    for part in template.parts() {
        match part {
            Part::Literal(literal) => fix(&mut pieces, literal),
            Part::Keyword(_) | Part::Placeholder(Placeholder::Digest) => pieces.push(Piece::Open),
            Part::Placeholder(placeholder) => fill(&mut pieces, *placeholder, source),
        }
    }
    Reach(pieces)
}

fn fill(pieces: &mut Vec<Piece>, placeholder: Placeholder, source: &Source) {
    match (placeholder, source) {
        (Placeholder::Repository, Source::Repository(own)) => fix(pieces, own.as_str()),
        (Placeholder::Name, Source::Repository(own)) => fix(pieces, own.name()),
        (Placeholder::Namespace, Source::Repository(own)) => fix(pieces, own.namespace()),
        (Placeholder::Repository, Source::Namespace(namespace)) => {
            fix(pieces, &format!("{namespace}/"));
            pieces.push(Piece::Rest);
        }
        (Placeholder::Namespace, Source::Namespace(namespace)) => {
            fix(pieces, namespace);
            pieces.push(Piece::Open);
        }
        (Placeholder::Rest, _) | (Placeholder::Repository, Source::All) => {
            pieces.push(Piece::Rest);
        }
        _ => pieces.push(Piece::Open),
    }
}

fn fix(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Fixed(last)) => last.push_str(text),
        _ => pieces.push(Piece::Fixed(text.to_owned())),
    }
}

impl Reach {
    /// How much of it a source matches.
    pub(crate) fn meets(&self, source: &Source) -> Extent {
        match source {
            Source::All => Extent::All,
            Source::Namespace(namespace) => self.below(namespace),
            Source::Repository(repository) => self.is(repository),
        }
    }

    /// The one repository that it always comes to.
    pub(crate) fn fixed(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Piece::Fixed(text)] => Some(text),
            _ => None,
        }
    }

    /// What it always begins with.
    pub(crate) fn head(&self) -> &str {
        match self.0.first() {
            Some(Piece::Fixed(text)) => text,
            _ => "",
        }
    }

    fn below(&self, namespace: &str) -> Extent {
        let beginning = format!("{namespace}/");
        let head = self.head();
        if head.starts_with(&beginning) {
            Extent::All
        } else if beginning.starts_with(head) && !matches!(self.0.as_slice(), [Piece::Fixed(_)]) {
            Extent::Some
        } else {
            Extent::None
        }
    }

    fn is(&self, repository: &Repository) -> Extent {
        let name = repository.as_str();
        let tail = match self.0.last() {
            Some(Piece::Fixed(text)) => text,
            _ => "",
        };
        match self.0.as_slice() {
            [Piece::Fixed(own)] if own == name => Extent::All,
            [Piece::Fixed(_)] => Extent::None,
            _ if name.starts_with(self.head()) && name.ends_with(tail) => Extent::Some,
            _ => Extent::None,
        }
    }
}

/// How many of a policy's pairs one path allows.
pub(super) fn allowed(policy: &Policy, path: &Path) -> Extent {
    let reach = reach(&policy.source, &policy.target.repository);
    let sources = sources(&policy.source, &path.source);
    let targets = match (&path.source, &path.target) {
        (Side::Rest(from), Side::Rest(to)) => {
            same_rest(&policy.source, &reach, from.as_deref(), to.as_deref())
        }
        (_, Side::Any | Side::Rest(None)) => Extent::All,
        (_, Side::Below(namespace) | Side::Rest(Some(namespace))) => reach.below(namespace),
        (_, Side::One(repository)) => reach.is(repository),
    };
    match (sources, targets) {
        (Extent::None, _) | (_, Extent::None) => Extent::None,
        (Extent::All, Extent::All) => Extent::All,
        _ => Extent::Some,
    }
}

/// How many of a policy's source repositories lie on a path's source side.
fn sources(source: &Source, side: &Side) -> Extent {
    let namespace = match side {
        Side::Any | Side::Rest(None) => return Extent::All,
        Side::One(repository) => {
            return match source {
                Source::Repository(own) if own == repository => Extent::All,
                other if other.matches(repository) && !matches!(other, Source::Repository(_)) => {
                    Extent::Some
                }
                _ => Extent::None,
            };
        }
        Side::Below(namespace) | Side::Rest(Some(namespace)) => format!("{namespace}/"),
    };
    let own = match source {
        Source::Repository(own) => return whole(own.as_str().starts_with(&namespace)),
        Source::Namespace(own) => format!("{own}/"),
        Source::All => String::new(),
    };
    if own.starts_with(&namespace) {
        Extent::All
    } else if namespace.starts_with(&own) {
        Extent::Some
    } else {
        Extent::None
    }
}

/// How many targets have the same rest as their sources, on a path `from/{rest} => to/{rest}`.
fn same_rest(source: &Source, reach: &Reach, from: Option<&str>, to: Option<&str>) -> Extent {
    let beginning = |side: Option<&str>| side.map_or(String::new(), |s| format!("{s}/"));
    let (from, to) = (beginning(from), beginning(to));
    let own = match source {
        Source::Repository(own) => {
            let rest = own.as_str().strip_prefix(&from);
            let wanted = rest.and_then(|rest| Repository::parse(&format!("{to}{rest}")).ok());
            return wanted.map_or(Extent::None, |wanted| reach.is(&wanted));
        }
        Source::Namespace(own) => format!("{own}/"),
        Source::All => String::new(),
    };
    let head = match reach.0.as_slice() {
        [Piece::Rest] => "",
        [Piece::Fixed(head), Piece::Rest] => head,
        // Other shapes: only what the target's namespace tells.
        _ if to.is_empty() => return Extent::Some,
        _ => return reach.below(to.trim_end_matches('/')).min(Extent::Some),
    };
    if let Some(more) = own.strip_prefix(&from) {
        // The path's rest is `more` and the policy's: both targets must begin alike.
        whole(*head == format!("{to}{more}"))
    } else if let Some(more) = from.strip_prefix(&own) {
        // Only the source's repositories below `more` lie on the path.
        whole(format!("{head}{more}") == to).min(Extent::Some)
    } else {
        Extent::None
    }
}

fn whole(yes: bool) -> Extent {
    if yes { Extent::All } else { Extent::None }
}
