//! Whether the events a pattern asks for exist: pairs that never meet, names nobody knows, calls a rule never hears.
//!
//! Works on what a pattern pins; what it leaves open is not judged. Each trouble names the field and, where one entry of
//! its list is to blame, that entry. Neighbours: `events` and `fields` (what is known), `blueprint::check` (who asks).

use super::events::{self, SIGN_IN};
use super::fields::{self, Holds, Row, Scope};
use super::{RECORD_TYPES, SIGN_IN_TYPES, is_record};
use crate::pattern::{Demand, Pattern, Way};
use crate::record;

/// Something about a pattern that keeps an alert from ringing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What kind.
    pub kind: Kind,
    /// The field, dotted.
    pub field: String,
    /// The entry of the field's list, when one is to blame.
    pub entry: Option<String>,
    /// What is wrong.
    pub what: String,
    /// The way out.
    pub help: Option<String>,
}

/// What keeps an alert from ringing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// No event can match.
    Never,
    /// An event source or service nobody knows.
    UnknownSource,
    /// An event name nobody knows.
    UnknownEvent,
    /// The sign-in detail type in one of its two spellings.
    SignInSpelling,
}

impl Trouble {
    fn new(kind: Kind, field: &str, entry: Option<&str>, what: String) -> Self {
        Self { kind, field: field.to_owned(), entry: entry.map(str::to_owned), what, help: None }
    }

    fn help(mut self, help: impl Into<Option<String>>) -> Self {
        self.help = help.into();
        self
    }
}

/// Everything that is wrong with what a pattern asks for, each thing once.
#[must_use]
pub fn troubles(pattern: &Pattern) -> Vec<Trouble> {
    let mut found = Vec::new();
    for way in pattern.ways() {
        let rules = [source_pairs, twins, detail_types, sign_in_spelling, kinds_of_value, sources, names];
        for trouble in rules.iter().flat_map(|rule| rule(way)) {
            if !found.contains(&trouble) {
                found.push(trouble);
            }
        }
    }
    found
}

/// The texts a field is pinned to.
fn texts<'p>(way: Way<'p>, field: &str) -> Option<Vec<&'p str>> {
    way.demand(field).and_then(Demand::texts)
}

/// `aws.` and the first label of the event source.
fn service(event_source: &str) -> String {
    format!("aws.{}", event_source.split('.').next().unwrap_or_default())
}

/// `source` and `detail.eventSource` belong together.
fn source_pairs(way: Way) -> Vec<Trouble> {
    let (Some(services), Some(sources)) = (texts(way, "source"), texts(way, "detail.eventSource")) else {
        return Vec::new();
    };
    if !services.iter().all(|service| service.starts_with("aws.")) {
        return Vec::new();
    }
    let lonely_services =
        services.iter().filter(|one| !sources.iter().any(|source| service(source) == **one)).map(|one| {
            let what = format!("no event has the source `{one}` and one of these event sources");
            let wanted: Vec<String> = sources.iter().map(|source| format!("`{}`", service(source))).collect();
            Trouble::new(Kind::Never, "source", Some(one), what)
                .help(format!("their events have {}", wanted.join(" or ")))
        });
    let lonely_sources = sources.iter().filter(|source| !services.contains(&service(source).as_str())).map(|source| {
        let what =
            format!("events of `{source}` have the source `{}`, which the pattern does not list", service(source));
        Trouble::new(Kind::Never, "detail.eventSource", Some(source), what)
            .help(format!("list `{}` in `source`", service(source)))
    });
    // One wrong word is one trouble: when both sides are lonely, the event source speaks for both.
    let sources: Vec<Trouble> = lonely_sources.collect();
    if sources.is_empty() { lonely_services.collect() } else { sources }
}

/// Fields of the event and of the record in it that always hold the same.
const TWINS: [(&str, &str); 3] =
    [("region", "detail.awsRegion"), ("account", "detail.recipientAccountId"), ("time", "detail.eventTime")];

fn twins(way: Way) -> Vec<Trouble> {
    let apart = |(outer, inner): (&str, &str)| {
        let (a, b) = (texts(way, outer)?, texts(way, inner)?);
        (!a.iter().any(|text| b.contains(text))).then(|| {
            let what = format!("`{outer}` and `{inner}` are always the same, and the pattern wants them different");
            Trouble::new(Kind::Never, inner, None, what).help("list it in one of them only".to_owned())
        })
    };
    TWINS.into_iter().filter_map(apart).collect()
}

