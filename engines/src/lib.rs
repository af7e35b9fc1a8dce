#![doc = include_str!("../README.md")]

pub mod events;
pub mod filter;
pub mod glob;
pub mod json;
pub mod pattern;
pub mod record;
pub mod slack;
pub mod transformer;
