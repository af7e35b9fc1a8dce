//! trailbell wires AWS CloudTrail to Slack: from YAML blueprints it plans, provisions, proves and removes everything an
//! alert needs in an AWS account.
//!
//! ```text
//! blueprints + stack ──compile──► desired ─┐
//!                                           ├─diff─► changes ─order─► plan (data) ─apply─► events ─render─► people, CI
//! account ─────────────read───────► live  ─┘
//! ```
//!
//! What a person writes: [`document`] (text with places), [`blueprint`] and [`stack`] (the formats and their rules),
//! [`suppression`] (events that an alert leaves out), [`diagnostic`] (findings), [`secret`] (references and masking), [`mod@file`] (reading what a person names).
//!
//! What it means: [`alert`] (an alert with its parameters filled in), [`check`] (the rules, and loading files).
//!
//! The engines: [`pattern`] (which events match) and [`message`] (what is sent), with [`cases`] for a blueprint's own
//! tests.
//!
//! The pipeline: [`name`], [`archive`] (a function's code), [`resource`], [`compile`] (desired), [`live`] (managed and
//! unmanaged), [`plan`], [`provider`] (AWS and the sandbox), [`apply`], [`runs`] (who changes a stack, one
//! at a time), [`verify`], [`redrive`], [`doctor`].
//!
//! The surface: [`wizard`], [`import`] (rules of others as blueprints), [`render`], [`cli`].
//!
//! `docs/architecture.md` has a paragraph on each and says where a new thing goes.

pub mod alert;
pub mod apply;
pub mod archive;
pub mod blueprint;
pub mod cases;
pub mod check;
pub mod cli;
pub mod cloudtrail;
pub mod compile;
pub mod diagnostic;
pub mod diagram;
pub mod doctor;
pub mod document;
pub mod explain;
pub mod file;
pub mod graph;
pub mod import;
pub mod lambda;
pub mod live;
pub mod message;
pub mod name;
pub mod output;
pub mod permissions;
pub mod plan;
pub mod propose;
pub mod provider;
pub mod record;
mod redact;
pub mod redrive;
pub mod render;
pub mod resource;
pub mod runs;
pub mod sample;
pub mod secret;
pub mod slack;
pub mod stack;
pub mod suppression;
pub mod trace;
pub mod verify;
pub mod wizard;
pub mod words;

pub use trailbell_engines::{events, filter, glob, json, pattern};
