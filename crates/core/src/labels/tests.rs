//! What configs say, and what they say in two ways.

use proptest::prelude::*;

use super::*;

fn read(config: &str) -> Result<Vec<String>, String> {
    let labels = Labels::read(config.as_bytes()).map_err(|error| error.to_string())?;
    let told = labels.into_iter();
    Ok(told
        .map(|label| format!("{}={}", label.name, label.value))
        .collect())
}

#[test]
fn labels_are_those_of_the_config() {
    let deep = format!(r#"{{"a": {}1{}}}"#, "[".repeat(5000), "]".repeat(5000));
    for (case, config, labels) in [
        (
            "as docker writes it",
            r#"{"architecture": "amd64", "os": "linux", "config": {"Env": ["A=b"], "Volumes": {"/labels": {}}, "Labels": {"team": "web", "a.b/c": ""}}, "rootfs": {"type": "layers"}}"#,
            vec!["a.b/c=", "team=web"],
        ),
        ("none", r#"{"config": {"Env": []}}"#, vec![]),
        ("null", r#"{"config": {"Labels": null}}"#, vec![]),
        ("no runtime", r#"{"architecture": "amd64"}"#, vec![]),
        ("no runtime, null", r#"{"config": null}"#, vec![]),
        (
            "labels elsewhere are not the image's",
            r#"{"container_config": {"Labels": {"team": "web"}}, "Labels": {"team": "web"}}"#,
            vec![],
        ),
        (
            "a label may be named like a key",
            r#"{"config": {"Labels": {"labels": "x", "Config": "y"}}}"#,
            vec!["Config=y", "labels=x"],
        ),
        ("what is passed over may be deep", &deep, vec![]),
    ] {
        let labels = labels.into_iter().map(str::to_owned).collect();
        assert_eq!(read(config), Ok(labels), "{case}");
    }
}

#[test]
fn a_config_with_two_readings_tells_nothing() {
    let many: Vec<String> = (0..=LABELS_MAX).map(|n| format!("\"{n}\":\"\"")).collect();
    let many = format!(r#"{{"config": {{"Labels": {{{}}}}}}}"#, many.join(","));
    let told: Vec<String> = [
        r#"{"config": {"Labels": {"a": "1"}}, "config": {"Labels": {"a": "2"}}}"#,
        r#"{"config": {"Labels": {"a": "1"}, "Labels": {"a": "2"}}}"#,
        r#"{"config": {"Labels": {"a": "1", "a": "2"}}}"#,
        r#"{"config": {"labels": {"a": "1"}}}"#,
        r#"{"Config": {"Labels": {"a": "1"}}}"#,
        r#"{"con\u0066ig": {"LABEL\u017f": {}}}"#,
        r#"{"config": {"Labels": {"a": 1}}}"#,
        r#"{"config": {"Labels": {"a": null}}}"#,
        r#"{"config": {"Labels": ["a"]}}"#,
        r#"{"config": [{"Labels": {}}]}"#,
        r#"["config"]"#,
        "null",
        "",
        r#"{"config": {"Labels": {}}"#,
        r#"{"config": {"Labels": {}}} {}"#,
        &many,
    ]
    .iter()
    .map(|config| read(config).unwrap_err())
    .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    the image config cannot be read: it has "config" twice at line 1 column 68
    the image config cannot be read: it has "Labels" twice at line 1 column 55
    the image config cannot be read: it has the label "a" twice at line 1 column 42
    the image config cannot be read: some readers would take the key "labels" for "Labels" at line 1 column 20
    the image config cannot be read: some readers would take the key "Config" for "config" at line 1 column 9
    the image config cannot be read: some readers would take the key "LABELſ" for "Labels" at line 1 column 30
    the image config cannot be read: invalid type: integer `1`, expected a string at line 1 column 29
    the image config cannot be read: invalid type: null, expected a string at line 1 column 32
    the image config cannot be read: invalid type: sequence, expected an object of strings at line 1 column 22
    the image config cannot be read: invalid type: sequence, expected an object at line 1 column 11
    the image config cannot be read: invalid type: sequence, expected an object at line 1 column 0
    the image config cannot be read: invalid type: null, expected an object at line 1 column 4
    the image config cannot be read: EOF while parsing a value at line 1 column 0
    the image config cannot be read: EOF while parsing an object at line 1 column 25
    the image config cannot be read: trailing characters at line 1 column 28
    the image config cannot be read: limit: expected at most 1000 labels, found more at line 1 column 8923
    "#);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Labels::read(&bytes);
    }

    #[test]
    fn what_is_written_is_read(labels in prop::collection::btree_map(".{0,8}", ".{0,8}", 0..6)) {
        let config = serde_json::json!({"os": "linux", "config": {"Cmd": [], "Labels": labels}});
        let read = Labels::read(config.to_string().as_bytes()).unwrap();
        prop_assert_eq!(read, labels.into_iter().collect());
    }
}
