//! The walk: questions first, hops from the answers, and nothing taken for granted.

use std::path::PathBuf;
use std::rc::Rc;

use serde_json::json;

use super::*;
use crate::alert::Installation;
use crate::blueprint::catalog;
use crate::compile::compile;
use crate::document::Document;
use crate::resource::{Resource, ResourceSet};

const STACK: &str = "version: 1\nstack: sec\nregion: us-east-1\nslack: { webhook: \"${env:HOOK}\" }\nalerts:\n  - { blueprint: cloudtrail-stop-logging, with: { restart_logging: true } }\n  - { blueprint: cloudtrail-access-denied-logs, with: { log_group: my-trail } }\n";

fn desired() -> (Scope, ResourceSet) {
    let document = Document::parse("t.yaml", STACK).expect("YAML");
    let installation: Installation = crate::check::stack(document, PathBuf::new()).expect("no findings");
    let scope = Scope::offline(None, "us-east-1", "sec").expect("a scope");
    let resources = compile(&installation, &scope, None);
    (scope, resources)
}

fn event() -> Value {
    let loaded = catalog::find("cloudtrail-stop-logging").expect("built in").load().expect("good");
    crate::cases::matching(&loaded.blueprint).expect("a case that matches").sent()
}

/// The way to Slack of the alert, with the resources changed.
fn way(change: impl FnOnce(&mut ResourceSet), answer: impl Fn(&Question<'_>) -> Answer) -> Way {
    let (scope, mut resources) = desired();
    change(&mut resources);
    let graph = Graph::compiled(&scope, &resources).receiving(crate::graph::Receiving::default());
    let ways = follow(&graph, Input::Event(&event()), answer);
    let is_it = |way: &&Way| way.origin.id == "cloudtrail-stop-logging" && way.run.is_none();
    ways.iter().find(is_it).cloned().expect("the alert has a way to Slack")
}

#[test]
fn questions_come_first_and_hops_from_the_answers() {
    let (scope, resources) = desired();
    let graph = Graph::compiled(&scope, &resources).receiving(crate::graph::Receiving::default());
    let event = event();
    let open = questions(&graph, Input::Event(&event));
    assert!(open.iter().all(|one| matches!(one.ask, Ask::Pattern { .. })) && open.len() == 1, "{open:?}");
    let unanswered = trace(&graph, Input::Event(&event), &Answers::new());
    assert!(unanswered.ways.iter().all(|way| matches!(way.end(), End::NotKnown { .. })));
    let lines = ["{\"errorCode\":\"AccessDenied\",\"eventSource\":\"a\",\"eventName\":\"b\"}".to_owned()];
    let open = questions(&graph, Input::Lines { log_group: "my-trail", lines: &lines });
    assert!(matches!(&open[..], [Question { ask: Ask::Filter { .. }, .. }]), "{open:?}");
}

#[test]
fn every_hop_is_yes_where_nothing_is_wrong_and_a_handler_is_asked_about() {
    let way = way(|_| (), answer);
    assert_eq!(way.end(), End::Open, "{:?}", way.hops);
    assert_eq!(way.is_kept, HopVerdict::Yes);
    assert_eq!(way.bodies().len(), 1);
}

#[test]
fn what_nobody_can_tell_is_not_known() {
    let way = way(|_| (), |_| Answer::NotKnown("nobody asked AWS".to_owned()));
    assert!(matches!(way.end(), End::NotKnown { why, .. } if why == "nobody asked AWS"));
    let judged = Stop::Judged { why: "AWS says no".to_owned() };
    let way = self::way(|_| (), |_| Answer::DoesNotMatch(judged.clone()));
    assert_eq!(way.end(), End::Stopped { at: Step::Matches, by: &judged });
}

#[test]
fn a_part_that_is_missing_or_says_no_ends_the_way() {
    let without = |wanted: fn(&Resource) -> bool| move |all: &mut ResourceSet| all.retain(|_, one| !wanted(one));
    let gone: [fn(&Resource) -> bool; 4] = [
        |one| matches!(one, Resource::ApiDestination(_)),
        |one| matches!(one, Resource::Connection(_)),
        |one| matches!(one, Resource::Role(one) if one.address.id.base() == "slack"),
        |one| matches!(one, Resource::Target(one) if one.address.id.base() == "cloudtrail-stop-logging"),
    ];
    for wanted in gone {
        let way = way(without(wanted), answer);
        assert!(matches!(way.end(), End::Stopped { .. }), "{:?}", way.hops);
    }
    let queue: fn(&Resource) -> bool = |one| matches!(one, Resource::Queue(_));
    let way = way(without(queue), answer);
    assert!(way.end() == End::Open && !way.is_kept.is_yes(), "{way:?}");
}

#[test]
fn a_message_that_slack_would_refuse_ends_the_way() {
    let empty = |all: &mut ResourceSet| {
        for one in all.values_mut() {
            if let Resource::Target(target) = one
                && target.address.id.base() == "cloudtrail-stop-logging"
            {
                target.input = crate::resource::TargetInput::Constant(json!({ "text": "" }).to_string());
            }
        }
    };
    let way = way(empty, answer);
    assert!(matches!(way.end(), End::Stopped { by: Stop::Slack { .. }, .. }), "{:?}", way.hops);
}

#[test]
fn the_url_of_the_web_api_is_known_for_what_it_is_and_a_webhook_stays_masked() {
    let sealed = |url: &str| crate::compile::seal_endpoint(Some(&crate::secret::Secret::new(url)), "");
    assert_eq!(sealed("https://slack.com/api/chat.postMessage").label(), "https://slack.com/api/chat.postMessage");
    assert_eq!(sealed("https://slack.com/api/chat.postMessage?token=x").label(), "https://slack.com/…");
    assert_eq!(sealed("https://example.com/api/chat.postMessage").label(), "https://example.com/…");
    assert_eq!(sealed("https://hooks.slack.com/services/T/B/x").label(), "https://hooks.slack.com/…");
    // A bot's message without a channel is refused with HTTP status 200.
    let as_read = |all: &mut ResourceSet| {
        for one in all.values_mut() {
            if let Resource::ApiDestination(destination) = one {
                destination.endpoint = sealed("https://slack.com/api/chat.postMessage");
            }
        }
    };
    let way = way(as_read, answer);
    assert!(matches!(way.end(), End::Stopped { .. }), "{:?}", way.hops);
}

#[test]
fn what_an_event_is_is_said_of_values_that_are_no_text_too() {
    let pattern = json!({ "source": ["my.app"], "detail": { "eventName": ["StopLogging"], "a": ["x"] } });
    let told = |name: Value| {
        let event = Rc::new(json!({ "source": "my.app", "detail": { "eventName": name, "a": "x" } }));
        match answer(&Question { id: Vec::new(), ask: Ask::Pattern { pattern: &pattern, event } }) {
            Answer::DoesNotMatch(stop) => stop.to_string(),
            other => panic!("{other:?}"),
        }
    };
    for (name, found) in [(json!("x"), "\"x\""), (json!(5), "5"), (json!(null), "null"), (json!(true), "true")] {
        assert_eq!(told(name), format!("detail.eventName: expected [\"StopLogging\"], found {found}"));
    }
}

/// Where the way of a log line ends, with the resources changed and the notifier's answer.
fn end_of_line(change: impl FnOnce(&mut ResourceSet), ran: &Answer) -> String {
    let (scope, mut resources) = desired();
    change(&mut resources);
    let graph = Graph::compiled(&scope, &resources);
    let lines = ["{\"errorCode\":\"AccessDenied\",\"eventSource\":\"a\",\"eventName\":\"b\"}".to_owned()];
    let input = Input::Lines { log_group: "my-trail", lines: &lines };
    let answer = |question: &Question<'_>| match question.ask {
        Ask::Run { .. } => ran.clone(),
        _ => super::answer(question),
    };
    let ways = follow(&graph, input, answer);
    match ways[0].end() {
        End::Open => "open".to_owned(),
        End::NotRun { why } => format!("not run: {why}"),
        End::Stopped { at, by } => format!("{at:?}: {by}"),
        End::NotKnown { at, .. } => format!("{at:?} is not known"),
    }
}

