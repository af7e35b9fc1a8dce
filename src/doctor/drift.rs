//! Whether the account is as the stack file describes: the plan, in one line.

use super::HealthCheck;
use crate::plan::{Extra, Plan, Refusal};
use crate::provider::ProviderError;
use crate::words::shortened;

/// What came of planning.
#[derive(Clone, Debug)]
pub enum Planning {
    /// A plan.
    Made(Box<Plan>),
    /// Something must not be done.
    Refused(Vec<Refusal>),
    /// The account could not be read.
    NotRead(ProviderError),
}

/// How many differences are named.
const SHOWN: usize = 5;

/// Whether apply would change something; `is_applied` when the stack has something in the account.
#[must_use]
pub fn drift(planning: &Planning, is_applied: bool) -> HealthCheck {
    let (id, title) = ("drift", "drift");
    let plan = match planning {
        Planning::Made(plan) => plan,
        Planning::Refused(refusals) => {
            let what: Vec<&str> = refusals.iter().map(|one| one.what.as_str()).collect();
            let fix = refusals.first().map(|one| one.fix.clone()).unwrap_or_default();
            return HealthCheck::failed(id, title, format!("apply is refused: {}", what.join("; ")), fix);
        }
        Planning::NotRead(error) => return HealthCheck::not_asked(id, title, error),
    };
    if plan.is_settled() {
        return HealthCheck::ok(id, title, "the account is as the stack file describes");
    }
    if !is_applied && !plan.extras.iter().any(Extra::is_open) {
        let number = plan.steps.len();
        return HealthCheck::ok(id, title, format!("not applied yet: `trailbell apply` creates {number} resources"));
    }
    let steps = plan.steps.iter().map(|step| step.change.difference());
    let extras = plan.extras.iter().filter(|one| one.is_open()).map(|one| format!("unmanaged: {}", one.address));
    let all: Vec<String> = steps.chain(extras).collect();
    let shown = shortened(all, SHOWN).join("; ");
    let fix = "`trailbell plan` shows the differences, and `trailbell apply` fixes them";
    HealthCheck::failed(id, title, shown, fix)
}
