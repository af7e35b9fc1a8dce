//! `trailbell plan`: what apply would change.

use clap::Args;

use super::screen::Screen;
use super::session::Session;
use super::{ExitStatus, Failure, Global, Output, StackFile};
use crate::output::Versioned;
use crate::output::plan::Planned;
use crate::render;

/// Arguments of `plan`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell plan
  trailbell plan --detailed-exitcode
  trailbell plan staging.yaml --output json")]
pub(super) struct Arguments {
    #[command(flatten)]
    file: StackFile,
    /// Exit with 3 if there are changes, or something unmanaged that the stack file does not accept
    #[arg(long)]
    detailed_exitcode: bool,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let session = Session::open(&arguments.file.stack, global, screen).await?;
    let secret = session.secret(screen)?;
    let plan = session.plan(&secret, screen).await?;
    let pending = arguments.detailed_exitcode && !plan.is_settled();
    match global.output {
        Output::Json => screen.json(&Versioned::new(Planned::from(plan))),
        Output::Text => {
            screen.note(&screen.paint_err.dim(&plan.scope.to_string()));
            screen.result(&render::plan::text(&plan, screen.paint_out));
        }
    }
    Ok(if pending { ExitStatus::ChangesPending } else { ExitStatus::Fine })
}
