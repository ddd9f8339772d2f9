//! The entries of the document's lists, in the order in which it has them.

use ecr_promoter_core::evidence::{Component, ConfigLabel, Finding, Severity};
use serde::Serialize;

/// A finding. The derived order is that of the document: the worst first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct FindingRow {
    #[serde(skip)]
    rank: std::cmp::Reverse<Severity>,
    pub(crate) id: String,
    pub(crate) severity: &'static str,
    pub(crate) package: Option<String>,
    pub(crate) installed: Option<String>,
    pub(crate) fixed: Option<String>,
    pub(crate) fixable: Option<bool>,
    pub(crate) exploitable: Option<bool>,
}

/// A component.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct ComponentRow {
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) purl: Option<String>,
    /// SPDX expressions, all of which apply, or the words that stand in their place.
    pub(crate) licenses: Vec<String>,
}

/// A label.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct LabelRow {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl LabelRow {
    pub(super) fn of(label: &ConfigLabel) -> Self {
        Self {
            name: label.name.clone(),
            value: label.value.clone(),
        }
    }
}

impl FindingRow {
    pub(super) fn of(finding: &Finding) -> Self {
        Self {
            rank: std::cmp::Reverse(finding.severity),
            id: finding.id.clone(),
            severity: finding.severity.as_str(),
            package: finding.package.clone(),
            installed: finding.installed.clone(),
            fixed: finding.fixed.clone(),
            fixable: finding.fixable,
            exploitable: finding.exploitable,
        }
    }
}

impl ComponentRow {
    pub(super) fn of(component: &Component) -> Self {
        Self {
            name: component.name.clone(),
            version: component.version.clone(),
            purl: component.purls.first().cloned(),
            licenses: component.license.stated.clone(),
        }
    }
}
