//! Which of many patterns an event matches, in one pass over its text.
//!
//! Gives the answer of [`Pattern::matches`], faster: `scan` finds the values the patterns look at, `index` knows which
//! patterns they make possible, and only those are judged, condition by condition, each at most once an event. Where
//! elements of lists must be kept apart, and wherever the text is not plainly an event, the slow engine decides; the
//! two are compared by property tests. Neighbors: `names` (fields in the text), `matches` (the slow engine).

mod index;
mod names;
mod scan;
mod table;

use super::paths::Paths;
use super::test::{Scalar, any_accepts};
use super::{Pattern, PatternError, Verdict, read_event};
use crate::json::{self, Json};
use crate::record::{self, ENVELOPE_FIELDS, Envelope};
use index::Index;
use names::{DETAIL, EVENT_NAME, EVENT_SOURCE, EVENT_TYPE, EVENT_VERSION, FieldNames, NOWHERE};
use scan::{Hit, Scan, ValueKind};

/// Many patterns, made ready for many events.
#[derive(Debug)]
pub struct Matcher {
    patterns: Vec<Pattern>,
    index: Index,
    /// The fields to look for in an event.
    names: FieldNames,
    /// The same for a bare record, with the fields its envelope is made of.
    record_names: FieldNames,
    /// The place of `detail` in both, where the fields of a bare record lie.
    detail: u32,
    /// The fields a record's envelope is made of, in the order of [`ENVELOPE_FIELDS`].
    sources: Vec<u32>,
    /// The fields of the envelope that patterns look at.
    envelope: Vec<(EnvelopeField, u32)>,
}

/// A field of the envelope of a record.
#[derive(Clone, Copy, Debug)]
enum EnvelopeField {
    Version,
    Id,
    DetailType,
    Source,
    Account,
    Time,
    Region,
}

const ENVELOPE: [(&str, EnvelopeField); 7] = [
    ("version", EnvelopeField::Version),
    ("id", EnvelopeField::Id),
    ("detail-type", EnvelopeField::DetailType),
    ("source", EnvelopeField::Source),
    ("account", EnvelopeField::Account),
    ("time", EnvelopeField::Time),
    ("region", EnvelopeField::Region),
];

/// The buffers of a [`Matcher`], to be used for one event after the other.
#[derive(Debug)]
pub struct Scratch {
    scan: Scan,
    /// The number of the event, so that nothing below needs clearing.
    event: u64,
    /// For each field, what was found in which event.
    firsts: Vec<First>,
    /// What is known of a condition, and for which event.
    known: Vec<(u64, bool)>,
    /// The event a pattern was found to match last.
    matched: Vec<u64>,
    /// Ways whose key condition holds.
    possible: Vec<u32>,
    found: Vec<usize>,
    plain: String,
    source: String,
}

/// The hits on a field.
#[derive(Clone, Copy, Debug, Default)]
struct First {
    event: u64,
    /// The first of them.
    hit: u32,
    /// One of them is in an element of a list that other fields may share.
    bound: bool,
}

/// What [`Matcher::matches`] found.
#[derive(Debug, PartialEq, Eq)]
pub struct Found<'s> {
    /// The numbers of the patterns that match, ascending.
    pub patterns: &'s [usize],
    /// The byte after the event's last one. What follows in the text was ignored, as EventBridge ignores it.
    pub end: usize,
}

impl Matcher {
    /// Makes patterns ready. They are numbered in the order given.
    #[must_use]
    pub fn new(patterns: Vec<Pattern>) -> Self {
        let mut paths = Paths::default();
        let index = Index::new(&patterns, &mut paths);
        let envelope = ENVELOPE.into_iter().filter_map(|(name, field)| {
            let known = paths.child(0, name).and_then(|node| paths.field(node))?;
            Some((field, short(known)))
        });
        let envelope = envelope.collect();
        // These tell records from events.
        for name in ["eventName", "eventSource", "eventVersion", "eventType"] {
            paths.place(name);
            paths.place(&format!("detail.{name}"));
        }
        paths.place("detail.detail");
        let names = FieldNames::new(paths.clone());
        let sources = ENVELOPE_FIELDS.map(|name| short(paths.add(&format!("detail.{name}")))).to_vec();
        let record_names = FieldNames::new(paths);
        let detail = names.child(0, "detail", false).node;
        Self { patterns, index, names, record_names, detail, sources, envelope }
    }

    /// Buffers for this matcher.
    #[must_use]
    pub fn scratch(&self) -> Scratch {
        Scratch {
            scan: Scan::default(),
            event: 0,
            firsts: vec![First::default(); self.record_names.fields()],
            known: vec![(0, false); self.index.conditions.len()],
            matched: vec![0; self.patterns.len()],
            possible: Vec::new(),
            found: Vec::new(),
            plain: String::new(),
            source: String::new(),
        }
    }

