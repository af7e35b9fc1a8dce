//! Where events come from: files, folders, standard input.

use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use crate::cli::Failure;
use crate::events::EventReader;

/// One source of events.
pub(super) enum Input {
    File { path: PathBuf, size: u64 },
    Standard,
}

impl Input {
    /// The name people know it by.
    pub(super) fn name(&self) -> String {
        match self {
            Self::File { path, .. } => path.display().to_string(),
            Self::Standard => "standard input".to_owned(),
        }
    }

    /// Its size in bytes, if that is known.
    pub(super) fn size(&self) -> Option<u64> {
        match self {
            Self::File { size, .. } => Some(*size),
            Self::Standard => None,
        }
    }

    /// Opens it.
    pub(super) fn open(self, as_log_lines: bool) -> Result<EventReader<Box<dyn Read>>, Failure> {
        let input: Box<dyn Read> = match &self {
            Self::Standard => Box::new(std::io::stdin()),
            Self::File { path, .. } => Box::new(File::open(path).map_err(|error| unreadable(path, &error))?),
        };
        let reader = EventReader::new(input);
        Ok(if as_log_lines { reader.of_log_lines() } else { reader })
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("cannot read `{}`: {error}", path.display()), "name files or folders that exist")
}

/// The inputs for the files that were named; a folder stands for all files below it.
pub(super) fn inputs(files: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    if files.is_empty() {
        if std::io::stdin().is_terminal() {
            return Err(Failure::usage("there is no input", "name a file or a folder, or pipe events in"));
        }
        return Ok(vec![Input::Standard]);
    }
    let mut inputs = Vec::new();
    for path in files {
        if path.as_os_str() == "-" {
            inputs.push(Input::Standard);
        } else {
            add(path, &mut inputs)?;
        }
    }
    Ok(inputs)
}

fn add(path: &Path, inputs: &mut Vec<Input>) -> Result<(), Failure> {
    let failed = |error: std::io::Error| unreadable(path, &error);
    let about = std::fs::metadata(path).map_err(failed)?;
    if !about.is_dir() {
        inputs.push(Input::File { path: path.to_owned(), size: about.len() });
        return Ok(());
    }
    let entries = std::fs::read_dir(path).map_err(failed)?;
    let mut below: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(failed)?;
    below.sort();
    // A link could lead back into the folder.
    below.iter().filter(|path| !path.is_symlink()).try_for_each(|path| add(path, inputs))
}
