//! The value of a literal in Terraform's language: a text, a heredoc, a number, a list, an object, or `jsonencode` of one.
//!
//! Nothing is calculated. Terraform's numbers have any number of digits, so what operators make of them is left to Terraform.
//! Source: HCL syntax specification (github.com/hashicorp/hcl, `hclsyntax/spec.md`).

use std::borrow::Cow;

use hcl::expr::{Expression, FuncCall, ObjectKey, Operation, TemplateExpr, UnaryOperator};
use hcl::template::{Element, Strip, Template};
use serde_json::{Map, Number, Value};

/// Whole numbers from here on are not exact.
const INEXACT: f64 = 9_007_199_254_740_992.0;
/// Longest expression that is shown, in characters.
const MAX_SHOWN: usize = 200;

/// The value of a literal.
///
/// # Errors
/// What it needs or has instead, as the rest of a sentence about it.
pub(super) fn of(expression: &Expression) -> Result<Value, String> {
    match expression {
        Expression::Null => Ok(Value::Null),
        Expression::Bool(flag) => Ok(Value::Bool(*flag)),
        Expression::String(text) => Ok(Value::String(text.clone())),
        Expression::Number(given) => number(*given, false),
        Expression::Array(items) => items.iter().map(of).collect::<Result<_, _>>().map(Value::Array),
        Expression::Object(fields) => object(fields.iter()),
        Expression::Parenthesis(inner) => of(inner),
        Expression::TemplateExpr(template) => text(template),
        Expression::FuncCall(call) => encoded(call).unwrap_or_else(|| Err(needs(expression))),
        Expression::Operation(operation) => match &**operation {
            Operation::Unary(unary) if unary.operator == UnaryOperator::Neg => match unary.expr {
                Expression::Number(given) => number(given, true),
                _ => Err(needs(expression)),
            },
            _ => Err(needs(expression)),
        },
        other => Err(needs(other)),
    }
}

/// An expression without parentheses and without the quotes of `"${…}"`, which change nothing.
pub(super) fn bare(expression: &Expression) -> Cow<'_, Expression> {
    match expression {
        Expression::Parenthesis(inner) => bare(inner),
        Expression::TemplateExpr(template) => match Template::from_expr(template).as_ref().map(Template::elements) {
            Ok([Element::Interpolation(only)]) => Cow::Owned(bare(&only.expr).into_owned()),
            _ => Cow::Borrowed(expression),
        },
        other => Cow::Borrowed(other),
    }
}

/// How an expression is written, not longer than is useful.
pub(super) fn written(expression: &Expression) -> String {
    let text = hcl::format::to_string(expression).unwrap_or_default();
    let mut chars = text.trim_end().chars();
    let shown: String = chars.by_ref().take(MAX_SHOWN).collect();
    if chars.next().is_some() { format!("`{shown}…`") } else { format!("`{shown}`") }
}

fn needs(expression: &Expression) -> String {
    format!("needs {}, which only Terraform knows", written(expression))
}

fn object<'e>(fields: impl Iterator<Item = (&'e ObjectKey, &'e Expression)>) -> Result<Value, String> {
    let mut object = Map::new();
    for (key, value) in fields {
        let name = match key {
            ObjectKey::Identifier(name) => name.to_string(),
            ObjectKey::Expression(expression) => match of(expression)? {
                Value::String(name) => name,
                _ => return Err("has a key that is not a text".to_owned()),
            },
            _ => return Err("has a key that is not known".to_owned()),
        };
        if object.contains_key(&name) {
            return Err(format!("has the key `{name}` twice in one object"));
        }
        object.insert(name, of(value)?);
    }
    Ok(Value::Object(object))
}

fn number(given: hcl::Number, is_negated: bool) -> Result<Value, String> {
    let inexact = || format!("has the number {given}, which has too many digits to be read exactly");
    let whole = given.as_i64().filter(|_| given.as_f64().is_some_and(|float| float.abs() < INEXACT));
    if let Some(whole) = whole {
        return Ok(Value::from(if is_negated { -whole } else { whole }));
    }
    let float = given.as_f64().filter(|float| float.abs() < INEXACT && float.fract() != 0.0).ok_or_else(inexact)?;
    Number::from_f64(if is_negated { -float } else { float }).map(Value::Number).ok_or_else(inexact)
}

