//! The walk itself: from the rules and filters of a graph along their targets, as far as the answers lead.

use std::rc::Rc;

use serde_json::Value;

use super::collect::{self, Collecting};
use super::send::{self, Sending};
use super::way::{End, HopVerdict, Origin, Recipient, Request, Step, Way, is_writer};
use super::{Answer, Answers, Ask, Input, Question, QuestionId, Stop, Trace};
use crate::cloudtrail::events::is_unreceived_event;
use crate::graph::{Graph, Receiving};
use crate::json::Json;
use crate::lambda::batch::{self, batch};
use crate::message::MAX_MESSAGE_BYTES;
use crate::message::transformer::{Delivery, Reserved, parse_path};
use crate::name::DEFAULT_BUS;
use crate::resource::{
    Alarm, Arn, ENABLED, ENABLED_WITH_ALL, Function, MetricFilter, PostsAs, Rule, SubscriptionFilter, Target,
    TargetInput,
};
use crate::slack;

/// A function's events may call a function again; a circle ends here. What is left out is not known.
const DEPTH: usize = 4;

pub(super) fn walk<'g>(graph: &'g Graph, input: Input<'_>, answers: &Answers) -> Trace<'g> {
    let mut walk = Walk { graph, answers, open: Vec::new() };
    let ways = match input {
        Input::Event(event) => walk.event(DEFAULT_BUS, &Rc::new(event.clone()), &Vec::new()),
        Input::Put(put) => walk.event(&put.bus, &Rc::new(put.event.clone()), &Vec::new()),
        Input::Lines { log_group, lines } => walk.lines(log_group, &Rc::new(lines.to_vec())),
    };
    Trace { ways, open: walk.open }
}

struct Walk<'g, 'a> {
    graph: &'g Graph,
    answers: &'a Answers,
    open: Vec<Question<'g>>,
}

