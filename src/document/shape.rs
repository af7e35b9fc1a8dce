//! Tree × JSON Schema → findings: every unknown key, wrong type, missing key and value outside the allowed ones.
//!
//! The schemas are generated from the Rust types (`schemars`), so a type is the only place where a file's shape is
//! written down: editors, this check and the deserialiser all follow it. Only the part of JSON Schema that our types use
//! is understood; a test walks the generated schemas and fails when a type brings in more.

mod schema;

use std::ops::Range;

use schemars::Schema;
use serde_json::{Map, Value};

use super::parse::kind;
use super::{Document, Member, Node, NodeValue, step};
use crate::diagnostic::{Code, Finding};
use schema::{allowed_strings, branches, fits, is_optional, required, type_name, types};

/// A key that a later version will understand. Using it is a finding that says so, not an unknown key.
#[derive(Clone, Copy, Debug)]
pub struct ReservedKey {
    /// The mapping, as a JSON pointer with `*` for any one step; `**` alone for every mapping.
    pub within: &'static str,
    /// The key; `*` for any unknown key that holds a mapping.
    pub key: &'static str,
    /// What to do today instead.
    pub instead: &'static str,
}

/// What came of the comparison.
pub(super) struct Shaped {
    /// Every deviation.
    pub(super) findings: Vec<Finding>,
    /// The document with every deviation fixed somehow, so that later checks can go on and all is reported at once.
    pub(super) value: Value,
    /// Where it was fixed: what later checks find there is about the fix, not about the person's text.
    pub(super) blind: Vec<Range<usize>>,
}

/// Compares the document with the schema.
pub(super) fn check(document: &Document, schema: &Schema, reserved: &[ReservedKey]) -> Shaped {
    let mut walk = ShapeCheck { document, root: schema.as_value(), reserved, findings: Vec::new(), blind: Vec::new() };
    let value = walk.node(&document.root, schema.as_value(), "");
    Shaped { findings: walk.findings, value, blind: walk.blind }
}

struct ShapeCheck<'a> {
    document: &'a Document,
    root: &'a Value,
    reserved: &'a [ReservedKey],
    findings: Vec<Finding>,
    blind: Vec<Range<usize>>,
}

impl<'a> ShapeCheck<'a> {
    /// The node's value, fixed where it deviates.
    fn node(&mut self, node: &Node, written: &'a Value, pointer: &str) -> Value {
        let Some(schema) = self.resolve(written) else { return node.to_json() };
        if let Some(allowed) = allowed_strings(schema) {
            if node.to_json().as_str().is_some_and(|word| allowed.contains(&word)) {
                return node.to_json();
            }
            self.not_allowed(node, &allowed, pointer);
            return self.fix(node, written);
        }
        let branches = branches(schema);
        if !branches.is_empty() {
            // An optional value: written as null it counts as absent.
            let is_null = matches!(node.value, NodeValue::Scalar(Value::Null));
            if is_null && is_optional(schema) {
                return Value::Null;
            }
            let branch = self.branch(node, &branches).unwrap_or(branches[0]);
            return self.node(node, branch, pointer);
        }
        if !self.type_fits(node, schema, pointer) {
            return self.fix(node, written);
        }
        match (&node.value, schema.get("items")) {
            (NodeValue::Map(entries), _) => Value::Object(self.map(node, entries, schema, pointer)),
            (NodeValue::List(items), Some(schema)) => {
                let items = items.iter().enumerate();
                items.map(|(index, item)| self.node(item, schema, &format!("{pointer}/{index}"))).collect()
            }
            _ => node.to_json(),
        }
    }

