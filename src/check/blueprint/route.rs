//! Findings about an alert's way: that its parts belong together, the filter pattern, the log group, the metric.

use super::self_caused::callers_in;
use crate::blueprint::parameters::{self, Values};
use crate::blueprint::{Blueprint, ReceivedLines, Via};
use crate::cloudtrail::self_caused::records_of_every_function;
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::filter::{self, FilterError, Judgment};
use crate::name::{MAX_LOG_GROUP, is_log_group, is_region};

/// Longest namespace or name of a metric: the API model of CloudWatch Logs.
const MAX_METRIC: usize = 255;

/// Exactly one of `pattern` and `filter`, each with what belongs to it and nothing else.
pub(super) fn form(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let alert = &blueprint.alert;
    let is_given = |key: &str| document.node(&format!("/alert/{key}")).is_some();
    let refuse = |key: &str, what: &str, help: &str| {
        let pointer = if key.is_empty() { "/alert".to_owned() } else { format!("/alert/{key}") };
        let mut finding = document.finding(&pointer, Code::AlertRoute, what).help(help);
        finding.span = document.key_span(&pointer);
        finding
    };
    let mut findings = Vec::new();
    match (is_given("pattern"), alert.filter.is_some()) {
        (false, false) => {
            let help = "`pattern` matches events on the bus, `filter` matches lines of a log group";
            findings.push(refuse("", "an alert needs a `pattern` or a `filter`", help));
        }
        (true, true) => findings.push(refuse(
            "filter",
            "`pattern` and `filter` cannot be combined",
            "remove one of them; two alerts can use one each",
        )),
        (true, false) => {
            for key in ["log_group", "metric"].into_iter().filter(|key| is_given(key)) {
                findings.push(refuse(key, &format!("`{key}` requires `filter`"), "remove it"));
            }
        }
        (false, true) => {
            if alert.log_group.is_none() {
                let help = "add `log_group`, for example the one of your trail, often as `${param:log_group}`";
                findings.push(refuse("filter", "a `filter` requires a `log_group`", help));
            }
            if is_given("rule_state") {
                findings.push(refuse("rule_state", "a `filter` has no rule", "remove `rule_state`"));
            }
            if is_given("message") {
                let help = "remove `message`: the notifier shows the log lines that match";
                findings.push(refuse("message", "a `filter` does not have a message", help));
            }
        }
    }
    if blueprint.is_log_route() && blueprint.remediation.is_some() {
        let what = "a remediation requires an event, but a `filter` matches log lines";
        let finding = document.finding("/remediation", Code::AlertRoute, what);
        findings.push(finding.help("use a `pattern`, or remove `remediation`"));
    }
    if matches!(alert.message.via, Some(Via::Auto | Via::Lambda)) && alert.message.template.is_some() {
        let finding = document.finding("/alert/message/via", Code::AlertRoute, "a template requires the transformer");
        findings.push(finding.help("write a `card` or a `text`, or remove `via`"));
    }
    findings
}

/// Filter, log group and metric, judged with the defaults of the parameters.
pub(super) fn logs(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    // An example in place of a missing default would be judged as if it were meant; what has one is judged here.
    check_logs(blueprint, &parameters::samples(blueprint), document, None)
}

/// The findings about what an alert listens to in a log, with these parameter values. What is found is said of the
/// blueprint, or of `pointer`, where the values are.
pub(super) fn check_logs(
    blueprint: &Blueprint,
    values: &Values,
    document: &Document,
    pointer: Option<&str>,
) -> Vec<Finding> {
    let Some(ReceivedLines { filter, log_group, metric }) = blueprint.heard_lines(values) else { return Vec::new() };
    let at = |place: &'static str| pointer.unwrap_or(place);
    let mut findings =
        filter_pattern(&filter, blueprint.alert.filter.as_deref() == Some(&filter), document, at("/alert/filter"));
    // A parameter that is not declared is a finding of its own.
    let is_declared =
        |text: &String| parameters::uses(text).iter().all(|one| blueprint.parameters.contains_key(&one.name));
    if blueprint.alert.log_group.as_ref().is_some_and(is_declared) {
        findings.extend(check_log_group(&log_group, document, at("/alert/log_group")));
    }
    findings.extend(self_caused(blueprint, &filter, document, at("/alert/filter")));
    if let Some(metric) = metric {
        for (key, text) in [("namespace", &metric.namespace), ("name", &metric.name)] {
            findings.extend(metric_name(key, text, document, at("/alert/metric")));
        }
        if let Some(topic) = metric.topic.as_deref().filter(|topic| !is_topic(topic)) {
            let finding =
                document.finding(at("/alert/metric"), Code::NotAllowed, "this is not the ARN of an SNS topic");
            let expected = "an ARN such as `arn:aws:sns:us-east-1:123456789012:my-topic`, or nothing";
            findings.push(finding.found(format!("`{topic}`")).expected(expected));
        }
    }
    findings
}

