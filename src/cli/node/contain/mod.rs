//! The boundary that the operating system draws around a handler, beside Node's permission model.
//!
//! A handler of a blueprint is a stranger's code. Whatever it finds in Node, it has no network, starts no process, signals
//! none, and changes no file: `linux` and `macos` say how. Where there is no boundary, a handler is not run, unless the person
//! trusts it. The notifier is trailbell's own and needs none. Why so: docs/decisions/0011-contained-handlers.md.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use super::program::NodeProgram;

/// Says how a connection ends. Where there is nothing to connect to, an open network says `ECONNREFUSED`.
const ATTEMPT: &str = "require('net').connect(9, '127.0.0.1').on('connect', () => console.log('CONNECTED'))\
    .on('error', (error) => console.log(error.code)).on('close', () => process.exit())";
/// How it ends behind the boundary.
const DENIED: [&str; 3] = ["ENOSYS", "EPERM", "EACCES"];

/// Node behind the boundary, where it can read this folder; its arguments follow.
///
/// # Errors
/// Why there is no boundary here. Nothing was run.
pub(super) fn command(node: &NodeProgram, folder: &Path) -> Result<Command, String> {
    static HOLDS: OnceLock<Result<(), String>> = OnceLock::new();
    HOLDS.get_or_init(|| holds(bounded(node, folder)?)).clone()?;
    bounded(node, folder)
}

#[cfg(target_os = "linux")]
#[expect(clippy::unnecessary_wraps, reason = "other systems have no boundary")]
fn bounded(node: &NodeProgram, folder: &Path) -> Result<Command, String> {
    Ok(linux::command(node, folder))
}

#[cfg(target_os = "macos")]
#[expect(clippy::unnecessary_wraps, reason = "other systems have no boundary")]
fn bounded(node: &NodeProgram, folder: &Path) -> Result<Command, String> {
    Ok(macos::command(node, folder))
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn bounded(_: &NodeProgram, _: &Path) -> Result<Command, String> {
    Err(format!("trailbell has no boundary for {}", std::env::consts::OS))
}

/// Whether Node starts behind it, and finds no network there.
fn holds(mut command: Command) -> Result<(), String> {
    command.args(["-e", ATTEMPT]).env_clear().envs(super::program::kept());
    let output = command.output().map_err(|error| error.to_string())?;
    let (said, problems) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    match said.trim() {
        said if DENIED.contains(&said) => Ok(()),
        "" => {
            let why = problems.lines().map(str::trim).find(|line| !line.is_empty());
            Err(why.unwrap_or("Node does not start behind it").to_owned())
        }
        said => Err(format!("the network is open behind it ({said})")),
    }
}

/// Becomes Node behind the boundary, if this process was started for that; else nothing happens. Must be called first of all,
/// before anything is open. What is given back is why it failed.
#[must_use]
pub fn enter() -> Option<String> {
    #[cfg(target_os = "linux")]
    return linux::enter();
    #[cfg(not(target_os = "linux"))]
    None
}
