//! Which format a document is in, by the keys of its root object.

use super::Draft;
use crate::sbom::{
    Format,
    error::{SbomError, shortened},
};

impl Draft {
    /// Whether the document says that it is an SBOM, readable or not.
    pub(in crate::sbom) fn is_told(&self) -> bool {
        let says = |key: &str| self.keys.contains(key);
        says("spdxVersion") || says("bomFormat") || self.is_spdx_3 || self.is_syft()
    }

    /// Whether something in the document may belong to an SBOM.
    pub(in crate::sbom) fn is_hinted(&self) -> bool {
        let says = |key: &str| self.keys.contains(key);
        self.is_told() || says("packages") || says("components")
    }

    /// Whether the document is CycloneDX about vulnerabilities and lists nothing.
    pub(in crate::sbom) fn is_of_vulnerabilities(&self) -> bool {
        let says = |key: &str| self.keys.contains(key);
        says("bomFormat") && says("vulnerabilities") && self.listed() == 0
    }

    fn is_syft(&self) -> bool {
        let says = |key: &str| self.keys.contains(key);
        says("artifacts") && (says("artifactRelationships") || says("descriptor"))
    }

    pub(super) fn check_format(&self, kind: Format) -> Result<(), SbomError> {
        let unsupported = |what: String| Err(SbomError::Unsupported(shortened(&what)));
        let is_spdx = self.spdx_version.is_some();
        let is_cyclonedx = self.bom_format.is_some();
        if self.documents > 1 || (is_spdx && is_cyclonedx) {
            return Err(SbomError::TwoDocuments);
        }
        match (&self.spdx_version, &self.bom_format) {
            (Some(version), _) => {
                if !matches!(version.as_str(), "SPDX-2.2" | "SPDX-2.3") {
                    return unsupported(format!("of version {version:?}"));
                }
            }
            (None, Some(format)) if format == "CycloneDX" => match self.spec_version.as_deref() {
                Some("1.2" | "1.3" | "1.4" | "1.5" | "1.6" | "1.7") => {}
                Some(version) => return unsupported(format!("CycloneDX of version {version:?}")),
                None => return self.or_problem(SbomError::Missing("specVersion")),
            },
            (None, Some(format)) => return unsupported(format!("of format {format:?}")),
            (None, None) if self.is_spdx_3 || self.keys.contains("@graph") => {
                return unsupported("SPDX 3".to_owned());
            }
            (None, None) if self.keys.contains("artifacts") => {
                return unsupported("in syft's own format".to_owned());
            }
            (None, None) => return self.or_problem(SbomError::NoDocument),
        }
        if (is_spdx && self.keys.contains("components"))
            || (is_cyclonedx && self.keys.contains("packages"))
        {
            return Err(SbomError::TwoDocuments);
        }
        match kind {
            Format::Spdx if !is_spdx => wrong_kind("SPDX", "CycloneDX"),
            Format::CycloneDx if !is_cyclonedx => wrong_kind("CycloneDX", "SPDX"),
            _ => Ok(()),
        }
    }

    /// A key of the wrong type looks like a key that is not there; what was noted says more.
    fn or_problem(&self, error: SbomError) -> Result<(), SbomError> {
        Err(self.problem.clone().unwrap_or(error))
    }
}

fn wrong_kind(wanted: &'static str, found: &'static str) -> Result<(), SbomError> {
    Err(SbomError::WrongKind { wanted, found })
}
