//! Files as arguments: the text of one, and those below a folder.

use std::io;
use std::path::{Path, PathBuf};

use super::Failure;
use crate::file::{self, FileError};

/// The text of a file of at most `limit` bytes; `-` is standard input.
pub(super) fn text(path: &Path, limit: u64) -> Result<String, FileError> {
    if path.as_os_str() == "-" { file::text_of(io::stdin(), limit) } else { file::text(path, limit) }
}

/// The bytes of a file of at most `limit` bytes; `-` is standard input.
pub(super) fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    if path.as_os_str() == "-" { file::bytes_of(io::stdin(), limit) } else { file::bytes(path, limit) }
}

/// What to do about a file that cannot be read.
pub(super) fn hint(error: &FileError) -> &'static str {
    match error {
        FileError::NotRegular(_) => "give a regular file, or `-` for standard input",
        _ => "",
    }
}

/// Every regular file below the folder, sorted; links are not followed, since one could lead back. What cannot be
/// looked at is in the list with its error.
pub(super) fn below(folder: &Path) -> Vec<Result<PathBuf, (PathBuf, io::Error)>> {
    let mut found = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return vec![Err((folder.to_owned(), error))],
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.map(|entry| (entry.path(), entry.file_type()))).collect();
    paths.sort_by(|a, b| a.as_ref().map(|(path, _)| path).ok().cmp(&b.as_ref().map(|(path, _)| path).ok()));
    for entry in paths {
        match entry {
            Ok((path, Ok(kind))) if kind.is_dir() => found.extend(below(&path)),
            Ok((path, Ok(kind))) if kind.is_file() => found.push(Ok(path)),
            Ok((_, Ok(_))) => {}
            Ok((path, Err(error))) => found.push(Err((path, error))),
            Err(error) => found.push(Err((folder.to_owned(), error))),
        }
    }
    found
}

/// Writes a result to a file. A file that is there is replaced only if it is a former result, which has `mark` near its beginning.
pub(super) fn write_result(path: &Path, text: &str, mark: &str) -> Result<(), Failure> {
    // Only regular files can be lost; a device or a pipe is written to.
    let is_other = |head: Vec<u8>| !head.is_empty() && !String::from_utf8_lossy(&head).contains(mark);
    if file::head(path, 1_024).is_ok_and(is_other) {
        return Err(Failure::usage(
            format!("`{}` exists and is not a former result", path.display()),
            "nothing was written; remove the file, or choose another name",
        ));
    }
    std::fs::write(path, text).map_err(|error| {
        Failure::other(format!("cannot write `{}`: {error}", path.display()), "choose a file that can be written")
    })
}