/// Detail types that exist, and events that have them.
fn detail_types(way: Way) -> Vec<Trouble> {
    let Some(wanted) = texts(way, "detail-type") else { return Vec::new() };
    let mut found = Vec::new();
    let known: Vec<&str> = RECORD_TYPES.into_iter().chain(super::OTHER_TYPES).collect();
    for one in wanted.iter().filter(|one| one.to_lowercase().contains("cloudtrail") && !known.contains(one)) {
        let near = crate::diagnostic::nearest(one, &known).map(|near| format!("did you mean `{near}`?"));
        let what = format!("no events have the detail type `{one}`");
        found.push(Trouble::new(Kind::Never, "detail-type", Some(one), what).help(near));
    }
    let has = |types: &[&str]| types.iter().any(|one| wanted.contains(one));
    for kind in texts(way, "detail.eventType").unwrap_or_default() {
        let written = record::detail_type(kind);
        let fits = if SIGN_IN_TYPES.contains(&written) { has(&SIGN_IN_TYPES) } else { has(&[written]) };
        if !fits {
            let what = format!("events of the type `{kind}` have the detail type `{written}`");
            found.push(Trouble::new(Kind::Never, "detail.eventType", Some(kind), what));
        }
    }
    let sources = event_sources(way);
    for name in texts(way, "detail.eventName").unwrap_or_default() {
        let is_sign_in = !sources.is_empty() && sources.iter().all(|source| events::is_sign_in(source, name));
        if is_sign_in && !has(&SIGN_IN_TYPES) {
            let what = format!("`{name}` is no API call: its detail type is `{}`", SIGN_IN_TYPES[0]);
            let help = format!("list both spellings: `{}`", SIGN_IN_TYPES.join("`, `"));
            found.push(Trouble::new(Kind::Never, "detail.eventName", Some(name), what).help(help));
        }
    }
    if wanted.iter().all(|one| SIGN_IN_TYPES.contains(one)) && !sources.is_empty() && !sources.contains(&SIGN_IN) {
        let what = format!("sign-in events have the event source `{SIGN_IN}` and the source `aws.signin`");
        found.push(Trouble::new(Kind::Never, "detail-type", None, what));
    }
    found
}

fn sign_in_spelling(way: Way) -> Vec<Trouble> {
    let wanted = texts(way, "detail-type").unwrap_or_default();
    let [there, missing] = match SIGN_IN_TYPES.map(|one| wanted.contains(&one)) {
        [true, false] => SIGN_IN_TYPES,
        [false, true] => [SIGN_IN_TYPES[1], SIGN_IN_TYPES[0]],
        _ => return Vec::new(),
    };
    let what =
        format!("the documentation and the rules in use spell this detail type in two ways; `{there}` is one of them");
    vec![Trouble::new(Kind::SignInSpelling, "detail-type", Some(there), what).help(format!("list `{missing}`, too"))]
}

/// What stands in a field cannot be of the kind the pattern wants.
fn kinds_of_value(way: Way) -> Vec<Trouble> {
    let applies = |row: &Row| row.scope == Scope::Event || row.scope == Scope::Record && is_record(way);
    let mut found = Vec::new();
    for demand in way.demands() {
        let Some(row) = fields::rows().iter().find(|row| row.path == demand.path() && applies(row)) else { continue };
        let absence_fits = demand.accepts_absence() && !row.always;
        let (fits, kind) = match row.holds {
            Some(Holds::Boolean) => {
                (demand.accepts_boolean(true) || demand.accepts_boolean(false), "`true` or `false`, without quotes")
            }
            Some(Holds::Number) => (demand.can_be_number(), "a number, without quotes"),
            Some(_) => (demand.can_be_text(), "a text, in quotes"),
            None if row.is_object => (false, "an object; demand something of a field inside it"),
            None => (true, ""),
        };
        if !fits && !absence_fits {
            let what = match (demand.accepts_absence(), row.always) {
                (true, true) => format!("`{}` is in every event", row.path),
                _ => format!("`{}` holds {kind}", row.path),
            };
            found.push(
                Trouble::new(Kind::Never, row.path, None, what).help(format!("the pattern wants {}", demand.wanted())),
            );
        }
    }
    found
}

