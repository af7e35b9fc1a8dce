//! IAM and queue policies, compared by what they mean rather than by how they are written.
//!
//! AWS gives policies back reordered and reshaped. The normal form: one-element lists for scalars, sorted sets,
//! lowercase action names, an empty condition where none is given, the default version, account ids as root ARNs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A policy document. Equality is equality of meaning.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Policy(Value);

impl Policy {
    /// A policy of one statement.
    #[must_use]
    pub fn of(statement: &Value) -> Self {
        Self::all(std::slice::from_ref(statement))
    }

    /// A policy of several statements.
    #[must_use]
    pub fn all(statements: &[Value]) -> Self {
        Self(json!({ "Version": "2012-10-17", "Statement": statements }))
    }

    /// The statements of the document.
    #[must_use]
    pub fn statements(&self) -> Vec<Value> {
        listed(self.0.get("Statement"))
    }

    /// Reads a document AWS returned. Text that is not JSON is kept as a string, which equals no policy of ours.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)))
    }

    /// The document as text for AWS.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.0.to_string()
    }

    /// The normal form.
    #[must_use]
    pub fn canonical(&self) -> Value {
        let Value::Object(document) = &self.0 else { return self.0.clone() };
        let mut statements: Vec<Value> = listed(document.get("Statement")).iter().map(statement).collect();
        statements.sort_by_key(Value::to_string);
        let version = document.get("Version").cloned().unwrap_or_else(|| "2008-10-17".into());
        json!({ "Version": version, "Statement": statements })
    }

    /// The statements in words, for people: `Allow events.amazonaws.com sts:AssumeRole if aws:SourceAccount = 1…`.
    /// Nothing is left out: what has no words of its own is shown as JSON.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        match self.0.as_object() {
            Some(document) => listed(document.get("Statement")).iter().map(sentence).collect(),
            None => vec![self.0.to_string()],
        }
    }
}

impl PartialEq for Policy {
    fn eq(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }
}

fn sentence(statement: &Value) -> String {
    let Value::Object(map) = statement else { return statement.to_string() };
    let mut words = Vec::new();
    for key in ["Effect", "Principal", "Action", "Resource", "Condition"] {
        match (key, map.get(key)) {
            (_, None) => {}
            ("Principal", Some(Value::Object(who))) => {
                words.extend(who.iter().map(|(kind, names)| match kind.as_str() {
                    "Service" => flat(names),
                    _ => format!("{kind} {}", flat(names)),
                }));
            }
            ("Resource", Some(value)) => words.push(format!("on {}", flat(value))),
            ("Condition", Some(Value::Object(tests))) => words.extend(tests.iter().map(condition)),
            (_, Some(value)) => words.push(flat(value)),
        }
    }
    let known = |key: &str| matches!(key, "Effect" | "Principal" | "Action" | "Resource" | "Condition");
    words.extend(map.iter().filter(|(key, _)| !known(key)).map(|(key, value)| format!("{key} {value}")));
    words.join(" ")
}

fn condition((test, keys): (&String, &Value)) -> String {
    let Value::Object(keys) = keys else { return format!("if {test} {keys}") };
    let keys: Vec<String> = keys.iter().map(|(key, value)| format!("{key} = {}", flat(value))).collect();
    let test = if matches!(test.as_str(), "StringEquals" | "ArnEquals") { String::new() } else { format!("{test} ") };
    format!("if {test}{}", keys.join(" and "))
}

fn flat(value: &Value) -> String {
    let words = listed(Some(value))
        .iter()
        .map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned))
        .collect::<Vec<_>>();
    words.join(" or ")
}

fn statement(value: &Value) -> Value {
    let Value::Object(map) = value else { return value.clone() };
    let mut sorted: Vec<(&String, Value)> = map.iter().map(|(key, value)| (key, element(key, value))).collect();
    if !map.contains_key("Condition") {
        sorted.push((condition_key(), json!({})));
    }
    sorted.sort_by(|a, b| a.0.cmp(b.0));
    Value::Object(sorted.into_iter().map(|(key, value)| (key.clone(), value)).collect())
}

fn condition_key() -> &'static String {
    static KEY: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| "Condition".to_owned());
    &KEY
}

