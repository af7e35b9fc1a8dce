//! Properties over thousands of histories: stacks that change, hands that meddle, runs that are interrupted.

mod by_account;
mod destinations;
mod handover;
mod leftovers;
mod meddling;
mod previous;
mod versions;

use proptest::prelude::*;
use serde_json::Value;

use super::{Sandbox, StoredObject, World};
use crate::apply::{Event, Report, StopRequest, apply};
use crate::compile::{DestinationNames, compile};
use crate::live::Live;
use crate::name::{DestinationId, Scope};
use crate::plan::{self, NotRemoved, Plan, PlanError};
use crate::provider::{Provider, Search};
use crate::resource::{Address, Arns, Kind, Resource};
use meddling::{Meddling, meddle, meddlings, remove, strangers, theirs, touch};
use versions::{Version, scope, versions};

fn wait<T>(future: impl Future<Output = T>) -> T {
    futures_util::FutureExt::now_or_never(future).expect("the sandbox never waits")
}

fn live(sandbox: &Sandbox) -> Live {
    wait(sandbox.read(&scope(), Search::alone())).expect("reading cannot fail")
}

fn planned(sandbox: &Sandbox, version: &Version) -> Result<Plan, PlanError> {
    let desired = version.desired();
    let live = wait(sandbox.read(&scope(), Search::of(&desired))).expect("reading cannot fail");
    plan::plan(&scope(), &desired, &live)
}

pub(super) fn carry_out(sandbox: &Sandbox, plan: &Plan) -> Report {
    wait(apply(plan, sandbox, &StopRequest::default(), &|_| ()))
}

/// One step alone.
fn carry_out_step(sandbox: &Sandbox, scope: &Scope, step: &plan::PlanStep, arns: &mut Arns) {
    let alone = plan::PlanStep { waits_for: Vec::new(), pause: None, ..step.clone() };
    let plan = Plan {
        format: plan::FORMAT,
        scope: scope.clone(),
        purpose: plan::Purpose::Apply,
        steps: vec![alone],
        unchanged: Vec::new(),
        arns: arns.clone(),
        notes: Vec::new(),
        extras: Vec::new(),
        next: Vec::new(),
    };
    assert!(carry_out(sandbox, &plan).is_complete(), "{:?}", step.change);
    let arn = |one: &StoredObject| Some((one.resource.address().clone(), one.arn.clone()?));
    arns.extend(sandbox.by_hand(|world| world.objects.values().filter_map(arn).collect::<Vec<_>>()));
}

