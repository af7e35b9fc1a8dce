//! The dictionary of event sources and event names, and what each name tells.
//!
//! The dictionary is data, `events.txt`, made by `make_events.py` from the sources named there. It is generous: a name
//! it does not have is worth a warning, since AWS adds names every week. Neighbor: `possible`, which asks about the
//! names of a pattern.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use serde_json::Value;

use crate::diagnostic::nearest_within;

/// The lines by their event source; the names are looked through when someone asks.
static SOURCES: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(|| {
    let text = include_str!("events.txt");
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' ')).collect()
});

/// The entries of each name with their event sources, by event source.
static BY_NAME: LazyLock<HashMap<&'static str, Vec<(&'static str, EventName)>>> = LazyLock::new(|| {
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for source in sources() {
        names(source).for_each(|one| found.entry(one.name).or_default().push((source, one)));
    }
    found
});

/// Services whose event names may end in the version of the API, as `CreateFunction20150331` does.
const VERSIONED: [&str; 2] = ["lambda.amazonaws.com", "cloudfront.amazonaws.com"];

/// What CloudTrail calls the sign-in events of the console; they have a detail type of their own.
/// Source: CloudTrail user guide, "AWS Management Console sign-in events".
const SIGN_INS: [&str; 8] = [
    "CheckMfa",
    "ConsoleLogin",
    "ExitRole",
    "GetSigninToken",
    "PasswordRecoveryCompleted",
    "PasswordRecoveryRequested",
    "RenewRole",
    "SwitchRole",
];

/// The event source of signing in.
pub const SIGN_IN: &str = "signin.amazonaws.com";

/// One name of the dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventName {
    /// The name as CloudTrail writes it, or as an SDK or IAM does.
    pub name: &'static str,
    /// What CloudTrail writes instead, if something else.
    pub written: Option<&'static str>,
    /// Whether a rule that is only `ENABLED` never receives such a call: it reads, and its name says so. Calls that
    /// read under other names, such as `TestEventPattern`, are received. Source: EventBridge user guide, "Receiving
    /// read-only management events from AWS services".
    pub is_unreceived: bool,
    /// Whether only IAM knows it: it is no call, and which calls it allows is not known.
    pub is_only_action: bool,
}

fn entry(word: &'static str) -> EventName {
    let (mark, rest) = match word.as_bytes().first() {
        Some(b'-' | b'+' | b'?') => word.split_at(1),
        _ => ("", word),
    };
    let (name, written) = rest.split_once('=').map_or((rest, None), |(name, written)| (name, Some(written)));
    EventName { name, written, is_unreceived: begins_like_reading(name), is_only_action: mark == "?" }
}

/// What begins like reading and is received all the same: the two exceptions that AWS documents. What IAM calls an action
/// that writes says nothing about it. Source: EventBridge user guide, "Receiving read-only management events from AWS
/// services".
const RECEIVED: [&str; 2] = ["GetFederationToken", "GetSessionToken"];

fn begins_like_reading(name: &str) -> bool {
    ["Get", "List", "Describe"].iter().any(|verb| name.starts_with(verb)) && !RECEIVED.contains(&name)
}

/// Every event source.
pub fn sources() -> impl Iterator<Item = &'static str> {
    SOURCES.keys().copied()
}

/// Whether CloudTrail knows that event source.
#[must_use]
pub fn is_source(source: &str) -> bool {
    SOURCES.contains_key(source)
}

/// The event source that a misspelled one was probably meant to be.
#[must_use]
pub fn nearest_source(source: &str) -> Option<&'static str> {
    let label = source.strip_suffix(".amazonaws.com").unwrap_or(source);
    let near = nearest_label(label)?;
    SOURCES.keys().copied().find(|one| label_of(one) == near)
}

fn label_of(source: &'static str) -> &'static str {
    source.split('.').next().unwrap_or(source)
}

/// The first label of an event source that is close to this one. What all of them have, `aws.` and `.amazonaws.com`, does
/// not make two of them alike.
fn nearest_label(label: &str) -> Option<&'static str> {
    nearest_within(label, SOURCES.keys().map(|one| label_of(one)), (label.chars().count() / 4).clamp(1, 3))
}

