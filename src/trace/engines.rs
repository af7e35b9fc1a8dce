//! Our own engines' answers. What they cannot decide is said, not guessed, and functions are run by someone else.

use serde_json::Value;

use super::{Answer, Ask, Question, Stop};
use crate::filter;
use crate::pattern::{Demand, Mismatch, Pattern, Verdict};

/// What our engines say.
#[must_use]
pub fn answer(question: &Question<'_>) -> Answer {
    match &question.ask {
        Ask::Pattern { pattern, event } => pattern_answer(pattern, event),
        Ask::Filter { pattern, lines } => filter_answer(pattern, lines),
        Ask::Run { function, .. } => Answer::NotKnown(format!("{function} is not run here")),
    }
}

fn pattern_answer(pattern: &Value, event: &Value) -> Answer {
    let judged = Pattern::from_value(pattern).and_then(|pattern| {
        let verdict = pattern.matches_value(event)?;
        Ok((pattern, verdict))
    });
    match judged {
        Err(error) => Answer::NotKnown(error.to_string()),
        Ok((_, Verdict::Matches)) => Answer::Matches,
        Ok((pattern, Verdict::DoesNot(mismatch))) => {
            let Mismatch { field, wanted, found, other_element } = telling(&pattern, event).unwrap_or(mismatch);
            Answer::DoesNotMatch(Stop::Pattern { operators: operators(&wanted), field, wanted, found, other_element })
        }
    }
}

fn filter_answer(pattern: &str, lines: &[String]) -> Answer {
    let selected = filter::parse(pattern).map_err(|error| error.to_string());
    match selected.and_then(|filter| filter.select(lines).map_err(|doubt| doubt.to_string())) {
        Ok(selection) => Answer::Passing { places: selection.passing, why: selection.why.map(|why| why.to_string()) },
        Err(why) => Answer::NotKnown(why),
    }
}

/// The fields that say what an event is, from the outside in.
const TELLING: [&str; 4] = ["source", "detail-type", "detail.eventSource", "detail.eventName"];

/// The mismatch that says most: of several fields that do not fit, the engine names the first in its own order.
fn telling(pattern: &Pattern, event: &Value) -> Option<Mismatch> {
    TELLING.iter().find_map(|field| {
        let found = event.pointer(&format!("/{}", field.replace('.', "/")));
        // A value of another form is left to the engine.
        let fits = |demand: Demand| match found {
            None => demand.accepts_absence(),
            Some(found) => found.as_str().is_none_or(|text| demand.accepts_text(text)),
        };
        let demands: Option<Vec<Demand>> = pattern.branches().map(|branch| branch.demand(field)).collect();
        let demand = demands.filter(|all| !all.iter().any(|demand| fits(*demand)))?.first().copied()?;
        Some(Mismatch {
            field: (*field).to_owned(),
            wanted: demand.wanted().to_owned(),
            found: found.map(Value::to_string),
            other_element: false,
        })
    })
}

/// The names of the operators in a list of a pattern, each once.
fn operators(wanted: &str) -> Vec<String> {
    let list: Vec<Value> = serde_json::from_str(wanted).unwrap_or_default();
    let mut names = Vec::new();
    for entry in list {
        let name =
            entry.as_object().and_then(|object| object.keys().next()).map_or("equals", String::as_str).to_owned();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
