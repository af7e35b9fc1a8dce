//! What holds for any text, and the engine against a small evaluator that shares nothing with it.

use proptest::prelude::*;

use crate::filter::{Judgment, parse};

/// Text of the characters that mean something in a pattern or a message.
fn hostile() -> impl Strategy<Value = String> {
    prop::string::string_regex(r#"[ab1.*%$?(){}\[\]&|=!<>"'\\,^+ \-\n\té😀xINULTRES]{0,60}"#)
        .expect("a sound expression")
}

fn any_pattern() -> impl Strategy<Value = String> {
    let form =
        |open: &'static str, close: &'static str| hostile().prop_map(move |inside| format!("{open}{inside}{close}"));
    prop_oneof![
        any::<String>(),
        hostile(),
        form("{", "}"),
        form("{$.a", "}"),
        form("{$.a=", "}"),
        form("[a=", "]"),
        form("[", "]"),
        form("%", "%"),
        form("{$.a=%[", "]%}"),
    ]
}

fn any_message() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), hostile(), hostile().prop_map(|inside| format!("{{\"a\":{inside}}}"))]
}

/// A value of a message or, absent, none: its JSON text, and what it is as number and as text.
#[derive(Clone, Debug)]
enum Value {
    Absent,
    Null,
    Flag(bool),
    Number(i32),
    Text(String),
    List,
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Absent),
        Just(Value::Null),
        any::<bool>().prop_map(Value::Flag),
        (-3..4).prop_map(Value::Number),
        "[ab]{0,3}".prop_map(Value::Text),
        Just(Value::List),
    ]
}

#[derive(Clone, Debug)]
enum Expression {
    /// Field, operator, number.
    Number(usize, &'static str, i32),
    /// Field, operator, text of `a`, `b` and `*`.
    Text(usize, &'static str, String),
    /// Field, keyword.
    Keyword(usize, &'static str),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
}

fn expression() -> impl Strategy<Value = Expression> {
    let number_operators = prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]);
    let keywords = prop::sample::select(vec!["IS NULL", "IS TRUE", "IS FALSE", "NOT EXISTS"]);
    let leaf = prop_oneof![
        (0..3usize, number_operators, -3..4).prop_map(|(field, op, n)| Expression::Number(field, op, n)),
        (0..3usize, prop::sample::select(vec!["=", "!="]), "[ab*]{1,4}")
            .prop_map(|(field, op, text)| Expression::Text(field, op, text)),
        (0..3usize, keywords).prop_map(|(field, word)| Expression::Keyword(field, word)),
    ];
    leaf.prop_recursive(4, 12, 2, |inner| {
        let pair = || (inner.clone().prop_map(Box::new), inner.clone().prop_map(Box::new));
        prop_oneof![
            pair().prop_map(|(left, right)| Expression::And(left, right)),
            pair().prop_map(|(left, right)| Expression::Or(left, right)),
        ]
    })
}

impl Expression {
    /// With as few parentheses as keep the meaning, so that precedence is tested too.
    fn pattern(&self) -> String {
        let factor = |operand: &Self| match operand {
            Self::Or(..) => format!("({})", operand.pattern()),
            _ => operand.pattern(),
        };
        match self {
            Self::Number(field, operator, number) => format!("$.f{field} {operator} {number}"),
            Self::Text(field, operator, text) => format!("$.f{field}{operator}\"{text}\""),
            Self::Keyword(field, keyword) => format!("$.f{field} {keyword}"),
            Self::And(left, right) => format!("{} && {}", factor(left), factor(right)),
            Self::Or(left, right) => format!("{} || {}", left.pattern(), right.pattern()),
        }
    }

