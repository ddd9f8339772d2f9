//! stub
use serde::{Deserialize, Serialize};
/// stub
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct PolicyKey {
    /// s
    pub source: String,
    /// n
    pub name: String,
}
