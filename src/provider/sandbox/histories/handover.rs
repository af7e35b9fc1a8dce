//! What leads an alert to Slack changes: the new way is there before the old one goes, in whatever order a plan's graph is
//! walked, and nothing ever waits for itself.

mod stacks;

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::versions::{IDS, scope};
use super::{Sandbox, StoredObject, carry_out, carry_out_step, meddle, meddlings, wait};
use crate::graph::Receiving;
use crate::plan::{self, Plan, PlanError};
use crate::provider::{Provider, Search};
use crate::resource::{
    Address, Arn, FunctionNames, Id, Kind, Leads, MAX_FILTERS, Resource, RuleId, SubscriptionFilter, Target,
};
use crate::trace::{self, Answer, Ask, Input, Step};
use stacks::{Apart, GROUPS, HandoverVersion, LeadBy, Lines, Notifier, Transformer, rules_apart, stacks};

/// A filter of someone else.
fn their_filter(sandbox: &Sandbox, group: usize) {
    let names = FunctionNames::new(&scope(), "x");
    let mut filter = SubscriptionFilter::new(&scope(), "x", GROUPS[group], "", &names);
    filter.name = "theirs".to_owned();
    filter.destination = Arn::Known("arn:theirs".to_owned());
    let object = StoredObject { resource: Resource::SubscriptionFilter(filter), arn: None, attached: Vec::new() };
    sandbox.by_hand(|world| world.objects.insert(format!("theirs/{}", GROUPS[group]), object));
}

fn planned(sandbox: &Sandbox, version: &HandoverVersion) -> Plan {
    let desired = version.desired();
    let live = wait(sandbox.read(&scope(), Search::of(&desired))).expect("reading cannot fail");
    plan::plan(&scope(), &desired, &live).expect("nothing is in the way, and no circle")
}

fn set_up(version: &HandoverVersion) -> Sandbox {
    let sandbox = Sandbox::new();
    let report = carry_out(&sandbox, &planned(&sandbox, version));
    assert!(report.is_complete(), "{report:?}");
    assert!(planned(&sandbox, version).is_empty());
    sandbox
}

pub(super) fn at(plan: &Plan, action: &str, address: &str) -> usize {
    let is_it = |step: &plan::PlanStep| step.change.action() == action && step.change.address().short() == address;
    plan.steps.iter().position(is_it).unwrap_or_else(|| panic!("no {action} {address}: {:#?}", plan.steps))
}

/// Whether a step waits for another, itself or by way of others.
pub(super) fn waits(plan: &Plan, waiting: usize, other: usize) -> bool {
    plan.steps[waiting].waits_for.iter().any(|&one| one == other || waits(plan, one, other))
}

#[test]
fn the_notifier_has_its_channel_whenever_messages_go_to_a_bot() {
    let webhook = || HandoverVersion::of(&[Notifier, Transformer]);
    let bot = || webhook().to(0);
    for (before, after, notifier_is_first) in [(webhook(), bot(), true), (bot(), webhook(), false)] {
        let sandbox = set_up(&before);
        let plan = planned(&sandbox, &after);
        let (notifier, destination) =
            (at(&plan, "update", "function.notifier"), at(&plan, "update", "api_destination.slack"));
        let (later, earlier) = if notifier_is_first { (destination, notifier) } else { (notifier, destination) };
        assert!(waits(&plan, later, earlier), "{:#?}", plan.steps);
        let live = wait(sandbox.read(&scope(), Search::alone())).expect("reading cannot fail");
        let removal = plan::destroy(&scope(), &live).expect("nothing is attached");
        let (function, destination) =
            (at(&removal, "delete", "function.notifier"), at(&removal, "delete", "api_destination.slack"));
        assert!(waits(&removal, destination, function), "{:#?}", removal.steps);
    }
}

