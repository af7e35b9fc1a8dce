//! Whether a policy allows a service to do something: as much of IAM's evaluation as trailbell's own policies need.
//!
//! An explicit deny wins, otherwise one statement must allow (IAM user guide, "Policy evaluation logic"). What is not
//! modeled here, such as policy variables, `NotPrincipal`, or a condition on a key that is not known, is *not known*: it is
//! never taken for allowed.

use serde_json::Value;

use super::Policy;
use crate::glob::Glob;

/// Something that someone wants to do.
#[derive(Clone, Copy, Debug)]
pub struct Access<'a> {
    /// The service that asks, such as `events.amazonaws.com`; none in a policy of a role, which has no principal.
    pub service: Option<&'a str>,
    /// The action, such as `sqs:SendMessage`.
    pub action: &'a str,
    /// The ARN of what it is done to; none in a trust policy.
    pub resource: Option<&'a str>,
    /// What is known of the request: condition keys in lower case, with their values.
    pub context: &'a [(&'a str, &'a str)],
}

/// Whether the policy allows it; `None` when that is not known.
#[must_use]
pub fn allows(policy: &Policy, access: Access<'_>) -> Option<bool> {
    let mut allowed = Some(false);
    let mut is_deny_unknown = false;
    for statement in policy.statements() {
        let applies = applies(&statement, access);
        match (statement["Effect"].as_str(), applies) {
            (Some("Deny"), Some(true)) => return Some(false),
            (Some("Deny"), None) => is_deny_unknown = true,
            (Some("Allow"), Some(true)) => allowed = Some(true),
            (Some("Allow"), None) if allowed == Some(false) => allowed = None,
            (Some("Allow" | "Deny"), _) => {}
            _ => return None,
        }
    }
    if is_deny_unknown && allowed != Some(false) { None } else { allowed }
}

fn applies(statement: &Value, access: Access<'_>) -> Option<bool> {
    let parts = [
        principal(statement, access.service),
        element(statement, "Action", "NotAction", &access.action.to_lowercase(), true),
        access.resource.map_or(Some(true), |arn| element(statement, "Resource", "NotResource", arn, false)),
        conditions(statement, access.context),
    ];
    all(parts.into_iter())
}

/// False if one is false, else not known if one is not known.
fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let parts: Vec<Option<bool>> = parts.collect();
    if parts.contains(&Some(false)) { Some(false) } else { parts.into_iter().collect::<Option<Vec<_>>>().map(|_| true) }
}

fn principal(statement: &Value, service: Option<&str>) -> Option<bool> {
    let Some(service) = service else { return Some(true) };
    if statement.get("NotPrincipal").is_some() {
        return None;
    }
    match statement.get("Principal") {
        Some(Value::String(any)) if any == "*" => Some(true),
        Some(Value::Object(kinds)) => {
            let is_named = texts(kinds.get("Service")).contains(&service);
            Some(is_named || texts(kinds.get("AWS")).contains(&"*"))
        }
        _ => Some(false),
    }
}

fn element(statement: &Value, key: &str, not: &str, wanted: &str, is_caseless: bool) -> Option<bool> {
    let fits = |value: &Value| {
        let texts = texts(Some(value));
        all_or_any(
            texts.into_iter().map(|one| glob(&if is_caseless { one.to_lowercase() } else { one.to_owned() }, wanted)),
        )
    };
    match (statement.get(key), statement.get(not)) {
        (Some(value), _) => fits(value),
        (None, Some(value)) => fits(value).map(|fits| !fits),
        (None, None) => Some(false),
    }
}

/// True if one is true, else not known if one is not known.
fn all_or_any(mut parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut answer = Some(false);
    parts
        .find_map(|part| match part {
            Some(true) => Some(Some(true)),
            None => {
                answer = None;
                None
            }
            Some(false) => None,
        })
        .unwrap_or(answer)
}

