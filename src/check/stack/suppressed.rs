//! Findings about what a stack suppresses: conditions that no pattern can express exactly, patterns that become too long,
//! suppressions that have expired, that hold for a test of the blueprint, or that never hold.

use jiff::civil::Date;
use serde_json::Value;

use crate::alert::{Alert, DestinationForm, Home, ReceivedEvents};
use crate::blueprint::Case;
use crate::compile::of_alert;
use crate::diagnostic::{Code, Finding};
use crate::document::{Document, step};
use crate::message::Form;
use crate::name::{DestinationId, Scope, is_account};
use crate::pattern::{DEFAULT_QUOTA, LONGEST};
use crate::resource::Resource;
use crate::stack::Stack;
use crate::suppression::{Narrowed, NotNarrowed, Suppression, SuppressionRule};

/// How a date is written.
const DATE: &str = "a date such as `2027-01-31`";

/// Where an alert is.
pub(super) struct AlertPlace<'a> {
    /// Which item of the file.
    pub(super) at: usize,
    /// A pack's suppressions need not hold for each of its alerts.
    pub(super) is_of_pack: bool,
    pub(super) stack: &'a Stack,
    pub(super) document: &'a Document,
    /// Without it, nothing has expired.
    pub(super) today: Option<Date>,
}

impl AlertPlace<'_> {
    fn pointer(&self, at: usize) -> String {
        format!("/alerts/{}/suppress/{at}", self.at)
    }

    fn finding(&self, at: usize, below: &str, code: Code, what: impl Into<String>) -> Finding {
        self.document.finding(&format!("{}{below}", self.pointer(at)), code, what)
    }
}

/// The suppressions that apply to an alert, and the findings about all of them.
pub(super) fn check(
    all: &[Suppression],
    alert: &Alert,
    place: &AlertPlace<'_>,
    findings: &mut Vec<Finding>,
) -> Vec<SuppressionRule> {
    let start = findings.len();
    let mut rules: Vec<(usize, SuppressionRule)> = Vec::new();
    for (at, one) in all.iter().enumerate() {
        findings.extend(written(at, one, place));
        match one.read() {
            Ok(rule) if rule.fields.is_empty() => {}
            Ok(rule) => rules.push((at, rule)),
            Err(wrong) => findings.extend(wrong.into_iter().map(|wrong| {
                let item = wrong.at.map(|at| format!("/{at}")).unwrap_or_default();
                place.finding(at, &format!("/when/{}{item}", step(&wrong.field)), Code::BadSuppression, wrong.what)
            })),
        }
    }
    let before = findings.len();
    for (at, rule) in &rules {
        findings.extend(fields(*at, rule, &rules, alert, place));
    }
    rules.retain(|(at, rule)| {
        let expired = place.today.is_some_and(|today| all[*at].is_expired(today));
        if expired {
            findings.push(outdated(*at, rule, place));
        }
        !expired
    });
    for (at, rule) in &rules {
        findings.extend(cases(*at, rule, alert, place));
    }
    let is_exact = findings[before..].iter().all(|one| !one.is_error());
    if is_exact && !rules.is_empty() {
        findings.extend(compiled(&rules, alert, place));
    }
    // With an error the alert is not used, and further checks are about the alert without suppressions.
    let is_good = findings[start..].iter().all(|one| !one.is_error());
    rules.into_iter().filter(|_| is_good).map(|(_, rule)| rule).collect()
}

/// What is wrong with the words around the conditions.
fn written(at: usize, one: &Suppression, place: &AlertPlace<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, text) in [("reason", &one.reason), ("owner", &one.owner)] {
        if text.trim().is_empty() {
            let finding = place.finding(at, &format!("/{key}"), Code::NotAllowed, format!("`{key}` is empty"));
            findings.push(finding.expected("a text for the next reader"));
        }
    }
    let is_date = |text: &str| matches!(one.last_day(), Ok(Some(day)) if day.to_string() == text);
    if let Some(text) = one.until.as_deref().filter(|text| !is_date(text)) {
        let finding = place.finding(at, "/until", Code::NotAllowed, "`until` is not a date");
        findings.push(finding.found(format!("`{text}`")).expected(DATE));
    }
    if one.when.is_empty() {
        let what = "a suppression without a condition would hold for every event";
        let finding = place.finding(at, "/when", Code::BadSuppression, what);
        findings.push(finding.help("to turn the alert off, write `enabled: false`"));
    }
    findings
}

