//! AWS's limits, judged on what is compiled: the length of a pattern is that of the rule's, a policy's that of the function's.
//!
//! An alert alone is judged for the longest names, region, and channel: what fits there fits into every stack. What the
//! alerts of a stack share, a log group's places and the policy of the notifier, is judged for the stack itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::alert::{Addressee, Alert};
use crate::blueprint::parameters::Values;
use crate::blueprint::{Blueprint, Handler, Loaded};
use crate::compile::of_alert;
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::message::Posting;
use crate::message::transformer::{InputTransformer, MAX_PATHS, MAX_TEMPLATE};
use crate::name::{DestinationId, Scope, is_id, max_stack};
use crate::pattern::{DEFAULT_QUOTA, LONGEST};
use crate::resource::{Address, POLICY_FRAME, Permission, Resource, Role, Rule, TargetInput, limit};
use crate::stack::Quotas;

/// A region whose name is as long as any.
const LONG_REGION: &str = "ap-northeast-1";

/// Where findings about the parts of an alert belong.
#[derive(Clone, Copy)]
pub(super) struct Blame<'a> {
    pub(super) document: &'a Document,
    /// What is blamed for everything; without it, the parts of the blueprint.
    pub(super) pointer: Option<&'a str>,
}

impl Blame<'_> {
    fn finding(self, part: &str, code: Code, message: &str) -> Finding {
        self.document.finding(self.pointer.unwrap_or(part), code, message)
    }
}

/// The findings about an alert whose parameters have these values, wherever it will be installed.
pub(super) fn alert(blueprint: &Blueprint, values: &Values, blame: Blame<'_>) -> Vec<Finding> {
    let Ok(scope) = Scope::offline(None, LONG_REGION, &"a".repeat(max_stack(LONG_REGION))) else { return Vec::new() };
    // What the handler holds has a limit of its own; a name that is not well formed is a finding of its own.
    let handler = Handler { name: "handler.mjs".to_owned(), source: Vec::new() };
    let id = if is_id(&blueprint.blueprint) { blueprint.blueprint.clone() } else { "x".to_owned() };
    let loaded = Loaded {
        blueprint: blueprint.clone(),
        handler: Some(handler),
        document: blame.document.clone(),
        warnings: Vec::new(),
    };
    let alert = Alert::installed(id, loaded, values.clone(), vec![Addressee::slack(Posting::longest())]);
    of_alert(&alert, &DestinationId::slack(), &scope).iter().flat_map(|resource| about(resource, blame)).collect()
}

