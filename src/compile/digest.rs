//! Digests: the queue that keeps the events of an alert, the target that leads there, the schedule that has them counted, and
//! the one function that counts.

use serde_json::{Map, Value, json};

use super::alerts::Deployed;
use super::{DestinationNames, RETRY, schedule};
use crate::alert::{Alert, Digest, Home, Installation};
use crate::lambda;
use crate::name::{DIGEST, DestinationId, Scope};
use crate::resource::mark::tags;
use crate::resource::{
    Arn, DIGEST_RETENTION_SECONDS, Describe as _, DigestQueue, EVENTS, FunctionNames, Kind, Leads, Policy, Resource,
    Rule, Target, TargetInput,
};

/// A function ends after two minutes, before the shortest period of a digest is over.
const SIZE: (u32, u32) = (120, 256);
/// So that two runs never share out the events of one digest between two messages.
const CONCURRENCY: u32 = 1;

/// The target of an alert's rule, the queue it leads to, and the schedule that has the queue emptied.
#[must_use]
pub(super) fn of_rule(alert: &Alert, rule: &Rule, main: &DestinationId, scope: &Scope) -> Option<[Resource; 3]> {
    let digest = alert.digest?;
    let queue = queue(alert, rule, scope);
    let target = Target {
        address: Target::address_of(&rule.address, Leads::Queue),
        rule: rule.name.clone(),
        bus: rule.bus.clone(),
        arn: Arn::Of(queue.address.clone()),
        role_arn: None,
        input: TargetInput::Event,
        retry: RETRY,
        dead_letter_arn: Some(scope.queue_arn(&DestinationNames::of(scope, main).queue.1)),
        extra_parameters: false,
    };
    let input = input(alert, digest, &queue.name);
    let every = schedule::ScheduleSpec {
        id: queue.address.id.base(),
        words: &format!("Digest of {}.", alert.blueprint.title),
        every_minutes: digest.every_minutes,
        arn: Arn::Of(FunctionNames::new(scope, DIGEST).function.0),
        input: &input,
        queue: main,
    };
    let schedule = schedule::schedule(scope, &every);
    Some([Resource::Target(target), Resource::DigestQueue(queue), Resource::Schedule(schedule)])
}

/// Only the rule of the alert may send to it.
fn queue(alert: &Alert, rule: &Rule, scope: &Scope) -> DigestQueue {
    let address = DigestQueue::address_of(scope, &alert.id);
    let name = scope.name(address.id.base(), Kind::DigestQueue.suffix());
    let send = json!({
        "Effect": "Allow", "Principal": { "Service": EVENTS }, "Action": "sqs:SendMessage",
        "Resource": scope.queue_arn(&name),
        "Condition": {
            "ArnEquals": { "aws:SourceArn": rule.arn(scope, "") }, "StringEquals": { "aws:SourceAccount": scope.account() },
        },
    });
    DigestQueue {
        address,
        name,
        retention_seconds: DIGEST_RETENTION_SECONDS,
        kms_key: None,
        extra: None,
        policy: Some(Policy::of(&send)),
        tags: tags(scope),
    }
}

/// What the schedule gives the function: which queue, and what the message says of the alert.
fn input(alert: &Alert, digest: Digest, queue: &str) -> Value {
    let blueprint = &alert.blueprint;
    let mut constants = Map::from_iter([
        ("alert".to_owned(), json!(alert.id)),
        ("queue".to_owned(), json!(queue)),
        ("every".to_owned(), json!(digest.words())),
        ("title".to_owned(), json!(blueprint.title)),
        ("severity".to_owned(), json!(blueprint.severity.word())),
        ("emoji".to_owned(), json!(crate::message::emoji(blueprint.severity))),
        ("blueprint".to_owned(), json!(blueprint.blueprint)),
    ]);
    if !blueprint.response.is_empty() {
        constants.insert("advice".to_owned(), json!(blueprint.advice()));
    }
    let named: Vec<&str> = alert.to.iter().filter(|to| !to.id.is_slack()).map(|to| to.id.as_str()).collect();
    if !named.is_empty() {
        constants.insert("to".to_owned(), json!(named));
    }
    constants.extend(blueprint.runbook.iter().map(|page| ("runbook".to_owned(), json!(page))));
    json!({ "trailbell": constants })
}

/// The function that writes digests, if an alert has one.
pub(super) fn function(installation: &Installation, home: &Home, scope: &Scope) -> Option<Deployed> {
    has_digest(installation).then(|| {
        let (name, sources) = function_of(scope, home);
        // By name: a list of all queues could become longer than a policy may be.
        let queues = scope.queue_arn(&scope.name("*", Kind::DigestQueue.suffix()));
        let take = json!({
            "Effect": "Allow",
            "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"],
            "Resource": queues,
        });
        Deployed {
            id: DIGEST.to_owned(),
            name,
            sources,
            words: format!("Writes digests for the trailbell stack {}.", scope.stack()),
            grants: vec![super::alerts::put_messages(scope), take],
            size: SIZE,
            concurrency: Some(CONCURRENCY),
            queue: home.main(),
            posts_to: home.destinations.iter().map(|one| one.id.clone()).collect(),
        }
    })
}

/// The name and the code of a stack's digest function.
#[must_use]
pub fn function_of(scope: &Scope, home: &Home) -> (String, lambda::Sources) {
    let names = FunctionNames::new(scope, DIGEST);
    let constants = super::alerts::constants(scope, home, names.role.1);
    let constants = lambda::Constants { queues: Some(scope.queues_url()), ..constants };
    (names.function.1, lambda::digest(&constants))
}

/// What lets the schedules of digests call the function; nothing when there are none.
pub(super) fn grants(installation: &Installation, scope: &Scope) -> Option<Value> {
    has_digest(installation).then(|| {
        let function = FunctionNames::new(scope, DIGEST).function.1;
        json!({ "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": scope.function_arn(&function) })
    })
}

fn has_digest(installation: &Installation) -> bool {
    installation.alerts.iter().any(|alert| alert.digest.is_some())
}
