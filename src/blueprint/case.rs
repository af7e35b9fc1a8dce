//! The tests of a blueprint: as they are written, and the cases they stand for.
//!
//! A test may begin with the event of an earlier one (`like`) and change some fields of it (`set`, `unset`), and may be
//! several cases that differ in one field (`each`). A path that begins with `$.` is one of the whole event, any other one of
//! the record or event that the test has. A blueprint is loaded with its cases; nothing else knows of the short
//! forms. Users: `check` (which says what is wrong with them), `cases` (which runs them).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Blueprint;
use crate::sample;

/// One test of a blueprint: an event and the expected result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What the case shows.
    pub name: String,
    /// The name of an earlier test that this one begins with: its record, event, or lines, and its parameter values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub like: Option<String>,
    /// A CloudTrail record; it is wrapped into the event EventBridge would make of it, or becomes a log line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Map<String, Value>>,
    /// A complete event, instead of `record`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Map<String, Value>>,
    /// Log lines, instead of `record`, for alerts with a `filter`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// Fields of the record or event that have other values, by path: `userIdentity.type: Root`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub set: Map<String, Value>,
    /// Fields of the record or event that are not there, by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unset: Vec<String>,
    /// One field, by path, and its values: the test runs once with each of them.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(with = "std::collections::BTreeMap<String, Vec<Value>>")]
    pub each: Map<String, Value>,
    /// Parameter values for this case.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub with: Map<String, Value>,
    /// The expected result.
    pub expect: Expectation,
    /// Which of the written tests it is, from 0 on.
    #[serde(skip)]
    pub at: usize,
    /// What differs of the event around a record: the path, and the value or that there is none.
    #[serde(skip)]
    pub envelope: Vec<(String, Option<Value>)>,
}

impl Case {
    /// The event that EventBridge would receive; null if the case has none.
    #[must_use]
    pub fn sent(&self) -> Value {
        let mut event = match (&self.event, &self.record) {
            (Some(event), _) => sample::of_event(event),
            (None, Some(record)) => sample::of_record(record),
            (None, None) => Value::Null,
        };
        if let Value::Object(fields) = &mut event {
            for (path, value) in &self.envelope {
                // What cannot be changed was found when the test was read.
                let _ = change_in(fields, path, value.clone());
            }
        }
        event
    }

    /// The lines the log group would get.
    #[must_use]
    pub fn logged(&self) -> Vec<String> {
        let record = self.record.iter().map(|record| Value::Object(record.clone()).to_string());
        record.chain(self.lines.iter().cloned()).collect()
    }
}

/// The expected result of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Whether the alert fires: for log lines, whether any of them matches the filter.
    pub matches: bool,
    /// How many of the log lines match the filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<usize>,
    /// The exact `text` of the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The exact body of the message, for messages written as `template`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// What is wrong with a written test, so that there is no case of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadTest {
    /// Which test, from 0 on.
    pub at: usize,
    /// The key that is wrong.
    pub key: &'static str,
    /// What is wrong.
    pub what: String,
    /// What it should be.
    pub expected: String,
}

impl Blueprint {
    /// Puts the cases that the written tests stand for in their place.
    ///
    /// # Errors
    /// What is wrong with tests; they are left out.
    pub fn expand_tests(&mut self) -> Result<(), Vec<BadTest>> {
        let (mut whole, mut cases, mut bad) = (Vec::<Case>::new(), Vec::new(), Vec::new());
        for (at, written) in std::mem::take(&mut self.tests).into_iter().enumerate() {
            match written.completed(at, &whole) {
                Ok(case) => {
                    match case.several() {
                        Ok(several) => cases.extend(several),
                        Err(one) => bad.push(one),
                    }
                    whole.push(case);
                }
                Err(one) => bad.push(one),
            }
        }
        self.tests = cases;
        if bad.is_empty() { Ok(()) } else { Err(bad) }
    }
}

