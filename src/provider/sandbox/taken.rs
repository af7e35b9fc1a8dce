//! What someone else makes under a name of the stack between plan and change is refused and stays as it is, whatever its kind.

use serde_json::json;

use super::World;
use crate::compile::function::{FunctionSpec, filter, function, target};
use crate::compile::metric::{CountingSpec, metric};
use crate::compile::relay::relay;
use crate::message::Form;
use crate::name::Scope;
use crate::provider::ErrorKind;
use crate::resource::{Arn, Arns, FunctionNames, PackedCode, Policy, Resource, TargetInput};

fn scope() -> Scope {
    Scope::offline(None, "us-east-1", "sec").expect("a good scope")
}

/// One resource of each kind whose creation could overwrite, after those that they require.
fn all() -> Vec<Resource> {
    let scope = scope();
    let spec = FunctionSpec {
        id: "slack",
        words: "",
        runtime: "nodejs24.x",
        handler: "index.handler",
        timeout_seconds: 30,
        memory_megabytes: 128,
        reserved_concurrency: None,
        code: PackedCode::new(Vec::new()),
        grants: Vec::new(),
        queue: crate::name::DestinationId::slack(),
        posts_to: Vec::new(),
    };
    let [group, role, made] = function(&scope, spec);
    let names = FunctionNames::new(&scope, "slack");
    let [permission, filter] = filter(&scope, "a", "/theirs", "", &names);
    let spec =
        CountingSpec { id: "a", words: "", log_group: "/theirs", pattern: "", namespace: "Ns", name: "a", topic: None };
    let [alarm, metric_filter] = metric(&scope, &spec);
    let [bus, _, relay] = relay(None, &Form::Webhook, &scope);
    let Resource::Rule(rule) = &relay else { panic!("a rule") };
    let target =
        Resource::Target(target(&scope, rule, &names, TargetInput::Event, &crate::name::DestinationId::slack()));
    vec![group, role, made, permission, filter, alarm, metric_filter, bus, relay, target]
}

/// As someone else would have it: without the mark, or with other values.
fn of_others(mut one: Resource) -> Resource {
    if let Some(tags) = one.tags_mut() {
        tags.clear();
    }
    if let Some(text) = one.description_mut() {
        "theirs".clone_into(text);
    }
    match &mut one {
        Resource::SubscriptionFilter(filter) => filter.destination = Arn::Known("arn:theirs".to_owned()),
        Resource::MetricFilter(filter) => filter.metric.name = "Theirs".to_owned(),
        Resource::Permission(permission) => permission.unlike = Some(Policy::of(&json!({ "Effect": "Allow" }))),
        Resource::Target(target) => target.arn = Arn::Known("arn:theirs".to_owned()),
        _ => {}
    }
    one
}

#[test]
fn nothing_of_others_is_overwritten() {
    for at in 0..all().len() {
        let (mut world, mut arns) = (World::default(), Arns::new());
        for (now, wanted) in all().iter().enumerate() {
            if now == at {
                break;
            }
            let arn = world.create(&scope(), wanted, &arns).expect("nothing is in the way");
            arns.extend(arn.map(|arn| (wanted.address().clone(), arn)));
        }
        let wanted = &all()[at];
        // It is made as ours would be, and then is someone else's.
        world.create(&scope(), wanted, &arns).expect("nothing is in the way");
        let theirs = world.at(wanted.address()).expect("it is there");
        theirs.resource = of_others(theirs.resource.clone());
        let before = world.clone();
        let error = world.create(&scope(), wanted, &arns).expect_err(&wanted.address().to_string());
        assert_eq!(error.kind, ErrorKind::Exists, "{error}");
        assert!(error.message.contains("is not managed by trailbell"), "{error}");
        assert_eq!(world, before, "{}", wanted.address());
    }
}

#[test]
fn what_an_earlier_attempt_made_is_no_obstacle() {
    let (mut world, mut arns) = (World::default(), Arns::new());
    for _ in 0..2 {
        for wanted in all() {
            let arn = world.create(&scope(), &wanted, &arns).expect("it is ours");
            arns.extend(arn.map(|arn| (wanted.address().clone(), arn)));
        }
    }
}

#[test]
fn what_lost_its_mark_since_the_plan_is_not_changed() {
    let (mut world, mut arns) = (World::default(), Arns::new());
    let mut looked = 0;
    for wanted in all() {
        let arn = world.create(&scope(), &wanted, &arns).expect("nothing is in the way");
        arns.extend(arn.map(|arn| (wanted.address().clone(), arn)));
        let live = world.at(wanted.address()).expect("it is there").resource.clone();
        world.is_still_ours(&scope(), &live).expect("its mark is there");
        let theirs = of_others(live.clone());
        world.at(wanted.address()).expect("it is there").resource = theirs.clone();
        // What the plan saw without a mark, and what never has one, is as the plan says.
        world.is_still_ours(&scope(), &theirs).expect("the plan saw that");
        if live.is_marked(&scope()) && !theirs.is_marked(&scope()) {
            looked += 1;
            let error = world.is_still_ours(&scope(), &live).expect_err(&live.address().to_string());
            assert!(error.message.contains("does not carry the stack's mark any more"), "{error}");
        }
        world.at(wanted.address()).expect("it is there").resource = live;
    }
    assert_eq!(looked, 7, "all but targets, permissions, and metric filters, which have no mark");
}
