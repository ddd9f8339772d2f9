//! What an image holds, read from what came with it: its SBOMs, plain or wrapped in attestations.
//!
//! Everything here is pure: readers in, values or named errors out. There is no async, no SDK, no
//! clock and no disk, and nothing is read without a bound ([`limits`]).
//!
//! | module | in → out |
//! | --- | --- |
//! | [`sbom`] | an SPDX or CycloneDX document → the components it lists |
//! | [`sbom::statement`] | an attestation → the SBOM in it, where it is one about the image |

mod json;
pub mod limits;
pub mod sbom;
