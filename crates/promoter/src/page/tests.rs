use super::*;

fn printed(columns: usize, print: impl FnOnce(&mut Page<Vec<u8>>)) -> String {
    let mut page = Page::new(Vec::new(), columns);
    print(&mut page);
    let text = String::from_utf8(page.into_inner()).unwrap();
    anstream::adapter::strip_str(&text).to_string()
}

#[test]
fn control_characters_reached_the_terminal() {
    for (case, text, shown) in [
        ("C0", "a\u{1b}[31mb\u{7}", "a\\u{1b}[31mb\\u{7}"),
        ("a line's end", "a\nb\r\n\tc", "a\\nb\\r\\n\\tc"),
        ("DEL", "a\u{7f}b", "a\\u{7f}b"),
        ("C1", "a\u{9b}31mb\u{85}", "a\\u{9b}31mb\\u{85}"),
        (
            "directions",
            "a\u{202e}b\u{2066}\u{61c}",
            "a\\u{202e}b\\u{2066}\\u{61c}",
        ),
        ("separators", "a\u{2028}b", "a\\u{2028}b"),
        (
            "control: letters",
            "äöü ё 漢字 \u{1f980} e\u{301}",
            "äöü ё 漢字 \u{1f980} e\u{301}",
        ),
    ] {
        assert_eq!(words::printable(text), shown, "{case}");
        let row = printed(140, |page| page.row("name", text).unwrap());
        assert_eq!(row, format!("  name        {shown}\n"), "{case}");
        let table = printed(140, |page| {
            page.table(&["NAME"], &[vec![text.to_owned()]]).unwrap();
        });
        assert_eq!(table, format!("  NAME\n  {shown}\n"), "{case}");
    }
}

#[test]
fn json_printed_what_a_terminal_obeys() {
    let hostile = "a\u{1b}b\u{7f}c\u{9b}d\u{202e}e\u{2028}f\"g\\h漢";
    let document = serde_json::json!({hostile: [hostile, 1, {}, []]});
    let mut out = Vec::new();
    json::print(&mut out, &document).unwrap();
    let text = String::from_utf8(out).unwrap();
    let raw = text.chars().find(|c| *c != '\n' && words::obeyed(*c));
    assert_eq!(raw, None, "{text}");
    let read: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(read, document);
    let ordinary = serde_json::json!({"a": [1, {"b": "ё"}], "c": null});
    let mut out = Vec::new();
    json::print(&mut out, &ordinary).unwrap();
    let pretty = serde_json::to_string_pretty(&ordinary).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), format!("{pretty}\n"));
}

#[test]
fn a_text_wraps_between_words_under_itself() {
    let text = "vulnerabilities.critical = 0: saw 1: CVE-2026-0042 CRITICAL openssl 3.0.13";
    let text = printed(76, |page| page.row("reason", text).unwrap());
    insta::assert_snapshot!(text, @r"
      reason      vulnerabilities.critical = 0: saw 1: CVE-2026-0042 CRITICAL
                  openssl 3.0.13
    ");
}

#[test]
fn colours_have_no_width() {
    let text = || {
        let text = Text::from("seen 1 on linux/arm64, which is one more than the policy takes: ");
        text.and(YELLOW, "not").and(YELLOW, " met")
    };
    let shown = printed(80, |page| page.row("criterion", text()).unwrap());
    insta::assert_snapshot!(shown, @r"
      criterion   seen 1 on linux/arm64, which is one more than the policy takes:
                  not met
    ");
}

#[test]
fn digests_are_short_but_where_one_is_the_matter() {
    let digest = format!("sha256:{}", "0a".repeat(32));
    let upper = format!("sha256:{}", "0A".repeat(32));
    for (text, shown) in [
        (
            format!("{digest} and {digest}."),
            "sha256:0a0a0a0a0a0a… and sha256:0a0a0a0a0a0a….",
        ),
        (
            format!("dev/website@{digest}: gone"),
            "dev/website@sha256:0a0a0a0a0a0a…: gone",
        ),
        ("sha256:0a0a".to_owned(), "sha256:0a0a"),
        (upper.clone(), upper.as_str()),
        (format!("{digest}0"), &format!("{digest}0")),
        ("sha256:ä".to_owned(), "sha256:ä"),
    ] {
        assert_eq!(words::with_short_digests(&text), shown);
    }
    for columns in [80, 100] {
        let text = printed(columns, |page| page.digest(&digest).unwrap());
        assert!(text.contains(&digest), "{text}");
        assert!(text.lines().all(|line| line.len() <= columns), "{text}");
    }
}

#[test]
fn a_table_fits_its_page() {
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
    let rows: Vec<Vec<String>> = vec![
        row(&[
            "CRITICAL",
            "CVE-2021-44228",
            "org.apache.logging.log4j:log4j-core",
            "2.14.1",
            "all",
        ]),
        row(&[
            "HIGH",
            "GHSA-jfh8-c2jp-5v3q",
            "musl",
            "1.2.5-r21",
            "linux/amd64, linux/arm64/v8",
        ]),
    ];
    let heads = ["SEVERITY", "ID", "PACKAGE", "INSTALLED", "ON"];
    let at = |columns| printed(columns, |page| page.table(&heads, &rows).unwrap());
    insta::assert_snapshot!(at(80));
    insta::assert_snapshot!(at(76));
    insta::assert_snapshot!(at(120));
}

#[test]
fn a_size_is_short() {
    for (bytes, shown) in [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1_000, "1.0 KB"),
        (9_949, "9.9 KB"),
        (31_400_000, "31.4 MB"),
        (u64::MAX, "18446744073.7 GB"),
    ] {
        assert_eq!(words::size(bytes), shown);
    }
}
