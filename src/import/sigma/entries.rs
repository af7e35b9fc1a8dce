//! A field of a Sigma rule → the list of an event pattern, which matches the very same records, or the reason why there is
//! none.
//!
//! What EventBridge compares: text exactly, without regard to case, by prefix and suffix in both ways, and by wildcard with
//! regard to case only. It denies texts, and a denial needs the field to be there: a missing one is an entry of its own.

use serde_json::{Number, Value, json};

use super::kind::{self, FieldKind};
use super::logic::SigmaField;
use super::value::{SigmaValue, TextPart};

/// Most digits of a number that every reader takes for the same number.
const MAX_DIGITS: usize = 15;

/// The list for a field, or for its negation.
///
/// # Errors
/// Why EventBridge cannot do that.
pub(super) fn list(field: &SigmaField, is_negated: bool) -> Result<Vec<Value>, String> {
    let path = &field.path;
    let of_path = kind::of(path);
    check_path(path)?;
    let mut entries: Vec<Value> = Vec::new();
    for value in &field.values {
        for entry in entries_of(path, of_path, value)? {
            if !entries.contains(&entry) {
                entries.push(entry);
            }
        }
    }
    if !is_negated {
        entries.sort_by_key(|entry| entry.get("wildcard").is_some());
        return Ok(entries);
    }
    denied(path, of_path, &entries)
}

/// Names that mean operators to EventBridge, and paths that lead nowhere.
fn check_path(path: &str) -> Result<(), String> {
    let is_name = |name: &str| {
        !name.is_empty() && !name.contains(['[', ']', '$', '"', '\\', '*']) && !name.chars().any(char::is_control)
    };
    if !path.split('.').all(is_name) || path.split('.').count() > 20 {
        return Err(format!("`{path}` is not the path of a field"));
    }
    if !kind::is_known(path) {
        return Err(format!("records of CloudTrail do not have the field `{path}`"));
    }
    Ok(())
}

fn entries_of(path: &str, of_path: FieldKind, value: &SigmaValue) -> Result<Vec<Value>, String> {
    let is_object = of_path == FieldKind::Object;
    match value {
        // Of an object EventBridge sees only the fields inside it, so it would take it for missing.
        SigmaValue::Null | SigmaValue::Exists(_) if is_object => Err(format!(
            "`{path}` is an object, and EventBridge can only tell of the fields inside it whether they are there"
        )),
        _ if is_object => Err(format!("`{path}` is an object, and EventBridge compares only the fields inside it")),
        SigmaValue::Null => Ok(vec![Value::Null, json!({ "exists": false })]),
        SigmaValue::Exists(wanted) => Ok(vec![json!({ "exists": wanted })]),
        SigmaValue::Cidr(block) => Ok(vec![json!({ "cidr": block })]),
        SigmaValue::Compared(operator, number) => Ok(vec![json!({ "numeric": [operator, number] })]),
        SigmaValue::Text { parts, is_cased } => text(path, of_path, parts, *is_cased),
    }
}

fn text(path: &str, of_path: FieldKind, parts: &[TextPart], is_cased: bool) -> Result<Vec<Value>, String> {
    if parts.contains(&TextPart::One) {
        return Err(format!("`?` in a value of `{path}` stands for one character, and EventBridge has only `*`"));
    }
    match parts {
        [TextPart::Any] => Ok(vec![json!({ "exists": true })]),
        [] => exact(path, of_path, "", is_cased),
        [TextPart::Plain(text)] => exact(path, of_path, text, is_cased),
        _ if of_path == FieldKind::Boolean || of_path == FieldKind::Number => {
            Err(format!("`{path}` is not a text, so no part of one can be compared"))
        }
        parts if of_path == FieldKind::Open && may_be_no_text(parts) => Err(format!(
            "`{path}` may be a number or a boolean, of which a part is compared here, and EventBridge compares parts of texts only"
        )),
        parts => part(path, parts, is_cased).map(|entry| vec![entry]),
    }
}

