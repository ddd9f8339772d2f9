//! Spellings of licenses that the license list does not have itself. Only what means one license for
//! sure; nothing here reads anything.

/// Deprecated identifiers and what the license list says to write instead (spdx.org/licenses, "Use
/// … instead" of each). The bare GNU ones follow by the rule of their names.
pub(super) const SUCCESSORS: &[(&str, &str)] = &[
    ("BSD-2-Clause-FreeBSD", "BSD-2-Clause-Views"),
    ("BSD-2-Clause-NetBSD", "BSD-2-Clause"),
    (
        "GPL-2.0-with-GCC-exception",
        "GPL-2.0-only WITH GCC-exception-2.0",
    ),
    (
        "GPL-2.0-with-autoconf-exception",
        "GPL-2.0-only WITH Autoconf-exception-2.0",
    ),
    (
        "GPL-2.0-with-bison-exception",
        "GPL-2.0-only WITH Bison-exception-2.2",
    ),
    (
        "GPL-2.0-with-classpath-exception",
        "GPL-2.0-only WITH Classpath-exception-2.0",
    ),
    (
        "GPL-2.0-with-font-exception",
        "GPL-2.0-only WITH Font-exception-2.0",
    ),
    (
        "GPL-3.0-with-GCC-exception",
        "GPL-3.0-only WITH GCC-exception-3.1",
    ),
    (
        "GPL-3.0-with-autoconf-exception",
        "GPL-3.0-only WITH Autoconf-exception-3.0",
    ),
    ("StandardML-NJ", "SMLNJ"),
    ("bzip2-1.0.5", "bzip2-1.0.6"),
    ("eCos-2.0", "GPL-2.0-or-later WITH eCos-exception-2.0"),
    (
        "wxWindows",
        "LGPL-2.0-or-later WITH WxWindows-exception-3.1",
    ),
];

/// What Java's libraries write in many ways.
const GPL_2_WITH_CLASSPATH: &str = "GPL-2.0-only WITH Classpath-exception-2.0";

/// Names, in lower case and without the words that tell nothing, that the license list does not have.
pub(super) const ALIASES: &[(&str, &str)] = &[
    ("2 clause bsd", "BSD-2-Clause"),
    ("3 clause bsd", "BSD-3-Clause"),
    ("apache 2", "Apache-2.0"),
    ("apache2", "Apache-2.0"),
    ("apache2.0", "Apache-2.0"),
    ("apachev2", "Apache-2.0"),
    ("asl 2.0", "Apache-2.0"),
    ("asl2.0", "Apache-2.0"),
    ("bsd 2", "BSD-2-Clause"),
    ("bsd 3", "BSD-3-Clause"),
    ("bsd2", "BSD-2-Clause"),
    ("bsd3", "BSD-3-Clause"),
    ("cc0", "CC0-1.0"),
    ("cc0 1.0 universal", "CC0-1.0"),
    // The Eclipse Distribution License is the BSD license with three clauses, word for word.
    ("eclipse distribution 1.0", "BSD-3-Clause"),
    ("eclipse distribution edl 1.0", "BSD-3-Clause"),
    ("edl 1.0", "BSD-3-Clause"),
    ("eclipse public 1", "EPL-1.0"),
    ("eclipse public 2", "EPL-2.0"),
    ("expat", "MIT"),
    (
        "gnu general public 2 gpl2 with classpath exception",
        GPL_2_WITH_CLASSPATH,
    ),
    (
        "gnu general public gpl 2 with classpath exception",
        GPL_2_WITH_CLASSPATH,
    ),
    (
        "gnu general public 2 with classpath exception",
        GPL_2_WITH_CLASSPATH,
    ),
    ("gpl2 w cpe", GPL_2_WITH_CLASSPATH),
    ("gplv2 with classpath exception", GPL_2_WITH_CLASSPATH),
    // Python's classifier for it.
    ("iscl", "ISC"),
    ("mit expat", "MIT"),
    ("modified bsd", "BSD-3-Clause"),
    ("mozilla public 2", "MPL-2.0"),
    ("mpl 2", "MPL-2.0"),
    ("mpl2", "MPL-2.0"),
    ("mpl2.0", "MPL-2.0"),
    ("mplv1.1", "MPL-1.1"),
    ("mplv2", "MPL-2.0"),
    ("mplv2.0", "MPL-2.0"),
    ("new bsd", "BSD-3-Clause"),
    ("revised bsd", "BSD-3-Clause"),
    ("simplified bsd", "BSD-2-Clause"),
    // Its name on opensource.org, and Python's classifier for it.
    ("zlib libpng", "Zlib"),
];

/// A GNU license of one version, and how people spell it.
pub(super) struct Gnu {
    names: &'static [&'static str],
    versions: &'static [&'static str],
    only: &'static str,
    or_later: &'static str,
}

const GPL: &[&str] = &["gpl", "gnu gpl", "gnu general public", "general public"];
const LGPL: &[&str] = &[
    "lgpl",
    "gnu lgpl",
    "gnu lesser general public",
    "lesser general public",
];
const AGPL: &[&str] = &[
    "agpl",
    "gnu agpl",
    "gnu affero general public",
    "affero general public",
];
const GFDL: &[&str] = &["gfdl", "gnu fdl", "gnu free documentation"];

/// `LGPLv2` is left out: Fedora means by it 2.0 or 2.1, others 2.0.
pub(super) const GNU: &[Gnu] = &[
    Gnu {
        names: GPL,
        versions: &["1", "1.0"],
        only: "GPL-1.0-only",
        or_later: "GPL-1.0-or-later",
    },
    Gnu {
        names: GPL,
        versions: &["2", "2.0"],
        only: "GPL-2.0-only",
        or_later: "GPL-2.0-or-later",
    },
    Gnu {
        names: GPL,
        versions: &["3", "3.0"],
        only: "GPL-3.0-only",
        or_later: "GPL-3.0-or-later",
    },
    Gnu {
        names: LGPL,
        versions: &["2.1"],
        only: "LGPL-2.1-only",
        or_later: "LGPL-2.1-or-later",
    },
    Gnu {
        names: LGPL,
        versions: &["3", "3.0"],
        only: "LGPL-3.0-only",
        or_later: "LGPL-3.0-or-later",
    },
    Gnu {
        names: AGPL,
        versions: &["3", "3.0"],
        only: "AGPL-3.0-only",
        or_later: "AGPL-3.0-or-later",
    },
    Gnu {
        names: GFDL,
        versions: &["1.1"],
        only: "GFDL-1.1-only",
        or_later: "GFDL-1.1-or-later",
    },
    Gnu {
        names: GFDL,
        versions: &["1.2"],
        only: "GFDL-1.2-only",
        or_later: "GFDL-1.2-or-later",
    },
    Gnu {
        names: GFDL,
        versions: &["1.3"],
        only: "GFDL-1.3-only",
        or_later: "GFDL-1.3-or-later",
    },
];

impl Gnu {
    /// A version alone means that version: SPDX reads its own bare `GPL-2.0` so.
    pub(super) fn spellings(&self) -> Vec<(String, &'static str)> {
        let mut spellings = Vec::new();
        for name in self.names {
            for version in self.versions {
                for joint in [" ", "", "v"] {
                    let base = format!("{name}{joint}{version}");
                    for suffix in [
                        "+",
                        " or later",
                        " or newer",
                        " or any later",
                        " or greater",
                    ] {
                        spellings.push((format!("{base}{suffix}"), self.or_later));
                    }
                    spellings.push((format!("{base} only"), self.only));
                    spellings.push((base, self.only));
                }
            }
        }
        spellings
    }
}