fn glob(pattern: &str, text: &str) -> Option<bool> {
    // `?` and policy variables are not modeled.
    if pattern.contains('?') || pattern.contains("${") { None } else { Some(Glob::new(pattern).matches(text)) }
}

fn conditions(statement: &Value, context: &[(&str, &str)]) -> Option<bool> {
    let Some(condition) = statement.get("Condition") else { return Some(true) };
    let tests = condition.as_object()?;
    all(tests.iter().flat_map(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(move |(key, values)| test(operator, &key.to_lowercase(), values, context)).collect::<Vec<_>>()
    }))
}

fn test(operator: &str, key: &str, values: &Value, context: &[(&str, &str)]) -> Option<bool> {
    let found = context.iter().find(|(known, _)| *known == key).map(|(_, value)| *value)?;
    let operator = operator.strip_suffix("IfExists").unwrap_or(operator);
    let texts = texts(Some(values));
    let any = |fits: &dyn Fn(&str) -> Option<bool>| all_or_any(texts.iter().map(|one| fits(one)));
    match operator {
        "StringEquals" => any(&|one| if one.contains("${") { None } else { Some(one == found) }),
        "StringNotEquals" => any(&|one| if one.contains("${") { None } else { Some(one == found) }).map(|fits| !fits),
        "StringLike" | "ArnEquals" | "ArnLike" => any(&|one| glob(one, found)),
        "StringNotLike" | "ArnNotEquals" | "ArnNotLike" => any(&|one| glob(one, found)).map(|fits| !fits),
        _ => None,
    }
}

fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn policies_are_evaluated_as_iam_does() {
        let queue = "arn:aws:sqs:us-east-1:1:q";
        let context = [("aws:sourcearn", "arn:rule/a"), ("aws:sourceaccount", "1")];
        let access = Access {
            service: Some("events.amazonaws.com"),
            action: "sqs:SendMessage",
            resource: Some(queue),
            context: &context,
        };
        let allow = json!({
            "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" }, "Action": "SQS:Send*",
            "Resource": queue, "Condition": { "ArnEquals": { "aws:SourceArn": ["arn:rule/b", "arn:rule/a"] } },
        });
        let with = |key: &str, value: Value| {
            let mut statement = allow.clone();
            statement[key] = value;
            statement
        };
        let deny = |condition: Value| json!({ "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition });
        let cases = [
            (vec![allow.clone()], Some(true)),
            (vec![], Some(false)),
            (vec![with("Effect", json!("Deny")), allow.clone()], Some(false)),
            (vec![with("Action", json!("sqs:ReceiveMessage"))], Some(false)),
            (vec![with("Resource", json!("arn:aws:sqs:us-east-1:1:other"))], Some(false)),
            (vec![with("Principal", json!({ "Service": "sns.amazonaws.com" }))], Some(false)),
            (vec![with("Principal", json!({ "AWS": "arn:aws:iam::1:root" }))], Some(false)),
            (vec![with("Condition", json!({ "ArnLike": { "AWS:SourceArn": "arn:rule/*" } }))], Some(true)),
            (vec![with("Condition", json!({ "StringEquals": { "aws:SourceAccount": "2" } }))], Some(false)),
            (vec![with("Condition", json!({ "StringEquals": { "aws:PrincipalOrgID": "o" } }))], None),
            (vec![with("Condition", json!({ "Bool": { "aws:SecureTransport": "true" } })), allow.clone()], Some(true)),
            (vec![allow.clone(), deny(json!({ "Bool": { "aws:SecureTransport": "false" } }))], None),
            (vec![allow.clone(), deny(json!({ "StringNotEquals": { "aws:SourceAccount": "1" } }))], Some(true)),
            (vec![allow.clone(), deny(json!({ "StringEquals": { "aws:SourceAccount": "1" } }))], Some(false)),
        ];
        for (statements, expected) in cases {
            assert_eq!(allows(&Policy::all(&statements), access), expected, "{statements:#?}");
        }
        assert_eq!(allows(&Policy::parse("no JSON"), access), Some(false));
    }
}
