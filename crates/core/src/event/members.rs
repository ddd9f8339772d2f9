//! The members of a JSON object, as far as an event or a request needs them: texts, and the members
//! of a few of them. Everything else is passed over as it is read, so that what is kept is never larger
//! than what came in, however deep or wide it is.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// The members whose own members are kept: an event's, and an SQS record's.
const KEPT: [&str; 4] = ["detail", "attributes", "messageAttributes", "round"];
/// How many members of an object are kept; no event of AWS's has half as many.
const MEMBERS_MAX: usize = 64;

/// What a JSON document holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Member {
    /// `null`.
    Null,
    /// A text.
    Text(String),
    /// An object; only at the top and under a few names.
    Object(Members),
    /// An array; only of the first of its elements is something kept, and only at the top.
    Array(Option<Members>),
    /// `true` or `false`.
    Bool(bool),
    /// Anything else.
    Other,
}

/// The members of an object as they were written, repeated ones included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Members(Vec<(String, Member)>);

impl Members {
    /// The member of this name; of several the last, as most readers of JSON have it.
    pub(super) fn get(&self, key: &str) -> Option<&Member> {
        let named = self.0.iter().rfind(|(name, _)| name == key);
        named.map(|(_, member)| member)
    }

    /// Whether there is a member of this name.
    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The text of this name, if it is one.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Some(Member::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The members of the object of this name, if it is one that is kept.
    pub(super) fn object(&self, key: &str) -> Option<&Members> {
        match self.get(key) {
            Some(Member::Object(members)) => Some(members),
            _ => None,
        }
    }

    /// Every member, in the order of the document.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &Member)> {
        self.0.iter().map(|(key, member)| (key.as_str(), member))
    }
}

/// Reads a document.
pub(super) fn read(text: &str) -> Result<Member, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let member = Top::deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(member.0)
}

/// A document: its members are kept, those of a first element too.
struct Top(Member);

/// A member: the members of an object are kept where `DEEP` says so.
struct Value<const DEEP: bool>(Member);

impl<'de> Deserialize<'de> for Top {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader::<true, true>).map(Self)
    }
}

impl<'de, const DEEP: bool> Deserialize<'de> for Value<DEEP> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(Reader::<DEEP, false>)
            .map(Self)
    }
}

/// Reads a value: its members where it is `DEEP`, its first element where it is at the `TOP`.
struct Reader<const DEEP: bool, const TOP: bool>;

impl<'de, const DEEP: bool, const TOP: bool> Visitor<'de> for Reader<DEEP, TOP> {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Member, E> {
        Ok(Member::Bool(value))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Member, E> {
        Ok(Member::Text(text.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Member, E> {
        Ok(Member::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Member, A::Error> {
        let mut first = None;
        if TOP
            && let Some(Value(Member::Object(members))) = elements.next_element::<Value<true>>()?
        {
            first = Some(members);
        }
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Member::Array(first))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Member, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = map.next_key::<std::borrow::Cow<'_, str>>()? {
            if !DEEP || members.len() >= MEMBERS_MAX {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let member = if KEPT.contains(&key.as_ref()) {
                map.next_value::<Value<true>>()?.0
            } else {
                map.next_value::<Value<false>>()?.0
            };
            members.push((key.into_owned(), member));
        }
        Ok(if DEEP {
            Member::Object(Members(members))
        } else {
            Member::Other
        })
    }
}