fn outdated(at: usize, rule: &SuppressionRule, place: &AlertPlace<'_>) -> Finding {
    let until = rule.until.as_deref().unwrap_or_default();
    let what = "this suppression has expired: after the next apply, the alert fires for these events again";
    let finding = place.finding(at, "/until", Code::ExpiredSuppression, what);
    finding.found(format!("the last day was {until}")).help(format!(
        "remove the suppression, or ask its owner, {}, whether it still applies and set a later date",
        rule.owner
    ))
}

/// Fields that cannot be suppressed exactly beside those of the pattern and of the other suppressions.
fn fields(
    at: usize,
    rule: &SuppressionRule,
    all: &[(usize, SuppressionRule)],
    alert: &Alert,
    place: &AlertPlace<'_>,
) -> Vec<Finding> {
    let beside: Vec<&SuppressionRule> = all.iter().filter(|(other, _)| *other != at).map(|(_, other)| other).collect();
    let finding = |(path, what): (String, String)| {
        place.finding(at, &format!("/when/{}", step(&path)), Code::BadSuppression, what)
    };
    alert.misfits(rule, &beside).into_iter().map(finding).collect()
}

/// Tests of the blueprint that expect a message and would get none.
fn cases(at: usize, rule: &SuppressionRule, alert: &Alert, place: &AlertPlace<'_>) -> Vec<Finding> {
    let is_silenced = |record: &Value| rule.holds(record);
    let stack = place.stack;
    let home = Home {
        stack: stack.stack.clone(),
        region: stack.region.clone(),
        account: stack.account.clone(),
        forwarded: stack.forwarded.clone(),
        accounts: stack.accounts.clone(),
        account_names: stack.account_names,
        destinations: vec![DestinationForm::slack(Form::Webhook)],
        topics: Vec::new(),
    };
    let silenced = alert
        .blueprint
        .tests
        .iter()
        .filter(|case| case.expect.matches && alert.records_of(case, &home).iter().any(is_silenced));
    let finding = |case: &Case| {
        let what = format!(
            "this suppression holds for a test of `{}` that expects a message: `{}`",
            alert.blueprint.blueprint, case.name
        );
        let finding = place.finding(at, "", Code::SuppressesCase, what);
        finding.help("narrow it with more fields: what the blueprint is tested with must still fire")
    };
    silenced.map(finding).collect()
}

/// What becomes of the pattern.
fn compiled(rules: &[(usize, SuppressionRule)], alert: &Alert, place: &AlertPlace<'_>) -> Vec<Finding> {
    let refused = |at: usize, why: NotNarrowed| {
        let below = why.field.map(|field| format!("/when/{}", step(&field))).unwrap_or_default();
        let what = format!("no pattern says exactly this: {}", why.what);
        place.finding(at, &below, Code::BadSuppression, what)
    };
    let mut findings = Vec::new();
    for (at, rule) in rules {
        match alert.narrowed(std::slice::from_ref(rule)) {
            Err(why) => findings.push(refused(*at, why)),
            Ok(Narrowed::Unchanged) if place.is_of_pack => {}
            Ok(Narrowed::Unchanged) => {
                let what = format!("this suppression never holds: `{}` matches no such event", alert.id);
                let finding = place.finding(*at, "", Code::DeadSuppression, what);
                findings.push(finding.help("compare its fields and values with the pattern, or remove it"));
            }
            Ok(Narrowed::Nothing) => findings.push(everything(*at, alert, place)),
            Ok(Narrowed::To(_)) => {}
        }
    }
    let all: Vec<SuppressionRule> = rules.iter().map(|(_, rule)| rule.clone()).collect();
    let (last, _) = rules[rules.len() - 1];
    if findings.iter().all(|one| !one.is_error()) {
        match alert.narrowed(&all) {
            Err(why) => findings.push(refused(last, why)),
            Ok(Narrowed::Nothing) => findings.push(everything(last, alert, place)),
            Ok(Narrowed::To(_)) => findings.extend(limits(&all, last, alert, place)),
            Ok(Narrowed::Unchanged) => {}
        }
    }
    findings
}

