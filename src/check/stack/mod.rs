//! A stack file and every blueprint it names: loading, with all findings at once.
//!
//! `written` judges the file itself, `alerts` each alert in it, `together` what alerts do to each other, `others`
//! what other people can do to them, `suppressed` what it suppresses of them, `threshold` how many of them make a message, `collected` those
//! that are written into a log group,
//! `routed` where their messages go, and `by_account` where those of some accounts go. `slack` judges the destinations, `topics` those that are not Slack, `host` where messages and secrets are sent.

mod accounts;
mod alarm_topic;
mod alerts;
mod by_account;
mod collected;
mod digest;
mod host;
mod others;
mod packs;
mod region;
mod required;
mod routed;
mod slack;
mod suppressed;
mod threshold;
mod together;
mod topics;
mod watched;
mod written;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

use crate::alert::{Addressee, Alert, Home, Installation, destination_forms};
use crate::blueprint::{Loaded, catalog, parameters};
use crate::diagnostic::{Code, Finding, has_errors};
use crate::document::{Document, Reach};
use crate::message::Posting;
use crate::stack::{AlertState, NamedDestination, RESERVED, Stack, lifetime, topic};

pub use host::{check_webhook, is_trusted};

/// Loads a parsed stack file; blueprint files are read relative to `folder`.
pub(super) fn load(
    document: Document,
    folder: PathBuf,
    suffix: Option<&str>,
    today: Option<Date>,
) -> Result<Installation, Vec<Finding>> {
    let mut typed = document.typed::<Stack>(RESERVED);
    if let (Some(stack), Some(suffix)) = (&mut typed.value, suffix) {
        stack.stack = format!("{}-{suffix}", stack.stack);
    }
    let mut later = written::literal_secrets(&document);
    let mut destinations = Vec::new();
    let mut all = Installed::default();
    if let Some(stack) = &typed.value {
        later.extend(written::check(stack, &document));
        later.extend(topics::check(stack, &document));
        destinations = slack::destinations(&stack.slack);
        watched::second_path(stack, &mut destinations);
        let loading = Loading { home: &home(stack, &destinations), document: &document, folder: &folder, today };
        all = install_all(stack, &loading, &mut later);
    }
    let findings = typed.with(later);
    match typed.value {
        Some(stack) if !has_errors(&findings) => Ok(Installation {
            requirements: stack.requirements(),
            name: stack.stack,
            region: stack.region,
            account: stack.account,
            accounts: stack.accounts,
            account_names: stack.account_names,
            forwarded: stack.forwarded,
            expires: stack.expires.as_deref().and_then(lifetime),
            destinations,
            topics: topic::topics(&stack.sns),
            alerts: all.alerts,
            disabled: all.disabled,
            self_watch: stack.self_watch,
            unmanaged: stack.unmanaged,
            quotas: stack.quotas,
            folder,
            document: Arc::new(document),
            warnings: findings,
        }),
        _ => Err(findings),
    }
}

/// Where the alerts of a stack live, with the destinations that have no findings.
fn home(stack: &Stack, destinations: &[NamedDestination]) -> Home {
    Home {
        stack: stack.stack.clone(),
        region: stack.region.clone(),
        account: stack.account.clone(),
        accounts: stack.accounts.clone(),
        account_names: stack.account_names,
        forwarded: stack.forwarded.clone(),
        destinations: destination_forms(destinations),
        topics: topic::topics(&stack.sns),
    }
}

/// What alerts are loaded with.
struct Loading<'a> {
    home: &'a Home,
    document: &'a Document,
    folder: &'a Path,
    today: Option<Date>,
}

/// The alerts of a stack file.
#[derive(Default)]
struct Installed {
    alerts: Vec<Alert>,
    disabled: Vec<Alert>,
}

