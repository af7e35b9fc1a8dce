//! Why an event or a log line rings an alert, or the first thing that stops it: pattern or filter, account, region, rule
//! state, message.
//!
//! Pure and offline; the engines are those of `cases` and the sandbox, and what the notifier writes comes from the caller.
//! Users: `cli::explain`, `cli::preview`.

use serde::Serialize;
use serde_json::Value;

use crate::blueprint::{LogRoute, RuleState};
use crate::cases::sample_origin;
use crate::cloudtrail::events::is_unheard_event;
use crate::filter::{self, Answer};
use crate::functions::Writer;
use crate::functions::batch::batch;
use crate::json::Json;
use crate::message::transformer::{Delivery, InputTransformer, Reserved};
use crate::message::{self, Posting};
use crate::name::Scope;
use crate::pattern::{Demand, Mismatch, Pattern, Verdict};
use crate::record::is_record;
use crate::resource::Kind;
use crate::slack;
use crate::stack::{Home, InstalledAlert};

/// What becomes of an event at one alert.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explained {
    /// The alert's id.
    pub alert: String,
    /// The file its blueprint stands in.
    pub source: String,
    /// The way events take to it.
    pub route: Route,
    /// What becomes of the event.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// The way of an event to Slack, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
}

/// What somebody asks about.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// An event. If it is of CloudTrail, its record is a log line, too.
    Event(&'a Value),
    /// A line of a log without a record in it.
    Line(&'a str),
}

impl Input<'_> {
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
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// The alert rings.
    Rings {
        /// The body that Slack gets.
        body: Value,
    },
    /// The alert rings, and what Slack gets cannot be shown here.
    RingsUnseen {
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

impl Outcome {
    /// Whether the alert rings.
    #[must_use]
    pub fn rings(&self) -> bool {
        matches!(self, Self::Rings { .. } | Self::RingsUnseen { .. })
    }
}

/// What stops an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Stop {
    /// The pattern wants something else.
    Pattern {
        /// The field, dotted.
        field: String,
        /// The operators the pattern has there, in its order.
        operators: Vec<String>,
        /// The JSON text of what the pattern lists there.
        wanted: String,
        /// The JSON text of what the event holds there; nothing when it holds no value.
        found: Option<String>,
        /// The value would do, but stands in another array element than the fields before it.
        other_element: bool,
    },
    /// The filter does not let the line through.
    Filter {
        /// The first condition that stops it.
        why: String,
    },
    /// The alert listens to something else than what this is.
    OtherRoute {
        /// What it listens to.
        wanted: &'static str,
        /// What it was given.
        found: &'static str,
    },
    /// The notifier leaves out what would call it again: refused calls of its own.
    LeftOut,
    /// The event happened in another account.
    Account {
        /// Where the stack is.
        wanted: String,
        /// Where the event happened.
        found: String,
    },
    /// The event happened in another region.
    Region {
        /// Where the rule is.
        wanted: String,
        /// Where the event happened.
        found: String,
    },
    /// The rule does not hear such events.
    State {
        /// The state that would.
        wanted: &'static str,
        /// The rule's.
        found: &'static str,
    },
    /// EventBridge would not deliver the message.
    Message {
        /// Why.
        why: String,
    },
    /// Slack would refuse the message, or somebody would be mentioned. Only an event that breaks what is known of the
    /// fields can come so far.
    Slack {
        /// What is wrong with it.
        problems: Vec<String>,
    },
}

/// Says what becomes of an event or a log line at an alert; `home` is the stack, if there is one.
#[must_use]
pub fn explain(alert: &InstalledAlert, home: Option<&Home>, input: Input<'_>, writer: Writer<'_>) -> Explained {
    let outcome = match judge(alert, home, input, writer) {
        Ok(outcome) => outcome,
        Err(Trouble::Stop(by)) => Outcome::Stopped { by },
        Err(Trouble::Unknown(why)) => Outcome::Undecided { why },
    };
    Explained {
        alert: alert.id.clone(),
        source: alert.document.source.name.clone(),
        route: route(alert, home),
        outcome,
    }
}

fn route(alert: &InstalledAlert, home: Option<&Home>) -> Route {
    let region = home.map(|home| home.region.clone());
    let notifier = message::is_by_notifier(&alert.blueprint, &alert.values);
    if let Some(route) = alert.blueprint.log_route(&alert.values) {
        return Route { rule: None, region, state: None, log_group: Some(route.log_group), notifier };
    }
    // A stack that could not be there has no rules either.
    let scope = home.and_then(|home| Scope::offline(home.account.as_deref(), &home.region, &home.stack).ok());
    let rule = scope.map(|scope| scope.name(&scope.fit(&alert.id, Kind::Rule.suffix()), Kind::Rule.suffix()));
    let state = Some(alert.blueprint.rule_state(&alert.values).word());
    Route { rule, region, state, log_group: None, notifier }
}

enum Trouble {
    Stop(Stop),
    Unknown(String),
}

impl<E: std::error::Error> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self::Unknown(error.to_string())
    }
}

