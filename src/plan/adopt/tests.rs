//! Adopting in the sandbox: of what others made under the names of a stack, exactly what is named becomes managed, only its mark is
//! written, and an interruption at any call converges.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::apply::{Report, StopRequest, apply};
use crate::compile::compile;
use crate::document::Document;
use crate::live::{Live, Obstacle};
use crate::name::Scope;
use crate::plan::{self, Plan, PlanError, Purpose};
use crate::provider::sandbox::{Sandbox, StoredObject, World};
use crate::provider::{Provider, Search};
use crate::resource::mark::{STACK_TAG, stack_in};
use crate::resource::{Address, Resource, ResourceSet};
use crate::secret::Secret;

const STACK: &str = "stack: sec\nregion: us-east-1\nslack: { webhook: \"${env:HOOK}\" }\nalerts:\n  \
    - { blueprint: cloudtrail-stop-logging, with: { restart_logging: true } }\n  \
    - { blueprint: cloudtrail-access-denied-logs, with: { log_group: my-trail, metric_alarm: true } }\n";

fn wait<T>(future: impl Future<Output = T>) -> T {
    futures_util::FutureExt::now_or_never(future).expect("the sandbox never waits")
}

fn scope() -> Scope {
    Scope::offline(None, "us-east-1", "sec").expect("a good scope")
}

/// A stack with every kind of resource.
fn desired() -> ResourceSet {
    let document = Document::parse("stack.yaml", STACK).expect("YAML");
    let installation = crate::check::stack(document, PathBuf::new()).expect("no findings");
    let hook = "https://hooks.slack.com/services/T00000000/B00000000/aaaaaaaaaaaaaaaaaaaaaaaa";
    compile(&installation, &scope(), Some(&Secret::new(hook)))
}

fn live(sandbox: &Sandbox) -> Live {
    wait(sandbox.read(&scope(), Search::of(&desired()))).expect("reading cannot fail")
}

fn carry_out(sandbox: &Sandbox, plan: &Plan) -> Report {
    wait(apply(plan, sandbox, &StopRequest::default(), &|_| ()))
}

fn planned(sandbox: &Sandbox) -> Result<Plan, PlanError> {
    plan::plan(&scope(), &desired(), &live(sandbox))
}

fn adopted(sandbox: &Sandbox, addresses: &BTreeSet<Address>) -> Result<Plan, PlanError> {
    plan::adopt(&scope(), &desired(), &live(sandbox), addresses)
}

/// Takes the mark away, as if someone else had made it.
fn unmark(one: &mut StoredObject) {
    if let Some(tags) = one.resource.tags_mut() {
        tags.clear();
        tags.insert("owner".to_owned(), "them".to_owned());
    }
    if let Some(words) = one.resource.description_mut() {
        "theirs".clone_into(words);
    }
}

/// A whole stack whose marks are gone.
fn unmarked() -> Sandbox {
    let sandbox = Sandbox::new();
    assert!(carry_out(&sandbox, &planned(&sandbox).expect("nothing is in the way")).is_complete());
    sandbox.by_hand(|world| world.objects.values_mut().for_each(unmark));
    sandbox
}

/// What can have a mark.
fn adoptable() -> BTreeSet<Address> {
    let can = |one: &Resource| one.clone().adopt(&scope()).is_ok();
    desired().values().filter(|one| can(one)).map(|one| one.address().clone()).collect()
}

/// Everything but marks.
fn without_marks(world: &World) -> Vec<StoredObject> {
    let bare = |mut one: StoredObject| {
        if let Some(tags) = one.resource.tags_mut() {
            tags.remove(STACK_TAG);
        } else if let Some(words) = one.resource.description_mut()
            && stack_in(words) == Some("sec")
        {
            let (theirs, _) = words.split_once(" [tb1;").expect("the mark is at its end");
            *words = theirs.to_owned();
        }
        one
    };
    world.objects.values().cloned().map(bare).collect()
}

fn refused(result: Result<Plan, PlanError>) -> String {
    match result {
        Err(PlanError::Refused(all)) => {
            all.iter().map(|one| format!("{}; {}", one.what, one.fix)).collect::<Vec<_>>().join("\n")
        }
        other => panic!("not refused: {other:?}"),
    }
}

fn named(texts: &[&str]) -> BTreeSet<Address> {
    texts.iter().map(|one| format!("us-east-1/{one}").parse().expect(one)).collect()
}

#[test]
fn a_whole_stack_is_adopted_by_its_marks_alone_and_then_updated() {
    let sandbox = unmarked();
    let before = sandbox.by_hand(|world| without_marks(world));
    let told = refused(planned(&sandbox));
    for address in adoptable() {
        assert!(told.contains(&format!("trailbell adopt {}", address.short())), "{address}: {told}");
    }
    let plan = adopted(&sandbox, &adoptable()).expect("it can be adopted");
    assert_eq!((plan.purpose, plan.steps.len()), (Purpose::Adopt, adoptable().len()));
    assert!(carry_out(&sandbox, &plan).is_complete());
    assert_eq!(sandbox.by_hand(|world| without_marks(world)), before, "only marks are written");
    // What is shown is what the next plan does.
    let next = planned(&sandbox).expect("nothing is in the way");
    let changes = |plan: &Plan| plan.steps.iter().map(|step| step.change.difference()).collect::<BTreeSet<_>>();
    let shown: BTreeSet<String> = plan.next.iter().map(plan::Change::difference).collect();
    assert_eq!(changes(&next), shown);
    assert!(shown.contains("connection.slack differs: description, api_key_value"), "{shown:?}");
    assert!(carry_out(&sandbox, &next).is_complete());
    assert!(planned(&sandbox).expect("nothing is in the way").is_settled());
    assert!(refused(adopted(&sandbox, &adoptable())).contains("queue.slack is managed by the stack already"));
}

