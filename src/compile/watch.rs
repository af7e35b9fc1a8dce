//! What self-watch has beside its alerts: an alarm for each dead-letter queue.
//!
//! A message that EventBridge cannot deliver is reported by another path: CloudWatch counts what is in the queue, and an alert
//! receives the change of the alarm's state. Neighbors: `check::stack::watched` (the alerts), `alarm` (how alarms are made).

use std::collections::BTreeMap;

use super::DestinationNames;
use super::alarm::{AlarmSpec, alarm};
use crate::alert::Installation;
use crate::name::{DestinationId, Scope, WATCH};
use crate::resource::{Alarm, Metric, Resource};

/// Where SQS counts, and what: messages that can be received, so every number above zero is a letter. The number is reported once a
/// minute while a queue is in use, and up to 15 minutes late for a queue that was not
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html>).
const NAMESPACE: &str = "AWS/SQS";
const VISIBLE: &str = "ApproximateNumberOfMessagesVisible";
const QUEUE: &str = "QueueName";

/// The id of the alert about the dead letters of a destination, and of its alarm.
#[must_use]
pub fn letters_id(destination: &DestinationId) -> String {
    format!("{WATCH}-letters-{destination}")
}

/// The name of the alarm of an alert of self-watch.
#[must_use]
pub fn alarm_name(scope: &Scope, id: &str) -> String {
    Alarm::name_of(scope, &Alarm::address_of(scope, id).id.to_string())
}

/// The alarms of a stack that watches itself.
pub(super) fn watch(installation: &Installation, scope: &Scope) -> Vec<Resource> {
    if installation.self_watch.is_none() {
        return Vec::new();
    }
    installation.queues().iter().map(|id| Resource::Alarm(letters(id, scope))).collect()
}

fn letters(destination: &DestinationId, scope: &Scope) -> Alarm {
    let metric = Metric { namespace: NAMESPACE.to_owned(), name: VISIBLE.to_owned() };
    let queue = DestinationNames::of(scope, destination).queue.1;
    let words = format!("Messages to {destination} that were not delivered.");
    let address = Alarm::address_of(scope, &letters_id(destination));
    let dimensions = BTreeMap::from([(QUEUE.to_owned(), queue)]);
    alarm(scope, AlarmSpec { dimensions, ..AlarmSpec::counting(address, &words, metric) })
}
