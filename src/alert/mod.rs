//! What an alert is once its parameters have values: what it receives, who writes its message, what undoes the action.
//!
//! [`Alert`] is plain data, resolved once, in this file; anyone who works with alerts takes it and fills in nothing.
//! An alert comes from a stack ([`Alert::installed`]), from a blueprint alone ([`Alert::alone`]), or from a blueprint
//! and one of its tests ([`Alert::of_case`]). Neighbors: `blueprint` (the format), `message` (compiles messages),
//! `installation` (a stack of alerts), `by_account` (whose messages go where), `tuning` (what a stack changes of a blueprint), `threshold` (how many log lines make a
//! message), `example` (the events of their tests), `compile` (makes resources of them), `check` (judges what is resolved here).

pub mod account_names;
mod by_account;
mod example;
mod installation;
mod threshold;
mod tuning;

use std::sync::Arc;

use serde_json::Value;

pub use by_account::AccountGroup;
pub use example::logged_in;
pub use installation::{Addressee, DestinationForm, Home, Installation, destination_forms, own_name};
pub use threshold::{Threshold, WITHIN_FORM, minutes};
pub use tuning::Tuning;

pub use crate::blueprint::ReceivedLines;
use crate::blueprint::parameters::{self, Values};
use crate::blueprint::{Allow, Blueprint, Case, Handler, Loaded, RuleState};
use crate::document::Document;
use crate::message::transformer::InputTransformer;
use crate::message::{self, Flaw, Posting};
use crate::name::DestinationId;
use crate::pattern::{Pattern, PatternError};

/// One alert, its parameters filled in.
#[derive(Clone, Debug)]
pub struct Alert {
    /// The alert's id in its stack; of a blueprint alone, the blueprint's name.
    pub id: String,
    /// What it receives, and what becomes of that.
    pub receives: Receives,
    /// Whether its events are collected, and no message is sent.
    pub is_staged: bool,
    /// How many make a message, where not each does.
    pub threshold: Option<Threshold>,
    /// The blueprint as it is written: title, severity, and tests.
    pub blueprint: Arc<Blueprint>,
    /// The text that the blueprint is part of.
    pub document: Arc<Document>,
    /// Where its messages go; never empty. What it receives is resolved for the first of them.
    pub to: Vec<Addressee>,
    /// Accounts whose messages go somewhere else: for them this comes before `to`.
    pub by_account: Vec<AccountGroup>,
    /// Whether its events are told of together, and how often. Then it has one rule and no message of its own.
    pub digest: Option<Digest>,
    /// What it was resolved from, to resolve it again.
    handler: Option<Handler>,
    values: Values,
    tuning: Tuning,
}

/// Events that are told of together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    /// How often, in minutes.
    pub every_minutes: u32,
}

/// What an alert receives.
#[derive(Clone, Debug, PartialEq)]
pub enum Receives {
    /// Events of the event bus, through a rule.
    Events(ReceivedEvents),
    /// Lines of a log group, through a subscription filter. The notifier writes their message.
    Lines(ReceivedLines),
}

/// Events of the event bus and what becomes of those that match.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceivedEvents {
    /// The event pattern.
    pub pattern: Value,
    /// The state of its rules.
    pub state: RuleState,
    /// One message for all of them, or one for each group of calls that the pattern names; never empty.
    pub messages: Vec<MessageOf>,
    /// What undoes the action, when it is turned on; then there is one message.
    pub remediation: Option<Remedy>,
}

/// What is told of the events of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageOf {
    /// Which of the groups, if there are several; see [`message::Group::digest`].
    pub group: Option<String>,
    /// The event pattern of these events.
    pub pattern: Value,
    /// Who writes the message, and from what.
    pub by: WrittenBy,
}

/// Who writes the message about an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrittenBy {
    /// The input transformer of the rule's target: it makes the body that Slack gets.
    Transformer(InputTransformer),
    /// The notifier, a Lambda function: this input transformer makes what the function is called with.
    Notifier(InputTransformer),
}

/// A remediation that is turned on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// The file that Lambda runs.
    pub handler: Handler,
    /// What it is allowed to do.
    pub allow: Vec<Allow>,
    /// How many calls are reserved for it, which is also how many may run at once; absent without a reservation.
    pub concurrency: Option<u32>,
}

impl Alert {
    /// The alert that a stack makes of a blueprint, under an id, with the values of its parameters.
    #[must_use]
    pub fn installed(id: String, loaded: Loaded, values: Values, to: Vec<Addressee>) -> Self {
        let Loaded { blueprint, handler, document, .. } = loaded;
        let receives = receives(&blueprint, &values, handler.as_ref(), &first(&to));
        let tuning = Tuning::of(&blueprint);
        Self {
            id,
            receives,
            is_staged: false,
            threshold: None,
            blueprint: Arc::new(blueprint),
            document: Arc::new(document),
            to,
            by_account: Vec::new(),
            digest: None,
            handler,
            values,
            tuning,
        }
    }

