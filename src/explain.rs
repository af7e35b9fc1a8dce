//! Why an event or a log line fires an alert, or the first thing that stops it.
//!
//! `trace` walks the graph of the alert; this puts the question and reads the answer. Pure and offline: what the notifier
//! writes comes from the caller. Users: `cases`, `cli::explain`, `cli::preview`.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::alert::{Alert, Digest, Home, Receives};
use crate::compile::alarm::is_of_alarm;
use crate::compile::example::example;
use crate::lambda::{Unwritten, Writer, no_writer};
use crate::name::{DestinationId, RELAY, Scope};
use crate::record::is_record;
use crate::resource::RuleId;
use crate::trace::{self, Answer, Ask, End, Hop, Put, Question, Recipient, Way};

pub use crate::trace::Stop;

/// What becomes of an event at one alert.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Explained {
    /// The alert's id.
    pub alert: String,
    /// The file its blueprint is in.
    pub source: String,
    /// The way events take to it.
    pub route: Route,
    /// The hops, as far as they were walked.
    pub hops: Vec<Hop>,
    /// What becomes of the event.
    #[serde(flatten)]
    pub outcome: Explanation,
    /// What each of the alert's destinations gets, when it fires and they have names; the outcome is that of the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub destinations: Vec<DestinationOutcome>,
}

/// What becomes of an event at one destination.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DestinationOutcome {
    /// The name of the destination.
    pub to: String,
    /// What becomes of the event there.
    #[serde(flatten)]
    pub outcome: Explanation,
}

/// The way of an event to Slack, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Route {
    /// The rule's name, when a stack is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The region the rule is in, when a stack is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The rule's state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// The log group, for an alert that listens to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_group: Option<String>,
    /// Whether the notifier writes the message.
    pub notifier: bool,
    /// How often one message tells of all events together, such as `15 minutes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// What someone asks about.
#[derive(Clone, Copy, Debug)]
pub enum ExplainInput<'a> {
    /// An event. If it is of CloudTrail, its record is a log line, too.
    Event(&'a Value),
    /// A line of a log without a record in it.
    Line(&'a str),
}

impl ExplainInput<'_> {
    /// What it is called in results.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Event(_) => "event",
            Self::Line(_) => "line",
        }
    }

    /// What it holds.
    #[must_use]
    pub fn value(self) -> Value {
        match self {
            Self::Event(event) => event.clone(),
            Self::Line(line) => line.into(),
        }
    }
}

/// What becomes of an event.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Explanation {
    /// The alert fires.
    Fires {
        /// The body that Slack gets.
        body: Value,
    },
    /// The alert fires, and what Slack gets cannot be shown here.
    FiresUnseen {
        /// Why not.
        why: String,
    },
    /// Something stops it.
    Stopped {
        /// The first thing that does.
        by: Stop,
    },
    /// The engines cannot tell.
    Undecided {
        /// What they lack.
        why: String,
    },
}

impl Explanation {
    /// What becomes of the event on a way to Slack. Where the notifier is not run here, it is still certain that it is called.
    #[must_use]
    pub fn of(way: &Way) -> Self {
        match way.end() {
            End::Stopped { by, .. } => Self::Stopped { by: by.clone() },
            End::NotRun { why } => Self::FiresUnseen { why: why.to_owned() },
            End::NotKnown { why, .. } => Self::Undecided { why: why.to_owned() },
            // What a topic gets is JSON, or lines of text.
            End::Open if matches!(way.destination, Some(Recipient::Topic(_))) => {
                let text = way.body.clone().unwrap_or_default();
                Self::Fires { body: serde_json::from_str(&text).unwrap_or_else(|_| text.into()) }
            }
            End::Open => match way.bodies().first().map(|body| serde_json::from_str(body)) {
                Some(Ok(body)) => Self::Fires { body },
                _ => Self::Undecided { why: "the path ends without a message".to_owned() },
            },
        }
    }

    /// Whether the alert fires.
    #[must_use]
    pub fn fires(&self) -> bool {
        matches!(self, Self::Fires { .. } | Self::FiresUnseen { .. })
    }
}