fn set_up(first: &Version, meddling: &[Meddling], seed: usize) -> Sandbox {
    let sandbox = Sandbox::new();
    let report = carry_out(&sandbox, &planned(&sandbox, first).expect("nothing is in the way"));
    assert!(report.is_complete(), "{report:?}");
    sandbox.by_hand(|world| meddle(world, meddling));
    sandbox.by_hand(|world| strangers(world, seed));
    sandbox
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_was_applied_needs_no_change(version in versions(), seed in any::<usize>()) {
        let sandbox = set_up(&version, &[], seed);
        let again = planned(&sandbox, &version).expect("nothing is in the way");
        prop_assert!(again.is_empty(), "{:?}", again.steps);
        let kept = World::from_json(&sandbox.by_hand(|world| world.to_json())).expect("a kept world is read again");
        let reopened = Sandbox::new();
        reopened.by_hand(|world| *world = kept);
        let after = planned(&reopened, &version).expect("nothing is in the way");
        prop_assert!(after.is_empty(), "kept in a file: {:?}", after.steps);
    }

    #[test]
    fn what_is_live_stands_to_others_as_what_is_desired_and_all_of_it_exists(version in versions()) {
        let sandbox = set_up(&version, &[], 0);
        let (desired, live) = (version.desired(), live(&sandbox));
        for (address, wanted) in &desired {
            let edges = wanted.edges(&scope());
            let seen = live.managed.get(address).map(|one| one.edges(&scope()));
            prop_assert_eq!(Some(&edges), seen.as_ref());
            prop_assert!(wanted.parts(&scope()).all(|(_, part)| desired.contains_key(&part)), "{address}: {edges:?}");
        }
    }

    #[test]
    fn any_interruption_converges(
        first in versions(), second in versions(), meddling in meddlings(), stop in 0..30_u32, seed in any::<usize>(),
    ) {
        let sandbox = set_up(&first, &meddling, seed);
        let Ok(plan) = planned(&sandbox, &second) else { return Err(TestCaseError::reject("an unmanaged resource is \
            in the way")) };
        sandbox.fail_after(Some(stop));
        let report = carry_out(&sandbox, &plan);
        // What is replaced is removed and made.
        let calls = plan.steps.len() + plan.summary().replace;
        prop_assert_eq!(report.is_complete(), calls <= stop as usize, "{:?}", report);
        sandbox.fail_after(None);
        let rest = planned(&sandbox, &second).expect("an interruption makes no unmanaged resources");
        let report = carry_out(&sandbox, &rest);
        prop_assert!(report.is_complete(), "{:?}", report);
        let last = planned(&sandbox, &second).expect("nothing is in the way");
        prop_assert!(last.is_empty(), "{:?}", last.steps);
    }

    #[test]
    fn destroy_leaves_strangers_and_nothing_else(
        version in versions(), meddling in meddlings(), stop in 0..30_u32, seed in any::<usize>(),
    ) {
        let sandbox = set_up(&version, &meddling, seed);
        // A thing without its mark that no rule leads to anymore is an unmanaged resource, and stays.
        let orphans: Vec<Address> = live(&sandbox).unmanaged.into_iter().map(|one| one.address).collect();
        let before = sandbox.by_hand(|world| theirs(world));
        sandbox.fail_after(Some(stop));
        let first = plan::destroy(&scope(), &live(&sandbox)).expect("nothing is attached");
        carry_out(&sandbox, &first);
        sandbox.fail_after(None);
        let rest = plan::destroy(&scope(), &live(&sandbox)).expect("nothing is attached");
        prop_assert!(carry_out(&sandbox, &rest).is_complete());
        prop_assert_eq!(sandbox.by_hand(|world| theirs(world)), before);
        let left: Vec<String> = sandbox.by_hand(|world| {
            let ours = world.objects.iter().filter(|(key, one)| !key.starts_with("theirs/") && !orphans.contains(one.resource.address()));
            ours.map(|(key, _)| key.clone()).collect()
        });
        prop_assert!(left.is_empty(), "left: {:?}, planned {:?}", left, first.steps);
    }

    #[test]
    fn deletions_come_before_what_they_depend_on(first in versions(), second in versions(), meddling in meddlings()) {
        let sandbox = set_up(&first, &meddling, 0);
        let Ok(plan) = planned(&sandbox, &second) else { return Err(TestCaseError::reject("an unmanaged resource is \
            in the way")) };
        for (at, step) in plan.steps.iter().enumerate() {
            prop_assert!(step.waits_for.iter().all(|other| *other < at));
        }
    }

    #[test]
    fn a_plan_survives_json_and_holds_no_secret(first in versions(), second in versions(), meddling in meddlings()) {
        let sandbox = set_up(&first, &meddling, 0);
        let Ok(plan) = planned(&sandbox, &second) else { return Err(TestCaseError::reject("an unmanaged resource is \
            in the way")) };
        let text = serde_json::to_string(&plan).expect("a plan is JSON");
        let back: Plan = serde_json::from_str(&text).expect("and back");
        prop_assert_eq!(serde_json::to_string(&back).expect("again"), text.clone());
        prop_assert_eq!(serde_json::to_value(&back).ok(), serde_json::from_str::<Value>(&text).ok());
        prop_assert!(!text.to_lowercase().contains("abcdefghijklmnopqrstuvwx"));
    }
}

