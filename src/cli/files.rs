//! Files as arguments: the text of one, and those below a folder.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The text of a file of at most `limit` bytes; `-` is standard input. The error says what is wrong, without the name.
pub(super) fn text(path: &Path, limit: u64) -> Result<String, String> {
    let input: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path).map_err(|error| error.to_string())?)
    };
    let mut bytes = Vec::new();
    // Read up to the limit rather than ask for the size: a device or a pipe has none.
    input.take(limit + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > limit {
        return Err(format!("it has more than {limit} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
}

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
