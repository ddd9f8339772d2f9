//! A policy as the reference model reads it: what its document says of which pushes it is about, what they need, and where they go.

use serde_json::Value;

use crate::{run::Moment, truth::Place};

/// What a policy has to know besides the tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    Scan,
    /// Nobody attaches one in these worlds.
    Sbom,
}

/// A policy as some document of it says.
#[derive(Debug, Clone)]
pub struct Rule {
    pub name: String,
    pub since: Moment,
    pub source: String,
    /// What the tag has to end with.
    pub suffix: String,
    pub needs: Needs,
    pub enabled: bool,
    pub repository: String,
    pub template: String,
    /// The only document of this name there ever was.
    pub steady: bool,
    /// Nobody edited it after that.
    pub lasts: bool,
}

impl Rule {
    pub fn read(
        name: &str,
        since: Moment,
        document: &Value,
        (steady, lasts): (bool, bool),
    ) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let criteria = document["criteria"].as_array()?;
        let about = |attribute: &str| criteria.iter().find(|it| it["attribute"] == attribute);
        Some(Self {
            name: name.to_owned(),
            since,
            source: text(&document["source"])?,
            suffix: about("tag")
                .and_then(|it| text(&it["value"]))
                .unwrap_or_default(),
            needs: match (about("vulnerabilities.critical"), about("component")) {
                (_, Some(_)) => Needs::Sbom,
                (Some(_), None) => Needs::Scan,
                (None, None) => Needs::Nothing,
            },
            enabled: document["enabled"] != false,
            repository: text(&document["target"]["repository"])?,
            template: text(&document["target"]["tag"]).unwrap_or_else(|| "%n".to_owned()),
            steady,
            lasts,
        })
    }

    /// Whether it is about pushes of this place.
    pub fn covers(&self, (repository, tag): &Place) -> bool {
        let of_source = match self.source.strip_suffix('*') {
            Some(namespace) => repository.starts_with(namespace),
            None => *repository == self.source,
        };
        of_source && tag.ends_with(&self.suffix)
    }

    /// Where it sends a push of this place; none where the tag tells the time.
    pub fn target(&self, (_, tag): &Place) -> Option<Place> {
        let tag = self.template.replace("%n", tag);
        (!tag.contains('%')).then(|| (self.repository.clone(), tag))
    }

    pub fn tells_time(&self) -> bool {
        self.template.replace("%n", "").contains('%')
    }

    /// Whether two pushes may come to one tag that tells the time.
    pub fn shares_a_time(&self) -> bool {
        self.tells_time() && !self.template.contains("%S") && !self.template.contains("%n")
    }
}
