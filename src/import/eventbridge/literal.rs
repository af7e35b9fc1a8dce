//! What of a template is known without deploying it: literals, and functions of literals.

use serde_json::{Map, Value};

/// The value with its functions worked out.
///
/// # Errors
/// The function whose result is known only when the template is deployed.
pub(super) fn literal(value: &Value) -> Result<Value, String> {
    match value {
        Value::Array(items) => items.iter().map(literal).collect::<Result<_, _>>().map(Value::Array),
        Value::Object(fields) => {
            if let Some((name, argument)) = function(fields) {
                return called(name, argument);
            }
            let known = fields.iter().map(|(key, value)| Ok((key.clone(), literal(value)?)));
            known.collect::<Result<Map<_, _>, String>>().map(Value::Object)
        }
        plain => Ok(plain.clone()),
    }
}

/// The text of a value, with its functions worked out.
///
/// # Errors
/// As [`literal`], or it is not a text.
pub(super) fn text(value: &Value) -> Result<String, String> {
    match literal(value)? {
        Value::String(text) => Ok(text),
        other => Err(format!("{other} is not a text")),
    }
}

/// An object that is the call of a function.
fn function(fields: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = fields.iter().next().filter(|_| fields.len() == 1)?;
    (name == "Ref" || name == "Condition" && argument.is_string() || name.starts_with("Fn::"))
        .then_some((name, argument))
}

fn called(name: &str, argument: &Value) -> Result<Value, String> {
    let unknown = || Err(format!("`{}` is known only when the template is deployed", written(name, argument)));
    match (name, argument) {
        ("Fn::Sub", argument) => {
            let text = match argument {
                Value::Array(parts) => parts.first().and_then(Value::as_str),
                one => one.as_str(),
            };
            match text.map(|text| (text, text.replace("${!", ""))) {
                // `${!x}` is the text `${x}`.
                Some((text, rest)) if !rest.contains("${") => Ok(text.replace("${!", "${").into()),
                _ => unknown(),
            }
        }
        ("Fn::Join", Value::Array(parts)) => match parts.as_slice() {
            [Value::String(between), Value::Array(parts)] => {
                let texts: Vec<String> = parts.iter().map(text).collect::<Result<_, _>>()?;
                Ok(texts.join(between).into())
            }
            _ => unknown(),
        },
        _ => unknown(),
    }
}

/// A function as a person writes it: `Ref Name`.
pub(super) fn written(name: &str, argument: &Value) -> String {
    let argument = match argument {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let shown: String = argument.chars().take(80).collect();
    format!("{name} {shown}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn functions_of_literals_are_worked_out_and_all_others_are_named() {
        for (value, expected) in [
            (json!({ "a": ["x", 1, { "b": true }] }), json!({ "a": ["x", 1, { "b": true }] })),
            (json!({ "Fn::Sub": "plain" }), json!("plain")),
            (json!({ "Fn::Sub": "${!Literal}" }), json!("${Literal}")),
            (json!({ "Fn::Join": ["-", ["a", { "Fn::Sub": "b" }]] }), json!("a-b")),
            (json!({ "Ref": "A", "b": 1 }), json!({ "Ref": "A", "b": 1 })),
        ] {
            assert_eq!(literal(&value), Ok(expected), "{value}");
        }
        for (value, word) in [
            (json!({ "source": [{ "Ref": "Source" }] }), "`Ref Source`"),
            (json!({ "Fn::Sub": "${AWS::Region}" }), "AWS::Region"),
            (json!({ "Fn::Join": ["", ["a", { "Fn::GetAtt": "B.Arn" }]] }), "`Fn::GetAtt B.Arn`"),
            (json!({ "Fn::If": ["x", 1, 2] }), "Fn::If"),
        ] {
            let found = literal(&value).expect_err("unknown");
            assert!(found.contains(word), "{value}: {found}");
        }
    }
}
