//! Maven's order: POM reference, "Version Order Specification", and its `ComparableVersion`.

use std::cmp::Ordering;

use super::digits;

/// Compares two versions; `None` if one is not a version.
pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b".-_+".contains(&b);
    let is_version = |text: &str| !text.is_empty() && text.bytes().all(allowed);
    if !is_version(left) || !is_version(right) {
        return None;
    }
    Some(lists(&read(left), &read(right)))
}

/// What stands between dots.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Item {
    Number(String),
    /// A qualifier with its rank, and the word if it is not one of Maven's own.
    Word(u8, String),
}

/// The rank of a release: `""`, `ga`, `final`, `release`.
const RELEASE: u8 = 5;
/// That of a word that Maven does not know.
const OTHER: u8 = 7;

impl Item {
    fn word(word: &str, is_before_digit: bool) -> Self {
        let rank = match word {
            "a" if is_before_digit => 0,
            "b" if is_before_digit => 1,
            "m" if is_before_digit => 2,
            "alpha" => 0,
            "beta" => 1,
            "milestone" => 2,
            "rc" | "cr" => 3,
            "snapshot" => 4,
            "" | "ga" | "final" | "release" => RELEASE,
            "sp" => 6,
            _ => OTHER,
        };
        let word = if rank == OTHER { word } else { "" };
        Self::Word(rank, word.to_owned())
    }

    /// Whether it says no more than the end does.
    fn is_null(&self) -> bool {
        match self {
            Self::Number(number) => number.bytes().all(|b| b == b'0'),
            Self::Word(rank, _) => *rank == RELEASE,
        }
    }

    fn against_end(&self) -> Ordering {
        match self {
            Self::Number(number) => digits::compare(number, ""),
            Self::Word(rank, _) => rank.cmp(&RELEASE),
        }
    }
}

/// A hyphen, and a change between digits and letters, open a list within the list; so each list but
/// the last ends with the next.
fn read(text: &str) -> Vec<Vec<Item>> {
    let text = text.to_ascii_lowercase();
    let mut lists = vec![Vec::new()];
    let mut rest = text.as_str();
    let mut is_behind_mark = true;
    while let Some(first) = rest.chars().next() {
        if matches!(first, '.' | '-') {
            if is_behind_mark {
                push(&mut lists, Item::Number("0".to_owned()));
            }
            if first == '-' {
                lists.push(Vec::new());
            }
            is_behind_mark = true;
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        // ".word" is "-word".
        let is_word = !first.is_ascii_digit();
        if !is_behind_mark || (is_word && lists.last().is_some_and(|list| !list.is_empty())) {
            lists.push(Vec::new());
        }
        let (item, tail) = if first.is_ascii_digit() {
            let (number, tail) = digits::split(rest);
            (Item::Number(number.to_owned()), tail)
        } else {
            let end = rest.find(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
            let (word, tail) = rest
                .split_at_checked(end.unwrap_or(rest.len()))
                .unwrap_or((rest, ""));
            let is_before_digit = tail.starts_with(|c: char| c.is_ascii_digit());
            (Item::word(word, is_before_digit), tail)
        };
        push(&mut lists, item);
        rest = tail;
        is_behind_mark = false;
    }
    normalize(&mut lists);
    lists
}

fn push(lists: &mut [Vec<Item>], item: Item) {
    if let Some(list) = lists.last_mut() {
        list.push(item);
    }
}

/// Takes away what says nothing at the end of each list, from the last list on.
fn normalize(lists: &mut Vec<Vec<Item>>) {
    for list in lists.iter_mut() {
        while list.last().is_some_and(Item::is_null) {
            list.pop();
        }
    }
    while lists.last().is_some_and(Vec::is_empty) {
        lists.pop();
    }
}

/// Two rows of lists, each within the one before.
fn lists(left: &[Vec<Item>], right: &[Vec<Item>]) -> Ordering {
    let none = Vec::new();
    for depth in 0..left.len().max(right.len()) {
        let (l, r) = (
            left.get(depth).unwrap_or(&none),
            right.get(depth).unwrap_or(&none),
        );
        let is_deeper = |lists: &[Vec<Item>]| lists.len() > depth + 1;
        for at in 0..=l.len().max(r.len()) {
            let order = match (l.get(at), r.get(at)) {
                (Some(l), Some(r)) => items(l, r),
                (Some(l), None) if at == r.len() && is_deeper(right) => {
                    against_list(l, right, depth + 1)
                }
                (None, Some(r)) if at == l.len() && is_deeper(left) => {
                    against_list(r, left, depth + 1).reverse()
                }
                (Some(l), None) => l.against_end(),
                (None, Some(r)) => r.against_end().reverse(),
                // Both lists end here; what lies within them is next, or one against the end.
                (None, None) => match (is_deeper(left), is_deeper(right)) {
                    (true, false) => return rest_against_end(left, depth + 1),
                    (false, true) => return rest_against_end(right, depth + 1).reverse(),
                    _ => Ordering::Equal,
                },
            };
            if order.is_ne() {
                return order;
            }
        }
    }
    Ordering::Equal
}

fn items(left: &Item, right: &Item) -> Ordering {
    match (left, right) {
        (Item::Number(left), Item::Number(right)) => digits::compare(left, right),
        (Item::Number(_), Item::Word(..)) => Ordering::Greater,
        (Item::Word(..), Item::Number(_)) => Ordering::Less,
        (Item::Word(left, left_word), Item::Word(right, right_word)) => {
            left.cmp(right).then_with(|| left_word.cmp(right_word))
        }
    }
}

/// `1.1` is newer than `1-1`, which is newer than `1.word`. Where the word is newer than the end and the list is not,
/// as in `1.word` and `1-0-0-rc`, the end decides: there `ComparableVersion` goes in circles.
fn against_list(item: &Item, lists: &[Vec<Item>], from: usize) -> Ordering {
    let ends_between = || item.against_end().is_gt() && rest_against_end(lists, from).is_lt();
    match item {
        Item::Number(_) => Ordering::Greater,
        Item::Word(..) if ends_between() => Ordering::Greater,
        Item::Word(..) => Ordering::Less,
    }
}

/// What these lists say against a version that ends here.
fn rest_against_end(lists: &[Vec<Item>], from: usize) -> Ordering {
    let items = lists.iter().skip(from).flatten();
    let mut orders = items.map(Item::against_end);
    orders
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}