    /// Which patterns the event at the beginning of the text matches.
    ///
    /// # Errors
    /// As [`Pattern::matches`], and [`PatternError::Event`] when the text does not begin with a JSON object.
    pub fn matches<'s>(&self, text: &str, scratch: &'s mut Scratch) -> Result<Found<'s>, PatternError> {
        scratch.begin();
        let Ok(end) = scratch.scan.run(text, &self.names, 0) else { return self.slowly(text, false, scratch) };
        self.judge(text, end, false, scratch)
    }

    /// As [`Matcher::matches`], but a bare CloudTrail record is taken as the event EventBridge makes of it.
    ///
    /// # Errors
    /// As [`Matcher::matches`].
    pub fn matches_record<'s>(&self, text: &str, scratch: &'s mut Scratch) -> Result<Found<'s>, PatternError> {
        scratch.begin();
        // CloudTrail writes this field first. If that guess is wrong, the text is read again.
        let looks_bare = text.trim_ascii_start().starts_with("{\"eventVersion\"");
        for bare in [looks_bare, !looks_bare] {
            let (names, root) = if bare { (&self.record_names, self.detail) } else { (&self.names, 0) };
            let Ok(end) = scratch.scan.run(text, names, root) else { break };
            let has = |marks: u8| scratch.scan.marks & marks == marks;
            let is_record = !has(DETAIL) && (has(EVENT_SOURCE | EVENT_NAME) || has(EVENT_VERSION | EVENT_TYPE));
            if is_record == bare {
                return self.judge(text, end, bare, scratch);
            }
        }
        self.slowly(text, true, scratch)
    }

    fn judge<'s>(
        &self,
        text: &str,
        end: usize,
        bare: bool,
        scratch: &'s mut Scratch,
    ) -> Result<Found<'s>, PatternError> {
        scratch.link();
        if bare && !self.add_envelope(text, scratch) {
            return self.slowly(text, true, scratch);
        }
        self.look_up(text, scratch);
        let mut tree = None;
        for at in 0..scratch.possible.len() + self.index.always.len() {
            let number = match scratch.possible.get(at) {
                Some(&number) => number,
                None => self.index.always[at - scratch.possible.len()],
            };
            let branch = &self.index.branches[number as usize];
            let pattern = branch.pattern as usize;
            if scratch.matched[pattern] == scratch.event
                || !branch.conditions.iter().all(|&condition| self.holds(condition, text, scratch))
            {
                continue;
            }
            // Every field has a value that would do; whether they are in the same elements is seen in the tree only.
            if self.is_shared(branch, scratch) && !self.confirmed(pattern, text, bare, &mut tree)? {
                continue;
            }
            scratch.matched[pattern] = scratch.event;
            scratch.found.push(pattern);
        }
        scratch.found.sort_unstable();
        Ok(Found { patterns: &scratch.found, end })
    }

    /// Marks the conditions that list a text of the event, and collects the branches that hang on them.
    #[inline]
    fn look_up(&self, text: &str, scratch: &mut Scratch) {
        for at in 0..scratch.scan.hits.len() {
            let hit = scratch.scan.hits[at];
            let Some(Some(texts)) = self.index.texts.get(hit.field as usize) else { continue };
            let found = match hit.kind {
                ValueKind::Text => texts.get(value_of(hit, text, &scratch.source)),
                ValueKind::Escaped => {
                    scratch.plain.clear();
                    json::unescape(&text[hit.start..hit.end], &mut scratch.plain);
                    texts.get(&scratch.plain)
                }
                _ => continue,
            };
            for &condition in found.into_iter().flatten() {
                let known = &mut scratch.known[condition as usize];
                if *known != (scratch.event, true) {
                    *known = (scratch.event, true);
                    scratch.possible.extend(&self.index.conditions[condition as usize].branches);
                }
            }
        }
    }

    /// Whether the event has a value for the condition, in whatever element, or may lack one.
    #[inline]
    fn holds(&self, number: u32, text: &str, scratch: &mut Scratch) -> bool {
        let condition = &self.index.conditions[number as usize];
        let (event, holds) = scratch.known[number as usize];
        if event == scratch.event {
            return holds;
        }
        let holds = !condition.is_listed && self.test(number, text, scratch);
        scratch.known[number as usize] = (scratch.event, holds);
        holds
    }

    fn test(&self, number: u32, text: &str, scratch: &mut Scratch) -> bool {
        let condition = &self.index.conditions[number as usize];
        let first = scratch.firsts[condition.field as usize];
        if first.event != scratch.event {
            return condition.accepts_absence;
        }
        // In some element it may be missing.
        if first.bound && condition.accepts_absence {
            return true;
        }
        let mut at = first.hit;
        while let Some(&hit) = scratch.scan.hits.get(at as usize) {
            let value = match hit.kind {
                ValueKind::Null => Scalar::Null,
                ValueKind::True => Scalar::Bool(true),
                ValueKind::False => Scalar::Bool(false),
                ValueKind::Number => Scalar::number(&text[hit.start..hit.end]),
                ValueKind::Text => Scalar::Text(value_of(hit, text, &scratch.source)),
                ValueKind::Escaped => {
                    scratch.plain.clear();
                    json::unescape(&text[hit.start..hit.end], &mut scratch.plain);
                    Scalar::Text(&scratch.plain)
                }
            };
            if any_accepts(&condition.tests, value) {
                return true;
            }
            at = hit.next;
        }
        false
    }

    /// Whether the conditions may speak of the same lists, so that it matters in which elements their values are.
    #[inline]
    fn is_shared(&self, branch: &index::IndexedBranch, scratch: &Scratch) -> bool {
        let conditions = branch.conditions.iter().map(|&number| &self.index.conditions[number as usize]);
        let mut bound = conditions.filter(|condition| {
            let first = scratch.firsts[condition.field as usize];
            first.event == scratch.event && first.bound
        });
        let first = bound.next();
        first.is_some_and(|first| first.accepts_absence || bound.next().is_some())
    }

    /// What the slow engine says about one pattern.
    fn confirmed(&self, pattern: usize, text: &str, bare: bool, tree: &mut Option<Json>) -> Result<bool, PatternError> {
        let event = match tree {
            Some(event) => event,
            None => tree.insert(tree_of(text, bare)?.0),
        };
        Ok(self.patterns[pattern].matches(event)? == Verdict::Matches)
    }

    /// The answer of the slow engine, for texts the scan does not decide.
    #[cold]
    fn slowly<'s>(&self, text: &str, records: bool, scratch: &'s mut Scratch) -> Result<Found<'s>, PatternError> {
        let (event, end) = tree_of(text, records)?;
        scratch.found.clear();
        for (number, pattern) in self.patterns.iter().enumerate() {
            if pattern.matches(&event)? == Verdict::Matches {
                scratch.found.push(number);
            }
        }
        Ok(Found { patterns: &scratch.found, end })
    }

    /// Adds the envelope of a bare record to the hits; `false` when the record is too odd for that.
    fn add_envelope(&self, text: &str, scratch: &mut Scratch) -> bool {
        if scratch.scan.dotted {
            return false;
        }
        let mut texts = [None; 7];
        let mut places = [(0, 0); 7];
        for (at, &field) in self.sources.iter().enumerate() {
            let first = scratch.firsts[field as usize];
            let hit = scratch.scan.hits.get(first.hit as usize).filter(|_| first.event == scratch.event);
            let Some(hit) = hit else { continue };
            if hit.listed || hit.bound || hit.next != u32::MAX || hit.kind == ValueKind::Escaped {
                return false;
            }
            if hit.kind == ValueKind::Text {
                texts[at] = Some(&text[hit.start..hit.end]);
                places[at] = (hit.start, hit.end);
            }
        }
        let envelope = Envelope::of(texts);
        scratch.source.clear();
        for &(name, field) in &self.envelope {
            let value = match name {
                EnvelopeField::Version => "0",
                EnvelopeField::Id => envelope.id,
                EnvelopeField::DetailType => envelope.detail_type,
                EnvelopeField::Source => envelope.service,
                EnvelopeField::Account => envelope.account,
                EnvelopeField::Time => envelope.time,
                EnvelopeField::Region => envelope.region,
            };
            scratch.add(field, matches!(name, EnvelopeField::Source), value, text.len());
        }
        true
    }
}

