//! The tag to give: near the one that was pushed, and one that meets every criterion on tags.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind};

use super::{Change, ChangeKind, Impossible};
use crate::{
    Push, Tag,
    decide::concerns,
    policy::{Attribute, Condition, Policy, StringOperator, TextCondition, VALUES_MAX},
    reference::TAG_LENGTH_MAX,
    version::{Range, VersionOrder},
};

/// So many values of a criterion are tried.
const TRIED_MAX: usize = 5;
/// So often what an expression repeats is written out.
const REPEATED_MAX: u32 = 128;
/// The most beginnings, middles and ends that are tried together.
const ENDS_MAX: usize = 20;
const CORES_MAX: usize = 600;
/// What an example of an expression prefers among the characters of a class.
const PREFERRED: [char; 6] = ['1', 'a', 'A', '0', '-', '.'];
/// What is tried in place of the tag.
const PLAIN: [&str; 3] = ["1.0.0", "v1.0.0", "1"];

/// The tag to give, where the one that was pushed does not do.
pub(super) fn change(push: &Push, policy: &Policy) -> Result<Option<Change>, Impossible> {
    if concerns(policy, &push.tag) {
        return Ok(None);
    }
    let own = push.tag.as_str();
    let candidates = candidates(own, policy);
    let fits = candidates.iter().filter(|text| {
        let tag = Tag::parse(text);
        tag.is_ok_and(|tag| tag.subject().is_none() && concerns(policy, &tag))
    });
    // One that keeps the tag's own words, in the order in which they are tried; else the nearest.
    let rank = |text: &&String| {
        let keeps = text.contains(own);
        let distance = if keeps {
            0
        } else {
            strsim::damerau_levenshtein(own, text)
        };
        (!keeps, distance)
    };
    let near = fits.min_by_key(rank);
    match near {
        Some(tag) => Ok(Some(Change {
            kind: ChangeKind::Tag,
            package: None,
            from: Some(own.to_owned()),
            to: Some(tag.clone()),
            platform: None,
            removes: Vec::new(),
        })),
        None => Err(Impossible(
            "no tag was found that meets every criterion on tags".to_owned(),
        )),
    }
}

/// Tags that may do: beginnings, middles and ends as the criteria name them, around the tag's own.
fn candidates(own: &str, policy: &Policy) -> Vec<String> {
    let mut heads = vec![String::new()];
    let mut cores: Vec<String> = vec![own.to_owned(), String::new()];
    let mut tails = vec![String::new()];
    cores.extend(PLAIN.map(str::to_owned));
    for criterion in &policy.criteria {
        match (&criterion.attribute, &criterion.condition) {
            (Attribute::Tag, Condition::Text(text)) if !text.operator().is_negative() => {
                let values = text.values().iter().take(TRIED_MAX).cloned();
                match text.operator() {
                    StringOperator::StartsWith => {
                        heads.extend(separated(values, |v| format!("{v}-")));
                    }
                    StringOperator::EndsWith => {
                        tails.extend(separated(values, |v| format!("-{v}")));
                    }
                    StringOperator::Matches => cores.extend(examples(text)),
                    StringOperator::Contains => {
                        cores.extend(separated(values, |v| format!("{own}-{v}")));
                    }
                    _ => cores.extend(text.values().iter().take(VALUES_MAX).cloned()),
                }
            }
            (Attribute::TagSemver, _) => cores.extend(versions(&criterion.wanted(TRIED_MAX))),
            _ => {}
        }
    }
    // Any other tag does where only this one is forbidden.
    cores.insert(1, format!("{own}-1"));
    heads.truncate(ENDS_MAX);
    tails.truncate(ENDS_MAX);
    cores.truncate(CORES_MAX);
    let mut all = Vec::new();
    for head in &heads {
        for core in &cores {
            all.extend(tails.iter().map(|tail| format!("{head}{core}{tail}")));
        }
    }
    all
}

/// Values as they are, and set apart from what stands beside them.
fn separated(values: impl Iterator<Item = String>, apart: impl Fn(&str) -> String) -> Vec<String> {
    values.flat_map(|value| [apart(&value), value]).collect()
}

/// The versions that the ranges of a criterion on releases name, and those just above them.
fn versions(wanted: &serde_json::Value) -> Vec<String> {
    let texts = match wanted {
        serde_json::Value::Array(list) => list.iter().filter_map(|one| one.as_str()).collect(),
        one => one.as_str().into_iter().collect::<Vec<_>>(),
    };
    let mut found = Vec::new();
    for text in texts {
        // "^2" and "~1.4" begin where ">=" does.
        let plain = text.replace(['^', '~'], ">=");
        let Ok(range) = Range::parse(&plain, Some(VersionOrder::Debian)) else {
            continue;
        };
        for version in range.versions() {
            let mut numbers = version.split('.').chain(["0", "0", "0"]);
            let mut three = || numbers.next().unwrap_or("0").to_owned();
            let [major, minor, patch] = [three(), three(), three()];
            let next = |text: &str| {
                text.parse::<u64>()
                    .map_or(1, |number| number.saturating_add(1))
            };
            found.push(format!("{major}.{minor}.{patch}"));
            found.push(format!("{major}.{minor}.{}", next(&patch)));
            found.push(format!("{major}.{}.0", next(&minor)));
            found.push(format!("{}.0.0", next(&major)));
        }
    }
    found
}

/// For each expression a short text that it matches.
pub(super) fn examples(text: &TextCondition) -> Vec<String> {
    let texts = text.values().iter().take(TRIED_MAX);
    let parsed = texts.filter_map(|text| regex_syntax::parse(text).ok());
    let examples = parsed.filter_map(|hir| {
        let mut example = String::new();
        write(&hir, &mut example).then_some(example)
    });
    examples.collect()
}

/// Writes a text that the expression matches, where that can be told; the parser bounds its depth.
fn write(hir: &Hir, out: &mut String) -> bool {
    if out.len() > TAG_LENGTH_MAX {
        return false;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => {
                out.push_str(text);
                true
            }
            Err(_) => false,
        },
        HirKind::Class(Class::Unicode(class)) => {
            let chosen = character(class);
            out.extend(chosen);
            chosen.is_some()
        }
        HirKind::Class(Class::Bytes(_)) => false,
        HirKind::Capture(capture) => write(&capture.sub, out),
        HirKind::Repetition(repetition) => {
            (0..repetition.min.min(REPEATED_MAX)).all(|_| write(&repetition.sub, out))
        }
        HirKind::Concat(list) => list.iter().all(|part| write(part, out)),
        HirKind::Alternation(list) => {
            let length = out.len();
            list.iter().any(|part| {
                out.truncate(length);
                write(part, out)
            })
        }
    }
}

/// A character of a class, one that people like where there is one.
fn character(class: &ClassUnicode) -> Option<char> {
    let has = |c: &char| {
        let mut ranges = class.ranges().iter();
        ranges.any(|range| (range.start()..=range.end()).contains(c))
    };
    let first = class.ranges().first().map(ClassUnicodeRange::start);
    PREFERRED.into_iter().find(has).or(first)
}
