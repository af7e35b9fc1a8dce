//! What becomes of an event or of log lines: one walk through a graph, hop by hop, from the rule or filter that
//! receives them to a body that Slack takes.
//!
//! Pure. The walk asks [`questions`]: whether a pattern matches, which lines a filter lets through, what a function
//! does. Anyone who has the [`Answers`], our engines, AWS, Node, or the live notifier, gives them to [`trace`];
//! [`follow`] does both until nothing is open. Each hop is yes, no, or not known, and nothing else in trailbell
//! decides what becomes of an event.
//!
//! `way` is what a walk tells, where it ends among it, `stop` what stops it, `walk` the walk, `send` whether something may be delivered, `collect` what becomes of the events of a digest, `engines` our own answers.
//! Users: `cases`, `explain`, the sandbox, `verify`, and through them `test`, `fire`, and `preview`.

mod collect;
mod engines;
mod question;
mod send;
mod stop;
#[cfg(test)]
mod tests;
mod walk;
mod way;

use serde_json::{Value, json};

use crate::graph::Graph;
use crate::name::{DestinationId, RELAYED, RELAYED_TO, Scope};

pub use engines::answer;
pub use question::{Answer, Answers, Ask, Question, QuestionId};
pub use stop::{Span, Stop};
pub use way::{End, Hop, HopVerdict, Origin, Recipient, Request, Step, Way, furthest, is_writer};

/// What is walked with.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// An event on the default bus of the region.
    Event(&'a Value),
    /// An event that someone put on a bus.
    Put(&'a Put),
    /// Lines that are written into a log group, all in one batch.
    Lines {
        /// The log group.
        log_group: &'a str,
        /// The lines.
        lines: &'a [String],
    },
}

/// An event that someone puts on an event bus.
#[derive(Clone, Debug, PartialEq)]
pub struct Put {
    /// The name of the bus.
    pub bus: String,
    /// The event, as rules see it.
    pub event: Value,
}

/// What a walk tells.
#[derive(Clone, Debug, Default)]
pub struct Trace<'g> {
    /// A way for each target of each rule, or for each filter, that could hear the input.
    pub ways: Vec<Way>,
    /// What must be answered before more can be told.
    pub open: Vec<Question<'g>>,
}

/// Walks as far as the answers lead.
#[must_use]
pub fn trace<'g>(graph: &'g Graph, input: Input<'_>, answers: &Answers) -> Trace<'g> {
    walk::walk(graph, input, answers)
}

/// What must be asked before anything can be told.
#[must_use]
pub fn questions<'g>(graph: &'g Graph, input: Input<'_>) -> Vec<Question<'g>> {
    trace(graph, input, &Answers::new()).open
}

/// Walks to the end, asking whatever comes up.
pub fn follow(graph: &Graph, input: Input<'_>, mut answer: impl FnMut(&Question<'_>) -> Answer) -> Vec<Way> {
    let mut answers = Answers::new();
    loop {
        let Trace { ways, open } = trace(graph, input, &answers);
        if open.is_empty() {
            return ways;
        }
        for question in &open {
            answers.insert(question.id.clone(), answer(question));
        }
    }
}

impl Put {
    /// An event as EventBridge makes it of an entry of `PutEvents`.
    #[must_use]
    pub fn new(scope: &Scope, bus: &str, source: &str, detail_type: &str, detail: &Value) -> Self {
        let event = json!({
            "version": "0", "id": "00000000-0000-4000-8000-000000000000", "source": source,
            "detail-type": detail_type, "account": scope.account(), "region": scope.region(),
            "time": "2026-01-01T00:00:00Z", "resources": [], "detail": detail,
        });
        Self { bus: bus.to_owned(), event }
    }

    /// An event on the stack's own bus with this detail.
    #[must_use]
    pub fn relayed(scope: &Scope, detail: &Value) -> Self {
        Self::new(scope, &scope.relay_bus(), &scope.relay_source(), RELAYED, detail)
    }
}

/// A message on the stack's own bus, as the notifier or `verify` puts it there for a relay rule; `to` is the destination where
/// destinations have names.
#[must_use]
pub fn relayed(scope: &Scope, message: &Value, to: Option<&DestinationId>) -> Put {
    Put::relayed(scope, &relay_detail(message, to))
}

/// The detail of such an event.
#[must_use]
pub fn relay_detail(message: &Value, to: Option<&DestinationId>) -> Value {
    match to {
        Some(to) => json!({ "message": message, RELAYED_TO: to }),
        None => json!({ "message": message }),
    }
}
