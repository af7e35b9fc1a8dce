//! Which of the patterns of the command line an event matches.

use std::fs::File;
use std::io::Read;

use crate::cli::Failure;
use crate::filter::{self, Answer, Filter};
use crate::pattern::{Matcher, Pattern, Scratch};

/// Larger than any pattern a person writes.
const MAX_PATTERN_FILE: u64 = 1 << 20;

/// EventBridge's default quota for the length of an event pattern, in characters.
const PATTERN_QUOTA: usize = 2_048;

/// The patterns, ready for use.
pub(super) struct Judge {
    names: Vec<String>,
    notes: Vec<String>,
    engine: Engine,
}

enum Engine {
    Patterns { matcher: Box<Matcher>, scratch: Scratch },
    Filters { filters: Vec<Filter>, matched: Vec<usize> },
}

/// What came of an event.
pub(super) struct Judged<'j> {
    /// The numbers of the patterns it matches.
    pub(super) matched: &'j [usize],
    /// Where it ends in the text.
    pub(super) end: usize,
}

impl Judge {
    /// Reads the patterns.
    pub(super) fn read(patterns: &[String], filters: &[String]) -> Result<Self, Failure> {
        let given: Vec<Given> = if patterns.is_empty() { filters } else { patterns }
            .iter()
            .enumerate()
            .map(|(at, argument)| Given::read(argument, at, if patterns.is_empty() { "filter" } else { "pattern" }))
            .collect::<Result<_, _>>()?;
        let names: Vec<String> = given.iter().map(|one| one.name.clone()).collect();
        if let Some(twice) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
            return Err(Failure::usage(format!("two patterns are called `{}`", twice.1), "give them different names"));
        }
        let mut notes = Vec::new();
        let engine = if patterns.is_empty() {
            let filters = given.iter().map(Given::filter).collect::<Result<_, _>>()?;
            Engine::Filters { filters, matched: Vec::new() }
        } else {
            notes.extend(given.iter().filter_map(Given::too_long));
            let patterns: Vec<Pattern> = given.iter().map(Given::pattern).collect::<Result<_, _>>()?;
            notes.extend(patterns.iter().filter_map(Pattern::doubt).map(|doubt| format!("note: {doubt}")));
            let matcher = Matcher::new(patterns);
            let scratch = matcher.scratch();
            Engine::Patterns { matcher: Box::new(matcher), scratch }
        };
        Ok(Self { names, notes, engine })
    }

    /// The names of the patterns, in the order of their numbers.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// What is worth knowing about the patterns.
    pub(super) fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    /// Whether the input is log lines rather than events.
    pub(super) fn takes_log_lines(&self) -> bool {
        matches!(self.engine, Engine::Filters { .. })
    }

    /// Which patterns the event at the beginning of the text matches, or why that cannot be told.
    pub(super) fn judge(&mut self, text: &str) -> Result<Judged<'_>, String> {
        match &mut self.engine {
            Engine::Patterns { matcher, scratch } => {
                let found = matcher.matches_record(text, scratch).map_err(|error| error.to_string())?;
                Ok(Judged { matched: found.patterns, end: found.end })
            }
            Engine::Filters { filters, matched } => {
                matched.clear();
                for (number, filter) in filters.iter().enumerate() {
                    match filter.matches(text) {
                        Answer::Matches => matched.push(number),
                        Answer::DoesNot(_) => {}
                        Answer::Unknown(why) => {
                            return Err(format!("whether `{}` matches is not known: {why}", self.names[number]));
                        }
                    }
                }
                Ok(Judged { matched, end: text.len() })
            }
        }
    }
}

/// A pattern as it was given.
struct Given {
    name: String,
    text: String,
}

impl Given {
    fn read(argument: &str, at: usize, kind: &str) -> Result<Self, Failure> {
        let (name, rest) = split_name(argument);
        let Some(path) = rest.strip_prefix('@') else {
            let name = name.map_or_else(|| format!("{kind}-{}", at + 1), str::to_owned);
            return Ok(Self { name, text: rest.to_owned() });
        };
        let mut text = String::new();
        let read = File::open(path).and_then(|file| file.take(MAX_PATTERN_FILE).read_to_string(&mut text));
        read.map_err(|error| {
            Failure::usage(
                format!("cannot read the {kind} in `{path}`: {error}"),
                "@ is followed by the name of a file",
            )
        })?;
        let stem = std::path::Path::new(path).file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let name = name.map(str::to_owned).or(stem).unwrap_or_else(|| path.to_owned());
        // The newline at the end of a file is not part of what it holds.
        Ok(Self { name, text: text.trim_end_matches(['\r', '\n']).to_owned() })
    }

    fn pattern(&self) -> Result<Pattern, Failure> {
        Pattern::read(&self.text).map_err(|error| {
            let message = format!("EventBridge would refuse `{}`: {error}", self.name);
            Failure::usage(message, "docs/event-patterns.md describes event patterns")
        })
    }

    fn too_long(&self) -> Option<String> {
        let length = self.text.chars().count();
        (length > PATTERN_QUOTA).then(|| {
            let name = &self.name;
            format!("note: `{name}` has {length} characters; EventBridge accepts {PATTERN_QUOTA} by default")
        })
    }

    fn filter(&self) -> Result<Filter, Failure> {
        filter::parse(&self.text).map_err(|error| {
            let expected = error.expected.as_ref().map(|expected| format!("\nexpected {expected}")).unwrap_or_default();
            let pointed = error.pointed(&self.text);
            let message = format!("CloudWatch Logs would refuse `{}`: {error}\n{pointed}{expected}", self.name);
            Failure::usage(message, "docs/filter-patterns.md describes filter patterns")
        })
    }
}

/// `NAME=` before a pattern that begins with a bracket or is in a file; no pattern begins like that itself.
fn split_name(argument: &str) -> (Option<&str>, &str) {
    if let Some((name, rest)) = argument.split_once('=')
        && rest.starts_with(['{', '[', '@'])
        && !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
    {
        return (Some(name), rest);
    }
    (None, argument)
}
