//! Findings about the alerts of a stack: ids, parameter values, and events that happen elsewhere.

use crate::alert::{Alert, HeardEvents};
use crate::blueprint::{Blueprint, parameters};
use crate::check::blueprint::{check_filled, check_id, check_values};
use crate::cloudtrail::regions::{Unheard, unheard};
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::name::{NOTIFIER, RELAY, partition_of};
use crate::pattern::Way;
use crate::stack::AlertUse;

/// Findings about one alert, its blueprint known.
pub(super) fn alert(at: usize, alert: &AlertUse, blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    let pointer = format!("/alerts/{at}");
    if let Some(id) = &alert.id {
        findings.extend(check_id(id, document, &format!("{pointer}/id")));
    }
    let id = alert.id.as_deref().unwrap_or(&blueprint.blueprint);
    if [RELAY, NOTIFIER].contains(&id) {
        let what = format!("`{id}` is the id of something of trailbell's own");
        let finding = document.finding(&pointer, Code::BadId, what);
        findings.push(finding.help("give the alert another `id`"));
    }
    findings.extend(check_values(blueprint, &alert.with, document, &format!("{pointer}/with"), true));
    if findings.is_empty() && !alert.with.is_empty() {
        let values = parameters::values(blueprint, &alert.with);
        findings.extend(check_filled(blueprint, &values, document, &format!("{pointer}/with")));
    }
    findings
}

/// Findings about ids that stand twice.
pub(super) fn unique_ids(alerts: &[Alert], places: &[usize], document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, alert) in alerts.iter().enumerate() {
        if let Some(first) = alerts[..index].iter().position(|other| other.id == alert.id) {
            let message = format!("two alerts are called `{}`", alert.id);
            let finding = document.finding(&format!("/alerts/{}", places[index]), Code::DuplicateAlert, message);
            let help =
                format!("item {} of `alerts` has that id too; give one of them another with `id:`", places[first] + 1);
            findings.push(finding.help(help));
        }
    }
    findings
}

/// Findings about events that happen where the stack does not hear them.
pub(super) fn region(
    at: usize,
    alert: &Alert,
    region: &str,
    account: Option<&str>,
    document: &Document,
) -> Vec<Finding> {
    let Some(Ok(pattern)) = alert.events().map(HeardEvents::judge) else { return Vec::new() };
    let pointer = format!("/alerts/{at}");
    let finding = |code, message: String| document.finding(&pointer, code, message);
    let mut findings = Vec::new();
    // A rule hears its own region and account, whatever its pattern says.
    for (fields, own, what) in [
        (["region", "detail.awsRegion"], Some(region), "region"),
        (["account", "detail.recipientAccountId"], account, "account"),
    ] {
        let is_other = |own: &str| {
            let other =
                |way: Way| fields.iter().any(|field| way.demand(field).is_some_and(|one| !one.accepts_text(own)));
            pattern.ways().all(other)
        };
        if let Some(own) = own.filter(|own| is_other(own)) {
            let message = format!("`{}` wants events of another {what}, and the stack hears those of {own}", alert.id);
            let help = format!("leave the {what} out of the pattern, or move the alert to a stack there");
            findings.push(finding(Code::OtherRegion, message).help(help));
        }
    }
    for unheard in unheard(&pattern, region, partition_of(region)) {
        findings.push(match unheard {
            Unheard::Elsewhere { sources } => {
                let (source, regions) = &sources[0];
                let message = format!("`{}` waits in {region} for events of `{source}`, which never come there", alert.id);
                let finding = finding(Code::OtherRegion, message).expected(format!("a stack in {}", regions.join(" or ")));
                finding.help("move the alert to a stack with that `region`; the service writes its events there only")
            }
            Unheard::NoRootSignIns => {
                let message =
                    format!("`{}` waits in {region} for sign-ins of the root user, which happen in us-east-1", alert.id);
                finding(Code::OtherRegion, message).help("move the alert to a stack in us-east-1")
            }
            Unheard::SomeSignIns => {
                let message = format!("`{}` hears a part of the sign-ins only", alert.id);
                let help = "sign-ins happen in the region of the page that was used: root in us-east-1, users in us-east-1, \
                            us-east-2, eu-north-1, ap-southeast-2 or their own; install the alert in a stack for each, and \
                            list their regions as `region` in the pattern to say that this is meant";
                finding(Code::SignInRegion, message).help(help)
            }
        });
    }
    findings
}
