//! Tree × JSON Schema → findings: every unknown key, wrong type, missing key and value outside the allowed ones.
//!
//! The schemas are generated from the Rust types (`schemars`), so a type is the only place where a file's shape is
//! written down: editors, this check and the deserialiser all follow it. Only the part of JSON Schema that our types use
//! is understood; a test walks the generated schemas and fails when a type brings in more.

use schemars::Schema;
use serde_json::{Map, Value};

use super::parse::kind;
use super::{Document, Entry, Node, NodeValue, step};
use crate::diagnostic::{Code, Finding};

/// A key that a later version will understand. Using it is a finding that says so, not an unknown key.
#[derive(Clone, Copy, Debug)]
pub struct Reserved {
    /// The mapping, as a JSON pointer with `*` for any one step; `**` alone for every mapping.
    pub within: &'static str,
    /// The key.
    pub key: &'static str,
    /// What to do today instead.
    pub instead: &'static str,
}

/// Compares the document with the schema.
pub(super) fn check(document: &Document, schema: &Schema, reserved: &[Reserved]) -> Vec<Finding> {
    let mut walk = Walk { document, root: schema.as_value(), reserved, findings: Vec::new() };
    walk.node(&document.root, schema.as_value(), "");
    walk.findings
}

struct Walk<'a> {
    document: &'a Document,
    root: &'a Value,
    reserved: &'a [Reserved],
    findings: Vec<Finding>,
}

impl<'a> Walk<'a> {
    fn node(&mut self, node: &Node, schema: &'a Value, pointer: &str) {
        let Some(schema) = self.resolve(schema) else { return };
        if let Some(allowed) = allowed_strings(schema) {
            return self.allowed(node, &allowed, pointer);
        }
        if let Some(branch) = optional(schema) {
            // An optional value: written as null it counts as absent.
            if node.value != NodeValue::Scalar(Value::Null) {
                self.node(node, branch, pointer);
            }
            return;
        }
        if !self.type_fits(node, schema, pointer) {
            return;
        }
        match &node.value {
            NodeValue::Map(entries) => self.map(node, entries, schema, pointer),
            NodeValue::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    if let Some(schema) = schema.get("items") {
                        self.node(item, schema, &format!("{pointer}/{index}"));
                    }
                }
            }
            NodeValue::Scalar(_) => {}
        }
    }

    fn map(&mut self, node: &Node, entries: &[Entry], schema: &'a Map<String, Value>, pointer: &str) {
        let empty = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object);
        for entry in entries {
            let below = format!("{pointer}/{}", step(&entry.key));
            match (properties.and_then(|known| known.get(&entry.key)), schema.get("additionalProperties")) {
                (Some(property), _) => self.node(&entry.value, property, &below),
                (None, Some(Value::Bool(false))) => self.unknown(entry, properties.unwrap_or(&empty), pointer),
                (None, Some(additional)) => self.node(&entry.value, additional, &below),
                (None, None) => {}
            }
        }
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for key in required.filter(|key| node.get(key).is_none()) {
            let about = properties.and_then(|known| known.get(key)).and_then(|property| property.get("description"));
            let span = entries.first().map_or_else(|| node.span.clone(), |entry| entry.key_span.clone());
            let mut finding =
                Finding::new(Code::MissingKey, &self.document.source, span, format!("the key `{key}` is missing"));
            if let Some(about) = about.and_then(Value::as_str) {
                finding = finding.expected(format!("`{key}`: {}", first_sentence(about)));
            }
            self.findings.push(finding);
        }
    }

    fn unknown(&mut self, entry: &Entry, properties: &Map<String, Value>, pointer: &str) {
        let (code, message) = (Code::UnknownKey, format!("`{}` is not a key here", entry.key));
        let finding = Finding::new(code, &self.document.source, entry.key_span.clone(), message);
        let reserved = self.reserved.iter().find(|one| one.key == entry.key && within(one.within, pointer));
        self.findings.push(match reserved {
            Some(reserved) => Finding::new(
                Code::Reserved,
                &self.document.source,
                entry.key_span.clone(),
                format!("`{}` is reserved for a later version of trailbell", entry.key),
            )
            .help(reserved.instead),
            None => finding.suggest(&entry.key, properties.keys().map(String::as_str)),
        });
    }

    fn type_fits(&mut self, node: &Node, schema: &Map<String, Value>, pointer: &str) -> bool {
        let types = types(schema);
        let fits = types.is_empty() || types.iter().any(|expected| fits(&node.value, expected, schema));
        if !fits {
            let name = called(pointer);
            let wanted = type_name(types[0], schema);
            let (code, message) = (Code::WrongType, format!("{name} must be {wanted}"));
            let mut finding = Finding::new(code, &self.document.source, node.span.clone(), message)
                .found(kind(&node.value))
                .expected(wanted);
            if types[0] == "string" && matches!(node.value, NodeValue::Scalar(Value::Number(_) | Value::Bool(_))) {
                finding = finding.help("quote it");
            }
            self.findings.push(finding);
        }
        fits
    }

    fn allowed(&mut self, node: &Node, allowed: &[&str], pointer: &str) {
        let value = node.to_json();
        let word = value.as_str();
        if word.is_some_and(|word| allowed.contains(&word)) {
            return;
        }
        let mut finding = Finding::new(
            Code::NotAllowed,
            &self.document.source,
            node.span.clone(),
            format!("{} must be one of {}", called(pointer), allowed.join(", ")),
        );
        finding =
            finding.found(word.map_or_else(|| kind(&node.value).to_owned(), |word| format!("`{}`", shorten(word))));
        if let Some(near) = word.and_then(|word| crate::diagnostic::nearest(word, allowed)) {
            finding = finding.help(format!("did you mean `{near}`?"));
        }
        self.findings.push(finding);
    }

    /// Follows `$ref` to the definition. `true` (anything goes) has nothing to check.
    fn resolve(&self, schema: &'a Value) -> Option<&'a Map<String, Value>> {
        let schema = schema.as_object()?;
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.root.pointer(reference.strip_prefix('#')?)?.as_object(),
            None => Some(schema),
        }
    }
}

