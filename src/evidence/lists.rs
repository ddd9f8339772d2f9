//! The lists of components of an image's platforms, as one document after the other adds to them. A
//! document's list is held once, however many platforms it is about.
//!
//! Where a document cannot be read there may be more than the others list: never shorter.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use ecr_promoter_core::{
    Digest, Time,
    evidence::{Component, Components, Known, Never, NotYet, Origin, Platform, Read, Seen},
};

/// How many of the things that are not SBOMs are named to people, and in how many bytes each.
const NAMED_MAX: usize = 5;
const NAME_BYTES_MAX: usize = 200;

/// The lists of an image's subjects: its platforms, its index.
pub(super) struct Lists {
    /// The digest of the image itself.
    root: Digest,
    /// What a document may be about: the platforms and the image itself.
    pub subjects: Vec<Digest>,
    by_subject: HashMap<Digest, OfSubject>,
    /// When all this is read.
    now: Time,
}

/// What the documents about one subject add up to.
#[derive(Default)]
struct OfSubject {
    lists: Vec<(Arc<Vec<Component>>, Origin)>,
    gap: Option<Never>,
    /// What else is attached to it.
    others: BTreeSet<String>,
}

impl Lists {
    /// An image and its platforms, with nothing read yet.
    pub(super) fn new(root: Digest, platforms: &[Platform], now: Time) -> Self {
        let mut subjects: Vec<Digest> = platforms
            .iter()
            .map(|platform| platform.digest.clone())
            .collect();
        if !subjects.contains(&root) {
            subjects.push(root.clone());
        }
        Self {
            root,
            subjects,
            by_subject: HashMap::new(),
            now,
        }
    }

    /// Adds what a document lists to all that it is about.
    pub(super) fn add(&mut self, about: &[Digest], components: Vec<Component>, origin: Origin) {
        let list = Arc::new(components);
        for subject in about {
            let of_subject = self.of_subject(subject);
            of_subject.lists.push((Arc::clone(&list), origin));
        }
    }

    /// A document that cannot be read: there may be more on what it is attached to, or on all
    /// platforms if that is not known.
    pub(super) fn break_off(&mut self, subject: Option<&Digest>, origin: Origin, words: &str) {
        let never = Never::read(format!("{origin}: {words}"), origin, self.now);
        self.lack(subject, &never);
    }

    /// More is attached than is looked at.
    pub(super) fn exceed(&mut self, words: String) {
        self.lack(None, &words.into());
    }

    fn lack(&mut self, subject: Option<&Digest>, never: &Never) {
        for subject in self.or_all(subject) {
            let of_subject = self.of_subject(&subject);
            of_subject.gap.get_or_insert_with(|| never.clone());
        }
    }

    /// Something that is attached and is not an SBOM: its type, and how that was seen if it was not by
    /// the type.
    pub(super) fn pass_over(&mut self, subject: Option<&Digest>, kind: &str, why: Option<&str>) {
        let end = kind.floor_char_boundary(NAME_BYTES_MAX);
        let kind = kind.get(..end).unwrap_or_default();
        let name = match why {
            Some(why) => format!("{kind:?} ({why})"),
            None => format!("{kind:?}"),
        };
        for subject in self.or_all(subject) {
            self.of_subject(&subject).others.insert(name.clone());
        }
    }

    fn of_subject(&mut self, subject: &Digest) -> &mut OfSubject {
        self.by_subject.entry(subject.clone()).or_default()
    }

    fn or_all(&self, subject: Option<&Digest>) -> Vec<Digest> {
        match subject {
            Some(subject) => vec![subject.clone()],
            None => self.subjects.clone(),
        }
    }

    /// A platform's own lists and its index's.
    pub(super) fn of(&self, platform: &Platform) -> Known<Components> {
        let mut subjects = vec![&platform.digest];
        if platform.digest != self.root {
            subjects.push(&self.root);
        }
        let mut value = Components::default();
        let mut seen_at = None;
        let mut others = BTreeSet::new();
        for of_subject in subjects.iter().filter_map(|of| self.by_subject.get(*of)) {
            for (list, origin) in &of_subject.lists {
                value.add(Arc::clone(list));
                seen_at.get_or_insert(*origin);
            }
            if let Some(never) = &of_subject.gap {
                value.lack(never.clone());
            }
            others.extend(&of_subject.others);
        }
        let at = self.now;
        match (seen_at, value.gap()) {
            (Some(origin), _) => Known::Seen(Seen { value, origin, at }),
            (None, Some(never)) => Known::Never(never.clone()),
            (None, None) => Known::NotYet(NotYet {
                reason: waiting(platform, &others),
                look_at: None,
                read: Read::default(),
            }),
        }
    }
}

fn waiting(platform: &Platform, others: &BTreeSet<&String>) -> String {
    let reason = format!("no SBOM is attached to {platform} yet");
    if others.is_empty() {
        return reason;
    }
    let mut named: Vec<&str> = others.iter().map(|name| name.as_str()).collect();
    named.truncate(NAMED_MAX);
    let more = match others.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "{reason}; what is attached is not an SBOM: {}{more}",
        named.join(", ")
    )
}
