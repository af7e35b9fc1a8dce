//! Findings about the alert as a whole: events that cannot exist, calls the rule never receives, too many events, and
//! a blueprint whose tests do not show when it matches.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::blueprint::parameters::{self, Values};
use crate::blueprint::{Blueprint, Case, RuleState};
use crate::cloudtrail::possible::{Impossibility, ImpossibilityKind, ReadOnly, read_only, troubles};
use crate::diagnostic::{Code, Finding};
use crate::document::{Document, step};
use crate::message::{self, Group};
use crate::pattern::{Pattern, Verdict};

pub(super) fn events(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    if blueprint.is_log_route() || !super::has_whole_pattern(blueprint) {
        return Vec::new();
    }
    check_events(blueprint, &parameters::samples(blueprint), document, "/alert/pattern")
}

/// The findings about the events an alert asks for, with these parameter values. The pattern is at `pointer`, or the
/// values do.
pub(super) fn check_events(blueprint: &Blueprint, values: &Values, document: &Document, pointer: &str) -> Vec<Finding> {
    let Ok(pattern) = blueprint.pattern(values) else { return Vec::new() };
    let troubles = troubles(&pattern).into_iter().filter(|one| !is_shown(blueprint, one)).collect();
    let mut findings: Vec<Finding> = few(troubles).iter().map(|one| about(one, document, pointer)).collect();
    findings.extend(reading(blueprint, &pattern, document, pointer));
    findings.extend(everything(&pattern, document, pointer));
    findings
}

/// The first troubles of each kind, and how many more there are: a list of hundreds of wrong names is one mistake.
fn few(troubles: Vec<Impossibility>) -> Vec<Impossibility> {
    const SHOWN: usize = 10;
    let mut kept: Vec<Impossibility> = Vec::new();
    let mut counts = BTreeMap::new();
    for trouble in troubles {
        let count = counts.entry(trouble.kind).or_insert(0_usize);
        *count += 1;
        if *count <= SHOWN {
            kept.push(trouble);
        }
    }
    for (kind, count) in counts.into_iter().filter(|(_, count)| *count > SHOWN) {
        if let Some(last) = kept.iter_mut().rev().find(|one| one.kind == kind) {
            last.what = format!("{}; and {} more like this", last.what, count - SHOWN);
        }
    }
    kept
}

/// Whether a test that matches has an event with this name: then the author knows better than the dictionary.
fn is_shown(blueprint: &Blueprint, trouble: &Impossibility) -> bool {
    let rings = |case: &&Case| case.expect.matches;
    let name = |case: &Case| case.sent().pointer("/detail/eventName").and_then(Value::as_str).map(str::to_owned);
    trouble.kind == ImpossibilityKind::UnknownEvent
        && trouble.entry.is_some()
        && blueprint.tests.iter().filter(rings).any(|case| name(case) == trouble.entry)
}

fn about(trouble: &Impossibility, document: &Document, pointer: &str) -> Finding {
    let code = match trouble.kind {
        ImpossibilityKind::Never => Code::NeverMatches,
        ImpossibilityKind::UnknownSource => Code::UnknownEventSource,
        ImpossibilityKind::UnknownEvent => Code::UnknownEventName,
        ImpossibilityKind::UnknownValue => Code::UnknownValue,
        ImpossibilityKind::SignInSpelling => Code::SignInSpelling,
        ImpossibilityKind::DeadEntry => Code::DeadEntry,
        ImpossibilityKind::LeftOut => Code::LeftOut,
        ImpossibilityKind::DataEvents => Code::DataEvents,
        ImpossibilityKind::PartnerEvents => Code::PartnerEvents,
    };
    let place = place(document, pointer, &trouble.field, trouble.entry.as_deref());
    let finding = document.finding(&place, code, trouble.what.clone());
    match &trouble.help {
        Some(help) => finding.help(help.clone()),
        None => finding,
    }
}

