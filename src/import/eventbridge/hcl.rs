//! Rules in Terraform's own files, as far as they are literals.
//!
//! Only Terraform knows what variables, locals, functions, and operators come to. `value` reads literals, heredocs, and `jsonencode` of
//! them; a rule whose pattern needs more is refused with what it needs.
//! Source: Terraform documentation, "Configuration Syntax" and "Resources".

mod value;

use std::collections::BTreeMap;

use hcl::expr::{Expression, Traversal, TraversalOperator};
use hcl::structure::Block;
use serde_json::{Map, Value, json};

use super::terraform::{self, MADE_BY, RULE, TARGET, TerraformResource};
use super::{GivenRule, GivenTarget};
use crate::document;

/// What is always possible instead.
const ADVICE: &str = "write the value there, or run `terraform plan -out plan`, then `terraform show -json plan > plan.json`, and import \
    `plan.json`";

const PATTERN: &str = "event_pattern";

/// Every rule of a file, each with the targets that name it.
pub(super) fn rules(text: &str) -> Result<Vec<GivenRule>, String> {
    if text.len() as u64 > document::MAX_BYTES {
        return Err(format!("the file is longer than {} bytes", document::MAX_BYTES));
    }
    let body = hcl::parse(text).map_err(|error| format!("the file is not HCL: {}", brief(&error.to_string())))?;
    let blocks: Vec<Block> = body.into_blocks().filter(|block| block.identifier() == "resource").collect();
    let mut resources: Vec<TerraformResource> = blocks.iter().filter_map(resource).collect();
    let names: BTreeMap<String, String> =
        resources.iter().filter(|one| one.kind == RULE).map(|one| (one.label.clone(), one.rule_name())).collect();
    let mut loose = Vec::new();
    for (resource, block) in resources.iter_mut().zip(blocks.iter().filter(|block| is_read(block))) {
        if resource.kind == TARGET {
            loose.extend(link(resource, block, &names));
        }
    }
    let mut rules = terraform::joined(&resources);
    // It could be the target of any of them.
    for rule in rules.iter_mut().filter(|rule| rule.targets.is_empty()) {
        rule.targets.extend(loose.iter().cloned());
    }
    Ok(rules)
}

/// The first line of what the parser says, with the place.
fn brief(error: &str) -> String {
    let lines: Vec<&str> = error.lines().map(str::trim).collect();
    let place = lines.first().and_then(|line| line.split_once(" in ")).map_or("", |(_, place)| place);
    let why = lines.last().map_or("", |line| line.trim_start_matches("= "));
    format!("{place}: {why}")
}

fn is_read(block: &Block) -> bool {
    block.labels().first().is_some_and(|kind| [RULE, TARGET].contains(&kind.as_str())) && block.labels().len() == 2
}

/// Writes the name of the rule into a target that names it by a reference. Gives the target back if only Terraform knows its rule.
fn link(target: &mut TerraformResource, block: &Block, names: &BTreeMap<String, String>) -> Option<GivenTarget> {
    let attribute = block.body().attributes().find(|one| one.key() == "rule")?;
    if target.values["rule"].is_string() {
        return None;
    }
    let expression = value::bare(attribute.expr());
    let label = match &*expression {
        Expression::Traversal(traversal) => label_of(traversal),
        _ => None,
    };
    if let Some(name) = label.and_then(|label| names.get(label)) {
        target.values["rule"] = json!(name);
        return None;
    }
    let why =
        format!("a target names its rule by {}, which only Terraform knows: {ADVICE}", value::written(&expression));
    Some(GivenTarget { arn: target.values["arn"].as_str().unwrap_or_default().to_owned(), transformer: Some(Err(why)) })
}

/// The label in `aws_cloudwatch_event_rule.LABEL.name`, or `.id`, which is the name as well. One of many, as in `LABEL[0].name`, is made by the
/// same resource.
fn label_of(traversal: &Traversal) -> Option<&str> {
    let Expression::Variable(variable) = &traversal.expr else { return None };
    match &traversal.operators[..] {
        [TraversalOperator::GetAttr(label), .., TraversalOperator::GetAttr(field)]
            if variable.as_str() == RULE && ["name", "id"].contains(&field.as_str()) =>
        {
            Some(label.as_str())
        }
        _ => None,
    }
}

/// A rule or a target; nothing for other blocks.
fn resource(block: &Block) -> Option<TerraformResource> {
    if !is_read(block) {
        return None;
    }
    let [kind, label] = block.labels() else { return None };
    let mut values = Map::new();
    let mut unknown = BTreeMap::new();
    for attribute in block.body().attributes() {
        let key = attribute.key();
        if MADE_BY.contains(&key) {
            unknown.insert(key.to_owned(), format!("it is made with `{key}`, which only Terraform knows: {ADVICE}"));
            continue;
        }
        match value::of(attribute.expr()) {
            // As if it were not there.
            Ok(Value::Null) => {}
            Ok(value) if key == PATTERN && !value.is_string() => {
                unknown.insert(key.to_owned(), format!("`{key}` is not a text: write `jsonencode(…)` around it"));
            }
            Ok(value) => {
                values.insert(key.to_owned(), value);
            }
            // It is only shown, and compared with that of others.
            Err(_) if ["event_bus_name", "arn"].contains(&key) => {
                let shown = hcl::format::to_string(attribute.expr()).unwrap_or_default();
                values.insert(key.to_owned(), json!(shown));
            }
            Err(why) => {
                unknown.insert(key.to_owned(), format!("`{key}` {why}: {ADVICE}"));
            }
        }
    }
    for inner in block.body().blocks() {
        self::inner(inner, &mut values, &mut unknown);
    }
    let has_trigger = |key: &str| values.contains_key(key) || unknown.contains_key(key);
    if !has_trigger(PATTERN) && !has_trigger("schedule_expression") {
        unknown.insert(PATTERN.to_owned(), "it has neither `event_pattern` nor `schedule_expression`".to_owned());
    }
    let (kind, label) = (kind.as_str().to_owned(), label.as_str().to_owned());
    Some(TerraformResource { kind, label, values: Value::Object(values), unknown })
}

/// A block inside of a resource: the input transformer is one.
fn inner(block: &Block, values: &mut Map<String, Value>, unknown: &mut BTreeMap<String, String>) {
    let name = block.identifier();
    if name == "dynamic" {
        let of = block.labels().first().map_or("", |label| label.as_str());
        unknown.insert(of.to_owned(), format!("`{of}` is made with `dynamic`, which only Terraform knows: {ADVICE}"));
        return;
    }
    let mut fields = Map::new();
    for attribute in block.body().attributes() {
        match value::of(attribute.expr()) {
            Ok(value) => {
                fields.insert(attribute.key().to_owned(), value);
            }
            Err(why) => {
                unknown.insert(name.to_owned(), format!("`{}` {why}: {ADVICE}", attribute.key()));
            }
        }
    }
    values.insert(name.to_owned(), json!([fields]));
}
