//! What a run writes of itself when it begins, and how it gives the lock back: the same for every command that takes it.
//!
//! Neighbors: `lock` waits for others, `runs::lock` is the rule.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::Failure;
use super::cloud::Cloud;
use super::lock::{origin, unlock_hint};
use crate::name::Scope;
use crate::runs::{Begun, Ended, Held};
use crate::secret::hex;

/// How long a run that was told to stop may take to give its lock back.
const RELEASE: Duration = Duration::from_secs(3);

/// Who begins a run, and from where; `plan` is the digest of what was agreed to.
pub(super) fn begun(command: &str, caller: &str, plan: String) -> Begun {
    Begun {
        command: command.to_owned(),
        caller: caller.to_owned(),
        from: origin(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        plan,
    }
}

/// A short digest of what was agreed to.
pub(super) fn digest(agreed: &[u8]) -> String {
    hex(&Sha256::digest(agreed)[..8])
}

/// Gives the lock back, and says in the record what came of the run; in seconds when a signal ends the run.
pub(super) async fn give_back(
    cloud: &Cloud,
    scope: &Scope,
    held: &Held,
    ended: &Ended,
    is_hurried: bool,
) -> Result<(), Failure> {
    if held.is_lost() {
        return Ok(());
    }
    let end = held.end(cloud, scope, ended);
    let told = if is_hurried {
        match tokio::time::timeout(RELEASE, end).await {
            Ok(told) => told.map_err(|error| error.to_string()),
            Err(_) => Err(format!("AWS did not answer within {} s", RELEASE.as_secs())),
        }
    } else {
        end.await.map_err(|error| error.to_string())
    };
    told.map_err(|why| {
        Failure::other(
            format!("the lock of run {} could not be given back: {why}", held.number),
            unlock_hint(held.number, scope),
        )
    })
}
