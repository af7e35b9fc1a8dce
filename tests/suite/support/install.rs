//! Installs the pinned AWS emulators, and Slack's own SDK, into a virtual environment of their own.
//!
//! The environment lives below the target directory, so that `cargo clean`
//! removes it and nothing outside the build tree changes. Several test
//! processes may start at once: a file lock lets one of them install and the
//! others wait, and a marker file, written last, tells a finished install from
//! an interrupted one.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The exact version of ministack the suite is written against.
pub const MINISTACK: &str = "1.5.33";
/// The exact version of moto the suite is written against.
pub const MOTO: &str = "5.2.5";
/// The exact version of Slack's own SDK, whose models judge our messages.
pub const SLACK_SDK: &str = "3.47.0";
/// The exact version of the reader of CBOR, without which ministack does not understand what the SDK asks CloudWatch.
pub const CBOR: &str = "6.2.1";

const WAY_OUT: &str = "The emulator tests need python3 (3.10 or newer) with its venv module \
    (on Debian and Ubuntu: `apt install python3-venv`) and, for the first run only, access to \
    the Python package index that pip is configured for.";

/// The directory that holds the virtual environment, its lock and the logs.
#[must_use]
pub fn root() -> PathBuf {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    scratch.parent().unwrap_or(scratch).join("emulators")
}

/// The Python interpreter of the environment, which is installed when needed.
///
/// # Errors
/// A message for the developer: what failed, its output, and the fix.
pub fn python() -> Result<PathBuf, String> {
    let root = root();
    let venv = root.join(format!("ministack-{MINISTACK}-moto-{MOTO}-slack-{SLACK_SDK}-cbor-{CBOR}"));
    fs::create_dir_all(&root).map_err(|e| format!("cannot create {}: {e}", root.display()))?;
    // The lock is released when the file closes, even if this process is killed.
    let _lock = lock(&venv.with_added_extension("lock"))?;
    if !is_complete(&venv) {
        install(&venv)?;
    }
    Ok(interpreter(&venv))
}

fn interpreter(venv: &Path) -> PathBuf {
    venv.join("bin").join("python")
}

fn marker(venv: &Path) -> PathBuf {
    venv.join("trailbell-complete")
}

/// Waits for the lock of a path, which is released when the file closes.
///
/// # Errors
/// When the file cannot be made or locked.
pub fn lock(path: &Path) -> Result<File, String> {
    let open = File::options().create(true).append(true).open(path);
    let file = open.map_err(|e| format!("cannot open {}: {e}", path.display()))?;
    file.lock().map_err(|e| format!("cannot lock {}: {e}", path.display()))?;
    Ok(file)
}

/// The marker alone is not enough: an upgrade of the system's python3 leaves
/// the environment with an interpreter that no longer starts, or that looks
/// for its packages under another version's directory.
fn is_complete(venv: &Path) -> bool {
    let mut probe = Command::new(interpreter(venv));
    probe.args(["-c", "import ministack, moto, slack_sdk, cbor2"]);
    marker(venv).exists() && probe.output().is_ok_and(|out| out.status.success())
}

fn install(venv: &Path) -> Result<(), String> {
    match fs::remove_dir_all(venv) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            return Err(format!("cannot remove the half-finished {}: {e}", venv.display()));
        }
        _ => {}
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(venv))?;
    run(Command::new(interpreter(venv))
        .args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"])
        .arg(format!("ministack=={MINISTACK}"))
        .arg(format!("moto[server]=={MOTO}"))
        .arg(format!("slack_sdk=={SLACK_SDK}"))
        .arg(format!("cbor2=={CBOR}")))?;
    fs::write(marker(venv), "").map_err(|e| format!("cannot write the install marker: {e}"))
}

/// Runs one step of the install and turns a failure into one clear message.
fn run(command: &mut Command) -> Result<(), String> {
    let out = command.output().map_err(|e| format!("cannot install the AWS emulators: {command:?}: {e}\n{WAY_OUT}"))?;
    if out.status.success() {
        return Ok(());
    }
    Err(format!(
        "cannot install the AWS emulators: {command:?} failed with {}:\n{}{}\n{WAY_OUT}",
        out.status,
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr),
    ))
}