/// The schema of the value when `schema` is "that, or null".
fn optional(schema: &Map<String, Value>) -> Option<&Value> {
    let branches = schema.get("anyOf")?.as_array()?;
    branches.iter().find(|branch| branch.get("type").and_then(Value::as_str) != Some("null"))
}

/// The types a schema accepts; `null` among them means that the value may be left out.
fn types(schema: &Map<String, Value>) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn within(place: &str, pointer: &str) -> bool {
    place == "**"
        || place.split('/').count() == pointer.split('/').count()
            && place.split('/').zip(pointer.split('/')).all(|(want, step)| want == "*" || want == step)
}

fn allowed_strings(schema: &Map<String, Value>) -> Option<Vec<&str>> {
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return Some(values.iter().filter_map(Value::as_str).collect());
    }
    let branches = schema.get("oneOf")?.as_array()?;
    Some(branches.iter().filter_map(|branch| branch.get("const")?.as_str()).collect())
}

fn fits(value: &NodeValue, expected: &str, schema: &Map<String, Value>) -> bool {
    match value {
        NodeValue::Map(_) => expected == "object",
        NodeValue::List(_) => expected == "array",
        NodeValue::Scalar(Value::String(_)) => expected == "string",
        NodeValue::Scalar(Value::Bool(_)) => expected == "boolean",
        NodeValue::Scalar(Value::Number(number)) => number_fits(number, expected, schema),
        NodeValue::Scalar(_) => expected == "null",
    }
}

fn number_fits(number: &serde_json::Number, expected: &str, schema: &Map<String, Value>) -> bool {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let value = number.as_f64().unwrap_or(f64::NAN);
    (expected == "number" || expected == "integer" && !number.is_f64())
        && bound("minimum").is_none_or(|minimum| value >= minimum)
        && bound("maximum").is_none_or(|maximum| value <= maximum)
}

fn type_name(expected: &str, schema: &Map<String, Value>) -> String {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    match (expected, bound("minimum"), bound("maximum")) {
        ("object", ..) => "a mapping (`key: value`)".to_owned(),
        ("array", ..) => "a list".to_owned(),
        ("integer" | "number", Some(minimum), Some(maximum)) => format!("a number from {minimum} to {maximum}"),
        ("integer", ..) => "a whole number".to_owned(),
        (other, ..) => format!("a {other}"),
    }
}

