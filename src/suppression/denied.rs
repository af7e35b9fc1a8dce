//! What a field must not be, as a list of an event pattern: alone, or together with what the pattern lists there already.
//!
//! A list means one of its entries, so several denials must fit into one `anything-but`, which takes one operator: texts,
//! prefixes, and suffixes become wildcards next to each other. What has no exact form is refused.

use serde_json::{Value, json};

use super::block::{AddressBlock, outside_blocks};
use super::condition::Condition;
use crate::pattern::{Pattern, Verdict};

/// None of these conditions holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Denied(Vec<Condition>);

impl Denied {
    /// Adds conditions.
    pub(super) fn add(&mut self, more: &[Condition]) {
        for one in more {
            if !self.0.contains(one) {
                self.0.push(one.clone());
            }
        }
    }

    /// Whether the other one denies all of this, too.
    pub(super) fn is_part_of(&self, other: &Self) -> bool {
        self.0.iter().all(|one| other.0.contains(one))
    }

    fn holds(&self, value: &Value) -> bool {
        self.0.iter().any(|one| one.holds(value))
    }

    /// The list for a field that may also be missing.
    pub(super) fn list(&self) -> Result<Vec<Value>, String> {
        let mut list = self.entries()?;
        list.push(json!({ "exists": false }));
        Ok(list)
    }

    /// The entries that every value fulfills for which no condition holds.
    fn entries(&self) -> Result<Vec<Value>, String> {
        // A text for which another condition holds anyway adds nothing.
        let is_covered = |one: &Condition| match one {
            Condition::Text(text) => self.0.iter().any(|other| other != one && other.holds(&json!(text))),
            _ => false,
        };
        let needed: Vec<&Condition> = self.0.iter().filter(|one| !is_covered(one)).collect();
        let blocks: Vec<AddressBlock> = needed
            .iter()
            .filter_map(|one| if let Condition::Within(block) = one { Some(*block) } else { None })
            .collect();
        let others: Vec<&Condition> =
            needed.iter().copied().filter(|one| !matches!(one, Condition::Within(_))).collect();
        if blocks.is_empty() { anything_but(&others).map(|one| vec![one]) } else { outside(&blocks, &others) }
    }

    /// What is left of a list of a pattern.
    pub(super) fn left_of(&self, list: &[Value]) -> Result<Vec<Value>, String> {
        let mut left: Vec<Value> = Vec::new();
        for entry in list {
            for one in self.left_of_entry(entry)? {
                if !left.contains(&one) {
                    left.push(one);
                }
            }
        }
        Ok(left)
    }

    fn left_of_entry(&self, entry: &Value) -> Result<Vec<Value>, String> {
        let kept = |is_kept: bool| Ok(if is_kept { vec![entry.clone()] } else { Vec::new() });
        let Some((name, value)) = entry.as_object().and_then(|fields| fields.iter().next()) else {
            return kept(!self.holds(entry));
        };
        match name.as_str() {
            "exists" if value == &json!(false) => kept(true),
            "exists" => self.entries(),
            "exactly" => kept(!self.holds(value)),
            "anything-but" => {
                let mut both = Self(denials(value)?);
                both.add(&self.0);
                both.entries()
            }
            _ => {
                for one in &self.0 {
                    match overlap(entry, name, value, one) {
                        Overlap::None => {}
                        Overlap::Whole => return kept(false),
                        Overlap::Unclear => {
                            return Err(format!(
                                "the pattern has `{entry}` there, from which this cannot be subtracted"
                            ));
                        }
                    }
                }
                kept(true)
            }
        }
    }
}