    /// True, false, or none where it is unknown.
    fn evaluate(&self, values: &[Value]) -> Option<bool> {
        match self {
            Self::Number(field, operator, number) => compare(&values[*field], operator, *number),
            Self::Text(field, operator, text) => fits(&values[*field], operator, text),
            Self::Keyword(field, keyword) => {
                let holding = match &values[*field] {
                    Value::Null => "IS NULL",
                    Value::Flag(true) => "IS TRUE",
                    Value::Flag(false) => "IS FALSE",
                    Value::Absent => "NOT EXISTS",
                    Value::Number(_) | Value::Text(_) | Value::List => "",
                };
                Some(*keyword == holding)
            }
            Self::And(left, right) => match (left.evaluate(values), right.evaluate(values)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Or(left, right) => match (left.evaluate(values), right.evaluate(values)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
        }
    }
}

fn compare(value: &Value, operator: &str, wanted: i32) -> Option<bool> {
    let found = match *value {
        Value::Number(found) => found,
        Value::List => return Some(false),
        _ => return if operator == "!=" { None } else { Some(false) },
    };
    Some(match operator {
        "=" => found == wanted,
        "!=" => found != wanted,
        "<" => found < wanted,
        "<=" => found <= wanted,
        ">" => found > wanted,
        _ => found >= wanted,
    })
}

fn fits(value: &Value, operator: &str, wanted: &str) -> Option<bool> {
    let spelled = match value {
        Value::Text(found) => return Some(glob(wanted.as_bytes(), found.as_bytes()) == (operator == "=")),
        Value::Null => "null".to_owned(),
        Value::Flag(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::List => return Some(false),
        Value::Absent => return if operator == "!=" { None } else { Some(false) },
    };
    if operator == "!=" || glob(wanted.as_bytes(), spelled.as_bytes()) { None } else { Some(false) }
}

/// The definition of a wildcard, word for word; exponential, and that does not matter here.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), None) => glob(rest, text),
        (Some((b'*', rest)), Some((_, tail))) => glob(rest, text) || glob(pattern, tail),
        (Some((byte, rest)), Some((first, tail))) => byte == first && glob(rest, tail),
        _ => false,
    }
}

fn message(values: &[Value]) -> String {
    let members = values.iter().enumerate().filter_map(|(field, value)| {
        let text = match value {
            Value::Absent => return None,
            Value::Null => "null".to_owned(),
            Value::Flag(flag) => flag.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Text(text) => format!("\"{text}\""),
            Value::List => "[1]".to_owned(),
        };
        Some(format!("\"f{field}\": {text}"))
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_causes_a_panic(pattern in any_pattern(), message in any_message()) {
        match (parse(&pattern), parse(&pattern)) {
            (Ok(filter), Ok(again)) => {
                prop_assert_eq!(filter.matches(&message), again.matches(&message));
                prop_assert_eq!(filter.doubts(), again.doubts());
                for doubt in filter.doubts() {
                    prop_assert!(pattern.get(doubt.span).is_some());
                }
                if let Judgment::Unknown(doubt) = filter.matches(&message) {
                    prop_assert!(pattern.get(doubt.span).is_some());
                }
            }
            (Err(error), Err(again)) => {
                prop_assert!(pattern.get(error.span.clone()).is_some(), "{:?}", error);
                prop_assert!(!error.span.is_empty() || error.span.end == pattern.len(), "{:?}", error);
                prop_assert_eq!(error.pointed(&pattern).lines().count(), 2);
                prop_assert_eq!(error, again);
            }
            _ => prop_assert!(false, "not deterministic"),
        }
    }

    #[test]
    fn agrees_with_the_reference(expression in expression(), values in prop::collection::vec(value(), 3)) {
        let pattern = format!("{{ {} }}", expression.pattern());
        let filter = parse(&pattern).map_err(|error| TestCaseError::fail(error.pointed(&pattern)))?;
        let answer = match filter.matches(&message(&values)) {
            Judgment::Matches => Some(true),
            Judgment::DoesNot(_) => Some(false),
            Judgment::Unknown(_) => None,
        };
        prop_assert_eq!(answer, expression.evaluate(&values), "{} {}", pattern, message(&values));
    }
}
