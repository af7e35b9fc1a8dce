//! A search identifier of a Sigma rule: maps of fields, lists of maps, and the modifiers behind a field's name.

use serde_json::{Map, Number, Value};

use super::logic::{SigmaField, SigmaLogic};
use super::value::{SigmaValue, around, regular, scalar, wildcards};

/// Most values of one field; a pattern has no room for more.
const MAX_VALUES: usize = 1_000;

/// What a search identifier asks for.
///
/// # Errors
/// Why EventBridge cannot do that.
pub(super) fn read(name: &str, value: &Value) -> Result<SigmaLogic, String> {
    match value {
        Value::Object(fields) => map(fields),
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_object) => {
            let maps = items.iter().filter_map(Value::as_object);
            maps.map(map).collect::<Result<_, _>>().map(SigmaLogic::Any)
        }
        Value::Null => Err(format!("`{name}` is empty")),
        _ => Err(format!(
            "`{name}` is a list of keywords: an event pattern compares fields and cannot search the whole record"
        )),
    }
}

fn map(fields: &Map<String, Value>) -> Result<SigmaLogic, String> {
    if fields.is_empty() {
        return Err("a selection without fields matches everything".to_owned());
    }
    fields.iter().map(|(key, value)| field(key, value)).collect::<Result<_, _>>().map(SigmaLogic::All)
}

/// The modifiers behind a field's name.
#[derive(Default)]
struct SigmaModifiers<'r> {
    /// What the values are.
    kind: Option<&'r str>,
    others: Vec<&'r str>,
}

impl<'r> SigmaModifiers<'r> {
    fn read(key: &'r str) -> Result<(&'r str, Self), String> {
        let mut words = key.split('|');
        let path = words.next().unwrap_or_default();
        let mut found = Self::default();
        for word in words {
            match word {
                "contains" | "startswith" | "endswith" | "all" | "cased" | "neq" => found.others.push(word),
                "re" | "cidr" | "exists" | "lt" | "lte" | "gt" | "gte" if found.kind.is_none() => {
                    found.kind = Some(word);
                }
                "fieldref" => {
                    return Err(format!(
                        "`{key}` compares two fields of a record, and an event pattern compares a field with a value"
                    ));
                }
                "expand" => return Err(format!("`{key}` has a placeholder that only its author can fill in")),
                _ => {
                    return Err(format!(
                        "`{key}` has the modifier `{word}`, which has no counterpart in an event pattern"
                    ));
                }
            }
        }
        if path.is_empty() {
            return Err(format!(
                "`{key}` searches keywords: an event pattern compares fields and cannot search the whole record"
            ));
        }
        if found.kind.is_some() && (found.is_part() || found.has("cased")) {
            return Err(format!("the modifiers of `{key}` do not go together"));
        }
        Ok((path, found))
    }

    fn has(&self, word: &str) -> bool {
        self.others.contains(&word)
    }

    /// Whether the values are parts of the text.
    fn is_part(&self) -> bool {
        ["contains", "startswith", "endswith"].iter().any(|word| self.has(word))
    }

    fn value(&self, key: &str, value: &Value) -> Result<SigmaValue, String> {
        let text = || scalar(value).ok_or_else(|| format!("a value of `{key}` is not a text, a number, or a boolean"));
        match self.kind {
            Some("exists") => match scalar(value).as_deref() {
                Some("true") => Ok(SigmaValue::Exists(true)),
                Some("false") => Ok(SigmaValue::Exists(false)),
                _ => Err(format!("`{key}` must be `true` or `false`")),
            },
            Some("cidr") => Ok(SigmaValue::Cidr(text()?)),
            Some("re") => {
                let expression = text()?;
                let parts = regular(&expression).map_err(|what| {
                    format!("`{key}` has the regular expression `{expression}`, and EventBridge has no regular expressions: {what} cannot be written as a wildcard")
                })?;
                Ok(SigmaValue::Text { parts, is_cased: true })
            }
            Some(comparison) => {
                let operator = match comparison {
                    "lt" => "<",
                    "lte" => "<=",
                    "gt" => ">",
                    _ => ">=",
                };
                let number: Number = text()?.parse().map_err(|_| format!("`{key}` must be a number"))?;
                Ok(SigmaValue::Compared(operator, number))
            }
            None if value.is_null() && !self.is_part() => Ok(SigmaValue::Null),
            None => {
                let is_inside = self.has("contains");
                let (before, after) = (is_inside || self.has("endswith"), is_inside || self.has("startswith"));
                let parts = around(wildcards(&text()?), before, after);
                Ok(SigmaValue::Text { parts, is_cased: self.has("cased") })
            }
        }
    }
}

