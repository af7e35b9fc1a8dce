//! `trailbell graph`: a picture of the stack, from where events come to where they end.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};

use super::screen::Screen;
use super::session::{Session, load};
use super::{ExitStatus, Failure, Global, Output, StackFile};
use crate::compile::compile;
use crate::diagram::{BoxState, Diagram, diagram};
use crate::name::Scope;
use crate::output::Versioned;
use crate::output::graph::GraphResult;
use crate::plan::Change;
use crate::render;
use crate::resource::{Address, Resource, ResourceSet};

/// Arguments of `graph`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell graph
  trailbell graph --live
  trailbell graph staging.yaml --format svg > stack.svg
  trailbell graph --format mermaid > stack.mmd")]
pub(super) struct Arguments {
    #[command(flatten)]
    file: StackFile,
    /// How it is drawn
    #[arg(long = "format", value_name = "FORMAT", value_enum, default_value_t = PictureFormat::Text)]
    picture: PictureFormat,
    /// Compare with the account, and mark what is missing or differs
    #[arg(long)]
    live: bool,
}

/// How the picture is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PictureFormat {
    /// Lines for the terminal
    Text,
    /// A Mermaid flowchart, which GitHub draws
    Mermaid,
    /// An SVG file, for browsers
    Svg,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let stack = &arguments.file.stack;
    let diagram = if arguments.live {
        live(&Session::open(stack, global, screen).await?, screen).await?
    } else {
        let installation = load(stack, global, screen)?;
        let scope = Scope::offline(installation.account.as_deref(), &installation.region, &installation.name)?;
        diagram(&scope, &compile(&installation, &scope, None), None)
    };
    if global.output == Output::Json {
        screen.json(&Versioned::new(GraphResult { diagram, is_live: arguments.live }));
        return Ok(ExitStatus::Fine);
    }
    let text = match arguments.picture {
        PictureFormat::Text => render::diagram::tree(&diagram, screen.paint_out),
        PictureFormat::Mermaid => render::diagram::mermaid(&diagram),
        PictureFormat::Svg => render::diagram::svg(&diagram),
    };
    screen.result(text.trim_end());
    Ok(ExitStatus::Fine)
}

/// What the stack should have and has, each with its condition.
async fn live(session: &Session, screen: &Screen) -> Result<Diagram, Failure> {
    let secrets = session.secrets_to_compare(screen).await?;
    let compared = session.look(&secrets, &[], screen).await?;
    let mut resources: ResourceSet = compared.desired;
    let mut conditions: BTreeMap<Address, BoxState> =
        compared.plan.unchanged.iter().map(|one| (one.clone(), BoxState::Ok)).collect();
    for step in &compared.plan.steps {
        let (resource, condition) = condition(&step.change);
        conditions.insert(resource.address().clone(), condition);
        resources.entry(resource.address().clone()).or_insert_with(|| resource.clone());
    }
    Ok(diagram(&session.scope, &resources, Some(&conditions)))
}

const fn condition(change: &Change) -> (&Resource, BoxState) {
    match change {
        Change::Create { after } => (after, BoxState::Missing),
        Change::Update { after, .. } | Change::Replace { after, .. } => (after, BoxState::Differs),
        Change::Delete { before } => (before, BoxState::Superfluous),
    }
}