fn filter_pattern(filter: &str, is_written: bool, document: &Document, pointer: &str) -> Vec<Finding> {
    let place = |finding: &mut Finding, range: &std::ops::Range<usize>| {
        if is_written && pointer == "/alert/filter" {
            finding.span = document.part_span(pointer, range);
        }
    };
    match filter::parse(filter) {
        Ok(_) if filter.trim().is_empty() => {
            let finding = document.finding(pointer, Code::MatchesEverything, "every line of the log matches");
            vec![finding.expected("a filter pattern that says what the alert is about")]
        }
        Ok(parsed) => {
            let about = |doubt: filter::Doubt| {
                let what = format!("AWS does not document how this is evaluated: {doubt}");
                let mut finding = document.finding(pointer, Code::FilterNotJudged, what);
                place(&mut finding, &doubt.span);
                finding.help("write it differently; `verify` asks AWS")
            };
            parsed.doubts().into_iter().map(about).collect()
        }
        Err(error) => {
            let FilterError { message, span, expected } = error;
            let what = format!("CloudWatch Logs rejects the filter pattern: {message}");
            let mut finding = document.finding(pointer, Code::BadFilter, what);
            place(&mut finding, &span);
            vec![match expected {
                Some(expected) => finding.expected(expected),
                None => finding,
            }]
        }
    }
}

/// Lines that each call of the notifier brings into a trail's log group, if they pass the filter, or no one can say
/// that they do not. The examples are of the accounts and regions that the filter names.
fn self_caused(blueprint: &Blueprint, text: &str, document: &Document, pointer: &str) -> Option<Finding> {
    let filter = filter::parse(text).ok().filter(|_| !text.trim().is_empty())?;
    let words = || text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').map(str::to_owned);
    let is_account = |word: &String| word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit());
    let accounts: Vec<String> = words().filter(is_account).chain(["111122223333".to_owned()]).collect();
    let regions: Vec<String> = words().filter(|word| is_region(word)).chain(["us-east-1".to_owned()]).collect();
    let callers = callers_in(&blueprint.blueprint, &accounts, &regions);
    let mut records = callers.iter().flat_map(records_of_every_function);
    // What is in doubt whatever the line is a finding of its own.
    let is_doubtful = !filter.doubts().is_empty();
    let passing = records.find(|record| match filter.matches(&record.to_string()) {
        Judgment::Matches => true,
        Judgment::Unknown(_) => !is_doubtful,
        Judgment::DoesNot(_) => false,
    })?;
    let name = passing["eventName"].as_str().unwrap_or_default().to_owned();
    let what = format!("`{name}`, which AWS calls for every function, can match the filter");
    let finding = document.finding(pointer, Code::RemediationLoop, what);
    Some(finding.help(match filter.kind() {
        filter::Syntax::Json => {
            "each message would cause another: list the `eventName`s of this alert; `&& ($.userIdentity.invokedBy NOT \
            EXISTS)` excludes calls by AWS services"
        }
        _ => {
            "each message would cause another: for the log of a trail, compare fields, as in `{ $.eventName = \
            \"StopLogging\" }`"
        }
    }))
}

/// The finding about a text that should be the name of a log group.
fn check_log_group(name: &str, document: &Document, pointer: &str) -> Option<Finding> {
    if is_log_group(name) {
        return None;
    }
    let finding = document.finding(pointer, Code::BadLogGroup, "this is not the name of a log group");
    let expected = format!("1 to {MAX_LOG_GROUP} letters, digits and `.-_/#`");
    let finding = finding.found(format!("`{name}`")).expected(expected);
    Some(match name.split(":log-group:").nth(1) {
        Some(rest) => finding.help(format!("write the name in the ARN: `{}`", rest.trim_end_matches(":*"))),
        None => finding.help("the CloudTrail console shows it on the trail's page, under CloudWatch Logs"),
    })
}

fn metric_name(key: &str, text: &str, document: &Document, pointer: &str) -> Option<Finding> {
    let is_sound = |c: char| !matches!(c, ':' | '*' | '$') && !c.is_control();
    if (1..=MAX_METRIC).contains(&text.chars().count()) && text.chars().all(is_sound) && !text.starts_with("AWS/") {
        return None;
    }
    let finding = document.finding(pointer, Code::NotAllowed, format!("`{key}` of the metric is not valid"));
    let expected = format!("1 to {MAX_METRIC} characters without `:`, `*`, and `$`; the prefix `AWS/` is reserved");
    Some(finding.found(format!("`{text}`")).expected(expected))
}

fn is_topic(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    matches!(parts.as_slice(), ["arn", _, "sns", region, account, topic]
        if !region.is_empty() && account.len() == 12 && !topic.is_empty())
}