/// The event sources whose events have this `source`: `aws.` and the first label.
#[must_use]
pub fn sources_of(source: &str) -> Vec<&'static str> {
    let Some(label) = source.strip_prefix("aws.") else { return Vec::new() };
    SOURCES.keys().copied().filter(|one| one.split('.').next() == Some(label)).collect()
}

/// Every `source` of events.
pub fn services() -> impl Iterator<Item = String> {
    SOURCES.keys().filter_map(|one| Some(format!("aws.{}", one.split('.').next()?)))
}

/// The `source` that a misspelled one was probably meant to be.
#[must_use]
pub fn nearest_service(source: &str) -> Option<String> {
    nearest_label(source.strip_prefix("aws.")?).map(|label| format!("aws.{label}"))
}

/// Every name of an event source.
pub fn names(source: &str) -> impl Iterator<Item = EventName> {
    let words = SOURCES.get(source).copied().unwrap_or_default();
    // A line may also say that its names are those of another source.
    let other = words.split(' ').find_map(|word| SOURCES.get(word.strip_prefix('=')?)).copied().unwrap_or_default();
    let all = words.split(' ').chain(other.split(' '));
    all.filter(|word| !word.is_empty() && !word.starts_with('=')).map(entry)
}

/// The dictionary's entry for an event name of a source.
#[must_use]
pub fn find(source: &str, name: &str) -> Option<EventName> {
    let of_source = |name: &str| BY_NAME.get(name)?.iter().find(|(of, _)| *of == source).map(|(_, one)| *one);
    of_source(name).or_else(|| is_versioned(source).then(|| of_source(without_version(name))).flatten())
}

/// A name without the version of the API at its end: `20150331`, `20150331v2`, `2020_05_31`.
fn without_version(name: &str) -> &str {
    let name = match name.rsplit_once('v') {
        Some((front, digits)) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => front,
        _ => name,
    };
    let front = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    if name.len() - front.len() >= 8 { front } else { name }
}

/// Whether the event names of a source may end in the version of the API.
#[must_use]
pub fn is_versioned(source: &str) -> bool {
    VERSIONED.contains(&source)
}

/// The name that a misspelled one was probably meant to be, among those of these sources.
#[must_use]
pub fn nearest_name(sources: &[&str], name: &str) -> Option<&'static str> {
    let known = sources.iter().flat_map(|source| names(source)).map(|one| one.name);
    // Names are made of the same few words: what is farther away is another event, and no help.
    nearest_within(name, known, (name.len() / 5).clamp(1, 3))
}

/// Other event sources that have an event of this name.
#[must_use]
pub fn elsewhere(name: &str) -> Vec<&'static str> {
    let exact = BY_NAME.get(name).into_iter().flatten().map(|(source, _)| *source);
    let versioned = VERSIONED.into_iter().filter(|source| find(source, name).is_some());
    exact.chain(versioned).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Whether a rule that is only `ENABLED` never receives such a call. What the dictionary does not have is judged by
/// the beginning of its name.
#[must_use]
pub fn is_unreceived(source: &str, name: &str) -> bool {
    find(source, name).map_or_else(|| begins_like_reading(name), |one| one.is_unreceived)
}

/// Whether a rule that is only `ENABLED` never receives this event: a read-only management call whose name says so.
#[must_use]
pub fn is_unreceived_event(event: &Value) -> bool {
    let detail = &event["detail"];
    let text = |field: &str| detail[field].as_str().unwrap_or_default();
    // Of data events no one has said what becomes of them.
    let is_management = detail["managementEvent"] != false && ["", "Management"].contains(&text("eventCategory"));
    let is_call = event["detail-type"] == "AWS API Call via CloudTrail";
    is_call && is_management && detail["readOnly"] == true && is_unreceived(text("eventSource"), text("eventName"))
}

