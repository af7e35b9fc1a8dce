//! The Node of this machine: where it is, how it keeps a function from files, processes and threads, what it needs to start.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use serde::Deserialize;

/// Node tells of itself. A `node` in the PATH may be a script that chooses a version; what it starts is the program.
const QUESTION: &str = "const has = (flag) => process.allowedNodeEnvironmentFlags.has(flag); \
    const flag = ['--permission', '--experimental-permission'].find(has); \
    let maps = ''; try { maps = require('fs').readFileSync('/proc/self/maps', 'utf8'); } catch {} \
    const files = [...new Set(maps.match(/(?<= )\\/.*$/gm))]; \
    console.log(JSON.stringify({ program: process.execPath, flag, files }));";

/// What Node says of itself.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct NodeProgram {
    /// Its program.
    pub(super) program: PathBuf,
    /// The flag that turns its permission model on; nothing where it has none.
    #[serde(default)]
    flag: Option<String>,
    /// The files that it maps into memory: itself and its libraries. Linux only.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "other systems need no list"))]
    pub(super) files: Vec<PathBuf>,
}

impl NodeProgram {
    /// The one in the PATH.
    ///
    /// # Errors
    /// It is not there, or too old.
    pub(super) fn find() -> Result<&'static Self, String> {
        static NODE: OnceLock<Result<NodeProgram, String>> = OnceLock::new();
        NODE.get_or_init(|| {
            let mut command = Command::new("node");
            command.args(["-e", QUESTION]).env_clear().envs(kept()).envs(choosing());
            let output = command.output().map_err(|error| not_there(&error))?;
            let node: Self = serde_json::from_slice(&output.stdout).map_err(|_| {
                "`node` in the PATH does not report its version; Node 20 or newer is required".to_owned()
            })?;
            if node.flag.is_none() {
                return Err("the installed version of Node is too old; 20 or newer is required".to_owned());
            }
            Ok(node)
        })
        .as_ref()
        .map_err(Clone::clone)
    }

    /// The flag that turns its permission model on.
    pub(super) fn confining(&self) -> Option<&str> {
        self.flag.as_deref()
    }
}

/// The variables without which Node is not found, or does not start on Windows.
pub(super) fn kept() -> impl Iterator<Item = (&'static str, OsString)> {
    ["PATH", "SystemRoot"].into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)))
}

/// The variables by which a script in the place of Node finds the version it starts. Others may be secrets, which no process
/// that trailbell starts needs.
fn choosing() -> impl Iterator<Item = (OsString, OsString)> {
    let names = ["HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP", "PATHEXT"];
    let managers = ["NVM_", "ASDF_", "VOLTA_", "FNM_", "NODENV_", "NODIST_", "MISE_", "XDG_"];
    std::env::vars_os().filter(move |(name, _)| {
        let is_one = |name: &str| names.contains(&name) || managers.iter().any(|start| name.starts_with(start));
        name.to_str().is_some_and(is_one)
    })
}

/// Why Node could not be started.
pub(super) fn not_there(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "Node is not installed here (`node` is not in the PATH)".to_owned(),
        _ => format!("cannot start Node: {error}"),
    }
}
