//! What is known of a field of CloudTrail records that matters for a comparison: what it holds, and how its values are
//! spelled.
//!
//! Sigma compares without regard to uppercase and lowercase letters; where CloudTrail has one spelling, an exact comparison
//! with it matches the same records, and everything else in trailbell understands it.

use crate::cloudtrail::events;
use crate::cloudtrail::fields::{self, FieldRow, Holds, RowEvents};
use crate::cloudtrail::possible;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldKind {
    /// One text.
    Text,
    /// `true` or `false`, as JSON.
    Boolean,
    /// A JSON number.
    Number,
    /// An object.
    Object,
    /// A list, or not known.
    Open,
}

/// What the field at a dotted path of a record holds in every record that has it.
pub(super) fn of(path: &str) -> FieldKind {
    let full = format!("detail.{path}");
    let mut kinds: Vec<FieldKind> = fields::rows().iter().filter(|row| row.path == full).map(kind).collect();
    kinds.dedup();
    match kinds.as_slice() {
        [one] => *one,
        _ => FieldKind::Open,
    }
}

fn kind(row: &FieldRow) -> FieldKind {
    match row.holds {
        Some(Holds::Number) => FieldKind::Number,
        Some(Holds::Boolean) => FieldKind::Boolean,
        Some(Holds::Token | Holds::Identifier | Holds::Text) => FieldKind::Text,
        None if row.is_object => FieldKind::Object,
        None => FieldKind::Open,
    }
}

/// Whether records have a field with the first name of this path.
pub(super) fn is_known(path: &str) -> bool {
    let first = path.split('.').next().unwrap_or_default();
    let is_first =
        |row: &FieldRow| row.path.strip_prefix("detail.").and_then(|rest| rest.split('.').next()) == Some(first);
    fields::rows().iter().any(|row| !matches!(row.scope, RowEvents::Event | RowEvents::Native { .. }) && is_first(row))
}

/// Whether every record has the field.
pub(super) fn is_always(path: &str) -> bool {
    fields::general(&format!("detail.{path}"), true).is_some_and(|row| row.always)
}

/// How CloudTrail spells a value, where there is one spelling. Event sources that are not known are in lowercase, as all are.
pub(super) fn spelled(path: &str, text: &str) -> Option<String> {
    let known = one(known(path).filter(|one| one.eq_ignore_ascii_case(text))).map(str::to_owned);
    known.or_else(|| {
        (path == "eventSource").then(|| text.to_ascii_lowercase()).filter(|source| source.ends_with(".amazonaws.com"))
    })
}

/// How CloudTrail spells the beginning of values, where all of them that begin so are spelled alike.
pub(super) fn spelled_prefix(path: &str, text: &str) -> Option<String> {
    let begins = |one: &'static str| one.get(..text.len()).filter(|front| front.eq_ignore_ascii_case(text));
    one(known(path).filter_map(begins)).map(str::to_owned)
}

/// How CloudTrail spells the end of values, where all of them that end so are spelled alike.
pub(super) fn spelled_suffix(path: &str, text: &str) -> Option<String> {
    let ends = |one: &'static str| {
        let at = one.len().checked_sub(text.len())?;
        one.get(at..).filter(|end| end.eq_ignore_ascii_case(text))
    };
    one(known(path).filter_map(ends)).map(str::to_owned)
}

/// The only different one among these.
fn one(mut all: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

/// The known values of a field.
fn known(path: &str) -> Box<dyn Iterator<Item = &'static str>> {
    match path {
        "eventSource" => Box::new(events::sources()),
        "eventName" => Box::new(events::sources().flat_map(events::names).map(|one| one.written.unwrap_or(one.name))),
        _ => Box::new(possible::listed(&format!("detail.{path}")).iter().copied()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fields_hold_is_known_from_the_table() {
        for (path, expected) in [
            ("eventName", FieldKind::Text),
            ("userAgent", FieldKind::Text),
            ("userIdentity.type", FieldKind::Text),
            ("readOnly", FieldKind::Boolean),
            ("requestParameters", FieldKind::Object),
            ("resources", FieldKind::Open),
            ("requestParameters.noSuchThing", FieldKind::Open),
        ] {
            assert_eq!(of(path), expected, "{path}");
        }
        assert!(is_always("eventType") && !is_always("errorCode"));
    }

    #[test]
    fn values_with_one_spelling_get_it() {
        assert_eq!(spelled("eventSource", "IAM.amazonaws.com"), Some("iam.amazonaws.com".to_owned()));
        assert_eq!(spelled("eventSource", "New.AmazonAWS.com"), Some("new.amazonaws.com".to_owned()));
        assert_eq!(spelled("eventName", "stoplogging"), Some("StopLogging".to_owned()));
        assert_eq!(spelled("userIdentity.type", "iamuser"), Some("IAMUser".to_owned()));
        assert_eq!(spelled("eventName", "NoSuchCall"), None);
        assert_eq!(spelled("userAgent", "x"), None);
        assert_eq!(spelled_prefix("eventName", "createaccesskey"), Some("CreateAccessKey".to_owned()));
        assert_eq!(spelled_suffix("eventSource", ".AmazonAWS.com"), Some(".amazonaws.com".to_owned()));
        assert_eq!(spelled_prefix("eventName", "é"), None);
    }
}
