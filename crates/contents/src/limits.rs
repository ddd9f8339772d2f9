//! The bounds of reading, each with what lies beyond it: a named error, never a shorter list.

/// The largest SBOM, in bytes.
pub const SBOM_BYTES_MAX: u64 = 50 * 1024 * 1024;

/// The most bytes of all SBOMs of one image, its platforms' included.
pub const IMAGE_SBOM_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The largest blob that is looked into: an SBOM's statement in base64, and a megabyte for signatures
/// and certificates.
pub const BLOB_BYTES_MAX: u64 = SBOM_BYTES_MAX / 3 * 4 + 1024 * 1024;

/// The most components of all SBOMs of one image, nested ones and the described ones included.
pub const IMAGE_COMPONENTS_MAX: usize = 200_000;

/// The most memory that the components of all SBOMs of one image may take, in bytes as they are
/// allocated: a document gives each component further names, and each of its own licenses a meaning,
/// so that what is kept could be several times what was read.
pub const IMAGE_KEPT_BYTES_MAX: usize = 96 * 1024 * 1024;

/// How much of a compressed document is looked at, in bytes as they come out: the keys that tell an SBOM stand
/// at its beginning.
pub const COMPRESSED_BYTES_MAX: u64 = 256 * 1024;

/// The most documents in one blob, as in JSON lines.
pub const DOCUMENTS_MAX: usize = 100;

/// The deepest nesting of objects and lists. Components nest two levels each.
pub const DEPTH_MAX: usize = 100;

/// The longest string that is put together to be looked at, in bytes. What is not looked at, and what
/// is read as it comes (an envelope's payload, cosign's `predicate.Data`), may be longer.
pub const STRING_BYTES_MAX: usize = 1024 * 1024;

/// The longest name, version, package URL or identifier, in bytes.
pub const TEXT_BYTES_MAX: usize = 4 * 1024;

/// The longest license text, in bytes: Python packages put whole licenses where a name belongs.
pub const LICENSE_BYTES_MAX: usize = 64 * 1024;

/// How much of a license that cannot be read is kept to be shown, in bytes.
pub const UNREADABLE_BYTES_MAX: usize = 1024;

/// The most licenses, and the most package URLs, of one component.
pub const VALUES_MAX: usize = 1_000;
