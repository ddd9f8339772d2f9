//! Each value was worked out by hand from the SPDX specification 2.3, annex D, and the license list.

mod asked;
mod listed;
mod properties;

use asked::clearance;

use super::*;

fn read(text: &str) -> String {
    Expression::read(text).to_string()
}

const SPELLINGS: &[(&str, &str)] = &[
    // Identifiers, in any case.
    ("MIT", "MIT"),
    ("mit", "MIT"),
    ("  apache-2.0\n", "Apache-2.0"),
    ("APACHE-2.0 or mit", "Apache-2.0 OR MIT"),
    ("(MIT)", "MIT"),
    ("((MIT))", "MIT"),
    ("(isc or (MIT and zlib))", "ISC OR MIT AND Zlib"),
    ("(isc or MIT) and zlib", "(ISC OR MIT) AND Zlib"),
    // Deprecated ones equal the modern ones.
    ("GPL-2.0", "GPL-2.0-only"),
    ("gpl-2.0+", "GPL-2.0-or-later"),
    ("LGPL-2.0", "LGPL-2.0-only"),
    ("AGPL-1.0", "AGPL-1.0-only"),
    ("GFDL-1.3", "GFDL-1.3-only"),
    (
        "GPL-2.0-with-classpath-exception",
        "GPL-2.0-only WITH Classpath-exception-2.0",
    ),
    (
        "wxWindows",
        "LGPL-2.0-or-later WITH WxWindows-exception-3.1",
    ),
    ("StandardML-NJ", "SMLNJ"),
    (
        "GPL-2.0 WITH Classpath-exception-2.0",
        "GPL-2.0-only WITH Classpath-exception-2.0",
    ),
    // `+` on licenses that have no `-or-later`.
    ("EPL-1.0+", "EPL-1.0+"),
    ("mpl-1.1+ OR MIT", "MPL-1.1+ OR MIT"),
    ("GPL-2.0-only+", "GPL-2.0-or-later"),
    // Abbreviations and names.
    ("GPLv3+", "GPL-3.0-or-later"),
    ("GPLv2", "GPL-2.0-only"),
    ("GPL-2", "GPL-2.0-only"),
    ("GPL-2+", "GPL-2.0-or-later"),
    ("LGPLv2.1+", "LGPL-2.1-or-later"),
    ("AGPLv3", "AGPL-3.0-only"),
    ("GNU GPL v2", "GPL-2.0-only"),
    (
        "GNU General Public License, version 2 or later",
        "GPL-2.0-or-later",
    ),
    (
        "GNU General Public License v3 or later (GPLv3+)",
        "GPL-3.0-or-later",
    ),
    ("GPL-3.0 or later", "GPL-3.0-or-later"),
    ("Apache License, Version 2.0", "Apache-2.0"),
    ("The Apache Software License, Version 2.0", "Apache-2.0"),
    ("Apache License 2.0", "Apache-2.0"),
    ("Apache 2.0", "Apache-2.0"),
    ("Apache 2", "Apache-2.0"),
    ("MIT License", "MIT"),
    ("The MIT License", "MIT"),
    ("License :: OSI Approved :: MIT License", "MIT"),
    (
        "GNU General Public License, version 2 (GPL2), with the classpath exception",
        "GPL-2.0-only WITH Classpath-exception-2.0",
    ),
    ("GPL2 w/ CPE", "GPL-2.0-only WITH Classpath-exception-2.0"),
    (
        "GNU General Public License (GPL), version 2, with the Classpath exception",
        "GPL-2.0-only WITH Classpath-exception-2.0",
    ),
    (
        "Eclipse Distribution License (EDL), Version 1.0",
        "BSD-3-Clause",
    ),
    ("Expat", "MIT"),
    ("ISC License", "ISC"),
    ("License :: OSI Approved :: ISC License (ISCL)", "ISC"),
    ("License :: OSI Approved :: zlib/libpng License", "Zlib"),
    (
        "BSD 3-Clause \"New\" or \"Revised\" License",
        "BSD-3-Clause",
    ),
    ("New BSD License", "BSD-3-Clause"),
    ("BSD-3-Clause License", "BSD-3-Clause"),
    ("Simplified BSD License", "BSD-2-Clause"),
    ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
    ("Eclipse Public License v2.0", "EPL-2.0"),
    ("EPL 1.0", "EPL-1.0"),
    (
        "zlib/libpng License with Acknowledgement",
        "zlib-acknowledgement",
    ),
    (
        "GPLv3+ and LGPLv2.1+",
        "GPL-3.0-or-later AND LGPL-2.1-or-later",
    ),
    // As R's packages write them.
    ("GPL (>= 2)", "GPL-2.0-or-later"),
    ("GPL (>=2)", "GPL-2.0-or-later"),
    ("GPL(>= 2.0)", "GPL-2.0-or-later"),
    ("GPL>=2", "GPL-2.0-or-later"),
    ("GPL >= 3", "GPL-3.0-or-later"),
    ("GPL (== 3)", "GPL-3.0-only"),
    ("LGPL (>= 2.1)", "LGPL-2.1-or-later"),
    ("GPL (>= 2, < 4)", "GPL-2.0-or-later"),
    ("AGPL (>= 3) | MIT", "AGPL-3.0-or-later AND MIT"),
    ("Apache License (>= 2)", "Apache-2.0+"),
    ("Apache License (== 2.0)", "Apache-2.0"),
    ("GNU General Public License (>= 2)", "GPL-2.0-or-later"),
    // The document's own.
    ("LicenseRef-ours", "LicenseRef-ours"),
    ("licenseref-Ours", "LicenseRef-Ours"),
    ("documentref-A:LICENSEREF-b", "DocumentRef-A:LicenseRef-b"),
    (
        "DocumentRef-a:LicenseRef-b AND MIT",
        "DocumentRef-a:LicenseRef-b AND MIT",
    ),
    // Of the document's own, whatever its name is made of.
    ("LicenseRef-a_b", "LicenseRef-a_b"),
];

