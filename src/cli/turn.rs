//! What a run writes of itself when it begins, and how it gives the lock back: the same for every command that takes it.
//!
//! Neighbors: `lock` waits for others, `runs::lock` is the rule.

#[cfg(test)]
mod tests;

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::Failure;
use super::cloud::Cloud;
use super::lock::{origin, unlock_hint};
use super::screen::Screen;
use crate::name::Scope;
use crate::provider::{Provider, ProviderError};
use crate::runs::{self, Attempt, Begun, Ended, Held, Newest};
use crate::secret::hex;

/// How long after it has begun a run has surely said so: its first entry is written at once, and can be read seconds later.
const SAID: Duration = Duration::from_secs(5);
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

/// Begins a run. When it is not known whose run the next one is, it is looked at a few seconds later, when whoever began it has
/// said so; if no one has, it is ended, and the caller plans again for the one after it.
pub(super) async fn begin(
    cloud: &Cloud,
    scope: &Scope,
    newest: Newest,
    begun: &Begun,
    screen: &Screen,
) -> Result<Attempt, ProviderError> {
    let attempt = runs::begin(cloud, scope, newest, begun).await?;
    if let Attempt::Unknown(number) = attempt {
        screen.note(&format!(
            "AWS did not answer whether run {number} was begun here: looking in {} s whether someone else began it, otherwise \
             ending it and planning again.",
            SAID.as_secs()
        ));
        cloud.rest(SAID).await;
        runs::disown(cloud, scope, number, &begun.caller).await?;
    }
    Ok(attempt)
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
