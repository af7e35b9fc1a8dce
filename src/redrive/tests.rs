//! A day without Slack, killed runs, letters that someone wrote: in the sandbox, with a simulated clock.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::alert::Installation;
use crate::apply::{OpenGate, StopRequest, apply};
use crate::cases;
use crate::check;
use crate::compile::compile;
use crate::document::Document;
use crate::lambda::batch::{BatchOrigin, batch};
use crate::name::{DestinationId, RELAY};
use crate::plan;
use crate::provider::sandbox::{DeliveryOutcome, Sandbox};
use crate::provider::{DeadLetter, Provider, Search};
use crate::secret::Secret;

const WEBHOOK: &str = "version: 1\nstack: sec\nregion: us-east-1\nslack: { webhook: \"${env:HOOK}\" }\nalerts:\n  - { blueprint: cloudtrail-stop-logging, with: { restart_logging: true } }\n";
const BOT: &str = "version: 1\nstack: sec\nregion: us-east-1\nslack: { token: \"${env:TOKEN}\", channel: C0123456789 }\nalerts:\n  - { blueprint: cloudtrail-stop-logging }\n  - { blueprint: cloudtrail-access-denied-logs, with: { log_group: /trail } }\n";
const HOOK: &str = "https://hooks.slack.com/services/T00000000/B00000000/000000000000000000000000";
const TOKEN: &str = "xoxb-000000000000-000000000000-000000000000000000000000";
const HOUR: Duration = Duration::from_hours(1);

fn now<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(future)
}

struct Stacked {
    installation: Installation,
    scope: Scope,
    sandbox: Sandbox,
}

impl Stacked {
    /// An applied stack on a simulated clock.
    fn new(text: &str) -> Self {
        let document = Document::parse("t.yaml", text).expect("YAML");
        let installation = check::stack(document, PathBuf::new()).unwrap_or_else(|all| panic!("{all:?}"));
        let sandbox = Sandbox::new();
        let identity = now(sandbox.identity()).expect("the sandbox knows itself");
        let scope = Scope::new(&identity.partition, &identity.account, &installation.region, &installation.name)
            .expect("a scope");
        let secret = if text == BOT { TOKEN } else { HOOK };
        let desired = compile(&installation, &scope, Some(&Secret::new(secret)));
        let plan = plan::plan(&scope, &desired, &Live::default()).expect("a plan");
        assert!(now(apply(&plan, &sandbox, &StopRequest::default(), &|_| ())).is_complete());
        sandbox.simulate_clock();
        Self { installation, scope, sandbox }
    }

    /// An event that the first alert matches, known by a number.
    fn event(&self, number: usize) -> Value {
        let home = self.installation.home_in(self.scope.account());
        let alert = &self.installation.alerts[0];
        let mut event = alert.sent(cases::matching(&alert.blueprint).expect("a case that matches"), &home);
        event["detail"]["userIdentity"]["principalId"] = format!("AROAEXAMPLE:trail-{number}-end").into();
        event
    }

    /// Puts a letter into the queue by hand.
    fn put(&self, rule: &str, target: &str, body: &Value) -> String {
        let rule_arn = if rule.is_empty() { String::new() } else { self.scope.events_arn(&format!("rule/{rule}")) };
        self.sandbox.by_hand(|world| {
            world.dead_letters.push(DeadLetter {
                sent_ms: u64::try_from(self.sandbox.now().as_millis()).expect("a time"),
                rule_arn,
                target_arn: target.to_owned(),
                code: "ERROR_FROM_TARGET".to_owned(),
                message: "no".to_owned(),
                body: body.as_str().map_or_else(|| body.to_string(), str::to_owned),
                ..DeadLetter::default()
            });
            world.name_letters();
            world.dead_letters.last().expect("a letter").id.clone()
        })
    }

