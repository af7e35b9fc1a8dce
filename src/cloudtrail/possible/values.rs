//! What the fields of a record can hold, against what the pattern wants there.

use super::super::wants_records;
use super::{Impossibility, ImpossibilityKind, did_you_mean, texts};
use crate::cloudtrail::fields::{self, Holds};
use crate::diagnostic::nearest;
use crate::pattern::{Branch, Requirement};

/// What is in a field cannot be of the kind the pattern wants.
pub(super) fn kinds(branch: Branch) -> Vec<Impossibility> {
    let are_records = wants_records(branch);
    let mut found = Vec::new();
    for demand in branch.demands() {
        let Some(row) = fields::general(demand.path(), are_records) else { continue };
        let absence_fits = (demand.accepts_absence() || demand.accepts_null()) && !row.always;
        let (fits, kind) = match row.holds {
            Some(Holds::Boolean) => {
                (demand.accepts_boolean(true) || demand.accepts_boolean(false), "`true` or `false`, without quotes")
            }
            Some(Holds::Number) => (demand.can_be_number(), "a number, without quotes"),
            Some(_) => (demand.can_be_text(), "a text, in quotes"),
            None if row.is_object => (false, "an object; compare a field inside it"),
            None => (true, ""),
        };
        if !fits && !absence_fits {
            let what = match (demand.accepts_absence(), row.always) {
                (true, true) => format!("`{}` is in every event", row.path),
                _ => format!("the value of `{}` is {kind}", row.path),
            };
            let help = format!("the pattern expects {}", demand.wanted());
            found.push(Impossibility::new(ImpossibilityKind::Never, &row.path, None, what).help(help));
        }
    }
    found
}

/// Names of fields are told apart by their capitals.
pub(super) fn spellings(branch: Branch) -> Vec<Impossibility> {
    if !wants_records(branch) {
        return Vec::new();
    }
    let wrong = branch.demands().filter(|demand| !demand.accepts_absence()).filter_map(|demand| {
        let meant = fields::spelled(demand.path())?;
        let what = format!("records do not have a field `{}`", demand.path());
        Some(Impossibility::new(ImpossibilityKind::Never, demand.path(), None, what).help(did_you_mean(Some(meant))))
    });
    wrong.collect()
}

/// Fields of which the documentation lists all values.
/// Sources: CloudTrail user guide, "CloudTrail record contents" and "CloudTrail userIdentity element".
const LISTS: [(&str, &[&str]); 3] = [
    (
        "detail.eventType",
        &[
            "AwsApiCall",
            "AwsServiceEvent",
            "AwsConsoleAction",
            "AwsConsoleSignIn",
            "AwsVpceEvents",
            "AwsVpceEvent",
            "AwsCloudTrailInsight",
        ],
    ),
    ("detail.eventCategory", &["Management", "Data", "NetworkActivity", "Insight"]),
    (
        "detail.userIdentity.type",
        &[
            "Root",
            "IAMUser",
            "AssumedRole",
            "Role",
            "FederatedUser",
            "Directory",
            "AWSAccount",
            "AWSService",
            "IdentityCenterUser",
            "SAMLUser",
            "WebIdentityUser",
            "Unknown",
        ],
    ),
];

/// All values that a field can have, where the documentation lists them; none for other fields.
#[must_use]
pub fn listed(field: &str) -> &'static [&'static str] {
    LISTS.iter().find(|(name, _)| *name == field).map_or(&[], |(_, values)| values)
}

pub(super) fn closed_lists(branch: Branch) -> Vec<Impossibility> {
    let mut found = Vec::new();
    for (field, values) in LISTS {
        let Some(demand) = branch.demand(field).filter(|_| wants_records(branch)) else { continue };
        for text in demand.entries().filter_map(Requirement::text).filter(|text| !values.contains(text)) {
            let what = format!("`{text}` is not a known value of `{field}`");
            let near = did_you_mean(nearest(text, values));
            let help = near.unwrap_or_else(|| format!("known values: {}", values.join(", ")));
            found.push(Impossibility::new(ImpossibilityKind::UnknownValue, field, Some(text), what).help(help));
        }
    }
    found
}

/// An address range is an operator, not a text.
pub(super) fn places(branch: Branch) -> Vec<Impossibility> {
    let field = "detail.sourceIPAddress";
    let mut found = Vec::new();
    for text in texts(branch, field).unwrap_or_default() {
        let is_range = text.split_once('/').is_some_and(|(front, bits)| {
            front.parse::<std::net::IpAddr>().is_ok() && bits.bytes().all(|byte| byte.is_ascii_digit())
        });
        if is_range {
            let what = format!("no call has the source address `{text}`: it is an address range");
            found.push(
                Impossibility::new(ImpossibilityKind::Never, field, Some(text), what)
                    .help(format!("write `{{ cidr: {text} }}`")),
            );
        }
    }
    found
}
