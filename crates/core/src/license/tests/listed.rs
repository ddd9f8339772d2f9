//! What policies list, and what is near to it.

use super::*;

#[test]
fn a_lists_entry_names_one_license() {
    let near = |near: &[&str]| NotListed::Near(near.iter().map(ToString::to_string).collect());
    for (written, wanted) in [
        ("MIT OR ISC", Err(NotListed::Several(2))),
        ("MIT, ISC", Err(NotListed::Several(2))),
        ("MIT and our own words", Err(NotListed::Several(2))),
        ("MIT OR MIT", Ok("MIT")),
        ("gplv3+", Ok("GPL-3.0-or-later")),
        (
            "GPL2 w/ CPE",
            Ok("GPL-2.0-only WITH Classpath-exception-2.0"),
        ),
        ("LicenseRef-ours", Ok("LicenseRef-ours")),
        // Any other word.
        ("docker", Ok("docker")),
        ("Acme  Commercial License", Ok("acme commercial license")),
        ("Acme, Inc. License", Ok("acme, inc. license")),
        ("proprietary", Ok("proprietary")),
        ("public-domain", Ok("public-domain")),
        ("commercial", Ok("commercial")),
        ("free", Ok("free")),
        ("internal", Ok("internal")),
        ("see LICENSE", Ok("see license")),
        // Almost one.
        ("AGPL-3.0-olny", Err(near(&["AGPL-3.0-only"]))),
        ("Apache-2.O", Err(near(&["Apache-2.0"]))),
        ("MTI", Err(near(&["MIT"]))),
        (
            "MPL",
            Err(near(&[
                "MPL-1.0",
                "MPL-1.1",
                "MPL-2.0",
                "MPL-2.0-no-copyleft-exception",
            ])),
        ),
        (
            "GPL-2.0 WITH Classpth-exception-2.0",
            Err(near(&["GPL-2.0-only WITH Classpath-exception-2.0"])),
        ),
    ] {
        let listed = Listed::read(written).map(|listed| listed.to_string());
        assert_eq!(listed, wanted.map(str::to_owned), "{written:?}");
    }
}

#[test]
fn the_licenses_nearest_to_a_word_that_is_not_one() {
    for (written, wanted) in [
        ("AGPL3-only", "AGPL-3.0-only"),
        ("Apache-2.O", "Apache-2.0"),
        ("MTI", "MIT"),
        (
            "AGPL",
            "AGPL-1.0-only AGPL-1.0-or-later AGPL-3.0-only AGPL-3.0-or-later",
        ),
        (
            "agpl-",
            "AGPL-1.0-only AGPL-1.0-or-later AGPL-3.0-only AGPL-3.0-or-later",
        ),
        ("Apache", "Apache-1.0 Apache-1.1 Apache-2.0"),
        (
            "gpl-2.0 with classpth-exception-2.0",
            "GPL-2.0-only WITH Classpath-exception-2.0",
        ),
        ("Nothing WITH Classpath-exception-2.0", ""),
        (
            "GNU Affero General Public License",
            "AGPL-3.0-only AGPL-3.0-or-later",
        ),
        (
            "Mozilla Public",
            "MPL-1.0 MPL-1.1 MPL-2.0 MPL-2.0-no-copyleft-exception",
        ),
        ("our own words", ""),
        ("", ""),
        ("-", ""),
    ] {
        assert_eq!(near(written).join(" "), wanted, "{written:?}");
    }
}
