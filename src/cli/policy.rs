//! `trailbell policy`: the exact IAM policy of a stack, as JSON that IAM takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::screen::Screen;
use super::session::{Session, load};
use super::{ExitStatus, Failure, Global};
use crate::name::Scope;
use crate::permissions::{self, Breadth};
use crate::render;
use crate::resource::about::When;
use crate::stack::DEFAULT_FILE;

/// The longest managed policy, without white space (IAM user guide, "IAM and AWS STS quotas").
const LONGEST_MANAGED: usize = 6_144;

/// Arguments of `policy`.
#[derive(Args, Debug)]
#[command(after_help = "\
The policy is for the stack file as it is. It does not cover what other alerts need, or needed: --every-kind does.
Without `account` in the stack file, the credentials say which account it is.

Examples:
  trailbell policy
  trailbell policy plan > plan-policy.json
  trailbell policy apply verify destroy --every-kind")]
pub(super) struct Arguments {
    /// Commands that the policy allows
    #[arg(value_name = "COMMAND", value_enum, default_value = "apply")]
    uses: Vec<PolicyUse>,
    /// The stack file
    #[arg(long, value_name = "FILE", default_value = DEFAULT_FILE)]
    stack: PathBuf,
    /// Also allow what the stack would need with any other alerts, on any log group
    #[arg(long)]
    every_kind: bool,
}

/// A command that a policy allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PolicyUse {
    /// Plan, status, and history
    Plan,
    /// Apply and unlock, and everything that plan needs
    Apply,
    /// Adopt, and everything that plan needs
    Adopt,
    /// Verify, and everything that plan needs
    Verify,
    /// Doctor, and everything that plan needs
    Doctor,
    /// Redrive, and everything that plan needs
    Redrive,
    /// Destroy, and everything that plan needs
    Destroy,
}

impl PolicyUse {
    const fn when(self) -> When {
        match self {
            Self::Plan => When::Plan,
            Self::Apply => When::Apply,
            Self::Adopt => When::Adopt,
            Self::Verify => When::Verify,
            Self::Doctor => When::Doctor,
            Self::Redrive => When::Redrive,
            Self::Destroy => When::Destroy,
        }
    }
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let installation = load(&arguments.stack, global, screen)?;
    let scope = match &installation.account {
        Some(account) => Scope::offline(Some(account), &installation.region, &installation.name)?,
        None => Session::unnamed(&arguments.stack, global, screen).await?.scope,
    };
    let breadth = if arguments.every_kind { Breadth::EveryKind } else { Breadth::Exact };
    let uses: Vec<When> = arguments.uses.iter().map(|one| one.when()).collect();
    let text = render::permissions::policy(&permissions::policy(&installation, &scope, &uses, breadth));
    let length = text.chars().filter(|c| !c.is_whitespace()).count();
    if length > LONGEST_MANAGED {
        screen.note(&format!(
            "{} the policy has {length} characters without white space; a managed policy can have {LONGEST_MANAGED}: use an \
             inline policy of a role, or print the policy of each command and attach several",
            screen.paint_err.warn("note:")
        ));
    }
    screen.result(text.trim_end());
    Ok(ExitStatus::Fine)
}