fn judge(
    alert: &InstalledAlert,
    home: Option<&Home>,
    input: Input<'_>,
    writer: Writer<'_>,
) -> Result<Outcome, Trouble> {
    let other = |wanted, found| Err(Trouble::Stop(Stop::OtherRoute { wanted, found }));
    let Some(listened) = alert.blueprint.log_route(&alert.values) else {
        return match input {
            Input::Event(event) => judge_event(alert, home, event, writer),
            Input::Line(_) => other("events of the bus", "a log line without a CloudTrail record"),
        };
    };
    match input {
        Input::Line(line) => judge_line(alert, &listened, line, writer),
        Input::Event(event) => match event.get("detail") {
            Some(record) if record.as_object().is_some_and(is_record) => {
                judge_line(alert, &listened, &record.to_string(), writer)
            }
            _ => other("lines of a log group", "an event that is not of CloudTrail"),
        },
    }
}

fn judge_line(alert: &InstalledAlert, route: &LogRoute, line: &str, writer: Writer<'_>) -> Result<Outcome, Trouble> {
    match filter::parse(&route.filter)?.matches(line) {
        Answer::DoesNot(why) => Err(Trouble::Stop(Stop::Filter { why: why.to_string() })),
        Answer::Unknown(doubt) => Err(Trouble::Unknown(doubt.to_string())),
        Answer::Matches => notified(&batch(&sample_origin(&alert.id, &route.log_group), &[line]), writer),
    }
}

/// What the notifier makes of its input.
fn notified(input: &Value, writer: Writer<'_>) -> Result<Outcome, Trouble> {
    match writer(input) {
        Err(why) => Ok(Outcome::RingsUnseen { why }),
        Ok(bodies) => match bodies.into_iter().next() {
            None => Err(Trouble::Stop(Stop::LeftOut)),
            Some(body) => accepted(body).map(|body| Outcome::Rings { body }).map_err(Trouble::Stop),
        },
    }
}

fn judge_event(
    alert: &InstalledAlert,
    home: Option<&Home>,
    event: &Value,
    writer: Writer<'_>,
) -> Result<Outcome, Trouble> {
    let state = alert.blueprint.rule_state(&alert.values);
    let pattern = alert.blueprint.pattern(&alert.values)?;
    if let Verdict::DoesNot(mismatch) = pattern.matches_value(event)? {
        let mismatch = telling(&pattern, event).unwrap_or(mismatch);
        return Err(Trouble::Stop(Stop::Pattern {
            operators: operators(&mismatch.wanted),
            field: mismatch.field,
            wanted: mismatch.wanted,
            found: mismatch.found,
            other_element: mismatch.other_element,
        }));
    }
    if let Some(stop) = home.and_then(|home| elsewhere(home, event)) {
        return Err(Trouble::Stop(stop));
    }
    if state == RuleState::Enabled && is_unheard_event(event) {
        let wanted = RuleState::EnabledWithAllCloudtrailManagementEvents.word();
        return Err(Trouble::Stop(Stop::State { wanted, found: state.word() }));
    }
    if message::is_by_notifier(&alert.blueprint, &alert.values) {
        let input = rendered(&message::to_notifier(&alert.blueprint, &alert.values), event)?;
        return notified(&input, writer);
    }
    let posting = home.map_or_else(Posting::sample, Home::posting);
    let body = rendered(&message::compile(&alert.blueprint, &alert.values, &posting), event)?;
    accepted(body).map(|body| Outcome::Rings { body }).map_err(Trouble::Stop)
}

/// The fields that say what an event is, from the outside in.
const TELLING: [&str; 4] = ["source", "detail-type", "detail.eventSource", "detail.eventName"];

