//! What an image holds, read from what came with it: its SBOMs, plain or wrapped in attestations.
//!
//! Everything here is pure: readers in, values or named errors out. There is no async, no SDK, no
//! clock and no disk, and nothing is read without a bound ([`limits`]).
//!
//! | module | in → out |
//! | --- | --- |
//! | [`sbom`] | a blob that is attached to an image, as it arrives → the components of the SBOMs in it |

mod json;
pub mod limits;
pub mod sbom;