/// Where a field of the pattern is, or an entry of its list; the pattern itself when it is not written there.
pub(super) fn place(document: &Document, pointer: &str, field: &str, entry: Option<&str>) -> String {
    let written = document.node(pointer).map(crate::document::Node::to_json);
    let found = written.and_then(|pattern| pointer_of(&pattern, "", field, entry));
    format!("{pointer}{}", found.unwrap_or_default())
}

/// The pointer inside a pattern; of several places the first that has the entry.
fn pointer_of(value: &Value, path: &str, field: &str, entry: Option<&str>) -> Option<String> {
    if path == field {
        let list = value.as_array();
        return match entry {
            Some(entry) if list.is_some() => {
                list?.iter().position(|one| one.as_str() == Some(entry)).map(|at| format!("/{at}"))
            }
            _ => Some(String::new()),
        };
    }
    value.as_object()?.iter().find_map(|(key, value)| {
        if key == "$or" {
            let branch = |(at, one)| Some(format!("/$or/{at}{}", pointer_of(one, path, field, entry)?));
            return value.as_array()?.iter().enumerate().find_map(branch);
        }
        let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let is_on_the_way = field == below || field.starts_with(&format!("{below}."));
        is_on_the_way
            .then(|| pointer_of(value, &below, field, entry))
            .flatten()
            .map(|rest| format!("/{}{rest}", step(key)))
    })
}

/// Read-only calls reach only rules in a state of its own.
fn reading(blueprint: &Blueprint, pattern: &Pattern, document: &Document, pointer: &str) -> Option<Finding> {
    let all = RuleState::EnabledWithAllCloudtrailManagementEvents.word();
    match (read_only(pattern), blueprint.alert.rule_state) {
        (ReadOnly::Named(names), Some(RuleState::Enabled)) => {
            let what = format!("a rule in the state ENABLED never receives read-only calls such as `{}`", names[0]);
            let place = if pointer == "/alert/pattern" { "/alert/rule_state" } else { pointer };
            let help = format!("remove `rule_state`; trailbell then chooses `{all}`");
            Some(document.finding(place, Code::ReadOnlyNotReceived, what).found("ENABLED").expected(all).help(help))
        }
        (ReadOnly::Open, None) => {
            let what = "read-only calls can match, but a rule in the state ENABLED does not receive them";
            let help = format!(
                "choose one: `rule_state: {all}` receives them, `rule_state: ENABLED` does not; `readOnly: [false]` \
                in `detail` excludes them from the pattern"
            );
            Some(document.finding(pointer, Code::ReadOnlyUndecided, what).help(help))
        }
        _ => None,
    }
}

/// A pattern that takes whatever comes.
fn everything(pattern: &Pattern, document: &Document, pointer: &str) -> Option<Finding> {
    let fits = |events: &[Value]| {
        events.iter().all(|event| matches!(pattern.matches_value(&at_home(event, pattern)), Ok(Verdict::Matches)))
    };
    let what = if fits(&strangers()) {
        "every event on the bus matches"
    } else if fits(&calls()) {
        "every API call in the account matches"
    } else {
        return None;
    };
    let finding = document.finding(pointer, Code::MatchesEverything, what);
    Some(finding.expected("a pattern that names what the alert is about").help(
        "Slack accepts about one message per second; the rest waits, and after hours goes to the dead-letter queue. \
        Narrow the pattern with `source`, `detail.eventSource`, and `detail.eventName`",
    ))
}

/// The event in the account and region the pattern wants: those say nothing about what happens there.
fn at_home(event: &Value, pattern: &Pattern) -> Value {
    let mut event = event.clone();
    for (field, pointers) in
        [("account", ["/account", "/detail/recipientAccountId"]), ("region", ["/region", "/detail/awsRegion"])]
    {
        let pinned =
            pattern.branches().find_map(|branch| branch.demand(field)?.texts()?.first().copied().map(str::to_owned));
        for pointer in pointers {
            if let (Some(text), Some(slot)) = (&pinned, event.pointer_mut(pointer)) {
                *slot = Value::from(text.as_str());
            }
        }
    }
    event
}