fn exact(path: &str, of_path: FieldKind, text: &str, is_cased: bool) -> Result<Vec<Value>, String> {
    let flag = text.to_ascii_lowercase().parse::<bool>().ok().map(Value::Bool);
    let number = plain_number(text).map(Value::Number);
    match of_path {
        FieldKind::Boolean => {
            flag.map(|flag| vec![flag]).ok_or_else(|| format!("`{path}` is `true` or `false`, never `{text}`"))
        }
        FieldKind::Number => {
            number.map(|number| vec![number]).ok_or_else(|| format!("`{path}` is a number, never `{text}`"))
        }
        FieldKind::Text => in_any_case(path, text, is_cased, kind::spelled).map(|text| vec![text]),
        // Sigma compares everything as text; a record may have the text, or the number or boolean of that spelling.
        FieldKind::Object | FieldKind::Open => {
            let as_text = in_any_case(path, text, is_cased, kind::spelled)?;
            Ok(std::iter::once(as_text).chain(flag).chain(number).collect())
        }
    }
}

/// Whether a number or a boolean could be written like this.
fn may_be_no_text(parts: &[TextPart]) -> bool {
    let texts = || {
        parts
            .iter()
            .filter_map(|part| if let TextPart::Plain(text) = part { Some(text.to_ascii_lowercase()) } else { None })
    };
    let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'e' | b'+');
    let is_number = texts().all(|text| text.bytes().all(is_digit))
        && texts().map(|text| text.matches('.').count()).sum::<usize>() < 2;
    is_number || texts().all(|text| "true".contains(&text)) || texts().all(|text| "false".contains(&text))
}

/// A whole number that is written as JSON writes it.
fn plain_number(text: &str) -> Option<Number> {
    let number: i64 = text.parse().ok()?;
    (text.trim_start_matches('-').len() <= MAX_DIGITS && number.to_string() == text).then(|| number.into())
}

/// What EventBridge compares with: a text exactly as it is, or without regard to case.
fn in_any_case(
    path: &str,
    text: &str,
    is_cased: bool,
    spelled: fn(&str, &str) -> Option<String>,
) -> Result<Value, String> {
    if is_cased || !has_cases(text) {
        return Ok(text.into());
    }
    if let Some(spelled) = spelled(path, text) {
        return Ok(spelled.into());
    }
    if text.chars().any(|c| !c.is_ascii() && has_cases(&c.to_string())) {
        return Err(format!(
            "`{text}` has letters outside of ASCII, of which EventBridge does not compare both cases as Sigma does"
        ));
    }
    Ok(json!({ "equals-ignore-case": text }))
}

/// Whether a text has letters that exist in uppercase and lowercase.
pub(super) fn has_cases(text: &str) -> bool {
    text.chars().any(|c| !c.to_lowercase().eq(c.to_uppercase()))
}

/// A prefix, a suffix, or a wildcard.
fn part(path: &str, parts: &[TextPart], is_cased: bool) -> Result<Value, String> {
    let plain = |part: &TextPart| if let TextPart::Plain(text) = part { text.clone() } else { String::new() };
    let all: String = parts.iter().map(plain).collect();
    if all.contains('"') {
        return Err(format!(
            "a part of `{path}` has a quotation mark, which EventBridge takes for the end of the text"
        ));
    }
    let affix = |operator: &str, text: &str, spelled| {
        in_any_case(path, text, is_cased, spelled).map(|text| json!({ operator: text }))
    };
    match parts {
        [TextPart::Plain(text), TextPart::Any] => affix("prefix", text, kind::spelled_prefix),
        [TextPart::Any, TextPart::Plain(text)] => affix("suffix", text, kind::spelled_suffix),
        _ if is_cased || !has_cases(&all) => {
            let written = |part: &TextPart| match part {
                TextPart::Any | TextPart::One => "*".to_owned(),
                TextPart::Plain(text) => text.replace('\\', r"\\").replace('*', r"\*"),
            };
            Ok(json!({ "wildcard": parts.iter().map(written).collect::<String>() }))
        }
        _ => Err(format!(
            "a value of `{path}` is looked for inside of the text (`{all}`): Sigma does not tell uppercase from lowercase there, and \
             the `wildcard` of EventBridge does; if the case is always the same, add the modifier `cased`"
        )),
    }
}