/// The event sources the events of a way can have, as far as they are pinned and known.
pub(super) fn event_sources(way: Way<'_>) -> Vec<&str> {
    match texts(way, "detail.eventSource") {
        Some(sources) => sources,
        None => texts(way, "source").unwrap_or_default().into_iter().flat_map(events::sources_of).collect(),
    }
}

fn sources(way: Way) -> Vec<Trouble> {
    if !is_record(way) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for source in texts(way, "detail.eventSource").unwrap_or_default() {
        if !events::is_source(source) {
            let near = events::nearest_source(source).map(|near| format!("did you mean `{near}`?"));
            let what = format!("no service is known that writes events as `{source}`");
            found.push(Trouble::new(Kind::UnknownSource, "detail.eventSource", Some(source), what).help(near));
        }
    }
    for source in texts(way, "source").unwrap_or_default() {
        let is_pair = texts(way, "detail.eventSource").is_some_and(|all| all.iter().any(|one| service(one) == source));
        if !is_pair && events::sources_of(source).is_empty() {
            let near = events::nearest_service(source).map(|near| format!("did you mean `{near}`?"));
            let what = format!("no service is known whose events have the source `{source}`");
            found.push(Trouble::new(Kind::UnknownSource, "source", Some(source), what).help(near));
        }
    }
    found
}

fn names(way: Way) -> Vec<Trouble> {
    let known: Vec<&str> = event_sources(way).into_iter().filter(|source| events::is_source(source)).collect();
    let Some(demand) = way.demand("detail.eventName").filter(|_| is_record(way) && !known.is_empty()) else {
        return Vec::new();
    };
    let field = "detail.eventName";
    let whose = known.join("` or `");
    let Some(wanted) = demand.texts() else {
        let fits = known.iter().flat_map(|source| events::names(source)).any(|one| demand.accepts_text(one.name));
        if fits || demand.accepts_absence() {
            return Vec::new();
        }
        let what = format!("no event of `{whose}` is known whose name fits {}", demand.wanted());
        return vec![Trouble::new(Kind::UnknownEvent, field, None, what)];
    };
    wanted.into_iter().filter_map(|name| unknown_name(&known, &whose, name)).collect()
}

fn unknown_name(sources: &[&str], whose: &str, name: &str) -> Option<Trouble> {
    let entry = sources.iter().find_map(|source| events::find(source, name));
    if let Some(written) = entry.and_then(|entry| entry.written) {
        let what = format!("`{name}` is what the SDK calls it; CloudTrail writes `{written}`");
        return Some(trouble_of(name, what, Some(format!("write `{written}`"))));
    }
    if entry.is_some() {
        return None;
    }
    let near = events::nearest_name(sources, name).map(|near| format!("did you mean `{near}`?"));
    let elsewhere = || match events::elsewhere(name).as_slice() {
        [] => {
            "if it is new, or an event of the console, this warning can be ignored; a test with a real record shows it"
                .to_owned()
        }
        others => format!("`{}` has it", others.iter().take(3).copied().collect::<Vec<_>>().join("`, `")),
    };
    let what = format!("`{name}` is not known as an event of `{whose}`");
    Some(trouble_of(name, what, Some(near.unwrap_or_else(elsewhere))))
}

fn trouble_of(name: &str, what: String, help: Option<String>) -> Trouble {
    Trouble::new(Kind::UnknownEvent, "detail.eventName", Some(name), what).help(help)
}

/// What a pattern has to do with read-only calls, which a plain rule never hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadOnly {
    /// Nothing.
    None,
    /// It names some.
    Named(Vec<String>),
    /// It leaves open whether it means them.
    Open,
}

