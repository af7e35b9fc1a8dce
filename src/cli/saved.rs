//! The file of a saved plan: written whole or not at all, readable by its owner alone, and known by its content.
//!
//! What it holds is `plan::SavedPlan`. Users: `plan --out` and `apply`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::Failure;
use crate::file::{self, FileError};
use crate::plan::{Plan, PlanContext, SavedPlan, UnusablePlan};

/// Far more than the plan of the largest stack.
const MAX_BYTES: u64 = 16 << 20;
/// So many bytes of a file say whether it is a saved plan.
const HEAD_BYTES: u64 = 1024;
/// So many differences are told one by one.
const SHOWN: usize = 20;

/// Where a plan will be saved: checked before anything else is done.
pub(super) struct PlanFile<'a> {
    /// As a person named it.
    named: &'a Path,
    /// Where it is: links are followed, and stay.
    path: PathBuf,
}

impl<'a> PlanFile<'a> {
    /// A new file, or one that holds an earlier plan.
    pub(super) fn new(named: &'a Path) -> Result<Self, Failure> {
        let path = match file::head(named, HEAD_BYTES) {
            Ok(head) if SavedPlan::is_begun_in(&String::from_utf8_lossy(&head)) => fs::canonicalize(named),
            Ok(_) => return Err(not_replaced(named, "it exists and is not a saved plan")),
            Err(error) if error.is_absent() && fs::symlink_metadata(named).is_err() => Ok(named.to_owned()),
            Err(error) => return Err(not_replaced(named, &error.to_string())),
        };
        Ok(Self { named, path: path.map_err(|error| not_replaced(named, &error.to_string()))? })
    }

    /// Saves a plan of a stack file.
    pub(super) fn save(&self, plan: &Plan, stack_file: &Path, context: PlanContext<'_>) -> Result<(), Failure> {
        let Some(stack_file) = stack_file.to_str() else {
            return Err(Failure::usage(
                format!("cannot save a plan of `{}`: its path is not UTF-8", stack_file.display()),
                "rename the stack file",
            ));
        };
        let written = serde_json::to_string_pretty(&SavedPlan::new(plan, stack_file, context)).map_err(io::Error::from);
        written.and_then(|text| self.replace(&format!("{text}\n"))).map_err(|error| {
            Failure::other(
                format!("cannot save the plan in `{}`: {error}", self.named.display()),
                "check the folder's permissions and free space",
            )
        })
    }

    /// A temporary file of this kind is readable by its owner alone.
    fn replace(&self, text: &str) -> io::Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut beside = NamedTempFile::new_in(folder.unwrap_or_else(|| Path::new(".")))?;
        beside.write_all(text.as_bytes())?;
        beside.as_file().sync_all()?;
        beside.persist(&self.path).map(drop).map_err(|error| error.error)
    }
}

fn not_replaced(named: &Path, why: &str) -> Failure {
    Failure::usage(
        format!("cannot save the plan in `{}`: {why}", named.display()),
        "nothing was written; name a new file, or one that `plan --out` wrote",
    )
}

/// The saved plan in a file; nothing when it is another file, which is read as a stack file.
pub(super) fn read(path: &Path) -> Result<Option<SavedPlan>, Failure> {
    let text = match file::text(path, MAX_BYTES) {
        Ok(text) => text,
        // Why it is no stack file either is said by who reads one.
        Err(
            FileError::System(_) | FileError::NotRegular(_) | FileError::NotText { .. } | FileError::TooLong { .. },
        ) => {
            return Ok(None);
        }
    };
    let Some(saved) = SavedPlan::read(&text).map_err(|why| unusable(path, &why))? else { return Ok(None) };
    if !Path::new(saved.stack_file()).exists() {
        return Err(Failure::usage(
            format!("the saved plan `{}` is of `{}`, which does not exist", path.display(), saved.stack_file()),
            "nothing was changed; run apply in the folder in which the plan was saved, with the same stack file",
        ));
    }
    Ok(Some(saved))
}

/// Why a saved plan is refused.
pub(super) fn unusable(path: &Path, why: &UnusablePlan) -> Failure {
    let hint = match why {
        UnusablePlan::Output => "nothing was changed; save a plan with `trailbell plan --out FILE`",
        UnusablePlan::NewerFormat(_) | UnusablePlan::OtherVersion(_) => {
            "nothing was changed; use that version of trailbell, or plan again with this one"
        }
        UnusablePlan::Damaged(_) | UnusablePlan::WrongFormat(_) => "nothing was changed; plan again",
        UnusablePlan::Elsewhere { .. } => {
            "nothing was changed; use the credentials and the stack file that the plan was made with, or plan again"
        }
    };
    Failure::refusal(format!("cannot apply the saved plan `{}`: {why}", path.display()), hint)
}

/// That a new plan is not the saved one; `newest` is the number of the newest run.
pub(super) fn stale(path: &Path, saved: &SavedPlan, differences: &[String], newest: Option<u32>) -> Failure {
    let mut lines: Vec<String> = differences.iter().take(SHOWN).map(|one| format!("\n  {one}")).collect();
    if let Some(more) = differences.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        lines.push(format!("\n  and {more} more"));
    }
    let suffix = saved.suffix().map(|one| format!(" --suffix {one}")).unwrap_or_default();
    let again = format!("trailbell plan --out {} {}{suffix}", path.display(), saved.stack_file());
    Failure::refusal(
        format!("the saved plan `{}` is out of date:{}", path.display(), lines.concat()),
        format!("nothing was changed; {}. Plan again: `{again}`", what_changed(saved.newest_run(), newest)),
    )
}

/// Whether someone used trailbell since a plan was saved.
fn what_changed(then: Option<u32>, now: Option<u32>) -> String {
    let since = then.zip(now).map(|(then, now)| now.checked_sub(then));
    match since {
        None => "the files or the account have changed since".to_owned(),
        Some(None) => "the stack was destroyed since, and its record of runs began anew".to_owned(),
        Some(Some(0)) => {
            "there was no run since: the files have changed, or the account was changed by hand".to_owned()
        }
        Some(Some(1)) => "there was 1 run since, which `trailbell history` shows".to_owned(),
        Some(Some(more)) => format!("there were {more} runs since, which `trailbell history` shows"),
    }
}