    /// What the letters come to, and what was sent, in this order.
    fn redrive(
        &self,
        most: usize,
    ) -> Result<(Vec<Letter>, RedriveReport, Vec<String>), crate::provider::ProviderError> {
        let desired = compile(&self.installation, &self.scope, None);
        let live = now(self.sandbox.read(&self.scope, Search::of(&desired)))?;
        let home = self.installation.home_in(self.scope.account());
        let alerts = &self.installation.alerts;
        let site = Site {
            scope: &self.scope,
            desired: &desired,
            live: &live,
            alerts,
            home: &home,
            queue: &DestinationId::slack(),
        };
        let mut assessor = Assessor::new(site);
        assert_eq!(now(assessor.relay().closed(&self.sandbox))?, None);
        let held = now(take(most, &self.scope, &DestinationId::slack(), &self.sandbox))?.expect("a queue");
        let letters: Vec<Letter> = held.letters().map(|one| assessor.assess(one)).collect();
        let accepted = RefCell::new(Vec::new());
        let tell = |step: LetterStep<'_>| match step {
            LetterStep::Accepted(letter) | LetterStep::NotRemoved(letter, _) => {
                accepted.borrow_mut().push(letter.id.clone());
            }
            LetterStep::Sending(_) | LetterStep::Failed(..) => {}
        };
        let relay = assessor.relay();
        let (scope, provider, stop) = (&self.scope, &self.sandbox, &StopRequest::default());
        let report =
            now(LetterSender { relay, scope, provider, gate: &OpenGate, stop, tell: &tell }.send(&letters, held));
        Ok((letters, report, accepted.into_inner()))
    }

    /// How often Slack got the message of each event, and those marked as late in the order they came.
    fn delivered(&self) -> (BTreeMap<usize, usize>, Vec<usize>) {
        let (mut times, mut late) = (BTreeMap::new(), Vec::new());
        for sent in self.sandbox.sent() {
            let DeliveryOutcome::Request(request) = sent.outcome else { continue };
            let (_, rest) = request.body.split_once("trail-").expect("a number");
            let number = rest.split_once("-end").and_then(|(number, _)| number.parse().ok()).expect("a number");
            *times.entry(number).or_default() += 1;
            if sent.id == RELAY {
                assert!(request.body.contains("[LATE]"), "{}", request.body);
                late.push(number);
            }
        }
        (times, late)
    }

    fn in_queue(&self) -> u64 {
        now(self.sandbox.dead_letter_count(&self.scope, &DestinationId::slack())).expect("it counts").expect("a queue")
    }

    /// The content of the only letter.
    fn content(&self) -> Content {
        let (mut letters, ..) = self.redrive(10).expect("no call fails");
        assert_eq!(letters.len(), 1);
        letters.remove(0).content
    }
}

#[test]
fn a_day_without_slack_loses_nothing() {
    const EVENTS: usize = 10_000;
    let stack = Stacked::new(WEBHOOK);
    stack.sandbox.simulate_outage(24 * HOUR);
    let begin = stack.sandbox.now();
    for number in 0..EVENTS {
        stack.sandbox.put_event("us-east-1", &stack.event(number)).expect("it is put");
        now(stack.sandbox.rest(24 * HOUR / u32::try_from(EVENTS).expect("few")));
        if number == EVENTS / 2 {
            // Too early: what is sent again comes back.
            let (letters, report, _) = stack.redrive(1_000).expect("no call fails");
            assert_eq!((letters.len(), report.accepted, report.error), (1_000, 1_000, None));
        }
    }
    assert!(stack.sandbox.now() >= begin + 24 * HOUR, "Slack is there again");
    let waiting = stack.in_queue();
    assert!(waiting > 7_000, "{waiting}");
    // Letters of the first half came back later, so the order is that of the queue.
    let since = stack.delivered().1.len();
    let (letters, report, accepted) = stack.redrive(10_000).expect("no call fails");
    assert_eq!((letters.len() as u64, report.accepted as u64), (waiting, waiting));
    assert!(letters.is_sorted_by_key(|one| one.sent_ms), "the oldest is sent first");
    assert_eq!(accepted, letters.iter().map(|one| one.id.clone()).collect::<Vec<_>>());
    now(stack.sandbox.rest(24 * HOUR));
    assert_eq!(stack.in_queue(), 0);
    let (times, late) = stack.delivered();
    let lost: Vec<usize> = (0..EVENTS).filter(|number| !times.contains_key(number)).collect();
    assert_eq!(lost, Vec::<usize>::new());
    assert!(times.values().all(|times| *times == 1), "no run was killed, so nothing is there twice");
    assert_eq!(late.len() - since, letters.len());
    println!("{EVENTS} events in a day without Slack: {waiting} dead letters sent again, 0 lost, 0 twice");
}

