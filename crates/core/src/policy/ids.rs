//! The ids of vulnerabilities as scanners write them. Ids compare exactly: one that no scanner writes
//! forbids nothing, and leaves nothing out.

/// What the ids of advisories begin with that scanners write in capitals, besides CVE and GHSA.
const PREFIXES: [&str; 11] = [
    "ALAS", "DLA-", "DSA-", "ELSA-", "GO-", "PYSEC-", "RHBA-", "RHEA-", "RHSA-", "RUSTSEC-", "USN-",
];
/// The years that CVE ids have, and will have.
const YEARS: std::ops::RangeInclusive<u32> = 1999..=2099;
/// How many characters a GitHub advisory has behind its prefix, without dashes.
const GHSA_CHARACTERS: usize = 12;

/// How an id is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdForm {
    /// As a scanner may write it.
    Usual,
    /// Otherwise than every scanner; so it was meant.
    Meant(String),
    /// As no scanner does, and nothing is near.
    Odd,
}

impl IdForm {
    /// Looks at an id.
    #[must_use]
    pub fn of(id: &str) -> Self {
        let upper = id.to_ascii_uppercase();
        let known = cve(&upper).or_else(|| ghsa(&upper)).or_else(|| {
            PREFIXES
                .iter()
                .any(|it| upper.starts_with(it))
                .then(|| upper.clone())
        });
        match known {
            Some(meant) if meant != id => Self::Meant(meant),
            Some(_) => Self::Usual,
            // Another scheme than those above: all number their advisories.
            None if id.contains('-') && id.contains(|c: char| c.is_ascii_digit()) => Self::Usual,
            None => Self::Odd,
        }
    }
}

/// `CVE-2021-44228`, from `CVE2021-44228`, `CVE-202144228`, `CVE_2021_44228` or `2021-44228`.
fn cve(upper: &str) -> Option<String> {
    let separators = ['-', '_', ':', ' '];
    let rest = match upper.strip_prefix("CVE") {
        Some(rest) => rest.trim_start_matches(separators),
        None => upper
            .split_once('-')
            .filter(|(year, _)| year.len() == 4)
            .map(|_| upper)?,
    };
    let (year, rest) = rest.split_at_checked(4)?;
    let number = rest.trim_start_matches(separators);
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let is_year = year.parse().is_ok_and(|year| YEARS.contains(&year));
    (is_year && is_number).then(|| format!("CVE-{year}-{number}"))
}

/// `GHSA-jfh8-c2jp-5v3q`, whatever its case and its dashes.
fn ghsa(upper: &str) -> Option<String> {
    let rest = upper.strip_prefix("GHSA")?.to_ascii_lowercase();
    let plain: String = rest.chars().filter(char::is_ascii_alphanumeric).collect();
    let (one, more) = plain.split_at_checked(GHSA_CHARACTERS / 3)?;
    let (two, three) = more.split_at_checked(GHSA_CHARACTERS / 3)?;
    (plain.len() == GHSA_CHARACTERS).then(|| format!("GHSA-{one}-{two}-{three}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_as_scanners_write_it() {
        for usual in [
            "CVE-2021-44228",
            "CVE-2026-1234567",
            "GHSA-jfh8-c2jp-5v3q",
            "ALAS2-2021-1234",
            "ALASKERNEL-5.4-2022-007",
            "RUSTSEC-2021-0001",
            "RHSA-2021:1234",
            "TEMP-0841856-B18BAF",
            "openSUSE-SU-2021:1234-1",
            "SNYK-JS-LODASH-567746",
            "CVE-1",
        ] {
            assert_eq!(IdForm::of(usual), IdForm::Usual, "{usual}");
        }
        for (written, meant) in [
            ("cve-2021-44228", "CVE-2021-44228"),
            ("Cve-2021-44228", "CVE-2021-44228"),
            ("CVE2021-44228", "CVE-2021-44228"),
            ("CVE-202144228", "CVE-2021-44228"),
            ("CVE_2021_44228", "CVE-2021-44228"),
            ("CVE:2021-44228", "CVE-2021-44228"),
            ("2021-44228", "CVE-2021-44228"),
            ("ghsa-jfh8-c2jp-5v3q", "GHSA-jfh8-c2jp-5v3q"),
            ("GHSA-JFH8-C2JP-5V3Q", "GHSA-jfh8-c2jp-5v3q"),
            ("GHSAjfh8c2jp5v3q", "GHSA-jfh8-c2jp-5v3q"),
            ("rustsec-2021-0001", "RUSTSEC-2021-0001"),
            ("alas2-2021-1234", "ALAS2-2021-1234"),
        ] {
            assert_eq!(
                IdForm::of(written),
                IdForm::Meant(meant.to_owned()),
                "{written}"
            );
        }
        for odd in ["log4shell", "44228", "CVE", "CVE-", "GHSA-", "", "é"] {
            assert_eq!(IdForm::of(odd), IdForm::Odd, "{odd}");
        }
    }
}
