//! A way through the graph: the hops, each yes, no, or not known, and what is sent at the end.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::pattern::Mismatch;
use crate::resource::ENABLED;

/// The way of an event or of log lines from one rule or filter to one target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Way {
    /// Where it begins.
    pub origin: Origin,
    /// Where it leads; nothing when the rule has no target.
    pub destination: Option<Destination>,
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
    pub run: Option<super::Id>,
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
pub enum Destination {
    /// An API destination.
    Slack,
    /// A function.
    Function {
        /// Its name.
        name: String,
        /// Its id: that of its alert, or `notifier`.
        id: String,
    },
    /// Something that is not in the graph.
    Elsewhere(String),
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

/// What stops an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Stop {
    /// The pattern wants something else.
    Pattern {
        /// The field, dotted.
        field: String,
        /// The operators the pattern has there, in its order.
        operators: Vec<String>,
        /// The JSON text of what the pattern lists there.
        wanted: String,
        /// The JSON text of what the event holds there; nothing when it holds no value.
        found: Option<String>,
        /// The value would do, but it is in another array element than the fields before it.
        other_element: bool,
    },
    /// AWS says that the pattern does not match, and not why.
    Judged {
        /// In words.
        why: String,
    },
    /// The filter does not let the line through.
    Filter {
        /// The first condition that stops it.
        why: String,
    },
    /// The alert receives something else than what this is.
    OtherRoute {
        /// What it receives.
        wanted: &'static str,
        /// What it was given.
        found: &'static str,
    },
    /// The notifier leaves out what would call it again: refused calls of its own.
    LeftOut,
    /// The event happened in another account.
    Account {
        /// Where the stack is.
        wanted: String,
        /// Where the event happened.
        found: String,
    },
    /// The event happened in another region.
    Region {
        /// Where the rule is.
        wanted: String,
        /// Where the event happened.
        found: String,
    },
    /// The rule does not receive such events.
    State {
        /// The state that would.
        wanted: &'static str,
        /// The rule's.
        found: String,
    },
    /// The rule has no target, so nothing is sent.
    NoTarget,
    /// EventBridge would not deliver the message.
    Message {
        /// Why.
        why: String,
    },
    /// It cannot be delivered, as EventBridge or CloudWatch Logs would say.
    Delivery {
        /// EventBridge's error code.
        code: &'static str,
        /// Why.
        why: String,
    },
    /// It is delivered to someone else.
    Redirected {
        /// Why.
        why: String,
    },
    /// The function failed.
    Function {
        /// What it failed with.
        why: String,
    },
    /// Slack would refuse the message, or someone would be mentioned. Only an event that breaks what is known of the
    /// fields can come so far.
    Slack {
        /// What is wrong with it.
        problems: Vec<String>,
    },
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pattern { field, wanted, found, other_element, .. } => {
                let (field, wanted, found) = (field.clone(), wanted.clone(), found.clone());
                Mismatch { field, wanted, found, other_element: *other_element }.fmt(f)
            }
            Self::OtherRoute { wanted, found } => write!(f, "it receives {wanted}, but this is {found}"),
            Self::LeftOut => f.write_str("the notifier skips its own denied calls, which would invoke it again"),
            Self::Account { wanted, found } => {
                write!(f, "it happened in account {found}, but the stack is in {wanted}")
            }
            Self::Region { wanted, found } => write!(
                f,
                "it happened in {found}, but the stack receives events of \
                {wanted}"
            ),
            Self::State { wanted, found } if *wanted == ENABLED => write!(f, "the rule is {found}"),
            Self::State { .. } => {
                f.write_str("a rule in the state ENABLED does not receive read-only calls; see `rule_state`")
            }
            Self::NoTarget => f.write_str("the rule has no target"),
            Self::Slack { problems } => write!(f, "Slack rejects it: {}", problems.join("; ")),
            Self::Function { why } => write!(f, "the function failed: {why}"),
            Self::Judged { why }
            | Self::Filter { why }
            | Self::Message { why }
            | Self::Delivery { why, .. }
            | Self::Redirected { why } => f.write_str(why),
        }
    }
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

impl Way {
    pub(super) fn new(origin: Origin) -> Self {
        let is_kept = HopVerdict::not_known("the path does not lead that far");
        Self {
            origin,
            destination: None,
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

    /// What is known of the whole way: yes when every hop is, else the hop that ends it. A pattern that does not match
    /// says more than a rule that does not receive. Of a function's messages every one must arrive.
    #[must_use]
    pub fn verdict(&self) -> &HopVerdict {
        let ending = |hop: &&Hop| !hop.verdict.is_yes();
        let unmatched = self.hops.iter().find(|hop| hop.step == Step::Matches).filter(ending);
        if let Some(hop) = unmatched.or_else(|| self.hops.iter().find(ending)) {
            return &hop.verdict;
        }
        let messages = self.then.iter().map(|ways| first(ways));
        messages.into_iter().find(|verdict| !verdict.is_yes()).unwrap_or(&HopVerdict::Yes)
    }

    /// What stops it, if something does.
    #[must_use]
    pub fn stop(&self) -> Option<&Stop> {
        match self.verdict() {
            HopVerdict::No { by } => Some(by),
            HopVerdict::Yes | HopVerdict::NotKnown { .. } => None,
        }
    }

    /// The bodies that Slack gets, in order: its own, or those of a function's messages.
    #[must_use]
    pub fn bodies(&self) -> Vec<&str> {
        let own = self.request.iter().map(|request| request.body.as_str());
        own.chain(self.then.iter().flatten().flat_map(Self::bodies)).collect()
    }
}

/// What is known of a message that went to several rules: one way to Slack is enough.
fn first(ways: &[Way]) -> &HopVerdict {
    static UNHEARD: HopVerdict = HopVerdict::No { by: Stop::NoTarget };
    let verdicts = || ways.iter().filter(|way| way.matches()).map(Way::verdict);
    verdicts().find(|verdict| verdict.is_yes()).or_else(|| verdicts().next()).unwrap_or(&UNHEARD)
}