#[test]
fn a_rotated_secret_is_seen_and_only_that() {
    let version =
        |secret, is_bot| Version { alerts: vec![0], is_bot, secret, function: None, alarms: Vec::new(), required: 0 };
    for (is_bot, kind, field) in
        [(true, Kind::Connection, "api_key_value"), (false, Kind::ApiDestination, "invocation_endpoint")]
    {
        let sandbox = set_up(&version(0, is_bot), &[], 0);
        let plan = planned(&sandbox, &version(1, is_bot)).expect("nothing is in the way");
        let changes: Vec<_> = plan.steps.iter().map(|step| &step.change).collect();
        let [plan::Change::Update { after, fields, .. }] = changes[..] else { panic!("{changes:?}") };
        assert_eq!((after.address().kind(), fields.len(), fields[0].path.as_str()), (kind, 1, field));
        let without =
            plan::plan(&scope(), &compile(&version(1, is_bot).installation(), &scope(), None), &live(&sandbox));
        let without = without.expect("a plan needs no secret");
        assert!(without.is_empty());
        assert!(without.notes[0].contains("rotation not checked"), "{:?}", without.notes);
    }
}

#[test]
fn marks_come_back_before_the_last_rule_that_leads_to_them_goes() {
    let version = |alerts: &[usize]| Version {
        alerts: alerts.to_vec(),
        is_bot: false,
        secret: 0,
        function: None,
        alarms: Vec::new(),
        required: 0,
    };
    for stop in 0..8 {
        let sandbox = set_up(&version(&[0]), &[], 0);
        sandbox.by_hand(|world| {
            remove(world, "us-east-1/rule/trailbell-sec_relay_bus/trailbell-sec_relay_rule");
            for one in world.objects.values_mut() {
                match &mut one.resource {
                    Resource::Connection(_) | Resource::ApiDestination(_) => {
                        touch(&mut one.resource, &Meddling::Describe(0));
                    }
                    Resource::Queue(_) => touch(&mut one.resource, &Meddling::Untag(0)),
                    _ => {}
                }
            }
        });
        let plan = planned(&sandbox, &version(&[])).expect("a rule still leads to everything");
        sandbox.fail_after(Some(stop));
        carry_out(&sandbox, &plan);
        sandbox.fail_after(None);
        let rest = planned(&sandbox, &version(&[])).expect("an interruption makes no unmanaged resources");
        assert!(carry_out(&sandbox, &rest).is_complete());
        assert!(planned(&sandbox, &version(&[])).expect("nothing is in the way").is_empty(), "stopped after {stop}");
    }
}

#[test]
fn a_message_without_a_channel_never_meets_a_bots_method() {
    let version =
        |is_bot| Version { alerts: vec![0, 1], is_bot, secret: 0, function: None, alarms: Vec::new(), required: 0 };
    for to_bot in [true, false] {
        let sandbox = set_up(&version(!to_bot), &[], 0);
        let plan = planned(&sandbox, &version(to_bot)).expect("nothing is in the way");
        let at = |kind: Kind| {
            let of_kind = |(_, step): &(usize, &plan::PlanStep)| step.change.address().kind() == kind;
            plan.steps.iter().enumerate().filter(of_kind).map(|(at, _)| at).collect::<Vec<_>>()
        };
        let (destination, targets) = (at(Kind::ApiDestination)[0], at(Kind::Target));
        assert_eq!(targets.len(), 2);
        for target in targets {
            let (later, earlier) = if to_bot { (destination, target) } else { (target, destination) };
            assert!(plan.steps[later].waits_for.contains(&earlier), "{:?}", plan.steps);
        }
    }
}

