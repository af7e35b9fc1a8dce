//! Through the live graph with AWS's answers, and, when every hop says yes, the marked message onto the bus.
//!
//! `trace` decides; AWS judges the patterns and filters, our engines render, the live notifier writes. Nothing is sent before
//! the way of the alert and the way of the relay are known to be open, and what cannot be delivered is known to be kept.

use serde_json::Value;

use super::relay::{APPLY, Relay};
use super::{Proof, failed, mark};
use crate::alert::{Alert, Home};
use crate::compile::threshold;
use crate::graph::{Graph, Receiving};
use crate::lambda::batch::{BatchOrigin, batch};
use crate::live::Live;
use crate::name::{DEFAULT_BUS, Scope};
use crate::plan::{TopicVerdict, topic_verdict};
use crate::provider::{Provider, ProviderError};
use crate::resource::{Alarm, Resource, ResourceSet};
use crate::trace::{self, Answer, Answers, Ask, End, HopVerdict, Input, Recipient, Step, Stop, Trace, Way};

/// The fix for an alert that does not receive its own test.
const COMPARE: &str = "compare pattern and event: `trailbell fire` shows why it does not match";

/// The fix for an alert whose events happen where the stack receives none.
const ELSEWHERE: &str = "install the alert in a stack there, or forward the events and list where they come from under `forwarded` in \
    the stack file";

/// Where an alert is verified.
pub(super) struct Site<'a> {
    pub(super) scope: &'a Scope,
    pub(super) desired: &'a ResourceSet,
    pub(super) live: &'a Live,
    pub(super) home: &'a Home,
}

impl Site<'_> {
    /// The live graph with this rule or filter alone: the others are not asked.
    fn graph(&self, id: &str) -> Graph {
        alert_graph(id, self.scope, self.desired, self.live, self.home)
    }

    /// The live relays to the Slack destinations of an alert.
    fn relays(&self, alert: &Alert) -> Vec<Relay<'_>> {
        let slack = alert.to.iter().filter(|to| !to.posting.form.is_plain());
        slack.map(|to| Relay::new(self.scope, &to.id, self.desired, self.live)).collect()
    }
}

/// What an alert is tried with, as its test case has it: an event, or log lines.
pub(super) struct TriedInput {
    pub(super) event: Value,
    pub(super) lines: Vec<String>,
}

/// What is in the account of one alert, with the relays that its function would send by: the rules and filters of others are left out.
#[must_use]
pub fn alert_graph(id: &str, scope: &Scope, desired: &ResourceSet, live: &Live, home: &Home) -> Graph {
    let alert = Some(scope.digest_of_alert(id));
    let Home { region, account, forwarded, .. } = home;
    let (region, account, forwarded) = (Some(region.clone()), account.clone(), forwarded.clone());
    let live = Graph::live(scope, live).receiving(Receiving { region, account, forwarded });
    let graph = live.keeping(|resource| match resource {
        Resource::Rule(rule) if rule.bus != DEFAULT_BUS => true,
        Resource::Rule(_) | Resource::SubscriptionFilter(_) => resource.alert(scope) == alert,
        Resource::MetricFilter(filter) => filter.is_of(&Alarm::of_threshold(scope, id)),
        _ => true,
    });
    graph.expecting(desired)
}

/// Sends the message of an alert's test case, marked, if every hop is open.
pub(super) async fn send<P: Provider>(
    alert: &Alert,
    TriedInput { event, lines }: &TriedInput,
    id: &str,
    site: &Site<'_>,
    provider: &P,
) -> Result<Proof, ProviderError> {
    let relays = site.relays(alert);
    for relay in &relays {
        if let Some(proof) = relay.closed(provider).await? {
            return Ok(proof);
        }
    }
    let graph = site.graph(&alert.id);
    let input = match alert.lines() {
        Some(received) => Input::Lines { log_group: &received.log_group, lines },
        None => Input::Event(event),
    };
    let (ways, answers) = walk(&graph, input, provider).await?;
    let Some(furthest) = trace::furthest(ways.iter().filter(|way| !is_handler(way))) else {
        return Ok(failed(format!("`{}` does not have a rule or filter in the account", alert.id), APPLY));
    };
    if matches!(furthest.end(), End::NotKnown { at: Step::Counted, .. }) {
        return of_alarm(alert, id, site, &graph, &relays, provider).await;
    }
    // Of the rule that the event comes through, every way must be open before anything is sent.
    let own: Vec<&Way> = ways.iter().filter(|way| way.origin == furthest.origin && !is_handler(way)).collect();
    if let Some(proof) = own.iter().find_map(|way| stopped(way).or_else(|| closed(way, site.live))) {
        return Ok(proof);
    }
    let mut bodies = Vec::new();
    for way in own {
        let proof = match &way.destination {
            Some(Recipient::Function { name, .. }) => {
                let input = match alert.lines() {
                    Some(received) => marked_batch(site.scope, way, &received.log_group, &passing(&answers, lines), id),
                    None => mark::input(&body_of(way), id),
                };
                notified(name, &input, &relays, site.scope, provider).await?
            }
            _ => posted(way, id, site, &relays, provider).await?,
        };
        match proof {
            Proof::Accepted { bodies: more } => bodies.extend(more),
            other => return Ok(other),
        }
    }
    Ok(Proof::Accepted { bodies })
}

