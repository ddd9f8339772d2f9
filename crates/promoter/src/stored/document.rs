//! A policy document as text that two writings of the same document share, and the difference of two.

use std::io;

use anstyle::{AnsiColor, Style};
use ecr_promoter_core::node::Node;
use serde_json::{Map, Value};
use similar::{ChangeTag, TextDiff};

use crate::page::{GREEN, Page, Text};

/// What the system writes, which is not part of what people wrote.
pub(super) const STATUS: &str = "status";
/// How many unchanged lines stand around a change.
const AROUND: usize = 3;
const RED: Style = AnsiColor::Red.on_default();

/// A document without what the system wrote, its keys in one order.
pub(crate) fn value(node: &Node) -> Value {
    match node {
        Node::Null => Value::Null,
        Node::Bool(bool) => Value::Bool(*bool),
        // Digits that are no JSON number do not come from a valid document.
        Node::Number(digits) => {
            serde_json::from_str(digits).unwrap_or_else(|_| Value::String(digits.clone()))
        }
        Node::String(text) => Value::String(text.clone()),
        Node::List(list) => Value::Array(list.iter().map(value).collect()),
        Node::Map(entries) => {
            let entries = entries.iter().map(|(key, node)| (key.clone(), value(node)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}

/// The top level's entries without the system's.
pub(super) fn own(node: &Node) -> Node {
    match node {
        Node::Map(entries) => {
            let own = entries.iter().filter(|(key, _)| key != STATUS);
            Node::Map(own.cloned().collect())
        }
        other => other.clone(),
    }
}

/// Whether two documents say the same.
pub(super) fn same(one: &Node, other: &Node) -> bool {
    value(&own(one)) == value(&own(other))
}

/// Shows how a document differs from the one in the table, if one is there.
pub(super) fn show<W: io::Write>(
    page: &mut Page<W>,
    before: Option<&Node>,
    after: Option<&Node>,
) -> io::Result<()> {
    let [before, after] = [before, after].map(|node| node.map_or_else(String::new, text));
    let difference = TextDiff::from_lines(&before, &after);
    for (number, group) in difference.grouped_ops(AROUND).iter().enumerate() {
        if number > 0 {
            page.code("  ...")?;
        }
        for change in group.iter().flat_map(|op| difference.iter_changes(op)) {
            let line = change.value().trim_end();
            page.code(match change.tag() {
                ChangeTag::Delete => Text::styled(RED, format!("- {line}")),
                ChangeTag::Insert => Text::styled(GREEN, format!("+ {line}")),
                ChangeTag::Equal => Text::from(format!("  {line}")),
            })?;
        }
    }
    Ok(())
}

fn text(node: &Node) -> String {
    format!("{:#}\n", value(&own(node)))
}