/// What names no license for sure is words, and hides nothing of what stands beside it.
const WORDS: &[(&str, &str)] = &[
    ("BSD", r#""BSD""#),
    ("BSD License", r#""BSD License""#),
    ("GPL", r#""GPL""#),
    ("LGPL", r#""LGPL""#),
    ("LGPLv2", r#""LGPLv2""#),
    ("LGPLv2+", r#""LGPLv2+""#),
    ("Apache", r#""Apache""#),
    ("Apache Software License", r#""Apache Software License""#),
    ("Python", r#""Python""#),
    (
        "GNU General Public License",
        r#""GNU General Public License""#,
    ),
    ("Public Domain", r#""Public Domain""#),
    (
        "SEE LICENSE IN LICENSE.md",
        r#""SEE LICENSE IN LICENSE.md""#,
    ),
    ("UNLICENSED", r#""UNLICENSED""#),
    (
        "https://example.com/licenses/MIT",
        r#""https://example.com/licenses/MIT""#,
    ),
    ("NOASSERTION", r#""NOASSERTION""#),
    ("NONE", r#""NONE""#),
    ("LicenseRef-", r#""LicenseRef-""#),
    ("DocumentRef-A", r#""DocumentRef-A""#),
    ("", r#""""#),
    (" ", r#""""#),
    ("()", r#""()""#),
    ("License", r#""License""#),
    // Bounds that name none for sure.
    ("LGPLv2 (>= 9)", r#""LGPLv2 (>= 9)" AND "LGPLv2" AND "9""#),
    // Beside what can be read.
    (
        "GPL (>= 2) | file LICENSE",
        r#"GPL-2.0-or-later AND "file LICENSE""#,
    ),
    ("MIT (>= 2)", r#""MIT (>= 2)" AND MIT AND "2""#),
    (
        "MIT <https://mit.example>",
        r#""MIT <https://mit.example>" AND MIT AND "<https://mit.example>""#,
    ),
    ("OpenSSL and BSD", r#"OpenSSL AND "BSD""#),
    ("MIT AND NOASSERTION", r#"MIT AND "NOASSERTION""#),
    (
        "(GPLv2+ or AFL) and GPLv2+",
        r#"(GPL-2.0-or-later OR "AFL") AND GPL-2.0-or-later"#,
    ),
    (
        "MIT or see LICENSE, ISC",
        r#"(MIT OR "see LICENSE") AND ISC"#,
    ),
    (
        "GPLv2 with exceptions",
        r#""GPLv2 with exceptions" AND GPL-2.0-only AND "with exceptions""#,
    ),
    (
        "MIT WITH Apache-2.0",
        r#""MIT WITH Apache-2.0" AND MIT AND "WITH" AND Apache-2.0"#,
    ),
    // Marks leave no choice.
    ("MIT, GPL-2.0-or-later", "MIT AND GPL-2.0-or-later"),
    ("GPL-2/LGPL-2.1", "GPL-2.0-only AND LGPL-2.1-only"),
    ("MIT/Apache-2.0", "MIT AND Apache-2.0"),
    ("MIT / X11", "MIT AND X11"),
    ("MIT; ISC;", "MIT AND ISC"),
    ("MIT | ISC & Zlib", "MIT AND ISC AND Zlib"),
    (
        "MIT or ISC, and GPL v2 or later, or Zlib",
        "(MIT OR ISC) AND (GPL-2.0-or-later OR Zlib)",
    ),
    (
        "GPL-2.0/LGPL-2.1 or MIT",
        "GPL-2.0-only AND (LGPL-2.1-only OR MIT)",
    ),
    (
        "License :: OSI Approved :: GNU Affero General Public License v3, License :: OSI Approved :: MIT License",
        "AGPL-3.0-only AND MIT",
    ),
    (
        "GNU Affero General Public License v3 License :: OSI Approved :: MIT License",
        "AGPL-3.0-only AND MIT",
    ),
    ("License :: OSI Approved :: BSD License", r#""BSD License""#),
    // What makes no sense leaves no choice, and something unknown.
    (
        "GPL-2.0, MIT and/or ISC",
        r#""GPL-2.0, MIT and/or ISC" AND GPL-2.0-only AND MIT AND ISC"#,
    ),
    (
        "MIT Apache-2.0",
        r#""MIT Apache-2.0" AND MIT AND Apache-2.0"#,
    ),
    ("MIT AND", r#""MIT AND" AND MIT"#),
    ("OR MIT", r#""OR MIT" AND MIT"#),
    ("(MIT OR ISC", r#""(MIT OR ISC" AND MIT AND ISC"#),
    ("MIT OR ISC)", r#""MIT OR ISC)" AND MIT AND ISC"#),
    (
        "GPL-2.0 (MIT)",
        r#""GPL-2.0 (MIT)" AND GPL-2.0-only AND MIT"#,
    ),
    (
        "Mozilla Public License 2.0 (EPL 1.0)",
        r#""Mozilla Public License 2.0 (EPL 1.0)" AND MPL-2.0 AND EPL-1.0"#,
    ),
];

#[test]
fn licenses_are_read_as_people_write_them() {
    for (written, wanted) in SPELLINGS {
        assert_eq!(read(written), *wanted, "{written:?}");
        assert!(Expression::read(written).is_readable(), "{written:?}");
    }
}

#[test]
fn what_cannot_be_read_hides_nothing_of_what_can() {
    for (written, wanted) in WORDS {
        assert_eq!(read(written), *wanted, "{written:?}");
    }
}

#[test]
fn a_text_over_the_bound_is_words() {
    let long = vec!["MIT"; EXPRESSION_BYTES_MAX].join(" AND ");
    assert!(!Expression::read(&long).is_readable());
    let deep = format!("{}MIT{}", "(".repeat(30_000), ")".repeat(30_000));
    assert_eq!(read(&deep), "MIT");
}

#[test]
fn every_identifier_of_the_list_reads_as_itself_or_its_successor() {
    let none = ["NOASSERTION"];
    for license in spdx::identifiers::LICENSES
        .iter()
        .filter(|l| !none.contains(&l.name))
    {
        let expression = Expression::read(license.name);
        assert!(expression.is_readable(), "{}", license.name);
        let canonical = expression.to_string();
        assert_eq!(read(&canonical), canonical, "{}", license.name);
    }
}
