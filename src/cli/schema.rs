//! `trailbell schema`: the JSON Schema of a file format or of what a command prints, from the types that read and print it.

use clap::{Args, ValueEnum};

use super::Code;
use super::screen::Screen;
use crate::blueprint::Blueprint;
use crate::output;
use crate::output::catalog::{Catalog, Copied};
use crate::output::check::Checked;
use crate::output::plan::Planned;
use crate::stack::Stack;

/// Arguments of `schema`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell schema stack > stack.schema.json")]
pub(super) struct Arguments {
    /// Which file format, or whose output with `--output json`
    #[arg(value_enum)]
    name: Name,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Name {
    /// A reusable alert
    Blueprint,
    /// An installation of blueprints
    Stack,
    /// A line of what `apply` prints
    Apply,
    /// What `check` prints
    Check,
    /// What `catalog` prints
    Catalog,
    /// What `catalog NAME --copy-to FILE` prints
    CatalogCopy,
    /// What `demo` prints
    Demo,
    /// A line of what `destroy` prints
    Destroy,
    /// What `explain EVENT` prints
    Explain,
    /// The last line of any command that failed
    Failure,
    /// What `fire` prints
    Fire,
    /// A line of what `init` prints
    Init,
    /// A line of what `match` prints
    Match,
    /// What `plan` prints
    Plan,
    /// What `preview` prints
    Preview,
    /// What `status` prints
    Status,
    /// What `test` prints
    Test,
    /// What `verify` prints
    Verify,
}

pub(super) fn run(arguments: &Arguments, screen: &Screen) -> Code {
    let schema = match arguments.name {
        Name::Blueprint => schemars::schema_for!(Blueprint),
        Name::Stack => schemars::schema_for!(Stack),
        Name::Apply | Name::Destroy | Name::Init => output::schema::<output::apply::ApplyLine>(),
        Name::Check => output::schema::<Checked>(),
        Name::Catalog => output::schema::<Catalog>(),
        Name::CatalogCopy => output::schema::<Copied>(),
        Name::Demo => output::schema::<output::demo::DemoResult>(),
        Name::Explain => output::schema::<output::explain::ExplainResult>(),
        Name::Failure => output::schema::<output::failure::FailureResult>(),
        Name::Fire => output::schema::<output::fire::FireResult>(),
        Name::Match => output::schema::<output::matching::MatchLine>(),
        Name::Plan => output::schema::<Planned>(),
        Name::Preview => output::schema::<output::preview::PreviewResult>(),
        Name::Status => output::schema::<output::status::StatusResult>(),
        Name::Test => output::schema::<output::test::TestResult>(),
        Name::Verify => output::schema::<output::verify::VerifyResult>(),
    };
    screen.json(&schema);
    Code::Fine
}
