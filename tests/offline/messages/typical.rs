//! Messages that people write, without a Lambda function and without `holds`: most pass and survive whatever AWS's models
//! allow; the others have a finding whose fix works.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use trailbell::blueprint::Blueprint;
use trailbell::blueprint::parameters::samples;
use trailbell::check;
use trailbell::diagnostic::{Finding, Severity};
use trailbell::document::Document;
use trailbell::message;

use super::survives;

/// How many hostile events each message gets; not all of them fit its pattern.
const EVENTS: u64 = 300;

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The pattern of a line of the set.
fn pattern(line: &Value) -> Value {
    if let [service, kind] = texts(&line["event"])[..] {
        return json!({"source": [format!("aws.{service}")], "detail-type": [kind]});
    }
    let is_success = line["any"].is_null();
    let call = texts(if is_success { &line["call"] } else { &line["any"] });
    let mut detail = json!({"eventSource": [format!("{}.amazonaws.com", call[0])], "eventName": call[1..]});
    if is_success || line["success"] == json!(true) {
        detail["errorCode"] = json!([{"exists": false}]);
    }
    if line["success"] == json!(true) {
        detail["errorMessage"] = json!([{"exists": false}]);
    }
    let kind = if call[0] == "signin" {
        json!(["AWS Console Sign In via CloudTrail", "AWS Console Signin via CloudTrail"])
    } else {
        json!(["AWS API Call via CloudTrail"])
    };
    json!({"source": [format!("aws.{}", call[0])], "detail-type": kind, "detail": detail})
}

/// Paths are written in full, below `detail`, or as the name of a request parameter.
fn path(written: &str) -> String {
    match written {
        full if full.starts_with("$.") => full.to_owned(),
        below if below.starts_with("requestParameters.") || below.starts_with("responseElements.") => {
            format!("$.detail.{below}")
        }
        name => format!("$.detail.requestParameters.{name}"),
    }
}

fn blueprint(line: &Value) -> Value {
    let written = line["paths"].as_object().expect("paths");
    let mut paths: Map<String, Value> =
        written.iter().map(|(name, one)| (name.clone(), json!(path(one.as_str().expect("a path"))))).collect();
    if line["text"].as_str().is_some_and(|text| text.contains("<account>")) {
        paths.insert("account".to_owned(), json!("$.account"));
    }
    let mut message = json!({"input_paths": paths, "text": line["text"]});
    if !line["via"].is_null() {
        message["via"] = line["via"].clone();
    }
    let alert = json!({"pattern": pattern(line), "message": message});
    json!({"blueprint": "typical", "title": "Something happened", "severity": "low", "alert": alert})
}

/// The errors of a blueprint; JSON is YAML.
fn errors(blueprint: &Value) -> Vec<Finding> {
    let document = Document::parse("typical.yaml", &blueprint.to_string()).expect("YAML");
    let found = check::blueprint(document).map_or_else(|found| found, |loaded| loaded.warnings);
    found.into_iter().filter(|one| one.code.severity() == Severity::Error).collect()
}

/// What is wrong with a line of the set; `None` if all is as it says.
fn wrong(line: &Value) -> Option<String> {
    let found = errors(&blueprint(line));
    let Some(says) = line["says"].as_str() else {
        if !found.is_empty() {
            return Some(format!("does not pass: {found:?}"));
        }
        let blueprint: Blueprint = serde_json::from_value(blueprint(line)).expect("a blueprint");
        let groups = message::groups(&blueprint, &samples(&blueprint));
        if line["rules"].as_u64().unwrap_or(1) != groups.as_ref().map_or(1, |groups| groups.len() as u64) {
            return Some(format!("has other rules: {groups:?}"));
        }
        let of_rules = groups.map_or_else(|| vec![blueprint], |all| all.into_iter().map(|one| one.blueprint).collect());
        return of_rules.iter().find_map(|one| match survives("typical", one, &BTreeMap::new(), 0..EVENTS) {
            Err(why) => Some(why),
            Ok(bodies) if bodies.len() < 20 => Some(format!("only {} events fit", bodies.len())),
            Ok(_) => None,
        });
    };
    let help = |one: &Finding| one.help.as_ref().is_some_and(|help| help.contains(says));
    if !found.iter().any(help) {
        return Some(format!("has no finding that says {says}: {found:?}"));
    }
    let mut fixed = line.clone();
    for (key, value) in line["fix"].as_object().expect("a fix") {
        fixed[key] = value.clone();
    }
    let left = errors(&blueprint(&fixed));
    (!left.is_empty()).then(|| format!("the fix leaves {left:?}"))
}

#[test]
fn messages_people_write_pass_or_have_a_fix_that_works() {
    let text = include_str!("typical.yaml");
    let all = Document::parse("typical.yaml", text).expect("YAML").root.to_json();
    let lines = all["messages"].as_array().expect("a list");
    let safe = lines.iter().filter(|line| line["says"].is_null()).count();
    assert!(lines.len() >= 46 && safe * 46 >= lines.len() * 35, "{safe} of {} pass", lines.len());
    let wrong: Vec<String> =
        lines.iter().filter_map(|line| Some(format!("{}: {}", line["text"], wrong(line)?))).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), lines.len(), wrong.join("\n"));
}