#[test]
fn a_killed_run_repeats_at_most_the_letter_in_flight() {
    const EVENTS: usize = 5;
    let letters = || {
        let stack = Stacked::new(WEBHOOK);
        stack.sandbox.simulate_outage(7 * HOUR);
        for number in 0..EVENTS {
            stack.sandbox.put_event("us-east-1", &stack.event(number)).expect("it is put");
            now(stack.sandbox.rest(Duration::from_secs(1)));
        }
        now(stack.sandbox.rest(7 * HOUR));
        assert_eq!(stack.in_queue(), EVENTS as u64);
        stack
    };
    let whole = letters();
    let before = whole.sandbox.letter_calls();
    whole.redrive(10).expect("no call fails");
    let calls = whole.sandbox.letter_calls() - before;
    let mut repeated = 0;
    for at in 0..calls {
        for has_effect in [false, true] {
            let stack = letters();
            stack.sandbox.break_after(Some((at, has_effect)));
            // Whatever it says: everything after this call fails, as after a kill.
            let _ = stack.redrive(10);
            stack.sandbox.break_after(None);
            now(stack.sandbox.rest(hold::HOLD));
            let (_, report, _) = stack.redrive(10).expect("no call fails");
            assert_eq!((report.failed, report.left, report.error), (0, 0, None), "killed at {at}");
            let (times, late) = stack.delivered();
            assert_eq!(times.len(), EVENTS, "killed at {at}, {has_effect}: something is lost");
            let twice = times.values().filter(|times| **times > 1).count();
            assert!(twice <= 1 && times.values().all(|times| *times <= 2), "killed at {at}: {times:?}");
            assert!(late.is_sorted(), "killed at {at}: {late:?}");
            assert_eq!(stack.in_queue(), 0, "killed at {at}");
            repeated += twice;
        }
    }
    assert!(calls > 15 && repeated > 0, "{calls} calls, {repeated} repeated");
    println!("{} kills: 0 lost, {repeated} times the letter in flight was sent twice", 2 * calls);
}

#[test]
fn what_sqs_shows_twice_is_sent_once_and_each_stack_has_its_own_letters() {
    let stack = Stacked::new(WEBHOOK);
    stack.sandbox.repeat_letters();
    for number in 0..25 {
        let text = json!({ "text": format!("trail-{number}-end") });
        stack.put("trailbell-sec_cloudtrail-stop-logging_rule", "", &text);
        now(stack.sandbox.rest(Duration::from_secs(1)));
    }
    stack.put("trailbell-other_x_rule", "", &json!({ "text": "trail-99-end" }));
    let (_, report, _) = stack.redrive(20).expect("no call fails");
    assert_eq!((report.accepted, report.failed), (20, 0));
    let (_, report, _) = stack.redrive(20).expect("no call fails");
    assert_eq!((report.accepted, report.failed), (5, 0));
    let (times, late) = stack.delivered();
    assert_eq!((times.len(), late.len()), (25, 25));
    assert_eq!(stack.sandbox.by_hand(|world| world.dead_letters.len()), 1, "that of the other stack is left");
}