/// One field of a map.
fn field(key: &str, value: &Value) -> Result<SigmaLogic, String> {
    let (path, modifiers) = SigmaModifiers::read(key)?;
    let values: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    };
    if values.is_empty() || values.len() > MAX_VALUES {
        return Err(format!("`{key}` has {} values; a pattern takes 1 to {MAX_VALUES}", values.len()));
    }
    let values: Vec<SigmaValue> =
        values.into_iter().map(|value| modifiers.value(key, value)).collect::<Result<_, _>>()?;
    let one = |values| SigmaLogic::Field(SigmaField { path: path.to_owned(), values });
    let logic = if modifiers.has("all") {
        SigmaLogic::All(values.into_iter().map(|value| one(vec![value])).collect())
    } else {
        one(values)
    };
    Ok(if modifiers.has("neq") { SigmaLogic::Not(Box::new(logic)) } else { logic })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(value: &Value) -> String {
        read("selection", value).expect_err("refused")
    }

    #[test]
    fn maps_are_all_of_their_fields_and_lists_one_of_theirs() {
        let field = |path: &str, texts: &[&str]| {
            let values =
                texts.iter().map(|text| SigmaValue::Text { parts: wildcards(text), is_cased: false }).collect();
            SigmaLogic::Field(SigmaField { path: path.to_owned(), values })
        };
        let map = json!({ "eventName": ["A", "B"], "x.y": 5 });
        assert_eq!(read("s", &map), Ok(SigmaLogic::All(vec![field("eventName", &["A", "B"]), field("x.y", &["5"])])));
        let list = json!([{ "a": "1" }, { "b": "2" }]);
        let all = |one| SigmaLogic::All(vec![one]);
        assert_eq!(read("s", &list), Ok(SigmaLogic::Any(vec![all(field("a", &["1"])), all(field("b", &["2"]))])));
        let both = read("s", &json!({ "a|contains|all": ["x", "y"] })).expect("read");
        assert!(
            matches!(both, SigmaLogic::All(fields) if matches!(&fields[0], SigmaLogic::All(two) if two.len() == 2))
        );
        assert!(
            matches!(read("s", &json!({ "a|neq": "x" })), Ok(SigmaLogic::All(one)) if matches!(one[0], SigmaLogic::Not(_)))
        );
    }

    #[test]
    fn what_a_pattern_cannot_do_is_refused_by_name() {
        for (value, word) in [
            (json!(["word", "other"]), "keywords"),
            (json!({ "|all": ["word", "other"] }), "keywords"),
            (json!("word"), "keywords"),
            (json!({}), "without fields"),
            (json!(null), "empty"),
            (json!({ "a|base64": "x" }), "`base64`"),
            (json!({ "a|fieldref": "b" }), "two fields"),
            (json!({ "a|expand": "%x%" }), "placeholder"),
            (json!({ "a|re|i": "x" }), "`i`"),
            (json!({ "a|re": "x+" }), "regular expression"),
            (json!({ "a|cidr|contains": "x" }), "do not go together"),
            (json!({ "a|exists": "maybe" }), "`true` or `false`"),
            (json!({ "a|gt": "x" }), "number"),
            (json!({ "a": { "b": 1 } }), "not a text"),
            (json!({ "a": [] }), "0 values"),
        ] {
            let found = refusal(&value);
            assert!(found.contains(word), "{value}: {found}");
        }
    }
}
