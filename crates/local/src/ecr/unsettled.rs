//! What is not known about ECR: two ways to answer, and no page or field report that settles it. A caller has
//! to get along with both, so both can be had.

use serde::{Deserialize, Serialize};

/// How ECR answers if it is not known how it does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Unsettled {
    /// What `PutImage` answers to the same tag and digest in an immutable repository.
    pub same_digest: SameDigest,
    /// Whether one `BatchGetImage` that names an image more than once, by its digest and by a tag, is answered with
    /// one entry of `images`, that of the first name. By default each name has its own.
    pub one_entry_per_image: bool,
}

/// What `PutImage` answers to the same tag and digest in an immutable repository. Both are reported of the
/// real service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SameDigest {
    /// `ImageAlreadyExistsException`.
    #[default]
    AlreadyExists,
    /// `ImageTagAlreadyExistsException`.
    TagAlreadyExists,
}
