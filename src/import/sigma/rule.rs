//! What a Sigma rule says about itself: title, author, license, level, tags, references, false positives.
//!
//! The Detection Rule License 1.1 asks for author, link, and license next to the rule, and for the author in what its matches
//! produce. Source: github.com/SigmaHQ/Detection-Rule-License.

use serde_json::{Map, Value};

use crate::blueprint::Urgency;
use crate::import::{ImportNote, NoteKind, texts};

/// The license of rules that name none.
pub(super) const LICENSE: &str = "Detection Rule License 1.1";
pub(super) const LICENSE_URL: &str = "https://github.com/SigmaHQ/Detection-Rule-License";

/// Longest title and author in a message, in characters. A blueprint's title has at most 150.
const MAX_TITLE: usize = 120;
const MAX_AUTHOR: usize = 200;
/// Most entries of a list of guidance.
const MAX_ENTRIES: usize = 50;

/// A rule's own words, made inert.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SigmaRule {
    pub(super) title: String,
    pub(super) id: Option<String>,
    pub(super) description: String,
    pub(super) author: Option<String>,
    pub(super) license: String,
    pub(super) severity: Urgency,
    pub(super) techniques: Vec<String>,
    pub(super) references: Vec<String>,
    pub(super) false_positives: Vec<String>,
}

impl SigmaRule {
    /// Reads them; what was left out is added to the notes.
    pub(super) fn read(fields: &Map<String, Value>, notes: &mut Vec<ImportNote>) -> Self {
        let text = |key: &str, most| {
            let text = fields.get(key).and_then(Value::as_str).map(|text| texts::line(text, most));
            text.filter(|text| !text.is_empty())
        };
        let author = text("author", MAX_AUTHOR);
        if author.is_none() {
            notes.push(ImportNote::new(NoteKind::Remark, "the rule names no author, so the message names none"));
        }
        if let Some(status @ ("deprecated" | "unsupported")) = fields.get("status").and_then(Value::as_str) {
            notes.push(ImportNote::new(NoteKind::Remark, format!("the status of the rule is `{status}`")));
        }
        Self {
            title: text("title", MAX_TITLE).unwrap_or_else(|| "Sigma rule".to_owned()),
            id: text("id", MAX_TITLE),
            description: text("description", 1_500).unwrap_or_default(),
            author,
            license: text("license", MAX_TITLE).unwrap_or_else(|| format!("{LICENSE} ({LICENSE_URL})")),
            severity: severity(fields.get("level").and_then(Value::as_str), notes),
            techniques: techniques(fields.get("tags")),
            references: references(fields.get("references"), notes),
            false_positives: false_positives(fields.get("falsepositives")),
        }
    }
}

fn severity(level: Option<&str>, notes: &mut Vec<ImportNote>) -> Urgency {
    match level {
        Some("critical") => Urgency::Critical,
        Some("high") => Urgency::High,
        Some("medium") => Urgency::Medium,
        Some("low") => Urgency::Low,
        Some("informational") => Urgency::Info,
        _ => {
            notes.push(ImportNote::new(
                NoteKind::Changed,
                "the rule has no level that is known: the severity is `medium`",
            ));
            Urgency::Medium
        }
    }
}

/// The texts of a list; a single text is a list of one.
fn list(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(text)) => vec![text],
        _ => Vec::new(),
    }
}

/// The techniques of MITRE ATT&CK among the tags: `attack.t1562.008` is `T1562.008`.
fn techniques(tags: Option<&Value>) -> Vec<String> {
    let are_digits = |digits: &str, count| digits.len() == count && digits.bytes().all(|one| one.is_ascii_digit());
    let is_technique = |rest: &str| match rest.split_once('.') {
        None => are_digits(rest, 4),
        Some((technique, part)) => are_digits(technique, 4) && are_digits(part, 3),
    };
    let mut found: Vec<String> = Vec::new();
    for rest in list(tags).into_iter().filter_map(|tag| tag.strip_prefix("attack.t")).filter(|rest| is_technique(rest))
    {
        let technique = format!("T{rest}");
        if !found.contains(&technique) && found.len() < MAX_ENTRIES {
            found.push(technique);
        }
    }
    found
}

fn references(value: Option<&Value>, notes: &mut Vec<ImportNote>) -> Vec<String> {
    let all = list(value);
    let (pages, others): (Vec<&str>, Vec<&str>) = all.into_iter().partition(|one| texts::is_page(one));
    if !others.is_empty() {
        let shown = others.iter().take(5).copied().collect::<Vec<_>>().join(", ");
        let what = format!("references that are not URLs with `https://` were left out: {shown}");
        notes.push(ImportNote::new(NoteKind::Changed, what));
    }
    pages.into_iter().take(MAX_ENTRIES - 1).map(str::to_owned).collect()
}

/// What the rule says about false positives; that they are unknown says nothing.
fn false_positives(value: Option<&Value>) -> Vec<String> {
    let says_something = |line: &String| !["unknown", "none", "unlikely"].contains(&line.to_lowercase().as_str());
    list(value).into_iter().filter_map(texts::guidance).filter(says_something).take(MAX_ENTRIES).collect()
}
