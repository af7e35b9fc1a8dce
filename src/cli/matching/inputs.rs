//! Where events come from: files, folders, standard input.

use std::io::{self, IsTerminal, Read};
use std::path::PathBuf;

use crate::cli::{Failure, files};
use crate::events::EventReader;
use crate::file::{self, FileError};

/// One source of events.
pub(super) enum InputFile {
    File(PathBuf),
    Standard,
    /// Something in a folder that cannot be looked at.
    Unreadable(PathBuf, io::Error),
}

impl InputFile {
    /// The name people know it by.
    pub(super) fn name(&self) -> String {
        match self {
            Self::File(path) | Self::Unreadable(path, _) => path.display().to_string(),
            Self::Standard => "standard input".to_owned(),
        }
    }

    /// Its size in bytes, if that is known.
    pub(super) fn size(&self) -> Option<u64> {
        match self {
            Self::File(path) => {
                std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|about| about.len())
            }
            Self::Standard | Self::Unreadable(..) => None,
        }
    }

    /// Whether reading it waits for a writer.
    pub(super) fn is_pipe(&self) -> bool {
        matches!(self, Self::File(path) if file::is_pipe(path))
    }

    /// Opens it.
    pub(super) fn open(self) -> io::Result<EventReader<Box<dyn Read>>> {
        let input: Box<dyn Read> = match self {
            Self::Standard => Box::new(io::stdin()),
            Self::File(path) => Box::new(file::stream(&path).map_err(|error| match error {
                FileError::System(error) => error,
                other => io::Error::other(other),
            })?),
            Self::Unreadable(_, error) => return Err(error),
        };
        Ok(EventReader::new(input))
    }
}

/// The inputs for the files that were named; a folder represents all files below it.
pub(super) fn inputs(named: &[PathBuf]) -> Result<Vec<InputFile>, Failure> {
    if named.is_empty() {
        if io::stdin().is_terminal() {
            return Err(Failure::usage("no input", "give a file or a folder, or pipe events to standard input"));
        }
        return Ok(vec![InputFile::Standard]);
    }
    let mut inputs = Vec::new();
    for path in named {
        if path.as_os_str() == "-" {
            inputs.push(InputFile::Standard);
        } else if path.is_dir() {
            inputs.extend(files::below(path).into_iter().map(|one| match one {
                Ok(path) => InputFile::File(path),
                Err((path, error)) => InputFile::Unreadable(path, error),
            }));
        } else if path.exists() {
            inputs.push(InputFile::File(path.clone()));
        } else {
            let message = format!("the file `{}` does not exist", path.display());
            return Err(Failure::usage(message, "give files or folders that exist"));
        }
    }
    Ok(inputs)
}
