//! A way through the graph: the hops, each yes, no, or not known, and what is sent at the end.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Stop;
use crate::name::{DIGEST, DestinationId, NOTIFIER};

/// The way of an event or of log lines from one rule or filter to one target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Way {
    /// Where it begins.
    pub origin: Origin,
    /// Where it leads; nothing when the rule has no target.
    pub destination: Option<Recipient>,
    /// The ARN of the target, where it is known.
    #[serde(skip)]
    pub target_arn: String,
    /// The ARN of the queue of the target.
    #[serde(skip)]
    pub dead_letter_arn: Option<String>,
    /// The destination that it leads to, if that is one.
    #[serde(skip)]
    pub to: Option<DestinationId>,
    /// The hops, as far as they were walked.
    pub hops: Vec<Hop>,
    /// What is delivered, once it is known.
    pub body: Option<String>,
    /// The HTTP request, when it leads to an API destination.
    pub request: Option<Request>,
    /// Whether what cannot be delivered is kept in the dead-letter queue.
    pub is_kept: HopVerdict,
    /// The ways of the events that a function put on the bus, message by message.
    pub then: Vec<Vec<Way>>,
    /// Where the function was asked about, if it was.
    #[serde(skip)]
    pub run: Option<super::QuestionId>,
}

/// Where a way begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The id: the alert's, or `relay`.
    pub id: String,
    /// The name of the rule or filter in AWS.
    pub name: String,
    /// The rule's ARN; nothing for a filter.
    pub arn: String,
}

/// Where a way leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// An API destination.
    Slack,
    /// A function.
    Function {
        /// Its name.
        name: String,
        /// Its id: that of its alert, `notifier`, or `digest`.
        id: String,
    },
    /// Something that is not in the graph.
    Elsewhere(String),
    /// A log group that collects events, by its name.
    LogGroup(String),
    /// An alarm that counts, by its name: what is counted alone sends nothing.
    Alarm(String),
    /// An SNS topic, by its ARN.
    Topic(String),
}

impl Recipient {
    /// Whether it is a function that writes messages; any other is a remediation's.
    #[must_use]
    pub fn writes(&self) -> bool {
        matches!(self, Self::Function { id, .. } if is_writer(id))
    }

    /// Whether it is the function of a remediation.
    #[must_use]
    pub fn is_handler(&self) -> bool {
        matches!(self, Self::Function { .. }) && !self.writes()
    }
}

/// Whether the function of this id writes messages: the notifier, or what writes digests.
#[must_use]
pub fn is_writer(id: &str) -> bool {
    [NOTIFIER, DIGEST].contains(&id)
}

/// One hop.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Hop {
    /// Which.
    pub step: Step,
    /// What is known of it.
    #[serde(flatten)]
    pub verdict: HopVerdict,
}

/// The hops, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The rule receives such events: its region, its account, its state.
    Received,
    /// The pattern matches, or a line passes the filter.
    Matches,
    /// There is a target.
    Target,
    /// The target makes something of it.
    Rendered,
    /// It may be delivered there.
    Sent,
    /// Enough were counted.
    Counted,
    /// A schedule has what is in the queue of a digest counted.
    Collected,
    /// The function does its work.
    Ran,
    /// The function is allowed to put events on the bus.
    Put,
    /// Slack takes the body.
    Accepted,
}

/// What is known of a hop.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum HopVerdict {
    /// It goes on.
    Yes,
    /// It ends here.
    No {
        /// What stops it.
        by: Stop,
    },
    /// No one can tell.
    NotKnown {
        /// What is missing.
        why: String,
    },
}

impl HopVerdict {
    /// It ends here.
    pub(super) fn no(by: Stop) -> Self {
        Self::No { by }
    }

    /// No one can tell.
    pub(super) fn not_known(why: impl Into<String>) -> Self {
        Self::NotKnown { why: why.into() }
    }

    /// Whether it goes on.
    #[must_use]
    pub fn is_yes(&self) -> bool {
        *self == Self::Yes
    }
}

/// Where a way ended, and why. Only [`Way::end`] says so; its readers put it into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End<'w> {
    /// Every hop is yes.
    Open,
    /// At a function that was not run here: everything before it is yes, and what it does is not known.
    NotRun {
        /// Why it was not run.
        why: &'w str,
    },
    /// Something stops it.
    Stopped {
        /// The hop.
        at: Step,
        /// What stops it there.
        by: &'w Stop,
    },
    /// Whether it goes on is not known.
    NotKnown {
        /// From which hop on.
        at: Step,
        /// What is missing.
        why: &'w str,
    },
}

