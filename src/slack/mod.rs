//! Slack: its messages, as the engines read them, and the manifest of the app that posts them.

pub mod manifest;

pub use trailbell_engines::slack::{Block, Inline, Kind, Message, Problem, Rich, Style, Text, read};
