//! Findings of the loop proof: what trailbell itself causes could match the pattern of an alert that calls a function.

use super::domain::place;
use super::remediation::{about_action, turned_on};
use crate::blueprint::parameters::Values;
use crate::blueprint::{Blueprint, Remediation, RuleState};
use crate::cloudtrail::self_caused::{
    Caller, can_trigger, is_own_change, is_record, matches_messages, triggered_by_aws,
};
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::message;
use crate::name::{DIGEST, Scope, is_id};
use crate::pattern::{Pattern, PatternError};
use crate::resource::Kind;
use crate::resource::about::When;

/// A branch for callers without a role, and one for roles of others: a negation alone matches only what is there.
const NOT_OURS: &str = "in `detail.userIdentity.sessionContext.sessionIssuer`, `$or: [{ userName: [{ exists: false }] }, { userName: \
    [{ anything-but: { prefix: trailbell- } }] }]`";

/// With the defaults of the parameters, the remediation turned on.
pub(super) fn self_caused(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    check_self_caused(blueprint, &turned_on(blueprint), document, None)
}

/// The findings about what the functions of the alert cause and its pattern could match, with these parameter values. The
/// values are at `pointer`; without it, the blueprint is blamed.
pub(super) fn check_self_caused(
    blueprint: &Blueprint,
    values: &Values,
    document: &Document,
    pointer: Option<&str>,
) -> Vec<Finding> {
    let remedy = blueprint.remedy(values);
    let pattern = match blueprint.pattern(values) {
        Ok(pattern) => pattern,
        // What is not valid is a finding of its own; what cannot be judged here proves nothing.
        Err(PatternError::Unsupported { .. }) if remedy.is_some() => {
            let what = "it cannot be proven that the remediation does not trigger its own alert: the pattern cannot \
                be evaluated offline";
            let finding = document.finding(pointer.unwrap_or("/remediation"), Code::RemediationLoop, what);
            return vec![finding.help("remove the part that the warning names from the pattern")];
        }
        Err(_) => return Vec::new(),
    };
    let callers = callers(&blueprint.blueprint);
    let mut findings = Vec::new();
    let is_by_notifier = message::is_by_notifier(blueprint, values);
    if is_by_notifier && matches_messages(&pattern) {
        let what = "the pattern matches the messages that trailbell itself puts on an event bus";
        let at = pointer.map_or_else(|| place(document, "/alert/pattern", "source", None), str::to_owned);
        let help =
            "list the `source`s of the events that the alert is about; those of trailbell begin with `trailbell.`";
        findings.push(document.finding(&at, Code::RemediationLoop, what).help(help));
    }
    let receives_reading = blueprint.rule_state(values) == RuleState::EnabledWithAllCloudtrailManagementEvents;
    if (remedy.is_some() || is_by_notifier)
        && let Some(call) = triggered_by_aws(&pattern, &callers, receives_reading)
    {
        let what = format!(
            "the alert calls a function, and `{call}`, which AWS calls for every function, matches its pattern"
        );
        let place = if remedy.is_some() { "/remediation" } else { "/alert/message/via" };
        findings.push(document.finding(pointer.unwrap_or(place), Code::RemediationLoop, what).help(without(call)));
    }
    if let Some(remedy) = remedy {
        findings.extend(of_handler(remedy, &pattern, &callers, document, pointer));
        findings.extend(of_deployment(&pattern, &callers, document, pointer.unwrap_or("/remediation")));
    }
    findings
}

/// A call that AWS makes for every function, and so for every run of one, and that could match the pattern.
pub(crate) fn causes_of_function(pattern: &Pattern, blueprint: &str, receives_reading: bool) -> Option<&'static str> {
    let callers: Vec<Caller> = callers(blueprint).into_iter().chain(callers(DIGEST)).collect();
    triggered_by_aws(pattern, &callers, receives_reading)
}

