//! Hands that meddle with a stack in the console, and things of others next to it.

use proptest::prelude::*;
use serde_json::json;

use super::super::{StoredObject, World};
use super::versions::{Version, scope};
use crate::resource::{Address, Id, OnRemoval, PackedCode, Policy, Resource, RuleId};

/// Something a hand does in the console.
#[derive(Clone, Debug)]
pub(super) enum Meddling {
    Remove(usize),
    Describe(usize),
    Untag(usize),
    Change(usize),
}

pub(super) fn meddlings() -> impl Strategy<Value = Vec<Meddling>> {
    let one = (0..4_usize, any::<usize>()).prop_map(|(what, at)| match what {
        0 => Meddling::Remove(at),
        1 => Meddling::Describe(at),
        2 => Meddling::Untag(at),
        _ => Meddling::Change(at),
    });
    proptest::collection::vec(one, 0..3)
}

pub(super) fn meddle(world: &mut World, meddlings: &[Meddling]) {
    for one in meddlings {
        let (Meddling::Remove(at) | Meddling::Describe(at) | Meddling::Untag(at) | Meddling::Change(at)) = one;
        let keys: Vec<String> = world.objects.keys().cloned().collect();
        let Some(key) = keys.get(at % keys.len().max(1)) else { continue };
        if matches!(one, Meddling::Remove(_)) {
            remove(world, key);
        } else if let Some(object) = world.objects.get_mut(key) {
            touch(&mut object.resource, one);
        }
    }
}

/// A rule takes its targets with it, as the console does, a function its policy, and a bus its rules.
pub(super) fn remove(world: &mut World, key: &str) {
    let Some(gone) = world.objects.remove(key) else { return };
    let along = |one: &StoredObject| one.resource.on_removal_of(&scope(), &gone.resource) != OnRemoval::Stays;
    let keys: Vec<String> = world.objects.iter().filter(|(_, one)| along(one)).map(|(key, _)| key.clone()).collect();
    for key in &keys {
        remove(world, key);
    }
}

/// At most one mark is taken from a thing that has two: taking both makes it an unmanaged resource, and that is
/// another property.
pub(super) fn touch(resource: &mut Resource, how: &Meddling) {
    let edited = "edited by hand".to_owned();
    match (resource, how) {
        (Resource::Connection(one), Meddling::Describe(_)) => one.description = edited,
        (Resource::Connection(one), _) => one.header = "X-Other".to_owned(),
        (Resource::ApiDestination(one), Meddling::Describe(_)) => one.description = edited,
        (Resource::ApiDestination(one), _) => one.rate_limit = 7,
        (Resource::Role(one), Meddling::Describe(_)) if !one.tags.is_empty() => one.description = edited,
        (Resource::Role(one), Meddling::Untag(_)) if one.description != edited => one.tags.clear(),
        (Resource::Role(one), _) => one.policy = None,
        (Resource::Queue(one), Meddling::Untag(_)) => one.tags.clear(),
        (Resource::Queue(one), _) => one.policy = Some(Policy::of(&json!({"Effect": "Deny"}))),
        (Resource::EventBus(one), _) => one.policy = Some(Policy::of(&json!({"Effect": "Deny"}))),
        (Resource::Rule(one), Meddling::Describe(_)) if !one.tags.is_empty() => one.description = edited,
        (Resource::Rule(one), Meddling::Untag(_)) if one.description != edited => one.tags.clear(),
        (Resource::Rule(one), _) => one.state = "DISABLED".to_owned(),
        (Resource::Target(one), _) => one.retry.maximum_attempts = 3,
        (Resource::LogGroup(one), Meddling::Untag(_)) => one.tags.clear(),
        (Resource::LogGroup(one), _) => one.retention_days = None,
        (Resource::Function(one), Meddling::Describe(_)) if !one.tags.is_empty() => one.description = edited,
        (Resource::Function(one), Meddling::Untag(_)) if one.description != edited => one.tags.clear(),
        (Resource::Function(one), _) => one.code = PackedCode::known("theirs"),
        (Resource::Permission(one), _) => one.source_account = None,
        (Resource::SubscriptionFilter(one), _) => one.pattern = "theirs".to_owned(),
        (Resource::Alarm(one), Meddling::Describe(_)) if !one.tags.is_empty() => one.description = edited,
        (Resource::Alarm(one), Meddling::Untag(_)) if one.description != edited => one.tags.clear(),
        (Resource::Alarm(one), _) => one.is_enabled = false,
        (Resource::LogPolicy(one), _) => one.policy = Policy::of(&json!({ "Effect": "Deny" })),
        (Resource::MetricFilter(one), _) => one.metric.name = "theirs".to_owned(),
        (Resource::DigestQueue(one), Meddling::Untag(_)) => one.tags.clear(),
        (Resource::DigestQueue(one), _) => one.policy = Some(Policy::of(&json!({"Effect": "Deny"}))),
        (Resource::Schedule(one), Meddling::Describe(_)) => one.description = edited,
        (Resource::Schedule(one), _) => one.state = "DISABLED".to_owned(),
        (Resource::Topic(one), Meddling::Untag(_)) => one.tags.clear(),
        (Resource::Topic(one), _) => one.policy = None,
        (Resource::Subscription(one), _) => one.filter_policy = Some(json!({"a": ["b"]})),
    }
}

/// Things of others, some under names of ours.
pub(super) fn strangers(world: &mut World, seed: usize) {
    let mut desired =
        Version { alerts: vec![0, 1, 2], is_bot: false, secret: 0, function: None, alarms: Vec::new(), required: 0 }
            .desired();
    let names = ["trailbell-sec_other_connection", "trailbell-sec-x_slack_connection", "trailbell-secx_a_rule"];
    let name = names[seed % names.len()];
    let at = |id| Address::new("us-east-1", id);
    let (address, like) = if name.ends_with("rule") {
        (at(Id::Rule(RuleId::of("a"))), at(Id::Rule(RuleId::of("a"))))
    } else {
        (at(Id::Connection("other".to_owned())), at(Id::Connection("slack".to_owned())))
    };
    let Some(mut resource) = desired.remove(&like) else { return };
    match &mut resource {
        Resource::Connection(one) => {
            (one.address, one.name, one.description) = (address, name.to_owned(), "theirs".to_owned());
        }
        Resource::Rule(one) => {
            (one.name, one.description) = (name.to_owned(), "theirs".to_owned());
            one.tags.clear();
        }
        _ => {}
    }
    let object = StoredObject { resource, arn: Some(format!("arn:theirs:{name}")), attached: Vec::new() };
    world.objects.insert(format!("theirs/{name}"), object);
}

pub(super) fn theirs(world: &World) -> Vec<(String, StoredObject)> {
    world
        .objects
        .iter()
        .filter(|(key, _)| key.starts_with("theirs/"))
        .map(|(key, one)| (key.clone(), one.clone()))
        .collect()
}
