//! Which trailbell this is: what `--version` prints.

use std::sync::LazyLock;

/// The commit that a release was built from; release workflows set it.
const COMMIT: Option<&str> = option_env!("TRAILBELL_COMMIT");

/// The version, the commit, and the build.
pub(super) static LONG: LazyLock<String> = LazyLock::new(|| {
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    let commit = COMMIT.unwrap_or("not known: not a build of a release");
    format!("{}\ncommit: {commit}\nbuild: {build}, {machine}, {system}", env!("CARGO_PKG_VERSION"))
});
