//! The zip that becomes a Lambda function's code, and the digest by which AWS names it.
//!
//! The bytes follow from names and contents alone, so the same sources have the same `CodeSha256` on every machine and an
//! unchanged function is never uploaded again. Files are stored, not compressed: no compressor's version has a say, nor has
//! that of a crate (`docs/decisions/0008-hand-written.md`).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The largest zip that Lambda takes in a call.
pub const MAX_UPLOAD: usize = 50_000_000;

/// 1 January 1980, the first day that a zip can name.
const DATE: u16 = 0x0021;
/// Midnight.
const TIME: u16 = 0;
/// Names are UTF-8.
const FLAGS: u16 = 0x0800;
/// Version 2.0 of the format.
const VERSION: u16 = 20;
/// Made on Unix, so that the mode counts.
const MADE_BY: u16 = 0x0300 | VERSION;
/// A regular file that its owner writes and everyone reads; Lambda runs code as another user.
const MODE: u32 = 0o100_644 << 16;

/// Why files cannot become a function's code.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ArchiveError {
    /// A name that leads elsewhere, or nowhere.
    #[error("`{0}` is not the name of a file in an archive")]
    Name(String),
    /// Lambda would not take it.
    #[error("the files make an archive of {0} bytes; Lambda accepts at most {MAX_UPLOAD}")]
    TooLarge(usize),
}

/// A zip of these files, by name; a name may have folders, separated by `/`.
///
/// # Errors
/// A name that leads out of the archive, or too much content.
pub fn zip(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, ArchiveError> {
    if let Some(name) = files.keys().find(|name| !is_inside(name)) {
        return Err(ArchiveError::Name(name.clone()));
    }
    // Twice the name and three headers a file, so that every number below fits in 32 bits.
    let size = files.iter().map(|(name, content)| content.len() + 2 * name.len() + 76).sum::<usize>() + 22;
    if size > MAX_UPLOAD || files.len() >= usize::from(u16::MAX) {
        return Err(ArchiveError::TooLarge(size));
    }
    let (mut bytes, mut directory) = (Vec::with_capacity(size), Vec::new());
    for (name, content) in files {
        let described = described(name, content);
        directory.extend(u32_bytes(0x0201_4b50).into_iter().chain(MADE_BY.to_le_bytes()).chain(described.clone()));
        // No comment, first disk, no internal attributes.
        directory.extend([0; 6].into_iter().chain(MODE.to_le_bytes()).chain(size_bytes(bytes.len())));
        directory.extend(name.bytes());
        bytes.extend(u32_bytes(0x0403_4b50).into_iter().chain(described).chain(name.bytes()));
        bytes.extend(content);
    }
    let count = u16::try_from(files.len()).unwrap_or(u16::MAX).to_le_bytes();
    let start = size_bytes(bytes.len());
    bytes.extend(&directory);
    bytes.extend(u32_bytes(0x0605_4b50).into_iter().chain([0; 4]).chain(count).chain(count));
    bytes.extend(size_bytes(directory.len()).into_iter().chain(start).chain([0; 2]));
    Ok(bytes)
}

/// What AWS calls `CodeSha256`: the digest of the zip, in base 64.
#[must_use]
pub fn code_sha256(zip: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(zip))
}

/// What both headers of a file say: versions, time, checksum, sizes, the length of the name, nothing extra.
fn described(name: &str, content: &[u8]) -> Vec<u8> {
    let mut checksum = flate2::Crc::new();
    checksum.update(content);
    let length = u16::try_from(name.len()).unwrap_or(u16::MAX);
    // The zero in the third place says: stored.
    let head = [VERSION, FLAGS, 0, TIME, DATE].into_iter().flat_map(u16::to_le_bytes);
    let sizes = [size_bytes(content.len()), size_bytes(content.len())].concat();
    head.chain(u32_bytes(checksum.sum())).chain(sizes).chain(length.to_le_bytes()).chain([0; 2]).collect()
}

fn is_inside(name: &str) -> bool {
    let is_plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    name.len() < 1000 && name.split('/').all(is_plain) && !name.contains(['\\', '\0', ':'])
}

fn u32_bytes(number: u32) -> [u8; 4] {
    number.to_le_bytes()
}

fn size_bytes(size: usize) -> [u8; 4] {
    // Never larger: `MAX_UPLOAD` was checked.
    u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::*;

    fn files(files: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
        files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn the_same_sources_have_the_same_digest_everywhere() {
        let one = zip(&files(&[("index.mjs", "export {};\n"), ("lib/a.mjs", "")])).expect("good names");
        let other = zip(&files(&[("lib/a.mjs", ""), ("index.mjs", "export {};\n")])).expect("good names");
        assert_eq!(one, other);
        // Written down, so that another machine, or another day, would fail here.
        assert_eq!(code_sha256(&one), "jMuRZtEL+KIWOfdUixB8mRKN0KNMjO5O6QOijM7OQ0I=");
        let changed = zip(&files(&[("index.mjs", "export {} ;\n"), ("lib/a.mjs", "")])).expect("good names");
        assert_ne!(code_sha256(&changed), code_sha256(&one));
    }

    #[test]
    fn two_folders_written_at_different_times_make_one_archive() {
        let read = |folder: &Path| {
            let entries = std::fs::read_dir(folder).expect("a folder");
            let named = entries.map(|entry| {
                let path = entry.expect("an entry").path();
                let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                (name, std::fs::read(path).expect("a file"))
            });
            zip(&named.collect()).expect("good names")
        };
        let (one, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let names = ["b.mjs", "a.mjs", "z.json"];
        for name in names {
            std::fs::write(one.path().join(name), name).expect("written");
        }
        for name in names.iter().rev() {
            std::fs::write(other.path().join(name), name).expect("written");
        }
        let old = std::fs::File::options().append(true).open(other.path().join("a.mjs")).expect("opened");
        old.set_modified(std::time::SystemTime::UNIX_EPOCH).expect("made old");
        assert_eq!(read(one.path()), read(other.path()));
    }

    #[test]
    fn python_reads_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("code.zip");
        let bytes = zip(&files(&[("index.mjs", "export {};\n"), ("lib/ä.txt", "ä")])).expect("good names");
        std::fs::write(&path, bytes).expect("written");
        let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n\
            print([(i.filename, i.date_time, oct(i.external_attr >> 16), i.compress_type, i.extra, z.read(i)) for i in z.infolist()])";
        let output = Command::new("python3").args(["-c", script]).arg(&path).output().expect("python3 runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let expected = "[('index.mjs', (1980, 1, 1, 0, 0, 0), '0o100644', 0, b'', b'export {};\\n'), \
            ('lib/ä.txt', (1980, 1, 1, 0, 0, 0), '0o100644', 0, b'', b'\\xc3\\xa4')]\n";
        assert_eq!(text, expected, "{output:?}");
    }

    #[test]
    fn names_that_lead_elsewhere_and_too_much_are_refused() {
        for name in ["", "/etc/passwd", "../a", "a/../b", "a//b", "a\\b", "c:/a", "a/"] {
            assert_eq!(zip(&files(&[(name, "")])), Err(ArchiveError::Name(name.to_owned())));
        }
        let much = BTreeMap::from([("a".to_owned(), vec![0; MAX_UPLOAD])]);
        assert!(matches!(zip(&much), Err(ArchiveError::TooLarge(_))));
        assert_eq!(zip(&BTreeMap::new()).expect("nothing is fine").len(), 22);
    }
}
