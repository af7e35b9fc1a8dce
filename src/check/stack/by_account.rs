//! Findings about `to: { accounts: … }`: the accounts, and alerts whose messages cannot be sent by account.

use std::collections::BTreeSet;

use super::routed::known;
use crate::alert::{AccountGroup, Addressee, Alert, Home};
use crate::compile::of_alert;
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::name::{DestinationId, Scope, is_account};
use crate::pattern::{DEFAULT_QUOTA, LONGEST};
use crate::resource::Resource;
use crate::stack::{AlertUse, Stack};

/// The fix for an alert that cannot be sent by account.
const OWN_TO: &str = "add `to` to the alert: its messages then go to the same destinations for all accounts";

/// The accounts for which the messages of an alert go somewhere else than to `base`. Those with the same destinations are one group;
/// those with the destinations of all others are none.
pub(super) fn groups(written: &AlertUse, base: &[Addressee], stack: &Stack, home: &Home) -> Vec<AccountGroup> {
    if written.to.is_some() {
        return Vec::new();
    }
    let ids = |to: &[Addressee]| to.iter().map(|one| one.id.clone()).collect::<BTreeSet<DestinationId>>();
    let mut groups: Vec<AccountGroup> = Vec::new();
    for route in &stack.to.accounts {
        let mut wanted = route.to.ids();
        wanted.retain(|id| known(stack).contains(id));
        let to = home.addressees(&wanted);
        if to.is_empty() || ids(&to) == ids(base) {
            continue;
        }
        match groups.iter_mut().find(|group| ids(&group.to) == ids(&to)) {
            Some(group) => group.accounts.extend(route.accounts.clone()),
            None => groups.push(AccountGroup { accounts: route.accounts.clone(), to }),
        }
    }
    for group in &mut groups {
        group.accounts.sort();
    }
    groups
}

/// Findings about the accounts themselves.
pub(super) fn accounts(stack: &Stack, alerts: &[Alert], document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    // A log group can have the records of any account.
    let has_lines = alerts.iter().any(|alert| alert.lines().is_some());
    for (at, route) in stack.to.accounts.iter().enumerate() {
        let pointer = format!("/to/accounts/{at}/accounts");
        if route.accounts.is_empty() {
            let finding = document.finding(&pointer, Code::NotAllowed, "the list of accounts is empty");
            findings.push(finding.help("name an account, or remove the item"));
        }
        for (index, account) in route.accounts.iter().enumerate() {
            let finding = |code, what: String| document.finding(&format!("{pointer}/{index}"), code, what);
            if !is_account(account) {
                let finding = finding(Code::NotAllowed, "this is not an account id".to_owned());
                findings.push(finding.found(format!("`{account}`")).expected("twelve digits, quoted"));
            } else if !seen.insert(account) {
                let finding = finding(Code::NotAllowed, format!("`{account}` is in `accounts` twice"));
                findings.push(finding.help("remove one of them: several destinations can be in one `to`"));
            } else if !has_lines && !is_received(account, stack) {
                let what = format!("the stack does not receive the events of account {account}");
                let help =
                    "forward its events to the event bus of the stack, and list it in `forwarded: { accounts: […] }`";
                findings.push(finding(Code::AccountNotReceived, what).help(help));
            }
        }
    }
    findings
}

/// Whether events of an account come to the stack's event bus, as far as the file says.
fn is_received(account: &str, stack: &Stack) -> bool {
    stack.account.as_deref().is_none_or(|own| own == account)
        || stack.forwarded.accounts.iter().any(|one| one == account)
}

/// Why the messages of an alert cannot be sent by account.
pub(super) fn check(at: usize, alert: &Alert, stack: &Stack, document: &Document) -> Option<Finding> {
    if alert.by_account.is_empty() || alert.is_staged {
        return None;
    }
    let finding = |what: String| document.finding(&format!("/alerts/{at}"), Code::NotByAccount, what);
    let together =
        if alert.digest.is_some() { Some("digest") } else { alert.threshold.is_some().then_some("threshold") };
    if let Some(counts) = together {
        let what = format!("the {counts} of `{}` counts the events of all accounts together", alert.id);
        return Some(finding(what).help(OWN_TO));
    }
    // Lines are sent by account by the notifier, and a remediation receives events of one account.
    if alert.lines().is_some() || alert.remediation().is_some() {
        return None;
    }
    match alert.apart() {
        Err(why) => {
            Some(finding(format!("the messages of `{}` cannot be sent by account: {why}", alert.id)).help(OWN_TO))
        }
        Ok(_) => too_long(alert, stack).map(|(found, most)| {
            let what = format!("with its accounts, the event pattern of `{}` is too long", alert.id);
            finding(what)
                .found(found)
                .expected(format!("at most {most} characters of JSON without spaces"))
                .help(format!("{OWN_TO}; or have the quota `Event pattern size` raised and say so under `quotas`"))
        }),
    }
}