/// The list that matches where none of these entries does.
fn denied(path: &str, of_path: FieldKind, entries: &[Value]) -> Result<Vec<Value>, String> {
    let absent = json!({ "exists": false });
    let present = json!({ "exists": true });
    let mut rest: Vec<&Value> = entries.iter().filter(|one| **one != absent && !one.is_null()).collect();
    let denies_absence = rest.len() < entries.len();
    if rest.contains(&&present) {
        // Whatever is there is denied; if what is missing is, too, nothing is left.
        return if denies_absence { Err(format!("the condition on `{path}` never holds")) } else { Ok(vec![absent]) };
    }
    if rest.is_empty() {
        return Ok(vec![present]);
    }
    let mut list = match of_path {
        FieldKind::Text => vec![denied_texts(path, &rest)?],
        FieldKind::Boolean => {
            rest.dedup();
            let other: Vec<Value> =
                [true, false].into_iter().map(Value::Bool).filter(|one| !rest.contains(&one)).collect();
            if other.is_empty() && denies_absence {
                return Err(format!("the condition on `{path}` never holds"));
            }
            other
        }
        FieldKind::Number if rest.iter().all(|one| one.is_number()) => vec![json!({ "anything-but": rest })],
        FieldKind::Number => {
            return Err(format!("the negation of a comparison of `{path}` is not an entry of an event pattern"));
        }
        FieldKind::Object | FieldKind::Open => {
            return Err(format!(
                "`{path}` is denied, and it is not known to hold one value: of a list, EventBridge's `anything-but` matches if any \
                 entry differs"
            ));
        }
    };
    if !denies_absence && !kind::is_always(path) {
        list.push(absent);
    }
    Ok(list)
}

/// One `anything-but` for all of them: a list with two of them would match everything.
fn denied_texts(path: &str, entries: &[&Value]) -> Result<Value, String> {
    let of = |operator: &str| -> Option<Vec<Value>> {
        entries.iter().map(|entry| entry.get(operator).filter(|value| value.is_string()).cloned()).collect()
    };
    if entries.iter().all(|one| one.is_string()) {
        return Ok(json!({ "anything-but": entries }));
    }
    for operator in ["prefix", "suffix", "wildcard"] {
        if let Some(values) = of(operator) {
            return Ok(json!({ "anything-but": { operator: values } }));
        }
    }
    // A text without letters, or with the only spelling there is, is the same in any case.
    let in_any_case: Option<Vec<Value>> = entries
        .iter()
        .map(|entry| match entry {
            Value::String(text) if !has_cases(text) || kind::spelled(path, text).as_ref() == Some(text) => {
                Some((*entry).clone())
            }
            entry => entry.get("equals-ignore-case").cloned(),
        })
        .collect();
    if let Some(values) = in_any_case {
        return Ok(json!({ "anything-but": { "equals-ignore-case": values } }));
    }
    let are_affixes = entries.iter().any(|one| one.get("prefix").or(one.get("suffix")).is_some_and(Value::is_object));
    let why = if are_affixes {
        "EventBridge denies a prefix or suffix only with regard to case; add the modifier `cased` if the case is always the same"
    } else {
        "EventBridge denies one kind of comparison at a time"
    };
    Err(format!("the negation of these values of `{path}` is not an entry of an event pattern: {why}"))
}

#[cfg(test)]
mod tests {
    use super::super::logic::SigmaLogic;
    use super::super::selection;
    use super::*;

