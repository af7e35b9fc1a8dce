//! The JSON paths of an input transformer: `$.detail.requestParameters.name`, `$.a.b[0]`.
//!
//! The API reference of `InputTransformer` wants "JSON dot notation, not bracket notation". Filters, wildcards, slices and
//! anything else that could select several values are an error here, and so is any name whose reading is not beyond
//! doubt.
//! Neighbour: `transformer`, which names the paths.

use serde_json::Value;

/// A path that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath {
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
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

fn next_step(rest: &str) -> Option<(Step, &str)> {
    if let Some(name) = rest.strip_prefix('.') {
        let end = name.find(|c| !in_name(c)).unwrap_or(name.len());
        return non_empty(name, end).map(|key| (Step::Key(key.to_owned()), &name[end..]));
    }
    let (digits, after) = rest.strip_prefix('[')?.split_once(']')?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let index = plain.then(|| digits.parse().ok()).flatten()?;
    Some((Step::Index(index), after))
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
        let name = |step: &Step| match step {
            Step::Key(key) => Some(key.clone()),
            Step::Index(_) => None,
        };
        self.steps.iter().map(name).collect::<Option<Vec<_>>>().map(|names| names.join("."))
    }

    /// The keys and indexes that lead to the value.
    #[must_use]
    pub fn steps(&self) -> Vec<Value> {
        let step = |step: &Step| match step {
            Step::Key(key) => Value::from(key.as_str()),
            Step::Index(index) => Value::from(*index),
        };
        self.steps.iter().map(step).collect()
    }

    /// The value at this path, if there is one.
    #[must_use]
    pub fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.steps.iter().try_fold(value, |value, step| match step {
            Step::Key(key) => value.as_object()?.get(key),
            Step::Index(index) => value.as_array()?.get(*index),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn finds_values() {
        let event = json!({"a": {"b": [1, {"c-d": 2}], "x y": 3}});
        let cases = [
            ("$", Some(event.clone())),
            ("$.a.b[0]", Some(json!(1))),
            ("$.a.b[1].c-d", Some(json!(2))),
            ("$.a.b[2]", None),
            ("$.a.b.c", None),
            ("$.nowhere", None),
        ];
        for (path, expected) in cases {
            assert_eq!(parse_path(path).unwrap().find(&event), expected.as_ref(), "{path}");
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
