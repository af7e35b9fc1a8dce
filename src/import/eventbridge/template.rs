//! Rules in a template of CloudFormation, and the events of functions and state machines in one of SAM.
//!
//! Sources: CloudFormation template reference, `AWS::Events::Rule`; SAM developer guide, `EventBridgeRule`, `CloudWatchEvent`,
//! `Schedule`.

use serde_json::Value;

use super::literal::{literal, text, written};
use super::{GivenRule, GivenTarget};
use crate::message::transformer::InputTransformer;

/// Every rule, in the order of the template.
pub(super) fn rules(document: &Value) -> Vec<GivenRule> {
    let mut found = Vec::new();
    for (id, resource) in document["Resources"].as_object().into_iter().flatten() {
        let properties = &resource["Properties"];
        match resource["Type"].as_str() {
            Some("AWS::Events::Rule") => found.push(rule(id, properties)),
            Some("AWS::Serverless::Function" | "AWS::Serverless::StateMachine") => {
                let events = properties["Events"].as_object().into_iter().flatten();
                found.extend(events.filter_map(|(name, event)| of_function(id, name, event)));
            }
            _ => {}
        }
    }
    found
}

fn rule(id: &str, properties: &Value) -> GivenRule {
    let targets = properties["Targets"].as_array().into_iter().flatten();
    GivenRule {
        name: name(&properties["Name"], id),
        description: text(&properties["Description"]).ok(),
        pattern: pattern(properties.get("EventPattern")),
        has_schedule: properties.get("ScheduleExpression").is_some(),
        state: text(&properties["State"]).ok(),
        bus: bus(properties.get("EventBusName")),
        targets: targets.map(target).collect(),
        unknown: unknown(properties, &["Name", "Description", "State"]),
    }
}

/// The properties among these that are no literals, each with the reason.
fn unknown(properties: &Value, keys: &[&str]) -> Vec<String> {
    let why = |key: &&str| Some(format!("`{key}` is not known: {}", text(properties.get(*key)?).err()?));
    keys.iter().filter_map(why).collect()
}

/// An event of a function or a state machine that is a rule.
fn of_function(function: &str, name_of_event: &str, event: &Value) -> Option<GivenRule> {
    let properties = &event["Properties"];
    let kind = event["Type"].as_str()?;
    let is_rule = matches!(kind, "EventBridgeRule" | "CloudWatchEvent");
    let has_schedule = matches!(kind, "Schedule" | "ScheduleV2");
    (is_rule || has_schedule).then(|| GivenRule {
        name: name(&properties["RuleName"], &format!("{function} {name_of_event}")),
        description: text(&properties["Description"]).ok(),
        pattern: pattern(properties.get("Pattern")),
        has_schedule,
        state: text(&properties["State"]).ok(),
        bus: bus(properties.get("EventBusName")),
        targets: vec![GivenTarget {
            arn: function.to_owned(),
            transformer: transformer(properties.get("InputTransformer")),
        }],
        unknown: unknown(properties, &["RuleName", "Description", "State"]),
    })
}

fn name(given: &Value, id: &str) -> String {
    text(given).unwrap_or_else(|_| id.to_owned())
}

/// The pattern; some templates have it as JSON in a text.
fn pattern(given: Option<&Value>) -> Option<Result<Value, String>> {
    let read = |value: &Value| match literal(value).map_err(|why| format!("the event pattern is not known: {why}"))? {
        Value::String(text) => super::pattern(&text),
        value => Ok(value),
    };
    given.map(read)
}

fn bus(given: Option<&Value>) -> Option<String> {
    let given = given?;
    Some(text(given).unwrap_or_else(|_| shown(given))).filter(|bus| bus != "default")
}

/// A value that is not known, as it is written.
fn shown(value: &Value) -> String {
    match value.as_object().and_then(|fields| fields.iter().next()) {
        Some((name, argument)) => written(name, argument),
        None => value.to_string(),
    }
}

fn target(given: &Value) -> GivenTarget {
    let arn = text(&given["Arn"]).unwrap_or_else(|_| shown(&given["Arn"]));
    GivenTarget { arn, transformer: transformer(given.get("InputTransformer")) }
}

fn transformer(given: Option<&Value>) -> Option<Result<InputTransformer, String>> {
    let read = |given: &Value| -> Result<InputTransformer, String> {
        let paths = given["InputPathsMap"].as_object().into_iter().flatten();
        let input_paths = paths.map(|(name, path)| Ok((name.clone(), text(path)?))).collect::<Result<_, String>>()?;
        Ok(InputTransformer { input_paths, template: text(&given["InputTemplate"])? })
    };
    given.map(read)
}
