//! Resources of Terraform that are rules and targets, and what `terraform show -json` prints of them in a plan or a state.
//!
//! Sources: Terraform documentation, "JSON Output Format"; AWS provider, `aws_cloudwatch_event_rule` and
//! `aws_cloudwatch_event_target`. What is known only after `apply` is not there.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{GivenRule, GivenTarget};
use crate::message::transformer::InputTransformer;

/// How deep modules are inside each other at most.
const MAX_DEPTH: usize = 50;

/// The type of a rule.
pub(super) const RULE: &str = "aws_cloudwatch_event_rule";
/// The type of a target.
pub(super) const TARGET: &str = "aws_cloudwatch_event_target";
/// What makes any number of a resource.
pub(super) const MADE_BY: [&str; 2] = ["count", "for_each"];

/// A resource of Terraform.
#[derive(Debug)]
pub(super) struct TerraformResource {
    /// Its type.
    pub(super) kind: String,
    /// Its name in the configuration.
    pub(super) label: String,
    /// What is known of its arguments.
    pub(super) values: Value,
    /// Arguments that are not known, and why.
    pub(super) unknown: BTreeMap<String, String>,
}

impl TerraformResource {
    fn text(&self, key: &str) -> Option<String> {
        self.values[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// The name of a rule in the account, as far as it is known.
    pub(super) fn rule_name(&self) -> String {
        self.text("name").unwrap_or_else(|| self.label.clone())
    }
}

/// Every rule, each with the targets that name it.
pub(super) fn rules(document: &Value) -> Vec<GivenRule> {
    let root = document.get("planned_values").or(document.get("values")).unwrap_or(&Value::Null);
    let mut resources = Vec::new();
    gather(&root["root_module"], 0, &mut resources);
    let read = |one: &&Value| TerraformResource {
        kind: one["type"].as_str().unwrap_or_default().to_owned(),
        label: one["name"].as_str().unwrap_or_default().to_owned(),
        values: one["values"].clone(),
        unknown: BTreeMap::new(),
    };
    let resources: Vec<TerraformResource> = resources.iter().filter(|one| one["mode"] != "data").map(read).collect();
    joined(&resources)
}

/// The rules of resources, each with the targets that name it.
pub(super) fn joined(resources: &[TerraformResource]) -> Vec<GivenRule> {
    let of_kind = |kind: &'static str| resources.iter().filter(move |one| one.kind == kind);
    let targets: Vec<&TerraformResource> = of_kind(TARGET).collect();
    of_kind(RULE).map(|one| rule(one, &targets)).collect()
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

fn rule(resource: &TerraformResource, targets: &[&TerraformResource]) -> GivenRule {
    let name = resource.rule_name();
    let bus = bus(resource);
    let is_own = |target: &&&TerraformResource| target.values["rule"] == *name && self::bus(target) == bus;
    let is_disabled = resource.values["is_enabled"] == false;
    let has_schedule = resource.text("schedule_expression").is_some();
    GivenRule {
        name: name.clone(),
        description: resource.text("description"),
        pattern: pattern(resource, has_schedule),
        has_schedule,
        state: resource.text("state").or_else(|| is_disabled.then(|| "DISABLED".to_owned())),
        bus: bus.clone(),
        targets: targets.iter().filter(is_own).map(|target| self::target(target)).collect(),
        unknown: ["name", "description"].iter().filter_map(|key| resource.unknown.get(*key).cloned()).collect(),
    }
}

/// The event pattern, or why it is not known, or that what it belongs to is not.
fn pattern(resource: &TerraformResource, has_schedule: bool) -> Option<Result<Value, String>> {
    let mut needed = MADE_BY.into_iter().chain(["event_pattern", "state", "is_enabled"]);
    if let Some(why) = needed.find_map(|key| resource.unknown.get(key)) {
        return Some(Err(why.clone()));
    }
    match resource.text("event_pattern") {
        Some(text) => Some(super::pattern(&text)),
        None if has_schedule => None,
        None => Some(Err(
            "the event pattern is known only after `terraform apply`: import what `terraform show -json` prints then"
                .to_owned(),
        )),
    }
}

fn bus(resource: &TerraformResource) -> Option<String> {
    resource.text("event_bus_name").filter(|bus| bus != "default")
}

fn target(resource: &TerraformResource) -> GivenTarget {
    let arn = resource.text("arn").unwrap_or_else(|| "a target that is known only after `terraform apply`".to_owned());
    let read = |given: &Value| {
        let paths = given["input_paths"].as_object().into_iter().flatten();
        let input_paths = paths.filter_map(|(name, path)| Some((name.clone(), path.as_str()?.to_owned()))).collect();
        let template = given["input_template"].as_str().ok_or("the template is known only after `terraform apply`")?;
        Ok(InputTransformer { input_paths, template: template.to_owned() })
    };
    let unknown = resource.unknown.get("input_transformer").map(|why| Err(why.clone()));
    let given = resource.values["input_transformer"].as_array().and_then(|all| all.first());
    GivenTarget { arn, transformer: unknown.or_else(|| given.map(read)) }
}
