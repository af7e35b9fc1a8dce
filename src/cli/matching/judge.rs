//! Which of the patterns of the command line an event matches.

use std::io::Read;
use std::path::Path;

use crate::cli::{Failure, files};
use crate::events::{self, EventReader, Inside};
use crate::filter::{self, Filter, Judgment, Syntax};
use crate::json;
use crate::pattern::{DEFAULT_QUOTA, Matcher, Pattern, Scratch};
use crate::redact;

/// Larger than any pattern a person writes.
const MAX_PATTERN_FILE: u64 = 1 << 20;

/// The patterns, ready for use.
pub(super) struct Judge {
    names: Vec<String>,
    notes: Vec<String>,
    engine: Engine,
    asks_for_events: bool,
}

enum Engine {
    Patterns { matcher: Box<Matcher>, scratch: Scratch },
    Filters { filters: Vec<Filter>, matched: Vec<usize> },
}

/// What came of an event.
pub(super) struct Judged<'j> {
    /// The numbers of the patterns it matches.
    pub(super) matched: &'j [usize],
    /// Why that is not known of another pattern.
    pub(super) unknown: Option<String>,
    /// Where it ends in the text.
    pub(super) end: usize,
}

impl Judge {
    /// Reads the patterns.
    pub(super) fn read(patterns: &[String], filters: &[String]) -> Result<Self, Failure> {
        let given: Vec<GivenPattern> = if patterns.is_empty() { filters } else { patterns }
            .iter()
            .enumerate()
            .map(|(at, argument)| {
                GivenPattern::read(argument, at, if patterns.is_empty() { "filter" } else { "pattern" })
            })
            .collect::<Result<_, _>>()?;
        let names: Vec<String> = given.iter().map(|one| one.name.clone()).collect();
        if let Some(twice) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
            return Err(Failure::usage(format!("two patterns are named `{}`", twice.1), "give them different names"));
        }
        let mut notes = Vec::new();
        let engine = if patterns.is_empty() {
            let filters = given.iter().map(GivenPattern::filter).collect::<Result<_, _>>()?;
            Engine::Filters { filters, matched: Vec::new() }
        } else {
            notes.extend(given.iter().filter_map(GivenPattern::too_long));
            notes.extend(given.iter().filter_map(GivenPattern::text_after));
            let read: Vec<Pattern> = given.iter().map(GivenPattern::pattern).collect::<Result<_, _>>()?;
            notes.extend(read.iter().filter_map(Pattern::doubt).map(|doubt| format!("note: {doubt}")));
            let matcher = Matcher::new(read);
            let scratch = matcher.scratch();
            Engine::Patterns { matcher: Box::new(matcher), scratch }
        };
        let asks_for_events = !patterns.is_empty() && given.iter().any(GivenPattern::asks_for_events);
        Ok(Self { names, notes, engine, asks_for_events })
    }

    /// The names of the patterns, in the order of their numbers.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// What is worth knowing about the patterns.
    pub(super) fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    /// Tells the reader what its input is to these patterns.
    pub(super) fn prepare<R: Read>(&self, reader: EventReader<R>) -> EventReader<R> {
        match &self.engine {
            Engine::Patterns { .. } => reader,
            Engine::Filters { filters, .. } if filters.iter().all(|filter| filter.kind() == Syntax::Json) => {
                reader.of_json_log_lines()
            }
            Engine::Filters { .. } => reader.of_log_lines(),
        }
    }

    /// Whether a pattern names a field that every event has. One about other fields may be meant for anything.
    pub(super) fn asks_for_events(&self) -> bool {
        self.asks_for_events
    }

    /// What a text holds: events in whatever is around them. A log line is what it is, except in a list of many.
    pub(super) fn inside(&self, text: &str) -> Inside {
        let has_lines = match &self.engine {
            Engine::Patterns { .. } => return events::inside(text),
            Engine::Filters { filters, .. } => filters.iter().any(|filter| filter.kind() != Syntax::Json),
        };
        if has_lines {
            return Inside::Itself;
        }
        match events::inside(text) {
            inside @ Inside::Events { in_list: true, .. } => inside,
            _ => Inside::Itself,
        }
    }

    /// Which patterns the event at the beginning of the text matches, or why that cannot be told.
    pub(super) fn judge(&mut self, text: &str) -> Result<Judged<'_>, String> {
        match &mut self.engine {
            Engine::Patterns { matcher, scratch } => {
                let found = matcher.matches_record(text, scratch).map_err(|error| error.to_string())?;
                Ok(Judged { matched: found.patterns, unknown: None, end: found.end })
            }
            Engine::Filters { filters, matched } => {
                matched.clear();
                let mut unknown = None;
                for (number, filter) in filters.iter().enumerate() {
                    match filter.matches(text) {
                        Judgment::Matches => matched.push(number),
                        Judgment::DoesNot(_) => {}
                        Judgment::Unknown(why) => {
                            let name = &self.names[number];
                            unknown.get_or_insert_with(|| format!("cannot decide whether `{name}` matches: {why}"));
                        }
                    }
                }
                Ok(Judged { matched, unknown, end: text.len() })
            }
        }
    }
}

