//! A function with everything it needs: its log group, its execution role, and how rules and log groups reach it.
//!
//! What every function may do is decided here: write its own log, and put what it failed on into the dead-letter queue.
//! What one is granted beyond that, `alerts` says.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{DestinationNames, RETRY};
use crate::name::{DestinationId, Scope};
use crate::resource::mark::{description, tags};
use crate::resource::{
    Arn, Function, FunctionNames, Kind, Leads, LogGroup, PackedCode, Permission, Policy, RETENTION_DAYS, RUNNING,
    Resource, Role, Rule, SubscriptionFilter, Target, TargetInput,
};

/// What is particular to one function.
#[derive(Clone, Debug)]
pub struct FunctionSpec<'a> {
    /// Its id; names of functions are derived from it.
    pub id: &'a str,
    /// What it is for, for people.
    pub words: &'a str,
    /// Such as `nodejs24.x`.
    pub runtime: &'a str,
    /// Such as `index.handler`.
    pub handler: &'a str,
    /// How long a call may take.
    pub timeout_seconds: u32,
    /// How much memory it has.
    pub memory_megabytes: u32,
    /// How many calls are reserved for it and may run at once; without a reservation it shares what the account has.
    pub reserved_concurrency: Option<u32>,
    /// Its code.
    pub code: PackedCode,
    /// What it may do beyond what every function may: statements of a policy.
    pub grants: Vec<Value>,
    /// The destination to whose dead-letter queue it gives what it failed on.
    pub queue: DestinationId,
    /// The destinations that its messages are for, if it writes some.
    pub posts_to: Vec<DestinationId>,
}

/// A function with its log group and its execution role.
#[must_use]
pub fn function(scope: &Scope, spec: FunctionSpec<'_>) -> [Resource; 3] {
    let names = FunctionNames::new(scope, spec.id);
    let queue = DestinationNames::of(scope, &spec.queue).queue.1;
    let role = execution_role(scope, &names, &queue, spec.grants);
    let (address, name) = names.function;
    let function = Function {
        address,
        name,
        description: description(spec.words, scope, Kind::Function),
        runtime: spec.runtime.to_owned(),
        handler: spec.handler.to_owned(),
        role_arn: scope.role_arn(&role.name),
        timeout_seconds: spec.timeout_seconds,
        memory_megabytes: spec.memory_megabytes,
        // None: everyone may read it, and Lambda would need a grant on a key for it, which a new role does not have.
        environment: BTreeMap::new(),
        dead_letter_arn: Some(scope.queue_arn(&queue)),
        log_group: names.log_group.1.clone(),
        code: spec.code,
        reserved_concurrency: spec.reserved_concurrency,
        state: RUNNING.to_owned(),
        tags: tags(scope),
        posts_to: spec.posts_to.into_iter().collect(),
    };
    let (address, name) = names.log_group;
    let log_group = LogGroup { address, name, retention_days: Some(RETENTION_DAYS), kms_key: None, tags: tags(scope) };
    [Resource::LogGroup(log_group), Resource::Role(role), Resource::Function(function)]
}

/// The target of a rule that calls a function; what it cannot deliver goes to the queue of a destination.
#[must_use]
pub fn target(
    scope: &Scope,
    rule: &Rule,
    function: &FunctionNames,
    input: TargetInput,
    queue: &DestinationId,
) -> Target {
    Target {
        address: Target::address_of(&rule.address, Leads::Function(function.function.0.id.base().to_owned())),
        rule: rule.name.clone(),
        bus: rule.bus.clone(),
        arn: Arn::Of(function.function.0.clone()),
        role_arn: None,
        input,
        retry: RETRY,
        dead_letter_arn: Some(scope.queue_arn(&DestinationNames::of(scope, queue).queue.1)),
        extra_parameters: false,
    }
}

/// The filter of an alert on a log group, and the permission without which AWS refuses it. Two filters on one log group
/// share the permission, so a set has it once.
#[must_use]
pub fn filter(scope: &Scope, id: &str, log_group: &str, pattern: &str, function: &FunctionNames) -> [Resource; 2] {
    let permission = Permission::for_log_group(scope, function, log_group);
    let filter = SubscriptionFilter::new(scope, id, log_group, pattern, function);
    [Resource::Permission(permission), Resource::SubscriptionFilter(filter)]
}

