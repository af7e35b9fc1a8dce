//! What EventBridge puts around a record: which fields there are, and which go together.

use super::super::{DETAIL_TYPES, INSIGHT, SIGN_IN_TYPES, wants_records};
use super::{Impossibility, ImpossibilityKind, did_you_mean, event_sources, service, texts};
use crate::cloudtrail::events::{self, SIGN_IN};
use crate::cloudtrail::fields as table;
use crate::diagnostic::nearest;
use crate::name::is_region;
use crate::pattern::Branch;
use crate::record;

/// The fields of every event. Source: EventBridge user guide, "AWS service event structure" and "Replaying events".
const FIELDS: [&str; 10] =
    ["version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail", "replay-name"];

/// There are no other fields than these at the top, and what account and region hold has a form.
pub(super) fn fields(branch: Branch) -> Vec<Impossibility> {
    let mut found = Vec::new();
    for demand in branch.demands() {
        let top = demand.path().split('.').next().unwrap_or_default();
        if FIELDS.contains(&top) || demand.accepts_absence() {
            continue;
        }
        let inside = format!("detail.{}", demand.path());
        let help = if table::is_of_records(&inside) {
            Some(format!("it belongs in `detail`: `{inside}`"))
        } else {
            did_you_mean(nearest(top, &FIELDS))
        };
        let what = format!("events do not have a field `{top}` next to `detail`");
        found.push(Impossibility::new(ImpossibilityKind::Never, demand.path(), None, what).help(help));
    }
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    for (field, is_good, form) in [
        ("account", &is_account as &dyn Fn(&str) -> bool, "an account id of twelve digits"),
        ("region", &is_region, "the name of a region"),
    ] {
        for text in texts(branch, field).unwrap_or_default().into_iter().filter(|text| !is_good(text)) {
            found.push(Impossibility::new(
                ImpossibilityKind::Never,
                field,
                Some(text),
                format!("`{text}` is not {form}"),
            ));
        }
    }
    found
}

/// `source` and `detail.eventSource` belong together.
pub(super) fn source_pairs(branch: Branch) -> Vec<Impossibility> {
    let (Some(services), Some(sources)) = (texts(branch, "source"), texts(branch, "detail.eventSource")) else {
        return Vec::new();
    };
    // What is neither the one nor the other is found by its name.
    if !services.iter().all(|one| one.starts_with("aws.")) || !sources.iter().all(|one| events::is_source(one)) {
        return Vec::new();
    }
    let lonely: Vec<Impossibility> = sources
        .iter()
        .filter(|source| !services.contains(&service(source).as_str()))
        .map(|source| {
            let service = service(source);
            let what = format!("events of `{source}` have the source `{service}`, which is not in the pattern");
            Impossibility::new(ImpossibilityKind::Never, "detail.eventSource", Some(source), what)
                .help(format!("list `{service}` in `source`"))
        })
        .collect();
    if !lonely.is_empty() {
        // One wrong word is one trouble: when both sides are lonely, the event source speaks for both.
        return lonely;
    }
    let wanted: Vec<String> = sources.iter().map(|source| format!("`{}`", service(source))).collect();
    let is_lonely = |one: &&&str| !sources.iter().any(|source| service(source) == **one);
    let trouble = |one: &&str| {
        let what = format!("no event has the source `{one}` together with one of these event sources");
        Impossibility::new(ImpossibilityKind::Never, "source", Some(one), what)
            .help(format!("their events have {}", wanted.join(" or ")))
    };
    services.iter().filter(is_lonely).map(trouble).collect()
}

/// Fields of the event and of the record in it that always hold the same.
const TWINS: [(&str, &str); 3] =
    [("region", "detail.awsRegion"), ("account", "detail.recipientAccountId"), ("time", "detail.eventTime")];

pub(super) fn twins(branch: Branch) -> Vec<Impossibility> {
    let apart = |(outer, inner): (&str, &str)| {
        let (a, b) = (texts(branch, outer)?, texts(branch, inner)?);
        (!a.iter().any(|text| b.contains(text))).then(|| {
            let what = format!("`{outer}` and `{inner}` are always equal, but the pattern requires different values");
            Impossibility::new(ImpossibilityKind::Never, inner, None, what)
                .help("list it in only one of them".to_owned())
        })
    };
    TWINS.into_iter().filter_map(apart).collect()
}

/// Detail types that exist, and events that have them.
pub(super) fn detail_types(branch: Branch) -> Vec<Impossibility> {
    let Some(wanted) = texts(branch, "detail-type") else { return Vec::new() };
    let squashed = |text: &str| text.to_lowercase().replace([' ', '-'], "");
    let mut found = Vec::new();
    for one in wanted.iter().filter(|one| !DETAIL_TYPES.contains(one)) {
        let meant = DETAIL_TYPES.into_iter().find(|known| squashed(known) == squashed(one));
        let near = meant.or_else(|| nearest(one, &DETAIL_TYPES).filter(|_| squashed(one).contains("cloudtr")));
        if near.is_some() || squashed(one).contains("cloudtrail") {
            let what = format!("no event has the detail type `{one}`");
            found.push(
                Impossibility::new(ImpossibilityKind::Never, "detail-type", Some(one), what).help(did_you_mean(near)),
            );
        }
    }
    // What other services and applications send has types and fields of its own, whatever they are called.
    if has(&wanted, &DETAIL_TYPES) {
        found.extend(of_event_types(branch, &wanted));
        found.extend(of_sign_ins(branch, &wanted));
        found.extend(of_insights(branch, &wanted));
    }
    found
}

