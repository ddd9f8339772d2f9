//! Places in files, as editors count them.

use proptest::prelude::*;

use super::*;
use crate::policy::files::options;

fn at(places: &[Places], document: usize, place: &str) -> Option<Position> {
    places.get(document).and_then(|places| places.at(place))
}

#[test]
fn a_place_in_json_has_a_line_and_a_column() {
    let text = "[\n  {\"source\": \"dev/wé\", \"ä\": {\"é\": 1, \"x\": true},\n   \"criteria\": [\n      {\"attribute\": \"tag\",\n       \"value\": [\"a\\\"}\", 7]},\n {}]}\n] {\"name\": null, \"name\": \"b\"}";
    let places = json(text);
    assert_eq!(places.len(), 2);
    for (document, place, expected) in [
        (0, "document", Some((2, 3))),
        (0, "source", Some((2, 4))),
        (0, "\"ä\"", Some((2, 24))),
        (0, "criteria", Some((3, 4))),
        (0, "criteria[0]", Some((4, 7))),
        (0, "criteria[0].attribute", Some((4, 8))),
        (0, "criteria[0].value[1]", Some((5, 26))),
        (0, "criteria[1]", Some((6, 2))),
        // What is missing stands where it would be.
        (0, "criteria[1].operator", Some((6, 2))),
        (0, "target.repository", Some((2, 3))),
        (1, "document", Some((7, 3))),
        // The second of a key that is given twice.
        (1, "name", Some((7, 18))),
        (2, "name", None),
    ] {
        assert_eq!(at(&places, document, place), expected, "{document} {place}");
    }
}

#[test]
fn a_file_in_one_line_took_minutes() {
    let members: Vec<String> = (0..100_000).map(|_| r#"{"é":1}"#.to_owned()).collect();
    let text = format!("{{\"criteria\":[{}]}}", members.join(","));
    let places = json(&text);
    for (place, column) in [
        ("criteria", 2),
        ("criteria[0]", 14),
        ("criteria[1]", 22),
        ("criteria[99999]", 14 + 8 * 99_999),
    ] {
        assert_eq!(at(&places, 0, place), Some((1, column)), "{place}");
    }
}

#[test]
fn a_place_in_yaml_has_a_line_and_a_column() {
    let text = "# policies\n---\nsource: dev/website\ncriteria:\n  - attribute: tag\n    value: [a, b]\n  - attribute: 7\n---\n- name: a\n  name: b\n- name: c\n";
    let places = yaml(text, options());
    assert_eq!(places.len(), 3);
    for (document, place, expected) in [
        (0, "source", Some((3, 1))),
        (0, "criteria", Some((4, 1))),
        (0, "criteria[0].value", Some((6, 5))),
        (0, "criteria[0].value[1]", Some((6, 16))),
        (0, "criteria[1]", Some((7, 5))),
        (0, "criteria[1].operator", Some((7, 5))),
        (1, "name", Some((10, 3))),
        (2, "name", Some((11, 3))),
    ] {
        assert_eq!(at(&places, document, place), expected, "{document} {place}");
    }
}

proptest! {
    #[test]
    fn any_text_has_places_or_none(text in "[\\[\\]{}\",:a1é\\\\ \n]{0,60}") {
        for places in json(&text).iter().chain(&yaml(&text, options())) {
            prop_assert!(places.at("criteria[0].value").is_some());
        }
    }
}