/// How many alerts fire, and of how many it is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FiringTotals {
    /// Alerts.
    pub alerts: usize,
    /// Those that fire.
    pub firing: usize,
    /// Those that the engines cannot decide.
    pub undecided: usize,
}

impl FiringTotals {
    /// Counts.
    #[must_use]
    pub fn of(all: &[Explained]) -> Self {
        let count = |is: fn(&Explanation) -> bool| all.iter().filter(|one| is(&one.outcome)).count();
        let undecided = count(|outcome| matches!(outcome, Explanation::Undecided { .. }));
        Self { alerts: all.len(), firing: count(Explanation::fires), undecided }
    }
}

/// Says that an alert does not fire because its stack file disables it.
#[must_use]
pub fn disabled(alert: &Alert, home: Option<&Home>) -> Explained {
    Explained {
        alert: alert.id.clone(),
        source: alert.document.source.name.clone(),
        route: route(alert, home, None),
        hops: Vec::new(),
        outcome: Explanation::Stopped { by: Stop::Disabled },
        destinations: Vec::new(),
    }
}

/// Says what becomes of an event or a log line at an alert; `home` is the stack, if there is one.
#[must_use]
pub fn explain(alert: &Alert, home: Option<&Home>, input: ExplainInput<'_>, writer: Writer<'_>) -> Explained {
    let (outcome, rule, hops, destinations) = match ways(alert, home, input, writer) {
        Ok((way, others)) => {
            let by = suppressed(alert, home, input, &way);
            let outcome = by.map_or_else(|| Explanation::of(&way), |by| Explanation::Stopped { by });
            let destinations = if outcome.fires() { destinations(&way, &others) } else { Vec::new() };
            (outcome, Some(way.origin.name), way.hops, destinations)
        }
        Err(outcome) => (outcome, None, Vec::new(), Vec::new()),
    };
    Explained {
        alert: alert.id.clone(),
        source: alert.document.source.name.clone(),
        route: route(alert, home, rule),
        hops,
        outcome,
        destinations,
    }
}

/// What each destination gets; nothing where the only one has no name.
fn destinations(way: &Way, others: &[Way]) -> Vec<DestinationOutcome> {
    let name = |to: Option<&DestinationId>| to.map_or_else(DestinationId::slack, Clone::clone).to_string();
    let of = |way: &Way| -> Vec<DestinationOutcome> {
        if !matches!(way.destination, Some(Recipient::Function { .. })) {
            return vec![DestinationOutcome { to: name(way.to.as_ref()), outcome: Explanation::of(way) }];
        }
        let fires =
            |body: &str| Explanation::Fires { body: serde_json::from_str(body).unwrap_or_else(|_| body.into()) };
        let told = way.delivered().into_iter();
        told.map(|(to, body)| DestinationOutcome { to: name(to), outcome: fires(body) }).collect()
    };
    let all: Vec<DestinationOutcome> = std::iter::once(way).chain(others).flat_map(of).collect();
    let is_plain = all.iter().all(|one| one.to == DestinationId::slack().as_str());
    if is_plain { Vec::new() } else { all }
}

/// The suppression that keeps an alert from firing which would fire without it.
fn suppressed(alert: &Alert, home: Option<&Home>, input: ExplainInput<'_>, walked: &Way) -> Option<Stop> {
    if walked.matches() {
        return None;
    }
    let record = match input {
        ExplainInput::Event(event) => event.get("detail")?.clone(),
        ExplainInput::Line(line) => serde_json::from_str(line).ok()?,
    };
    let one = alert.suppression_of(&record)?;
    let whole = alert.unsuppressed()?;
    let is_matched = ways(&whole, home, input, &no_writer).is_ok_and(|(way, _)| way.matches());
    let (reason, owner, until) = (one.reason.clone(), one.owner.clone(), one.until.clone());
    is_matched.then_some(Stop::Suppressed { reason, owner, until })
}

/// The ways of an event or a log line at an alert, the one that leads furthest and others of the same rule, or why there is none.
fn ways(
    alert: &Alert,
    home: Option<&Home>,
    input: ExplainInput<'_>,
    writer: Writer<'_>,
) -> Result<(Way, Vec<Way>), Explanation> {
    let routed = routed(alert, input).map_err(|by| Explanation::Stopped { by })?;
    walk(alert, home, routed.input(), writer).map_err(|why| Explanation::Undecided { why })
}