/// Whether the relay posts a log line when the notifier that a version deploys writes the message. Whether Slack takes it
/// depends on the token, too, which a connection loses before the destination becomes a webhook.
fn arrives(sandbox: &Sandbox, version: &HandoverVersion) -> bool {
    let mut message = json!({ "text": "a" });
    if let Some(channel) = version.channel {
        message["channel"] = format!("C012345678{channel}").into();
    }
    let lines = [r#"{"errorCode":"AccessDenied","eventSource":"a","eventName":"b"}"#.to_owned()];
    let input = Input::Lines { log_group: GROUPS[0], lines: &lines };
    let ways = sandbox.walk("us-east-1", Receiving::of("us-east-1"), input, |question| match &question.ask {
        Ask::Run { .. } => Answer::Ran { error: None, events: vec![trace::relayed(&scope(), &message, None)] },
        _ => trace::answer(question),
    });
    let ways = ways.expect("the sandbox has no file");
    ways.iter().flat_map(|way| way.then.iter().flatten()).any(|way| way.matches() && way.at(Step::Rendered).is_some())
}

#[test]
fn no_message_is_lost_while_the_notifier_learns_another_channel() {
    for (from, to) in [(None, Some(0)), (Some(0), None), (Some(0), Some(1))] {
        let version = |channel| HandoverVersion { channel, ..HandoverVersion::of(&[Lines(0)]) };
        let (before, after) = (version(from), version(to));
        for seed in 0..40 {
            let sandbox = set_up(&before);
            let plan = planned(&sandbox, &after);
            let mut arns = plan.arns.clone();
            let (mut is_new, mut has_old_calls) = (false, true);
            for step in walk(&plan, seed) {
                has_old_calls &= !is_new || step.pause.is_none();
                carry_out_step(&sandbox, &scope(), step, &mut arns);
                is_new |= step.change.address().short() == "function.notifier";
                let now = if is_new { &after } else { &before };
                assert!(arrives(&sandbox, now), "{from:?} to {to:?}: {:#?}", plan.steps);
                assert!(!has_old_calls || arrives(&sandbox, &before), "{from:?} to {to:?}: {:#?}", plan.steps);
            }
            assert!(is_new && !has_old_calls, "{:#?}", plan.steps);
            assert!(planned(&sandbox, &after).is_empty());
            assert!(!arrives(&sandbox, &before), "the old channel is closed");
        }
    }
}

#[test]
fn a_notifier_that_comes_or_goes_with_the_bot_speaks_to_neither_without_a_channel() {
    let bot = |way| HandoverVersion::of(&[way]).to(0);
    let destination = "api_destination.slack";
    // A webhook does not mind a channel, so who brings one may come before.
    let plan = planned(&set_up(&HandoverVersion::of(&[Transformer])), &bot(Notifier));
    assert!(waits(&plan, at(&plan, "update", destination), at(&plan, "delete", "target.a")), "{:#?}", plan.steps);
    let plan = planned(&set_up(&HandoverVersion::of(&[Notifier])), &bot(Transformer));
    assert!(waits(&plan, at(&plan, "update", destination), at(&plan, "delete", "function.notifier")));
    // Who brings none comes after.
    let plan = planned(&set_up(&bot(Transformer)), &HandoverVersion::of(&[Notifier]));
    assert!(waits(&plan, at(&plan, "create", "function.notifier"), at(&plan, "update", destination)));
    let plan = planned(&set_up(&bot(Notifier)), &HandoverVersion::of(&[Transformer]));
    assert!(waits(&plan, at(&plan, "create", "target.a"), at(&plan, "update", destination)));
}

#[test]
fn the_new_way_is_there_before_the_old_one_goes() {
    let [target, by_notifier] = ["target.a", "target.a/function-notifier"];
    let [first, second] = GROUPS.map(|group| format!("subscription_filter.a@{group}"));
    let cases: &[(LeadBy, LeadBy, &str, &[&str])] = &[
        (Transformer, Notifier, by_notifier, &[target]),
        (Notifier, Transformer, target, &[by_notifier, "function.notifier"]),
        (Lines(0), Lines(1), &second, &[&first]),
        (Transformer, Lines(0), &first, &[target, "rule.a"]),
        (Notifier, Lines(0), &first, &[by_notifier, "rule.a"]),
        (Lines(0), Transformer, target, &[&first, "function.notifier"]),
        (Lines(0), Notifier, by_notifier, &[&first]),
    ];
    for (before, after, comes, goes) in cases {
        for (from, to) in [(None, None), (Some(0), Some(0)), (None, Some(0)), (Some(0), None), (Some(0), Some(1))] {
            let sandbox = set_up(&HandoverVersion { channel: from, ..HandoverVersion::of(&[*before]) });
            let plan = planned(&sandbox, &HandoverVersion { channel: to, ..HandoverVersion::of(&[*after]) });
            let created = at(&plan, "create", comes);
            for gone in *goes {
                assert!(waits(&plan, at(&plan, "delete", gone), created), "{before:?} {after:?}: {:#?}", plan.steps);
            }
        }
    }
}

#[test]
fn an_alert_that_is_taken_apart_keeps_its_old_rule_until_the_new_ones_are_in_use() {
    let rules: Vec<String> = rules_apart("a").iter().map(|rule| rule.id.to_string()).collect();
    for (before, after) in [(Transformer, Apart), (Apart, Transformer)] {
        let sandbox = set_up(&HandoverVersion::of(&[before]));
        let plan = planned(&sandbox, &HandoverVersion::of(&[after]));
        let rules_of = |way| if way == Apart { rules.clone() } else { vec!["a".to_owned()] };
        let (going, coming) = (rules_of(before), rules_of(after));
        for old in going {
            let old = at(&plan, "delete", &format!("target.{old}"));
            for new in &coming {
                assert!(waits(&plan, old, at(&plan, "create", &format!("target.{new}"))), "{:#?}", plan.steps);
            }
            assert_eq!(plan.steps[old].pause.as_ref().map(|pause| pause.seconds), Some(30));
        }
        assert!(
            carry_out(&sandbox, &plan).is_complete() && planned(&sandbox, &HandoverVersion::of(&[after])).is_empty()
        );
    }
}

#[test]
fn where_there_is_no_room_for_both_the_old_way_goes_first() {
    // Both log groups are full: someone must begin.
    let sandbox = set_up(&HandoverVersion::of(&[Lines(0), Lines(1)]));
    (0..GROUPS.len()).for_each(|group| their_filter(&sandbox, group));
    let swapped = HandoverVersion::of(&[Lines(1), Lines(0)]);
    let plan = planned(&sandbox, &swapped);
    let filter = |id: usize, group: usize| format!("subscription_filter.{}@{}", IDS[id], GROUPS[group]);
    let (leaves, comes) = (at(&plan, "delete", &filter(0, 0)), at(&plan, "create", &filter(0, 1)));
    let others = (at(&plan, "delete", &filter(1, 1)), at(&plan, "create", &filter(1, 0)));
    assert!(waits(&plan, comes, others.0) && waits(&plan, others.1, leaves), "{:#?}", plan.steps);
    assert!(waits(&plan, leaves, comes), "only one of the two is without a filter for a while");
    assert!(carry_out(&sandbox, &plan).is_complete() && planned(&sandbox, &swapped).is_empty());
    // A rule to which others gave targets until it was full.
    let sandbox = set_up(&HandoverVersion::of(&[Transformer]));
    let rule = Address::new("us-east-1", Id::Rule(RuleId::of("a")));
    sandbox.by_hand(|world| {
        let object = world.at(&rule).expect("it is there");
        object.attached = (0..4).map(|at| format!("the target `theirs-{at}`")).collect();
    });
    let plan = planned(&sandbox, &HandoverVersion::of(&[Notifier]));
    let (comes, goes) = (at(&plan, "create", "target.a/function-notifier"), at(&plan, "delete", "target.a"));
    assert!(waits(&plan, comes, goes), "{:#?}", plan.steps);
}

/// An alert's ways to Slack among addresses.
fn ways<'a>(id: &str, all: impl Iterator<Item = &'a Address>) -> usize {
    let rule = Address::new("us-east-1", Id::Rule(RuleId::of(scope().fit(id, "rule"))));
    let notifier = FunctionNames::new(&scope(), "notifier").function.0;
    let leads = [Leads::Slack, Leads::Function(notifier.id.base().to_owned())];
    let targets = leads.map(|leads| Target::address_of(&rule, leads));
    let filter = scope().fit(id, "filter");
    let is_way = |one: &Address| match one.kind() {
        Kind::Target => targets.contains(one),
        Kind::SubscriptionFilter => one.id.base() == filter,
        _ => false,
    };
    let all: Vec<&Address> = all.collect();
    // Rules for some of the calls are a way when there is one for each.
    let apart = rules_apart(id).iter().map(|rule| Target::address_of(rule, Leads::Slack)).collect::<Vec<_>>();
    assert_eq!(apart.len(), 2);
    let is_apart = apart.iter().all(|target| all.contains(&target));
    all.into_iter().filter(|one| is_way(one)).count() + usize::from(is_apart)
}

