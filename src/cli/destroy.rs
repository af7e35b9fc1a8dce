//! `trailbell destroy`: removes everything the stack has in the account. Needs neither the secret nor, with `--stack`,
//! the file; but the file says where filters should be, which are found by it when what leads to them is gone.

use std::path::PathBuf;

use clap::Args;

use super::apply::{Confirmation, Intent, carry_out};
use super::cloud::Cloud;
use super::screen::Screen;
use super::session::{Session, read, region, scope};
use super::{ExitStatus, Failure, Global};
use crate::name::{STACK_FORM, Scope, is_stack};
use crate::plan;
use crate::resource::ResourceSet;
use crate::stack::DEFAULT_FILE;

/// Arguments of `destroy`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell destroy
  trailbell destroy --stack security-alerts --region us-east-1")]
pub(super) struct Arguments {
    /// The stack file [default: trailbell.yaml]
    #[arg(value_name = "STACK", conflicts_with = "stack")]
    file: Option<PathBuf>,
    /// Name of the stack, if the file no longer exists; requires --region
    #[arg(long, value_name = "NAME")]
    stack: Option<String>,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let Opened { cloud, scope, known, again } = open(arguments, global, screen).await?;
    let live = read(&cloud, &scope, &known, screen).await?;
    let plan = plan::destroy(&scope, &live)?;
    let text =
        format!("Permanently delete these resources of the stack `{}` in account {}?", scope.stack(), scope.account());
    // Without a file nothing else says that this is the right stack.
    let word = arguments.stack.as_deref();
    let intent = Intent { plan: &plan, desired: &known };
    carry_out(intent, &cloud, Confirmation { text: &text, word }, &again, global, screen).await
}

/// A stack that is to be removed.
struct Opened {
    cloud: Cloud,
    scope: Scope,
    /// What it should have, as far as there is a file that says so.
    known: ResourceSet,
    /// The command that goes on after an interruption.
    again: String,
}

async fn open(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<Opened, Failure> {
    let Some(stack) = &arguments.stack else {
        let file = arguments.file.clone().unwrap_or_else(|| DEFAULT_FILE.into());
        let session = Session::open(&file, global, screen).await?;
        let known = session.desired(None);
        let again = format!("trailbell destroy {}", file.display());
        return Ok(Opened { cloud: session.cloud, scope: session.scope, known, again });
    };
    if !is_stack(stack) {
        return Err(Failure::usage(format!("`{stack}` is not a valid stack name"), STACK_FORM));
    }
    let region = region(global)?;
    let cloud = Cloud::open(global, &region).await?;
    let scope = scope(&cloud, stack, &region, screen).await?;
    let again = format!("trailbell destroy --stack {stack} --region {region}");
    Ok(Opened { cloud, scope, known: ResourceSet::new(), again })
}
