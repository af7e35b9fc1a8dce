//! Corners that chance seldom finds: messages that a careless proof takes for safe, each with the event that breaks it.

use serde_json::{Value, json};
use trailbell::blueprint::Blueprint;
use trailbell::message::{self, Posting};
use trailbell::pattern::{Pattern, Verdict};

use super::delivered;

/// The `detail` of a pattern or an event about `PutUserPolicy`, and the rest around it.
fn call(detail: &Value, is_pattern: bool) -> Value {
    let one = |text: &str| if is_pattern { json!([text]) } else { json!(text) };
    let mut whole = json!({
        "source": one("aws.iam"),
        "detail-type": one("AWS API Call via CloudTrail"),
        "detail": { "eventSource": one("iam.amazonaws.com") }
    });
    let always = [("eventID", "i-1"), ("eventTime", "!channel")];
    for (name, text) in always.into_iter().filter(|_| !is_pattern) {
        whole["detail"][name] = json!(text);
    }
    if detail.get("$or").is_none() && detail.get("eventName").is_none() {
        whole["detail"]["eventName"] = one("PutUserPolicy");
    }
    for (name, text) in [("account", "123456789012"), ("region", "x"), ("time", "!channel")] {
        if !is_pattern {
            whole[name] = json!(text);
        }
    }
    for (key, value) in detail.as_object().expect("an object") {
        whole["detail"][key] = value.clone();
    }
    whole
}

/// A template with these elements of rich text.
fn rich(elements: &str) -> String {
    let section = format!(r#"{{"type": "rich_text_section", "elements": [{elements}]}}"#);
    format!(r#"{{"text": "x", "blocks": [{{"type": "rich_text", "elements": [{section}]}}]}}"#)
}

fn header(text: &str) -> String {
    format!(r#"{{"text": "x", "blocks": [{{"type": "header", "text": {{"type": "plain_text", "text": "{text}"}}}}]}}"#)
}

/// What the pattern demands, the path of `<a>`, the message's form and content, what the event holds.
type Corner = (Value, &'static str, &'static str, String, Value);

fn corners() -> Vec<Corner> {
    let user = |demand: Value| json!({"userIdentity": {"type": ["IAMUser"], "userName": demand}});
    let is = |name: &str| json!({"userIdentity": {"type": "IAMUser", "userName": name}});
    let (name, address) = ("$.detail.userIdentity.userName", "$.detail.sourceIPAddress");
    let policy = "$.detail.requestParameters.policyName";
    let average = "$.detail.insightDetails.insightContext.statistics.insight.average";
    let bare = rich(r#"{"type": "text", "text": <a>}"#);
    let link = rich(r#"{"type": "link", "url": "https://<a>.console.example.com/"}"#);
    let long = "x".repeat(120);
    let (of_both, of_one) = (
        json!([{"eventName": ["A"], "userAgent": ["x"]}, {"eventName": ["B"], "userAgent": [long]}]),
        json!([{"eventName": ["A"], "userAgent": ["x"]}, {"eventName": ["B"]}]),
    );
    vec![
        // The first of two fields with one name is in no parsed template, and yet EventBridge fills it.
        (
            json!({}),
            "$.detail.userAgent",
            "template",
            r#"{"text": "<a>", "text": "x"}"#.into(),
            json!({"userAgent": "\""}),
        ),
        (
            json!({}),
            "$.detail.resources",
            "template",
            r#"{"text": "<a>", "text": "x"}"#.into(),
            json!({"resources": [1]}),
        ),
        // A refused call holds a list, and one entry of it is enough for the pattern.
        (
            json!({"requestParameters": {"policyName": ["Admin"]}}),
            policy,
            "text",
            "policy <a>".into(),
            json!({"errorCode": "ValidationError", "requestParameters": {"policyName": ["Admin", "\"<!channel>"]}}),
        ),
        // Demanded, and blank all the same.
        (user(json!([{"anything-but": [""]}])), name, "text", "<a>".into(), is(" ")),
        (user(json!([" "])), name, "text", "<a>".into(), is(" ")),
        (user(json!([{"prefix": " "}])), name, "text", "<a>".into(), is("  ")),
        // A number is not always a whole one.
        (
            json!({}),
            average,
            "text",
            "average <a>".into(),
            json!({"insightDetails": {"insightContext": {"statistics": {"insight": {"average": 0.002}}}}}),
        ),
        // An address has more spellings than the pattern's.
        (
            json!({"sourceIPAddress": ["10.0.0.1"]}),
            address,
            "template",
            link,
            json!({"sourceIPAddress": "::ffff:a00:1"}),
        ),
        (
            json!({"sourceIPAddress": ["10.0.0.1"]}),
            address,
            "template",
            header(&format!("{long}{}<a>", "x".repeat(22))),
            json!({"sourceIPAddress": "0000:0000:0000:0000:0000:ffff:0a00:0001"}),
        ),
        (
            json!({"sourceIPAddress": [{"cidr": "10.0.0.0/8"}]}),
            address,
            "template",
            header("<a>"),
            json!({"sourceIPAddress": format!("::ffff:{}a00:1", "0".repeat(200))}),
        ),
        // What keeps `<` and a name apart may be missing.
        (json!({}), "$.detail.userIdentity.accountId", "template", r#"{"text": "\u003c<a><t>|x>"}"#.into(), json!({})),
        // Not a text, though always present.
        (json!({"readOnly": [true]}), "$.detail.readOnly", "template", bare.clone(), json!({"readOnly": true})),
        // Pinned, and still no words: Slack would read it.
        (
            json!({"userAgent": ["<!channel>"]}),
            "$.detail.userAgent",
            "template",
            r#"{"text": <a>}"#.into(),
            json!({"userAgent": "<!channel>"}),
        ),
        // Each way to match has its own demands.
        (json!({"$or": of_one}), "$.detail.userAgent", "template", bare, json!({"eventName": "B"})),
        (
            json!({"$or": of_both}),
            "$.detail.userAgent",
            "template",
            header(&format!("<a>{}", "x".repeat(60))),
            json!({"eventName": "B", "userAgent": "x".repeat(120)}),
        ),
    ]
}

#[test]
fn no_corner_is_taken_for_safe() {
    let mut wrong = Vec::new();
    for (demands, path, form, content, detail) in corners() {
        let blueprint: Blueprint = serde_json::from_value(json!({
            "blueprint": "corner", "title": "T", "severity": "low",
            "alert": {
                "pattern": call(&demands, true),
                "message": { "input_paths": {"a": path, "t": "$.time"}, form: content }
            }
        }))
        .expect("a blueprint");
        let event = call(&detail, false);
        let pattern = Pattern::from_value(&Value::Object(blueprint.alert.pattern.clone())).expect("a pattern");
        assert_eq!(pattern.matches_value(&event), Ok(Verdict::Matches), "{event}");
        let (values, posting) = (std::collections::BTreeMap::new(), Posting::sample());
        let safe = message::flaws(&blueprint, &values, &posting).is_empty();
        let came = delivered(&message::compile(&blueprint, &values, &posting), &event);
        // A link is taken by Slack wherever it leads; the one here must not be thought safe.
        if safe && came.as_ref().map_or(true, |body| body.to_string().contains("::")) {
            wrong.push(format!("{demands} {path} {content}: {came:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} taken for safe:\n{}", wrong.len(), wrong.join("\n"));
}
