//! What the types of a blob say of it, before anybody looks into it.
//!
//! A type that says nothing leaves it to the document. One that says "an SBOM" is taken at its word: what
//! cannot be read then makes the list unknown, where it would be passed over otherwise.

/// The format that a document was attached as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// SPDX.
    Spdx,
    /// CycloneDX.
    CycloneDx,
    /// Not said: the document itself tells.
    Any,
}

/// What the types of a blob say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Label {
    /// It is an SBOM.
    Sbom(Format),
    /// It is an attestation, of what the document says.
    Attestation,
    /// Nothing: the document tells.
    Open,
    /// It is something else.
    Other,
}

/// How the types of attestations begin: in-toto statements, plain and signed
/// (`application/vnd.in-toto.spdx+dsse`), DSSE envelopes, sigstore bundles, BuildKit's manifests.
const ATTESTATIONS: [&str; 4] = [
    "application/vnd.in-toto",
    "application/vnd.dsse.envelope",
    "application/vnd.dev.sigstore.bundle",
    "application/vnd.docker.attestation",
];

/// How the types of signatures begin, and of reports and artifacts that list no components.
const OTHERS: [&str; 10] = [
    "application/vnd.cncf.notary",
    "application/jose+json",
    "application/cose",
    "application/vnd.dev.cosign",
    "application/sarif+json",
    "application/vnd.openvex",
    "application/openvex",
    "application/vnd.amazon.soci",
    "application/vnd.cncf.helm",
    "application/vnd.wasm",
];

impl Label {
    /// What is said of a layer: by the predicate that an annotation names, else by its own type, else
    /// by the type of its artifact.
    #[must_use]
    pub fn of(layer: &str, artifact: Option<&str>, predicate: Option<&str>) -> Self {
        if let Some(predicate) = predicate {
            return if Predicate::of(predicate) == Predicate::Other {
                Self::Other
            } else {
                Self::Attestation
            };
        }
        let said = |media_type| Some(Self::of_media_type(media_type)).filter(|c| *c != Self::Open);
        said(layer)
            .or_else(|| artifact.and_then(said))
            .unwrap_or(Self::Open)
    }

    /// What a media type or artifact type says, as in `application/spdx+json`, `text/spdx`,
    /// `application/vnd.cyclonedx+json`, `sbom/example` or `application/vnd.syft+json`.
    ///
    /// Types of formats and encodings that are not read are SBOMs too: that they cannot be read must
    /// be seen, not passed over.
    #[must_use]
    pub fn of_media_type(media_type: &str) -> Self {
        let media_type = media_type.to_ascii_lowercase();
        let begins = |types: &[&str]| types.iter().any(|with| media_type.starts_with(with));
        if begins(&ATTESTATIONS) {
            return Self::Attestation;
        }
        if begins(&OTHERS) {
            return Self::Other;
        }
        let subtype = media_type.split(';').next().unwrap_or_default();
        let names = |name: &str| {
            subtype
                .split(['/', '+', '.', '-', '_'])
                .any(|part| part.trim() == name)
        };
        // What is compressed this way cannot be looked into; an archive is not an SBOM.
        if names("tar") && names("zstd") {
            return Self::Other;
        }
        match (names("spdx"), names("cyclonedx")) {
            (true, false) => Self::Sbom(Format::Spdx),
            (false, true) => Self::Sbom(Format::CycloneDx),
            (true, true) => Self::Sbom(Format::Any),
            (false, false) if names("sbom") || names("syft") => Self::Sbom(Format::Any),
            (false, false) => Self::Open,
        }
    }
}

/// What an in-toto predicate type names, by prefix: `https://spdx.dev/Document`,
/// `https://cyclonedx.org/bom` (in-toto attestation framework, "Predicates").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Predicate {
    /// An SBOM.
    Sbom(Format),
    /// An SBOM in syft's own format.
    Syft,
    /// Something else.
    Other,
}