/// The document at the beginning of the text as an event, and where it ends.
fn tree_of(text: &str, records: bool) -> Result<(Json, usize), PatternError> {
    if !records {
        return read_event(text);
    }
    let (document, end) = read_event(text)?;
    Ok((record::as_event(document).0, end))
}

/// The text of a hit. What does not stand in the event is after it, in the text made for the envelope.
#[inline]
fn value_of<'t>(hit: Hit, text: &'t str, made: &'t str) -> &'t str {
    match hit.start.checked_sub(text.len()) {
        None => &text[hit.start..hit.end],
        Some(start) => &made[start..hit.end - text.len()],
    }
}

impl Scratch {
    fn begin(&mut self) {
        self.event += 1;
        self.possible.clear();
        self.found.clear();
    }

    /// Chains the hits on each field, in the order of the text backwards.
    #[inline]
    fn link(&mut self) {
        for at in 0..self.scan.hits.len() {
            let hit = &mut self.scan.hits[at];
            let first = &mut self.firsts[hit.field as usize];
            let is_known = first.event == self.event;
            hit.next = if is_known { first.hit } else { u32::MAX };
            *first = First { event: self.event, hit: short(at), bound: hit.bound || (is_known && first.bound) };
        }
    }

    /// Adds a value of an envelope, which is written behind the text of the event.
    fn add(&mut self, field: u32, is_source: bool, value: &str, length: usize) {
        let start = length + self.source.len();
        if is_source {
            self.source.push_str("aws.");
        }
        self.source.push_str(value);
        let end = length + self.source.len();
        let first = &mut self.firsts[field as usize];
        let is_known = first.event == self.event;
        let next = if is_known { first.hit } else { u32::MAX };
        *first = First { event: self.event, hit: short(self.scan.hits.len()), bound: is_known && first.bound };
        self.scan.hits.push(Hit { field, kind: ValueKind::Text, listed: false, bound: false, start, end, next });
    }
}

/// Numbers of fields and hits: an event is far smaller than 4 GB.
fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(NOWHERE)
}

#[cfg(test)]
mod tests;