    fn written(key: &str, value: &Value, is_negated: bool) -> Result<Value, String> {
        match selection::read("s", &json!({ key: value }))? {
            SigmaLogic::All(all) => match &all[0] {
                SigmaLogic::Field(field) => list(field, is_negated).map(Value::Array),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn comparisons_become_entries() {
        for (key, value, expected) in [
            ("eventName", json!("stoplogging"), json!(["StopLogging"])),
            ("eventSource", json!("IAM.amazonaws.com"), json!(["iam.amazonaws.com"])),
            ("eventName|startswith", json!("createaccesskey"), json!([{ "prefix": "CreateAccessKey" }])),
            ("eventName", json!("NoSuchCall"), json!([{ "equals-ignore-case": "NoSuchCall" }])),
            ("userAgent", json!("Curl"), json!([{ "equals-ignore-case": "Curl" }])),
            ("userAgent|cased", json!("Curl"), json!(["Curl"])),
            ("userAgent|startswith", json!("Curl"), json!([{ "prefix": { "equals-ignore-case": "Curl" } }])),
            ("userAgent|endswith", json!("/1.0"), json!([{ "suffix": "/1.0" }])),
            ("userAgent|contains|cased", json!("S3 Browser"), json!([{ "wildcard": "*S3 Browser*" }])),
            ("sourceIPAddress|contains", json!("192.0.2."), json!([{ "wildcard": "*192.0.2.*" }])),
            ("userAgent", json!(r"\*"), json!(["*"])),
            ("userAgent|contains", json!(r"\*"), json!([{ "wildcard": r"*\**" }])),
            ("errorCode", json!("*"), json!([{ "exists": true }])),
            ("errorCode", json!(null), json!([null, { "exists": false }])),
            ("errorCode|exists", json!(false), json!([{ "exists": false }])),
            ("sourceIPAddress|cidr", json!("10.0.0.0/8"), json!([{ "cidr": "10.0.0.0/8" }])),
            ("readOnly", json!("False"), json!([false])),
            ("requestParameters.a", json!("true"), json!([{ "equals-ignore-case": "true" }, true])),
            ("requestParameters.a", json!(80), json!(["80", 80])),
            ("requestParameters.a|gte", json!(80), json!([{ "numeric": [">=", 80] }])),
            ("requestParameters.a", json!("007"), json!(["007"])),
            ("recipientAccountId", json!(123_456_789_012_u64), json!(["123456789012"])),
            ("userIdentity.type", json!(["root", "IAMUser"]), json!(["Root", "IAMUser"])),
            ("userAgent|re", json!("^aws-.*x$"), json!([{ "wildcard": "aws-*x" }])),
            // EventBridge mixes up what follows a wildcard.
            ("userAgent", json!(["1*2", "Curl"]), json!([{ "equals-ignore-case": "Curl" }, { "wildcard": "1*2" }])),
        ] {
            assert_eq!(written(key, &value, false), Ok(expected), "{key}: {value}");
        }
    }

    #[test]
    fn negations_let_in_records_without_the_field() {
        let absent = json!({ "exists": false });
        for (key, value, expected) in [
            (
                "userAgent",
                json!(["Curl", "1"]),
                json!([{ "anything-but": { "equals-ignore-case": ["Curl", "1"] } }, absent]),
            ),
            ("userAgent|cased", json!("Curl"), json!([{ "anything-but": ["Curl"] }, absent])),
            ("eventType", json!("awsserviceevent"), json!([{ "anything-but": ["AwsServiceEvent"] }])),
            ("userIdentity.arn|startswith", json!("123"), json!([{ "anything-but": { "prefix": ["123"] } }, absent])),
            ("userAgent|contains|cased", json!("S3"), json!([{ "anything-but": { "wildcard": ["*S3*"] } }, absent])),
            ("errorCode", json!("*"), json!([absent])),
            ("errorCode", json!(null), json!([{ "exists": true }])),
            ("errorCode", json!([null, "x"]), json!([{ "anything-but": { "equals-ignore-case": ["x"] } }])),
            ("readOnly", json!("true"), json!([false, absent])),
        ] {
            assert_eq!(written(key, &value, true), Ok(expected), "{key}: {value}");
        }
    }

    #[test]
    fn what_would_not_be_exact_is_refused() {
        for (key, value, is_negated, word) in [
            ("userAgent|contains", json!("S3 Browser"), false, "`cased`"),
            ("userAgent", json!("a?c"), false, "one character"),
            ("userAgent", json!("STRAßE"), false, "outside of ASCII"),
            ("userAgent|startswith", json!("a\"b"), false, "quotation mark"),
            ("requestParameters", json!("x"), false, "is an object"),
            ("responseElements", json!(null), false, "is an object"),
            ("readOnly", json!("perhaps"), false, "never `perhaps`"),
            ("readOnly|contains", json!("1"), false, "not a text"),
            ("requestParameters.a|startswith", json!("1"), false, "may be a number"),
            ("requestParameters.a|startswith", json!("Tr"), false, "may be a number"),
            ("a..b", json!("x"), false, "not the path"),
            ("type", json!("x"), false, "do not have the field"),
            ("UserAgent", json!("x"), false, "do not have the field"),
            ("requestParameters.a", json!("x"), true, "if any entry differs"),
            ("userAgent|startswith", json!("Curl"), true, "only with regard to case"),
            ("userAgent", json!(["1*", "x"]), true, "one kind"),
            ("errorCode", json!([null, "*"]), true, "never holds"),
        ] {
            let found = written(key, &value, is_negated).expect_err(key);
            assert!(found.contains(word), "{key}: {found}");
        }
    }
}
