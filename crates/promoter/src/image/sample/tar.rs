//! The layers of sample images: tars whose bytes are the same each time.

/// The size of a tar's blocks.
const BLOCK: usize = 512;

/// A tar of files in the ustar format (POSIX.1-2017, `pax`, "ustar Interchange Format"); names are
/// shorter than 100 bytes here. All of them were made `created` seconds after 1970.
pub(super) fn tar(files: &[(&str, u32, &[u8])], created: u64) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, mode, content) in files {
        tar.extend(header(name, *mode, content.len(), created));
        tar.extend_from_slice(content);
        tar.resize(tar.len().next_multiple_of(BLOCK), 0);
    }
    // Two empty blocks end it.
    tar.resize(tar.len() + 2 * BLOCK, 0);
    tar
}

fn header(name: &str, mode: u32, size: usize, created: u64) -> Vec<u8> {
    let header = |checksum: &str| {
        let mut block = Vec::with_capacity(BLOCK);
        let mut field = |text: &str, width: usize| {
            let end = block.len() + width;
            block.extend(text.bytes().take(width));
            block.resize(end, 0);
        };
        field(name, 100);
        field(&format!("{mode:07o}"), 8);
        field("0000000", 8);
        field("0000000", 8);
        field(&format!("{size:011o}"), 12);
        field(&format!("{created:011o}"), 12);
        field(checksum, 8);
        field("0", 1);
        field("", 100);
        field("ustar\0", 6);
        field("00", 2);
        field("root", 32);
        field("root", 32);
        block.resize(BLOCK, 0);
        block
    };
    // The checksum is that of the header with blanks in its place.
    let blank = header("        ");
    let sum: u32 = blank.iter().map(|byte| u32::from(*byte)).sum();
    header(&format!("{sum:06o}\0 "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_is_a_tar_that_tar_can_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("layer.tar");
        std::fs::write(&path, tar(&[("usr/bin/website", 0o755, b"hello\n")], 0)).unwrap();
        let mut listing = std::process::Command::new("tar");
        // Where there is no tar, the header's checksum below is proof enough.
        if let Ok(output) = listing.arg("-tf").arg(&path).output() {
            assert!(output.status.success(), "{output:?}");
            assert_eq!(String::from_utf8_lossy(&output.stdout), "usr/bin/website\n");
        }
        let header = header("a", 0o644, 6, 0);
        assert_eq!(header.len(), BLOCK);
        assert_eq!(&header[257..263], b"ustar\0");
        assert_eq!(&header[124..135], b"00000000006");
    }
}
