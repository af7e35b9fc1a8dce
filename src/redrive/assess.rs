//! What can be sent of a dead letter: the message that it holds, or that the stack makes now of the event that it holds.
//!
//! EventBridge does not document whether the body is the event or what the target made of it, so both are read. What was already
//! rendered must be a message that Slack takes and that mentions no one; what the notifier is given is made anew from the event,
//! because its words are trusted. Nothing is usable that the live relay would not carry.

use std::collections::BTreeMap;

use serde_json::Value;

use super::late::{self, Since};
use super::{Content, Letter, Site, excerpt};
use crate::alert::Home;
use crate::graph::{Graph, Receiving};
use crate::lambda::label;
use crate::name::{DIGEST, DestinationId, NOTIFIER, RELAY, Scope};
use crate::provider::DeadLetter;
use crate::resource::{FunctionNames, Resource};
use crate::slack;
use crate::trace::{self, End, Input, Recipient, Way};
use crate::verify::{Proof, Relay};

/// Whose letter it is when nothing says so.
const UNKNOWN: &str = "unknown";

/// Assesses letters of one stack.
#[derive(Debug)]
pub struct Assessor<'a> {
    site: Site<'a>,
    relay: Relay<'a>,
    notifier: String,
    digest: String,
    /// The graph with one rule alone, by its ARN; with every rule under the empty one.
    graphs: BTreeMap<String, Graph>,
}

/// What is usable, or why nothing is; and the alert, where the body says it.
type Assessed = Result<(Option<String>, Content), String>;

impl<'a> Assessor<'a> {
    /// For a stack as it is in the account.
    #[must_use]
    pub fn new(site: Site<'a>) -> Self {
        let relay = Relay::new(site.scope, site.queue, site.desired, site.live);
        let notifier = FunctionNames::new(site.scope, NOTIFIER).function.1;
        let digest = FunctionNames::new(site.scope, DIGEST).function.1;
        Self { site, relay, notifier, digest, graphs: BTreeMap::new() }
    }

