//! Slack messages: the request bodies alerts end up as, read into types and judged before Slack sees them.
//!
//! A body that [`read`] accepts is one Slack takes, as far as is known, and one that mentions no one. Where Slack's
//! documentation is silent or contradicts what people observed, the stricter reading counts: an alert that Slack
//! refuses is lost, a body refused here is repaired before it is deployed. Nothing in here talks to Slack.

mod limits;
mod model;
mod mrkdwn;
mod node;
mod problem;
mod read;
mod rich;
#[cfg(test)]
mod tests;
mod text;

pub use model::{Block, Inline, Message, Rich, Style, Text};
pub use problem::{Problem, ProblemKind};
pub use read::read;
