//! Which stack a command is about: that of a file, or one by its name, for which no file is needed.

use std::path::PathBuf;

use clap::Args;

use super::cloud::Cloud;
use super::screen::Screen;
use super::session::{Session, identified, region};
use super::{Failure, Global};
use crate::name::{STACK_FORM, Scope, is_stack};
use crate::resource::ResourceSet;
use crate::stack::{DEFAULT_FILE, Secrets};

/// The argument that repeats the suffix in another command.
pub(super) fn suffix(global: &Global) -> String {
    global.suffix.as_ref().map_or_else(String::new, |text| format!(" --suffix {text}"))
}

/// A stack, by file or by name.
#[derive(Args, Clone, Debug)]
pub(super) struct StackChoice {
    /// The stack file [default: trailbell.yaml]
    #[arg(value_name = "STACK", conflicts_with = "stack")]
    file: Option<PathBuf>,
    /// Name of the stack, if the file no longer exists; requires --region
    #[arg(long, value_name = "NAME")]
    pub(super) stack: Option<String>,
}

/// A stack that was found by file or by name.
pub(super) struct ChosenStack {
    pub(super) cloud: Cloud,
    pub(super) scope: Scope,
    /// The caller's ARN.
    pub(super) caller: String,
    /// What it should have, as far as there is a file that says so.
    pub(super) known: ResourceSet,
}

impl StackChoice {
    /// Opens it.
    pub(super) async fn open(&self, global: &Global, screen: &Screen) -> Result<ChosenStack, Failure> {
        let Some(stack) = &self.stack else {
            let session = Session::unnamed(&self.file(), global, screen).await?;
            let known = session.desired(&Secrets::default());
            return Ok(ChosenStack { cloud: session.cloud, scope: session.scope, caller: session.caller, known });
        };
        if global.suffix.is_some() {
            return Err(Failure::usage("--suffix has no meaning with --stack", "give the whole name with --stack"));
        }
        if !is_stack(stack) {
            return Err(Failure::usage(format!("`{stack}` is not a valid stack name"), STACK_FORM));
        }
        let region = region(global, "--stack")?;
        let cloud = Cloud::open(global, &region).await?;
        let (scope, caller) = identified(&cloud, stack, &region, screen).await?;
        Ok(ChosenStack { cloud, scope, caller, known: ResourceSet::new() })
    }

    /// The arguments that name it in another command.
    pub(super) fn arguments(&self, scope: &Scope, global: &Global) -> String {
        match &self.stack {
            Some(stack) => format!("--stack {stack} --region {}", scope.region()),
            None => format!("{}{}", self.file().display(), suffix(global)),
        }
    }

    fn file(&self) -> PathBuf {
        self.file.clone().unwrap_or_else(|| DEFAULT_FILE.into())
    }
}
