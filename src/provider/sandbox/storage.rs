//! The file that a sandbox is kept in between commands.
//!
//! It is written next to itself and renamed, so that an interruption never leaves half a file. Two commands do not change it at
//! once: from its first change to its end a command holds a lock (`.NAME.lock`), and a file that was changed after it was read is
//! not overwritten.

use std::cell::{Cell, RefCell};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::super::{ErrorKind, ProviderError};
use crate::file::{self, FileError};

/// Longest file that an account is kept in: far more than the largest fleet of stacks with their code.
const MAX_BYTES: u64 = 256 << 20;

/// A file and what is known of it.
#[derive(Debug)]
pub(super) struct Storage {
    /// As a person named it.
    named: PathBuf,
    /// Where it is: links are followed, and stay.
    path: PathBuf,
    /// The digest of what was read or written last; nothing while there is no file.
    last: Cell<Option<[u8; 32]>>,
    lock: RefCell<Option<Lock>>,
}

impl Storage {
    /// Reads the file; the text is nothing when there is no file yet.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn open(named: &Path) -> Result<(Self, Option<String>), ProviderError> {
        let path = match fs::canonicalize(named) {
            Ok(path) => path,
            Err(_) if fs::symlink_metadata(named).is_ok_and(|one| one.is_symlink()) => {
                return Err(error(
                    named,
                    "it is a link to a file that does not exist",
                    "remove the link, or create the file it names",
                ));
            }
            Err(_) => named.to_owned(),
        };
        let text = match file::text(&path, MAX_BYTES) {
            Ok(text) => Some(text),
            Err(error) if error.is_absent() => None,
            Err(why) => return Err(unreadable(named, &why)),
        };
        let last = Cell::new(text.as_deref().map(digest));
        Ok((Self { named: named.to_owned(), path, last, lock: RefCell::default() }, text))
    }

    /// That the text which was read is not a sandbox.
    pub(super) fn is_no_sandbox(&self, why: &str) -> ProviderError {
        error(
            &self.named,
            why,
            "give another file: this one is not a sandbox, or a version of trailbell wrote it that this one cannot read",
        )
    }

    /// Replaces what the file holds.
    ///
    /// # Errors
    /// Another command changes it or has changed it, or it cannot be written.
    pub(super) fn write(&self, text: &str) -> Result<(), ProviderError> {
        self.hold()?;
        self.replace(text)
            .map_err(|why| error(&self.named, &why.to_string(), "check the folder's permissions and free space"))?;
        self.last.set(Some(digest(text)));
        Ok(())
    }

    fn replace(&self, text: &str) -> io::Result<()> {
        let mut beside = NamedTempFile::new_in(folder(&self.path))?;
        beside.write_all(text.as_bytes())?;
        if let Ok(existing) = fs::metadata(&self.path) {
            fs::set_permissions(beside.path(), existing.permissions())?;
        }
        beside.persist(&self.path).map(drop).map_err(|error| error.error)
    }

    /// Takes the lock before the first change; what was planned for another state is not carried out.
    ///
    /// # Errors
    /// Another command changes the file or has changed it.
    pub(super) fn hold(&self) -> Result<(), ProviderError> {
        if self.lock.borrow().is_some() {
            return Ok(());
        }
        let again = "nothing was changed; run the command again when the other one has ended";
        let lock = match Lock::take(&self.path) {
            Ok(Some(lock)) => lock,
            Ok(None) => return Err(error(&self.named, "another trailbell command is changing it", again)),
            Err(why) => {
                return Err(error(
                    &self.named,
                    &format!("it cannot be locked: {why}"),
                    "check the folder's permissions",
                ));
            }
        };
        let now = match file::text(&self.path, MAX_BYTES) {
            Ok(text) => Some(digest(&text)),
            Err(error) if error.is_absent() => None,
            Err(why) => return Err(unreadable(&self.named, &why)),
        };
        if now != self.last.get() {
            return Err(error(&self.named, "it was changed after this command read it", again));
        }
        self.lock.replace(Some(lock));
        Ok(())
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn unreadable(named: &Path, why: &FileError) -> ProviderError {
    let hint = match why {
        FileError::NotRegular(_) | FileError::NotText { .. } | FileError::TooLong { .. } => {
            "give the name of a file that trailbell may create, or of one that it has written"
        }
        FileError::System(_) => "check the path and its permissions",
    };
    error(named, &why.to_string(), hint)
}

fn error(named: &Path, why: &str, hint: &str) -> ProviderError {
    ProviderError::new("sandbox", ErrorKind::Other, format!("the sandbox file `{}`: {why}", named.display())).hint(hint)
}

/// A lock that ends with the process, however it ends.
#[derive(Debug)]
struct Lock {
    path: PathBuf,
    /// The lock is released when it is closed.
    _file: File,
}

impl Lock {
    /// Takes the lock of a file; nothing when another process has it.
    fn take(of: &Path) -> io::Result<Option<Self>> {
        let name = of.file_name().unwrap_or_default().to_string_lossy();
        let path = folder(of).join(format!(".{name}.lock"));
        loop {
            let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // Its last holder may have removed the file between the two calls.
            if is_same(&file, &path)? {
                return Ok(Some(Self { path, _file: file }));
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // What stays is empty and harmless, and the next command takes it over.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(unix)]
fn is_same(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let held = file.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok((held.dev(), held.ino()) == (named.dev(), named.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// An open file cannot be removed elsewhere.
#[cfg(not(unix))]
fn is_same(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}