/// What a pattern has to do with read-only calls.
#[must_use]
pub fn read_only(pattern: &Pattern) -> ReadOnly {
    let mut named = Vec::new();
    let mut is_open = false;
    for way in pattern.ways().filter(|way| is_record(*way) && wants_calls(*way)) {
        let flag = way.demand("detail.readOnly");
        if flag.is_some_and(|demand| !demand.accepts_boolean(true)) {
            continue;
        }
        let sources = event_sources(way);
        let is_reading = flag.is_some_and(|demand| !demand.accepts_boolean(false));
        match way.demand("detail.eventName") {
            None if is_reading => named.push("Describe…".to_owned()),
            None => is_open = true,
            Some(demand) => match (demand.texts(), unheard_share(&sources, demand)) {
                (Some(names), _) => {
                    let is_unheard = |name: &&str| sources.iter().any(|source| events::is_unheard(source, name));
                    named.extend(names.into_iter().filter(is_unheard).map(str::to_owned));
                }
                (None, (Some(first), true)) => named.push(first.to_owned()),
                (None, (first, _)) => is_open |= first.is_some(),
            },
        }
    }
    named.dedup();
    match (named.is_empty(), is_open) {
        (false, _) => ReadOnly::Named(named),
        (true, true) => ReadOnly::Open,
        (true, false) => ReadOnly::None,
    }
}

/// The first known call a list of expressions fits that a plain rule never hears, and whether all it fits are such.
fn unheard_share(sources: &[&str], demand: Demand) -> (Option<&'static str>, bool) {
    let fitting =
        || sources.iter().flat_map(|source| events::names(source)).filter(|one| demand.accepts_text(one.name));
    (fitting().find(|one| one.is_unheard).map(|one| one.name), fitting().all(|one| one.is_unheard))
}

