//! Attributes as policies write them.

use super::*;

#[test]
fn every_attribute_is_written_as_it_is_read() {
    for (word, attribute, _) in Attribute::all() {
        assert_eq!(Attribute::parse(word), Some(attribute.clone()));
        assert_eq!(attribute.to_string(), *word);
    }
    let label = Attribute::parse("label.a.b/c");
    assert_eq!(label, Some(Attribute::Label("a.b/c".to_owned())));
    assert_eq!(label.unwrap().to_string(), "label.a.b/c");
    assert_eq!(Attribute::parse("label"), None);
    assert_eq!(Attribute::parse("Tag"), None);
}

#[test]
fn severities_count_as_msr_counts_them() {
    use Severity::{Critical, High, Informational, Low, Medium, Undefined};
    let all = [Critical, High, Medium, Low, Informational, Undefined];
    for (counted, severities) in [
        (Counted::Critical, vec![Critical, High]),
        (Counted::Major, vec![Medium]),
        (Counted::Minor, vec![Low]),
        (Counted::All, all.to_vec()),
        (Counted::Only(Critical), vec![Critical]),
        (Counted::Only(High), vec![High]),
        (Counted::Only(Undefined), vec![Undefined]),
    ] {
        let counts: Vec<_> = all.into_iter().filter(|s| counted.counts(*s)).collect();
        assert_eq!(counts, severities, "{counted:?}");
    }
}