/// Sends the message that a transformer writes, marked: to Slack by the relay of its destination, or to a topic.
async fn posted<P: Provider>(
    way: &Way,
    id: &str,
    site: &Site<'_>,
    relays: &[Relay<'_>],
    provider: &P,
) -> Result<Proof, ProviderError> {
    match &way.destination {
        Some(Recipient::Slack) => {
            let relay = relays.iter().find(|relay| Some(relay.to()) == way.to.as_ref());
            told(&mark::message(&body_of(way), id), relay, site.scope, provider).await
        }
        // There is no relay to a topic. SNS answers at once whether it takes a message; who gets it, it does not say.
        Some(Recipient::Topic(topic)) => {
            let message = mark::plain(way.body.as_deref().unwrap_or_default(), id);
            provider.publish(site.scope, topic, &message).await?;
            Ok(Proof::Accepted { bodies: vec![message] })
        }
        _ => Ok(failed("the alert does not lead to Slack", APPLY)),
    }
}

fn body_of(way: &Way) -> Value {
    serde_json::from_str(way.body.as_deref().unwrap_or_default()).unwrap_or_default()
}

/// Sends a message by the relay of its destination.
async fn told<P: Provider>(
    message: &Value,
    relay: Option<&Relay<'_>>,
    scope: &Scope,
    provider: &P,
) -> Result<Proof, ProviderError> {
    let Some(relay) = relay else {
        return Ok(failed("the alert leads to a destination that is not the one in the stack file", APPLY));
    };
    provider.put_relay_event(scope, &relay.detail(message)).await?;
    Ok(Proof::Accepted { bodies: vec![message.to_string()] })
}

/// Sends the message of an alert's threshold, marked. Whether CloudWatch counts as it should is not tried: an alarm that is set
/// to another state by hand would say that something happened.
async fn of_alarm<P: Provider>(
    alert: &Alert,
    id: &str,
    site: &Site<'_>,
    graph: &Graph,
    relays: &[Relay<'_>],
    provider: &P,
) -> Result<Proof, ProviderError> {
    let Some(event) = threshold::sample(alert, site.scope) else {
        return Ok(failed(format!("`{}` counts, and has no threshold in the stack file", alert.id), APPLY));
    };
    let (ways, _) = walk(graph, Input::Event(&event), provider).await?;
    let own: Vec<&Way> = ways.iter().filter(|way| way.matches()).collect();
    if own.is_empty() {
        return Ok(failed(format!("`{}` does not have a rule for its alarm in the account", alert.id), APPLY));
    }
    if let Some(proof) = own.iter().find_map(|way| stopped(way).or_else(|| closed(way, site.live))) {
        return Ok(proof);
    }
    let mut bodies = Vec::new();
    for way in own {
        match posted(way, id, site, relays, provider).await? {
            Proof::Accepted { bodies: more } => bodies.extend(more),
            other => return Ok(other),
        }
    }
    Ok(Proof::Accepted { bodies })
}

/// Why the topic that a way leads to takes no messages of EventBridge, or why that is not known.
fn closed(way: &Way, live: &Live) -> Option<Proof> {
    let Some(Recipient::Topic(topic)) = &way.destination else { return None };
    Some(match topic_verdict(topic, live.topics.get(topic)?)? {
        TopicVerdict::Closed(why, fix) => failed(why, fix),
        TopicVerdict::NotKnown(what) => Proof::Unknown { why: what, hint: "see `trailbell plan`".to_owned() },
    })
}

/// The function of an alert's remediation, if the event brings it there; nothing when the event does not match.
pub(super) async fn to_handler<P: Provider>(
    alert: &Alert,
    event: &Value,
    site: &Site<'_>,
    provider: &P,
) -> Result<Result<Option<String>, Proof>, ProviderError> {
    let (ways, _) = walk(&site.graph(&alert.id), Input::Event(event), provider).await?;
    if ways.iter().any(|way| matches!(way.end(), End::Stopped { at: Step::Matches, .. })) {
        return Ok(Ok(None));
    }
    let Some(way) = ways.iter().find(|way| is_handler(way)) else {
        return Ok(Err(failed(format!("the rule of `{}` has no target that calls its remediation", alert.id), APPLY)));
    };
    if let Some(proof) = stopped(way) {
        return Ok(Err(proof));
    }
    match &way.destination {
        Some(Recipient::Function { name, .. }) => Ok(Ok(Some(name.clone()))),
        _ => Ok(Err(failed("the remediation is not a function", APPLY))),
    }
}

fn is_handler(way: &Way) -> bool {
    way.destination.as_ref().is_some_and(Recipient::is_handler)
}

/// Walks with AWS's answers, up to where a function would be called.
pub(super) async fn walk<P: Provider>(
    graph: &Graph,
    input: Input<'_>,
    provider: &P,
) -> Result<(Vec<Way>, Answers), ProviderError> {
    let mut answers = Answers::new();
    loop {
        let Trace { ways, open } = trace::trace(graph, input, &answers);
        let asked: Vec<_> = open.iter().filter(|question| !matches!(question.ask, Ask::Run { .. })).collect();
        if asked.is_empty() {
            return Ok((ways, answers));
        }
        for question in asked {
            answers.insert(question.id.clone(), judged(&question.ask, provider).await?);
        }
    }
}

/// What AWS says.
async fn judged<P: Provider>(ask: &Ask<'_>, provider: &P) -> Result<Answer, ProviderError> {
    Ok(match ask {
        Ask::Pattern { pattern, event } => {
            if provider.test_pattern(pattern, event).await? {
                Answer::Matches
            } else {
                let why = "according to AWS, the rule does not match the event of the test".to_owned();
                Answer::DoesNotMatch(Stop::Judged { why })
            }
        }
        Ask::Filter { pattern, lines } => match provider.test_filter(pattern, lines).await? {
            Some(places) => Answer::Passing {
                places,
                why: Some("according to AWS, no line of the test matches the filter".to_owned()),
            },
            None => trace::answer(&trace::Question { id: Vec::new(), ask: ask.clone() }),
        },
        Ask::Run { .. } => Answer::NotKnown("functions are called later".to_owned()),
    })
}

/// What is known of a way that is not open; nothing when it is, up to a function that was not called.
pub(super) fn stopped(way: &Way) -> Option<Proof> {
    let name = &way.origin.name;
    match way.end() {
        End::Stopped { at, by } => {
            let hint = match (at, by) {
                (Step::Matches, _) => COMPARE,
                (_, Stop::Region { .. } | Stop::Account { .. }) => ELSEWHERE,
                _ => APPLY,
            };
            Some(failed(format!("{name}: {by}"), hint))
        }
        End::NotKnown { why, .. } => Some(unknown(name, why)),
        End::Open | End::NotRun { .. } => unkept(way),
    }
}

/// Why what cannot be delivered would not be seen. What a filter cannot deliver is never kept.
fn unkept(way: &Way) -> Option<Proof> {
    let name = &way.origin.name;
    match &way.is_kept {
        _ if way.origin.arn.is_empty() => None,
        HopVerdict::Yes => None,
        HopVerdict::No { by } => Some(failed(format!("{name}: {by}"), APPLY)),
        HopVerdict::NotKnown { why } => Some(unknown(name, why)),
    }
}

fn unknown(name: &str, why: &str) -> Proof {
    Proof::Unknown { why: format!("{name}: {why}"), hint: APPLY.to_owned() }
}

fn passing<'l>(answers: &Answers, lines: &'l [String]) -> Vec<&'l str> {
    let places = answers.values().find_map(|answer| match answer {
        Answer::Passing { places, .. } => Some(places.as_slice()),
        _ => None,
    });
    places.unwrap_or_default().iter().filter_map(|place| lines.get(*place)).map(String::as_str).collect()
}

