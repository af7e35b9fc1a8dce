//! What stops an event, and the one text that says so.
//!
//! A text is lines of [`Span`]s, so that a reader can color or shorten what was expected and found; `Display` is the same
//! text in one line.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::resource::ENABLED;

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
    /// The pattern or filter would match, but the stack suppresses the event.
    Suppressed {
        /// Why.
        reason: String,
        /// Whom to ask.
        owner: String,
        /// The last day, if there is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<String>,
    },
    /// The alert is disabled in the stack file.
    Disabled,
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
    /// No rule on the event bus matches what a function put there.
    NoRule,
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
    /// It stays in the queue of a digest.
    NotCollected {
        /// Why.
        why: String,
    },
    /// It is delivered to someone else.
    Redirected {
        /// Why.
        why: String,
    },
    /// The alert is staged: its events are collected, and no message is sent.
    Staged {
        /// Where they are.
        log_group: String,
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

/// A piece of the text of a [`Stop`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Words of trailbell.
    Words(String),
    /// A reason in which values may be long.
    Quoted(String),
    /// What would not have stopped the event.
    Expected(String),
    /// What was there instead.
    Found(String),
}

impl Span {
    /// What is written.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Words(text) | Self::Quoted(text) | Self::Expected(text) | Self::Found(text) => text,
        }
    }
}

fn words(text: impl Into<String>) -> Span {
    Span::Words(text.into())
}

impl Stop {
    /// The text, line by line.
    #[must_use]
    pub fn lines(&self) -> Vec<Vec<Span>> {
        let expected = |text: &str| Span::Expected(text.to_owned());
        let found_there = |text: &str| Span::Found(text.to_owned());
        let first = match self {
            Self::Pattern { field, wanted, found, .. } => vec![
                words(format!("{field}: expected ")),
                expected(wanted),
                words(", found "),
                found_there(found.as_deref().unwrap_or("no value")),
            ],
            Self::OtherRoute { wanted, found } => vec![words(format!("it receives {wanted}, but this is {found}"))],
            Self::Suppressed { reason, owner, until } => {
                let until = until.as_ref().map(|day| format!(", until {day}")).unwrap_or_default();
                vec![
                    words("the stack suppresses it: "),
                    Span::Quoted(reason.clone()),
                    words(format!(" (owner: {owner}{until})")),
                ]
            }
            Self::Disabled => vec![words("it is disabled in the stack file")],
            Self::LeftOut => vec![words("the notifier skips its own denied calls, which would invoke it again")],
            Self::Account { wanted, found } => vec![
                words("it happened in account "),
                found_there(found),
                words(", but the stack is in "),
                expected(wanted),
            ],
            Self::Region { wanted, found } => vec![
                words("it happened in "),
                found_there(found),
                words(", but the stack receives events of "),
                expected(wanted),
            ],
            Self::State { wanted, found } if *wanted == ENABLED => vec![words("the rule is "), found_there(found)],
            Self::State { .. } => {
                vec![words("a rule in the state ENABLED does not receive read-only calls; see `rule_state`")]
            }
            Self::Staged { log_group } => {
                vec![words(format!(
                    "it is staged: what it matches is in the log group {log_group}, and no message is sent"
                ))]
            }
            Self::NoTarget => vec![words("the rule has no target")],
            Self::NoRule => vec![words("no rule on the event bus matches it")],
            Self::Slack { problems } => vec![words(format!("Slack rejects it: {}", problems.join("; ")))],
            Self::Function { why } => vec![words(format!("the function failed: {why}"))],
            Self::Message { why } => vec![words(format!("EventBridge cannot deliver it: {why}"))],
            Self::Filter { why } => vec![Span::Quoted(why.clone())],
            Self::Judged { why }
            | Self::Delivery { why, .. }
            | Self::Redirected { why }
            | Self::NotCollected { why } => {
                vec![words(why)]
            }
        };
        let mut lines = vec![first];
        if let Self::Pattern { other_element: true, .. } = self {
            lines.push(vec![words("the value matches, but in a different array element than the fields before it")]);
        }
        lines
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, line) in self.lines().iter().enumerate() {
            if number > 0 {
                f.write_str("; ")?;
            }
            line.iter().try_for_each(|span| f.write_str(span.text()))?;
        }
        Ok(())
    }
}