/// The steps one after the other in some order that the graph allows.
pub(super) fn walk(plan: &Plan, mut seed: usize) -> Vec<&plan::PlanStep> {
    let (mut done, mut steps) = (BTreeSet::new(), Vec::new());
    while done.len() < plan.steps.len() {
        let is_ready =
            |at: &usize| !done.contains(at) && plan.steps[*at].waits_for.iter().all(|one| done.contains(one));
        let ready: Vec<usize> = (0..plan.steps.len()).filter(is_ready).collect();
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let next = ready[(seed >> 33) % ready.len()];
        done.insert(next);
        steps.push(&plan.steps[next]);
    }
    steps
}

fn on_group<'a>(group: &str, all: impl Iterator<Item = &'a Address>) -> usize {
    all.filter(|one| matches!(&one.id, Id::SubscriptionFilter(id) if id.log_group == group)).count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_drift_makes_a_circle(first in stacks(), second in stacks(), meddling in meddlings(), stop in 0..30_u32) {
        let sandbox = set_up(&first);
        sandbox.by_hand(|world| meddle(world, &meddling));
        let desired = second.desired();
        let read = || wait(sandbox.read(&scope(), Search::of(&desired))).expect("reading cannot fail");
        let plan = match plan::plan(&scope(), &desired, &read()) {
            Err(PlanError::Refused(_)) => return Err(TestCaseError::reject("an unmanaged resource is in the way")),
            other => other.expect("no circle"),
        };
        sandbox.fail_after(Some(stop));
        carry_out(&sandbox, &plan);
        sandbox.fail_after(None);
        let rest = plan::plan(&scope(), &desired, &read()).expect("an interruption makes no unmanaged resources, and \
            no circle");
        let report = carry_out(&sandbox, &rest);
        prop_assert!(report.is_complete(), "{:?}", report);
        prop_assert!(plan::plan(&scope(), &desired, &read()).expect("nothing is in the way").is_empty());
    }

    #[test]
    fn no_two_versions_make_a_circle_or_leave_an_alert_without_a_way(
        first in stacks(), second in stacks(), seed in any::<usize>(),
    ) {
        let sandbox = set_up(&first);
        let desired = second.desired();
        let live = wait(sandbox.read(&scope(), Search::of(&desired))).expect("reading cannot fail");
        let plan = plan::plan(&scope(), &desired, &live).expect("nothing is in the way, and no circle");
        let mut there: BTreeSet<Address> = live.managed.keys().cloned().collect();
        let coming = || plan.steps.iter().filter(|one| one.change.before().is_none()).map(|one| one.change.address());
        let has_room = GROUPS.iter().all(|group| on_group(group, there.iter()) + on_group(group, coming()) <= MAX_FILTERS);
        let staying: Vec<&str> = first.alerts.keys().filter(|at| second.alerts.contains_key(at)).map(|at| IDS[*at]).collect();
        for step in walk(&plan, seed) {
            match step.change.after() {
                Some(after) => there.insert(after.address().clone()),
                None => there.remove(step.change.address()),
            };
            prop_assert!(GROUPS.iter().all(|group| on_group(group, there.iter()) <= MAX_FILTERS), "{step:?}");
            prop_assert!(!has_room || staying.iter().all(|id| ways(id, there.iter()) > 0), "{step:?}: {:#?}", plan.steps);
        }
        prop_assert!(there.iter().eq(desired.keys()));
        prop_assert!(carry_out(&sandbox, &plan).is_complete());
    }
}
