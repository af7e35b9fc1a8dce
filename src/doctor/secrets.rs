//! Whether the secret of each destination is available, and is the one in use.

use super::HealthCheck;
use super::drift::Planning;
use crate::name::DestinationId;
use crate::plan::Change;
use crate::resource::{Id, ResourceSet};

/// What came of the reference of a destination's secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// It was read, and has the form of a secret of Slack's.
    Read,
    /// A person has to be asked, and a look asks no one.
    Prompt,
    /// It is not available or not usable, and why.
    Missing(String),
}

/// The fields that hold a secret.
const SEALED: [&str; 2] = ["api_key_value", "invocation_endpoint"];

/// Whether the secret of a destination resolves and is the one in use; `reference` is where it comes from.
#[must_use]
pub fn secret(
    to: &DestinationId,
    reference: &str,
    resolution: &Resolution,
    planning: &Planning,
    managed: &ResourceSet,
) -> HealthCheck {
    let (id, title) = (format!("secret/{to}"), format!("secret of {to}"));
    match resolution {
        Resolution::Missing(why) => {
            let fix =
                format!("make {reference} available where trailbell runs, or change the reference in the stack file");
            return HealthCheck::failed(&id, &title, why, fix);
        }
        Resolution::Prompt => {
            let fix = "use `${ssm:NAME}`, `${secretsmanager:NAME}`, or `${env:NAME}` to have it compared";
            return HealthCheck::not_known(
                &id,
                &title,
                "a person types it, so it is not compared with the one in use",
                fix,
            );
        }
        Resolution::Read => {}
    }
    let is_its = |id: &Id| matches!(id, Id::Connection(name) | Id::ApiDestination(name) if *name == to.to_string());
    if !managed.keys().any(|address| is_its(&address.id)) {
        return HealthCheck::ok(&id, &title, format!("{reference} resolves; not applied yet"));
    }
    let Planning::Made(plan) = planning else {
        return HealthCheck::not_known(
            &id,
            &title,
            "there is no plan to compare it with the one in use",
            "fix the drift first",
        );
    };
    let differs = plan.steps.iter().any(|step| match &step.change {
        Change::Update { fields, .. } | Change::Replace { fields, .. } => {
            is_its(&step.change.address().id) && fields.iter().any(|field| SEALED.contains(&field.path.as_str()))
        }
        Change::Create { .. } | Change::Delete { .. } => false,
    });
    if differs {
        let detail = format!("{reference} resolves, and another secret is in use in the account");
        return HealthCheck::failed(
            &id,
            &title,
            detail,
            "`trailbell apply` writes the secret that the reference resolves to",
        );
    }
    HealthCheck::ok(&id, &title, format!("{reference} resolves, and is the one in use"))
}