    /// A blueprint outside of any stack, with its own defaults and an example where there is none.
    #[must_use]
    pub fn alone(loaded: Loaded) -> Self {
        let values = parameters::samples(&loaded.blueprint);
        Self::installed(loaded.blueprint.blueprint.clone(), loaded, values, vec![Addressee::slack(Posting::sample())])
    }

    /// The alert as one of its blueprint's tests wants it: outside of any stack, with the values of the test and the severity of
    /// the blueprint. What the stack suppresses stays so, and must not be what the test expects.
    #[must_use]
    pub fn of_case(&self, case: &Case) -> Self {
        let id = self.blueprint.blueprint.clone();
        let values = parameters::values(&self.blueprint, &case.with);
        let as_written = self.with_severity(self.tuning.written);
        let whole = Self { is_staged: false, threshold: None, digest: None, by_account: Vec::new(), ..as_written };
        Self { id, ..whole.resolved_again(values, vec![Addressee::slack(Posting::sample())]) }
    }

    /// The same alert whose events are told of together, if that is asked for and they are events.
    #[must_use]
    pub fn with_digest(self, digest: Option<Digest>) -> Self {
        let mut one = Self { digest: digest.filter(|_| self.events().is_some()), ..self };
        one.gather();
        one
    }

    /// One rule for all events that are told of together: several are for messages of their own.
    fn gather(&mut self) {
        if self.digest.is_some()
            && let Some(whole) = self.with_one_rule()
        {
            self.receives = whole.receives;
        }
    }

    /// The same alert with its messages for other destinations, or for the same ones somewhere else.
    #[must_use]
    pub fn posted(&self, to: Vec<Addressee>) -> Self {
        self.resolved_again(self.values.clone(), to)
    }

    /// The same alert as it posts from a place that has its destinations; without them, to the main one there.
    #[must_use]
    pub fn posted_from(&self, home: &Home) -> Self {
        let own: Vec<DestinationId> = self.to.iter().map(|one| one.id.clone()).collect();
        let known = home.addressees(&own);
        let posted = self.posted(if known.is_empty() { home.addressees(&[home.main()]) } else { known });
        Self { by_account: self.groups_from(home), ..posted }
    }

    /// Everywhere that its messages go, whatever the account of the event.
    #[must_use]
    pub fn addressees(&self) -> Vec<&Addressee> {
        let mut all: Vec<&Addressee> = self.to.iter().collect();
        for one in self.by_account.iter().flat_map(|group| &group.to) {
            if !all.iter().any(|other| other.id == one.id) {
                all.push(one);
            }
        }
        all
    }

    /// The ids of its destinations.
    #[must_use]
    pub fn destinations(&self) -> Vec<DestinationId> {
        self.addressees().into_iter().map(|one| one.id.clone()).collect()
    }

    /// Who writes each of its messages for a destination, in the order of its messages.
    #[must_use]
    pub fn written_for(&self, to: &Addressee) -> Vec<WrittenBy> {
        let again = (self.to.first() != Some(to)).then(|| self.posted(vec![to.clone()]));
        let events = again.as_ref().unwrap_or(self).events();
        let all = events.map(|events| events.messages.iter().map(|one| one.by.clone()).collect());
        all.unwrap_or_default()
    }

    /// What keeps its messages from being safe at a destination.
    #[must_use]
    pub fn flaws_for(&self, to: &Addressee) -> Vec<Flaw> {
        let groups = message::groups(&self.blueprint, &self.values).unwrap_or_default();
        let each = groups.iter().map(|one| &one.blueprint).chain(groups.is_empty().then_some(&*self.blueprint));
        each.flat_map(|one| message::flaws(one, &self.values, &to.posting)).collect()
    }

    fn resolved_again(&self, values: Values, to: Vec<Addressee>) -> Self {
        let mut receives = receives(&self.blueprint, &values, self.handler.as_ref(), &first(&to));
        self.tuning.narrow(&mut receives);
        let mut one = Self { receives, to, values, ..self.clone() };
        one.gather();
        one
    }

    /// The alert as if one rule had its whole pattern; nothing where that is so.
    #[must_use]
    pub fn with_one_rule(&self) -> Option<Self> {
        let has_several = |events: &ReceivedEvents| events.messages.len() > 1 || !self.by_account.is_empty();
        let events = self.events().filter(|events| has_several(events))?;
        let message =
            MessageOf { group: None, pattern: events.pattern.clone(), by: events.messages.first()?.by.clone() };
        let events = ReceivedEvents { messages: vec![message], ..events.clone() };
        Some(Self { receives: Receives::Events(events), ..self.ungrouped() })
    }

