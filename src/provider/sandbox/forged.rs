//! Someone who may put events on the default bus, and nothing else: no handler runs, and nothing reaches the channel.
//!
//! Sources that begin with `aws.` are AWS's own, and `PutEvents` refuses them, so no forged event has one.

use std::path::Path;

use serde_json::{Value, json};

use super::Sandbox;
use super::histories::carry_out;
use crate::alert::{Alert, Installation};
use crate::cases;
use crate::compile::compile;
use crate::graph::Graph;
use crate::live::Live;
use crate::name::{DEFAULT_BUS, Scope};
use crate::plan::plan;
use crate::secret::Secret;
use crate::slack::arguments::ARGUMENTS;
use crate::trace::{self, End, Input, Put, Way, relayed};

const CHANNEL: &str = "C0123456789";

fn scope() -> Scope {
    Scope::offline(None, "us-east-1", "previous").expect("a good scope")
}

/// A stack with every route, and its account as a graph.
fn applied(name: &str) -> (Installation, Graph) {
    let random = "a".repeat(24);
    let secret = match name {
        "bot" => Secret::new(format!("xox{}-1-{random}", 'b')),
        _ => Secret::new(format!("https://hooks.slack.com/services/T/B/{random}")),
    };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/previous/{name}.yaml"));
    let installation = crate::check::stack_file(&file, crate::document::Reach::Own).expect("no findings");
    let graph = graph(&installation, &secret);
    (installation, graph)
}

fn graph(installation: &Installation, secret: &Secret) -> Graph {
    let desired = compile(installation, &scope(), Some(secret));
    let sandbox = Sandbox::new();
    assert!(carry_out(&sandbox, &plan(&scope(), &desired, &Live::default()).expect("an empty account")).is_complete());
    sandbox.by_hand(|world| world.graph("us-east-1", crate::graph::Receiving::of("us-east-1")))
}

/// The event of an alert's own test, in the stack's account.
fn real(alert: &Alert, installation: &Installation) -> Value {
    let home = installation.home_in(scope().account());
    alert.sent(cases::matching(&alert.blueprint).expect("a case that matches"), &home)
}

/// Numbers that look random, and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % end
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

const SOURCES: [&str; 9] = [
    "trailbell.previous",
    "trailbell",
    "aws",
    "AWS.cloudtrail",
    "aws_cloudtrail",
    "cloudtrail.amazonaws.com",
    "my.app",
    "",
    "Trailbell.previous",
];

/// An event as someone may put it: the details of a real one, or a message, under a source of theirs.
fn forged(dice: &mut Dice, real: &[Value]) -> Value {
    let mut event = dice.pick(real).clone();
    event["source"] = (*dice.pick(&SOURCES)).into();
    if dice.below(2) == 0 {
        event["detail-type"] = "trailbell message".into();
        let mut message = json!({ "text": "all is well", "channel": *dice.pick(&[CHANNEL, "C9"]) });
        if dice.below(2) == 0 {
            message[dice.pick(&ARGUMENTS).name] = "x".into();
        }
        event["detail"]["message"] = message;
    }
    event
}

fn walked(graph: &Graph, put: &Put) -> Vec<Way> {
    trace::follow(graph, Input::Put(put), trace::answer)
}

#[test]
fn ten_thousand_events_on_the_default_bus_start_nothing() {
    for name in ["webhook", "bot"] {
        let (installation, graph) = applied(name);
        let real: Vec<Value> = installation
            .alerts
            .iter()
            .filter(|alert| alert.lines().is_none())
            .map(|one| real(one, &installation))
            .collect();
        for event in &real {
            let put = Put { bus: DEFAULT_BUS.to_owned(), event: event.clone() };
            assert!(walked(&graph, &put).iter().any(Way::matches), "the real one does: {event}");
        }
        let mut dice = Dice(1);
        for _ in 0..5_000 {
            let put = Put { bus: DEFAULT_BUS.to_owned(), event: forged(&mut dice, &real) };
            let ways = walked(&graph, &put);
            assert!(!ways.iter().any(Way::matches), "{name}: {}", put.event);
        }
    }
}

#[test]
fn a_thousand_refused_calls_and_events_of_other_accounts_start_no_handler() {
    let text = "version: 1\nstack: previous\nregion: us-east-1\nslack: { webhook: \"${env:HOOK}\" }\nalerts:\n  - { blueprint: cloudtrail-stop-logging, with: { restart_logging: true } }\n";
    let document = crate::document::Document::parse("t.yaml", text).expect("YAML");
    let installation = crate::check::stack(document, std::path::PathBuf::new()).expect("no findings");
    let secret = Secret::new(format!("https://hooks.slack.com/services/T/B/{}", "a".repeat(24)));
    let graph = graph(&installation, &secret);
    let real = real(&installation.alerts[0], &installation);
    let runs = |event: Value| {
        let put = Put { bus: DEFAULT_BUS.to_owned(), event };
        walked(&graph, &put).iter().any(|way| way.run.is_some())
    };
    assert!(runs(real.clone()), "a real one does");
    for at in 0..1_000 {
        let mut other = real.clone();
        other["account"] = format!("{:012}", at + 1).into();
        assert!(!runs(other.clone()), "{other}");
        let mut refused = real.clone();
        refused["detail"]["errorCode"] = format!("AccessDenied{at}").into();
        assert!(!runs(refused.clone()), "{refused}");
    }
}

#[test]
fn the_own_bus_lets_nothing_pass_but_messages_of_the_account_and_for_the_channel() {
    for (name, channel) in [("webhook", None), ("bot", Some(CHANNEL))] {
        let (_, graph) = applied(name);
        let mut message = json!({ "text": "hello" });
        if let Some(channel) = channel {
            message["channel"] = channel.into();
        }
        let put = relayed(&scope(), &message, None);
        assert!(walked(&graph, &put).iter().any(|way| way.end() == End::Open));
        let mut dice = Dice(2);
        for at in 0..1_000 {
            let mut theirs = put.clone();
            theirs.event["account"] = format!("{:012}", at + 1).into();
            assert!(!walked(&graph, &theirs).iter().any(Way::matches), "{}", theirs.event);
            let mut other = put.clone();
            let argument = dice.pick(&ARGUMENTS);
            if !argument.is_sent && argument.fields.is_empty() {
                other.event["detail"]["message"][argument.name] = format!("x{at}").into();
                assert!(!walked(&graph, &other).iter().any(Way::matches), "{}", other.event);
            }
        }
    }
}
