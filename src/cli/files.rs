//! Folders as arguments: the files below one.

use std::io;
use std::path::{Path, PathBuf};

/// Every regular file below the folder, sorted; links are not followed, since one could lead back. What cannot be looked
/// at stands in the list with its error.
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
