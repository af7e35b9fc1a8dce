//! `trailbell completions`: the script that makes a shell complete trailbell's commands, options, and names.
//!
//! The script asks trailbell itself while a person types, with [`VARIABLE`] set, so that the names of alerts, stacks, and
//! blueprints are those of the files that are there. Which names an argument takes follows from its value's name and its id, in one
//! place (`names`); the commands know nothing of it.

mod names;

use clap::{Args, Command, CommandFactory, ValueEnum};
use clap_complete::CompleteEnv;
use clap_complete::env::{Bash, EnvCompleter, Fish, Powershell, Zsh};

use super::screen::Screen;
use super::{Cli, ExitStatus, Failure};

/// The variable with which a shell's script asks for completions; its value is the name of the shell.
const VARIABLE: &str = "TRAILBELL_COMPLETE";
/// The command that is completed.
const PROGRAM: &str = "trailbell";

/// Arguments of `completions`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell completions zsh
  trailbell completions fish > ~/.config/fish/completions/trailbell.fish

For completions in every shell, add the line to the file that the shell reads when it starts:
  bash, in ~/.bashrc                 source <(trailbell completions bash)
  zsh, in ~/.zshrc, after compinit   source <(trailbell completions zsh)
  PowerShell, in $PROFILE            trailbell completions powershell | Out-String | Invoke-Expression

Names of alerts and stacks are those of the stack file on the command line, or of trailbell.yaml in this folder. AWS is not asked.")]
pub(super) struct Arguments {
    /// The shell
    shell: CompletedShell,
}

/// A shell that completes.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum CompletedShell {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
}

impl CompletedShell {
    const fn completer(self) -> &'static dyn EnvCompleter {
        match self {
            Self::Bash => &Bash,
            Self::Zsh => &Zsh,
            Self::Fish => &Fish,
            Self::PowerShell => &Powershell,
        }
    }
}

pub(super) fn run(arguments: &Arguments, screen: &Screen) -> Result<ExitStatus, Failure> {
    let mut script = Vec::new();
    let written = arguments.shell.completer().write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script);
    written.map_err(|error| Failure::other(format!("cannot make the script: {error}"), ""))?;
    screen.result(String::from_utf8_lossy(&script).trim_end());
    Ok(ExitStatus::Fine)
}

/// Answers a shell that asks for completions.
///
/// # Errors
/// What the shell asked is not understood; the text says why.
pub fn complete() -> Result<bool, String> {
    let here = std::env::current_dir().ok();
    let answered = CompleteEnv::with_factory(command).var(VARIABLE).try_complete(std::env::args_os(), here.as_deref());
    answered.map_err(|error| error.to_string())
}

/// The command line with what completes its arguments.
fn command() -> Command {
    names::completed(Cli::command())
}
