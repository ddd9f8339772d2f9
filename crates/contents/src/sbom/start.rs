//! The first bytes of a document: what it is in if it is not JSON, so that people learn more than
//! "not JSON at byte 1".

use std::io::{self, Chain, Cursor, Read};

/// How much is looked at, in bytes: a license's text may stand before the first tag of an XML file.
const START_BYTES: usize = 4 * 1024;

/// What a document is in, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// JSON, or nothing that anybody knows: the reader of JSON tells.
    Json,
    /// An SBOM that is not read, or what cannot be told from one, and the words for it.
    Sbom(&'static str),
    /// In gzip: what is inside tells.
    Gzip,
    /// Something that may be an SBOM, if its types say so, and the words for it.
    Other(&'static str),
}

impl Start {
    /// The words for what is not read as it is.
    pub(super) fn unread(self) -> Option<&'static str> {
        match self {
            Self::Json => None,
            Self::Gzip => Some(GZIP),
            Self::Sbom(what) | Self::Other(what) => Some(what),
        }
    }
}

/// The words for it.
pub(super) const GZIP: &str = "compressed with gzip";

/// A source whose first bytes were looked at.
pub(super) type Opened<R> = Chain<Cursor<Vec<u8>>, R>;

/// Looks at the first bytes of a source; a byte order mark is skipped.
pub(super) fn open<R: Read>(mut source: R) -> io::Result<(Start, Opened<R>)> {
    let mut bytes = Vec::with_capacity(START_BYTES);
    source
        .by_ref()
        .take(START_BYTES as u64)
        .read_to_end(&mut bytes)?;
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    Ok((of(&bytes), Cursor::new(bytes).chain(source)))
}

fn of(bytes: &[u8]) -> Start {
    match bytes {
        [0x1f, 0x8b, ..] => Start::Gzip,
        // No reader of it is here that would say what is inside, so it may be an SBOM.
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Start::Sbom("compressed with zstd"),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [b'{' | b'<', 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0, b'{' | b'<', ..] => utf16(bytes, u16::from_be_bytes),
        _ => text(&String::from_utf8_lossy(bytes)),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Start {
    let (units, _) = bytes.as_chunks::<2>();
    let text = String::from_utf16_lossy(&units.iter().map(|pair| unit(*pair)).collect::<Vec<_>>());
    let words = [
        "spdxVersion",
        "SPDXVersion",
        "bomFormat",
        "cyclonedx.org/schema/bom",
    ];
    if words.iter().any(|word| text.contains(word)) {
        Start::Sbom("in UTF-16")
    } else {
        Start::Other("in UTF-16")
    }
}

fn text(text: &str) -> Start {
    let text = text.trim_start();
    let has_line = |with: &str| text.lines().any(|line| line.starts_with(with));
    if text.starts_with(['{', '[', '"']) {
        Start::Json
    } else if text.starts_with('<') {
        if text.contains("cyclonedx.org/schema/bom") {
            Start::Sbom("CycloneDX in XML")
        } else if text.contains("spdx.org/rdf") {
            Start::Sbom("SPDX in RDF/XML")
        } else {
            Start::Other("in XML")
        }
    } else if has_line("SPDXVersion:") {
        Start::Sbom("SPDX in tag-value form")
    } else if has_line("spdxVersion:") || has_line("SPDXID:") {
        Start::Sbom("SPDX in YAML")
    } else if has_line("bomFormat:") {
        Start::Sbom("CycloneDX in YAML")
    } else {
        Start::Json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_what_a_document_is_in() {
        let utf16 = |text: &str, unit: fn(u16) -> [u8; 2]| {
            text.encode_utf16().flat_map(unit).collect::<Vec<u8>>()
        };
        let spdx = r#"{"spdxVersion":"SPDX-2.3"}"#;
        for (case, bytes, wanted) in [
            ("JSON", spdx.as_bytes().to_vec(), Start::Json),
            ("blanks first", b" \n\t{}".to_vec(), Start::Json),
            ("a mark first", b"\xef\xbb\xbf{}".to_vec(), Start::Json),
            ("nothing", Vec::new(), Start::Json),
            ("any text", b"hello".to_vec(), Start::Json),
            ("gzip", b"\x1f\x8b\x08\0".to_vec(), Start::Gzip),
            (
                "zstd",
                b"\x28\xb5\x2f\xfd".to_vec(),
                Start::Sbom("compressed with zstd"),
            ),
            (
                "UTF-16 with a mark",
                utf16(&format!("\u{feff}{spdx}"), u16::to_le_bytes),
                Start::Sbom("in UTF-16"),
            ),
            (
                "UTF-16 in the other order",
                utf16(&format!("\u{feff}{spdx}"), u16::to_be_bytes),
                Start::Sbom("in UTF-16"),
            ),
            (
                "UTF-16 without a mark",
                utf16(spdx, u16::to_le_bytes),
                Start::Sbom("in UTF-16"),
            ),
            (
                "another document in UTF-16",
                utf16("{}", u16::to_be_bytes),
                Start::Other("in UTF-16"),
            ),
            (
                "CycloneDX in XML",
                b"<?xml version=\"1.0\"?>\n<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\">"
                    .to_vec(),
                Start::Sbom("CycloneDX in XML"),
            ),
            (
                "SPDX in RDF",
                b"<rdf:RDF xmlns:spdx=\"http://spdx.org/rdf/terms#\">".to_vec(),
                Start::Sbom("SPDX in RDF/XML"),
            ),
            (
                "other XML",
                b"<testsuite/>".to_vec(),
                Start::Other("in XML"),
            ),
            (
                "tag-value",
                b"# made by hand\nSPDXVersion: SPDX-2.3\n".to_vec(),
                Start::Sbom("SPDX in tag-value form"),
            ),
            (
                "SPDX in YAML",
                b"---\nSPDXID: SPDXRef-DOCUMENT\nspdxVersion: SPDX-2.3\n".to_vec(),
                Start::Sbom("SPDX in YAML"),
            ),
            (
                "CycloneDX in YAML",
                b"bomFormat: CycloneDX\n".to_vec(),
                Start::Sbom("CycloneDX in YAML"),
            ),
        ] {
            let (start, _) = open(bytes.as_slice()).unwrap();
            assert_eq!(start, wanted, "{case}");
        }
    }

    #[test]
    fn all_of_a_source_is_read_but_its_mark() {
        let long = vec![b'x'; 3 * START_BYTES];
        for (bytes, wanted) in [
            (b"\xef\xbb\xbf{}".to_vec(), b"{}".to_vec()),
            (b"{}".to_vec(), b"{}".to_vec()),
            (long.clone(), long),
        ] {
            let (_, mut source) = open(bytes.as_slice()).unwrap();
            let mut read = Vec::new();
            source.read_to_end(&mut read).unwrap();
            assert!(read == wanted);
        }
    }
}
