//! `EventBridge`'s input transformer, offline: what a target is delivered for a rule's input paths and template.
//!
//! `EventBridge` replaces every `<name>` as text and delivers the result, minified, if it is JSON or quoted lines; it
//! escapes nothing. What it does with a value that would need escaping no one has documented, and there
//! [`InputTransformer::render`] answers [`TransformError::Unknown`] instead of guessing. Neighbors: `path` reads the
//! input paths, `placeholder` finds the `<name>`s, `body` assembles what is delivered.

mod body;
mod path;
mod placeholder;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::json::Json;

pub use path::{JsonPath, PathError, PathStep, parse_path};
pub use placeholder::{Placeholder, placeholders};

/// What input paths and templates mean, in Markdown, with examples that the tests run.
pub const REFERENCE: &str = include_str!("../../docs/input-transformer.md");

/// Most input paths of a transformer.
pub const MAX_PATHS: usize = 100;
const MAX_KEY: usize = 256;
const MAX_PATH: usize = 256;
/// Longest template, in characters.
pub const MAX_TEMPLATE: usize = 8192;

/// The names `EventBridge` fills in itself.
const RESERVED: [&str; 5] = [
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event.ingestion-time",
    "aws.events.event",
    "aws.events.event.json",
];

/// Whether `EventBridge` itself fills in that name.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// An input transformer as a rule's target holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputTransformer {
    /// Names for values of the event, each with its JSON path.
    pub input_paths: BTreeMap<String, String>,
    /// The text in which `<name>` is replaced.
    pub template: String,
}

/// What `EventBridge` knows besides the event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reserved {
    /// The ARN of the rule, `<aws.events.rule-arn>`.
    pub rule_arn: String,
    /// The name of the rule, `<aws.events.rule-name>`.
    pub rule_name: String,
    /// When `EventBridge` took the event in, `<aws.events.event.ingestion-time>`.
    pub ingestion_time: String,
}

/// What the target gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The request body, exactly: minified JSON, or the quoted lines of the template as they are.
    Body(String),
    /// Nothing at all; `EventBridge` drops the event.
    NotDelivered {
        /// What the template did wrong.
        why: String,
    },
}

/// Why an input transformer would be refused, in the words of `PutTargets` where they are known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransformerError {
    /// More input paths than allowed.
    #[error("{count} input paths; AWS: Member must have length less than or equal to {MAX_PATHS}")]
    TooManyPaths {
        /// How many there are.
        count: usize,
    },
    /// An input path's name is not allowed.
    #[error("input path name {key:?}: {why}")]
    Key {
        /// The name.
        key: String,
        /// The rule it breaks.
        why: &'static str,
    },
    /// An input path is too long.
    #[error("input path {key}: {length} characters; AWS: Member must have length less than or equal to {MAX_PATH}")]
    PathTooLong {
        /// The path's name.
        key: String,
        /// Its length in characters.
        length: usize,
    },
    /// An input path cannot be read.
    #[error("input path {key}: {source}")]
    Path {
        /// The path's name.
        key: String,
        /// What is wrong with it.
        source: PathError,
    },
    /// The template is empty or too long.
    #[error("the template has {length} characters; AWS: Member must have length {}", if *length == 0 { "greater than or equal to 1".to_owned() } else { format!("less than or equal to {MAX_TEMPLATE}") })]
    TemplateLength {
        /// Its length in characters.
        length: usize,
    },
    /// The template uses a name that neither the input paths nor `EventBridge` defines.
    #[error("InputTemplate contains invalid placeholder {name}")]
    UndefinedPlaceholder {
        /// The name.
        name: String,
    },
}

/// Why a delivery cannot be worked out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransformError {
    /// No one has documented what `EventBridge` does here.
    #[error("it is not known what EventBridge delivers here: {why}")]
    Unknown {
        /// The circumstance.
        why: String,
    },
    /// The transformer itself would be refused.
    #[error(transparent)]
    Invalid(#[from] TransformerError),
}

impl TransformError {
    pub(super) fn unknown(why: impl Into<String>) -> Self {
        Self::Unknown { why: why.into() }
    }
}

impl InputTransformer {
    /// Everything for which `EventBridge` would refuse this transformer.
    #[must_use]
    pub fn validate(&self) -> Vec<TransformerError> {
        let mut errors = Vec::new();
        let count = self.input_paths.len();
        if count > MAX_PATHS {
            errors.push(TransformerError::TooManyPaths { count });
        }
        errors
            .extend(self.input_paths.iter().flat_map(|(key, path)| [check_key(key), check_path(key, path)]).flatten());
        let length = self.template.chars().count();
        if !(1..=MAX_TEMPLATE).contains(&length) {
            errors.push(TransformerError::TemplateLength { length });
        }
        let names: BTreeSet<String> = placeholders(&self.template).into_iter().map(|found| found.name).collect();
        let undefined = names.into_iter().filter(|name| !self.defines(name));
        errors.extend(undefined.map(|name| TransformerError::UndefinedPlaceholder { name }));
        errors
    }

