//! The map of the crate, with an example that runs, is the README, which rustdoc shows here.
#![doc = include_str!("../README.md")]

pub mod events;
pub mod filter;
pub mod glob;
pub mod json;
pub mod pattern;
pub mod record;
pub mod slack;
pub mod transformer;