/// The mismatch that says most: of several fields that do not fit, the engine names the first in its own order.
fn telling(pattern: &Pattern, event: &Value) -> Option<Mismatch> {
    TELLING.iter().find_map(|field| {
        let found = event.pointer(&format!("/{}", field.replace('.', "/"))).and_then(Value::as_str);
        let fits = |demand: Demand| found.map_or_else(|| demand.accepts_absence(), |text| demand.accepts_text(text));
        let demands: Option<Vec<Demand>> = pattern.ways().map(|way| way.demand(field)).collect();
        let demand = demands.filter(|all| !all.iter().any(|demand| fits(*demand)))?.first().copied()?;
        Some(Mismatch {
            field: (*field).to_owned(),
            wanted: demand.wanted().to_owned(),
            found: found.map(|text| Value::from(text).to_string()),
            other_element: false,
        })
    })
}

/// What stops an event that happened outside of the stack's account and region.
#[must_use]
pub fn elsewhere(home: &Home, event: &Value) -> Option<Stop> {
    let text = |field: &str| event[field].as_str().unwrap_or_default().to_owned();
    // A record that does not say where it happened is taken as one of here.
    let is_other = |own: &str, found: &str| !found.is_empty() && own != found;
    if let Some(wanted) = home.account.clone().filter(|account| is_other(account, &text("account"))) {
        return Some(Stop::Account { wanted, found: text("account") });
    }
    is_other(&home.region, &text("region")).then(|| Stop::Region { wanted: home.region.clone(), found: text("region") })
}

/// What a rule sends for an event that matches.
fn rendered(transformer: &InputTransformer, event: &Value) -> Result<Value, Trouble> {
    let stop = |why| Trouble::Stop(Stop::Message { why });
    match transformer.render(&Json::from(event), &Reserved::default())? {
        Delivery::NotDelivered { why } => Err(stop(why)),
        Delivery::Body(body) => {
            serde_json::from_str(&body).map_err(|error| stop(format!("the body is not JSON: {error}")))
        }
    }
}

/// A body as Slack takes it.
fn accepted(body: Value) -> Result<Value, Stop> {
    match slack::read(&body) {
        Ok(_) => Ok(body),
        Err(problems) => Err(Stop::Slack { problems: problems.into_iter().map(|problem| problem.what).collect() }),
    }
}

/// The names of the operators in a list of a pattern, each once.
fn operators(wanted: &str) -> Vec<String> {
    let list: Vec<Value> = serde_json::from_str(wanted).unwrap_or_default();
    let mut names = Vec::new();
    for entry in list {
        let name =
            entry.as_object().and_then(|object| object.keys().next()).map_or("equals", String::as_str).to_owned();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::blueprint::from_document;
    use crate::document::Document;
    use crate::functions::no_writer;
    use crate::message::Form;

    fn alert(text: &str) -> InstalledAlert {
        let document = Document::parse("mine.yaml", text).expect("YAML");
        let loaded = from_document(document).unwrap_or_else(|findings| panic!("{findings:?}"));
        InstalledAlert::alone(loaded)
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
            form: Form::Webhook,
        };
        let event = |name: &str, read_only: bool| {
            let record = json!({"eventSource": "cloudtrail.amazonaws.com", "eventName": name, "awsRegion": "eu-west-1",
                "readOnly": read_only, "managementEvent": true, "recipientAccountId": "111122223333",
                "userIdentity": {"principalId": "AIDAX"}});
            crate::record::event(record.as_object().expect("an object"))
        };
        let outcome =
            |home: Option<&Home>, event: &Value| explain(&alert, home, Input::Event(event), &no_writer).outcome;
        let here = home("eu-west-1", Some("111122223333"));
        assert_eq!(
            outcome(Some(&here), &event("StopLogging", false)),
            Outcome::Rings { body: json!({"text": "by AIDAX"}) }
        );
        let stopped = |home: Option<&Home>, event: &Value| match outcome(home, event) {
            Outcome::Stopped { by } => by,
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
        let account = Stop::Account { wanted: "999999999999".into(), found: "111122223333".into() };
        assert_eq!(stopped(Some(&home("us-east-1", Some("999999999999"))), &event("StopLogging", false)), account);
        let state = Stop::State { wanted: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", found: "ENABLED" };
        assert_eq!(stopped(Some(&here), &event("GetTrail", true)), state);
        assert_eq!(
            explain(&alert, Some(&here), Input::Event(&json!({})), &no_writer).route.rule.as_deref(),
            Some("trailbell-sec_readers_rule")
        );
    }
}
