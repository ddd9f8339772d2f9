//! What is JSON and what is not is checked against `serde_json`, which others use to write it.

use std::io::{self, Cursor};

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::limits::STRING_BYTES_MAX;

/// Keeps every string that it meets, keys named `a` among them, in order.
struct Strings<'a>(&'a mut Vec<String>);

impl Place for Strings<'_> {
    fn wrong(self, _: &'static str) {}

    fn text(self, text: &str) {
        self.0.push(text.to_owned());
    }

    fn list(self, list: &mut List<'_, '_>) -> Result<(), Fault> {
        while list.next(Strings(self.0))? {}
        Ok(())
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        while object.key(&["a"])? != Key::End {
            object.value(Strings(self.0))?;
        }
        Ok(())
    }
}

/// The same, each string read in parts of a few bytes.
struct InParts<'a>(&'a mut Vec<String>);

impl Place for InParts<'_> {
    const TAKES_PARTS: bool = true;

    fn wrong(self, _: &'static str) {}

    fn parts(self, parts: &mut Parts<'_, '_>) {
        let mut text = Vec::new();
        let mut buffer = [0; 3];
        while let Ok(count @ 1..) = parts.read(&mut buffer) {
            text.extend_from_slice(&buffer[..count]);
        }
        self.0.push(String::from_utf8_lossy(&text).into_owned());
    }

    fn list(self, list: &mut List<'_, '_>) -> Result<(), Fault> {
        while list.next(InParts(self.0))? {}
        Ok(())
    }
}

/// One document, and nothing after it.
fn read<P: Place>(source: &mut dyn Read, bytes_max: u64, place: P) -> Result<(), Fault> {
    read_by(source, bytes_max, BUFFER_BYTES, place)
}

fn read_by<P: Place>(
    source: &mut dyn Read,
    bytes_max: u64,
    buffer_bytes: usize,
    place: P,
) -> Result<(), Fault> {
    let mut json = Json::buffered(source, bytes_max, buffer_bytes);
    json.value(place)?;
    json.end()
}

/// Wants nothing, so that everything is passed over.
struct Nothing;

impl Place for Nothing {
    fn wrong(self, _: &'static str) {}
}

/// Reads by a buffer of a few bytes, so that every border of it is met.
fn read_small<P: Place>(text: &[u8], step: usize, place: P) -> Result<(), Fault> {
    read_by(&mut Cursor::new(text), 1 << 30, step, place)
}

fn strings(text: &[u8], step: usize) -> Result<Vec<String>, Fault> {
    let mut strings = Vec::new();
    read_small(text, step, Strings(&mut strings))?;
    Ok(strings)
}

fn strings_of(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(list) => list.iter().for_each(|value| strings_of(value, into)),
        Value::Object(object) => object.values().for_each(|value| strings_of(value, into)),
        _ => {}
    }
}

#[test]
fn what_is_json_is_read_and_nothing_else() {
    for text in [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "1.5e+10",
        "-12E-3",
        "[]",
        "{}",
        " [ 1 , 2 ] ",
        r#""""#,
        r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#,
        "\"é😀\"",
        r#"{"a":{"b":[]},"a":"x"}"#,
        r#"{"\u0061":"x"}"#,
        "\t\r\n1",
        "01234",
        "1.",
        ".5",
        "1e",
        "+1",
        "-",
        "nul",
        "nulll",
        "True",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[",
        "]",
        "{",
        "}",
        "{]",
        "[}",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1,}"#,
        r"{a:1}",
        r#"{"a":1 "b":2}"#,
        r"{1:2}",
        "1 1",
        "// c\n1",
        "'a'",
        r#""a"#,
        r#""\x""#,
        r#""\u00g0""#,
        r#""\ud800""#,
        r#""\ud800\u0041""#,
        r#""\udc00""#,
        r#""\ud800\n""#,
        "\"\u{1}\"",
        "\"\u{7f}\"",
        "",
        " ",
        "\u{feff}1",
        "NaN",
        "Infinity",
    ] {
        let wanted = serde_json::from_str::<Value>(text).ok();
        for step in [1, 2, 7, 4096] {
            let found = strings(text.as_bytes(), step);
            assert_eq!(
                found.is_ok(),
                wanted.is_some(),
                "{text} by {step}: {found:?}"
            );
            let passed = read_small(text.as_bytes(), step, Nothing);
            assert_eq!(
                passed.is_ok(),
                wanted.is_some(),
                "{text} passed over by {step}"
            );
        }
    }
    assert!(strings(b"\"\xff\"", 1).is_err());
}