/// A pattern as it was given.
struct GivenPattern {
    name: String,
    text: String,
}

impl GivenPattern {
    fn read(argument: &str, at: usize, kind: &str) -> Result<Self, Failure> {
        let (name, rest) = split_name(argument);
        let Some(path) = rest.strip_prefix('@') else {
            let name = name.map_or_else(|| format!("{kind}-{}", at + 1), str::to_owned);
            return Ok(Self { name, text: rest.to_owned() });
        };
        let text = files::text(Path::new(path), MAX_PATTERN_FILE).map_err(|why| {
            let message = format!("cannot read the {kind} in `{path}`: {why}");
            Failure::usage(message, "write a file name after @")
        })?;
        // Names are printed before tabs, and may come from anywhere.
        let letters = |stem: &std::ffi::OsStr| {
            stem.to_string_lossy().chars().map(|c| if is_in_name(c) { c } else { '-' }).collect::<String>()
        };
        let stem = Path::new(path).file_stem().map(letters);
        let name = name.map(str::to_owned).or(stem).unwrap_or_else(|| path.to_owned());
        // The newline at the end of a file is not part of what it holds.
        Ok(Self { name, text: text.trim_end_matches(['\r', '\n']).to_owned() })
    }

    fn pattern(&self) -> Result<Pattern, Failure> {
        Pattern::read(&self.text).map_err(|error| {
            if let Some(failure) = self.holds_secret() {
                return failure;
            }
            let message = format!("EventBridge rejects `{}`: {error}", self.name);
            Failure::usage(message, "`trailbell help patterns` describes event patterns")
        })
    }

    /// Says no more than this of a pattern that holds what looks like a secret: the engine's words quote pieces of a pattern,
    /// which do not look like one anymore.
    fn holds_secret(&self) -> Option<Failure> {
        let message = format!("`{}` is not a valid pattern, and looks as if it holds a secret", self.name);
        (redact::message(&self.text) != self.text).then(|| Failure::usage(message, "remove the secret"))
    }

    fn asks_for_events(&self) -> bool {
        let asked = json::read(&self.text).map(|document| document.json);
        asked.is_ok_and(|asked| ["source", "detail-type", "detail"].iter().any(|field| asked.get(field).is_some()))
    }

    fn text_after(&self) -> Option<String> {
        let end = json::read(&self.text).ok()?.end;
        let name = &self.name;
        (!self.text[end..].trim_ascii().is_empty())
            .then(|| format!("note: the text after the pattern `{name}` is ignored, as in EventBridge"))
    }

    fn too_long(&self) -> Option<String> {
        let length = self.text.chars().count();
        (length > DEFAULT_QUOTA).then(|| {
            let name = &self.name;
            format!("note: `{name}` has {length} characters; EventBridge accepts {DEFAULT_QUOTA} by default")
        })
    }

    fn filter(&self) -> Result<Filter, Failure> {
        filter::parse(&self.text).map_err(|error| {
            if let Some(failure) = self.holds_secret() {
                return failure;
            }
            let expected = error.expected.as_ref().map(|expected| format!("\nexpected {expected}")).unwrap_or_default();
            let pointed = error.pointed(&self.text);
            let message = format!("CloudWatch Logs rejects `{}`: {error}\n{pointed}{expected}", self.name);
            Failure::usage(message, "`trailbell help filters` describes filter patterns")
        })
    }
}

fn is_in_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// `NAME=` before a pattern that begins with a bracket or is in a file; no pattern begins like that itself.
fn split_name(argument: &str) -> (Option<&str>, &str) {
    if let Some((name, rest)) = argument.split_once('=')
        && rest.starts_with(['{', '[', '@'])
        && !name.is_empty()
        && name.chars().all(is_in_name)
    {
        return (Some(name), rest);
    }
    (None, argument)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_pattern_with_a_secret_in_it_is_not_quoted() {
        // The example key of AWS's documentation, in pieces, so that no scanner takes it for one.
        let key = ["wJalrXUtnFEMI/", "K7MDENG/bPxRfiCY", "EXAMPLEKEY"].concat();
        let bad = |pattern: &str| {
            let given = GivenPattern { name: "p".to_owned(), text: pattern.to_owned() };
            let failures = [given.pattern().err(), given.filter().err()];
            failures.into_iter().flatten().map(|failure| format!("{failure:?}")).collect::<Vec<_>>()
        };
        let told = bad(&format!("{{ {key}"));
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.iter().all(|one| one.contains("holds a secret") && !one.contains("wJalr")), "{told:?}");
        assert!(bad("{ oops").iter().any(|one| one.contains("oops")), "what is no secret is quoted");
    }
}
