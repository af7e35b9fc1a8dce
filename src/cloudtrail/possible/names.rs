//! The services and calls a pattern names, against the dictionary.

use serde_json::Value;

use super::super::{INSIGHT, wants_records};
use super::{Impossibility, ImpossibilityKind, did_you_mean, event_sources, service, texts};
use crate::cloudtrail::events;
use crate::pattern::{Branch, Requirement};

/// The event sources and sources a pattern lists are those of services.
pub(super) fn sources(branch: Branch) -> Vec<Impossibility> {
    if !wants_records(branch) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for source in texts(branch, "detail.eventSource").unwrap_or_default() {
        if !events::is_source(source) {
            let of_service = events::sources_of(source).first().copied();
            let near = did_you_mean(of_service.or_else(|| events::nearest_source(source)));
            let what = format!("no service is known that sends events as `{source}`");
            found.push(
                Impossibility::new(ImpossibilityKind::UnknownSource, "detail.eventSource", Some(source), what)
                    .help(near),
            );
        }
    }
    for source in texts(branch, "source").unwrap_or_default() {
        if source.ends_with(".amazonaws.com") {
            let what = format!("`{source}` is an event source; the source of its events is `{}`", service(source));
            let help = format!("write `{}`", service(source));
            found.push(Impossibility::new(ImpossibilityKind::Never, "source", Some(source), what).help(help));
            continue;
        }
        let is_pair =
            texts(branch, "detail.eventSource").is_some_and(|all| all.iter().any(|one| service(one) == source));
        if source.starts_with("aws.")
            && !source.starts_with("aws.partner/")
            && !is_pair
            && events::sources_of(source).is_empty()
        {
            let near = events::nearest_service(source);
            let what = format!("no known service has events with the source `{source}`");
            found.push(
                Impossibility::new(ImpossibilityKind::UnknownSource, "source", Some(source), what)
                    .help(did_you_mean(near.as_deref())),
            );
        }
    }
    found
}

/// The event names a pattern lists are those of the services' calls.
pub(super) fn names(branch: Branch) -> Vec<Impossibility> {
    let Some(demand) = branch.demand("detail.eventName").filter(|_| wants_records(branch)) else { return Vec::new() };
    // Insights name what was called elsewhere, which is a finding of its own.
    if texts(branch, "detail-type").is_some_and(|types| types.iter().all(|one| *one == INSIGHT)) {
        return Vec::new();
    }
    let sources = event_sources(branch);
    let known: Vec<&str> = if sources.is_empty() {
        events::sources().collect()
    } else {
        sources.into_iter().filter(|source| events::is_source(source)).collect()
    };
    if known.is_empty() {
        return Vec::new();
    }
    let written: Vec<Value> = serde_json::from_str(demand.wanted()).unwrap_or_default();
    let is_dead = |entry: &Value| entry.as_str().or(operand(entry)).is_some_and(|text| text.contains(':'));
    let is_whole = written.iter().all(is_dead);
    let of_entry = |(entry, written): (Requirement, &Value)| match operand(written) {
        Some(text) if text.contains(':') => Some(with_colon(text, is_whole)),
        _ => unknown(entry, &known),
    };
    let mut found: Vec<Impossibility> = demand.entries().zip(&written).filter_map(of_entry).collect();
    for one in
        found.iter_mut().filter(|one| one.kind == ImpossibilityKind::UnknownEvent && one.help.is_none()).take(ADVISED)
    {
        one.help = one.entry.as_deref().map(|name| advice(name, &known));
    }
    found
}

/// The text of an operator that asks for names with this text in them.
fn operand(entry: &Value) -> Option<&str> {
    let (operator, operand) = entry.as_object()?.iter().next()?;
    let is_about_text = ["prefix", "suffix", "equals-ignore-case", "wildcard"].contains(&operator.as_str());
    let operand = operand.get("equals-ignore-case").unwrap_or(operand);
    operand.as_str().filter(|_| is_about_text)
}

/// An operator that asks for a colon, next to others that do not, or with none that does not.
fn with_colon(text: &str, is_whole: bool) -> Impossibility {
    let what = format!("no event name contains a colon, as the expression `{text}` does");
    let bare = text.split_once(':').map(|(_, bare)| bare).filter(|bare| !bare.trim_matches('*').is_empty());
    let help = bare.map_or_else(|| "remove it".to_owned(), |bare| format!("write `{bare}`"));
    let kind = if is_whole { ImpossibilityKind::Never } else { ImpossibilityKind::DeadEntry };
    Impossibility::new(kind, "detail.eventName", None, what).help(format!("{help}: the service is in `eventSource`"))
}

/// So many unknown names get a suggestion, each of which goes through the dictionary.
const ADVISED: usize = 10;

fn unknown(entry: Requirement, sources: &[&str]) -> Option<Impossibility> {
    let field = "detail.eventName";
    let whose = match sources {
        [source] => format!("an event of `{source}`"),
        _ => "an event of these services".to_owned(),
    };
    let Some(name) = entry.text() else {
        let fits = |one: events::EventName| entry.accepts_text(one.name);
        let is_known = !entry.shapes_text() || sources.iter().flat_map(|source| events::names(source)).any(fits);
        let what = format!("no known name of {whose} matches one of the expressions");
        return (!is_known).then(|| Impossibility::new(ImpossibilityKind::UnknownEvent, field, None, what));
    };
    if let Some((_, bare)) = name.split_once(':') {
        let what = format!("no event name contains a colon, as `{name}` does");
        let help = format!("write `{bare}`: the service is in `eventSource`");
        return Some(Impossibility::new(ImpossibilityKind::Never, field, Some(name), what).help(help));
    }
    let known = sources.iter().find_map(|source| events::find(source, name));
    if let Some(written) = known.and_then(|known| known.written) {
        let what = format!("`{name}` is the name in the SDK; CloudTrail writes `{written}`");
        let help = format!("write `{written}`");
        return Some(Impossibility::new(ImpossibilityKind::UnknownEvent, field, Some(name), what).help(help));
    }
    if known.is_some() {
        return None;
    }
    let what = format!("`{name}` is not known as {whose}");
    Some(Impossibility::new(ImpossibilityKind::UnknownEvent, field, Some(name), what))
}

/// A name that another service has was hardly misspelled.
fn advice(name: &str, sources: &[&str]) -> String {
    let help = match events::elsewhere(name).as_slice() {
        [] => did_you_mean(events::nearest_name(sources, name)),
        others => Some(format!("`{}` has it", others.iter().take(3).copied().collect::<Vec<_>>().join("`, `"))),
    };
    help.unwrap_or_else(|| "if it is new, add a test with a real record to silence this warning".to_owned())
}
