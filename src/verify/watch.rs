//! Watching the dead-letter queue for the messages of this run, each known by its id.
//!
//! A letter of another time or of another alert neither ends the watch nor fails it. The watch lasts as long as it says it
//! does, and what it could not see it reports: then nothing was watched.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::name::Scope;
use crate::provider::{DeadLetter, Letters, Provider, ProviderError};

/// With more letters than this in the queue, nobody can say that ours is not among them.
pub const MOST_LETTERS: usize = 100;

/// What came of watching.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watched {
    /// The dead letters of this run, each with its id.
    pub returned: Vec<(String, DeadLetter)>,
    /// Why the queue could not be watched to the end, if it could not.
    pub gap: Option<String>,
}

/// Watches until the time is over, and looks once more then: a letter may come at the last moment.
///
/// # Errors
/// A call failed.
pub async fn watch<P: Provider>(
    ids: &[String],
    scope: &Scope,
    provider: &P,
    limit: Duration,
) -> Result<Watched, ProviderError> {
    let end = Instant::now() + limit;
    let mut watched = Watched::default();
    loop {
        // Taken before the look, so that the last look begins after the end.
        let is_last = Instant::now() >= end;
        watched.gap = None;
        match provider.dead_letters(scope, MOST_LETTERS).await? {
            None => watched.gap = Some("there is no dead-letter queue".to_owned()),
            Some(Letters { seen, is_complete }) => {
                note(&mut watched.returned, ids, seen);
                if !is_complete {
                    watched.gap = Some(format!(
                        "the dead-letter queue could not be read completely (it holds more than {MOST_LETTERS} letters, \
                         or another reader holds some)"
                    ));
                }
            }
        }
        if is_last || watched.returned.len() == ids.len() {
            return Ok(watched);
        }
        sleep(Duration::from_secs(1).min(end.saturating_duration_since(Instant::now()))).await;
    }
}

fn note(returned: &mut Vec<(String, DeadLetter)>, ids: &[String], seen: Vec<DeadLetter>) {
    for letter in seen {
        let Some(id) = ids.iter().find(|id| letter.body.contains(id.as_str())) else { continue };
        if !returned.iter().any(|(known, _)| known == id) {
            returned.push((id.clone(), letter));
        }
    }
}
