//! `trailbell man`: the manual pages, made from the definitions that read the command line.

use std::path::PathBuf;

use clap::{Args, CommandFactory};

use super::screen::Screen;
use super::{Cli, ExitStatus, Failure};

/// Arguments of `man`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell man ~/.local/share/man/man1
  trailbell man pages")]
pub(super) struct Arguments {
    /// Folder that the pages are written to, one per command; it is created if it does not exist
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

pub(super) fn run(arguments: &Arguments, screen: &Screen) -> Result<ExitStatus, Failure> {
    let folder = &arguments.folder;
    let written = std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Cli::command(), folder));
    written.map_err(|error| {
        let message = format!("cannot write the manual pages to `{}`: {error}", folder.display());
        Failure::other(message, "choose a folder that can be written to")
    })?;
    screen.note(&format!("Wrote the manual pages to `{}`.", folder.display()));
    Ok(ExitStatus::Fine)
}