#[test]
fn an_adoption_that_is_interrupted_anywhere_goes_on() {
    let all = adoptable();
    for stop in 0..=u32::try_from(all.len()).expect("few") {
        let sandbox = unmarked();
        let before = sandbox.by_hand(|world| without_marks(world));
        sandbox.fail_after(Some(stop));
        let report = carry_out(&sandbox, &adopted(&sandbox, &all).expect("it can be adopted"));
        assert_eq!(report.is_complete(), all.len() <= stop as usize);
        sandbox.fail_after(None);
        if !report.is_complete() {
            let rest = adopted(&sandbox, &all).expect("the same command goes on");
            assert!(carry_out(&sandbox, &rest).is_complete(), "{stop}");
        }
        assert_eq!(sandbox.by_hand(|world| without_marks(world)), before);
        assert!(live(&sandbox).others.is_empty(), "{stop}");
    }
}

/// Each alone: it is adopted and nothing else becomes managed, or what would is named.
#[test]
fn exactly_what_is_named_is_adopted() {
    for address in adoptable() {
        let sandbox = unmarked();
        let before: BTreeSet<Address> = live(&sandbox).managed.into_keys().collect();
        match adopted(&sandbox, &BTreeSet::from([address.clone()])) {
            Ok(plan) => {
                assert!(carry_out(&sandbox, &plan).is_complete());
                let after = live(&sandbox).managed;
                let is_part = |one: &Address| after.get(one).is_some_and(|one| one.is_part(&scope()));
                let new: Vec<_> = after.keys().filter(|one| !before.contains(*one) && !is_part(one)).cloned().collect();
                assert_eq!(new, [address]);
            }
            Err(PlanError::Refused(all)) => {
                assert!(all[0].what.contains("would become managed, too"), "{address}: {all:?}");
            }
            Err(other) => panic!("{other}"),
        }
    }
    let told = refused(adopted(&unmarked(), &named(&["rule.cloudtrail-stop-logging"])));
    assert!(
        told.contains("connection.slack, api_destination.slack, ") && told.contains("role.slack, queue.slack"),
        "{told}"
    );
}

#[test]
fn what_cannot_be_adopted_is_refused_by_name() {
    type Change = fn(&mut World);
    let cases: [(&str, Change, &str); 9] = [
        ("target.cloudtrail-stop-logging", |_| (), "it is managed together with rule.cloudtrail-stop-logging"),
        ("permission.notifier/rules", |_| (), "the stack file does not describe permission.notifier/rules"),
        ("permission.cloudtrail-stop-logging/rule", |_| (), "together with function.cloudtrail-stop-logging"),
        ("rule.other", |_| (), "what can be adopted is "),
        (
            "queue.slack",
            |world| world.objects.retain(|key, _| !key.contains("/queue/")),
            "does not exist in the account",
        ),
        (
            "queue.slack",
            |world| {
                let queue = world.at(&named(&["queue.slack"]).pop_first().expect("one")).expect("there");
                queue.resource.tags_mut().expect("tags").insert(STACK_TAG.to_owned(), "other".to_owned());
            },
            "has the mark of another stack, `other`",
        ),
        (
            "connection.slack",
            |world| {
                let connection = world.at(&named(&["connection.slack"]).pop_first().expect("one")).expect("there");
                *connection.resource.description_mut().expect("words") = "x [tb1;s=other;k=connection]".to_owned();
            },
            "has the mark of another stack, `other`",
        ),
        (
            "connection.slack",
            |world| {
                let connection = world.at(&named(&["connection.slack"]).pop_first().expect("one")).expect("there");
                *connection.resource.description_mut().expect("words") = "x".repeat(500);
            },
            "leaves no room for the mark",
        ),
        (
            "event_bus.relay",
            |world| {
                let address = named(&["event_bus.relay"]).pop_first().expect("one");
                let what = Obstacle::managing_service(&address, "states.amazonaws.com").what;
                world.at(&address).expect("there").attached.push(what);
            },
            "is managed by the AWS service `states.amazonaws.com`",
        ),
    ];
    for (address, change, words) in cases {
        let sandbox = unmarked();
        sandbox.by_hand(change);
        let before = sandbox.by_hand(|world| world.clone());
        let told = refused(adopted(&sandbox, &named(&[address])));
        assert!(told.contains(words) && told.contains("nothing was changed"), "{address}: {told}");
        assert_eq!(sandbox.by_hand(|world| world.clone()), before);
    }
    let filters: Vec<String> = desired().keys().map(Address::short).filter(|one| one.contains("_filter.")).collect();
    assert_eq!(filters.len(), 2, "{filters:?}");
    for filter in filters {
        let sandbox = unmarked();
        sandbox.by_hand(|world| {
            let object = world.at(&named(&[&filter]).pop_first().expect("one")).expect("there");
            if let Resource::SubscriptionFilter(one) = &mut object.resource {
                one.destination = crate::resource::Arn::Known("arn:theirs".to_owned());
            }
        });
        let told = refused(adopted(&sandbox, &named(&[&filter])));
        assert!(
            told.contains("has no tags and no description") || told.contains("managed by the stack already"),
            "{told}"
        );
    }
}