    /// The alternative that a value is one of: by its type, and of two mappings the one with any keys for a mapping of
    /// mappings.
    fn branch(&self, node: &Node, branches: &[&'a Value]) -> Option<&'a Value> {
        let is_of_mappings = match &node.value {
            NodeValue::Map(entries) => entries.iter().any(|entry| matches!(entry.value.value, NodeValue::Map(_))),
            _ => false,
        };
        let of_type = branches.iter().copied().filter(|branch| {
            let schema = self.resolve(branch);
            schema.is_none_or(|schema| types(schema).iter().any(|expected| fits(&node.value, expected, schema)))
        });
        let has_any_keys = |branch: &&Value| self.resolve(branch).is_some_and(|one| !one.contains_key("properties"));
        let (any_keys, own_keys): (Vec<_>, Vec<_>) = of_type.partition(has_any_keys);
        let (first, other) = if is_of_mappings { (any_keys, own_keys) } else { (own_keys, any_keys) };
        first.into_iter().chain(other).next()
    }

    fn fix(&mut self, node: &Node, schema: &'a Value) -> Value {
        self.blind.push(node.span.clone());
        self.stand_in(schema)
    }

    /// Any value that fits the schema.
    fn stand_in(&self, schema: &'a Value) -> Value {
        let Some(schema) = self.resolve(schema) else { return Value::Null };
        if let Some(allowed) = allowed_strings(schema) {
            return allowed.first().copied().into();
        }
        if let Some(first) = branches(schema).first() {
            return if is_optional(schema) { Value::Null } else { self.stand_in(first) };
        }
        match types(schema).first().copied() {
            Some("object") => {
                let properties = schema.get("properties").and_then(Value::as_object);
                let stand_in = |key| Some((str::to_owned(key), self.stand_in(properties?.get(key)?)));
                Value::Object(required(schema).filter_map(stand_in).collect())
            }
            Some("array") => Value::Array(Vec::new()),
            Some("string") => "x".into(),
            Some("integer" | "number") => 1.into(),
            Some("boolean") => false.into(),
            _ => Value::Null,
        }
    }

    fn map(
        &mut self,
        node: &Node,
        entries: &[Member],
        schema: &'a Map<String, Value>,
        pointer: &str,
    ) -> Map<String, Value> {
        let properties = schema.get("properties").and_then(Value::as_object);
        let own = |key: &str| properties.and_then(|all| all.get(key));
        let others = schema.get("additionalProperties").filter(|others| **others != Value::Bool(false));
        let is_closed = schema.contains_key("additionalProperties") && others.is_none();
        let mut mended = Map::new();
        for entry in entries {
            let below = format!("{pointer}/{}", step(&entry.key));
            match own(&entry.key).or(others) {
                Some(schema) => {
                    mended.insert(entry.key.clone(), self.node(&entry.value, schema, &below));
                }
                None if is_closed => {
                    self.unknown(entry, properties, pointer);
                    self.blind.push(entry.value.span.clone());
                }
                None => {
                    mended.insert(entry.key.clone(), entry.value.to_json());
                }
            }
        }
        for key in required(schema).filter(|key| node.get(key).is_none()) {
            self.missing(key, node, entries, own(key));
            // Later checks would look for the missing value here.
            self.blind.push(node.span.clone());
            if let Some(schema) = own(key) {
                mended.insert(key.to_owned(), self.stand_in(schema));
            }
        }
        mended
    }

    fn missing(&mut self, key: &str, node: &Node, entries: &[Member], property: Option<&Value>) {
        let about = property.and_then(|property| property.get("description")).and_then(Value::as_str);
        let span = entries.first().map_or_else(|| node.span.clone(), |entry| entry.key_span.clone());
        let message = format!("the key `{key}` is missing");
        let mut finding = Finding::new(Code::MissingKey, &self.document.source, span, message);
        if let Some(about) = about {
            finding = finding.expected(format!("`{key}`: {}", first_sentence(about)));
        }
        self.findings.push(finding);
    }

    fn unknown(&mut self, entry: &Member, properties: Option<&Map<String, Value>>, pointer: &str) {
        let (code, message) = (Code::UnknownKey, format!("`{}` is not a valid key here", entry.key));
        let finding = Finding::new(code, &self.document.source, entry.key_span.clone(), message);
        let reserved = self.reserved.iter().find(|one| {
            let is_any = one.key == "*" && matches!(entry.value.value, NodeValue::Map(_));
            (is_any || one.key == entry.key) && within(one.within, pointer)
        });
        self.findings.push(match reserved {
            Some(reserved) => Finding::new(
                Code::Reserved,
                &self.document.source,
                entry.key_span.clone(),
                format!("`{}` is reserved for a later version of trailbell", entry.key),
            )
            .help(reserved.instead),
            None => finding.suggest(&entry.key, properties.into_iter().flat_map(Map::keys).map(String::as_str)),
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

    fn not_allowed(&mut self, node: &Node, allowed: &[&str], pointer: &str) {
        let value = node.to_json();
        let word = value.as_str();
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

/// Whether `pointer` is the place, `*` standing for any one step and `**` for every place.
fn within(place: &str, pointer: &str) -> bool {
    place == "**"
        || place.split('/').count() == pointer.split('/').count()
            && place.split('/').zip(pointer.split('/')).all(|(want, step)| want == "*" || want == step)
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

    use super::ReservedKey;
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

    const RESERVED: &[ReservedKey] = &[ReservedKey { within: "/friends/*", key: "when", instead: "leave it out" }];

    fn findings(text: &str) -> Vec<String> {
        let typed = Document::parse("t", text).expect("valid YAML").typed::<Animal>(RESERVED);
        assert!(typed.value.is_some(), "whatever is wrong, later checks can go on");
        let line = |one: &crate::diagnostic::Finding| {
            let (line, column) = one.position();
            let rest = [&one.found, &one.expected, &one.help].map(|part| part.as_deref().unwrap_or("-"));
            format!("{} {line}:{column} {} | {}", one.code.id(), one.message, rest.join(" | "))
        };
        typed.findings.iter().map(line).collect()
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
        TB0105 1:1 `nam` is not a valid key here | - | - | did you mean `name`?
        TB0108 2:7 `size` must be one of small, large | `larg` | - | did you mean `large`?
        TB0106 3:7 `legs` must be a number from 0 to 8 | a number | a number from 0 to 8 | -
        TB0106 5:12 `name` must be a string | a number | a string | quote it
        TB0109 5:15 `when` is reserved for a later version of trailbell | - | - | leave it out
        TB0106 6:5 item 2 of `friends` must be a mapping (`key: value`) | a number | a mapping (`key: value`) | -
        TB0106 7:12 `a` must be a string | a list | a string | -
        TB0105 8:1 `xyz` is not a valid key here | - | - | known here: name, size, legs, friends, notes, anything
        TB0107 1:1 the key `name` is missing | - | `name`: What it is called | -
        ");
    }

    #[test]
    fn a_document_of_another_kind_is_found() {
        insta::assert_snapshot!(findings("[a]").join("\n"), @"TB0106 1:1 the document must be a mapping (`key: value`) | a list | a mapping (`key: value`) | -");
    }
}
