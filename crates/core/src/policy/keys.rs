//! The keys of a policy that are read here: who it is, and how long it waits.

use super::{
    NAME_LENGTH_MAX, Source, Span, WAIT,
    document::{self, Fields, Mistakes},
};
use crate::{node::Node, suggest::shortened};

pub(super) fn wait(fields: &Fields<'_>, mistakes: &mut Mistakes) -> Span {
    const KEY: &str = "wait";
    let Some(node) = fields.get(KEY) else {
        return WAIT;
    };
    let place = fields.place(KEY);
    let Some(text) = document::text(node, &place, mistakes) else {
        return WAIT;
    };
    Span::parse(text).unwrap_or_else(|| {
        let message = format!("{}, found {:?}", Span::expected(), shortened(text));
        mistakes.add(&place, message);
        WAIT
    })
}

pub(super) fn source(fields: &Fields<'_>, mistakes: &mut Mistakes) -> Option<Source> {
    let text = fields.required_text("source", mistakes)?;
    let parsed = Source::parse(text);
    if let Err(error) = &parsed {
        mistakes.add(&fields.place("source"), error.to_string());
    }
    parsed.ok()
}

pub(super) fn name(fields: &Fields<'_>, mistakes: &mut Mistakes) -> Option<String> {
    let text = fields.required_text("name", mistakes)?;
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    if text.len() <= NAME_LENGTH_MAX && text.bytes().all(allowed) {
        return Some(text.to_owned());
    }
    let found = match text.chars().count() {
        length if length > NAME_LENGTH_MAX => format!("{length} characters"),
        _ => format!("{text:?}"),
    };
    let message =
        format!("expected a name of 1 to {NAME_LENGTH_MAX} of A-Z a-z 0-9 . _ -, found {found}");
    mistakes.add(&fields.place("name"), message);
    None
}

/// A description may be empty: it is for people alone.
pub(super) fn description(
    node: &Node,
    fields: &Fields<'_>,
    mistakes: &mut Mistakes,
) -> Option<String> {
    if matches!(node, Node::String(text) if text.is_empty()) {
        return None;
    }
    document::text(node, &fields.place("description"), mistakes).map(str::to_owned)
}
