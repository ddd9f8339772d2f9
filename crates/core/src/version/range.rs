//! Ranges of versions as policies write them: `<2.17.1`, `>=2.0,<2.17.1`, `=2.14.1`.

use std::{cmp::Ordering, fmt};

use super::VersionOrder;
use crate::suggest::shortened;

/// A range: every bound holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range(Vec<Bound>);

/// One bound of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    operator: Operator,
    version: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

impl Operator {
    /// The longer ones first.
    const ALL: [(&str, Self); 5] = [
        ("<=", Self::LessOrEqual),
        (">=", Self::GreaterOrEqual),
        ("<", Self::Less),
        (">", Self::Greater),
        ("=", Self::Equal),
    ];

    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Equal => order.is_eq(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Greater => order.is_gt(),
        }
    }
}

/// Why a text is not a range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// A bound has no operator.
    #[error("expected a bound such as <2.17.1, >=2.0 or =2.14.1, found {0:?}")]
    NoOperator(String),
    /// No order that is known has this version.
    #[error("expected a version, found {0:?}")]
    NoVersion(String),
    /// It is not a range of releases.
    #[error("expected a range such as >=1.4.0, ^2, ~1.4 or >=1.0.0,<2.0.0, found {0:?}")]
    NoReleases(String),
    /// No version can be in it.
    #[error("expected a range that a version can be in, found an empty one")]
    Empty,
}

impl Range {
    /// Reads a range for versions of this order, or if that is not known, of any.
    pub fn parse(text: &str, order: Option<VersionOrder>) -> Result<Self, RangeError> {
        let bounds = text
            .split(',')
            .map(|bound| Bound::parse(bound.trim(), order));
        let range = Self(bounds.collect::<Result<_, _>>()?);
        let orders = order.map_or(VersionOrder::ALL.to_vec(), |order| vec![order]);
        if orders.iter().all(|order| range.is_empty(*order)) {
            return Err(RangeError::Empty);
        }
        Ok(range)
    }

    /// Whether a version is in it; `None` if that is unknown. Without an order only the version
    /// that a bound names is known to be equal to it.
    #[must_use]
    pub fn holds(&self, version: &str, order: Option<VersionOrder>) -> Option<bool> {
        let mut all = Some(true);
        for bound in &self.0 {
            match bound.holds(version, order) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => all = None,
            }
        }
        all
    }

    /// The versions that its bounds name.
    pub fn versions(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|bound| bound.version.as_str())
    }

    /// Whether no version of this order can be in it, or one of its bounds is not a version of it.
    fn is_empty(&self, order: VersionOrder) -> bool {
        self.0.iter().any(|bound| {
            let others = self.0.iter();
            !order.has(&bound.version)
                || others.into_iter().any(|other| bound.excludes(other, order))
        })
    }
}

impl Bound {
    fn parse(text: &str, order: Option<VersionOrder>) -> Result<Self, RangeError> {
        let found = Operator::ALL
            .iter()
            .find_map(|(word, operator)| Some((text.strip_prefix(word)?, *operator)));
        let (version, operator) = found.ok_or_else(|| RangeError::NoOperator(shortened(text)))?;
        let version = version.trim();
        let is_version = match order {
            Some(order) => order.has(version),
            None => VersionOrder::ALL.iter().any(|order| order.has(version)),
        };
        if !is_version {
            return Err(RangeError::NoVersion(shortened(version)));
        }
        let version = version.to_owned();
        Ok(Self { operator, version })
    }

    fn holds(&self, version: &str, order: Option<VersionOrder>) -> Option<bool> {
        if version == self.version {
            return Some(self.operator.holds(Ordering::Equal));
        }
        let order = order?.compare(version, &self.version)?;
        Some(self.operator.holds(order))
    }

    /// Whether nothing can be within this bound and the other.
    fn excludes(&self, other: &Self, order: VersionOrder) -> bool {
        use Operator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
        let Some(between) = order.compare(&self.version, &other.version) else {
            return true;
        };
        match (self.operator, other.operator) {
            (Equal, of) => !of.holds(between),
            (Greater | GreaterOrEqual, Less) | (Greater, LessOrEqual) => between.is_ge(),
            (GreaterOrEqual, LessOrEqual) => between.is_gt(),
            _ => false,
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, bound) in self.0.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            let named = Operator::ALL.iter().find(|(_, own)| *own == bound.operator);
            let word = named.map_or("", |(word, _)| word);
            write!(f, "{comma}{word}{}", bound.version)?;
        }
        Ok(())
    }
}