/// Calls that have nothing in common but that CloudTrail delivers them.
fn calls() -> Vec<Value> {
    let call = |source: &str, name: &str, identity: &Value, read_only: bool| {
        let record = json!({
            "eventVersion": "1.11", "userIdentity": identity, "eventTime": "2026-01-02T03:04:05Z",
            "eventSource": format!("{source}.amazonaws.com"), "eventName": name, "awsRegion": "eu-west-1",
            "sourceIPAddress": if read_only { "192.0.2.7" } else { "cloudformation.amazonaws.com" },
            "eventID": "00000000-0000-4000-8000-000000000000", "readOnly": read_only, "eventType": "AwsApiCall",
            "managementEvent": true, "recipientAccountId": "111122223333", "eventCategory": "Management",
        });
        record.as_object().map(crate::record::event).unwrap_or_default()
    };
    vec![
        call("s3", "CreateBucket", &json!({"type": "AWSService", "invokedBy": "cloudformation.amazonaws.com"}), false),
        call(
            "ec2",
            "DescribeInstances",
            &json!({"type": "IAMUser", "userName": "alice", "principalId": "AIDAX"}),
            true,
        ),
        call("kms", "ScheduleKeyDeletion", &json!({"type": "Root", "principalId": "111122223333"}), false),
    ]
}

/// Events that have nothing in common at all.
fn strangers() -> Vec<Value> {
    let event = |source: &str, kind: &str, detail: Value| {
        json!({"version": "0", "id": "1", "detail-type": kind, "source": source, "account": "111122223333",
            "time": "2026-01-02T03:04:05Z", "region": "eu-west-1", "resources": [], "detail": detail})
    };
    let mut events = calls();
    events.push(event("aws.events", "Scheduled Event", json!({})));
    events.push(event(
        "aws.ec2",
        "EC2 Instance State-change Notification",
        json!({"instance-id": "i-1", "state": "running"}),
    ));
    events.push(event("com.example.shop", "order", json!({"total": 3})));
    events
}

/// Where an alert has a rule for each group of calls, each of them needs a test, or `verify` cannot try it.
fn untried(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let values = parameters::samples(blueprint);
    let fires = |group: &Group| {
        let pattern = group.blueprint.pattern(&values).ok();
        let matches = |case: &Case| {
            let verdict = pattern.as_ref().map(|pattern| pattern.matches_value(&case.sent()));
            case.expect.matches && matches!(verdict, Some(Ok(Verdict::Matches)))
        };
        blueprint.tests.iter().any(matches)
    };
    let groups = message::groups(blueprint, &values).filter(|groups| groups.len() > 1).unwrap_or_default();
    let finding = |group: Group| {
        let names = group.names.join("`, `");
        let what = format!("no test has an event of `{names}`, which a rule of its own matches");
        let help = "add a case under `tests` for one of them, with `expect: { matches: true }`: `trailbell verify` sends it \
            through that rule";
        document.finding("/tests", Code::MissingCase, what).help(help)
    };
    groups.into_iter().filter(|group| !fires(group)).map(finding).collect()
}

/// Tests show when an alert fires and when it does not.
pub(super) fn cases_shown(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let has = |matches: bool| blueprint.tests.iter().any(|case| case.expect.matches == matches);
    let missing = match (has(true), has(false)) {
        (true, true) => return untried(blueprint, document),
        (true, false) => "no test has an event that does not match",
        (false, true) => "no test has an event that matches",
        (false, false) => "no test has an event that matches, and none has one that does not",
    };
    let mut finding = document.finding("/tests", Code::MissingCase, missing);
    if blueprint.tests.is_empty() {
        finding.span = document.key_span("/alert");
    }
    vec![finding.help(format!(
        "add a case under `tests` with {} and `expect: {{ matches: … }}`; `trailbell test` runs it",
        if blueprint.is_log_route() { "`lines`" } else { "a `record`" }
    ))]
}