/// Records of Insights do not have the fields of a call: what was called is in `insightDetails`.
/// Source: CloudTrail user guide, "Record contents for Insights events for trails".
fn of_insights(branch: Branch, wanted: &[&str]) -> Vec<Impossibility> {
    let is_only = wanted.iter().all(|one| *one == INSIGHT);
    let called = ["eventSource", "eventName"].into_iter().filter(|_| is_only).filter_map(|name| {
        let field = format!("detail.{name}");
        let demand = branch.demand(&field).filter(|demand| !demand.accepts_absence())?;
        let what = format!("Insights events do not have a field `{}`", demand.path());
        let help = format!("write `detail: {{ insightDetails: {{ {name}: … }} }}`");
        Some(Impossibility::new(ImpossibilityKind::Never, &field, None, what).help(help))
    });
    called.collect()
}

/// Fields that only records of CloudTrail have.
/// Source: CloudTrail user guide, "CloudTrail record contents"; the events that services send themselves describe what
/// happened in fields of their own (EventBridge events reference).
const OF_RECORDS: [&str; 5] =
    ["eventSource", "userIdentity", "requestParameters", "responseElements", "recipientAccountId"];

/// What services send themselves are not records of CloudTrail.
pub(super) fn other_records(branch: Branch) -> Vec<Impossibility> {
    let (Some(types), Some(services)) = (texts(branch, "detail-type"), texts(branch, "source")) else {
        return Vec::new();
    };
    if has(&types, &DETAIL_TYPES) || !services.iter().all(|one| one.starts_with("aws.")) {
        return Vec::new();
    }
    // Some have a field `eventName`, with names of their own.
    let is_call = |name: &str| {
        let sources = services.iter().flat_map(|service| events::sources_of(service));
        sources.into_iter().any(|source| events::find(source, name).is_some())
    };
    let found = branch.demands().filter(|demand| !demand.accepts_absence()).find(|demand| {
        let top = demand.path().strip_prefix("detail.").and_then(|path| path.split('.').next());
        let names = demand.texts().filter(|_| demand.path() == "detail.eventName");
        top.is_some_and(|top| OF_RECORDS.contains(&top))
            || names.is_some_and(|names| names.iter().all(|one| is_call(one)))
    });
    let trouble = found.map(|demand| {
        let what = format!("`{}` is a field of CloudTrail's events, which have other detail types", demand.path());
        let help = format!(
            "for calls that CloudTrail records, write `detail-type: [{}]`; for events that the service sends itself, remove \
            the field",
            DETAIL_TYPES[0]
        );
        Impossibility::new(ImpossibilityKind::Never, demand.path(), None, what).help(help)
    });
    trouble.into_iter().collect()
}

fn has(wanted: &[&str], types: &[&str]) -> bool {
    types.iter().any(|one| wanted.contains(one))
}

/// The record says itself of which type it is.
fn of_event_types(branch: Branch, wanted: &[&str]) -> Vec<Impossibility> {
    let mut found = Vec::new();
    for kind in texts(branch, "detail.eventType").unwrap_or_default() {
        let written = record::detail_type(kind);
        let both = if SIGN_IN_TYPES.contains(&written) { &SIGN_IN_TYPES[..] } else { &[written] };
        if !has(wanted, both) {
            let what = format!("events of the type `{kind}` have the detail type `{written}`");
            let help = format!("list `{}`", both.join("` and `"));
            found.push(Impossibility::new(ImpossibilityKind::Never, "detail.eventType", Some(kind), what).help(help));
        }
    }
    found
}

/// Sign-ins are no API calls.
fn of_sign_ins(branch: Branch, wanted: &[&str]) -> Vec<Impossibility> {
    let mut found = Vec::new();
    let sources = event_sources(branch);
    for name in texts(branch, "detail.eventName").unwrap_or_default() {
        let is_sign_in = !sources.is_empty() && sources.iter().all(|source| events::is_sign_in(source, name));
        if is_sign_in && !has(wanted, &SIGN_IN_TYPES) {
            let what = format!("`{name}` is not an API call: its detail type is `{}`", SIGN_IN_TYPES[0]);
            let help = format!("list both spellings: `{}`", SIGN_IN_TYPES.join("`, `"));
            found.push(Impossibility::new(ImpossibilityKind::Never, "detail.eventName", Some(name), what).help(help));
        }
    }
    if wanted.iter().all(|one| SIGN_IN_TYPES.contains(one)) && !sources.is_empty() && !sources.contains(&SIGN_IN) {
        let what = format!("sign-in events have the event source `{SIGN_IN}` and the source `aws.signin`");
        found.push(Impossibility::new(ImpossibilityKind::Never, "detail-type", None, what));
    }
    found
}

/// The documentation and the rules in use differ in one detail type.
pub(super) fn sign_in_spelling(branch: Branch) -> Vec<Impossibility> {
    let Some(demand) = branch.demand("detail-type").filter(|_| wants_records(branch)) else { return Vec::new() };
    let [there, missing] = match SIGN_IN_TYPES.map(|one| demand.accepts_text(one)) {
        [true, false] => SIGN_IN_TYPES,
        [false, true] => [SIGN_IN_TYPES[1], SIGN_IN_TYPES[0]],
        _ => return Vec::new(),
    };
    let what = format!("this detail type has two spellings in documentation and in use; `{there}` is one of them");
    let entry = demand.entries().find_map(|entry| entry.text().filter(|text| *text == there));
    vec![
        Impossibility::new(ImpossibilityKind::SignInSpelling, "detail-type", entry, what)
            .help(format!("list `{missing}`, too")),
    ]
}
