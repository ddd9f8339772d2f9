//! The documents, and what is in each.

use crate::attach::Format;

/// A document of a tool, and what is in it.
pub struct Tool {
    pub file: &'static str,
    pub text: &'static str,
    pub format: Format,
    pub components: usize,
    /// Some of them: name, version and license as the document states it.
    pub some: &'static [(&'static str, &'static str, Option<&'static str>)],
}

macro_rules! tool {
    ($file:literal, $format:ident, $components:literal, $some:expr) => {
        Tool {
            file: $file,
            text: include_str!(concat!("../../../crates/contents/tests/sboms/", $file)),
            format: Format::$format,
            components: $components,
            some: &$some,
        }
    };
}

const SYFT: [(&str, &str, Option<&str>); 3] = [
    ("bash", "5.2.26-r0", Some("GPL-3.0-or-later")),
    ("demo-app", "1.0.0", Some("AGPL-3.0-only")),
    ("musl", "1.2.5-r0", Some("MIT")),
];

pub const TOOLS: [Tool; 12] = [
    tool!("syft.spdx.json", Spdx, 8, SYFT),
    tool!("syft.spdx-2.2.json", Spdx, 8, SYFT),
    tool!("syft.cyclonedx-1.4.json", CycloneDx, 9, SYFT),
    tool!("syft.cyclonedx-1.6.json", CycloneDx, 9, SYFT),
    tool!(
        "trivy.spdx.json",
        Spdx,
        9,
        [
            ("bash", "5.2.26-r0", Some("GPL-3.0-only")),
            ("left-pad", "1.3.0", Some("WTFPL")),
        ]
    ),
    tool!(
        "trivy.cyclonedx.json",
        CycloneDx,
        8,
        [
            ("bash", "5.2.26-r0", Some("GPL-3.0")),
            ("@types/estree", "1.0.0", Some("MIT")),
        ]
    ),
    tool!(
        "cyclonedx-npm.json",
        CycloneDx,
        3,
        [("left-pad", "1.3.0", Some("WTFPL"))]
    ),
    tool!(
        "cyclonedx-py.json",
        CycloneDx,
        2,
        [("PyYAML", "6.0", None), ("requests", "2.31.0", None)]
    ),
    tool!(
        "sbom4python-system.spdx.json",
        Spdx,
        3,
        [("idna", "3.10", None), ("pyyaml", "6.0.2", Some("MIT"))]
    ),
    tool!(
        "sbom4python-module.spdx.json",
        Spdx,
        1,
        [("idna", "3.20", Some("BSD-3-Clause"))]
    ),
    tool!(
        "distro2sbom.spdx.json",
        Spdx,
        3,
        [("zlib1g", "1:1.2.13.dfsg-1", None)]
    ),
    tool!(
        "distro2sbom.cyclonedx.json",
        CycloneDx,
        4,
        [("libc6", "2.36-9+deb12u9", None)]
    ),
];