/// Whether events of this way can be API calls.
fn wants_calls(way: Way) -> bool {
    way.demand("detail-type").is_none_or(|demand| demand.accepts_text(RECORD_TYPES[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &str = r#""source":["aws.cloudtrail"],"detail-type":["AWS API Call via CloudTrail"]"#;

    fn found(pattern: &str) -> Vec<(Kind, String, String)> {
        let pattern = Pattern::read(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        let short = |one: Trouble| (one.kind, one.field, one.entry.unwrap_or_default());
        troubles(&pattern).into_iter().map(short).collect()
    }

    /// Kind, field, entry.
    type Expected = &'static [(Kind, &'static str, &'static str)];

    #[test]
    fn what_can_never_be_is_found_and_nothing_else() {
        use Kind::{Never, SignInSpelling, UnknownEvent, UnknownSource};
        let call = |detail: &str| format!(r#"{{{CALL},"detail":{{{detail}}}}}"#);
        let sign_in = |types: &str, name: &str| {
            format!(r#"{{"source":["aws.signin"],"detail-type":[{types}],"detail":{{"eventName":["{name}"]}}}}"#)
        };
        let both = r#""AWS Console Sign In via CloudTrail","AWS Console Signin via CloudTrail""#;
        let cases: Vec<(String, Expected)> = vec![
            (call(r#""eventSource":["cloudtrail.amazonaws.com"],"eventName":["StopLogging"]"#), &[]),
            (call(r#""eventSource":["s3.amazonaws.com"]"#), &[(Never, "detail.eventSource", "s3.amazonaws.com")]),
            (
                r#"{"source":["aws.iam","aws.sts"],"detail":{"eventSource":["iam.amazonaws.com"]}}"#.into(),
                &[(Never, "source", "aws.sts")],
            ),
            (r#"{"source":["my.app"],"detail":{"eventSource":["iam.amazonaws.com"]}}"#.into(), &[]),
            (r#"{"region":["us-east-1"],"detail":{"awsRegion":["eu-west-1"]}}"#.into(), &[(Never, "detail.awsRegion", "")]),
            (r#"{"region":["us-east-1"],"detail":{"awsRegion":["eu-west-1","us-east-1"]}}"#.into(), &[]),
            (
                r#"{"source":["aws.s3"],"detail-type":["AWS API call via CloudTrail"]}"#.into(),
                &[(Never, "detail-type", "AWS API call via CloudTrail")],
            ),
            (call(r#""eventType":["AwsServiceEvent"]"#), &[(Never, "detail.eventType", "AwsServiceEvent")]),
            (call(r#""eventType":["AwsApiCall"]"#), &[]),
            (call(r#""readOnly":["false"]"#), &[(Never, "detail.readOnly", "")]),
            (call(r#""readOnly":[false]"#), &[]),
            (call(r#""userIdentity":{"sessionContext":{"attributes":{"mfaAuthenticated":[false]}}}"#), &[(
                Never,
                "detail.userIdentity.sessionContext.attributes.mfaAuthenticated",
                "",
            )]),
            (call(r#""userIdentity":["x"]"#), &[(Never, "detail.userIdentity", "")]),
            (call(r#""eventTime":[{"exists":false}]"#), &[(Never, "detail.eventTime", "")]),
            (call(r#""errorCode":[{"exists":false}]"#), &[]),
            (call(r#""eventName":["StopLoging"]"#), &[(UnknownEvent, "detail.eventName", "StopLoging")]),
            (call(r#""eventName":[{"prefix":"Stop"}]"#), &[]),
            (call(r#""eventName":[{"prefix":"Stopp"}]"#), &[(UnknownEvent, "detail.eventName", "")]),
            (call(r#""eventName":[{"anything-but":["StopLogging"]}]"#), &[]),
            (
                r#"{"source":["aws.cloudtrial"],"detail-type":["AWS API Call via CloudTrail"]}"#.into(),
                &[(UnknownSource, "source", "aws.cloudtrial")],
            ),
            (
                r#"{"source":["aws.cloudtrial"],"detail":{"eventSource":["cloudtrial.amazonaws.com"],"eventName":["StopLogging"]}}"#.into(),
                &[(UnknownSource, "detail.eventSource", "cloudtrial.amazonaws.com")],
            ),
            (sign_in(both, "ConsoleLogin"), &[]),
            (
                sign_in(r#""AWS Console Sign In via CloudTrail""#, "ConsoleLogin"),
                &[(SignInSpelling, "detail-type", "AWS Console Sign In via CloudTrail")],
            ),
            (
                sign_in(r#""AWS API Call via CloudTrail""#, "ConsoleLogin"),
                &[(Never, "detail.eventName", "ConsoleLogin")],
            ),
            (
                format!(r#"{{"source":["aws.iam"],"detail-type":[{both}]}}"#),
                &[(Never, "detail-type", "")],
            ),
            // Each way of an `$or` is judged alone.
            (
                format!(r#"{{{CALL},"$or":[{{"detail":{{"eventName":["StopLogging"]}}}},{{"detail":{{"eventName":["Nope"]}}}}]}}"#),
                &[(UnknownEvent, "detail.eventName", "Nope")],
            ),
        ];
        for (pattern, expected) in cases {
            let expected: Vec<_> =
                expected.iter().map(|(kind, field, entry)| (*kind, (*field).to_owned(), (*entry).to_owned())).collect();
            assert_eq!(found(&pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn a_misspelt_or_renamed_event_has_a_way_out() {
        let help = |source: &str, name: &str| {
            let text = format!(
                r#"{{"source":["aws.{source}"],"detail-type":["AWS API Call via CloudTrail"],"detail":{{"eventName":["{name}"]}}}}"#
            );
            troubles(&Pattern::read(&text).expect("valid")).pop().and_then(|one| one.help).unwrap_or_default()
        };
        assert_eq!(help("cloudtrail", "StopLoging"), "did you mean `StopLogging`?");
        assert_eq!(help("cloudtrail", "RunInstances"), "`ec2.amazonaws.com` has it");
        assert!(help("cloudtrail", "FrobnicateEverything").contains("can be ignored"));
    }

    #[test]
    fn read_only_calls_are_seen() {
        let call = |detail: &str| {
            let text = format!(r#"{{{CALL},"detail":{{{detail}}}}}"#);
            read_only(&Pattern::read(&text).expect("valid"))
        };
        let named = |names: &[&str]| ReadOnly::Named(names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(call(r#""eventName":["StopLogging"]"#), ReadOnly::None);
        assert_eq!(call(r#""eventName":["StopLogging","GetTrail","LookupEvents"]"#), named(&["GetTrail"]));
        assert_eq!(call(r#""eventName":[{"prefix":"GetTrail"}]"#), named(&["GetTrail"]));
        assert_eq!(call(r#""eventName":[{"prefix":"S"},{"prefix":"Get"}]"#), ReadOnly::Open);
        assert_eq!(call(r#""readOnly":[true]"#), named(&["Describe…"]));
        assert_eq!(call(r#""eventName":[{"prefix":"Stop"}]"#), ReadOnly::None);
        assert_eq!(call(r#""errorCode":["AccessDenied"]"#), ReadOnly::Open);
        assert_eq!(call(r#""errorCode":["AccessDenied"],"readOnly":[false]"#), ReadOnly::None);
        assert_eq!(read_only(&Pattern::read(r#"{"source":["my.app"]}"#).expect("valid")), ReadOnly::None);
    }
}