/// Whether this is one of the sign-in events of the console.
#[must_use]
pub fn is_sign_in(source: &str, name: &str) -> bool {
    source == SIGN_IN && SIGN_INS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_source_with_names() {
        let text = include_str!("events.txt");
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.len() > 400 && lines.len() == SOURCES.len(), "{} lines", lines.len());
        assert!(lines.is_sorted_by(|a, b| a.split(' ').next() < b.split(' ').next()));
        for source in SOURCES.keys() {
            assert!(source.ends_with(".amazonaws.com"), "{source}");
            let strange = |one: &EventName| !one.name.bytes().all(|byte| byte.is_ascii_graphic());
            assert!(names(source).count() > 0 && !names(source).any(|one| strange(&one)), "{source}");
        }
    }

    #[test]
    fn names_are_found_with_what_they_tell() {
        let unreceived =
            |source: &str, name: &str| find(&format!("{source}.amazonaws.com"), name).map(|one| one.is_unreceived);
        let cases = [
            ("cloudtrail", "StopLogging", Some(false)),
            ("cloudtrail", "LookupEvents", Some(false)),
            ("cloudtrail", "GetTrailStatus", Some(true)),
            ("cloudshell", "GetFileDownloadUrls", Some(true)),
            ("cloudtrail", "StopLoging", None),
            ("supportapp", "ListSlackChannelConfigurations", Some(true)),
            ("supportapp", "GetAccountAlias", Some(true)),
            ("repostspace", "ListSpaces", Some(true)),
            ("support", "ResolveCase", Some(false)),
            ("bugbust", "ListBugs", Some(true)),
            ("signin", "ConsoleLogin", Some(false)),
            ("lambda", "CreateFunction20150331", Some(false)),
            ("lambda", "UpdateFunctionCode20150331v2", Some(false)),
            ("cloudfront", "CreateDistribution2020_05_31", Some(false)),
            ("sts", "AssumeRole", Some(false)),
            ("sts", "GetSessionToken", Some(false)),
            ("sts", "GetCallerIdentity", Some(true)),
            ("iam", "PassRole", None),
            // Service events, which are in no SDK.
            ("secretsmanager", "StartSecretVersionDelete", Some(false)),
            ("secretsmanager", "EndSecretVersionDelete", Some(false)),
            ("ecr", "PolicyExecutionEvent", Some(false)),
            ("quicksight", "BatchCreateUser", Some(false)),
            ("quicksight", "QueryDatabase", Some(false)),
            ("servicequotas", "UpdateServiceQuotaIncreaseRequestStatus", Some(false)),
            ("support-subscription", "UpdateSupportLevel", Some(false)),
            ("workmailMessageFlow", "GetRawMessageContent", Some(true)),
        ];
        for (source, name, expected) in cases {
            assert_eq!(unreceived(source, name), expected, "{source} {name}");
        }
    }

    #[test]
    fn misspelt_words_have_neighbours() {
        assert_eq!(nearest_source("cloudtrial.amazonaws.com"), Some("cloudtrail.amazonaws.com"));
        assert_eq!(nearest_service("aws.cloudtrial").as_deref(), Some("aws.cloudtrail"));
        assert_eq!(nearest_service("aws.elb"), None);
        assert_eq!(nearest_source("elb.amazonaws.com"), None);
        assert_eq!(nearest_name(&["cloudtrail.amazonaws.com"], "StopLoging"), Some("StopLogging"));
        assert_eq!(nearest_name(&["secretsmanager.amazonaws.com"], "StartSecretDeletion"), None);
        assert_eq!(sources_of("aws.cloudtrail"), ["cloudtrail.amazonaws.com"]);
        assert_eq!(sources_of("my.app"), [""; 0]);
        assert!(elsewhere("StopLogging").contains(&"cloudtrail.amazonaws.com"));
        assert_eq!(without_version("CreateFunction20150331v2"), "CreateFunction");
        assert_eq!(without_version("Sha256"), "Sha256");
    }
}
