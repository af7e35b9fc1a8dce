//! The boundary on macOS: Node under `sandbox-exec`, which the system has.

use std::path::Path;
use std::process::Command;

use super::super::program::NodeProgram;

/// No network, no other process, no signal to one, and nothing written. Paths are arguments, so no name can change the rules.
const PROFILE: &str = r#"(version 1)
(allow default)
(deny network*)
(deny file-write*)
(deny file-read-data (subpath "/Users") (subpath "/Volumes") (subpath "/private/var/folders") (subpath "/private/tmp"))
(allow file-read-data (subpath (param "FOLDER")) (subpath (param "NODE")))
(deny process-fork)
(deny process-exec*)
(allow process-exec (literal (param "PROGRAM")))
(deny process-info*)
(allow process-info* (target self))
(deny signal)
(allow signal (target self))
"#;

/// Node behind the boundary, where it can read this folder; its arguments follow.
pub(super) fn command(node: &NodeProgram, folder: &Path) -> Command {
    // `PREFIX/bin/node` has libraries in `PREFIX/lib`.
    let prefix = node.program.ancestors().nth(2).unwrap_or(&node.program);
    let mut command = Command::new("/usr/bin/sandbox-exec");
    let parameter = |name: &str, path: &Path| format!("{name}={}", path.display());
    command.arg("-D").arg(parameter("FOLDER", folder)).arg("-D").arg(parameter("NODE", prefix));
    command.arg("-D").arg(parameter("PROGRAM", &node.program)).args(["-p", PROFILE]).arg(&node.program);
    command
}
