//! What the sandbox rejects, as AWS does: a function without a role, a filter without a permission or a place.

use super::{StoredObject, World};
use crate::compile::function::{FunctionSpec, filter, function};
use crate::compile::metric;
use crate::compile::relay::relay;
use crate::message::Form;
use crate::name::Scope;
use crate::plan::{PlanError, destroy, plan};
use crate::provider::{ErrorKind, ProviderError, Search};
use crate::resource::{Arns, FunctionNames, Id, Kind, MAX_METRIC_FILTERS, PackedCode, Resource, RuleId, set};

fn scope() -> Scope {
    Scope::offline(None, "us-east-1", "sec").expect("a good scope")
}

fn made() -> [Resource; 3] {
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
    function(&scope(), spec)
}

struct SandboxAccount {
    world: World,
    arns: Arns,
}

impl SandboxAccount {
    fn create(&mut self, wanted: &Resource) -> Result<(), ProviderError> {
        let arn = self.world.create(&scope(), wanted, &self.arns)?;
        self.arns.extend(arn.map(|arn| (wanted.address().clone(), arn)));
        Ok(())
    }

    fn refuses(&mut self, wanted: &Resource, kind: ErrorKind, words: &str) {
        let error = self.create(wanted).expect_err("AWS would refuse it");
        assert!(error.kind == kind && error.message.contains(words), "{error:?}");
    }
}

#[test]
fn one_thing_is_made_after_the_other() {
    let mut account = SandboxAccount { world: World::default(), arns: Arns::new() };
    let [group, role, made] = made();
    let names = FunctionNames::new(&scope(), "slack");
    let [permission, first] = filter(&scope(), "a", "/theirs", "", &names);
    account.refuses(&made, ErrorKind::Other, "cannot be assumed by Lambda");
    account.refuses(&permission, ErrorKind::Absent, "does not exist");
    account.create(&group).expect("nothing is needed");
    account.create(&role).expect("nothing is needed");
    account.create(&made).expect("the role is there");
    account.refuses(&first, ErrorKind::Other, "Could not execute the lambda function");
    account.create(&permission).expect("the function is there");
    account.create(&first).expect("the permission is there");
    let [_, second] = filter(&scope(), "b", "/theirs", "", &names);
    account.create(&second).expect("there is a place");
    let [_, third] = filter(&scope(), "c", "/theirs", "", &names);
    account.refuses(&third, ErrorKind::Quota, "Resource limit exceeded");
    account.create(&second).expect("what is there is replaced in place");
    let desired = set([third]);
    let held = account.world.read(&scope(), Search::of(&desired)).places;
    let holders =
        held.get(&(Kind::SubscriptionFilter, "/theirs".to_owned())).and_then(Option::as_ref).expect("it is looked at");
    assert_eq!(holders.len(), 2, "{holders:?}");
    account.world.delete(&scope(), &made).expect("it is there");
    let left = account.world.objects.values().any(|one| matches!(one.resource, Resource::Permission(_)));
    assert!(!left, "the policy goes with its function");
}

#[test]
fn code_must_be_at_hand_when_it_changes() {
    let mut account = SandboxAccount { world: World::default(), arns: Arns::new() };
    let [_, role, made] = made();
    account.create(&role).expect("nothing is needed");
    let Resource::Function(mut known) = made else { panic!("a function") };
    known.code = PackedCode::known(known.code.sha256);
    account.refuses(&Resource::Function(known), ErrorKind::Other, "is not available");
}

fn counted(id: &str, log_group: &str) -> [Resource; 2] {
    let spec = metric::CountingSpec { id, words: "", log_group, pattern: "", namespace: "Ns", name: id, topic: None };
    metric::metric(&scope(), &spec)
}

#[test]
fn the_place_after_the_last_is_refused_before_and_by_the_account() {
    let mut world = World::default();
    for at in 0..MAX_METRIC_FILTERS {
        let [_, filter] = counted(&format!("a-{at}"), "/theirs");
        world.create(&scope(), &filter, &Arns::new()).expect("there is a place");
    }
    let [alarm, filter] = counted("more", "/theirs");
    let error = world.create(&scope(), &filter, &Arns::new()).expect_err("all are taken");
    assert_eq!(error.kind, ErrorKind::Quota, "{error}");
    let [_, last] = counted("a-99", "/theirs");
    world.create(&scope(), &last, &Arns::new()).expect("what is there is replaced in place");
    let all = (0..MAX_METRIC_FILTERS).flat_map(|at| counted(&format!("a-{at}"), "/theirs"));
    let desired = set(all.chain([alarm, filter]));
    let live = world.read(&scope(), Search::of(&desired));
    let Err(PlanError::Refused(refusals)) = plan(&scope(), &desired, &live) else { panic!("must be refused") };
    let [refusal] = &refusals[..] else { panic!("{refusals:?}") };
    for part in ["`/theirs` can have 100 metric filters", "`trailbell-sec_a-0_metric-filter` → Ns/a-0", "and 95 more"]
    {
        assert!(refusal.what.contains(part), "{refusal:?}");
    }
}