#[test]
fn letters_of_every_kind_are_sent_as_the_stack_would_send_them() {
    let rule = "trailbell-sec_cloudtrail-stop-logging_rule";
    for text in [WEBHOOK, BOT] {
        // The event itself, which EventBridge may leave in place of what the target made of it.
        let stack = Stacked::new(text);
        stack.put(rule, "", &stack.event(7));
        let Content::Message(message) = stack.content() else { panic!("a message") };
        assert!(message.to_string().contains("trail-7-end"), "{message}");
        assert!(message["blocks"][0].to_string().contains("The event is from "), "{message}");
        assert_eq!(stack.in_queue(), 0);
        // A message of the relay, as an event and as it was to be posted; a channel that someone chose does not count.
        let message = json!({ "text": "hello", "channel": "C9" });
        for body in [json!({ "source": "trailbell.sec", "detail": { "message": message } }), message] {
            let stack = Stacked::new(text);
            stack.put("trailbell-sec_relay_bus/trailbell-sec_relay_rule", "", &body);
            let Content::Message(message) = stack.content() else { panic!("a message") };
            let channel = if text == BOT { json!("C0123456789") } else { Value::Null };
            assert_eq!((&message["channel"], &message["text"]), (&channel, &json!("[LATE] hello")));
            assert_eq!(stack.in_queue(), 0);
        }
    }
    // Log lines that the notifier failed on. The sandbox does not run functions, so they stay.
    let stack = Stacked::new(BOT);
    let origin = BatchOrigin {
        owner: "123456789012".to_owned(),
        log_group: "/trail".to_owned(),
        log_stream: "s".to_owned(),
        filter: "trailbell-sec_cloudtrail-access-denied-logs_filter".to_owned(),
    };
    stack.put("", "", &batch(&origin, &["line"]));
    let (letters, report, _) = stack.redrive(10).expect("no call fails");
    assert_eq!((letters[0].alert.as_str(), report.failed), ("cloudtrail-access-denied-logs", 1));
    let Content::Input { function, input } = &letters[0].content else { panic!("an input") };
    assert_eq!(function, "trailbell-sec_notifier_function");
    let batch = crate::lambda::label::unpacked(input).expect("a batch");
    assert!(batch["logGroup"].as_str().is_some_and(|name| name.starts_with("[LATE 2026-01-01T")), "{batch}");
    assert_eq!(stack.in_queue(), 1);
}

#[test]
fn what_someone_wrote_is_not_sent_and_stays() {
    let rule = "trailbell-sec_cloudtrail-stop-logging_rule";
    let relay = "trailbell-sec_relay_bus/trailbell-sec_relay_rule";
    let filter = |filter: &str| {
        let [owner, log_group, log_stream] = ["1", "/x", "s"].map(str::to_owned);
        batch(&BatchOrigin { owner, log_group, log_stream, filter: filter.to_owned() }, &["line"])
    };
    let stack = Stacked::new(WEBHOOK);
    let other = json!({ "source": "aws.s3", "detail-type": "x", "detail": {} });
    let notified = json!({ "trailbell": { "title": "<!channel>" }, "event": stack.event(1) });
    let cases = [
        (rule, "", json!("no JSON"), "not JSON"),
        (rule, "", json!([1]), "neither"),
        (rule, "", json!({}), "neither"),
        (rule, "", json!({ "text": "<!channel> hi" }), "mentions someone"),
        (
            rule,
            "",
            json!({ "text": "hi", "blocks": [{ "type": "section", "text": { "type": "mrkdwn", "text": "<@U1>" } }] }),
            "mentions",
        ),
        (rule, "", json!({ "text": "" , "blocks": 7 }), "Slack would reject"),
        (rule, "", json!({ "text": "hi", "username": "AWS" }), ""),
        (rule, "", json!({ "text": "hi", "attachments": [{ "text": "x" }] }), ""),
        (relay, "", json!({ "detail": { "message": "x" } }), "not an object"),
        (relay, "", json!({ "detail": {} }), "not an object"),
        (rule, "", other, ""),
        ("trailbell-sec_gone_rule", "", stack.event(1), "does not have a rule any more"),
        ("trailbell-other_x_rule", "", json!({ "text": "hi" }), ""),
        ("", "", notified, "does not have a rule any more"),
        ("", "", filter("theirs"), "did not pass a filter of the stack"),
        ("", "", json!({ "awslogs": { "data": "AAAA" } }), "gzip"),
    ];
    for (rule, target, body, wanted) in cases {
        let stack = Stacked::new(WEBHOOK);
        let id = stack.put(rule, target, &body);
        let (letters, report, accepted) = stack.redrive(10).expect("no call fails");
        assert_eq!((report.accepted, accepted.len()), (0, 0), "{body}");
        assert_eq!(stack.delivered().0.len(), 0, "{body}");
        assert!(stack.sandbox.by_hand(|world| world.dead_letters.iter().any(|one| one.id == id)), "{body}");
        if let Some(letter) = letters.first() {
            let Content::Unusable { why } = &letter.content else { panic!("{letter:?}") };
            assert!(!why.is_empty() && why.contains(wanted), "{body}: {why}");
        }
    }
}