    /// What it receives of the event bus; `None` for an alert that receives log lines.
    #[must_use]
    pub fn events(&self) -> Option<&ReceivedEvents> {
        match &self.receives {
            Receives::Events(events) => Some(events),
            Receives::Lines(_) => None,
        }
    }

    /// What it receives of a log group; `None` for an alert that receives events.
    #[must_use]
    pub fn lines(&self) -> Option<&ReceivedLines> {
        match &self.receives {
            Receives::Events(_) => None,
            Receives::Lines(lines) => Some(lines),
        }
    }

    /// What undoes the action, when it is turned on and the alert is not staged.
    #[must_use]
    pub fn remediation(&self) -> Option<&Remedy> {
        self.events()?.remediation.as_ref().filter(|_| !self.is_staged)
    }

    /// The same alert as if its events were not collected.
    #[must_use]
    pub fn unstaged(&self) -> Self {
        Self { is_staged: false, ..self.clone() }
    }

    /// Whether its events are written into a log group of the stack.
    #[must_use]
    pub fn is_collected(&self) -> bool {
        self.events().is_some() && (self.is_staged || self.threshold.is_some())
    }

    /// Whether the notifier writes the message. That of a threshold is about an alarm, and needs none.
    #[must_use]
    pub fn is_by_notifier(&self) -> bool {
        if self.digest.is_some() {
            return false;
        }
        let is_by_notifier = |one: &MessageOf| matches!(one.by, WrittenBy::Notifier(_));
        let each = || self.events().is_none_or(|events| events.messages.iter().any(is_by_notifier));
        !self.is_staged && self.threshold.is_none() && each()
    }
}

impl Digest {
    /// How often, for people.
    #[must_use]
    pub fn words(self) -> String {
        let (number, unit) = match self.every_minutes {
            minutes if minutes.is_multiple_of(1_440) => (minutes / 1_440, "day"),
            minutes if minutes.is_multiple_of(60) => (minutes / 60, "hour"),
            minutes => (minutes, "minute"),
        };
        if number == 1 { unit.to_owned() } else { format!("{number} {unit}s") }
    }
}

impl ReceivedEvents {
    /// The event pattern, ready to be matched.
    ///
    /// # Errors
    /// EventBridge would refuse it, or only AWS can judge it.
    pub fn judge(&self) -> Result<Pattern, PatternError> {
        Pattern::from_value(&self.pattern)
    }
}

impl WrittenBy {
    /// The input transformer, for either reader.
    #[must_use]
    pub fn transformer(&self) -> &InputTransformer {
        match self {
            Self::Transformer(transformer) | Self::Notifier(transformer) => transformer,
        }
    }
}

impl Remedy {
    /// The statements of the handler's policy.
    #[must_use]
    pub fn statements(&self) -> Vec<Value> {
        self.allow.iter().map(Allow::statement).collect()
    }
}

/// What a message depends on that goes to the first of these.
fn first(to: &[Addressee]) -> Posting {
    to.first().map_or_else(Posting::sample, |one| one.posting.clone())
}

fn receives(blueprint: &Blueprint, values: &Values, handler: Option<&Handler>, posting: &Posting) -> Receives {
    if let Some(lines) = blueprint.heard_lines(values) {
        return Receives::Lines(lines);
    }
    Receives::Events(ReceivedEvents {
        pattern: blueprint.filled_pattern(values),
        state: blueprint.rule_state(values),
        messages: messages(blueprint, values, posting),
        remediation: blueprint.remedy(values).zip(handler).map(|(remedy, handler)| Remedy {
            handler: handler.clone(),
            allow: remedy.allowed(values),
            concurrency: remedy.concurrency,
        }),
    })
}

/// The message, or one for each group of calls.
fn messages(blueprint: &Blueprint, values: &Values, posting: &Posting) -> Vec<MessageOf> {
    let pattern = blueprint.filled_pattern(values);
    if message::is_by_notifier(blueprint, values) {
        let by = WrittenBy::Notifier(message::to_notifier(blueprint, values, &posting.to));
        return vec![MessageOf { group: None, pattern, by }];
    }
    let compiled = |blueprint: &Blueprint| WrittenBy::Transformer(message::compile(blueprint, values, posting));
    let Some(groups) = message::groups(blueprint, values) else {
        return vec![MessageOf { group: None, pattern, by: compiled(blueprint) }];
    };
    let message = |one: &message::Group| MessageOf {
        group: (groups.len() > 1).then(|| one.digest()),
        pattern: one.blueprint.filled_pattern(values),
        by: compiled(&one.blueprint),
    };
    groups.iter().map(message).collect()
}
