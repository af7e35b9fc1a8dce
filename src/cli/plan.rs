//! `trailbell plan`: what apply would change.

use std::path::PathBuf;

use clap::Args;
use jiff::SignedDuration;

use super::apply::expiry;
use super::saved::PlanFile;
use super::screen::Screen;
use super::session::Session;
use super::{ExitStatus, Failure, Global, Output, OutputFormat, StackFile};
use crate::output::Versioned;
use crate::output::plan::Planned;
use crate::plan::PlanContext;
use crate::render;

/// Arguments of `plan`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell plan
  trailbell plan --detailed-exitcode
  trailbell plan --out release.plan
  trailbell plan staging.yaml --output json
  trailbell plan --output markdown > comment.md")]
pub(super) struct Arguments {
    #[command(flatten)]
    file: StackFile,
    /// Exit with 3 if there are changes, or something unmanaged that the stack file does not accept
    #[arg(long)]
    detailed_exitcode: bool,
    /// Save the plan in this file; `trailbell apply FILE` makes exactly these changes, or none
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// After how long the stack expires once the saved plan is applied, such as `2h` or `3d`, in place of what its file says
    #[arg(long, value_name = "TIME", value_parser = expiry, requires = "out")]
    expires: Option<SignedDuration>,
    /// Also plan to remove this, which is not managed by trailbell, as `plan` names it; can be repeated
    #[arg(long, value_name = "ADDRESS")]
    remove_unmanaged: Vec<String>,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let place = arguments.out.as_deref().map(PlanFile::new).transpose()?;
    let session = Session::open(&arguments.file.stack, global, screen).await?;
    // Before anything is read: whoever changes the stack from now on is counted when the plan is applied.
    let newest_run = if place.is_some() { session.newest_run().await? } else { None };
    let secrets = session.secrets(screen).await?;
    let mut plan = session.look(&secrets, &arguments.remove_unmanaged, screen).await?.plan;
    plan.notes.extend(session.run_in_progress().await?);
    if let Some(place) = &place {
        let expires = arguments.expires.or(session.installation.expires);
        place.save(
            &plan,
            &arguments.file.stack,
            PlanContext { suffix: global.suffix.as_deref(), expires, newest_run },
        )?;
    }
    let pending = arguments.detailed_exitcode && !plan.is_settled();
    match global.format {
        OutputFormat::Json => screen.json(&Versioned::new(Planned::from(plan))),
        OutputFormat::Markdown => screen.result(render::markdown::document(&plan).trim_end()),
        OutputFormat::Text | OutputFormat::Github | OutputFormat::Sarif => {
            screen.note(&screen.paint_err.dim(&plan.scope.to_string()));
            screen.result(&render::plan::text(&plan, screen.paint_out));
        }
    }
    if let (Some(file), Output::Text) = (&arguments.out, global.output) {
        screen.note(&format!("Saved. Apply exactly this plan with `trailbell apply {}`.", file.display()));
    }
    Ok(if pending { ExitStatus::ChangesPending } else { ExitStatus::Fine })
}