fn about(resource: &Resource, blame: Blame<'_>) -> Vec<Finding> {
    match resource {
        Resource::Rule(rule) => pattern(rule, blame).into_iter().collect(),
        Resource::Target(target) => match &target.input {
            TargetInput::Transformer(transformer) => message(transformer, blame),
            _ => Vec::new(),
        },
        Resource::Role(role) => policy(role, blame).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Most rule combinations of a pattern (EventBridge user guide, "Complex example with OR matching").
const MOST_COMBINATIONS: u128 = 1_000;

/// The rule combinations as EventBridge counts them: the numbers of entries of all `$or` lists multiplied, also of those that
/// are inside of others.
fn combinations(pattern: &Value) -> u128 {
    match pattern {
        Value::Object(fields) => fields.iter().fold(1, |product: u128, (key, value)| {
            let own = if key == "$or" { value.as_array().map_or(1, |entries| entries.len().max(1) as u128) } else { 1 };
            product.saturating_mul(own).saturating_mul(combinations(value))
        }),
        Value::Array(entries) => entries.iter().fold(1, |product: u128, one| product.saturating_mul(combinations(one))),
        _ => 1,
    }
}

fn pattern(rule: &Rule, blame: Blame<'_>) -> Option<Finding> {
    let count = combinations(&rule.pattern);
    if count > MOST_COMBINATIONS {
        let what = "the `$or` lists of the event pattern have too many combinations";
        let finding = blame.finding("/alert/pattern", Code::BadPattern, what).found(format!("{count} combinations"));
        let expected = "at most 1,000: the lengths of all `$or` lists multiplied";
        let help = "write one `$or` list instead of several inside of each other, or split the alert into two";
        return Some(finding.expected(expected).help(help));
    }
    let length = rule.pattern.to_string().chars().count();
    if length <= DEFAULT_QUOTA {
        return None;
    }
    let (code, expected) = if length <= LONGEST {
        let quota = format!("at most {DEFAULT_QUOTA} characters of JSON without spaces (EventBridge's default quota)");
        (Code::PatternTooLong, quota)
    } else {
        (Code::BadPattern, format!("at most {LONGEST} characters of JSON without spaces"))
    };
    let finding = blame.finding("/alert/pattern", code, "the event pattern is too long");
    let help = "split the alert into two, or have the quota `Event pattern size` raised for the account";
    let finding = finding.found(format!("{length} characters")).expected(expected);
    Some(finding.help(if code == Code::BadPattern { "split the alert into two" } else { help }))
}

fn message(transformer: &InputTransformer, blame: Blame<'_>) -> Vec<Finding> {
    let finding = |message| blame.finding("/alert/message", Code::BadTemplate, message);
    let (length, count) = (transformer.template.chars().count(), transformer.input_paths.len());
    let mut findings = Vec::new();
    if length > MAX_TEMPLATE {
        let finding = finding("the message is too long for EventBridge").found(format!("{length} characters"));
        findings.push(finding.expected(format!("at most {MAX_TEMPLATE} characters")));
    }
    if count > MAX_PATHS {
        let finding = finding("too many input paths").found(count.to_string());
        findings.push(finding.expected(format!("at most {MAX_PATHS}")));
    }
    findings
}

fn policy(role: &Role, blame: Blame<'_>) -> Option<Finding> {
    let length = role.policy.as_ref()?.to_json().chars().count();
    (length > limit::ROLE_POLICIES.most).then(|| {
        let what = "the statements are longer than a role's policy can be";
        let finding = blame.finding("/remediation/allow", Code::BadAllow, what);
        finding.found(format!("{length} characters of policy")).expected(format!(
            "at most {}, including the statements that trailbell adds, with the longest possible names",
            limit::ROLE_POLICIES.most
        ))
    })
}

/// The findings about what the alerts of a stack share; `places` says which item of the file each alert is.
pub(super) fn shared(
    alerts: &[Alert],
    places: &[usize],
    scope: &Scope,
    quotas: &Quotas,
    document: &Document,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut filters = BTreeMap::new();
    let most = quotas.rules.unwrap_or_else(|| limit::RULES.in_region(scope.region()));
    let mut rules = RulesNeeded { region: scope.region(), most, count: 0, first: None };
    let mut policies = Policies { scope, lengths: BTreeMap::new(), known: BTreeSet::new() };
    for (alert, at) in alerts.iter().zip(places).filter(|(alert, _)| is_id(&alert.id)) {
        let pointer = format!("/alerts/{at}");
        for resource in of_alert(alert, &DestinationId::slack(), scope) {
            rules.add(&resource, &alert.id, *at);
            if let Some(place) = resource.place() {
                let count = filters.entry((place.kind, place.log_group.to_owned())).or_insert(0);
                *count += 1;
                if *count == place.most + 1 {
                    let what =
                        format!("`{}` exceeds the number of filters on the log group `{}`", alert.id, place.log_group);
                    let finding = document.finding(&pointer, Code::TooManyFilters, what);
                    let expected = format!("at most {} {}s per log group", place.most, place.kind.title());
                    findings.push(finding.expected(expected).help(format!(
                        "combine filter patterns with `||`; source: {}",
                        limit::SUBSCRIPTION_FILTERS.source
                    )));
                }
            }
            if let Resource::Permission(permission) = &resource
                && let Some(fit) = policies.overflow(permission)
            {
                let what = format!("the notifier's policy is too small for the log group of `{}`", alert.id);
                let finding = document.finding(&pointer, Code::PolicyTooLong, what);
                let expected =
                    format!("at most {} characters of policy: {fit} statements here", limit::FUNCTION_POLICY.most);
                let source = limit::FUNCTION_POLICY.source;
                let help =
                    format!("move some alerts to another stack; each stack has its own notifier; source: {source}");
                findings.push(finding.expected(expected).help(help));
            }
        }
    }
    findings.extend(rules.finding(document));
    findings
}

/// The rules of a stack on the default event bus.
struct RulesNeeded<'a> {
    region: &'a str,
    most: usize,
    count: usize,
    /// The first alert that there is no room for, and its place in the file.
    first: Option<(&'a str, usize)>,
}

impl<'a> RulesNeeded<'a> {
    fn add(&mut self, resource: &Resource, alert: &'a str, at: usize) {
        if !matches!(resource, Resource::Rule(_)) {
            return;
        }
        self.count += 1;
        if self.count > self.most {
            self.first.get_or_insert((alert, at));
        }
    }

    /// One finding for all: its place is the first alert that does not fit.
    fn finding(self, document: &Document) -> Option<Finding> {
        let (alert, at) = self.first?;
        let (most, count, region) = (self.most, self.count, self.region);
        let quota = limit::RULES.quota.map(|quota| quota.name).unwrap_or_default();
        let what = format!("the alerts from `{alert}` on need more rules than an event bus has by default");
        let finding = document.finding(&format!("/alerts/{at}"), Code::TooManyRules, what);
        let finding = finding.found(format!("{count} rules in this stack"));
        let expected = format!("at most {most} rules on the event bus of {region}, those of others included");
        Some(finding.expected(expected).help(format!(
            "have EventBridge's quota `{quota}` raised for the account and say so with `quotas: {{ rules: {count} }}`, or move \
            alerts to a stack in another account or region; source: {}",
            limit::RULES.source
        )))
    }
}

/// The policies of the functions of a stack, statement by statement.
struct Policies<'a> {
    scope: &'a Scope,
    /// By function: the length of its policy, and how many statements that is.
    lengths: BTreeMap<String, (usize, usize)>,
    known: BTreeSet<Address>,
}

impl Policies<'_> {
    /// Adds a statement. If it is the first that the policy of its function has no room for: how many there is room for.
    fn overflow(&mut self, permission: &Permission) -> Option<usize> {
        // Two filters on one log group share a statement.
        if !self.known.insert(permission.address.clone()) {
            return None;
        }
        let (length, count) = self.lengths.entry(permission.function.clone()).or_insert((POLICY_FRAME.len(), 0));
        let had_room = *length <= limit::FUNCTION_POLICY.most;
        *length += permission.length(self.scope);
        *count += 1;
        (had_room && *length > limit::FUNCTION_POLICY.most).then_some(*count - 1)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_lengths_of_all_or_lists_are_multiplied() {
        let ports = || json!([{ "from": [1] }, { "to": [1] }, { "any": [1] }]);
        let one = |name: &str| json!({ "name": [name], "$or": ports() });
        let pattern = json!({ "source": ["aws.ec2"], "$or": [one("a"), one("b"), one("c"), one("d"), one("e")] });
        assert_eq!(combinations(&pattern), 5 * 3_u128.pow(5));
        assert_eq!(combinations(&json!({ "a": ["x", "y"], "b": [{ "prefix": "p" }] })), 1);
    }

    #[test]
    fn a_pattern_with_too_many_combinations_is_an_error() {
        let of_call = |name: String| {
            let ports = json!([{ "fromPort": [22] }, { "toPort": [22] }, { "ipProtocol": ["-1"] }]);
            json!({ "eventName": [name], "requestParameters": { "$or": ports } })
        };
        let blueprint = |calls: usize| {
            let calls: Vec<Value> = (0..calls).map(|at| of_call(format!("Call{at}"))).collect();
            json!({
                "blueprint": "b", "title": "T", "severity": "low",
                "alert": {
                    "pattern": {
                        "source": ["aws.ec2"], "detail-type": ["AWS API Call via CloudTrail"],
                        "detail": { "eventSource": ["ec2.amazonaws.com"], "$or": calls },
                    },
                    "message": { "text": "T" },
                },
            })
        };
        let found = |calls: usize| {
            let document = Document::parse("b.yaml", &blueprint(calls).to_string()).expect("YAML");
            let findings = crate::check::blueprint(document).map_or_else(|findings| findings, |loaded| loaded.warnings);
            findings.into_iter().filter(|one| one.code == Code::BadPattern).find_map(|one| one.found)
        };
        assert_eq!(found(5).as_deref(), Some("1215 combinations"));
        assert_eq!(found(4), None);
    }
}
