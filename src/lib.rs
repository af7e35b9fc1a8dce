//! trailbell wires AWS CloudTrail to Slack.
#![forbid(unsafe_code)]
pub mod apply;
pub mod blueprint;
pub mod cases;
pub mod cli;
pub mod compile;
pub mod diagnostic;
pub mod document;
pub mod live;
pub mod message;
pub mod name;
pub mod pattern;
pub mod plan;
pub mod provider;
pub mod render;
pub mod resource;
pub mod secret;
pub mod stack;
pub mod verify;
pub mod wizard;
