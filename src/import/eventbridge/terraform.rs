//! Rules in what `terraform show -json` prints of a plan or a state.
//!
//! Sources: Terraform documentation, "JSON Output Format"; AWS provider, `aws_cloudwatch_event_rule` and
//! `aws_cloudwatch_event_target`. What is known only after `apply` is not there.

use serde_json::Value;

use super::{GivenRule, GivenTarget};
use crate::message::transformer::InputTransformer;

/// How deep modules are inside each other at most.
const MAX_DEPTH: usize = 50;

/// Every rule, each with the targets that name it.
pub(super) fn rules(document: &Value) -> Vec<GivenRule> {
    let root = document.get("planned_values").or(document.get("values")).unwrap_or(&Value::Null);
    let mut resources = Vec::new();
    gather(&root["root_module"], 0, &mut resources);
    let of_type = |kind: &'static str| resources.iter().filter(move |one| one["type"] == kind && one["mode"] != "data");
    let targets: Vec<&Value> = of_type("aws_cloudwatch_event_target").map(|one| &one["values"]).collect();
    of_type("aws_cloudwatch_event_rule").map(|one| rule(one, &targets)).collect()
}

fn gather<'d>(module: &'d Value, depth: usize, found: &mut Vec<&'d Value>) {
    if depth > MAX_DEPTH {
        return;
    }
    found.extend(module["resources"].as_array().into_iter().flatten());
    for child in module["child_modules"].as_array().into_iter().flatten() {
        gather(child, depth + 1, found);
    }
}

fn rule(resource: &Value, targets: &[&Value]) -> GivenRule {
    let values = &resource["values"];
    let text = |key: &str| values[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let name = text("name").or_else(|| resource["name"].as_str().map(str::to_owned)).unwrap_or_default();
    let bus = bus(values);
    let is_own = |target: &&&Value| target["rule"] == *name && self::bus(target) == bus;
    let state = text("state").or_else(|| (values["is_enabled"] == false).then(|| "DISABLED".to_owned()));
    let pattern = text("event_pattern");
    let has_schedule = text("schedule_expression").is_some();
    let unknown = || {
        Err("the event pattern is known only after `terraform apply`: import what `terraform show -json` prints then"
            .to_owned())
    };
    GivenRule {
        name: name.clone(),
        description: text("description"),
        pattern: match pattern {
            Some(text) => {
                Some(serde_json::from_str(&text).map_err(|error| format!("the event pattern is not JSON: {error}")))
            }
            None if has_schedule => None,
            None => Some(unknown()),
        },
        has_schedule,
        state,
        bus: bus.clone(),
        targets: targets.iter().filter(is_own).map(|target| self::target(target)).collect(),
    }
}

fn bus(values: &Value) -> Option<String> {
    values["event_bus_name"].as_str().filter(|bus| !bus.is_empty() && *bus != "default").map(str::to_owned)
}

fn target(values: &Value) -> GivenTarget {
    let arn = values["arn"].as_str().unwrap_or("a target that is known only after `terraform apply`").to_owned();
    let given = values["input_transformer"].as_array().and_then(|all| all.first());
    let read = |given: &Value| {
        let paths = given["input_paths"].as_object().into_iter().flatten();
        let input_paths = paths.filter_map(|(name, path)| Some((name.clone(), path.as_str()?.to_owned()))).collect();
        let template = given["input_template"].as_str().ok_or("the template is known only after `terraform apply`")?;
        Ok(InputTransformer { input_paths, template: template.to_owned() })
    };
    GivenTarget { arn, transformer: given.map(read) }
}
