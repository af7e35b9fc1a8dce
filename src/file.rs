//! Reading a file that a person named: a regular one, whole, and no longer than is useful.
//!
//! A name can represent anything: a pipe that no one writes to, a device that never ends, a link to either. Whatever
//! it is, reading ends soon, takes bounded memory, and says what was wrong. Users: `document`, `blueprint` (handlers),
//! `cli` (events, patterns, secrets), `provider::sandbox`. What is streamed (`match`) is bounded by `events` instead.

use std::fs::{File, FileType, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use thiserror::Error;

/// Why a file cannot be read. The texts do not repeat its name.
#[derive(Debug, Error)]
pub enum FileError {
    /// The operating system says why.
    #[error("{0}")]
    System(#[from] io::Error),
    /// It is something else.
    #[error("it is {0}, not a regular file")]
    NotRegular(&'static str),
    /// It has more bytes than anything useful.
    #[error("it is longer than {limit} bytes")]
    TooLong {
        /// The most bytes it may have.
        limit: u64,
    },
    /// Its bytes are not text.
    #[error("it is not UTF-8 text: byte {offset} is not part of a character")]
    NotText {
        /// The first byte that is wrong, counted from 0.
        offset: usize,
    },
}

impl FileError {
    /// Whether there is nothing of that name.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::System(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

/// The text of a file of at most `limit` bytes.
///
/// # Errors
/// Why it cannot be read.
pub fn text(path: &Path, limit: u64) -> Result<String, FileError> {
    text_of(open(path)?, limit)
}

/// The bytes of a file of at most `limit` bytes.
///
/// # Errors
/// Why it cannot be read.
pub fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    bytes_of(open(path)?, limit)
}

/// The first bytes of a file, at most `limit`.
///
/// # Errors
/// Why it cannot be read.
pub fn head(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of an input of at most `limit` bytes, such as standard input.
///
/// # Errors
/// Why it cannot be read.
pub fn text_of(input: impl Read, limit: u64) -> Result<String, FileError> {
    String::from_utf8(bytes_of(input, limit)?)
        .map_err(|error| FileError::NotText { offset: error.utf8_error().valid_up_to() })
}

/// The bytes of an input of at most `limit` bytes, such as standard input.
///
/// # Errors
/// Why it cannot be read.
pub fn bytes_of(input: impl Read, limit: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    // Read up to the limit rather than ask for the size: files of `/proc` claim to be empty, and a file can grow.
    input.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(FileError::TooLong { limit });
    }
    Ok(bytes)
}

/// What is empty and ends at once, and standard input of many a pipeline.
const NOTHING: &str = "/dev/null";

/// A file to stream from: a regular one or a pipe, but no device, which may never end.
///
/// # Errors
/// Why it cannot be read.
pub fn stream(path: &Path) -> Result<File, FileError> {
    match std::fs::metadata(path)?.file_type() {
        kind if matches!(what(kind), DEVICE | SOCKET) && path.canonicalize()? != Path::new(NOTHING) => {
            Err(FileError::NotRegular(what(kind)))
        }
        _ => Ok(File::open(path)?),
    }
}

/// Whether opening it waits for someone to write into it.
#[must_use]
pub fn is_pipe(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|about| what(about.file_type()) == PIPE)
}

/// A regular file, open for reading.
fn open(path: &Path) -> Result<File, FileError> {
    // Looked at before it is opened, since opening alone can change a device, and again after, since another file may
    // have taken its place.
    regular(std::fs::metadata(path)?.file_type())?;
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // Opening a pipe would wait for a writer. For regular files the flag means nothing.
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    }
    let file = options.open(path)?;
    regular(file.metadata()?.file_type())?;
    Ok(file)
}

const PIPE: &str = "a named pipe";
const SOCKET: &str = "a socket";
const DEVICE: &str = "a device";

fn regular(kind: FileType) -> Result<(), FileError> {
    if kind.is_file() { Ok(()) } else { Err(FileError::NotRegular(what(kind))) }
}

fn what(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return PIPE;
        }
        if kind.is_socket() {
            return SOCKET;
        }
        if kind.is_char_device() || kind.is_block_device() {
            return DEVICE;
        }
    }
    if kind.is_dir() { "a folder" } else { "something else" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        let why = |limit| text(&path, limit).map_err(|error| error.to_string());
        assert!(text(&path, 3).is_err_and(|error| error.is_absent()));
        std::fs::write(&path, "abc").expect("written");
        assert_eq!(why(3), Ok("abc".to_owned()));
        assert_eq!(why(2), Err("it is longer than 2 bytes".to_owned()));
        std::fs::write(&path, b"ab\xe9").expect("written");
        assert_eq!(why(3), Err("it is not UTF-8 text: byte 2 is not part of a character".to_owned()));
        assert_eq!(head(&path, 2).expect("read"), b"ab");
    }

    #[test]
    fn nothing_but_regular_files_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let why = |path: &Path| text(path, 10).expect_err("not regular").to_string();
        assert_eq!(why(folder.path()), "it is a folder, not a regular file");
        #[cfg(unix)]
        {
            assert_eq!(why(Path::new("/dev/zero")), "it is a device, not a regular file");
            let socket = folder.path().join("socket");
            let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("bound");
            assert_eq!(why(&socket), "it is a socket, not a regular file");
            let link = folder.path().join("link");
            std::os::unix::fs::symlink("/dev/zero", &link).expect("a link");
            assert_eq!(why(&link), "it is a device, not a regular file");
        }
    }
}