impl Case {
    /// The case with everything it takes from an earlier one, and its changes made.
    fn completed(mut self, at: usize, earlier: &[Self]) -> Result<Self, BadTest> {
        self.at = at;
        if let Some(name) = self.like.take() {
            let found = earlier.iter().find(|one| one.name == name);
            let Some(first) = found else { return Err(self.no_such(&name, earlier)) };
            if self.record.is_some() || self.event.is_some() || !self.lines.is_empty() {
                let what = format!("the test `{}` has `like` and an event of its own", self.name);
                return Err(self.bad("like", what, "`like`, or one of `record`, `event`, and `lines`"));
            }
            (self.record, self.event, self.lines) = (first.record.clone(), first.event.clone(), first.lines.clone());
            self.envelope.clone_from(&first.envelope);
            for (name, value) in &first.with {
                self.with.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        for (path, value) in std::mem::take(&mut self.set) {
            self.change("set", &path, Some(value))?;
        }
        for path in std::mem::take(&mut self.unset) {
            self.change("unset", &path, None)?;
        }
        Ok(self)
    }

    /// One case for each value of `each`; itself without.
    fn several(&self) -> Result<Vec<Self>, BadTest> {
        let plain = Self { each: Map::new(), ..self.clone() };
        let Some((path, values)) = self.each.iter().next() else { return Ok(vec![plain]) };
        let values = values.as_array().filter(|values| !values.is_empty() && self.each.len() == 1);
        let Some(values) = values else {
            let what = format!("`each` of the test `{}` must be one field and its values", self.name);
            return Err(self.bad("each", what, "one path and a list that is not empty"));
        };
        let one = |value: &Value| {
            let mut case = plain.clone();
            case.name = format!("{} ({path}: {})", self.name, super::parameters::in_words(value));
            case.change("each", path, Some(value.clone()))?;
            Ok(case)
        };
        values.iter().map(one).collect()
    }

    /// Gives a field another value, or takes it away.
    fn change(&mut self, key: &'static str, path: &str, value: Option<Value>) -> Result<(), BadTest> {
        let name = self.name.clone();
        let at = self.at;
        let bad = |what: String, expected: &str| BadTest { at, key, what, expected: expected.to_owned() };
        let mut sent = self.sent();
        let changed = if let (Some(rest), Value::Object(event)) = (path.strip_prefix("$."), &mut sent) {
            self.envelope.push((rest.to_owned(), value.clone()));
            change_in(event, rest, value)
        } else {
            let Some(fields) = self.record.as_mut().or(self.event.as_mut()) else {
                let what = format!("the test `{name}` has `{key}`, and no record or event to change");
                let expected = "a `record` or `event`, or `like` with the name of an earlier test that has one";
                return Err(bad(what, expected));
            };
            change_in(fields, path, value)
        };
        changed.map_err(|what| {
            let expected = "the path of a field of the record or event, such as `userIdentity.type`, or of the whole \
                event, such as `$.source`";
            bad(format!("`{path}` of the test `{name}` {what}"), expected)
        })
    }

    fn no_such(&self, name: &str, earlier: &[Self]) -> BadTest {
        let names: Vec<String> = earlier.iter().map(|one| format!("`{}`", one.name)).collect();
        let expected = if names.is_empty() { "an earlier test".to_owned() } else { names.join(" or ") };
        self.bad("like", format!("no earlier test is named `{name}`"), &expected)
    }

    fn bad(&self, key: &'static str, what: String, expected: &str) -> BadTest {
        BadTest { at: self.at, key, what, expected: expected.to_owned() }
    }
}

/// Changes the field at a path. Objects on the way are made where there are none; a number is a place in a list, from 0 on.
fn change_in(fields: &mut Map<String, Value>, path: &str, value: Option<Value>) -> Result<(), &'static str> {
    if path.contains(['[', ']']) {
        return Err("is not a path: a place in a list is written as `.0`");
    }
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    match (rest, value) {
        _ if first.is_empty() => Err("is not a path"),
        (None, Some(value)) => {
            fields.insert(first.to_owned(), value);
            Ok(())
        }
        (None, None) => fields.shift_remove(first).map(drop).ok_or("is not there"),
        (Some(_), None) if !fields.contains_key(first) => Err("is not there"),
        (Some(rest), value) => {
            let next = fields.entry(first.to_owned()).or_insert(Value::Null);
            if next.is_null() && value.is_some() {
                *next = Value::Object(Map::new());
            }
            change_below(next, rest, value)
        }
    }
}

/// Changes what is at a path below a value.
fn change_below(within: &mut Value, path: &str, value: Option<Value>) -> Result<(), &'static str> {
    match within {
        Value::Object(fields) => change_in(fields, path, value),
        Value::Array(items) => {
            let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
            let at = first.parse::<usize>().ok().filter(|at| *at < items.len());
            let at = at.ok_or("leads to a place that the list does not have")?;
            match (rest, value) {
                (Some(rest), value) => change_below(&mut items[at], rest, value),
                (None, Some(value)) => {
                    items[at] = value;
                    Ok(())
                }
                (None, None) => {
                    items.remove(at);
                    Ok(())
                }
            }
        }
        _ => Err("leads through a value that is not an object"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn expanded(tests: &Value) -> (Vec<Case>, Vec<BadTest>) {
        let text = json!({
            "blueprint": "b", "title": "T", "severity": "low",
            "alert": { "pattern": { "source": ["aws.rds"] }, "message": { "text": "T" } }, "tests": tests,
        });
        let mut blueprint: Blueprint = serde_json::from_value(text).expect("a blueprint");
        let bad = blueprint.expand_tests().err().unwrap_or_default();
        (blueprint.tests, bad)
    }

    #[test]
    fn a_test_begins_like_an_earlier_one_and_changes_fields() {
        let (cases, bad) = expanded(&json!([
            { "name": "first", "record": { "eventName": "A", "userIdentity": { "type": "Root" }, "x": null, "l": [1, { "y": 2 }] },
              "with": { "p": 1 }, "expect": { "matches": true } },
            { "name": "second", "like": "first", "set": { "userIdentity.userName": "alice", "x.y": 2, "l.1.y": 3 },
              "unset": ["userIdentity.type", "l.0"], "expect": { "matches": false } },
            { "name": "third", "like": "second", "each": { "eventName": ["B", "C"] }, "with": { "p": 2 },
              "expect": { "matches": true } },
        ]));
        assert_eq!(bad, []);
        let record = |at: usize| Value::Object(cases[at].record.clone().expect("a record"));
        assert_eq!(
            record(1),
            json!({ "eventName": "A", "userIdentity": { "userName": "alice" }, "x": { "y": 2 }, "l": [{ "y": 3 }] })
        );
        assert_eq!(record(2)["eventName"], "B");
        assert_eq!(
            record(3),
            json!({ "eventName": "C", "userIdentity": { "userName": "alice" }, "x": { "y": 2 }, "l": [{ "y": 3 }] })
        );
        let names: Vec<(&str, usize)> = cases.iter().map(|case| (case.name.as_str(), case.at)).collect();
        assert_eq!(names, [("first", 0), ("second", 1), ("third (eventName: B)", 2), ("third (eventName: C)", 2)]);
        assert_eq!([&cases[1].with["p"], &cases[3].with["p"]], [&json!(1), &json!(2)]);
    }

    #[test]
    fn a_path_of_the_whole_event_changes_what_is_around_the_record() {
        let (cases, bad) = expanded(&json!([
            { "name": "ok", "record": { "eventName": "A", "eventSource": "rds.amazonaws.com" },
              "expect": { "matches": true } },
            { "name": "forged", "like": "ok", "set": { "$.source": "com.example" }, "expect": { "matches": false } },
            { "name": "both", "like": "forged", "set": { "eventName": "B", "$.detail.eventSource": "x" },
              "expect": { "matches": false } },
        ]));
        assert_eq!(bad, []);
        assert_eq!(cases[0].sent()["source"], "aws.rds");
        let both = cases[2].sent();
        assert_eq!([&both["source"], &both["detail"]["eventName"]], ["com.example", "B"]);
        assert_eq!(
            [&both["detail"]["eventSource"], &cases[1].sent()["detail"]["eventSource"]],
            ["x", "rds.amazonaws.com"]
        );
    }

    #[test]
    fn what_cannot_be_changed_is_said() {
        let record = json!({ "eventName": "A", "list": [] });
        let expect = json!({ "matches": true });
        let (cases, bad) = expanded(&json!([
            { "name": "ok", "record": record, "expect": expect },
            { "name": "a", "like": "nobody", "expect": expect },
            { "name": "b", "like": "ok", "record": record, "expect": expect },
            { "name": "c", "like": "ok", "unset": ["no"], "expect": expect },
            { "name": "d", "like": "ok", "set": { "list.x": 1 }, "expect": expect },
            { "name": "e", "set": { "x": 1 }, "expect": expect },
            { "name": "f", "like": "ok", "each": { "x": [] }, "expect": expect },
            { "name": "g", "like": "ok", "each": { "x": [1], "y": [2] }, "expect": expect },
            { "name": "h", "like": "ok", "set": { "list.0": 1 }, "expect": expect },
            { "name": "i", "like": "ok", "set": { "list[0]": 1 }, "expect": expect },
        ]));
        let keys: Vec<(usize, &str)> = bad.iter().map(|one| (one.at, one.key)).collect();
        let expected = [
            (1, "like"),
            (2, "like"),
            (3, "unset"),
            (4, "set"),
            (5, "set"),
            (6, "each"),
            (7, "each"),
            (8, "set"),
            (9, "set"),
        ];
        assert_eq!(keys, expected);
        assert_eq!(cases.len(), 1);
    }
}
