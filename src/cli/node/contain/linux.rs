//! The boundary on Linux: trailbell starts itself again, gives up what a handler must not have, and becomes Node.
//!
//! Neither root nor namespaces are needed, so it works in a container without privileges. `seccomp` filters system calls
//! (`calls`), and must be there; Landlock, where the kernel has it, leaves the few files that Node needs and hides the memory
//! and the environment of other processes. Both stay with the process for good, and nothing that it executes is without them.

use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use landlock::{
    ABI, Access, AccessFs, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, Scope, path_beneath_rules,
};
use rustix::process::{Signal, set_parent_process_death_signal};

use super::super::program::NodeProgram;
use super::calls;

/// The name that trailbell calls itself by when it is to become Node. A person does not start a program by such a name.
const NAME: &str = "trailbell: contained handler";
/// Between the files that can be read and the program with its arguments.
const THEN: &str = "--";
/// What Node and the C library look at, beside the files that are Node's own.
const SYSTEM: &[&str] = &[
    "/dev/null",
    "/dev/urandom",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/self",
    "/proc/stat",
    "/sys/devices/system/cpu",
    "/sys/fs/cgroup",
    "/usr/share/zoneinfo",
];

/// Node behind the boundary, where it can read this folder; its arguments follow.
pub(super) fn command(node: &NodeProgram, folder: &Path) -> Command {
    // This very program, even when its file was replaced since it started.
    let mut command = Command::new("/proc/self/exe");
    command.arg0(NAME).arg(folder).args(&node.files).arg(THEN).arg(&node.program);
    // The system's configuration of OpenSSL can be anywhere, and Node does not start when it cannot be read.
    command.arg("--openssl-config=/dev/null");
    command
}

/// Becomes Node, if this process was started for that. Else nothing happens; what is given back is why it failed.
pub(super) fn enter() -> Option<String> {
    let mut arguments = std::env::args_os();
    if arguments.next()? != NAME {
        return None;
    }
    let arguments: Vec<OsString> = arguments.collect();
    let mut halves = arguments.splitn(2, |one| one == THEN);
    let (Some([folder, files @ ..]), Some([program, rest @ ..])) = (halves.next(), halves.next()) else {
        return Some("a folder, files, and a program are missing".to_owned());
    };
    become_node(folder, files, program, rest).err()
}

fn become_node(
    folder: &OsStr,
    files: &[OsString],
    program: &OsStr,
    arguments: &[OsString],
) -> Result<Infallible, String> {
    // A shell, an editor, or a CI runner may have left files and sockets open for trailbell.
    close_fds::set_fds_cloexec(libc::STDERR_FILENO + 1, &[]);
    // When trailbell is interrupted, the handler ends, too.
    set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|error| format!("cannot tie the handler to trailbell: {error}"))?;
    restrict_files(folder, files).map_err(|error| format!("Landlock: {error}"))?;
    let filter = calls::filter(std::process::id()).map_err(|error| format!("seccomp: {error}"))?;
    seccompiler::apply_filter(&filter).map_err(|error| format!("seccomp: {error}"))?;
    Err(format!("cannot start Node: {}", Command::new(program).args(arguments).exec()))
}

/// Only these can be read, only Node can be executed, and nothing can be written. A kernel without Landlock is asked for
/// nothing.
fn restrict_files(folder: &OsStr, files: &[OsString]) -> Result<(), RulesetError> {
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let paths = std::iter::once(folder).chain(SYSTEM.iter().map(OsStr::new));
    Ruleset::default()
        .handle_access(AccessFs::from_all(ABI::V5))?
        .scope(Scope::from_all(ABI::V6))?
        .create()?
        .add_rules(path_beneath_rules(paths, read))?
        .add_rules(path_beneath_rules(files, AccessFs::ReadFile | AccessFs::Execute))?
        .restrict_self()
        .map(drop)
}