fn element(key: &str, value: &Value) -> Value {
    match (key, value) {
        ("Action" | "NotAction", _) => sorted_set(value, str::to_lowercase),
        ("Resource" | "NotResource", _) => sorted_set(value, str::to_owned),
        ("Principal" | "NotPrincipal", Value::Object(map)) => sorted_map(map, |who, value| match who {
            "AWS" => sorted_set(value, root_arn),
            _ => sorted_set(value, str::to_owned),
        }),
        ("Condition", Value::Object(map)) => sorted_map(map, |_, keys| match keys {
            Value::Object(keys) => {
                // Condition keys are case-insensitive. Two that differ in nothing else are two conditions: none may vanish.
                let lower: Map<String, Value> = keys.iter().map(|(k, v)| (k.to_lowercase(), v.clone())).collect();
                let keys = if lower.len() == keys.len() { &lower } else { keys };
                sorted_map(keys, |_, value| sorted_set(value, str::to_owned))
            }
            other => other.clone(),
        }),
        _ => value.clone(),
    }
}

fn sorted_map(map: &Map<String, Value>, convert: impl Fn(&str, &Value) -> Value) -> Value {
    let mut entries: Vec<(String, Value)> = map.iter().map(|(key, value)| (key.clone(), convert(key, value))).collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Value::Object(entries.into_iter().collect())
}

fn sorted_set(value: &Value, convert: impl Fn(&str) -> String) -> Value {
    let mut items: Vec<String> =
        listed(Some(value)).iter().map(|item| item.as_str().map_or_else(|| item.to_string(), &convert)).collect();
    items.sort();
    items.dedup();
    items.into()
}

/// An account id as AWS principal is the same as the account's root.
fn root_arn(principal: &str) -> String {
    let is_account = principal.len() == 12 && principal.bytes().all(|byte| byte.is_ascii_digit());
    if is_account { format!("arn:aws:iam::{principal}:root") } else { principal.to_owned() }
}

fn listed(value: Option<&Value>) -> Vec<Value> {
    match value {
        None => Vec::new(),
        Some(Value::Array(items)) => items.clone(),
        Some(one) => vec![one.clone()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &Value, b: &Value) -> bool {
        Policy::parse(&a.to_string()) == Policy::parse(&b.to_string())
    }

    #[test]
    fn spelling_does_not_matter() {
        let plain = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": "q", "Condition": {"ArnEquals": {"aws:SourceArn": ["b", "a"]}}}]});
        let reshaped = json!({"Statement": {"Action": ["SQS:sendmessage"], "Resource": ["q"], "Effect": "Allow",
            "Principal": {"Service": ["events.amazonaws.com"]}, "Condition": {"ArnEquals": {"AWS:SourceArn": ["a", "b"]}}},
            "Version": "2012-10-17"});
        assert!(same(&plain, &reshaped));
        let bare =
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}}]});
        let root = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"AWS": ["arn:aws:iam::123456789012:root"]}, "Condition": {}}]});
        assert!(same(&bare, &root));
    }

    #[test]
    fn sentences_say_everything() {
        let policy =
            Policy::of(&json!({"Sid": "x", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage", "Resource": "q", "Condition": {"ArnEquals": {"aws:SourceArn": ["a", "b"]}}}));
        let expected = "Allow events.amazonaws.com sqs:SendMessage on q if aws:SourceArn = a or b Sid \"x\"";
        assert_eq!(policy.sentences(), [expected]);
    }

    #[test]
    fn meaning_does() {
        let base =
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "a:b", "Resource": "r"}]});
        for other in [
            json!({"Statement": [{"Effect": "Allow", "Action": "a:b", "Resource": "r"}]}),
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "a:b", "Resource": "r"}]}),
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "a:b", "Resource": "R"}]}),
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["a:b", "a:c"], "Resource": "r"}]}),
            json!({"Version": "2012-10-17", "Statement": []}),
        ] {
            assert!(!same(&base, &other), "{other}");
        }
        let if_source = |keys: Value| json!({"Statement": [{"Effect": "Allow", "Condition": {"ArnLike": keys}}]});
        let twice = if_source(json!({"AWS:SourceArn": "b", "aws:SourceArn": "a"}));
        assert!(!same(&twice, &if_source(json!({"aws:SourceArn": "a"}))));
        assert!(!same(&twice, &if_source(json!({"aws:SourceArn": "b"}))));
        assert!(Policy::parse("not json") != Policy::parse(&base.to_string()));
    }
}
