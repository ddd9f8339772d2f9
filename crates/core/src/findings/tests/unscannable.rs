//! Which of the scanner's sentences a policy may accept.

use super::*;

#[test]
fn only_a_sentence_that_names_no_system_may_be_accepted() {
    let generic = "The operating system and/or package manager are not supported.";
    for (status, sentence, expected) in [
        ("FAILED", format!("UnsupportedImageError: {generic}"), true),
        ("UNSUPPORTED_IMAGE", generic.to_owned(), true),
        ("UNSUPPORTED_IMAGE", format!("UnsupportedImageError: {generic}"), true),
        ("UNSUPPORTED_IMAGE", "The image is not supported".to_owned(), true),
        ("UNSUPPORTED_IMAGE", "No operating system was detected.".to_owned(), false),
        // It names a system, whose packages were not looked at.
        (
            "FAILED",
            "UnsupportedImageError: The operating system 'alpine' version 'v3.13' is not supported.".to_owned(),
            false,
        ),
        (
            "UNSUPPORTED_IMAGE",
            "The operating system 'alpine' version 'v3.13' is not supported".to_owned(),
            false,
        ),
        ("UNSUPPORTED_IMAGE", "The operating system wolfi is not supported".to_owned(), false),
        ("UNSUPPORTED_IMAGE", "Unsupported operating system: Windows Server".to_owned(), false),
        ("UNSUPPORTED_IMAGE", "The operating system \u{3b1} is not supported".to_owned(), false),
        ("UNSUPPORTED_IMAGE", "The operating system 7 is not supported".to_owned(), false),
        // It says nothing.
        ("UNSUPPORTED_IMAGE", String::new(), false),
        ("UNSUPPORTED_IMAGE", "...".to_owned(), false),
        ("FAILED", String::new(), false),
        // It says something else.
        ("FAILED", generic.to_owned(), false),
        ("FAILED", "InternalError: try UnsupportedImageError".to_owned(), false),
        ("LIMIT_EXCEEDED", generic.to_owned(), false),
        ("COMPLETE", generic.to_owned(), false),
    ] {
        let answer = Answer {
            description: Some(sentence.clone()),
            ..answer(status)
        };
        let state = state(&Lookup::Found(answer), 60);
        assert_eq!(state.is_unscannable(), expected, "{status}: {sentence}");
    }
    let no_words = state(&Lookup::Found(answer("UNSUPPORTED_IMAGE")), 60);
    assert!(!no_words.is_unscannable(), "no sentence");
}