fn everything(at: usize, alert: &Alert, place: &AlertPlace<'_>) -> Finding {
    let what = format!("nothing that `{}` matches is left", alert.id);
    place.finding(at, "", Code::BadSuppression, what).help("to turn the alert off, write `enabled: false`")
}

/// Whether AWS takes the narrowed pattern.
fn limits(rules: &[SuppressionRule], last: usize, alert: &Alert, place: &AlertPlace<'_>) -> Vec<Finding> {
    let account = place.stack.account.as_deref().filter(|account| is_account(account));
    let Ok(scope) = Scope::offline(account, &place.stack.region, &place.stack.stack) else { return Vec::new() };
    // Filter patterns have a limit of their own, which their reader knows.
    if alert.lines().is_some() {
        return Vec::new();
    }
    let narrowed = alert.tuned(None, rules.to_vec());
    let most = place.stack.quotas.event_pattern.unwrap_or(DEFAULT_QUOTA).min(LONGEST);
    let longest = |alert: &Alert| {
        let length = |one: Resource| match one {
            Resource::Rule(rule) => rule.pattern.to_string().chars().count(),
            _ => 0,
        };
        of_alert(alert, &DestinationId::slack(), &scope).into_iter().map(length).max().unwrap_or_default()
    };
    let mut findings = Vec::new();
    let (before, after) = (longest(alert), longest(&narrowed));
    if after > most && after > before {
        let what = format!("with its suppressions, the event pattern of `{}` is too long", alert.id);
        let finding = place.finding(last, "", Code::SuppressionTooLong, what);
        findings.push(
            finding
                .found(format!("{after} characters, {before} of them without suppressions"))
                .expected(format!("at most {most} characters of JSON without spaces"))
                .help("combine suppressions, or have the quota `Event pattern size` raised and say so under `quotas`"),
        );
    }
    let doubt = |alert: &Alert| alert.events().map(ReceivedEvents::judge)?.ok()?.doubt();
    if let (None, Some(doubt)) = (doubt(alert), doubt(&narrowed)) {
        findings.push(place.finding(last, "", Code::PatternNotJudged, doubt).help("`verify` asks AWS itself"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;
    use crate::alert::{Addressee, Installation};
    use crate::message::Posting;
    use crate::pattern::Pattern;

    fn load(alert: &str) -> Result<Installation, Vec<Finding>> {
        let text = format!(
            "version: 1\nstack: sec\nregion: us-east-1\nslack: {{ webhook: \"${{env:HOOK}}\" }}\nalerts:\n  - blueprint: cloudtrail-stop-logging\n{alert}"
        );
        let document = Document::parse("t.yaml", &text).unwrap_or_else(|findings| panic!("{findings:?}"));
        crate::check::stack_on(document, PathBuf::new(), jiff::civil::date(2027, 1, 31))
    }

    fn suppress(all: &[&str]) -> Result<Installation, Vec<Finding>> {
        let item = |when: &&str| format!("      - {{ reason: expected, owner: ops, {when} }}\n");
        load(&format!("    suppress:\n{}", all.iter().map(item).collect::<String>()))
    }

    fn codes(all: &[&str]) -> Vec<&'static str> {
        let found = suppress(all).map_or_else(|findings| findings, |stack| stack.warnings);
        found.iter().map(|one| one.code.id()).collect()
    }

    const ROLE: &str = "userIdentity.sessionContext.sessionIssuer.userName";

    #[test]
    fn a_suppression_is_exact_or_a_finding() {
        let fine = format!("when: {{ {ROLE}: [deploy, {{ prefix: ci- }}] }}");
        let block = "when: { sourceIPAddress: [{ cidr: 198.51.100.0/24 }] }";
        let many = |block: &str| (0..40).map(|at| block.replace("100", &at.to_string())).collect::<Vec<_>>();
        let (few, too_long) = (many(block), many("when: { userAgent: [{ prefix: agent100 }], awsRegion: [x100] }"));
        let one_region = many("when: { userAgent: [{ prefix: agent100 }], awsRegion: [x] }");
        let one_region: Vec<&str> = one_region.iter().map(String::as_str).collect();
        let few: Vec<&str> = few.iter().map(String::as_str).collect();
        let too_long: Vec<&str> = too_long[..7].iter().map(String::as_str).collect();
        let cases: Vec<(Vec<&str>, &[&str])> = vec![
            (vec![&fine], &[]),
            (vec![&fine, block], &[]),
            (vec![block, block], &[]),
            (few, &[]),
            (too_long, &["TB0705"]),
            (one_region, &[]),
            (vec!["when: { userIdentity.userName: [a], until: 2027-01-31 }"], &["TB0106"]),
            (vec!["when: { userIdentity.userName: [a] }, until: 2027-01-31"], &[]),
            (vec!["when: { userIdentity.userName: [a] }, until: 2027-01-30"], &["TB0703"]),
            (vec!["when: { userIdentity.userName: [a] }, until: 31.1.2027"], &["TB0108"]),
            (vec!["when: { userIdentity.userName: [a] }, until: 2027-1-31"], &["TB0108"]),
            (vec!["when: { userIdentity.userName: [a] }, until: tomorrow"], &["TB0108"]),
            (vec!["when: { userIdentity.userName: a }"], &["TB0106"]),
            (vec!["when: {}"], &["TB0701"]),
            (vec!["when: { userIdentity.userName: [] }"], &["TB0701"]),
            (vec!["when: { userIdentity.userName: [true] }"], &["TB0701"]),
            (vec!["when: { userIdentity.userName: [{ anything-but: a }] }"], &["TB0701"]),
            (vec!["when: { userIdentity.userName: [{ wildcard: a**b }] }"], &["TB0701"]),
            (vec!["when: { userIdentity.userName: [a, 1] }"], &["TB0701"]),
            (vec!["when: { userIdentity: [a] }"], &["TB0701"]),
            (vec!["when: { resources: [a] }"], &["TB0701"]),
            (vec!["when: { resources.ARN: [a] }"], &["TB0701"]),
            (vec!["when: { detail.userAgent: [a] }"], &["TB0701"]),
            (vec!["when: { userAgent: [{ cidr: 10.0.0.0/8 }] }"], &["TB0701"]),
            (vec!["when: { sourceIPAddress: [{ cidr: 10.0.0.0/7 }] }"], &["TB0701"]),
            (vec!["when: { sourceIPAddress: [{ cidr: 10.0.0.0/8 }, { prefix: '203.' }] }"], &["TB0701"]),
            // Unknown fields: one is fine, and side by side they could be in a list.
            (vec!["when: { mine.a: [x], mine.b: [y] }"], &[]),
            (vec!["when: { mine.a: [x] }", "when: { mine.b: [y] }"], &["TB0701", "TB0701"]),
            (vec!["when: { mine: [x] }", "when: { mine: [y] }"], &["TB0701", "TB0701"]),
            (vec!["when: { awsRegion: [us-east-1] }"], &["TB0702"]),
            (vec!["when: { eventName: [DeleteTrail] }"], &["TB0704"]),
            (vec!["when: { errorCode: [AccessDenied] }"], &["TB0704"]),
            (vec!["when: { eventName: [StopLogging] }"], &["TB0702"]),
            (vec!["when: { userIdentity.userName: [{ wildcard: '*a*b*c*a*b*' }] }"], &["TB0213"]),
        ];
        for (all, expected) in cases {
            let mut found = codes(&all);
            found.sort_unstable();
            assert_eq!(found, expected, "{all:?}");
        }
        let found = suppress(&["when: { awsRegion: [us-east-1] }"]).expect_err("a finding");
        assert!(found[0].message.contains("`StopLogging matches`"), "{found:?}");
        assert_eq!(codes(&["when: { userAgent: [a] }, extra: 1"]), ["TB0105"]);
        let found = load("    suppress: [{ when: { userAgent: [a] }, reason: ' ' }]\n").expect_err("findings");
        let mut found: Vec<&str> = found.iter().map(|one| one.code.id()).collect();
        found.sort_unstable();
        assert_eq!(found, ["TB0107", "TB0108"]);
    }

    #[test]
    fn everything_that_receives_sees_the_suppression_until_it_expires() {
        let of = |until: &str| suppress(&[&format!("when: {{ userAgent: [nightly] }}, until: {until}")]).expect("good");
        let event = |agent: &str| {
            let record = json!({
                "eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "eventType": "AwsApiCall",
                "awsRegion": "us-east-1", "userAgent": agent,
            });
            crate::record::event(record.as_object().expect("an object"))
        };
        let matches = |stack: &Installation, agent: &str| {
            let scope = Scope::offline(None, "us-east-1", "sec").expect("a scope");
            let rules: Vec<_> = of_alert(&stack.alerts[0], &DestinationId::slack(), &scope)
                .into_iter()
                .filter_map(|one| if let Resource::Rule(rule) = one { Some(rule.pattern) } else { None })
                .collect();
            let of_case = stack.alerts[0].of_case(&stack.alerts[0].blueprint.tests[0]);
            let posted = stack.alerts[0].posted(vec![Addressee::slack(Posting::sample())]);
            let patterns =
                rules.into_iter().chain([&of_case, &posted].map(|one| one.events().expect("events").pattern.clone()));
            let fits = |pattern| {
                let pattern = Pattern::from_value(&pattern).expect("valid");
                pattern.matches_value(&event(agent)).expect("decidable") == crate::pattern::Verdict::Matches
            };
            patterns.map(fits).collect::<Vec<_>>()
        };
        assert_eq!(matches(&of("2027-01-31"), "nightly"), [false; 3]);
        assert_eq!(matches(&of("2027-01-31"), "other"), [true; 3]);
        assert_eq!(matches(&of("2027-01-30"), "nightly"), [true; 3]);
    }

    #[test]
    fn severity_is_that_of_the_stack_except_in_tests_of_the_blueprint() {
        let stack = load("    severity: info\n").expect("good");
        let alert = &stack.alerts[0];
        assert_eq!(alert.blueprint.severity, crate::blueprint::Urgency::Info);
        let case = alert.of_case(&alert.blueprint.tests[0]);
        assert_eq!(case.blueprint.severity, crate::blueprint::Urgency::Critical);
        assert!(load("    severity: urgent\n").is_err_and(|found| found[0].code == Code::NotAllowed));
    }

    #[test]
    fn a_disabled_alert_has_no_resources_and_is_checked() {
        let stack = load("    enabled: false\n").expect("good");
        assert!(stack.alerts.is_empty() && stack.disabled.len() == 1);
        let note = stack.disabled_note().expect("a note");
        assert_eq!(note, "1 alert is disabled in the stack file: `cloudtrail-stop-logging`");
        assert_eq!(load("    enabled: true\n").expect("good").disabled_note(), None);
        assert!(load("    enabled: false\n    with: { x: 1 }\n").is_err());
        // Its id stays taken, so that it can be enabled again.
        assert!(
            load("    enabled: false\n  - blueprint: cloudtrail-stop-logging\n")
                .is_err_and(|found| found[0].code == Code::DuplicateAlert)
        );
    }

    #[test]
    fn log_lines_are_suppressed_and_the_metric_counts_them() {
        let load = |when: &str| {
            let text = format!(
                "stack: sec\nregion: us-east-1\nslack: {{ webhook: \"${{env:HOOK}}\" }}\nalerts:\n  - blueprint: cloudtrail-access-denied-logs\n    \
                 with: {{ log_group: trail, metric_alarm: true }}\n    suppress: [{{ when: {when}, reason: r, owner: o }}]\n"
            );
            let document = Document::parse("t.yaml", &text).unwrap_or_else(|findings| panic!("{findings:?}"));
            crate::check::stack(document, PathBuf::new())
        };
        let stack = load("{ userIdentity.userName: [scanner] }").expect("good");
        let scope = Scope::offline(None, "us-east-1", "sec").expect("a scope");
        let narrowed = "$.userIdentity.userName != \"scanner\"";
        for resource in of_alert(&stack.alerts[0], &DestinationId::slack(), &scope) {
            match resource {
                Resource::SubscriptionFilter(filter) => {
                    assert!(filter.pattern.contains(narrowed), "{}", filter.pattern);
                }
                Resource::MetricFilter(filter) => assert!(!filter.pattern.contains(narrowed), "{}", filter.pattern),
                _ => {}
            }
        }
        let codes = |when: &str| {
            load(when)
                .map_or_else(|found| found, |stack| stack.warnings)
                .iter()
                .map(|one| one.code.id())
                .collect::<Vec<_>>()
        };
        assert_eq!(codes("{ sourceIPAddress: [{ cidr: 10.0.0.0/8 }] }"), ["TB0701"]);
        assert_eq!(codes(&format!("{{ userAgent: [{}] }}", "x".repeat(1_024))), ["TB0701"]);
    }
}