/// The lines as CloudWatch Logs would deliver them, marked. Nothing is written into the log group.
fn marked_batch(scope: &Scope, way: &Way, log_group: &str, lines: &[&str], id: &str) -> Value {
    let origin = BatchOrigin {
        owner: scope.account().to_owned(),
        log_group: log_group.to_owned(),
        log_stream: String::new(),
        filter: way.origin.name.clone(),
    };
    batch(&mark::origin(origin, id), lines)
}

/// Lets the live notifier write and send the messages, and looks whether the relays would carry each.
async fn notified<P: Provider>(
    function: &str,
    input: &Value,
    relays: &[Relay<'_>],
    scope: &Scope,
    provider: &P,
) -> Result<Proof, ProviderError> {
    let invoked = provider.invoke(scope, function, input).await?;
    if let Some(error) = invoked.error {
        let hint = format!("its log group is /aws/lambda/{function}");
        return Ok(failed(format!("the function {function} failed: {error}"), hint));
    }
    let messages = invoked.result["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    if messages.is_empty() {
        let why = format!("the function {function} sent no message");
        return Ok(failed(why, "its code may be outdated: `trailbell apply` updates it"));
    }
    let rejects = |relay: &Relay<'_>| messages.iter().find_map(|one| relay.rejects(&relay.posted(one.clone())));
    if let Some(proof) = relays.iter().find_map(rejects) {
        return Ok(proof);
    }
    Ok(Proof::Accepted { bodies: messages.iter().map(Value::to_string).collect() })
}
