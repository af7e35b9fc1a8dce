//! `trailbell schema`: the JSON Schema of a file format or of what a command prints, from the types that read and print it.

use clap::{Args, ValueEnum};

use super::ExitStatus;
use super::screen::Screen;
use crate::blueprint::Blueprint;
use crate::output;
use crate::output::catalog::{Catalog, Copied};
use crate::output::check::Checked;
use crate::output::plan::Planned;
use crate::plan::SavedPlan;
use crate::stack::Stack;

/// Arguments of `schema`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell schema stack > stack.schema.json")]
pub(super) struct Arguments {
    /// Which file format, or whose output with `--output json`
    #[arg(value_enum)]
    name: SchemaName,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SchemaName {
    /// A reusable alert
    Blueprint,
    /// An installation of blueprints
    Stack,
    /// A line of what `adopt` prints
    Adopt,
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
    /// What `doctor` prints
    Doctor,
    /// What `explain EVENT` prints
    Explain,
    /// What `explain CODE` prints
    ExplainCode,
    /// The last line of any command that failed
    Failure,
    /// What `fire` prints
    Fire,
    /// What `graph` prints
    Graph,
    /// What `history` prints
    History,
    /// What `import` prints
    Import,
    /// A line of what `init` prints
    Init,
    /// What `list` prints
    List,
    /// A line of what `match` prints
    Match,
    /// What `plan` prints
    Plan,
    /// What `preview` prints
    Preview,
    /// A line of what `redrive` prints
    Redrive,
    /// The file that `plan --out` saves
    SavedPlan,
    /// The last line of what `reap` prints
    Reap,
    /// What `status` prints
    Status,
    /// What `suppress` prints
    Suppress,
    /// What `test` prints
    Test,
    /// What `unlock` prints
    Unlock,
    /// What `verify` prints
    Verify,
}

pub(super) fn run(arguments: &Arguments, screen: &Screen) -> ExitStatus {
    let schema = match arguments.name {
        SchemaName::Blueprint => schemars::schema_for!(Blueprint),
        SchemaName::Stack => schemars::schema_for!(Stack),
        SchemaName::Adopt | SchemaName::Apply | SchemaName::Destroy | SchemaName::Init => {
            output::schema::<output::apply::ApplyLine>()
        }
        SchemaName::Check => output::schema::<Checked>(),
        SchemaName::Catalog => output::schema::<Catalog>(),
        SchemaName::CatalogCopy => output::schema::<Copied>(),
        SchemaName::Demo => output::schema::<output::demo::DemoResult>(),
        SchemaName::Doctor => output::schema::<output::doctor::DoctorResult>(),
        SchemaName::Explain => output::schema::<output::explain::ExplainResult>(),
        SchemaName::ExplainCode => output::schema::<output::code::CodeResult>(),
        SchemaName::Failure => output::schema::<output::failure::FailureResult>(),
        SchemaName::Fire => output::schema::<output::fire::FireResult>(),
        SchemaName::Graph => output::schema::<output::graph::GraphResult>(),
        SchemaName::History => output::schema::<output::history::HistoryResult>(),
        SchemaName::Import => output::schema::<output::import::ImportResult>(),
        SchemaName::List => output::schema::<output::list::ListResult>(),
        SchemaName::Reap => output::schema::<output::list::ReapResult>(),
        SchemaName::Match => output::schema::<output::matching::MatchLine>(),
        SchemaName::Plan => output::schema::<Planned>(),
        SchemaName::Preview => output::schema::<output::preview::PreviewResult>(),
        SchemaName::SavedPlan => schemars::schema_for!(SavedPlan),
        SchemaName::Redrive => output::schema::<output::redrive::RedriveLine>(),
        SchemaName::Status => output::schema::<output::status::StatusResult>(),
        SchemaName::Suppress => output::schema::<output::suppress::SuppressResult>(),
        SchemaName::Test => output::schema::<output::test::TestResult>(),
        SchemaName::Unlock => output::schema::<output::unlock::UnlockResult>(),
        SchemaName::Verify => output::schema::<output::verify::VerifyResult>(),
    };
    screen.json(&schema);
    ExitStatus::Fine
}