/// How the call that comes with every function is excluded.
fn without(call: &str) -> String {
    let names = "list the `eventName`s that the alert is about";
    match call {
        "logs:CreateLogStream" => format!("{names}, or exclude the functions' roles: {NOT_OURS}"),
        _ => format!(
            "{names}, or exclude calls that AWS services make, with `userIdentity: {{ invokedBy: [{{ exists: false }}] }}` \
            in `detail`"
        ),
    }
}

/// Calls of the handler that could match.
fn of_handler(
    remedy: &Remediation,
    pattern: &Pattern,
    callers: &[Caller],
    document: &Document,
    pointer: Option<&str>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, allow) in remedy.allow.iter().enumerate() {
        for (index, action) in allow.actions.iter().enumerate() {
            // What is no action is a finding of its own.
            if about_action(action, document, "").is_some() || !can_trigger(pattern, action, callers) {
                continue;
            }
            let place = format!("/remediation/allow/{at}/actions/{index}");
            let what = format!(
                "a call that `{action}` allows can match the alert's own pattern, which would cause an endless loop"
            );
            let finding = document.finding(pointer.unwrap_or(&place), Code::RemediationLoop, what);
            findings.push(finding.help(if is_record(pattern) {
                format!("list the `eventName`s in the pattern, without this one, or exclude the handler: {NOT_OURS}")
            } else {
                "events that services send themselves do not say who caused them: match CloudTrail's events of the calls \
                instead, with `detail-type: [AWS API Call via CloudTrail]` and the `eventName`s in `detail`"
                    .to_owned()
            }));
        }
    }
    findings
}

/// Changes that `apply` and `destroy` make to trailbell's own resources, and that would run the handler.
fn of_deployment(pattern: &Pattern, callers: &[Caller], document: &Document, pointer: &str) -> Option<Finding> {
    let calls = Kind::ALL.iter().flat_map(|kind| kind.about().calls);
    let changes = calls.filter(|calls| matches!(calls.when, When::Apply | When::Destroy));
    let mut actions = changes.flat_map(|calls| calls.actions);
    let action = actions.find(|action| is_own_change(pattern, action, callers))?;
    let what = format!("`{action}` by `apply` or `destroy` of trailbell itself matches, and the handler would undo it");
    let finding = document.finding(pointer, Code::OwnChanges, what);
    Some(finding.help(
        "exclude what trailbell manages: its names begin with `trailbell-`, as in `requestParameters: { roleName: [{ \
        anything-but: { prefix: trailbell- } }] }`",
    ))
}

/// Whom a function's calls come from, in a few stacks: a pattern that knows one stack's names does not know another's.
pub(super) fn callers(blueprint: &str) -> Vec<Caller> {
    callers_in(blueprint, &["111122223333".to_owned()], &["us-east-1".to_owned()])
}

/// The same in these accounts and regions, as far as such a stack can be there.
pub(super) fn callers_in(blueprint: &str, accounts: &[String], regions: &[String]) -> Vec<Caller> {
    let stacks = ["a", "security-alerts-9000"].into_iter().flat_map(|stack| [blueprint, "x"].map(|id| (stack, id)));
    let places = || accounts.iter().flat_map(|account| regions.iter().map(move |region| (account, region)));
    stacks
        .flat_map(|(stack, id)| {
            places().filter_map(move |(account, region)| {
                let scope = Scope::offline(Some(account), region, stack).ok()?;
                Some(caller(&scope, &scope.role_path(), id))
            })
        })
        .collect()
}

/// Whom the calls of an alert's handler come from, whose role is under this path. A name that is not well formed is a finding of
/// its own.
pub(crate) fn caller(scope: &Scope, path: &str, alert: &str) -> Caller {
    let alert = if is_id(alert) { alert } else { "x" };
    let function = scope.name(&scope.fit(alert, "function"), "function");
    let role = scope.name(&scope.regional(&format!("{}-function", scope.fit(alert, "function"))), "role");
    Caller {
        account: scope.account().to_owned(),
        region: scope.region().to_owned(),
        role_arn: scope.role_arn_at(path, &role),
        session_arn: format!("arn:{}:sts::{}:assumed-role/{role}/{function}", scope.partition(), scope.account()),
        role,
    }
}