#[test]
fn a_role_under_another_path_is_replaced_and_its_users_follow() {
    let version =
        Version { alerts: vec![0], is_bot: false, secret: 0, function: None, alarms: Vec::new(), required: 0 };
    let sandbox = set_up(&version, &[], 0);
    let role = DestinationNames::of(&scope(), &DestinationId::slack()).role.0;
    sandbox.by_hand(|world| {
        let object = world.at(&role).expect("the role is there");
        if let Resource::Role(one) = &mut object.resource {
            one.path = "/elsewhere/".to_owned();
        }
    });
    let plan = planned(&sandbox, &version).expect("the mark makes it ours");
    assert!(
        matches!(&plan.steps[..], [plan::PlanStep { change: plan::Change::Replace { .. }, .. }]),
        "{:?}",
        plan.steps
    );
    assert!(carry_out(&sandbox, &plan).is_complete());
    assert!(planned(&sandbox, &version).expect("nothing is in the way").is_empty());
}

#[test]
fn a_stranger_under_a_derived_name_is_refused_and_a_policy_of_others_stops_the_removal() {
    let version =
        Version { alerts: vec![0], is_bot: false, secret: 0, function: None, alarms: Vec::new(), required: 0 };
    let sandbox = set_up(&version, &[], 0);
    sandbox.by_hand(|world| {
        let object =
            world.at(&DestinationNames::of(&scope(), &DestinationId::slack()).role.0).expect("the role is there");
        object.attached.push("the inline policy `extra`".to_owned());
    });
    let Err(PlanError::Refused(refusals)) = plan::destroy(&scope(), &live(&sandbox)) else { panic!("must be refused") };
    assert!(refusals[0].what.contains("`extra`"), "{refusals:?}");
    let mut plan = planned(&sandbox, &version).expect("applying is fine");
    let address = "role.slack/inline-policy.extra";
    assert_eq!((plan.extras[0].address.as_str(), plan.is_empty(), plan.is_settled()), (address, true, false));
    let mut accepting = plan.clone();
    accepting.accept([(address, "an audit"), ("role.slack/inline-policy.gone", "an old audit")]);
    assert!(accepting.is_settled() && accepting.notes[0].contains("inline-policy.gone"), "{:?}", accepting.notes);
    // What is removed is what was asked for, and nothing else.
    assert_eq!(plan.remove_unmanaged(&["role.slack".to_owned()]), Err(NotRemoved::Absent("role.slack".to_owned())));
    assert_eq!(plan.remove_unmanaged(&[address.to_owned()]), Ok(()));
    assert!(!plan.is_empty());
    assert_eq!(carry_out(&sandbox, &plan).removed, 1);
    assert!(planned(&sandbox, &version).expect("nothing is in the way").is_settled());

    let empty = Sandbox::new();
    carry_out(&empty, &planned(&empty, &version).expect("nothing is in the way"));
    empty.by_hand(|world| {
        world.objects.retain(|_, one| matches!(one.resource, Resource::Connection(_)));
        for one in world.objects.values_mut() {
            touch(&mut one.resource, &Meddling::Describe(0));
        }
    });
    let Err(PlanError::Refused(refusals)) = planned(&empty, &version) else { panic!("must be refused") };
    assert!(refusals[0].what.contains("trailbell-sec_slack_connection"), "{refusals:?}");
}

#[test]
fn a_role_of_our_name_under_another_path_is_not_the_one_that_targets_name() {
    let version =
        Version { alerts: vec![0], is_bot: false, secret: 0, function: None, alarms: Vec::new(), required: 0 };
    let sandbox = set_up(&version, &[], 0);
    let role = DestinationNames::of(&scope(), &DestinationId::slack()).role.0;
    sandbox.by_hand(|world| {
        let object = world.at(&role).expect("the role is there");
        object.arn = object.arn.as_ref().map(|arn| arn.replace("/trailbell/sec/", "/elsewhere/"));
        if let Resource::Role(one) = &mut object.resource {
            (one.path, one.description) = ("/elsewhere/".to_owned(), "theirs".to_owned());
            one.tags.clear();
        }
    });
    let unmanaged: Vec<Address> = live(&sandbox).unmanaged.into_iter().map(|one| one.address).collect();
    assert!(unmanaged.contains(&role), "{unmanaged:?}");
    assert!(matches!(planned(&sandbox, &version), Err(PlanError::Refused(_))));
}
