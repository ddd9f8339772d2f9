//! A component of an image, the names that it answers to, and which names its ecosystem holds equal.
//!
//! Nothing here knows policies: which names a policy lists is compared in `decide`.

mod purl;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, sync::Arc};

pub use self::purl::Purl;
use crate::{license::License, version::VersionOrder};

/// One component of an image, as a document gives it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Component {
    /// The name.
    pub name: String,
    /// What stands before the name in a field of its own: Maven's group, npm's scope.
    pub group: Option<String>,
    /// The version, if the document gives one.
    pub version: Option<String>,
    /// The package URLs, if the document gives any.
    pub purls: Vec<String>,
    /// What the document says of its license, shared among components with the same.
    pub license: Arc<License>,
    /// The document's subject, a file, a container, an operating system: it need not state a license
    /// (what it states counts), and a list of these alone lists no component.
    pub is_frame: bool,
}

/// How an ecosystem compares names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Spelling {
    /// As they are written.
    Exact,
    /// Without regard to case.
    AnyCase,
    /// Also with runs of `-`, `_` and `.` as one (PEP 503, "Normalized Names").
    Python,
    /// Also with `-` as `_` (crates.io refuses a name that differs in these alone).
    Rust,
}

impl Spelling {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Exact, Self::AnyCase, Self::Python, Self::Rust];

    /// That of a package URL's type: where the type's definition says that names are lower-cased, or
    /// its registry takes names in any case (`NuGet`'s documentation, "Package ID").
    #[must_use]
    pub fn of_type(kind: &str) -> Self {
        match kind.to_ascii_lowercase().as_str() {
            "pypi" => Self::Python,
            "cargo" => Self::Rust,
            "alpm" | "apk" | "bitbucket" | "bitnami" | "composer" | "conda" | "deb" | "docker"
            | "github" | "gitlab" | "golang" | "hex" | "luarocks" | "npm" | "nuget" | "oci"
            | "pub" | "qpkg" | "vscode-extension" => Self::AnyCase,
            _ => Self::Exact,
        }
    }

    /// The same where case never matters.
    #[must_use]
    pub fn in_any_case(self) -> Self {
        match self {
            Self::Exact => Self::AnyCase,
            other => other,
        }
    }

    /// The one form of all names that are equal.
    #[must_use]
    pub fn canonical(self, name: &str) -> Cow<'_, str> {
        match self {
            Self::Exact => Cow::Borrowed(name),
            Self::Rust if name.contains('-') => Cow::Owned(name.to_lowercase().replace('-', "_")),
            Self::AnyCase | Self::Rust => lower(name),
            Self::Python => python(name),
        }
    }
}

fn lower(name: &str) -> Cow<'_, str> {
    let is_lower = |b: u8| b.is_ascii() && !b.is_ascii_uppercase();
    if name.bytes().all(is_lower) {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(name.to_lowercase())
    }
}

fn python(name: &str) -> Cow<'_, str> {
    if !name.contains(['_', '.']) && !name.contains("--") {
        return lower(name);
    }
    let mut canonical = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        match c {
            '-' | '_' | '.' if canonical.ends_with('-') => {}
            '-' | '_' | '.' => canonical.push('-'),
            other => canonical.push(other),
        }
    }
    Cow::Owned(canonical)
}

impl Component {
    /// Looks at every name that it answers to, with how it compares; some come twice. Its name, with
    /// its group as `group/name` and `group:name`; of each package URL the name, the namespace with
    /// it, and the package URL itself without version, qualifiers and subpath.
    pub fn each_name(&self, mut look: impl FnMut(&str, Spelling)) {
        let mut own = Vec::new();
        let mut is_grouped = true;
        for purl in self.purls.iter().filter_map(|text| Purl::parse(text)) {
            let spelling = purl.spelling();
            if own.is_empty() {
                is_grouped = false;
            }
            is_grouped |= purl.is_grouped();
            if !own.contains(&spelling) {
                own.push(spelling);
            }
            look(&purl.name, spelling);
            if let Some(namespace) = &purl.namespace {
                look(&format!("{namespace}/{}", purl.name), spelling);
                if purl.is_grouped() {
                    look(&format!("{namespace}:{}", purl.name), spelling);
                }
            }
            look(&purl.bare(), spelling);
        }
        if own.is_empty() {
            own.push(Spelling::Exact);
        }
        for spelling in own {
            self.each_own_name(is_grouped, |name| look(name, spelling));
        }
    }

    /// Looks at every version that it has, each with the order of the package URL's type: the version
    /// that the document gives, and those in its package URLs. RPM's epoch may stand in a qualifier.
    pub fn each_version(&self, mut look: impl FnMut(&str, Option<VersionOrder>)) {
        let own = self.version.as_deref();
        let mut is_alone = true;
        for purl in self.purls.iter().filter_map(|text| Purl::parse(text)) {
            is_alone = false;
            let order = VersionOrder::of_type(purl.kind);
            let in_url = purl
                .version
                .as_deref()
                .filter(|version| Some(*version) != own);
            for version in own.into_iter().chain(in_url) {
                match purl.epoch {
                    Some(epoch) if !version.contains(':') => {
                        look(&format!("{epoch}:{version}"), order);
                    }
                    _ => look(version, order),
                }
            }
        }
        if let Some(version) = own.filter(|_| is_alone) {
            look(version, None);
        }
    }

    /// The names that the document gives it beside its package URLs.
    fn each_own_name(&self, is_grouped: bool, mut look: impl FnMut(&str)) {
        let name = &self.name;
        look(name);
        if let Some(group) = self.group.as_deref().filter(|group| !group.is_empty()) {
            look(&format!("{group}/{name}"));
            if is_grouped {
                look(&format!("{group}:{name}"));
            }
        }
        if let Some((group, name)) = joined(name).filter(|_| is_grouped) {
            look(&format!("{group}/{name}"));
            look(name);
        }
    }
}

/// Maven's `group:name`, as some tools write it into the name.
fn joined(name: &str) -> Option<(&str, &str)> {
    let (group, name) = name.split_once(':')?;
    let is_word = |text: &str| {
        !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || matches!(c, ':' | '/'))
    };
    (is_word(group) && is_word(name)).then_some((group, name))
}
