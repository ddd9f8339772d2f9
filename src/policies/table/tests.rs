use super::*;

#[test]
fn a_document_that_was_read_again_is_unchanged() {
    let item = || -> PolicyItem {
        let text = |name: &str| (name.to_owned(), AttributeValue::S(name.to_owned()));
        KEYS.iter().map(|name| text(name)).collect()
    };
    assert_eq!(
        unchanged("policies", &item()),
        unchanged("policies", &item())
    );
    let mut edited = item();
    edited.remove("enabled");
    assert_ne!(
        unchanged("policies", &item()),
        unchanged("policies", &edited)
    );
}
