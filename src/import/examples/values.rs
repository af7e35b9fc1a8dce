//! Values for a field of a pattern: some that fit an entry of its list, and some that are close and do not.

use serde_json::{Value, json};

/// A value of a field in an event; nothing where the field is not there.
pub(super) type HeldValue = Option<Value>;

/// Values of which one fits this entry, the likeliest first.
pub(super) fn fitting(path: &str, entry: &Value) -> Vec<HeldValue> {
    let Some((operator, inner)) = entry.as_object().and_then(|fields| fields.iter().next()) else {
        return vec![Some(entry.clone())];
    };
    let text = |text: &str| Some(Value::from(text));
    match operator.as_str() {
        "exists" if *inner == json!(false) => vec![None],
        "exists" => vec![text(usual(path))],
        "anything-but" => vec![text(usual(path)), text("something-else"), Some(json!(7_301)), Some(json!(true))],
        "cidr" => vec![inner.as_str().and_then(first_address).map(Value::from)],
        "numeric" => numbers(inner).into_iter().map(Some).collect(),
        _ => shaped(operator, inner).into_iter().map(Value::from).map(Some).collect(),
    }
}

/// Texts that an operator for texts accepts.
fn shaped(operator: &str, inner: &Value) -> Vec<String> {
    let wanted = inner.as_str().or_else(|| inner.get("equals-ignore-case").and_then(Value::as_str)).unwrap_or_default();
    match operator {
        "prefix" if wanted == "aws." => vec!["aws.example".to_owned()],
        "prefix" => vec![format!("{wanted}Example"), wanted.to_owned()],
        "suffix" => vec![format!("Example{wanted}"), wanted.to_owned()],
        "wildcard" => vec![unescaped(wanted, "x"), unescaped(wanted, "")],
        _ => vec![wanted.to_owned()],
    }
}

/// Values that come close to an entry, or lie outside of its list: most of them do not fit.
pub(super) fn close(path: &str, list: &[Value]) -> Vec<HeldValue> {
    let mut found = vec![Some(Value::from(other(path)))];
    for entry in list {
        let Some((operator, inner)) = entry.as_object().and_then(|fields| fields.iter().next()) else { continue };
        match operator.as_str() {
            "anything-but" => found.extend(denied(inner).into_iter().map(Some)),
            "numeric" => found.extend(numbers(inner).into_iter().map(Some)),
            "exists" => found.push(Some(Value::from(usual(path)))),
            _ => {}
        }
    }
    found.extend([None, Some(json!(-1)), Some(json!(false)), Some(json!(true)), Some(Value::Null)]);
    found
}

/// A value for each part of a denial.
fn denied(inner: &Value) -> Vec<Value> {
    match inner {
        Value::Array(all) => all.clone(),
        Value::Object(fields) => {
            let of = |(operator, inner): (&String, &Value)| match inner {
                Value::Array(all) => all.iter().flat_map(|one| shaped(operator, one)).collect(),
                one => shaped(operator, one),
            };
            fields.iter().flat_map(of).map(Value::from).collect()
        }
        one => vec![one.clone()],
    }
}

/// Numbers at and around the bounds of a range.
fn numbers(inner: &Value) -> Vec<Value> {
    let bounds: Vec<f64> = inner.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    let middle = (bounds.len() > 1).then(|| bounds.iter().sum::<f64>() / 2.0);
    let around = bounds.iter().flat_map(|bound| [bound + 1.0, bound - 1.0, *bound]);
    middle.into_iter().chain(around).filter_map(number).collect()
}

/// A number as a person writes it: whole where it is.
fn number(value: f64) -> Option<Value> {
    let text = value.to_string();
    let whole = text.parse::<i64>().ok().map(Value::from);
    whole.or_else(|| serde_json::Number::from_f64(value).map(Value::Number))
}

/// A wildcard with a text for each star.
fn unescaped(wildcard: &str, star: &str) -> String {
    let mut text = String::new();
    let mut chars = wildcard.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.extend(chars.next()),
            '*' => text.push_str(star),
            c => text.push(c),
        }
    }
    text
}

/// An address inside a block that is not its first, where it has more than one.
fn first_address(block: &str) -> Option<String> {
    let (address, bits) = block.split_once('/')?;
    let is_single = bits == "32" && !address.contains(':') || bits == "128";
    match address.parse::<std::net::IpAddr>().ok()? {
        address if is_single => Some(address.to_string()),
        std::net::IpAddr::V4(address) => Some(std::net::Ipv4Addr::from(u32::from(address) | 1).to_string()),
        std::net::IpAddr::V6(address) => Some(std::net::Ipv6Addr::from(u128::from(address) | 1).to_string()),
    }
}

/// What a field usually holds.
fn usual(path: &str) -> &'static str {
    match path {
        "source" => "com.example",
        "detail.eventSource" => "example.amazonaws.com",
        "detail.eventName" => "ExampleCall",
        "detail.eventType" => "AwsApiCall",
        "detail.errorCode" => "AccessDenied",
        "detail.userIdentity.type" => "IAMUser",
        "detail.sourceIPAddress" => "192.0.2.10",
        "detail.userAgent" => "aws-cli/2.17.0",
        _ => "example",
    }
}

/// A text that the list of a field hardly has.
fn other(path: &str) -> &'static str {
    match path {
        "source" => "com.example.other",
        "detail-type" => "Another Type",
        "account" | "detail.recipientAccountId" => "999999999999",
        "region" | "detail.awsRegion" => "xx-other-1",
        "detail.eventSource" => "other.amazonaws.com",
        "detail.eventName" => "OtherCall",
        "detail.eventType" | "detail.userIdentity.type" => "OtherType",
        "detail.sourceIPAddress" => "203.0.113.200",
        _ => "something-else",
    }
}
