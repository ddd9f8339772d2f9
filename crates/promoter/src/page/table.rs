//! Tables that fit a width: cells wrap between words, and a word that is too long for its column loses its middle.

use comfy_table::{
    ColumnConstraint::LowerBoundary, ContentArrangement, Table, Width, presets::NOTHING,
};

use super::words::{printable, with_short_digests};

/// What stands between two columns.
const GAP: usize = 2;
/// The narrowest column.
const COLUMN_MIN: usize = 6;

/// A head and rows, no line wider than `width`.
pub(super) fn render(heads: &[&str], rows: &[Vec<String>], width: usize) -> String {
    let plain = |cell: &String| with_short_digests(&printable(cell));
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(plain).collect())
        .collect();
    let longest = longest_words(heads, &rows, width.saturating_sub(GAP * (heads.len() - 1)));
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        // comfy-table pads the last column, too.
        .set_width(u16::try_from(width + GAP).unwrap_or(u16::MAX))
        .set_header(heads);
    for row in rows {
        let cells = row.iter().zip(&longest);
        table.add_row(cells.map(|(cell, longest)| with_cut_words(cell, *longest)));
    }
    let gap = u16::try_from(GAP).unwrap_or_default();
    for (column, longest) in table.column_iter_mut().zip(longest) {
        column.set_padding((0, gap));
        let least = u16::try_from(longest + GAP).unwrap_or(u16::MAX);
        column.set_constraint(LowerBoundary(Width::Fixed(least)));
    }
    table.trim_fmt()
}

/// The longest word that each column may have: its own, until all fit.
fn longest_words(heads: &[&str], rows: &[Vec<String>], width: usize) -> Vec<usize> {
    let of_column = |(index, head): (usize, &&str)| {
        let cells = rows.iter().filter_map(|row| row.get(index));
        let words = cells.flat_map(|cell| cell.split(' '));
        let longest = words.map(|word| word.chars().count()).max();
        longest.unwrap_or(0).max(head.len())
    };
    let mut longest: Vec<usize> = heads.iter().enumerate().map(of_column).collect();
    let least = |index: usize| {
        heads
            .get(index)
            .map_or(0, |head| head.len().max(COLUMN_MIN))
    };
    while longest.iter().sum::<usize>() > width {
        let columns = longest.iter_mut().enumerate();
        let mut wide = columns.filter(|(index, longest)| **longest > least(*index));
        let Some(first) = wide.next() else { break };
        let (_, widest) = wide.fold(first, |a, b| if *b.1 > *a.1 { b } else { a });
        *widest -= 1;
    }
    longest
}

fn with_cut_words(cell: &str, characters_max: usize) -> String {
    let words = cell.split(' ').map(|word| cut(word, characters_max));
    words.collect::<Vec<_>>().join(" ")
}

/// A word's beginning and end: of `org.apache.logging.log4j:log4j-core` both tell something.
fn cut(word: &str, characters_max: usize) -> String {
    let length = word.chars().count();
    if length <= characters_max {
        return word.to_owned();
    }
    let kept = characters_max.saturating_sub(1);
    let first = word.chars().take(kept / 2);
    let last = word.chars().skip(length - kept.div_ceil(2));
    first.chain(['…']).chain(last).collect()
}
