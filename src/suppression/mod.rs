//! Suppressions: the events of an alert that a stack leaves out, with the reason, the owner, and the date until when.
//!
//! [`Suppression`] is the format in a stack file. [`SuppressionRule`] is one that was read: it says which records it leaves out
//! ([`SuppressionRule::holds`]), and [`narrow`] compiles rules into an event pattern, exactly or not at all. Neighbors:
//! `condition` (one entry of `when`), `block` (IP addresses), `denied` (what a field must not be, as a list of a pattern),
//! `narrow` (event patterns), `filter` (filter patterns), `field` (which fields can be used). Users: `stack` (the format), `alert`, `check`.

mod block;
mod condition;
mod denied;
mod field;
mod filter;
mod narrow;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use condition::Condition;
pub use field::misfit;
pub use filter::narrow_filter;
pub use narrow::{Narrowed, NotNarrowed, narrow};

/// Events that an alert leaves out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suppression {
    /// The conditions, all of which must hold: fields of the CloudTrail record as dotted paths, each with a list of values in the
    /// syntax of event patterns: text, numbers, `prefix`, `suffix`, `wildcard`, `equals-ignore-case`, and `cidr`.
    #[schemars(with = "std::collections::BTreeMap<String, Vec<Value>>")]
    pub when: Map<String, Value>,
    /// Why these events are expected, for the next reader.
    pub reason: String,
    /// The person or team to ask about it.
    pub owner: String,
    /// The last day on which it applies, in UTC: `2027-01-31`. Default: it applies until it is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl Suppression {
    /// The last day on which it applies; `None` for no end.
    ///
    /// # Errors
    /// It is not a date.
    pub fn last_day(&self) -> Result<Option<Date>, jiff::Error> {
        self.until.as_deref().map(str::parse).transpose()
    }

    /// Whether it no longer applies today.
    #[must_use]
    pub fn is_expired(&self, today: Date) -> bool {
        matches!(self.last_day(), Ok(Some(last)) if last < today)
    }

    /// The rule that it is.
    ///
    /// # Errors
    /// What is wrong, each with the field and the number of the condition.
    pub fn read(&self) -> Result<SuppressionRule, Vec<WrongCondition>> {
        let (mut fields, mut wrong) = (Vec::new(), Vec::new());
        for (path, list) in &self.when {
            let mut any = Vec::new();
            for (at, one) in list.as_array().into_iter().flatten().enumerate() {
                match Condition::read(one) {
                    Ok(condition) => any.push(condition),
                    Err(what) => wrong.push(WrongCondition { field: path.clone(), at: Some(at), what }),
                }
            }
            if list.as_array().is_none_or(Vec::is_empty) {
                let what = format!("`{path}` has no value to compare with");
                wrong.push(WrongCondition { field: path.clone(), at: None, what });
            }
            fields.push(SuppressedField { path: path.clone(), any });
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(SuppressionRule {
            fields,
            reason: self.reason.clone(),
            owner: self.owner.clone(),
            until: self.until.clone(),
        })
    }
}

/// A condition that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongCondition {
    /// The field, as written.
    pub field: String,
    /// Which of its conditions; nothing for the whole list.
    pub at: Option<usize>,
    /// What is wrong with it.
    pub what: String,
}

/// A suppression that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct SuppressionRule {
    /// The fields, all of which must be as they say.
    pub fields: Vec<SuppressedField>,
    /// Why.
    pub reason: String,
    /// Whom to ask.
    pub owner: String,
    /// The last day, as written.
    pub until: Option<String>,
}

/// What a field of a record must be for a suppression to hold.
#[derive(Clone, Debug, PartialEq)]
pub struct SuppressedField {
    /// The dotted path below `detail`.
    pub path: String,
    /// One of these must hold.
    pub any: Vec<Condition>,
}

impl SuppressionRule {
    /// Whether it leaves a record out: every field is there and is one of the values listed for it. Of several values, as in a
    /// list, all must be.
    #[must_use]
    pub fn holds(&self, record: &Value) -> bool {
        let fits = |field: &SuppressedField| {
            let values = values(record, &field.path);
            !values.is_empty() && values.iter().all(|value| field.any.iter().any(|one| one.holds(value)))
        };
        !self.fields.is_empty() && self.fields.iter().all(fits)
    }
}

/// The values at a dotted path, through lists, as EventBridge finds them: objects have no value of their own.
fn values<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    match value {
        Value::Array(items) => items.iter().flat_map(|item| values(item, path)).collect(),
        Value::Object(fields) if !path.is_empty() => {
            let below = fields.iter().filter_map(|(name, value)| match path.strip_prefix(name.as_str())? {
                "" => Some((value, "")),
                rest => Some((value, rest.strip_prefix('.')?)),
            });
            below.flat_map(|(value, rest)| values(value, rest)).collect()
        }
        Value::Object(_) => Vec::new(),
        scalar if path.is_empty() => vec![scalar],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
