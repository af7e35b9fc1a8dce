//! The JSON paths of an input transformer: `$.detail.requestParameters.name`, `$.a.b[0]`.
//!
//! The API reference of `InputTransformer` wants "JSON dot notation, not bracket notation". Filters, wildcards, slices
//! and anything else that could select several values are an error here, and so is any name whose reading is not
//! beyond doubt. Neighbor: `transformer`, which names the paths.

use crate::json::Json;

/// A path that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath {
    steps: Vec<PathStep>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathStep {
    /// To the field of this name.
    Key(String),
    /// To the element with this number, from 0.
    Index(usize),
}

/// Why a path cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The path does not begin with `$`.
    #[error("a path begins with $")]
    NoRoot,
    /// From this byte on the path is not plain dot notation.
    #[error("not plain dot notation from byte {at}: {rest:?}")]
    Unsupported {
        /// The byte offset.
        at: usize,
        /// The text from there on.
        rest: String,
    },
}

/// Reads a path.
///
/// # Errors
/// When the path is anything but names and array indexes after a `$`.
pub fn parse_path(path: &str) -> Result<JsonPath, PathError> {
    let mut rest = path.strip_prefix('$').ok_or(PathError::NoRoot)?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (step, after) = next_step(rest)
            .ok_or_else(|| PathError::Unsupported { at: path.len() - rest.len(), rest: rest.to_owned() })?;
        steps.push(step);
        rest = after;
    }
    Ok(JsonPath { steps })
}

fn next_step(rest: &str) -> Option<(PathStep, &str)> {
    if let Some(name) = rest.strip_prefix('.') {
        let end = name.find(|c| !in_name(c)).unwrap_or(name.len());
        return non_empty(name, end).map(|key| (PathStep::Key(key.to_owned()), &name[end..]));
    }
    let (digits, after) = rest.strip_prefix('[')?.split_once(']')?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let index = plain.then(|| digits.parse().ok()).flatten()?;
    Some((PathStep::Index(index), after))
}

fn non_empty(text: &str, end: usize) -> Option<&str> {
    (end > 0).then(|| &text[..end])
}

fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

impl JsonPath {
    /// The names joined by dots, empty for the whole event; `None` when the path reaches into a list.
    #[must_use]
    pub fn dotted(&self) -> Option<String> {
        let name = |step: &PathStep| match step {
            PathStep::Key(key) => Some(key.clone()),
            PathStep::Index(_) => None,
        };
        self.steps.iter().map(name).collect::<Option<Vec<_>>>().map(|names| names.join("."))
    }

    /// The keys and indexes that lead to the value.
    #[must_use]
    pub fn steps(&self) -> &[PathStep] {
        &self.steps
    }

    /// The value at this path, if there is one.
    #[must_use]
    pub fn find<'j>(&self, value: &'j Json) -> Option<&'j Json> {
        self.steps.iter().try_fold(value, |value, step| match (step, value) {
            (PathStep::Key(key), value) => value.get(key),
            (PathStep::Index(index), Json::Array(items)) => items.get(*index),
            (PathStep::Index(_), _) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn finds_values() {
        let text = r#"{"a":{"b":[1,{"c-d":2}],"x y":3}}"#;
        let event = json::read(text).unwrap().json;
        let cases = [
            ("$", Some(text)),
            ("$.a.b[0]", Some("1")),
            ("$.a.b[1].c-d", Some("2")),
            ("$.a.b[2]", None),
            ("$.a.b.c", None),
            ("$.nowhere", None),
        ];
        for (path, expected) in cases {
            let found = parse_path(path).unwrap().find(&event).map(Json::to_string);
            assert_eq!(found.as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn refuses_what_it_cannot_read() {
        for path in [
            "",
            "a.b",
            "$a",
            "$.",
            "$..a",
            "$.a.",
            "$.a[*]",
            "$.a[-1]",
            "$.a[]",
            "$.a[0",
            "$.*",
            "$['a']",
            "$.a['x y']",
            "$.a b",
            "$[+1]",
        ] {
            assert!(parse_path(path).is_err(), "{path}");
        }
    }
}