fn execution_role(scope: &Scope, names: &FunctionNames, queue: &str, grants: Vec<Value>) -> Role {
    let (address, name) = names.role.clone();
    let trust = json!({
        "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole",
    });
    // It may not create log groups: one that it made again after a removal would have no retention and no mark.
    let log = json!({
        "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": format!("{}:*", scope.log_group_arn(&names.log_group.1)),
    });
    let lost = json!({
        "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": scope.queue_arn(queue),
    });
    let statements: Vec<Value> = [log, lost].into_iter().chain(grants).collect();
    let words = format!("What {} of the trailbell stack {} may do.", names.function.1, scope.stack());
    Role {
        address,
        name,
        path: scope.role_path(),
        boundary: None,
        description: description(&words, scope, Kind::Role),
        trust: Policy::of(&trust),
        policy: Some(Policy::all(&statements)),
        tags: tags(scope),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::{ENABLED, set};

    fn scope() -> Scope {
        Scope::offline(None, "us-east-1", "sec").expect("a good scope")
    }

    fn spec(grants: Vec<Value>) -> FunctionSpec<'static> {
        FunctionSpec {
            id: "slack",
            words: "Posts to Slack.",
            runtime: "nodejs24.x",
            handler: "index.handler",
            timeout_seconds: 30,
            memory_megabytes: 128,
            reserved_concurrency: None,
            code: PackedCode::new(b"zip".to_vec()),
            grants,
            queue: DestinationId::slack(),
            posts_to: Vec::new(),
        }
    }

    #[test]
    fn a_function_may_do_exactly_what_it_needs() {
        let granted = json!({ "Effect": "Allow", "Action": "iam:UpdateAccessKey", "Resource": "*" });
        let [_, Resource::Role(role), _] = function(&scope(), spec(vec![granted])) else { panic!("a role") };
        let log = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/trailbell-sec_slack_function:*";
        let queue = "arn:aws:sqs:us-east-1:123456789012:trailbell-sec_slack_dead-letter-queue";
        let expected = [
            format!("Allow logs:CreateLogStream or logs:PutLogEvents on {log}"),
            format!("Allow sqs:SendMessage on {queue}"),
            "Allow iam:UpdateAccessKey on *".to_owned(),
        ];
        assert_eq!(role.policy.expect("a policy").sentences(), expected);
        assert_eq!(role.trust.sentences(), ["Allow lambda.amazonaws.com sts:AssumeRole"]);
    }

    #[test]
    fn what_is_needed_is_required() {
        let names = FunctionNames::new(&scope(), "slack");
        let rule = Rule {
            address: crate::resource::Address::new(
                "us-east-1",
                crate::resource::Id::Rule(crate::resource::RuleId::of("a")),
            ),
            name: "trailbell-sec_a_rule".to_owned(),
            bus: crate::name::DEFAULT_BUS.to_owned(),
            description: String::new(),
            pattern: json!({}),
            schedule: None,
            state: ENABLED.to_owned(),
            tags: BTreeMap::new(),
        };
        let mut resources = function(&scope(), spec(Vec::new())).to_vec();
        resources.extend(filter(&scope(), "a", "/theirs", "root", &names));
        let permission = Permission::for_rules(&scope(), &names);
        resources.push(Resource::Target(target(&scope(), &rule, &names, TargetInput::Event, &DestinationId::slack())));
        resources.push(Resource::Permission(permission));
        resources.push(Resource::Rule(rule));
        let all = set(resources);
        // Only the stack's queue is not part of this set.
        let missing =
            all.values().flat_map(|one| one.parts(&scope())).map(|(_, one)| one).filter(|one| !all.contains_key(one));
        assert!(missing.into_iter().all(|one| one.kind() == Kind::Queue));
        let addresses: Vec<String> = all.keys().map(crate::resource::Address::short).collect();
        let expected = [
            "role.slack-function",
            "rule.a",
            "target.a/function-slack",
            "log_group.slack",
            "function.slack",
            "permission.slack/logs-2f711b7c892c",
            "permission.slack/rules",
            "subscription_filter.a@/theirs",
        ];
        assert_eq!(addresses, expected);
    }
}