#[test]
fn each_bound_is_named() {
    let deep = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(strings(deep(DEPTH_MAX).as_bytes(), 64).is_ok());
    let endless = "[".repeat(1_000_000);
    assert_eq!(strings(endless.as_bytes(), 64), Err(Fault::Depth));
    let passed = read(&mut Cursor::new(&endless), 1 << 30, Nothing);
    assert_eq!(passed, Err(Fault::Depth));

    let long = |length| format!("[\"{}\"]", "a".repeat(length));
    assert!(strings(long(STRING_BYTES_MAX).as_bytes(), 4096).is_ok());
    let over = long(STRING_BYTES_MAX + 1);
    assert_eq!(strings(over.as_bytes(), 4096), Err(Fault::StringBytes));
    assert_eq!(read(&mut Cursor::new(&over), 1 << 30, Nothing), Ok(()));

    assert_eq!(
        read(&mut io::repeat(b' '), 100_000, Nothing),
        Err(Fault::Bytes(100_000))
    );
    assert_eq!(
        read(&mut Cursor::new("[1, 2"), 100, Nothing),
        Err(Fault::Truncated(5))
    );
    assert_eq!(
        read(&mut Cursor::new("[1; 2]"), 100, Nothing),
        Err(Fault::NotJson(3))
    );
}

#[test]
fn a_document_that_breaks_inside_a_string_read_in_parts_is_broken() {
    for (text, wanted) in [
        (r#"["ab"#, Fault::Truncated(4)),
        (r#"["a\x"]"#, Fault::NotJson(6)),
        ("[\"a\u{1}\"]", Fault::NotJson(5)),
    ] {
        let mut found = Vec::new();
        let result = read(&mut Cursor::new(text), 100, InParts(&mut found));
        assert_eq!(result, Err(wanted), "{text}");
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\"\\\\\u{0}-\u{20}a-z]{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-c]{1,2}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_document_is_read_as_serde_json_reads_it(value in json(), step in 1_usize..40) {
        let mut wanted = Vec::new();
        strings_of(&value, &mut wanted);
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            prop_assert_eq!(strings(text.as_bytes(), step), Ok(wanted.clone()));
            prop_assert_eq!(read_small(text.as_bytes(), step, Nothing), Ok(()));
        }
    }

    #[test]
    fn any_text_is_json_to_both_or_to_neither(
        text in "[\\[\\]{}\",:0-9.eE+\\-nultrefas \\\\]{0,24}",
        step in 1_usize..5,
    ) {
        let theirs = serde_json::from_str::<Value>(&text);
        // A number beyond a double's range is no `Value`, and is JSON all the same.
        let out_of_range = theirs.as_ref().is_err_and(|error| error.to_string().contains("range"));
        if !out_of_range {
            prop_assert_eq!(strings(text.as_bytes(), step).is_ok(), theirs.is_ok());
        }
    }

    #[test]
    fn a_string_in_parts_is_the_string(texts in prop::collection::vec(any::<String>(), 0..4), step in 1_usize..9) {
        let text = serde_json::to_string(&texts).unwrap();
        let mut found = Vec::new();
        read_small(text.as_bytes(), step, InParts(&mut found)).unwrap();
        prop_assert_eq!(found, texts);
    }

    #[test]
    fn any_bytes_read_or_give_a_fault(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = strings(&bytes, 16);
    }
}
