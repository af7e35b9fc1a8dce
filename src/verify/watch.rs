//! Watching the dead-letter queues for the messages of this run, each known by its id.
//!
//! A letter of another time or of another alert neither ends the watch nor fails it. The watch lasts as long as it says it
//! does, and what it could not see it reports: then nothing was watched.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::name::{DestinationId, Scope};
use crate::provider::{DeadLetter, ErrorKind, Letters, Provider, ProviderError};

/// With more letters than this in the queue, no one can say that ours is not among them.
pub const MOST_LETTERS: usize = 100;

/// What came of watching.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watched {
    /// The ids of the messages that were watched for.
    pub sent: Vec<String>,
    /// The dead letters of this run, each with its id.
    pub returned: Vec<(String, DeadLetter)>,
    /// Why the queue could not be watched to the end, if it could not.
    pub gap: Option<Gap>,
}

/// What could not be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Why not.
    pub why: String,
    /// The fix.
    pub hint: String,
}

impl Gap {
    fn no_queue() -> Self {
        Self { why: "there is no dead-letter queue".to_owned(), hint: "`trailbell apply` creates it".to_owned() }
    }

    fn incomplete() -> Self {
        let why = format!(
            "cannot read the dead-letter queue completely (it contains more than {MOST_LETTERS} messages, or some are \
            delayed or in use by another reader)"
        );
        Self { why, hint: "empty the dead-letter queue, then run this command again".to_owned() }
    }

    fn failed(error: &ProviderError) -> Self {
        let hint =
            error.hint.clone().unwrap_or_else(|| format!("check `{}`, then run this command again", error.action));
        Self { why: format!("cannot read the dead-letter queue: {error}"), hint }
    }
}

/// Watches until the time is over, and looks once more then: a letter may come at the last moment. What AWS refuses is a
/// gap: the messages are sent, and what is known about them is not lost.
///
/// # Errors
/// AWS does not answer, or does not accept the credentials.
pub async fn watch<P: Provider>(
    ids: &[String],
    scope: &Scope,
    queues: &[DestinationId],
    provider: &P,
    limit: Duration,
) -> Result<Watched, ProviderError> {
    let end = Instant::now() + limit;
    let mut watched = Watched { sent: ids.to_vec(), ..Watched::default() };
    loop {
        // Taken before the look, so that the last look begins after the end.
        let is_last = Instant::now() >= end;
        watched.gap = None;
        for queue in queues {
            let gap = match provider.dead_letters(scope, queue, MOST_LETTERS).await {
                Ok(None) => Some(Gap::no_queue()),
                Ok(Some(Letters { seen, is_complete })) => {
                    note(&mut watched.returned, ids, seen);
                    (!is_complete).then(Gap::incomplete)
                }
                Err(error) if matches!(error.kind, ErrorKind::Credentials | ErrorKind::Unreachable) => {
                    return Err(error);
                }
                Err(error) => Some(Gap::failed(&error)),
            };
            watched.gap = watched.gap.or(gap);
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
