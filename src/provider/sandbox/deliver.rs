//! What the sandbox tells of an event or of log lines that went through it: for each rule or filter, what came of it.
//!
//! `trace` decides; this is the account's side: the graph of a region with all its stacks, and the dead letters.

use schemars::JsonSchema;
use serde::Serialize;

use super::world::World;
use crate::graph::{Graph, Part, Receiving};
use crate::provider::DeadLetter;
use crate::trace::{End, HopVerdict, Recipient, Step, Stop, Way};

pub use crate::trace::Request;

/// What one rule did with an event.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Sent {
    /// The id of the rule or filter: the alert's, or `relay`.
    pub id: String,
    /// The rule's ARN; none for a filter on a log group.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rule_arn: String,
    /// The target's ARN, where there is one.
    #[serde(skip)]
    pub target_arn: String,
    /// The ARN of the queue for what cannot be delivered; empty without one.
    #[serde(skip)]
    pub queue_arn: String,
    /// What came of it.
    pub outcome: DeliveryOutcome,
}

/// What came of an event at a rule.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum DeliveryOutcome {
    /// The rule does not match, and why.
    NotMatched {
        /// The first thing that stops it.
        why: String,
    },
    /// A request leaves for Slack.
    Request(Request),
    /// A function is called with this.
    Invocation {
        /// The function's name.
        function: String,
        /// What it is given.
        body: String,
    },
    /// It matches, and cannot be delivered: it is in the dead-letter queue.
    DeadLetter {
        /// EventBridge's code.
        code: String,
        /// Why.
        why: String,
        /// What was to be delivered.
        body: String,
    },
    /// It matches, cannot be delivered, and nothing keeps it.
    Lost {
        /// EventBridge's code.
        code: String,
        /// Why, and why nothing keeps it.
        why: String,
    },
    /// A message is published to an SNS topic.
    Publication {
        /// The topic's ARN.
        topic: String,
        /// The message, exactly.
        body: String,
    },
    /// The engines cannot decide it.
    Undecided {
        /// What they lack.
        why: String,
    },
    /// It is counted or collected, and nothing is sent for it alone.
    Counted {
        /// The alarm that counts, and when it sends a message; or where it is collected.
        why: String,
    },
}

impl Sent {
    /// What a way comes to, up to where a function takes over.
    #[must_use]
    pub fn of(way: &Way) -> Self {
        let (id, rule_arn) = (way.origin.id.clone(), way.origin.arn.clone());
        let queue_arn = way.dead_letter_arn.clone().unwrap_or_default();
        Self { id, rule_arn, target_arn: way.target_arn.clone(), queue_arn, outcome: outcome(way) }
    }

    /// The message in the dead-letter queue, if it ended there.
    #[must_use]
    pub fn dead_letter(&self) -> Option<DeadLetter> {
        let DeliveryOutcome::DeadLetter { code, why, body } = &self.outcome else { return None };
        Some(DeadLetter {
            rule_arn: self.rule_arn.clone(),
            target_arn: self.target_arn.clone(),
            code: code.clone(),
            message: why.clone(),
            body: body.clone(),
            queue_arn: self.queue_arn.clone(),
            ..DeadLetter::default()
        })
    }
}

/// What becomes of it up to its target. What a function does with it, and what Slack says, comes after.
fn outcome(way: &Way) -> DeliveryOutcome {
    match way.end() {
        End::Stopped { at: Step::Received | Step::Matches, by } => DeliveryOutcome::NotMatched { why: by.to_string() },
        End::Stopped { at, by } if at <= Step::Sent => undelivered(way, by),
        End::NotKnown { at, why } if at <= Step::Sent => DeliveryOutcome::Undecided { why: why.to_owned() },
        End::Stopped { at: Step::Counted, by } => DeliveryOutcome::Counted { why: by.to_string() },
        End::NotKnown { at: Step::Counted, why } => DeliveryOutcome::Counted { why: why.to_owned() },
        _ => delivered(way),
    }
}

fn delivered(way: &Way) -> DeliveryOutcome {
    match (&way.destination, &way.request) {
        (Some(Recipient::Function { name, .. }), _) => {
            DeliveryOutcome::Invocation { function: name.clone(), body: way.body.clone().unwrap_or_default() }
        }
        (Some(Recipient::Topic(topic)), _) => {
            DeliveryOutcome::Publication { topic: topic.clone(), body: way.body.clone().unwrap_or_default() }
        }
        (_, Some(request)) => DeliveryOutcome::Request(request.clone()),
        _ => DeliveryOutcome::Undecided { why: "its destination is not known".to_owned() },
    }
}

fn undelivered(way: &Way, by: &Stop) -> DeliveryOutcome {
    let code = match by {
        Stop::Delivery { code, .. } => code,
        Stop::Message { .. } => "INVALID_JSON",
        _ => "NO_RESOURCE",
    };
    let (code, why) = (code.to_owned(), by.to_string());
    let kept = match &way.is_kept {
        HopVerdict::Yes => {
            return DeliveryOutcome::DeadLetter { code, why, body: way.body.clone().unwrap_or_default() };
        }
        HopVerdict::No { by } => format!("it is lost: {by}"),
        HopVerdict::NotKnown { why } => why.clone(),
    };
    DeliveryOutcome::Lost { code, why: format!("{why}; {kept}") }
}

impl World {
    /// Everything in a region, whichever stack it belongs to; it receives the events of `receives`.
    pub(super) fn graph(&self, region: &str, receives: Receiving) -> Graph {
        let here = self.objects.values().filter(|one| one.resource.address().region == region);
        let parts: Vec<Part> = here.map(|one| Part { resource: one.resource.clone(), arn: one.arn.clone() }).collect();
        Graph::new(region, parts).receiving(receives)
    }
}