/// What the value at a pointer is called in messages.
fn called(pointer: &str) -> String {
    let mut steps = pointer.rsplit('/');
    let key = steps.next().unwrap_or_default();
    match (key.parse::<usize>(), steps.next()) {
        _ if key.is_empty() => "the document".to_owned(),
        (Ok(index), Some(list)) => format!("item {} of `{list}`", index + 1),
        _ => format!("`{key}`"),
    }
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

fn shorten(word: &str) -> String {
    if word.chars().count() <= 60 {
        word.to_owned()
    } else {
        format!("{}…", word.chars().take(60).collect::<String>())
    }
}

/// The keywords of JSON Schema that this check understands or may ignore.
#[cfg(test)]
const UNDERSTOOD: &[&str] = &[
    "$schema",
    "$defs",
    "$ref",
    "title",
    "description",
    "default",
    "examples",
    "type",
    "format",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "oneOf",
    "const",
    "anyOf",
    "minimum",
    "maximum",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use schemars::JsonSchema;
    use serde::Deserialize;

    use super::Reserved;
    use crate::document::Document;

    /// An animal.
    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Animal {
        /// What it is called. And more.
        name: String,
        size: Option<Size>,
        #[schemars(range(min = 0, max = 8))]
        legs: Option<u8>,
        #[serde(default)]
        friends: Vec<Animal>,
        #[serde(default)]
        notes: BTreeMap<String, String>,
        anything: Option<serde_json::Value>,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Size {
        /// Below a metre.
        Small,
        /// The rest.
        Large,
    }

    const RESERVED: &[Reserved] = &[Reserved { within: "/friends/*", key: "when", instead: "leave it out" }];

    fn findings(text: &str) -> Vec<String> {
        match Document::parse("t", text).expect("valid YAML").typed::<Animal>(RESERVED) {
            Ok(_) => Vec::new(),
            Err(findings) => findings
                .iter()
                .map(|one| {
                    let (line, column) = one.position();
                    let rest = [&one.found, &one.expected, &one.help].map(|part| part.as_deref().unwrap_or("-"));
                    format!("{} {line}:{column} {} | {}", one.code.id(), one.message, rest.join(" | "))
                })
                .collect(),
        }
    }

    /// Every keyword of a schema; names of properties and definitions are not keywords.
    fn keywords(schema: &serde_json::Value, found: &mut std::collections::BTreeSet<String>) {
        match schema {
            serde_json::Value::Object(map) => {
                for (key, value) in map {
                    found.insert(key.clone());
                    match (key.as_str(), value) {
                        ("properties" | "$defs", serde_json::Value::Object(named)) => {
                            named.values().for_each(|value| keywords(value, found));
                        }
                        ("default" | "examples" | "enum" | "const" | "required", _) => {}
                        _ => keywords(value, found),
                    }
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| keywords(item, found)),
            _ => {}
        }
    }

    #[test]
    fn the_types_use_no_keyword_that_is_not_understood() {
        let mut found = std::collections::BTreeSet::new();
        keywords(schemars::schema_for!(crate::blueprint::Blueprint).as_value(), &mut found);
        keywords(schemars::schema_for!(crate::stack::Stack).as_value(), &mut found);
        found.retain(|keyword| !super::UNDERSTOOD.contains(&keyword.as_str()));
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn a_good_document_has_no_findings() {
        let text = "{name: a, size: large, legs: 4, friends: [{name: b, size: null}], notes: {x: y}, anything: [1]}";
        assert!(findings(text).is_empty(), "{:?}", findings(text));
    }

    #[test]
    fn everything_wrong_is_reported_at_once() {
        insta::assert_snapshot!(findings("nam: a\nsize: larg\nlegs: 9\nfriends:\n  - {name: 1, when: x}\n  - 7\nnotes: {a: [b]}\nxyz: 1").join("\n"), @"
        TB0105 1:1 `nam` is not a key here | - | - | did you mean `name`?
        TB0108 2:7 `size` must be one of small, large | `larg` | - | did you mean `large`?
        TB0106 3:7 `legs` must be a number from 0 to 8 | a number | a number from 0 to 8 | -
        TB0106 5:12 `name` must be a string | a number | a string | quote it
        TB0109 5:15 `when` is reserved for a later version of trailbell | - | - | leave it out
        TB0106 6:5 item 2 of `friends` must be a mapping (`key: value`) | a number | a mapping (`key: value`) | -
        TB0106 7:12 `a` must be a string | a list | a string | -
        TB0105 8:1 `xyz` is not a key here | - | - | known here: name, size, legs, friends, notes, anything
        TB0107 1:1 the key `name` is missing | - | `name`: What it is called | -
        ");
    }

    #[test]
    fn a_document_of_another_kind_is_found() {
        insta::assert_snapshot!(findings("[a]").join("\n"), @"TB0106 1:1 the document must be a mapping (`key: value`) | a list | a mapping (`key: value`) | -");
    }
}