#[test]
fn a_log_group_of_ours_must_exist() {
    let [_, filter] = counted("a", "/aws/lambda/trailbell-sec_slack_function");
    let error = World::default().create(&scope(), &filter, &Arns::new()).expect_err("there is no such log group");
    assert_eq!(error.kind, ErrorKind::Absent, "{error}");
}

#[test]
fn a_bus_on_which_someone_else_has_a_rule_is_not_removed() {
    let names = [("theirs", "the rule `theirs`"), ("trailbell-sec_other_rule", "the rule `trailbell-sec_other_rule`")];
    for (name, what) in names {
        let mut world = World::default();
        let [bus, _, relay] = relay(None, &Form::Webhook, &scope());
        world.create(&scope(), &bus, &Arns::new()).expect("nothing is needed");
        world.create(&scope(), &relay, &Arns::new()).expect("the bus is there");
        let Resource::Rule(mut theirs) = relay.clone() else { panic!("a rule") };
        theirs.name = name.to_owned();
        theirs.address.id = Id::Rule(RuleId { bus: Some("relay".to_owned()), ..RuleId::of("other") });
        theirs.description = String::new();
        theirs.tags.clear();
        let object = StoredObject { resource: Resource::Rule(theirs), arn: None, attached: Vec::new() };
        world.objects.insert(format!("us-east-1/rule/trailbell-sec_relay_bus/{name}"), object);
        let live = world.read(&scope(), Search::alone());
        let Err(PlanError::Refused(refusals)) = destroy(&scope(), &live) else { panic!("must be refused") };
        assert!(refusals.iter().any(|one| one.what.contains(what)), "{refusals:?}");
        let mut applying =
            plan(&scope(), &set([bus.clone(), relay.clone()]), &live).expect("it is in the way of nothing");
        let found = applying.extras[0].clone();
        assert_eq!((found.address, &found.found.what[..]), (format!("event_bus.relay/rule.{name}"), what));
        applying.remove_unmanaged(&[format!("event_bus.relay/rule.{name}")]).expect("it is there");
        world.remove_extra(&scope(), &found.found).expect("nothing forbids it");
        assert_eq!(world.objects.len(), 2, "{:?}", world.objects.keys());
        assert!(destroy(&scope(), &world.read(&scope(), Search::alone())).is_ok());
    }
}

#[test]
fn a_rule_needs_its_bus_and_goes_with_it() {
    let mut account = SandboxAccount { world: World::default(), arns: Arns::new() };
    let [bus, _, rule] = relay(None, &Form::Webhook, &scope());
    account.refuses(&rule, ErrorKind::Absent, "event_bus.relay does not exist");
    account.create(&bus).expect("nothing is needed");
    account.create(&rule).expect("the bus is there");
    account.world.delete(&scope(), &bus).expect("nothing forbids it");
    assert!(account.world.objects.is_empty(), "{:?}", account.world.objects);
}

#[test]
fn calls_that_the_account_does_not_have_are_refused_before_and_by_the_account() {
    let [group, role, made] = made();
    let Resource::Function(mut wanted) = made else { panic!("a function") };
    wanted.reserved_concurrency = Some(5);
    let desired = set([group, role.clone(), Resource::Function(wanted.clone())]);
    let tries = [(10, false), (100, false), (104, false), (105, true), (1_000, true)];
    for (limit, fits) in tries {
        let mut account = SandboxAccount { world: World::default(), arns: Arns::new() };
        account.world.concurrency = limit;
        let live = account.world.read(&scope(), Search::of(&desired));
        assert_eq!(plan(&scope(), &desired, &live).is_ok(), fits, "{limit}");
        account.create(&role).expect("nothing is needed");
        assert_eq!(account.create(&Resource::Function(wanted.clone())).is_ok(), fits, "{limit}");
        let live = account.world.read(&scope(), Search::of(&desired));
        assert_eq!(live.concurrency.is_none(), fits, "{limit}: what is reserved is not asked for again");
    }
}
