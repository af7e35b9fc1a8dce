//! Who changed a stack: its runs, newest first.

use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::Serialize;

use super::record::{self, Begun, Ended};
use crate::name::Scope;
use crate::provider::ProviderError;
use crate::provider::run_log::{RunLog, RunStream, Side};

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PastRun {
    /// Its number.
    pub number: u32,
    /// When it began, in milliseconds since 1970; `null` when its holder has written nothing.
    pub began_at: Option<i64>,
    /// Who began it; `null` when nothing readable was written.
    pub begun: Option<Begun>,
    /// Its last sign of life, in milliseconds since 1970; `null` when it has ended.
    pub last_sign_at: Option<i64>,
    /// Whether it has ended.
    pub is_ended: bool,
    /// When it ended, in milliseconds since 1970.
    pub ended_at: Option<i64>,
    /// What came of it; `null` when it has not ended or nothing readable was written.
    pub ended: Option<Ended>,
}

/// The newest runs, at most so many; `None` when the stack has no log group of runs.
///
/// # Errors
/// The cloud cannot be asked.
pub async fn history(log: &impl RunLog, scope: &Scope, most: usize) -> Result<Option<Vec<PastRun>>, ProviderError> {
    let Some(streams) = log.streams(scope, None, most.saturating_mul(2)).await? else { return Ok(None) };
    let mut numbers: Vec<(u32, bool)> = Vec::new();
    for seen in streams {
        let RunStream { number, is_end } = seen.stream;
        match numbers.last_mut() {
            Some((last, _)) if *last == number => {}
            _ => numbers.push((number, is_end)),
        }
    }
    numbers.truncate(most);
    try_join_all(numbers.into_iter().map(|(number, is_ended)| past(log, scope, number, is_ended))).await.map(Some)
}

/// What is recorded of one run.
///
/// # Errors
/// The cloud cannot be asked.
pub async fn past(log: &impl RunLog, scope: &Scope, number: u32, is_ended: bool) -> Result<PastRun, ProviderError> {
    let first = log.entry(scope, RunStream::run(number), Side::First).await?;
    // Of a run that has ended no one asks whether it is alive.
    let last = if is_ended { None } else { log.entry(scope, RunStream::run(number), Side::Last).await? };
    let (ended_at, ended) = if is_ended { end_of(log, scope, number).await? } else { (None, None) };
    Ok(PastRun {
        number,
        began_at: first.as_ref().map(|one| one.time),
        begun: first.and_then(|one| record::read(&one.text)),
        last_sign_at: last.map(|one| one.time),
        is_ended,
        ended_at,
        ended,
    })
}

/// When a run ended, and what came of it, as far as something readable was written.
///
/// # Errors
/// The cloud cannot be asked.
pub async fn end_of(
    log: &impl RunLog,
    scope: &Scope,
    number: u32,
) -> Result<(Option<i64>, Option<Ended>), ProviderError> {
    let end = log.entry(scope, RunStream::end(number), Side::First).await?;
    Ok((end.as_ref().map(|one| one.time), end.and_then(|one| record::read(&one.text))))
}