/// The HTTP request that would reach Slack, secrets masked.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Request {
    /// `POST`.
    pub method: String,
    /// The URL, masked when it is a secret.
    pub url: String,
    /// The headers that matter.
    pub headers: Map<String, Value>,
    /// The body, exactly.
    pub body: String,
}

/// The way that leads furthest, the first of those: an alert with several rules fires if one of them does.
pub fn furthest<W: std::borrow::Borrow<Way>>(ways: impl IntoIterator<Item = W>) -> Option<W> {
    let passed = |way: &Way| way.hops.iter().filter(|hop| !matches!(hop.verdict, HopVerdict::No { .. })).count();
    let reached = |way: &W| (way.borrow().matches(), passed(way.borrow()));
    // Of equal ones `min_by_key` takes the first.
    ways.into_iter().min_by_key(|way| std::cmp::Reverse(reached(way)))
}

impl Way {
    pub(super) fn new(origin: Origin) -> Self {
        let is_kept = HopVerdict::not_known("the path does not lead that far");
        Self {
            origin,
            destination: None,
            target_arn: String::new(),
            dead_letter_arn: None,
            to: None,
            hops: Vec::new(),
            body: None,
            request: None,
            is_kept,
            then: Vec::new(),
            run: None,
        }
    }

    /// Adds a hop and says whether the walk goes on.
    pub(super) fn hop(&mut self, step: Step, verdict: HopVerdict) -> bool {
        let is_yes = verdict.is_yes();
        self.hops.push(Hop { step, verdict });
        is_yes
    }

    /// What is known of a hop; nothing when the walk did not come there.
    #[must_use]
    pub fn at(&self, step: Step) -> Option<&HopVerdict> {
        self.hops.iter().find(|hop| hop.step == step).map(|hop| &hop.verdict)
    }

    /// Whether the pattern matches, or a line passes, whatever comes after.
    #[must_use]
    pub fn matches(&self) -> bool {
        self.at(Step::Matches).is_some_and(HopVerdict::is_yes)
    }

    /// Where it ended, and why. Of a function's messages every one must arrive.
    #[must_use]
    pub fn end(&self) -> End<'_> {
        let own = self.own_end();
        if own != End::Open {
            return own;
        }
        self.then.iter().map(|ways| arrival(ways)).find(|end| *end != End::Open).unwrap_or(End::Open)
    }

    /// Where its own hops end. A pattern that does not match says more than a rule that does not receive.
    fn own_end(&self) -> End<'_> {
        let is_no = |hop: &&Hop| matches!(hop.verdict, HopVerdict::No { .. });
        let unmatched = self.hops.iter().filter(is_no).find(|hop| hop.step == Step::Matches);
        let ending = unmatched.or_else(|| self.hops.iter().find(|hop| !hop.verdict.is_yes()));
        match ending.map(|hop| (hop.step, &hop.verdict)) {
            None | Some((_, HopVerdict::Yes)) => End::Open,
            Some((at, HopVerdict::No { by })) => End::Stopped { at, by },
            Some((Step::Ran, HopVerdict::NotKnown { why })) if self.run.is_some() => End::NotRun { why },
            Some((at, HopVerdict::NotKnown { why })) => End::NotKnown { at, why },
        }
    }

    /// The bodies that Slack gets, in order: its own, or those of a function's messages.
    #[must_use]
    pub fn bodies(&self) -> Vec<&str> {
        let own = self.request.iter().map(|request| request.body.as_str());
        own.chain(self.then.iter().flatten().flat_map(Self::bodies)).collect()
    }

    /// What each destination gets, of the way itself or of a function's messages.
    #[must_use]
    pub fn delivered(&self) -> Vec<(Option<&DestinationId>, &str)> {
        let own = match self.destination {
            Some(Recipient::Topic(_)) => self.body.as_deref(),
            _ => self.request.as_ref().map(|request| request.body.as_str()),
        };
        let own = own.map(|body| (self.to.as_ref(), body));
        own.into_iter().chain(self.then.iter().flatten().flat_map(Self::delivered)).collect()
    }
}

/// What became of a function's message that went to several rules: one way to Slack is enough. For the function's way it is
/// the last hop: that Slack takes the message.
fn arrival(ways: &[Way]) -> End<'_> {
    let ends = || ways.iter().filter(|way| way.matches()).map(Way::end);
    let at = Step::Accepted;
    match ends().find(|end| *end == End::Open).or_else(|| ends().next()) {
        Some(End::Open) => End::Open,
        Some(End::Stopped { by, .. }) => End::Stopped { at, by },
        Some(End::NotRun { why } | End::NotKnown { why, .. }) => End::NotKnown { at, why },
        None => End::Stopped { at, by: &Stop::NoRule },
    }
}
