//! `trailbell schema`: the JSON Schema of a file format, generated from the types that read it.

use clap::{Args, ValueEnum};

use super::Code;
use super::screen::Screen;
use crate::blueprint::Blueprint;
use crate::stack::Stack;

/// Arguments of `schema`.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Which file format
    #[arg(value_enum)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A reusable alert
    Blueprint,
    /// An installation of blueprints
    Stack,
}

pub(super) fn run(arguments: &Arguments, screen: &Screen) -> Code {
    let schema = match arguments.format {
        Format::Blueprint => schemars::schema_for!(Blueprint),
        Format::Stack => schemars::schema_for!(Stack),
    };
    screen.json(&schema);
    Code::Fine
}
