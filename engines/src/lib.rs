//! What AWS does with an event, offline: which event patterns and filter patterns match it, what an input transformer
//! makes of it, and what Slack says to the result.

pub mod events;
pub mod filter;
pub mod glob;
pub mod json;
pub mod pattern;
pub mod record;
pub mod slack;
pub mod transformer;