    fn defines(&self, name: &str) -> bool {
        self.input_paths.contains_key(name) || is_reserved(name)
    }

    /// What it delivers when every value is the text `x`: a template that gives no JSON then never does.
    ///
    /// # Errors
    /// What is wrong with the template, in words.
    pub fn example(&self) -> Result<Json, String> {
        let values = placeholders(&self.template).into_iter().map(|one| (one.name, Some(text("x")))).collect();
        match body::deliver(&self.template, &values).map_err(|error| error.to_string())? {
            Delivery::Body(body) => body::read(&body).ok_or_else(|| format!("the body is not JSON: {body}")),
            Delivery::NotDelivered { why } => Err(why),
        }
    }

    /// What `EventBridge` delivers for `event`.
    ///
    /// # Errors
    /// [`TransformError::Invalid`] when `EventBridge` would refuse the transformer, [`TransformError::Unknown`] when
    /// it is not known what it would deliver.
    pub fn render(&self, event: &Json, reserved: &Reserved) -> Result<Delivery, TransformError> {
        if let Some(error) = self.validate().into_iter().next() {
            return Err(error.into());
        }
        if let Some(key) = event.repeated_key() {
            return Err(TransformError::unknown(format!("an event with the key {key:?} twice in one object")));
        }
        let mut values = BTreeMap::new();
        for placeholder in placeholders(&self.template) {
            let value = self.value(&placeholder.name, event, reserved)?;
            values.insert(placeholder.name, value);
        }
        body::deliver(&self.template, &values)
    }

    /// The value of a name; `None` when the event has nothing there.
    fn value(&self, name: &str, event: &Json, reserved: &Reserved) -> Result<Option<Json>, TransformError> {
        match name {
            "aws.events.rule-arn" => Ok(Some(text(&reserved.rule_arn))),
            "aws.events.rule-name" => Ok(Some(text(&reserved.rule_name))),
            "aws.events.event.ingestion-time" => Ok(Some(text(&reserved.ingestion_time))),
            "aws.events.event" => envelope(event).map(Some),
            "aws.events.event.json" => body::checked(event).map(|event| Some(event.clone())),
            _ => self.input(name, event),
        }
    }

    fn input(&self, name: &str, event: &Json) -> Result<Option<Json>, TransformError> {
        let Some(path) = self.input_paths.get(name) else { return Ok(None) };
        let key = || name.to_owned();
        let path = parse_path(path).map_err(|source| TransformerError::Path { key: key(), source })?;
        path.find(event).map(|value| body::checked(value).cloned()).transpose()
    }
}

/// `<aws.events.event>`: the event without its `detail`, and with `detail-type` spelled `detailType`.
fn envelope(event: &Json) -> Result<Json, TransformError> {
    const KNOWN: [&str; 8] = ["version", "id", "detail-type", "source", "account", "time", "region", "resources"];
    let Json::Object(fields) = event else {
        return Err(TransformError::unknown("<aws.events.event> of an event that is not an object"));
    };
    let mut envelope = Vec::new();
    for (name, value) in fields.iter().filter(|(name, _)| *name != "detail") {
        if !KNOWN.contains(&name.as_str()) {
            return Err(TransformError::unknown(format!("<aws.events.event> of an event with the field {name}")));
        }
        let name = if name == "detail-type" { "detailType" } else { name };
        envelope.push((name.to_owned(), body::checked(value)?.clone()));
    }
    Ok(Json::Object(envelope))
}

fn text(text: &str) -> Json {
    Json::String(text.to_owned())
}

/// What is wrong with the name of an input path.
#[must_use]
pub fn check_key(key: &str) -> Option<TransformerError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let why = match key.chars().count() {
        0 => "it is empty",
        length if length > MAX_KEY => "AWS: Member must have length less than or equal to 256",
        _ if !key.chars().all(allowed) => r"AWS: Member must satisfy regular expression pattern: [A-Za-z0-9\_\-]+",
        _ if key.starts_with("AWS") => "AWS: The keys cannot start with \"AWS\"",
        _ => return None,
    };
    Some(TransformerError::Key { key: key.to_owned(), why })
}

/// What is wrong with an input path.
#[must_use]
pub fn check_path(key: &str, path: &str) -> Option<TransformerError> {
    let length = path.chars().count();
    if length > MAX_PATH {
        return Some(TransformerError::PathTooLong { key: key.to_owned(), length });
    }
    parse_path(path).err().map(|source| TransformerError::Path { key: key.to_owned(), source })
}

#[cfg(test)]
mod tests;