/// A text in quotes or a heredoc, if nothing in it has to be evaluated.
fn text(template: &TemplateExpr) -> Result<Value, String> {
    let template = Template::from_expr(template).map_err(|error| format!("cannot be read: {error}"))?;
    if let [Element::Interpolation(only)] = template.elements() {
        return of(&only.expr);
    }
    let mut text = String::new();
    for element in template.elements() {
        match element {
            Element::Literal(part) => text.push_str(part),
            Element::Interpolation(inner) if inner.strip == Strip::None => match of(&inner.expr)? {
                Value::String(part) => text.push_str(&part),
                _ => return Err(needs(&inner.expr)),
            },
            Element::Interpolation(_) | Element::Directive(_) => {
                return Err("needs a template with `~` or `%{…}`, which only Terraform evaluates".to_owned());
            }
        }
    }
    Ok(Value::String(text))
}

/// The JSON of `jsonencode`; nothing for other functions.
fn encoded(call: &FuncCall) -> Option<Result<Value, String>> {
    let is_encoder = call.name.namespace.is_empty() && call.name.name.as_str() == "jsonencode" && !call.expand_final;
    match call.args.as_slice() {
        [argument] if is_encoder => Some(of(argument).map(|value| Value::String(value.to_string()))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn value(text: &str) -> Result<Value, String> {
        let body = hcl::parse(&format!("a = {text}\n")).expect("HCL");
        of(body.attributes().next().expect("an attribute").expr())
    }

    #[test]
    fn literals_have_their_values() {
        for (text, expected) in [
            ("null", json!(null)),
            ("(true)", json!(true)),
            ("[1, -2, 0.5, -0.25, 1.0, 1e3]", json!([1, -2, 0.5, -0.25, 1, 1000])),
            ("{ a = 1, \"b-c\" : [\"x\"], (\"d\") = {}, }", json!({ "a": 1, "b-c": ["x"], "d": {} })),
            (r#""a\"b\u00e9$${c}%%{d}""#, json!("a\"b\u{e9}${c}%{d}")),
            (r#""${"x"}-y""#, json!("x-y")),
            (r#""${["x"]}""#, json!(["x"])),
            ("<<-EOT\n    a\n      b\n    EOT", json!("a\n  b\n")),
            ("<<EOT\n  $${a}\nEOT", json!("  ${a}\n")),
            ("jsonencode({ a = [jsonencode(\"<x>\")] })", json!("{\"a\":[\"\\\"<x>\\\"\"]}")),
        ] {
            assert_eq!(value(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn nothing_is_calculated_and_what_is_needed_has_a_name() {
        for (text, part) in [
            ("1 / 0", "`1 / 0`"),
            ("5 % 0", "`5 % 0`"),
            ("(-9223372036854775807 - 1) % -1", "% -1`"),
            ("9223372036854775807 + 1", "`9223372036854775807 + 1`"),
            ("-(1 / 0)", "1 / 0"),
            ("!true", "`!true`"),
            ("true ? 1 : 2", "`true ? 1 : 2`"),
            ("\"a${1 % 0}\"", "`1 % 0`"),
            ("<<EOT\n%{ if 1 % 0 == 0 }a%{ endif }\nEOT", "`%{…}`"),
            ("\" ${~ \"a\" }\"", "`~`"),
            ("\"a${true}\"", "`true`"),
            ("9007199254740993", "too many digits"),
            ("123456789012345678901234567890", "too many digits"),
            ("-9223372036854775808", "too many digits"),
            ("{ a = 1, \"a\" = 2 }", "`a` twice"),
            ("{ 5 = 1 }", "key that is not a text"),
            ("var.a", "`var.a`"),
            ("[local.b]", "`local.b`"),
            ("\"x-${var.c}\"", "`var.c`"),
            ("[1, 2][5]", "only Terraform knows"),
            ("[for one in [1] : one]", "only Terraform knows"),
            ("file(\"a\")", "`file(\"a\")`"),
            ("jsonencode()", "`jsonencode()`"),
            ("jsonencode([1]...)", "`jsonencode("),
            ("provider::a::jsonencode(1)", "`provider::a::jsonencode(1)`"),
        ] {
            let found = value(text).expect_err(text);
            assert!(found.contains(part), "{text}: {found}");
        }
    }
}