/// What reaches an alert of what a person gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Routed<'a> {
    /// The event.
    Event(&'a Value),
    /// Lines of its log group.
    Lines {
        /// The log group.
        log_group: &'a str,
        /// The lines.
        lines: Vec<String>,
    },
}

impl Routed<'_> {
    /// What is walked with.
    #[must_use]
    pub fn input(&self) -> trace::Input<'_> {
        match self {
            Self::Event(event) => trace::Input::Event(event),
            Self::Lines { log_group, lines } => trace::Input::Lines { log_group, lines },
        }
    }
}

/// What reaches an alert: the event, or its record as a line of the alert's log group.
///
/// # Errors
/// The alert receives something else.
pub fn routed<'a>(alert: &'a Alert, input: ExplainInput<'a>) -> Result<Routed<'a>, Stop> {
    let other = |wanted, found| Err(Stop::OtherRoute { wanted, found });
    let Receives::Lines(received) = &alert.receives else {
        return match input {
            ExplainInput::Event(event) => Ok(Routed::Event(event)),
            ExplainInput::Line(_) => other("events of the bus", "a log line without a CloudTrail record"),
        };
    };
    let line = match input {
        ExplainInput::Event(event) if is_of_alarm(event) && alert.threshold.is_some() => {
            return Ok(Routed::Event(event));
        }
        ExplainInput::Line(line) => line.to_owned(),
        ExplainInput::Event(event) => match event.get("detail") {
            Some(record) if record.as_object().is_some_and(is_record) => record.to_string(),
            _ => return other("lines of a log group", "an event that is not of CloudTrail"),
        },
    };
    Ok(Routed::Lines { log_group: &received.log_group, lines: vec![line] })
}

/// The way to Slack through the graph of the alert alone: judged by our engines, and written by the notifier where it does. Next to it
/// the ways of the same rule to other destinations.
///
/// # Errors
/// There is nothing to walk.
pub fn walk(
    alert: &Alert,
    home: Option<&Home>,
    input: trace::Input<'_>,
    writer: Writer<'_>,
) -> Result<(Way, Vec<Way>), String> {
    let (scope, graph) = example(alert, home).map_err(|error| error.to_string())?;
    let ways = trace::follow(&graph, input, |question| answer(question, &scope, writer));
    let leads_to_slack = |way: &Way| !way.destination.as_ref().is_some_and(Recipient::is_handler);
    let mut own: Vec<Way> = ways.into_iter().filter(|way| way.origin.id != RELAY && leads_to_slack(way)).collect();
    let furthest = trace::furthest(&own).and_then(|furthest| own.iter().position(|way| way == furthest));
    let way = own.remove(furthest.ok_or_else(|| "the alert cannot reach Slack".to_owned())?);
    own.retain(|other| other.origin == way.origin);
    match alert.with_one_rule() {
        // What an alert expects is what its rules expect together.
        Some(whole) if !way.matches() => {
            let (of_whole, _) = walk(&whole, home, input, writer)?;
            let way = if of_whole.matches() { way } else { Way { origin: way.origin, ..of_whole } };
            Ok((way, Vec::new()))
        }
        _ => Ok((way, own)),
    }
}

/// Our engines' answers, and what the notifier writes. Handlers of remediations are not run.
pub fn answer(question: &Question<'_>, scope: &Scope, writer: Writer<'_>) -> Answer {
    match &question.ask {
        Ask::Run { id, input, .. } if trace::is_writer(id) => match writer(input) {
            Ok(details) => {
                let events = details.iter().map(|detail| Put::relayed(scope, detail)).collect();
                Answer::Ran { error: None, events }
            }
            Err(Unwritten::NotRun(why)) => Answer::NotKnown(why),
            Err(Unwritten::Failed(why)) => Answer::Ran { error: Some(why), events: Vec::new() },
        },
        _ => trace::answer(question),
    }
}

