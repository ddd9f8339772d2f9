use std::fmt::Write as _;

use super::*;

fn sources(text: &str, format: Option<Format>) -> Result<Vec<String>, String> {
    let documents = parse(text, format).map_err(|error| error.to_string())?;
    let source = |node: Node| match node {
        Node::Map(entries) => match entries.into_iter().next() {
            Some((_, Node::String(text))) => text,
            other => format!("{other:?}"),
        },
        other => format!("{other:?}"),
    };
    Ok(documents.into_iter().map(source).collect())
}

#[test]
fn one_or_many_documents_are_found_in_either_format() {
    for (case, text, wanted) in [
        ("JSON", r#"{"source": "a"}"#, vec!["a"]),
        (
            "a JSON list",
            r#"[{"source": "a"}, {"source": "b"}]"#,
            vec!["a", "b"],
        ),
        (
            "JSON after JSON",
            "{\"source\": \"a\"}\n{\"source\": \"b\"}",
            vec!["a", "b"],
        ),
        (
            "with a byte order mark",
            "\u{feff}{\"source\": \"a\"}",
            vec!["a"],
        ),
        ("YAML", "source: a\n", vec!["a"]),
        (
            "YAML documents",
            "---\nsource: a\n---\nsource: b\n...\n",
            vec!["a", "b"],
        ),
        (
            "empty YAML documents",
            "---\n---\nsource: a\n---\n",
            vec!["a"],
        ),
        ("a YAML list", "- source: a\n- source: b\n", vec!["a", "b"]),
        ("anchors", "source: &name a\nname: *name\n", vec!["a"]),
    ] {
        let wanted: Vec<String> = wanted.into_iter().map(str::to_owned).collect();
        assert_eq!(sources(text, None), Ok(wanted), "{case}");
    }
}

#[test]
fn yaml_guesses_no_types() {
    let text = "a: yes\nb: no\nc: 1_000\nd: 1.10\ne: 2026-01-01\nf: true\ng: ~\n";
    let Node::Map(entries) = parse(text, Some(Format::Yaml)).unwrap().remove(0) else {
        panic!("no map");
    };
    let seen: Vec<Node> = entries.into_iter().map(|(_, node)| node).collect();
    let text = |text: &str| Node::String(text.to_owned());
    assert_eq!(
        seen,
        [
            text("yes"),
            text("no"),
            text("1_000"),
            Node::Number("1.1".to_owned()),
            text("2026-01-01"),
            Node::Bool(true),
            Node::Null,
        ]
    );
}

#[test]
fn a_key_given_twice_is_kept_for_the_core() {
    for text in [r#"{"name": "a", "name": "b"}"#, "name: a\nname: b\n"] {
        let Node::Map(entries) = parse(text, None).unwrap().remove(0) else {
            panic!("no map");
        };
        assert_eq!(entries.len(), 2, "{text}");
    }
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let bomb = format!(
        "a: &a [{}]\nb: &b [{}]\nc: &c [{}]\nd: &d [{}]\n",
        ["x"; 100].join(","),
        ["*a"; 100].join(","),
        ["*b"; 100].join(","),
        ["*c"; 100].join(",")
    );
    let deep = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    let mut told = String::new();
    for (case, text, format) in [
        ("nothing", "", None),
        ("blanks", "  \n", None),
        ("an empty list", "[]", None),
        ("only YAML comments", "# none\n", None),
        ("broken JSON", "{\"source\": \"a\",\n  \"name\": }", None),
        ("JSON that ends", "{\"source\": ", None),
        ("words after JSON", "{} and more", None),
        ("YAML in a JSON file", "source: a", Some(Format::Json)),
        ("broken YAML", "source: [a\nname: b\n", None),
        ("a tab in YAML", "target:\n\trepository: a\n", None),
        ("an unknown anchor", "source: *none\n", None),
        ("an unknown tag", "source: !secret a\n", None),
        ("a bomb of aliases", bomb.as_str(), None),
        ("deep JSON", deep.as_str(), None),
        ("deep YAML", deep.as_str(), Some(Format::Yaml)),
    ] {
        let error = sources(text, format).unwrap_err();
        writeln!(told, "{case}: {error}").unwrap();
    }
    insta::assert_snapshot!(told, @r#"
    nothing: expected a policy document, found none
    blanks: expected a policy document, found none
    an empty list: expected a policy document, found none
    only YAML comments: expected a policy document, found none
    broken JSON: expected JSON: expected value at line 2 column 11
    JSON that ends: expected JSON: EOF while parsing a value at line 1 column 11
    words after JSON: expected JSON: expected value at line 1 column 4
    YAML in a JSON file: expected JSON: expected value at line 1 column 1
    broken YAML: expected YAML: illegal placement of ':' indicator at line 2, column 5
    a tab in YAML: expected YAML: tabs disallowed within this context (block indentation) at line 2, column 2
    an unknown anchor: expected YAML: alias references unknown anchor at line 1, column 9
    an unknown tag: expected YAML: unsupported tag `!secret` at line 1, column 17; a value that begins with one of ! % & * > [ { needs quotes
    a bomb of aliases: expected YAML: alias replay limit exceeded: total_replayed_events=100001 > 100000 at line 1, column 52 (defined at line 2, column 7) (used at line 3, column 32)
    deep JSON: expected JSON: expected at most 32 levels of nesting, found more at line 1 column 33
    deep YAML: expected YAML: expected at most 32 levels of nesting, found more at line 1, column 33
    "#);
}

#[test]
fn a_file_that_is_none_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latin.json");
    std::fs::write(&path, b"{\"source\": \"\xe9\"}").unwrap();
    assert_eq!(read(&path).documents, Err(FileError::NotText));
    let missing = read(&folder.path().join("none.json"))
        .documents
        .unwrap_err();
    assert!(
        missing.to_string().starts_with("cannot be read: "),
        "{missing}"
    );
    assert_eq!(text_of(io::repeat(b' ')), Err(FileError::TooLarge));
}

#[test]
fn a_document_weighs_what_an_item_does() {
    let node = Node::from_json(r#"{"ab": ["xyz", 10, true]}"#).unwrap();
    assert_eq!(weight(&node), 3 + 1 + 2 + 3 + (1 + 3) + (1 + 2) + (1 + 1));
}

proptest::proptest! {
    #[test]
    fn any_text_is_documents_or_an_error(text in "\\PC*", lines in "[ \\-:{}\\[\\]\"'&*!|>#,a-c0-9\n\t]*") {
        for text in [text, lines] {
            for format in [None, Some(Format::Json), Some(Format::Yaml)] {
                let _ = parse(&text, format);
            }
        }
    }
}
