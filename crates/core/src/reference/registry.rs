//! A registry by its account and Region.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ReferenceError, shortened};

/// A private registry: one account in one Region. Written `account/Region`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Registry {
    account: String,
    region: String,
}

impl Registry {
    /// A registry from its parts: twelve digits, and a Region's name (`[a-z0-9-]`, 32 at most).
    pub fn new(account: &str, region: &str) -> Result<Self, ReferenceError> {
        let account_good = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        let region_good = (1..=32).contains(&region.len())
            && region
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if account_good && region_good {
            Ok(Self {
                account: account.to_owned(),
                region: region.to_owned(),
            })
        } else {
            Err(ReferenceError::Registry(shortened(&format!(
                "{account}/{region}"
            ))))
        }
    }

    /// Reads `account/Region`.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let (account, region) = text
            .split_once('/')
            .ok_or_else(|| ReferenceError::Registry(shortened(text)))?;
        Self::new(account, region)
    }

    /// The account: twelve digits.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The Region, as in `eu-west-1`.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}

impl TryFrom<String> for Registry {
    type Error = ReferenceError;
    fn try_from(text: String) -> Result<Self, ReferenceError> {
        Self::parse(&text)
    }
}

impl From<Registry> for String {
    fn from(registry: Registry) -> String {
        registry.to_string()
    }
}