    /// The relay that messages go through.
    #[must_use]
    pub fn relay(&self) -> &Relay<'a> {
        &self.relay
    }

    /// What can be sent of a letter.
    #[must_use]
    pub fn assess(&mut self, letter: &DeadLetter) -> Letter {
        let (alert, content) = self.content(letter).unwrap_or_else(|why| (None, Content::Unusable { why }));
        Letter {
            id: letter.id.clone(),
            sent_ms: letter.sent_ms,
            alert: alert.or_else(|| self.alert_of_rule(&letter.rule_arn)).unwrap_or_else(|| UNKNOWN.to_owned()),
            code: excerpt::of(&letter.code),
            error: excerpt::of(&letter.message),
            excerpt: excerpt::of_letter(&content, &letter.body),
            content,
        }
    }

    fn content(&mut self, letter: &DeadLetter) -> Assessed {
        let scope = self.site.scope;
        let is_of = |bus: &str| letter.rule_arn.starts_with(&scope.events_arn(&format!("rule/{bus}")));
        if !letter.rule_arn.is_empty() && !is_of(&scope.prefix()) {
            return Err("it comes from a rule of someone else".to_owned());
        }
        if let Some(function) = self.handler(&letter.target_arn) {
            return Ok((None, Content::Remediation { function: Some(function) }));
        }
        let body: Value = serde_json::from_str(&letter.body).map_err(|_| "its body is not JSON")?;
        if body.get("awslogs").is_some() {
            return self.batch(&body, letter);
        }
        if body.get("trailbell").is_some() && body["event"].is_object() {
            return self.event(&body["event"], Some(&body), letter);
        }
        if body["trailbell"]["queue"].is_string() {
            return Err("it is the call of a digest, which failed; its events are in the queue of the digest, and the next one \
                counts them"
                .to_owned());
        }
        if body.get("QueueUrl").is_some() && body.get("Tags").is_some() {
            return Err("it is a call of the heartbeat, which failed; the next call is made in its place".to_owned());
        }
        if body.get("detail").is_some() {
            if is_of(&format!("{}/", scope.relay_bus())) {
                return self.message(&body["detail"]["message"], letter, &Since::letter(letter));
            }
            // Of the stack's functions only remediations are given events as they are.
            if letter.rule_arn.is_empty() {
                return Ok((None, Content::Remediation { function: None }));
            }
            return self.event(&body, None, letter);
        }
        if body.get("text").is_some() || body.get("blocks").is_some() {
            return self.message(&body, letter, &Since::letter(letter));
        }
        Err("its body is neither a message for Slack, nor an event, nor log events".to_owned())
    }

    /// The name of a function that runs a remediation, from a target's ARN.
    fn handler(&self, target: &str) -> Option<String> {
        let (_, name) = target.split_once(":function:")?;
        (name != self.notifier && name != self.digest).then(|| name.to_owned())
    }

    /// The alert of a rule of this stack; `relay` for the relay rule.
    fn alert_of_rule(&self, arn: &str) -> Option<String> {
        let name = arn.rsplit(['/', ':']).next()?;
        self.alert_of(name)
    }

    /// The alert that a rule or filter is of, by its name.
    fn alert_of(&self, name: &str) -> Option<String> {
        let scope: &Scope = self.site.scope;
        let (id, kind) = scope.parse(name)?;
        let digest = scope.digest_of(id, kind);
        let known = self.site.alerts.iter().find(|alert| scope.digest_of_alert(&alert.id) == digest);
        let relay = || DestinationId::of_relay(id).map(|_| RELAY.to_owned());
        Some(known.map(|alert| alert.id.clone()).or_else(relay).unwrap_or_else(|| id.to_owned()))
    }

    fn batch(&self, body: &Value, letter: &DeadLetter) -> Assessed {
        let batch = label::unpacked(body)?;
        let filter = batch["subscriptionFilters"][0].as_str().unwrap_or_default();
        let alert = self.alert_of(filter).ok_or("its log events did not pass a filter of the stack")?;
        let input = late::batch(batch, letter);
        Ok((Some(alert), Content::Input { function: self.notifier.clone(), input }))
    }

    /// What the stack makes of an event now. `given` is what the notifier was given, when the letter holds that.
    fn event(&mut self, event: &Value, given: Option<&Value>, letter: &DeadLetter) -> Assessed {
        let ways = trace::follow(self.graph(&letter.rule_arn), Input::Event(event), trace::answer);
        let is_same = |way: &&Way| match given {
            Some(given) if letter.rule_arn.is_empty() => parsed(way).as_ref() == Some(given),
            _ => true,
        };
        let queue = self.site.queue;
        // A letter of a destination is sent there again, and nowhere else.
        let message_of = |way: &&Way| match &way.destination {
            Some(Recipient::Function { id, .. }) => trace::is_writer(id),
            _ => way.to.as_ref().is_none_or(|to| to == queue),
        };
        let way = ways.iter().filter(is_same).find(message_of);
        let way = way.ok_or("the stack does not have a rule any more that makes this message")?;
        match way.end() {
            End::Stopped { by, .. } => return Err(by.to_string()),
            End::NotKnown { why, .. } => return Err(why.to_owned()),
            End::Open | End::NotRun { .. } => {}
        }
        let since = Since::event(event, letter);
        let body = parsed(way).ok_or("what the rule makes of the event is not JSON")?;
        let alert = self.alert_of(&way.origin.name);
        match &way.destination {
            Some(Recipient::Slack) => {
                let (_, content) = self.message(&body, letter, &since)?;
                Ok((alert, content))
            }
            Some(Recipient::Function { name, .. }) => {
                let input = late::input(&body, letter, &since);
                Ok((alert, Content::Input { function: name.clone(), input }))
            }
            Some(Recipient::Topic(topic)) => Err(format!("its message is for the SNS topic {topic}, not for Slack")),
            Some(Recipient::Elsewhere(_) | Recipient::Alarm(_) | Recipient::LogGroup(_)) | None => {
                Err("the rule does not lead to Slack".to_owned())
            }
        }
    }

    /// The live graph with this rule alone; with all of them when the letter does not say which.
    fn graph(&mut self, rule: &str) -> &Graph {
        let Site { scope, live, home, .. } = self.site;
        self.graphs.entry(rule.to_owned()).or_insert_with(|| {
            let Home { region, account, forwarded, .. } = home;
            let (region, account, forwarded) = (Some(region.clone()), account.clone(), forwarded.clone());
            let graph = Graph::live(scope, live).receiving(Receiving { region, account, forwarded });
            let arn = |one: &Resource| live.arns.get(one.address()).cloned().or_else(|| one.arn(scope, ""));
            graph.keeping(|one| {
                rule.is_empty() || !matches!(one, Resource::Rule(_)) || arn(one).as_deref() == Some(rule)
            })
        })
    }

    /// A message, marked as late, if Slack takes it, it mentions no one, and the relay carries it.
    fn message(&self, message: &Value, letter: &DeadLetter, since: &Since) -> Assessed {
        if !message.is_object() {
            return Err("its message is not an object".to_owned());
        }
        let marked = self.relay.posted(late::message(message, letter, since));
        slack::read(&marked).map_err(|problems| {
            let problems: Vec<String> = problems.into_iter().map(|one| one.what).collect();
            format!("Slack would reject its message, or it mentions someone: {}", problems.join("; "))
        })?;
        match self.relay.rejects(&marked) {
            Some(Proof::Failed { why, .. } | Proof::Unknown { why, .. }) => Err(why),
            _ => Ok((None, Content::Message(marked))),
        }
    }
}

fn parsed(way: &Way) -> Option<Value> {
    serde_json::from_str(way.body.as_deref()?).ok()
}
