//! What holds of any text.

use super::*;

proptest::proptest! {
    #[test]
    fn any_text_has_a_reading(text in "\\PC{0,80}") {
        let license = License::of(&text);
        let all = clearance(&license, &|_| true, &|_| true);
        proptest::prop_assert!(matches!(all, Clearance::Broken(_)));
        let none = clearance(&license, &|_| false, &|_| true);
        proptest::prop_assert_eq!(none, Clearance::Clear);
    }

    #[test]
    fn what_reads_reads_the_same_again(
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "MIT", "gplv3+", "GPL-2.0", "AND", "or", "WITH", "(", ")", "/", "+", ",", "words",
                "Classpath-exception-2.0", "LicenseRef-a", "EPL-1.0+", "wxWindows", "::",
            ]),
            0..12,
        ),
    ) {
        let text = words.join(" ");
        let expression = Expression::read(&text);
        // No word is lost.
        for word in ["MIT", "LicenseRef-a", "EPL-1.0+"] {
            let is_named = expression.terms().any(|term| term.license == word);
            proptest::prop_assert_eq!(is_named, words.contains(&word), "{}: {}", text, expression);
        }
        if expression.is_readable() {
            let shown = expression.to_string();
            proptest::prop_assert_eq!(read(&shown), shown);
        }
    }
}
