//! Published vectors of each ecosystem, as values.

use super::*;

/// Each row in rising order, parted by blanks.
pub(super) const RISING: &[(VersionOrder, &str)] = &[
    // semver.org, section 11.
    (
        VersionOrder::Semver,
        "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 \
         1.0.0-rc.1 1.0.0 2.0.0 2.1.0 2.1.1",
    ),
    (
        VersionOrder::Semver,
        "v1.2.3 v1.2.4-0.20191109021931-daa7c04131f5 v1.2.4 1.22 go1.22.3",
    ),
    // PEP 440, "Summary of permitted suffixes and relative ordering".
    (
        VersionOrder::Pypi,
        "1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 \
         1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 \
         1.0+5 1.0.post456.dev34 1.0.post456 1.0.15 1.1.dev1 1!0.1",
    ),
    // Maven's ComparableVersionTest: VERSIONS_QUALIFIER, VERSIONS_NUMBER.
    (
        VersionOrder::Maven,
        "1-alpha2snapshot 1-alpha2 1-alpha-123 1-beta-2 1-beta123 1-m2 1-m11 1-rc 1-cr2 \
         1-rc123 1-SNAPSHOT 1 1-sp 1-sp2 1-sp123 1-abc 1-def 1-pom-1 1-1-snapshot 1-1 1-2 \
         1-123",
    ),
    (
        VersionOrder::Maven,
        "2.0 2.0.a 2-1 2.0.2 2.0.123 2.1.0 2.1-a 2.1b 2.1-c 2.1-1 2.1.0.1 2.2 2.123 11.a2 \
         11.a11 11.b2 11.b11 11.m2 11.m11 11 11.a 11b 11c 11m",
    ),
    // ComparableVersion puts the first above the last, and both on their sides of "1".
    (VersionOrder::Maven, "1.0-0.alpha 1 1.a"),
    (VersionOrder::Maven, "1-0-0-rc 1 1-sp 1.x 1-0-0-2"),
    // dpkg's t-version.c, and deb-version(7).
    (
        VersionOrder::Debian,
        "0~~ 0~~a 0~ 0 0a 0.0~1 0.0 0.0-0.0 0.1-1~bpo 0.1-1 1.0+b1-1 2.0-1 2.0-10 1:0.4-2 \
         2:0-0",
    ),
    // RPM's rpmvercmp.at.
    (
        VersionOrder::Rpm,
        "1.0~rc1 1.0~rc2 1.0 1.0^ 1.0^git1 1.0^git2 1.01 2.0 2.0.1 2.0.1a 5.5p1 5.5p2 \
         5.5p10 10abc 10.1abc 20101121 1:0.1",
    ),
    (VersionOrder::Rpm, "xyz.4 2"),
    (VersionOrder::Rpm, "2a 2.0 2.0.rc1 2.1aa 2.1b"),
    (VersionOrder::Rpm, "10.0001 10.0039 10.4000"),
    (
        VersionOrder::Rpm,
        "1.0~rc1~git123 1.0~rc1 1.0^git1~pre 1.0^git1",
    ),
    (VersionOrder::Rpm, "2.0-1.el8 2.0-1.el9 2.0-2.el8"),
    // apk-tools' version.data.
    (
        VersionOrder::Alpine,
        "0.1.0_alpha 0.1.0_alpha2 0.1.0_alpha10 0.1.0_beta 0.1.0_pre2 0.1.0_rc1 0.1.0 \
         0.1.0-r1 0.1.0_p1 0.1.0_p2",
    ),
    (
        VersionOrder::Alpine,
        "1.2.3-r0 1.2.3-r1 1.2.3-r10 1.2.3a 1.2.3b 1.2.3.0 1.2.3.01 1.2.3.1 1.2.4 1.2.10 \
         2",
    ),
    (
        VersionOrder::Alpine,
        "2.34 2.34.0.1 2.34.1 6.0_rc1 6.0 6.0_p1",
    ),
    // NuGet documentation, "Package versioning".
    (
        VersionOrder::Nuget,
        "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 \
         1.0.0-rc.1 1.0.0-zzz 1.0.0 1.0.0.1 1.0.1 1.1 1.10",
    ),
    // Gem::Version's documentation and test_gem_version.rb.
    (
        VersionOrder::Gem,
        "0.beta.1 0.0.beta.2 0 1.0.a 1.0.a.2 1.0.a10 1.0.b1 1.0.0.rc1 1.0 1.8.2.a9 \
         1.8.2.b10 1.8.2 1.9.a 1.10",
    ),
];

/// Versions that are equal.
pub(super) const SAME: &[(VersionOrder, &str, &str)] = &[
    (VersionOrder::Semver, "1.0.0+build.1", "1.0.0"),
    (VersionOrder::Semver, "v1.2", "1.2.0"),
    (VersionOrder::Pypi, "1.0", "1.0.0"),
    (VersionOrder::Pypi, "1.0-alpha1", "1.0a1"),
    (VersionOrder::Maven, "1", "1.0.0"),
    (VersionOrder::Maven, "1-ga", "1"),
    (VersionOrder::Maven, "1.0-FINAL", "1.0"),
    (VersionOrder::Maven, "1x", "1-x"),
    (VersionOrder::Maven, "1a1", "1-alpha-1"),
    (VersionOrder::Maven, "1-0.ga", "1.0"),
    (VersionOrder::Maven, "0.0RC1", "0-cr1"),
    (VersionOrder::Debian, "0:1.0-0", "1.0"),
    (VersionOrder::Debian, "1.00", "1.0"),
    (VersionOrder::Rpm, "2.0", "2_0"),
    (VersionOrder::Rpm, "1.05", "1.5"),
    (VersionOrder::Rpm, "10.0001", "10.1"),
    (VersionOrder::Rpm, "xyz.4", "xyz_4"),
    (VersionOrder::Rpm, "0:1.0", "1.0"),
    (VersionOrder::Nuget, "1.0", "1.0.0.0"),
    (VersionOrder::Nuget, "1.0.0-RC", "1.0.0-rc"),
    (VersionOrder::Nuget, "1.00.0+meta", "1.0.0"),
    (VersionOrder::Gem, "1.0", "1"),
    (VersionOrder::Gem, "1.2.b1", "1.2.b.1"),
    (VersionOrder::Gem, "1.0-rc1", "1.0.pre.rc1"),
    (VersionOrder::Alpine, "1.2.3~abc0-r1", "1.2.3-r1"),
];