fn install_all(stack: &Stack, loading: &Loading<'_>, findings: &mut Vec<Finding>) -> Installed {
    let document = loading.document;
    let (mut installed, mut places) = (Vec::new(), Vec::new());
    let mut disabled = Vec::new();
    let mut elsewhere = packs::Elsewhere::default();
    let mut unsendable = Vec::new();
    for placed in packs::placed(stack, document, findings) {
        let at = placed.at;
        match find_blueprint(&placed.alert.blueprint, at, document, loading.folder) {
            Ok(mut loaded) => {
                findings.extend(loaded.warnings.iter().cloned());
                findings.extend(accounts::named_by_notifier(&mut loaded.blueprint, &placed.alert, stack, document));
                findings.extend(alerts::alert(at, &placed.alert, &loaded.blueprint, stack, document));
                let alert = install(&placed, loaded, stack, loading, findings);
                if !placed.alert.enabled {
                    disabled.push((alert, at));
                    continue;
                }
                unsendable.extend(topics::unsendable(at, &alert));
                let about_region = alerts::region(at, &alert, stack, document);
                if elsewhere.takes(&placed, &about_region) {
                    continue;
                }
                findings.extend(about_region);
                installed.push(alert);
                places.push(at);
            }
            Err(more) => findings.extend(more),
        }
    }
    findings.extend(elsewhere.findings(&stack.region, document));
    findings.extend(topics::refused(&unsendable, document));
    let watching = watched::watching(stack, &installed, loading, findings);
    // They are no item of the list.
    places.extend(std::iter::repeat_n(stack.alerts.len(), watching.len()));
    installed.extend(watching);
    // What is disabled keeps its id, so that it can be enabled again.
    let (disabled, places_of_disabled): (Vec<Alert>, Vec<usize>) = disabled.into_iter().unzip();
    let all: Vec<Alert> = installed.iter().chain(&disabled).cloned().collect();
    findings.extend(alerts::unique_ids(&all, &[places.as_slice(), &places_of_disabled].concat(), document));
    let used: Vec<_> = all.iter().flat_map(Alert::destinations).collect();
    findings.extend(routed::check(stack, document));
    findings.extend(by_account::accounts(stack, &installed, document));
    findings.extend(routed::unused(&used, stack, document));
    findings.extend(together::check(stack, &installed, &places, document));
    findings.extend(others::check(stack, &installed, &places, document));
    findings.extend(alarm_topic::check(stack, &installed, &places, document));
    Installed { alerts: installed, disabled }
}

fn install(
    placed: &packs::Placed,
    loaded: Loaded,
    stack: &Stack,
    loading: &Loading<'_>,
    findings: &mut Vec<Finding>,
) -> Alert {
    let alert = &placed.alert;
    let id = alert.id.clone().unwrap_or_else(|| loaded.blueprint.blueprint.clone());
    let values = parameters::values(&loaded.blueprint, &alert.with);
    let severity = alert.severity.unwrap_or(loaded.blueprint.severity);
    let to = routed::destinations(placed.at, alert, severity, stack, loading.document, findings);
    let to = match loading.home.addressees(&to) {
        // There are findings, and nothing is sent.
        none if none.is_empty() => vec![Addressee::slack(Posting::sample())],
        some => some,
    };
    let installed = Alert::installed(id, loaded, values, to);
    let place = suppressed::AlertPlace {
        at: placed.at,
        is_of_pack: placed.pack.is_some(),
        stack,
        document: loading.document,
        today: loading.today,
    };
    let suppressions = suppressed::check(&alert.suppress, &installed, &place, findings);
    let is_staged = alert.state == Some(AlertState::Staged);
    // A staged alert sends no message, so no digest either.
    let digest = digest::check(&placed.alert, placed.at, &installed, loading.document, findings);
    let mut tuned = installed.tuned(alert.severity, suppressions).with_digest(digest.filter(|_| !is_staged));
    tuned.is_staged = is_staged;
    tuned.threshold = threshold::check(placed.at, alert, &tuned, stack, loading.document, findings);
    findings.extend(collected::check(placed.at, &tuned, stack, loading.document));
    tuned.by_account = by_account::groups(alert, &tuned.to, stack, loading.home);
    findings.extend(by_account::check(placed.at, &tuned, stack, loading.document));
    tuned
}

fn find_blueprint(name: &str, at: usize, document: &Document, folder: &Path) -> Result<Loaded, Vec<Finding>> {
    let pointer = format!("/alerts/{at}/blueprint");
    let is_path = name.starts_with("./") || name.starts_with("../") || name.starts_with('/');
    if is_path {
        let path = folder.join(name.strip_prefix("./").unwrap_or(name));
        let reach = match &document.reach {
            Reach::Own => Reach::Below(folder.to_owned()),
            further => further.clone(),
        };
        if !reach.allows(&path, folder) {
            let message = format!("`{name}` is outside of the stack file's folder");
            let finding = document.finding(&pointer, Code::OutsideFolder, message);
            return Err(vec![finding.help("move it into the folder, or allow it with `--allow-outside`")]);
        }
        if !path.exists() {
            let finding = document.finding(
                &pointer,
                Code::BlueprintNotFound,
                format!("the file `{}` does not exist", path.display()),
            );
            return Err(vec![finding.help("paths are relative to the stack file")]);
        }
        return super::blueprint_file(&path, reach).map_err(|findings| broken(findings, &pointer, document, name));
    }
    let Some(entry) = catalog::find(name) else {
        let entries = catalog::entries();
        let finding =
            document.finding(&pointer, Code::BlueprintNotFound, format!("there is no built-in blueprint `{name}`"));
        let finding = finding.suggest(name, entries.iter().map(catalog::CatalogEntry::name));
        let expected = "a name listed by `trailbell catalog`, or the path of a file, starting with `./`";
        return Err(vec![finding.expected(expected)]);
    };
    entry.load().map_err(|findings| broken(findings, &pointer, document, name))
}

fn broken(mut findings: Vec<Finding>, pointer: &str, document: &Document, name: &str) -> Vec<Finding> {
    findings.push(document.finding(pointer, Code::BlueprintInvalid, format!("the blueprint `{name}` has errors")));
    findings
}