impl Predicate {
    pub(super) fn of(predicate_type: &str) -> Self {
        if predicate_type.starts_with("https://spdx.dev/Document") {
            Self::Sbom(Format::Spdx)
        } else if predicate_type.starts_with("https://cyclonedx.org/bom") {
            Self::Sbom(Format::CycloneDx)
        } else if predicate_type.starts_with("https://syft.dev/bom") {
            Self::Syft
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_say_what_a_blob_is_or_leave_it_to_the_document() {
        let spdx = Label::Sbom(Format::Spdx);
        let cyclonedx = Label::Sbom(Format::CycloneDx);
        let any = Label::Sbom(Format::Any);
        for (media_type, label) in [
            ("application/spdx+json", spdx),
            ("text/spdx+json; charset=utf-8", spdx),
            ("text/spdx", spdx),
            ("spdx+json", spdx),
            ("application/vnd.cyclonedx+json", cyclonedx),
            ("application/vnd.cyclonedx+json;version=1.5", cyclonedx),
            ("application/vnd.cyclonedx+xml", cyclonedx),
            ("sbom/cyclonedx", cyclonedx),
            ("application/vnd.syft+json", any),
            ("application/vnd.goharbor.harbor.sbom.v1", any),
            ("text/sbom+json", any),
            ("sbom/example", any),
            ("application/vnd.in-toto+json", Label::Attestation),
            ("application/vnd.in-toto.spdx+dsse", Label::Attestation),
            ("application/vnd.dsse.envelope.v1+json", Label::Attestation),
            (
                "application/vnd.dev.sigstore.bundle.v0.3+json",
                Label::Attestation,
            ),
            ("application/vnd.cncf.notary.signature", Label::Other),
            (
                "application/vnd.dev.cosign.simplesigning.v1+json",
                Label::Other,
            ),
            ("application/sarif+json", Label::Other),
            ("application/json", Label::Open),
            ("application/vnd.oci.image.layer.v1.tar", Label::Open),
            ("application/vnd.example.report", Label::Open),
            ("", Label::Open),
        ] {
            assert_eq!(Label::of_media_type(media_type), label, "{media_type}");
        }
        let layer = "application/vnd.oci.image.layer.v1.tar";
        let in_toto = "application/vnd.in-toto+json";
        for (layer, artifact, predicate, label) in [
            (layer, Some("sbom/example"), None, any),
            (layer, Some("application/spdx+json"), None, spdx),
            ("text/spdx", Some("sbom/cyclonedx"), None, spdx),
            (layer, Some("application/sarif+json"), None, Label::Other),
            (layer, Some("acme/report"), None, Label::Open),
            (layer, None, None, Label::Open),
            (
                in_toto,
                None,
                Some("https://spdx.dev/Document/v2.3"),
                Label::Attestation,
            ),
            (
                in_toto,
                None,
                Some("https://syft.dev/bom"),
                Label::Attestation,
            ),
            (
                in_toto,
                None,
                Some("https://slsa.dev/provenance/v1"),
                Label::Other,
            ),
        ] {
            assert_eq!(
                Label::of(layer, artifact, predicate),
                label,
                "{layer} {artifact:?}"
            );
        }
    }

    #[test]
    fn predicate_types_name_a_format() {
        for (predicate_type, predicate) in [
            ("https://spdx.dev/Document", Predicate::Sbom(Format::Spdx)),
            (
                "https://spdx.dev/Document/v2.3",
                Predicate::Sbom(Format::Spdx),
            ),
            (
                "https://cyclonedx.org/bom/v1.4",
                Predicate::Sbom(Format::CycloneDx),
            ),
            ("https://syft.dev/bom", Predicate::Syft),
            ("https://slsa.dev/provenance/v1", Predicate::Other),
            (
                "https://cosign.sigstore.dev/attestation/v1",
                Predicate::Other,
            ),
        ] {
            assert_eq!(Predicate::of(predicate_type), predicate, "{predicate_type}");
        }
    }
}
