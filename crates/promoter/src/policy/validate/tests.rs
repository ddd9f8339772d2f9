use super::{super::files::documents, *};

fn file(name: &str, json: &str) -> Documents {
    documents(name.to_owned(), Ok(json.to_owned()), None)
}

fn shown(files: &[Documents], paths: Option<&str>) -> String {
    let paths = paths.map(|text| Paths::parse(text).unwrap());
    let report = validate(files, paths.as_ref());
    anstream::adapter::strip_str(&report.to_string()).to_string()
}

const GOOD: &str = r#"{
    "source": "dev/website", "name": "stable-to-qa",
    "criteria": [{"attribute": "tag", "operator": "ends_with", "value": "stable"}],
    "target": {"repository": "qa/website"}
}"#;

#[test]
fn a_good_document_is_counted() {
    insta::assert_snapshot!(shown(&[file("a.json", GOOD)], Some("dev/* => qa/*")), @"1 valid policy in 1 file");
}

#[test]
fn every_mistake_is_told_at_its_place() {
    let bad = r#"
        {"source": "dev/website", "name": "stable-to-qa",
         "criteria": [{"attribute": "tag", "operator": "ends_with", "value": "stable"},
                      {"attribute": "tag", "operator": "endswith", "value": "x"}],
         "target": {"repository": "qa/website"}}
        {"source": "dev/website", "name": "no target", "nane": 1}
        {"name": "twice", "source": "dev/a", "name": "again", "target": {"repository": "qa/a", "tag": "%q"}}
        "words"
    "#;
    let one = r#"{"source": "dev/api", "name": "api", "target": {"repository": "prod/api"}}"#;
    let missing = documents("none.yaml".to_owned(), Ok(String::new()), None);
    let files = [file("bad.json", bad), file("one.json", one), missing];
    insta::assert_snapshot!(shown(&files, Some("dev/* => qa/*")), @r#"
    bad.json:4:44: dev/website stable-to-qa: criteria[1].operator: expected an operator, found "endswith": did you mean "ends_with"?
    bad.json:6:56: dev/website: nane: expected a key, found "nane": did you mean "name"?
    bad.json:6:35: dev/website: name: expected a name of 1 to 128 of A-Z a-z 0-9 . _ -, found "no target"
    bad.json:6:9: dev/website: target: expected a value, found none
    bad.json:7:46: dev/a twice: name: expected each key once, found it twice
    bad.json:7:96: dev/a twice: target.tag: expected one of the keywords %n %A %a %w %d %b %B %m %Y %y %H %I %p %M %S %f %Z %j %W, found "%q"
    bad.json:8:9: document: expected a map, found the string "words"
    one.json:1:49: dev/api api: target.repository: expected a target inside the paths (dev/* => qa/*), found "prod/api" for the source "dev/api"
    none.yaml: expected a policy document, found none
    0 valid policies, 6 invalid in 3 files
    "#);
}

#[test]
fn two_documents_with_one_key_are_told() {
    let twice = format!("{GOOD}{GOOD}");
    insta::assert_snapshot!(shown(&[file("a.json", &twice), file("b.json", GOOD)], None), @"
    a.json: document 2: dev/website stable-to-qa: name: a.json: document 1 has the same source and name
    b.json: dev/website stable-to-qa: name: a.json: document 1 has the same source and name
    1 valid policy, 2 invalid in 2 files
    ");
}

#[test]
fn a_cycle_is_a_warning() {
    let cycle = r#"
        {"source": "dev/a", "name": "there", "target": {"repository": "qa/a"}}
        {"source": "qa/a", "name": "back", "target": {"repository": "dev/a"}}
        {"source": "prod/a", "name": "itself", "target": {"repository": "prod/a", "tag": "x-%n"}}
    "#;
    let files = [file("cycle.json", cycle)];
    insta::assert_snapshot!(shown(&files, None), @r#"
    warning: "dev/a there", "qa/a back" form a cycle; harmless: no policy promotes a push that it led to
    warning: "prod/a itself" could promote its own promotions; harmless: no policy promotes a push that it made
    3 valid policies, 2 warnings in 1 file
    "#);
    assert!(validate(&files, None).is_good());
}

#[test]
fn a_long_cycle_is_told_by_its_first_policies() {
    let policy = |from: usize, to: usize| {
        format!(
            r#"{{"source": "r/{from:02}", "name": "p", "target": {{"repository": "r/{to:02}"}}}}"#
        )
    };
    let round = |length: usize| -> Vec<String> {
        (0..length)
            .map(|at| policy(at, (at + 1) % length))
            .collect()
    };
    for (length, told) in [
        (10, "\"r/09 p\" form"),
        (11, "\"r/09 p\", and 1 more form"),
        (50, "and 40 more form"),
    ] {
        let shown = shown(&[file("cycle.json", &round(length).join("\n"))], None);
        assert!(shown.contains(told), "{shown}");
    }
}

#[test]
fn more_policies_of_one_source_than_are_read_is_a_mistake() {
    let many: Vec<String> = (0..=POLICIES_PER_SOURCE_MAX)
        .map(|number| GOOD.replace("stable-to-qa", &format!("p{number}")))
        .collect();
    let many = many.join("\n");
    let files = [file("many.json", &many)];
    insta::assert_snapshot!(shown(&files, None), @r#"
    dev/website: expected at most 200 policies of one source, found 201
    201 valid policies in 1 file
    "#);
    assert!(!validate(&files, None).is_good());
}

#[test]
fn a_document_larger_than_any_item_is_a_mistake() {
    let long = GOOD.replace("stable-to-qa", &"x".repeat(DOCUMENT_BYTES_MAX));
    let shown = shown(&[file("long.json", &long)], None);
    assert!(shown.contains("at most 409600 bytes"), "{shown}");
}

#[test]
fn a_documents_own_words_write_no_lines() {
    let bad = r#"{"source": "dev/a\u001b[31m\nx", "name": "a\nb"}"#;
    let shown = shown(&[file("bad.json", bad)], None);
    assert!(!shown.contains('\u{1b}'), "{shown}");
    assert!(
        shown
            .lines()
            .all(|line| line.starts_with("bad.json:1:") || line.contains("invalid")),
        "{shown}"
    );
}

#[test]
fn each_mistake_is_a_document_with_line_and_column() {
    let bad = r#"{"source": "dev/website", "name": "a", "target": {"repository": "qa/website"}}
{"source": "dev/website", "name": "b", "target": {"repository": "QA"}}"#;
    let broken = documents(
        "broken.yaml".to_owned(),
        Ok("source: [a\nname: b\n".to_owned()),
        None,
    );
    let report = validate(&[file("bad.json", bad), broken], None);
    insta::assert_json_snapshot!(report.document()["mistakes"], @r#"
    [
      {
        "column": 51,
        "document": 2,
        "file": "bad.json",
        "line": 2,
        "message": "expected the characters of a repository's name, found \"Q\", \"A\"",
        "place": "target.repository",
        "policy": "dev/website b"
      },
      {
        "column": 5,
        "document": null,
        "file": "broken.yaml",
        "line": 2,
        "message": "expected YAML: illegal placement of ':' indicator at line 2, column 5",
        "place": null,
        "policy": null
      }
    ]
    "#);
}