/// One `anything-but` for all conditions.
fn anything_but(conditions: &[&Condition]) -> Result<Value, String> {
    let all = |is: fn(&Condition) -> bool| conditions.iter().all(|one| is(one));
    let texts: Vec<&str> = conditions.iter().filter_map(|one| one.text()).collect();
    let denied = if all(|one| matches!(one, Condition::Text(_))) {
        json!(texts)
    } else if all(|one| matches!(one, Condition::Number(_))) {
        conditions
            .iter()
            .map(|one| if let Condition::Number(number) = one { number.clone() } else { Value::Null })
            .collect()
    } else if all(|one| matches!(one, Condition::Prefix(_))) {
        json!({ "prefix": one_or_many(&texts) })
    } else if all(|one| matches!(one, Condition::Suffix(_))) {
        json!({ "suffix": one_or_many(&texts) })
    } else if all(|one| matches!(one, Condition::AnyCase(_))) {
        json!({ "equals-ignore-case": one_or_many(&texts) })
    } else {
        let wildcards: Option<Vec<String>> = conditions.iter().map(|one| one.as_wildcard()).collect();
        let wildcards = wildcards
            .ok_or("numbers and `equals-ignore-case` cannot be combined with other conditions on one field")?;
        json!({ "wildcard": one_or_many(&wildcards) })
    };
    Ok(json!({ "anything-but": denied }))
}

fn one_or_many<T: serde::Serialize>(all: &[T]) -> Value {
    match all {
        [one] => json!(one),
        many => json!(many),
    }
}

/// The entries for what is outside of blocks of addresses and is none of these texts.
fn outside(blocks: &[AddressBlock], others: &[&Condition]) -> Result<Vec<Value>, String> {
    let is_name = |text: &str| text.contains(|c: char| !c.is_ascii_hexdigit() && c != '.' && c != ':');
    if !others.iter().all(|one| matches!(one, Condition::Text(text) if is_name(text))) {
        return Err(
            "`cidr` can only be combined with `cidr` and with texts that are not addresses, on one field".to_owned()
        );
    }
    let outside = outside_blocks(blocks);
    let ends = outside.endings.into_iter().map(str::to_owned);
    // As suffixes: a list of wildcards that begin with `*` could be too complex for EventBridge.
    let ends: Vec<Condition> =
        ends.chain(others.iter().filter_map(|one| one.text().map(str::to_owned))).map(Condition::Suffix).collect();
    let begins: Vec<Condition> = outside.beginnings.into_iter().map(Condition::Prefix).collect();
    let begins: Vec<&Condition> = begins.iter().chain(others.iter().copied()).collect();
    let mut entries = vec![anything_but(&begins)?, anything_but(&ends.iter().collect::<Vec<_>>())?];
    entries.extend(outside.addresses);
    Ok(entries)
}

/// What an `anything-but` of a pattern denies.
fn denials(value: &Value) -> Result<Vec<Condition>, String> {
    let listed = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    let read = |entry: Value| Condition::read(&entry);
    match value.as_object().and_then(|fields| fields.iter().next()) {
        Some((name, inner)) => listed(inner).into_iter().map(|one| read(json!({ name: one }))).collect(),
        None => listed(value).into_iter().map(read).collect(),
    }
}

/// How many of the values that an entry accepts a condition holds for.
enum Overlap {
    None,
    Whole,
    Unclear,
}

fn overlap(entry: &Value, name: &str, value: &Value, denied: &Condition) -> Overlap {
    let accepts = |one: &Value| {
        let pattern = Pattern::from_value(&json!({ "v": [entry] }));
        let verdict = pattern.and_then(|pattern| pattern.matches_value(&json!({ "v": one })));
        matches!(verdict, Ok(Verdict::Matches))
    };
    let not_if = |is_disjoint: bool| if is_disjoint { Overlap::None } else { Overlap::Unclear };
    match (name, value.as_str(), denied) {
        (_, _, Condition::Text(text)) => not_if(!accepts(&json!(text))),
        (_, _, Condition::Number(number)) => not_if(!accepts(number)),
        ("numeric", ..) => Overlap::None,
        ("prefix", Some(own), Condition::Prefix(front)) if own.starts_with(front.as_str()) => Overlap::Whole,
        ("prefix", Some(own), Condition::Prefix(front)) => not_if(!front.starts_with(own)),
        ("suffix", Some(own), Condition::Suffix(end)) if own.ends_with(end.as_str()) => Overlap::Whole,
        ("suffix", Some(own), Condition::Suffix(end)) => not_if(!end.ends_with(own)),
        ("equals-ignore-case", Some(own), Condition::AnyCase(text)) if own == text => Overlap::Whole,
        _ => Overlap::Unclear,
    }
}
