//! Everything that can go wrong, as a message, a fix and an exit code.

use std::process::ExitCode;

use super::Output;
use super::screen::Screen;
use crate::apply::Report;
use crate::diagnostic::Finding;
use crate::name::ScopeError;
use crate::output::Versioned;
use crate::output::failure::{ErrorResult, FailureReason, FailureResult, OwnError};
use crate::plan::{PlanError, Refusal};
use crate::provider::ProviderError;
use crate::redact;
use crate::render::{self, style::plain};

/// The exit codes, for `--help`.
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0  success
  1  failed: findings in a file, an error from AWS, an alert that was not delivered
  2  usage: invalid arguments, a file that does not exist, a prompt without a terminal
  3  changes pending (plan --detailed-exitcode), or something is not as it should be (status, doctor)
  4  a blueprint's test failed
  5  refused: an unmanaged resource is in the way, the wrong account, a saved plan that is out of date, or you declined
  6  accepted, not confirmed: no one confirmed that the test messages arrived (verify without --accept-unconfirmed)
  129  the terminal was closed (SIGHUP)
  130  interrupted with Ctrl-C (SIGINT)
  143  terminated (SIGTERM), as pipelines cancel a run";

/// How a command ended. Stable; scripts depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// Everything is as it should be.
    Fine,
    /// It was tried and failed.
    Failed,
    /// It was not tried: the command line or its files are not usable.
    Usage,
    /// There are changes to apply.
    ChangesPending,
    /// A blueprint's own test failed.
    CaseFailed,
    /// It was not done on purpose.
    Refused,
    /// Everything was accepted, and no one has confirmed that it arrived.
    Unconfirmed,
    /// Ctrl-C, as shells number it.
    Interrupted,
    /// SIGTERM, as shells number it.
    Terminated,
    /// SIGHUP, as shells number it.
    HungUp,
}

impl ExitStatus {
    /// The number.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::ChangesPending => 3,
            Self::CaseFailed => 4,
            Self::Refused => 5,
            Self::Unconfirmed => 6,
            Self::Interrupted => 130,
            Self::Terminated => 143,
            Self::HungUp => 129,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(code: ExitStatus) -> Self {
        Self::from(code.number())
    }
}

/// Why a command did not do what it should.
#[derive(Clone, Debug)]
pub enum Failure {
    /// Files have findings.
    Findings(Vec<Finding>),
    /// The command line does not make sense.
    Usage {
        /// What.
        message: String,
        /// The fix.
        hint: String,
    },
    /// It must not be done.
    Refused(Vec<Refusal>),
    /// It must not be done here, as it was asked for.
    Refusal {
        /// What.
        message: String,
        /// The fix.
        hint: String,
    },
    /// A person said no.
    Declined,
    /// A person pressed Ctrl-C at a prompt.
    Interrupted,
    /// The cloud failed.
    Provider(ProviderError),
    /// Some changes failed; the report was shown.
    Incomplete(Box<Report>),
    /// Something else failed.
    Other {
        /// What.
        message: String,
        /// The fix.
        hint: String,
    },
}

impl Failure {
    /// A wrong command line.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { message: redact::message(&message.into()), hint: hint.into() }
    }

    /// Anything without a kind of its own.
    pub fn other(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Other { message: redact::message(&message.into()), hint: hint.into() }
    }

    /// Something that is not done on purpose.
    pub fn refusal(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refusal { message: redact::message(&message.into()), hint: hint.into() }
    }

    /// The exit code.
    #[must_use]
    pub fn code(&self) -> ExitStatus {
        match self {
            Self::Findings(_) | Self::Provider(_) | Self::Incomplete(_) | Self::Other { .. } => ExitStatus::Failed,
            Self::Usage { .. } => ExitStatus::Usage,
            Self::Refused(_) | Self::Refusal { .. } | Self::Declined => ExitStatus::Refused,
            Self::Interrupted => ExitStatus::Interrupted,
        }
    }

    /// Tells the person, or the machine.
    pub fn print(&self, output: Output, screen: &Screen) {
        match output {
            Output::Text => screen.note(&self.text(screen)),
            // The last line of the event stream already is the report.
            Output::Json if matches!(self, Self::Incomplete(_)) => {}
            Output::Json => screen.json_line(&Versioned::new(self.result())),
        }
    }

    fn text(&self, screen: &Screen) -> String {
        let paint = screen.paint_err;
        let error = |message: &str, hint: &str| {
            let hint =
                if hint.is_empty() { String::new() } else { format!("\n  {} {}", paint.dim("hint:"), plain(hint)) };
            format!("{} {}{hint}", paint.bad("error:"), plain(message))
        };
        match self {
            Self::Findings(findings) => render::findings::text(findings, paint),
            Self::Usage { message, hint } | Self::Other { message, hint } | Self::Refusal { message, hint } => {
                error(message, hint)
            }
            Self::Refused(refusals) => render::plan::refusals(refusals, paint),
            Self::Declined | Self::Interrupted => "Nothing was changed.".to_owned(),
            Self::Provider(failed) => error(&failed.to_string(), failed.hint.as_deref().unwrap_or_default()),
            Self::Incomplete(_) => String::new(),
        }
    }

    fn result(&self) -> FailureResult {
        let error =
            |kind, message: &str, hint: &str| FailureReason::Error { error: ErrorResult::own(kind, message, hint) };
        let reason = match self {
            Self::Findings(findings) => FailureReason::Findings(findings.as_slice().into()),
            Self::Refused(refusals) => FailureReason::Refused { refusals: refusals.clone() },
            Self::Usage { message, hint } => error(OwnError::Usage, message, hint),
            Self::Other { message, hint } => error(OwnError::Failed, message, hint),
            Self::Refusal { message, hint } => error(OwnError::Refused, message, hint),
            Self::Declined | Self::Interrupted => error(OwnError::Declined, "nothing was changed", ""),
            Self::Incomplete(_) => error(OwnError::Incomplete, "not all changes were made", ""),
            Self::Provider(failed) => FailureReason::Error { error: failed.into() },
        };
        FailureResult { reason, exit_code: self.code().number() }
    }
}

impl From<Vec<Finding>> for Failure {
    fn from(findings: Vec<Finding>) -> Self {
        Self::Findings(findings)
    }
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        Self::Provider(error)
    }
}

impl From<ScopeError> for Failure {
    fn from(error: ScopeError) -> Self {
        Self::other(error.to_string(), "")
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Refused(refusals) => Self::Refused(refusals),
            PlanError::Cycle(cycle) => Self::other(cycle.to_string(), "report this bug and include the stack file"),
        }
    }
}
