//! Topics and their subscriptions in the sandbox: a subscription waits for a person, and that is not a difference.

use super::World;
use crate::compile::topic::topic;
use crate::name::Scope;
use crate::plan::{Plan, destroy, plan};
use crate::provider::Search;
use crate::resource::{Address, Arns, Kind, Resource, ResourceSet, Subscription, set};

fn scope() -> Scope {
    Scope::offline(None, "us-east-1", "sec").expect("a good scope")
}

fn desired(emails: &[&str]) -> ResourceSet {
    let emails: Vec<String> = emails.iter().map(|one| (*one).to_owned()).collect();
    set(topic(&scope(), "on-call", &emails))
}

fn planned(world: &World, desired: &ResourceSet) -> Plan {
    plan(&scope(), desired, &world.read(&scope(), Search::of(desired))).expect("nothing is refused")
}

fn applied(emails: &[&str]) -> (World, ResourceSet) {
    let (mut world, desired) = (World::default(), desired(emails));
    let plan = planned(&world, &desired);
    for step in &plan.steps {
        let after = step.change.after().expect("something is made");
        world.create(&scope(), after, &Arns::new()).expect("it is accepted");
    }
    (world, desired)
}

fn confirm(world: &mut World, email: &str) {
    let address = Subscription::address_in("us-east-1", "on-call", email);
    let Some(Resource::Subscription(one)) = world.at(&address).map(|one| &mut one.resource) else { panic!("{email}") };
    one.is_pending = false;
}

fn changed(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(|step| format!("{} {}", step.change.action(), step.change.address().short())).collect()
}

#[test]
fn a_subscription_waits_for_a_person_and_nothing_differs() {
    let (mut world, desired) = applied(&["a@example.com", "b@example.com"]);
    let waiting = |world: &World| {
        let plan = planned(world, &desired);
        assert!(plan.is_empty(), "{:?}", changed(&plan));
        plan.notes
    };
    let notes = waiting(&world);
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(
        notes[0].starts_with("subscription.on-call/a@example.com: waiting for a@example.com to confirm"),
        "{notes:?}"
    );
    confirm(&mut world, "a@example.com");
    let notes = waiting(&world);
    assert!(matches!(&notes[..], [one] if one.contains("b@example.com")), "{notes:?}");
    confirm(&mut world, "b@example.com");
    assert!(waiting(&world).is_empty());
}

#[test]
fn of_addresses_that_are_left_out_those_that_confirmed_are_unsubscribed() {
    let (mut world, _) = applied(&["a@example.com", "b@example.com"]);
    confirm(&mut world, "a@example.com");
    let plan = planned(&world, &desired(&[]));
    assert_eq!(changed(&plan), ["delete subscription.on-call/a@example.com"]);
}

#[test]
fn what_a_hand_changes_is_put_back_and_the_topic_takes_everything_along() {
    let (mut world, desired) = applied(&["a@example.com"]);
    confirm(&mut world, "a@example.com");
    let address = |kind| -> Address { desired.keys().find(|one| one.kind() == kind).expect("it is desired").clone() };
    let Some(Resource::Topic(topic)) = world.at(&address(Kind::Topic)).map(|one| &mut one.resource) else { panic!() };
    topic.policy = None;
    let filtered = world.at(&address(Kind::Subscription)).map(|one| &mut one.resource);
    let Some(Resource::Subscription(filtered)) = filtered else { panic!() };
    filtered.filter_policy = Some(serde_json::json!({ "a": ["b"] }));
    let plan = planned(&world, &desired);
    assert_eq!(changed(&plan), ["update topic.on-call", "update subscription.on-call/a@example.com"]);
    let live = world.read(&scope(), Search::alone());
    let steps = changed(&destroy(&scope(), &live).expect("nothing is in the way"));
    assert_eq!(steps.last().map(String::as_str), Some("delete topic.on-call"), "{steps:?}");
    let gone = live.managed[&address(Kind::Topic)].clone();
    world.delete(&scope(), &gone).expect("it is there");
    assert!(world.objects.is_empty(), "{:?}", world.objects.keys());
}