/// The route that an alert's events or lines take; `rule` is the name of the rule that came furthest, if there was one.
fn route(alert: &Alert, home: Option<&Home>, rule: Option<String>) -> Route {
    let region = home.map(|home| home.region.clone());
    let notifier = alert.is_by_notifier();
    let events = match &alert.receives {
        Receives::Events(events) => events,
        Receives::Lines(lines) => {
            let log_group = Some(lines.log_group.clone());
            return Route { rule: None, region, state: None, log_group, notifier, digest: None };
        }
    };
    let scope = home.and_then(|home| Scope::offline(home.account.as_deref(), &home.region, &home.stack).ok());
    let only = |scope: Scope| {
        let id = RuleId::of_alert(&scope, &alert.id, events.messages.first()?.group.as_deref());
        Some(scope.name(&id.rule, &id.suffix()))
    };
    let rule = scope.and_then(|scope| rule.or_else(|| only(scope)));
    let state = Some(events.state.word());
    let digest = alert.digest.map(Digest::words);
    Route { rule, region, state, log_group: None, notifier, digest }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::alert::DestinationForm;
    use crate::check::blueprint;
    use crate::document::Document;
    use crate::lambda::no_writer;
    use crate::message::Form;
    use crate::stack::Forwarded;

    fn alert(text: &str) -> Alert {
        let document = Document::parse("mine.yaml", text).expect("YAML");
        let loaded = blueprint(document).unwrap_or_else(|findings| panic!("{findings:?}"));
        Alert::alone(loaded)
    }

    const BLUEPRINT: &str = r"blueprint: readers
title: Somebody reads trails
severity: low
alert:
  rule_state: ENABLED
  pattern:
    source: [aws.cloudtrail]
    detail-type: [AWS API Call via CloudTrail]
    detail: { eventSource: [cloudtrail.amazonaws.com], eventName: [{ prefix: Stop }, { prefix: Get }] }
  message: { input_paths: { who: $.detail.userIdentity.principalId }, text: by <who> }
";

    #[test]
    fn the_first_thing_that_stops_an_event_is_named() {
        let alert = alert(BLUEPRINT);
        let home = |region: &str, account: Option<&str>| Home {
            stack: "sec".into(),
            region: region.into(),
            account: account.map(Into::into),
            accounts: std::collections::BTreeMap::new(),
            account_names: None,
            forwarded: Forwarded { accounts: vec!["222233334444".into()], regions: vec!["eu-north-1".into()] },
            destinations: vec![DestinationForm::slack(Form::Webhook)],
            topics: Vec::new(),
        };
        let event = |name: &str, read_only: bool| {
            let record = json!({"eventSource": "cloudtrail.amazonaws.com", "eventName": name, "awsRegion": "eu-west-1",
                "readOnly": read_only, "managementEvent": true, "recipientAccountId": "111122223333",
                "userIdentity": {"principalId": "AIDAX"}});
            crate::record::event(record.as_object().expect("an object"))
        };
        let outcome =
            |home: Option<&Home>, event: &Value| explain(&alert, home, ExplainInput::Event(event), &no_writer).outcome;
        let here = home("eu-west-1", Some("111122223333"));
        assert_eq!(
            outcome(Some(&here), &event("StopLogging", false)),
            Explanation::Fires { body: json!({"text": "by AIDAX"}) }
        );
        let stopped = |home: Option<&Home>, event: &Value| match outcome(home, event) {
            Explanation::Stopped { by } => by,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            stopped(None, &event("StartLogging", false)),
            Stop::Pattern {
                field: "detail.eventName".into(),
                operators: vec!["prefix".into()],
                wanted: r#"[{"prefix":"Stop"},{"prefix":"Get"}]"#.into(),
                found: Some("\"StartLogging\"".into()),
                other_element: false,
            }
        );
        let region = Stop::Region { wanted: "us-east-1".into(), found: "eu-west-1".into() };
        assert_eq!(stopped(Some(&home("us-east-1", None)), &event("StopLogging", false)), region);
        // What is forwarded from there is received.
        let forwarded = |region: &str, account: &str| {
            let mut event = event("StopLogging", false);
            (event["region"], event["account"]) = (region.into(), account.into());
            explain(&alert, Some(&home("us-east-1", Some("999999999999"))), ExplainInput::Event(&event), &no_writer)
                .outcome
        };
        assert!(matches!(forwarded("eu-north-1", "222233334444"), Explanation::Fires { .. }));
        assert!(!matches!(forwarded("eu-west-1", "222233334444"), Explanation::Fires { .. }));
        let account = Stop::Account { wanted: "999999999999".into(), found: "111122223333".into() };
        assert_eq!(stopped(Some(&home("us-east-1", Some("999999999999"))), &event("StopLogging", false)), account);
        let state = Stop::State { wanted: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", found: "ENABLED".into() };
        assert_eq!(stopped(Some(&here), &event("GetTrail", true)), state);
        assert_eq!(
            explain(&alert, Some(&here), ExplainInput::Event(&json!({})), &no_writer).route.rule.as_deref(),
            Some("trailbell-sec_readers_rule")
        );
    }

    #[test]
    fn the_suppression_that_silences_an_event_is_named() {
        let suppression: crate::suppression::Suppression = serde_json::from_value(json!({
            "when": { "userIdentity.principalId": ["AIDAX"] }, "reason": "deploys", "owner": "ops", "until": "2027-01-31",
        }))
        .expect("a suppression");
        let alert = alert(BLUEPRINT).tuned(None, vec![suppression.read().expect("good")]);
        let event = |name: &str, who: &str| {
            let record = json!({"eventSource": "cloudtrail.amazonaws.com", "eventName": name, "awsRegion": "eu-west-1",
                "userIdentity": {"principalId": who}});
            crate::record::event(record.as_object().expect("an object"))
        };
        let outcome = |event: &Value| explain(&alert, None, ExplainInput::Event(event), &no_writer).outcome;
        let suppressed =
            Stop::Suppressed { reason: "deploys".into(), owner: "ops".into(), until: Some("2027-01-31".into()) };
        assert_eq!(suppressed.to_string(), "the stack suppresses it: deploys (owner: ops, until 2027-01-31)");
        assert_eq!(outcome(&event("StopLogging", "AIDAX")), Explanation::Stopped { by: suppressed });
        assert!(outcome(&event("StopLogging", "AIDAY")).fires());
        // Without the suppression it would not fire either.
        let other = outcome(&event("StartLogging", "AIDAX"));
        assert!(matches!(other, Explanation::Stopped { by: Stop::Pattern { .. } }), "{other:?}");
    }

    #[test]
    fn each_destination_of_the_event_is_named_with_what_it_gets() {
        let stack = |slack: &str, to: &str| {
            let text = format!(
                "stack: sec\nregion: us-east-1\nforwarded: {{ accounts: [\"111122223333\"] }}\nslack: {slack}\n{to}alerts:\n  - blueprint: cloudtrail-stop-logging\n"
            );
            let document = Document::parse("s.yaml", &text).expect("YAML");
            crate::check::stack(document, std::path::PathBuf::new()).unwrap_or_else(|found| panic!("{found:?}"))
        };
        let told = |slack: &str, to: &str, account: &str| {
            let installation = stack(slack, to);
            let (alert, home) = (&installation.alerts[0], installation.home());
            let case = crate::cases::matching(&alert.blueprint).expect("a case");
            let event = alert.sent_from(case, &home, Some(account));
            let explained = explain(alert, Some(&home), ExplainInput::Event(&event), &no_writer);
            assert!(explained.outcome.fires());
            let shown = |one: &DestinationOutcome| match &one.outcome {
                Explanation::Fires { body } => format!("{}: {}", one.to, body["channel"].as_str().unwrap_or("-")),
                other => panic!("{other:?}"),
            };
            explained.destinations.iter().map(shown).collect::<Vec<_>>()
        };
        let both = "{ a: { webhook: \"${env:A}\" }, b: { token: \"${env:B}\", channel: C0123456789 } }";
        let by_account = "to: { default: [a, b], accounts: [{ accounts: [\"111122223333\"], to: b }] }\n";
        assert_eq!(told(both, by_account, "123456789012"), ["a: -", "b: C0123456789"]);
        assert_eq!(told(both, by_account, "111122223333"), ["b: C0123456789"]);
        assert_eq!(told("{ webhook: \"${env:A}\" }", "", "123456789012"), Vec::<String>::new());
    }
}