#[test]
fn a_remediation_is_shown_and_never_run_late() {
    let function = "arn:aws:lambda:us-east-1:123456789012:function:trailbell-sec_cloudtrail-stop-logging_function";
    let rule = "trailbell-sec_cloudtrail-stop-logging_rule";
    let name = Some("trailbell-sec_cloudtrail-stop-logging_function".to_owned());
    for (rule, target, wanted) in [(rule, function, name), ("", "", None)] {
        let stack = Stacked::new(WEBHOOK);
        stack.put(rule, target, &stack.event(1));
        let (letters, report, _) = stack.redrive(10).expect("no call fails");
        assert_eq!(letters[0].content, Content::Remediation { function: wanted });
        assert_eq!((report.accepted, report.failed, stack.in_queue()), (0, 0, 1));
    }
}

#[test]
fn what_a_schedule_could_not_call_is_no_remediation_and_stays() {
    let digest = "arn:aws:lambda:us-east-1:123456789012:function:trailbell-sec_digest_function";
    let call = json!({ "trailbell": { "alert": "a", "queue": "trailbell-sec_a_digest-queue" } });
    let beat = json!({ "QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q", "Tags": { "a": "b" } });
    for (target, body, wanted) in [
        (digest, call, "the call of a digest"),
        ("arn:aws:scheduler:::aws-sdk:sqs:tagQueue", beat, "a call of the heartbeat"),
    ] {
        let stack = Stacked::new(WEBHOOK);
        stack.put("", target, &body);
        let Content::Unusable { why } = stack.content() else { panic!("{body}") };
        assert!(why.contains(wanted), "{why}");
        assert_eq!(stack.in_queue(), 1);
    }
}

#[test]
fn a_letter_of_the_slack_target_is_sent_although_its_rule_has_a_remediation() {
    let stack = Stacked::new(WEBHOOK);
    stack.sandbox.simulate_outage(7 * HOUR);
    stack.sandbox.put_event("us-east-1", &stack.event(3)).expect("it is put");
    now(stack.sandbox.rest(7 * HOUR));
    let (letters, report, _) = stack.redrive(10).expect("no call fails");
    assert_eq!((letters.len(), report.accepted), (1, 1));
    assert_eq!(letters[0].alert, "cloudtrail-stop-logging");
    // The time is when EventBridge gave up: the body is the message, which does not say when the event was.
    let Content::Message(message) = &letters[0].content else { panic!("a message") };
    assert!(message["blocks"][0].to_string().contains("until 2026-01-01T06:00:00Z"), "{message}");
}