impl<'g, 'a> Walk<'g, 'a> {
    /// The answer to a question, which is open until there is one.
    fn ask(&mut self, id: &QuestionId, ask: Ask<'g>) -> Option<&'a Answer> {
        let answer = self.answers.get(id);
        if answer.is_none() {
            self.open.push(Question { id: id.clone(), ask });
        }
        answer
    }

    /// Every rule on the bus, and every target of those that match.
    fn event(&mut self, bus: &str, event: &Rc<Value>, id: &QuestionId) -> Vec<Way> {
        let mut ways = Vec::new();
        for (at, rule, arn) in self.graph.rules(bus) {
            let id = below(id, at);
            let origin = Origin { id: rule.address.id.base().to_owned(), name: rule.name.clone(), arn: arn.to_owned() };
            let mut way = Way::new(origin);
            way.hop(Step::Received, received(self.graph, rule, event));
            let matches = match self.ask(&id, Ask::Pattern { pattern: &rule.pattern, event: Rc::clone(event) }) {
                Some(answer) => matched(answer),
                None => HopVerdict::not_known("it was not asked"),
            };
            way.hop(Step::Matches, matches);
            if way.end() != End::Open {
                ways.push(way);
                continue;
            }
            let mut targets = self.graph.targets(rule).peekable();
            if targets.peek().is_none() {
                way.hop(Step::Target, HopVerdict::no(Stop::NoTarget));
                ways.push(way);
                continue;
            }
            for (place, target) in targets {
                let mut way = way.clone();
                way.hop(Step::Target, HopVerdict::Yes);
                self.target(&mut way, rule, target, event, &below(&id, place));
                ways.push(way);
            }
        }
        ways
    }

    fn target(&mut self, way: &mut Way, rule: &Rule, target: &'g Target, event: &Value, id: &QuestionId) {
        way.dead_letter_arn.clone_from(&target.dead_letter_arn);
        way.is_kept = send::kept(self.graph, target.dead_letter_arn.as_deref(), &way.origin.arn);
        let (verdict, body) = rendered(rule, &way.origin.arn, target, event);
        way.body = body;
        if let Arn::Known(arn) = &target.arn {
            way.target_arn.clone_from(arn);
        }
        let is_rendered = way.hop(Step::Rendered, verdict);
        match send::of_target(self.graph, target, &way.origin.arn) {
            Sending::Slack { verdict, request, posts_as, to } => {
                way.destination = Some(Recipient::Slack);
                way.to = Some(to);
                if !is_rendered || !way.hop(Step::Sent, verdict) {
                    return;
                }
                let body = way.body.clone().unwrap_or_default();
                way.hop(Step::Accepted, accepted(&body, posts_as));
                way.request = Some(Request { body, ..request });
            }
            Sending::Function { verdict, function } => {
                way.destination = Some(calls(function));
                if !is_rendered || !way.hop(Step::Sent, verdict) {
                    return;
                }
                let input = serde_json::from_str(way.body.as_deref().unwrap_or_default()).unwrap_or_default();
                self.function(way, function, input, id);
            }
            Sending::Topic { verdict, arn } => {
                way.destination = Some(Recipient::Topic(arn));
                if is_rendered && way.hop(Step::Sent, verdict) {
                    way.hop(Step::Accepted, published(way.body.as_deref().unwrap_or_default()));
                }
            }
            Sending::Queue { verdict, queue, arn } => {
                let Collecting { verdict: collected, function, input } =
                    collect::collecting(self.graph, queue, &arn, event);
                way.destination = Some(function.map_or_else(|| Recipient::Elsewhere(arn.clone()), calls));
                if !is_rendered || !way.hop(Step::Sent, verdict) || !way.hop(Step::Collected, collected) {
                    return;
                }
                if let Some(function) = function {
                    way.body = Some(input.to_string());
                    self.function(way, function, input, id);
                }
            }
            Sending::Elsewhere { verdict, arn } => {
                way.destination = Some(Recipient::Elsewhere(arn));
                if is_rendered {
                    way.hop(Step::Sent, verdict);
                }
            }
            Sending::LogGroup { verdict, name } => {
                way.destination = Some(Recipient::LogGroup(name.to_owned()));
                if is_rendered && way.hop(Step::Sent, verdict) {
                    let alarm = self.graph.counting(name).first().map(|(_, _, alarm)| *alarm);
                    let staged = || HopVerdict::no(Stop::Staged { log_group: name.to_owned() });
                    way.hop(Step::Counted, alarm.map_or_else(staged, |alarm| self.counted(alarm, name)));
                }
            }
        }
    }

    /// What a function does, and what becomes of the events that it puts on the bus.
    fn function(&mut self, way: &mut Way, function: &'g Function, input: Value, id: &QuestionId) {
        if id.len() > 2 * DEPTH {
            way.hop(Step::Ran, HopVerdict::not_known("functions call each other in a circle"));
            return;
        }
        let ask = Ask::Run { function: &function.name, id: function.address.id.base(), input };
        way.run = Some(id.clone());
        let answer = self.ask(id, ask);
        let writes = is_writer(function.address.id.base());
        let events = match answer {
            Some(Answer::Ran { error: Some(why), .. }) => {
                way.hop(Step::Ran, HopVerdict::no(Stop::Function { why: why.clone() }));
                return;
            }
            Some(Answer::Ran { error: None, events }) if events.is_empty() && writes => {
                way.hop(Step::Ran, HopVerdict::no(Stop::LeftOut));
                return;
            }
            Some(Answer::Ran { error: None, events }) => events,
            Some(Answer::NotKnown(why)) => {
                way.hop(Step::Ran, HopVerdict::not_known(why));
                return;
            }
            Some(_) => {
                way.hop(Step::Ran, HopVerdict::not_known("the answer is not one about a function"));
                return;
            }
            None => {
                way.hop(Step::Ran, HopVerdict::not_known("it was not asked"));
                return;
            }
        };
        way.hop(Step::Ran, HopVerdict::Yes);
        if events.is_empty() || !way.hop(Step::Put, send::may_put(self.graph, function, &events[0])) {
            return;
        }
        for (number, put) in events.iter().enumerate() {
            let ways = self.event(&put.bus, &Rc::new(put.event.clone()), &below(id, number));
            way.then.push(ways);
        }
    }

    /// Every filter on the log group, and the function that it calls, or the alarm that sends a message when enough were counted.
    fn lines(&mut self, log_group: &str, lines: &Rc<Vec<String>>) -> Vec<Way> {
        let graph = self.graph;
        let filters = graph.filters(log_group);
        let mut ways: Vec<Way> = filters.into_iter().map(|(at, filter)| self.filter(at, filter, lines)).collect();
        let counting = graph.counting(log_group).into_iter();
        ways.extend(counting.map(|(at, filter, alarm)| self.counting(at, filter, alarm, lines)));
        ways
    }

    fn counting(&mut self, at: usize, filter: &'g MetricFilter, alarm: &Alarm, lines: &Rc<Vec<String>>) -> Way {
        let origin = Origin { id: filter.address.id.base().to_owned(), name: filter.name.clone(), arn: String::new() };
        let mut way = Way::new(origin);
        way.destination = Some(Recipient::Alarm(alarm.name.clone()));
        way.hop(Step::Received, HopVerdict::Yes);
        let (verdict, _) = self.passing(at, &filter.pattern, lines);
        if way.hop(Step::Matches, verdict) {
            way.hop(Step::Target, HopVerdict::Yes);
            way.hop(Step::Counted, self.counted(alarm, &filter.log_group));
        }
        way
    }

    /// Whether enough were counted, which nothing here can tell; while an alert is staged, nothing follows from it.
    fn counted(&self, alarm: &Alarm, log_group: &str) -> HopVerdict {
        if self.graph.is_told(alarm) {
            return counted(alarm);
        }
        HopVerdict::no(Stop::Staged { log_group: log_group.to_owned() })
    }

    /// The places of the lines that a filter pattern lets through.
    fn passing(&mut self, at: usize, pattern: &'g str, lines: &Rc<Vec<String>>) -> (HopVerdict, &'a [usize]) {
        match self.ask(&vec![at], Ask::Filter { pattern, lines: Rc::clone(lines) }) {
            Some(Answer::Passing { places, .. }) if !places.is_empty() => (HopVerdict::Yes, places.as_slice()),
            Some(Answer::Passing { why, .. }) => {
                let why = why.clone().unwrap_or_else(|| "there is no line".to_owned());
                (HopVerdict::no(Stop::Filter { why }), &[])
            }
            Some(Answer::NotKnown(why)) => (HopVerdict::not_known(why), &[]),
            Some(_) => (HopVerdict::not_known("the answer is not one about lines"), &[]),
            None => (HopVerdict::not_known("it was not asked"), &[]),
        }
    }

    fn filter(&mut self, at: usize, filter: &'g SubscriptionFilter, lines: &Rc<Vec<String>>) -> Way {
        let origin = Origin { id: filter.address.id.base().to_owned(), name: filter.name.clone(), arn: String::new() };
        let mut way = Way::new(origin);
        way.is_kept = HopVerdict::no(Stop::Delivery {
            code: "NO_QUEUE",
            why: "CloudWatch Logs does not keep what it cannot deliver".to_owned(),
        });
        way.hop(Step::Received, HopVerdict::Yes);
        let (verdict, places) = self.passing(at, &filter.pattern, lines);
        if !way.hop(Step::Matches, verdict) {
            return way;
        }
        way.hop(Step::Target, HopVerdict::Yes);
        let passing: Vec<&str> = places.iter().filter_map(|place| lines.get(*place)).map(String::as_str).collect();
        let account = self.graph.account.clone();
        let origin = batch::BatchOrigin {
            log_group: filter.log_group.clone(),
            log_stream: format!("{account}_CloudTrail_{}", self.graph.region),
            filter: filter.name.clone(),
            owner: account,
        };
        let input = batch(&origin, &passing);
        way.body = Some(input.to_string());
        way.hop(Step::Rendered, HopVerdict::Yes);
        match send::of_filter(self.graph, filter) {
            Sending::Function { verdict, function } => {
                way.destination = Some(calls(function));
                if way.hop(Step::Sent, verdict) {
                    self.function(&mut way, function, input, &vec![at, 0]);
                }
            }
            Sending::Slack { verdict, .. }
            | Sending::Topic { verdict, .. }
            | Sending::Queue { verdict, .. }
            | Sending::LogGroup { verdict, .. }
            | Sending::Elsewhere { verdict, .. } => {
                way.destination = Some(Recipient::Elsewhere(filter.destination.label()));
                way.hop(Step::Sent, verdict);
            }
        }
        way
    }
}

/// Whether enough were counted, which nothing here can tell.
fn counted(alarm: &Alarm) -> HopVerdict {
    let (name, sum, seconds) = (&alarm.name, alarm.threshold, alarm.period_seconds);
    HopVerdict::not_known(format!(
        "it is counted, and a message is sent when the alarm {name} counts {sum} or more within {seconds} seconds"
    ))
}

fn below(id: &QuestionId, place: usize) -> QuestionId {
    let mut id = id.clone();
    id.push(place);
    id
}

fn calls(function: &Function) -> Recipient {
    Recipient::Function { name: function.name.clone(), id: function.address.id.to_string() }
}

/// Whether a rule receives an event at all, whatever its pattern. An event that does not say where it happened
/// happened here.
fn received(graph: &Graph, rule: &Rule, event: &Value) -> HopVerdict {
    let text = |field: &str| event[field].as_str().unwrap_or_default();
    let is_other = |own: &str, found: &str| !found.is_empty() && own != found;
    let Receiving { region, account, forwarded } = &graph.receives;
    let is_forwarded = |all: &[String], field: &str| all.iter().any(|one| one == text(field));
    let is_stranger = |own: &&String| is_other(own, text("account")) && !is_forwarded(&forwarded.accounts, "account");
    if let Some(wanted) = account.as_ref().filter(is_stranger) {
        return HopVerdict::no(Stop::Account { wanted: wanted.clone(), found: text("account").to_owned() });
    }
    let is_elsewhere = |own: &&String| is_other(own, text("region")) && !is_forwarded(&forwarded.regions, "region");
    if let Some(wanted) = region.as_ref().filter(is_elsewhere) {
        return HopVerdict::no(Stop::Region { wanted: wanted.clone(), found: text("region").to_owned() });
    }
    let stop = |wanted| HopVerdict::no(Stop::State { wanted, found: rule.state.clone() });
    if !rule.listens() {
        return stop(ENABLED);
    }
    if rule.state == ENABLED && is_unreceived_event(event) { stop(ENABLED_WITH_ALL) } else { HopVerdict::Yes }
}

fn matched(answer: &Answer) -> HopVerdict {
    match answer {
        Answer::Matches => HopVerdict::Yes,
        Answer::DoesNotMatch(stop) => HopVerdict::no(stop.clone()),
        Answer::NotKnown(why) => HopVerdict::not_known(why),
        Answer::Passing { .. } | Answer::Ran { .. } => HopVerdict::not_known("the answer is not one about a pattern"),
    }
}

/// What a target makes of an event.
fn rendered(rule: &Rule, rule_arn: &str, target: &Target, event: &Value) -> (HopVerdict, Option<String>) {
    let unknown = |why: String| (HopVerdict::not_known(why), None);
    match &target.input {
        TargetInput::Transformer(transformer) => {
            let time = event["time"].as_str().unwrap_or_default().to_owned();
            let reserved =
                Reserved { rule_arn: rule_arn.to_owned(), rule_name: rule.name.clone(), ingestion_time: time };
            match transformer.render(&Json::from(event), &reserved) {
                Err(error) => unknown(error.to_string()),
                Ok(Delivery::NotDelivered { why }) => (HopVerdict::no(Stop::Message { why }), None),
                Ok(Delivery::Body(body)) => (HopVerdict::Yes, Some(body)),
            }
        }
        TargetInput::Path(path) => {
            match parse_path(path).map(|path| path.find(&Json::from(event)).map(Json::to_string)) {
                Err(error) => unknown(error.to_string()),
                Ok(None) => unknown(format!("the event has no value at {path}")),
                Ok(found) => (HopVerdict::Yes, found),
            }
        }
        TargetInput::Constant(text) => (HopVerdict::Yes, Some(text.clone())),
        TargetInput::Event => (HopVerdict::Yes, Some(event.to_string())),
    }
}

/// Whether SNS takes a message: it is not empty, and not too long.
fn published(body: &str) -> HopVerdict {
    if (1..=MAX_MESSAGE_BYTES).contains(&body.len()) {
        return HopVerdict::Yes;
    }
    let why = format!("the message has {} bytes, and SNS takes 1 to {MAX_MESSAGE_BYTES}", body.len());
    HopVerdict::no(Stop::Delivery { code: "ERROR_FROM_TARGET", why })
}

/// Whether Slack takes a body: a bot's needs a channel, or it is refused with HTTP status 200.
fn accepted(body: &str, posts_as: PostsAs) -> HopVerdict {
    let refused = |problems: Vec<String>| HopVerdict::no(Stop::Slack { problems });
    let body: Value = match serde_json::from_str(body) {
        Ok(body) => body,
        Err(error) => return refused(vec![format!("the body is not JSON: {error}")]),
    };
    if posts_as == PostsAs::Bot && !body["channel"].is_string() {
        return refused(vec!["it has no channel, which a bot requires".to_owned()]);
    }
    match slack::read(&body) {
        Ok(_) => HopVerdict::Yes,
        Err(problems) => refused(problems.into_iter().map(|problem| problem.what).collect()),
    }
}