/// The length of the longest pattern, and the limit, where only the accounts make it too long.
fn too_long(alert: &Alert, stack: &Stack) -> Option<(String, usize)> {
    let account = stack.account.as_deref().filter(|account| is_account(account));
    let scope = Scope::offline(account, &stack.region, &stack.stack).ok()?;
    let most = stack.quotas.event_pattern.unwrap_or(DEFAULT_QUOTA).min(LONGEST);
    let longest = |alert: &Alert| {
        let length = |one: Resource| match one {
            Resource::Rule(rule) => rule.pattern.to_string().chars().count(),
            _ => 0,
        };
        of_alert(alert, &DestinationId::slack(), &scope).into_iter().map(length).max().unwrap_or_default()
    };
    let (before, after) = (longest(&alert.ungrouped()), longest(alert));
    let found = format!("{after} characters, {before} of them without accounts");
    (after > most && before <= most).then_some((found, most))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::alert::Installation;
    use crate::diagnostic::Finding;
    use crate::document::Document;

    const HEAD: &str = "stack: sec\nregion: us-east-1\naccount: \"123456789012\"\nforwarded: { accounts: [\"111111111111\", \"222222222222\"] }\n\
        slack:\n  a: { webhook: \"${env:A}\" }\n  b: { webhook: \"${env:B}\" }\n";

    fn load(folder: &Path, text: &str) -> Result<Installation, Vec<Finding>> {
        crate::check::stack(Document::parse("s.yaml", &format!("{HEAD}{text}")).expect("YAML"), folder.to_owned())
    }

    fn found(text: &str) -> Vec<Finding> {
        load(Path::new(""), text).map_or_else(|findings| findings, |loaded| loaded.warnings)
    }

    fn codes(text: &str) -> Vec<&'static str> {
        found(text).iter().map(|one| one.code.id()).collect()
    }

    #[test]
    fn accounts_are_ids_each_once_and_received() {
        let alerts = "alerts:\n  - blueprint: cloudtrail-stop-logging\n";
        for (accounts, more, expected) in [
            ("[\"111111111111\"]", "", &[][..]),
            ("[\"123456789012\"]", "", &[]),
            ("[]", "", &["TB0108"]),
            ("[\"1\"]", "", &["TB0108"]),
            ("[\"111111111111\", \"111111111111\"]", "", &["TB0108"]),
            ("[\"333333333333\"]", "", &["TB0335"]),
            (
                "[\"333333333333\"]",
                "  - { blueprint: cloudtrail-access-denied-logs, with: { log_group: trail } }\n",
                &[],
            ),
        ] {
            let text = format!("to: {{ default: a, accounts: [{{ accounts: {accounts}, to: b }}] }}\n{alerts}{more}");
            let mut codes = codes(&text);
            // That a critical alert shares a channel is not about accounts.
            codes.retain(|code| *code != "TB0311");
            assert_eq!(codes, expected, "{accounts}{more}");
        }
    }

    const BY_ACCOUNT: &str = "to: { default: a, accounts: [{ accounts: [\"111111111111\"], to: b }] }\nalerts:\n";

    #[test]
    fn what_counts_all_accounts_together_cannot_be_sent_by_account() {
        for (alert, expected) in [
            (", digest: 1h", &["TB0334"][..]),
            (", threshold: { count: 5, within: 10m }", &["TB0334"]),
            (", threshold: { count: 5, within: 10m }, state: staged", &[]),
            (", state: staged", &[]),
            (", digest: 1h, to: [a, b]", &[]),
            (", with: { restart_logging: true }", &[]),
        ] {
            let mut codes = codes(&format!("{BY_ACCOUNT}  - {{ blueprint: cloudtrail-stop-logging{alert} }}\n"));
            codes.retain(|code| code.starts_with("TB033"));
            assert_eq!(codes, expected, "{alert}");
        }
    }

    #[test]
    fn a_pattern_that_has_no_form_for_all_other_accounts_is_refused_and_one_that_is_too_long_is_counted() {
        let folder = tempfile::tempdir().expect("a folder");
        let of = |account: &str, names: &str| {
            let blueprint = format!(
                "blueprint: mine\ntitle: T\nseverity: low\nalert:\n  pattern: {{ source: [my.app], {account}detail: {{ name: [{names}] }} }}\n  message: {{ text: hello }}\n"
            );
            std::fs::write(folder.path().join("mine.yaml"), blueprint).expect("written");
            let loaded = load(folder.path(), &format!("{BY_ACCOUNT}  - blueprint: ./mine.yaml\n"));
            let found = loaded.map_or_else(|findings| findings, |loaded| loaded.warnings);
            let own = found.into_iter().filter(|one| one.code.id() == "TB0334");
            own.map(|one| format!("{} {}", one.message, one.found.unwrap_or_default())).collect::<Vec<_>>()
        };
        for fine in
            ["", "account: [\"111111111111\", \"123456789012\"], ", "account: [{ anything-but: \"123456789012\" }], "]
        {
            assert!(of(fine, "a").is_empty(), "{fine}");
        }
        for (refused, why) in [
            ("account: [{ prefix: \"1\" }], ", "`account: [{\"prefix\":\"1\"}]`"),
            ("$or: [{ account: [\"111111111111\"] }, { region: [us-east-1] }], ", "`account` inside of `$or`"),
        ] {
            let found = of(refused, "a");
            assert!(matches!(&found[..], [one] if one.contains(why)), "{refused}: {found:?}");
        }
        let long = "x".repeat(2_000 - 40);
        let found = of("", &long);
        assert!(matches!(&found[..], [one] if one.contains("too long 20")), "{found:?}");
    }

    #[test]
    fn an_alert_has_a_group_for_each_set_of_other_destinations() {
        let text = "to:\n  critical: b\n  default: a\n  accounts:\n    - { accounts: [\"222222222222\"], to: b }\n    \
            - { accounts: [\"111111111111\"], to: [b] }\nalerts:\n  - blueprint: cloudtrail-stop-logging\n  \
            - { blueprint: cloudtrail-stop-logging, id: low, severity: low }\n  \
            - { blueprint: cloudtrail-stop-logging, id: own, to: a }\n";
        let loaded = load(Path::new(""), text).expect("no errors");
        let groups: Vec<Vec<&[String]>> =
            loaded.alerts.iter().map(|one| one.by_account.iter().map(|group| &group.accounts[..]).collect()).collect();
        let both = ["111111111111".to_owned(), "222222222222".to_owned()];
        assert_eq!(groups, [vec![], vec![&both[..]], vec![]]);
    }
}
