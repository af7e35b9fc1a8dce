//! Findings about the alerts of a stack: ids, parameter values, and events that happen elsewhere.

use super::watched::is_reserved;
use crate::alert::{Alert, ReceivedEvents};
use crate::blueprint::{Blueprint, parameters};
use crate::check::blueprint::{check_filled, check_id, check_values};
use crate::cloudtrail::regions::{Unreceived, reception};
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::name::{DIGEST, NOTIFIER, RELAY, partition_of};
use crate::pattern::{Branch, Demand};
use crate::stack::{AlertUse, Stack};

/// Findings about one alert, its blueprint known.
pub(super) fn alert(
    at: usize,
    alert: &AlertUse,
    blueprint: &Blueprint,
    stack: &Stack,
    document: &Document,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let pointer = format!("/alerts/{at}");
    if let Some(id) = &alert.id {
        findings.extend(check_id(id, document, &format!("{pointer}/id")));
    }
    let id = alert.id.as_deref().unwrap_or(&blueprint.blueprint);
    // The function of digests has this id.
    let is_of_digests = id == DIGEST && stack.alerts.iter().any(|one| one.digest.is_some());
    if [RELAY, NOTIFIER].contains(&id) || is_of_digests || is_reserved(id, stack) {
        let what = format!("the id `{id}` is reserved");
        let finding = document.finding(&pointer, Code::BadId, what);
        findings.push(finding.help("choose another `id` for the alert"));
    }
    findings.extend(check_values(blueprint, &alert.with, document, &format!("{pointer}/with"), true));
    if findings.is_empty() && !alert.with.is_empty() {
        let values = parameters::values(blueprint, &alert.with);
        findings.extend(check_filled(blueprint, &values, document, &format!("{pointer}/with")));
    }
    findings
}

/// Findings about ids that are twice.
pub(super) fn unique_ids(alerts: &[Alert], places: &[usize], document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, alert) in alerts.iter().enumerate() {
        if let Some(first) = alerts[..index].iter().position(|other| other.id == alert.id) {
            let message = format!("two alerts have the id `{}`", alert.id);
            let finding = document.finding(&format!("/alerts/{}", places[index]), Code::DuplicateAlert, message);
            let help =
                format!("item {} of `alerts` has this id too; set another `id` for one of them", places[first] + 1);
            findings.push(finding.help(help));
        }
    }
    findings
}

/// Findings about events that happen where the stack does not receive them.
pub(super) fn region(at: usize, alert: &Alert, stack: &Stack, document: &Document) -> Vec<Finding> {
    let Some(Ok(pattern)) = alert.events().map(ReceivedEvents::judge) else { return Vec::new() };
    let (region, forwarded) = (stack.region.as_str(), &stack.forwarded);
    let pointer = format!("/alerts/{at}");
    let finding = |code, message: String| document.finding(&pointer, code, message);
    let mut findings = Vec::new();
    // A rule receives its own region and account, and what is forwarded there, whatever its pattern says.
    for (fields, own, others, what) in [
        (["region", "detail.awsRegion"], Some(region), &forwarded.regions, "region"),
        (["account", "detail.recipientAccountId"], stack.account.as_deref(), &forwarded.accounts, "account"),
    ] {
        let is_other = |own: &str| {
            let fits =
                |demand: Demand| demand.accepts_text(own) || others.iter().any(|other| demand.accepts_text(other));
            let other = |branch: Branch| fields.iter().any(|field| branch.demand(field).is_some_and(|one| !fits(one)));
            pattern.branches().all(other)
        };
        if let Some(own) = own.filter(|own| is_other(own)) {
            let message =
                format!("`{}` matches events of another {what}, but the stack receives those of {own}", alert.id);
            let help = format!(
                "remove the {what} from the pattern, or move the alert to a stack there; if its events are forwarded to \
                this stack, list it in the stack file: `forwarded: {{ {what}s: […] }}`"
            );
            findings.push(finding(Code::OtherRegion, message).help(help));
        }
    }
    let received: Vec<&str> = std::iter::once(region).chain(forwarded.regions.iter().map(String::as_str)).collect();
    let reception = reception(&pattern, &received, partition_of(region));
    // An alert that fires for other events of its pattern is no error.
    let code = if reception.is_any_received { Code::DeadEntry } else { Code::OtherRegion };
    for unreceived in reception.unreceived {
        findings.push(match unreceived {
            Unreceived::Elsewhere { sources } => {
                let (source, regions) = &sources[0];
                let message =
                    format!("`{}` waits in {region} for events of `{source}`, which are never sent there", alert.id);
                let finding =
                    finding(code, message).expected(format!("a stack in {}", regions.join(" or ")));
                finding.help(format!(
                    "move the alert to a stack in that `region`, the only place where the service sends its events; if they \
                    are forwarded to this stack, add `forwarded: {{ regions: [{}] }}` to the stack file",
                    regions[0]
                ))
            }
            Unreceived::NoRootSignIns => {
                let message =
                    format!("`{}` waits in {region} for root user sign-ins, which are recorded in us-east-1", alert.id);
                finding(code, message).help(
                    "move the alert to a stack in us-east-1; if they are forwarded to this stack, add `forwarded: { \
                    regions: [us-east-1] }` to the stack file",
                )
            }
            Unreceived::SomeSignIns => {
                let message = format!("`{}` receives only some of the sign-ins", alert.id);
                let help = "a sign-in is recorded in the region of the sign-in page: root in us-east-1, users in \
                    us-east-1, us-east-2, eu-north-1, ap-southeast-2, or their own region; install the alert in a \
                    stack for each region, and list the regions as `region` in the pattern to confirm that this is \
                    intended";
                finding(Code::SignInRegion, message).help(help)
            }
        });
    }
    findings
}