#[test]
fn one_end_says_how_far_a_function_and_its_messages_come() {
    let (scope, _) = desired();
    let ran = |message: Value| Answer::Ran { error: None, events: vec![relayed(&scope, &message, None)] };
    let written = ran(json!({ "text": "x" }));
    assert_eq!(end_of_line(|_| (), &written), "open");
    assert_eq!(end_of_line(|_| (), &Answer::NotKnown("no Node".into())), "not run: no Node");
    let failed = Answer::Ran { error: Some("it threw".into()), events: Vec::new() };
    assert_eq!(end_of_line(|_| (), &failed), "Ran: the function failed: it threw");
    assert_eq!(
        end_of_line(|_| (), &ran(json!({ "text": "" }))),
        "Accepted: Slack rejects it: an empty text, at least one character is needed"
    );
    // A policy that no one can judge does not make the message certain.
    let unclear = |all: &mut ResourceSet| {
        for one in all.values_mut() {
            if let Resource::Role(role) = one
                && let Some(policy) = role.policy.as_mut().filter(|policy| policy.to_json().contains("PutEvents"))
            {
                let mut statements = policy.statements();
                for statement in &mut statements {
                    statement["Condition"] = json!({ "StringLike": { "aws:PrincipalOrgID": "o-*" } });
                }
                *policy = crate::resource::Policy::all(&statements);
            }
        }
    };
    assert_eq!(end_of_line(unclear, &written), "Put is not known");
    let relay = |state: &'static str| {
        move |all: &mut ResourceSet| {
            for one in all.values_mut() {
                if let Resource::Rule(rule) = one {
                    rule.state = state.to_owned();
                }
            }
        }
    };
    assert_eq!(end_of_line(relay("DISABLED"), &written), "Accepted: the rule is DISABLED");
    let gone = |all: &mut ResourceSet| all.retain(|_, one| !matches!(one, Resource::Rule(_)));
    assert_eq!(end_of_line(gone, &written), "Accepted: no rule on the event bus matches it");
}
