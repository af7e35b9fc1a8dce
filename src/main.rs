//! Parses the arguments, runs the command, turns the outcome into an exit code; or answers a shell that completes a command line.

use std::process::ExitCode;

use trailbell::cli::screen::Screen;
use trailbell::cli::{ExitStatus, complete, enter_boundary, parse, run};

fn main() -> ExitCode {
    // A handler's process begins as trailbell, and does not come back from here.
    if let Some(why) = enter_boundary() {
        Screen::process().note(&why);
        return ExitStatus::Failed.into();
    }
    match complete() {
        Ok(false) => {}
        Ok(true) => return ExitStatus::Fine.into(),
        Err(why) => {
            Screen::process().note(why.trim_end());
            return ExitStatus::Usage.into();
        }
    }
    let cli = match parse() {
        Ok(cli) => cli,
        Err(code) => return code.into(),
    };
    let screen = cli.screen();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            screen.note(&format!("error: the runtime cannot start: {error}"));
            return ExitStatus::Failed.into();
        }
    };
    runtime.block_on(run(cli, &screen)).into()
}
