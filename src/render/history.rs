//! Runs as text. What others wrote into the record is made plain: it is shown, never followed.

use jiff::Timestamp;

use super::style::{Paint, plain};
use crate::runs::{PastRun, RunChanges, RunResult};

/// Longest part of a record that is shown.
const MAX_CHARS: usize = 200;

/// Runs, newest first: a line each for what, and one for who.
#[must_use]
pub fn text(runs: &[PastRun], paint: Paint) -> String {
    runs.iter().map(|run| one(run, paint)).collect::<Vec<_>>().join("\n")
}

fn one(run: &PastRun, paint: Paint) -> String {
    let began = run.began_at.map_or_else(|| "at an unknown time".to_owned(), moment);
    let command = run.begun.as_ref().map_or_else(|| "unknown command".to_owned(), |begun| part(&begun.command));
    let head = format!("{} {began}  {command}  {}", paint.bold(&format!("#{}", run.number)), result(run, paint));
    let Some(begun) = &run.begun else { return head };
    let (caller, from) = (part(&begun.caller), part(&begun.from));
    let about = format!("by {caller} from {from}, trailbell {}, plan {}", part(&begun.version), part(&begun.plan));
    format!("{head}\n   {}", paint.dim(&about))
}

fn result(run: &PastRun, paint: Paint) -> String {
    if !run.is_ended {
        let sign = run.last_sign_at.map_or_else(String::new, |at| format!(", last sign of life at {}", moment(at)));
        return paint.warn(&format!("in progress, or killed{sign}"));
    }
    let Some(ended) = &run.ended else { return paint.warn("ended; what came of it is not known") };
    let at = run.ended_at.map_or_else(String::new, |at| format!(" at {}", moment(at)));
    match ended.result {
        RunResult::Complete => format!("{}{at}{}", paint.good("complete"), changes(ended.changes)),
        RunResult::NotStarted => format!("not started{at}: the stack had been changed meanwhile"),
        RunResult::Broken | RunResult::Forced => {
            format!("{}{at} by {}", paint.bad("ended from outside"), part(&ended.by))
        }
        other => format!("{}{at}{}", paint.bad(other.words()), changes(ended.changes)),
    }
}

fn changes(RunChanges { created, updated, replaced, deleted, sent, adopted }: RunChanges) -> String {
    let all = [
        (created, "created"),
        (updated, "updated"),
        (replaced, "replaced"),
        (deleted, "deleted"),
        (sent, "sent"),
        (adopted, "adopted"),
    ];
    let some: Vec<String> = all.iter().filter(|one| one.0 > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if some.is_empty() { String::new() } else { format!(": {}", some.join(", ")) }
}

/// Who began a run, and from where, as the middle of a sentence; nothing when that is not known.
#[must_use]
pub fn who(run: &PastRun) -> String {
    run.begun.as_ref().map_or_else(String::new, |begun| {
        format!(" ({} by {} from {})", part(&begun.command), part(&begun.caller), part(&begun.from))
    })
}

/// A time, in UTC to the second.
#[must_use]
pub fn moment(milliseconds: i64) -> String {
    let time = Timestamp::from_millisecond(milliseconds);
    time.map_or_else(|_| "an impossible time".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M:%SZ").to_string())
}

fn part(text: &str) -> String {
    let short: String = text.chars().take(MAX_CHARS).collect();
    plain(&short.replace(['\n', '\r'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::{Begun, Ended};

    #[test]
    fn a_record_that_someone_else_wrote_is_shown_plainly() {
        let begun = Begun {
            command: "apply\n#9 fake".to_owned(),
            caller: "\u{1b}[31mred".to_owned(),
            from: "x".repeat(1000),
            version: String::new(),
            plan: String::new(),
        };
        let ended = Ended { result: RunResult::Complete, by: String::new(), changes: RunChanges::default() };
        let run = PastRun {
            number: 7,
            began_at: Some(1_764_324_000_000),
            begun: Some(begun),
            last_sign_at: Some(i64::MAX),
            is_ended: true,
            ended_at: Some(i64::MAX),
            ended: Some(ended),
        };
        let text = text(&[run], Paint { color: false });
        assert!(text.starts_with("#7 2025-11-28 10:00:00Z  apply #9 fake  complete at an impossible time"), "{text}");
        assert!(!text.contains('\u{1b}') && text.lines().count() == 2 && text.len() < 500, "{text}");
    }
}
