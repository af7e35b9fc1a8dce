//! `redrive` end to end: letters that a test puts into the queue of ministack reach Slack again, late, in order, and once.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::support::api::Account;
use super::support::emulator::ministack;
use super::support::letter;
use super::support::proxy::{Action, Proxy, Script};
use super::support::sink::Sink;
use super::support::stack::{Run, Stack, WEBHOOK, ended};
use super::support::terminal;

/// An applied stack whose webhook is a sink, on ministack behind a proxy.
struct Site {
    account: Account,
    proxy: Proxy,
    stack: Stack,
    sink: Sink,
}

impl Site {
    fn new() -> Self {
        let (account, sink) = (Account::new(ministack()), Sink::start());
        let proxy = Proxy::start(&ministack().url, Script::new());
        let mut stack = Stack::new(WEBHOOK, &account.env(&proxy.url));
        stack.set("SLACK_WEBHOOK_URL", &sink.url("/services/hook"));
        stack.apply();
        Self { account, proxy, stack, sink }
    }

    /// Puts a message that Slack did not take into the queue.
    fn put(&self, text: &str) {
        letter::put_of(&self.account, letter::ALERT, &json!({ "text": text }).to_string());
        // Letters of one millisecond have no order.
        std::thread::sleep(Duration::from_millis(5));
    }

    /// The texts that Slack got so far.
    fn texts(&self, number: usize) -> Vec<String> {
        let all = self.sink.wait_for(number, Duration::from_secs(20));
        let text = |body: &str| -> String {
            let body: Value = serde_json::from_str(body).expect("JSON");
            body["text"].as_str().expect("a text").to_owned()
        };
        all.iter().map(|one| text(&one.body)).collect()
    }
}

/// The lines that `redrive` printed as JSON.
fn lines(run: &Run) -> Vec<Value> {
    run.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{run:#?}"))).collect()
}

#[test]
fn fifty_letters_arrive_late_in_order_and_once() {
    let site = Site::new();
    (0..50).for_each(|number| site.put(&format!("letter {number}")));
    let shown = site.stack.run(&["redrive", "--dry-run"]).expect(0);
    assert!(shown.out.contains("50 dead letters:") && shown.out.contains("letter 0"), "{shown:#?}");
    assert_eq!((letter::visible(&site.account), site.sink.received().len()), (50, 0), "a look leaves all as it is");
    let begin = Instant::now();
    let sent = site.stack.run(&["redrive", "--yes"]).expect(0);
    assert!(begin.elapsed() >= Duration::from_secs(49), "one a second, as Slack takes them");
    assert!(sent.out.contains("EventBridge accepted 50 messages") && !sent.out.contains("delivered"), "{sent:#?}");
    let wanted: Vec<String> = (0..50).map(|number| format!("[LATE] letter {number}")).collect();
    assert_eq!(site.texts(50), wanted);
    assert_eq!(letter::visible(&site.account), 0);
    assert!(site.stack.run(&["redrive", "--yes"]).expect(0).out.contains("No dead letters."));
    assert_eq!(site.sink.received().len(), 50);
    // Each message says which letter it is.
    let first = &site.sink.received()[0].body;
    let id = sent.err.lines().find_map(|line| line.split("sending 1 of 50: ").nth(1)).expect("the first letter");
    let id = id.split(' ').next().expect("an id");
    assert!(first.contains(&format!("Letter {id}.")), "{id} in {first}");
}

#[test]
fn nothing_is_sent_without_consent() {
    let site = Site::new();
    site.put("hello");
    let refused = site.stack.run(&["redrive"]).expect(2);
    assert!(refused.err.contains("--yes"), "{refused:#?}");
    terminal::run(&site.stack, &["redrive"], "y\r").expect(5);
    assert_eq!((letter::visible(&site.account), site.sink.received().len()), (1, 0), "it is given back");
    let asked = terminal::run(&site.stack, &["redrive"], "yes\r").expect(0);
    assert!(asked.out.contains("Send 1 message to Slack again, marked [LATE]?"), "{asked:#?}");
    assert_eq!(site.texts(1), ["[LATE] hello"]);
}

#[test]
fn what_cannot_be_sent_is_shown_and_stays() {
    let site = Site::new();
    site.put("hello");
    site.put("<!channel> hello \u{1b}[31m");
    letter::put(&site.account, "no JSON xoxb-000000000000-000000000000-aaaaaaaaaaaaaaaaaaaaaaaa");
    letter::put_of(&site.account, letter::ALERT, &json!({ "source": "aws.s3", "detail": {} }).to_string());
    let text = site.stack.run(&["redrive", "--dry-run"]).expect(1);
    assert!(text.out.contains("3 letters left in the queue:") && text.out.contains("mentions someone"), "{text:#?}");
    assert!(!text.out.contains('\u{1b}') && !text.out.contains("xoxb-0"), "{text:#?}");
    let run = site.stack.run(&["redrive", "--yes", "--output", "json"]).expect(1);
    let told = lines(&run);
    let of = |event: &str| told.iter().filter(|one| one["event"] == event).count();
    assert_eq!((of("found"), of("accepted"), of("failed"), of("ended")), (1, 1, 0, 1), "{told:#?}");
    let end = told.last().expect("an end");
    assert_eq!((&end["accepted"], &end["kept"], &end["exit_code"]), (&json!(1), &json!(3), &json!(1)));
    assert_eq!(site.texts(1), ["[LATE] hello"]);
    assert_eq!(letter::visible(&site.account), 3);
}

#[test]
fn what_aws_does_not_accept_stays_and_the_rest_is_given_back() {
    let site = Site::new();
    (0..3).for_each(|number| site.put(&format!("letter {number}")));
    let denied = Action::error(403, "AccessDeniedException", "not you");
    site.proxy.set_script(Script::new().every("PutEvents", denied));
    let told = site.stack.run(&["redrive", "--yes"]).expect(1);
    assert!(told.out.contains("events:PutEvents") && told.out.contains("2 not tried"), "{told:#?}");
    assert_eq!(letter::visible(&site.account), 3);
    // Accepted, and not removed: it is told, because it comes twice.
    let denied = Action::error(403, "AccessDeniedException", "not you");
    site.proxy.set_script(Script::new().every("DeleteMessage", denied));
    let told = site.stack.run(&["redrive", "--yes"]).expect(1);
    assert!(told.err.contains("accepted, but not removed from the queue"), "{told:#?}");
    assert_eq!((site.texts(1), letter::visible(&site.account)), (vec!["[LATE] letter 0".to_owned()], 3));
    site.proxy.set_script(Script::new());
    site.stack.run(&["redrive", "--yes"]).expect(0);
    let again = site.texts(4);
    assert_eq!(again[1..], ["[LATE] letter 0", "[LATE] letter 1", "[LATE] letter 2"]);
}

#[test]
fn a_signal_finishes_the_letter_in_progress_and_gives_the_rest_back() {
    let site = Site::new();
    (0..30).for_each(|number| site.put(&format!("letter {number}")));
    let sent = || site.sink.received().len();
    let stopped = site.stack.signal("TERM", &["redrive", "--yes"], || sent() >= 2).expect(143);
    assert!(stopped.err.contains("Stopping after the letter in progress"), "{stopped:#?}");
    let done = sent();
    assert!((2..10).contains(&done), "{done}");
    assert_eq!(letter::visible(&site.account), 30 - done as u64, "the rest is visible at once");
    let rest = site.stack.run(&["redrive", "--yes", "--most", "3"]).expect(0);
    assert!(rest.err.contains("run the command again for the rest"), "{rest:#?}");
    assert_eq!(site.texts(done + 3), (0..done + 3).map(|at| format!("[LATE] letter {at}")).collect::<Vec<_>>());
}

#[test]
fn letters_that_another_reader_holds_are_not_taken_for_none() {
    let site = Site::new();
    site.put("hello");
    let held = json!({ "QueueUrl": letter::queue(&site.account), "VisibilityTimeout": 600 });
    assert_eq!(site.account.json("sqs", "AmazonSQS.ReceiveMessage", &held).0, 200);
    let told = site.stack.run(&["redrive", "--yes"]).expect(1);
    assert!(told.err.contains("1 more in the queue cannot be read now"), "{told:#?}");
}

#[test]
fn nothing_is_sent_through_a_relay_that_is_not_open() {
    let site = Site::new();
    site.put("hello");
    let rule = json!({ "Name": "trailbell-sec_relay_rule", "EventBusName": "trailbell-sec_relay_bus" });
    assert_eq!(site.account.json("events", "AWSEvents.DisableRule", &rule).0, 200);
    let told = site.stack.run(&["redrive", "--yes"]).expect(1);
    assert!(told.out.contains("left in the queue") || told.err.contains("nothing was sent"), "{told:#?}");
    assert_eq!((letter::visible(&site.account), site.sink.received().len()), (1, 0));
}

#[test]
fn a_destroy_does_not_remove_the_queue_while_letters_are_sent() {
    let site = Site::new();
    (0..8).for_each(|number| site.put(&format!("letter {number}")));
    let sending = site.stack.start(&["redrive", "--yes"]);
    assert!(!site.sink.wait_for(1, Duration::from_secs(20)).is_empty());
    let refused = site.stack.run(&["destroy", "--yes"]).expect(5);
    assert!(refused.err.contains("(redrive by") && refused.err.contains("is in progress"), "{refused:#?}");
    let refused = site.stack.run(&["redrive", "--yes"]).expect(5);
    assert!(refused.err.contains("--lock-timeout 5m"), "{refused:#?}");
    site.stack.run(&["destroy", "--yes", "--lock-timeout", "60s", "--keep-history"]).expect(0);
    let sent = ended(sending).expect(0);
    assert!(sent.out.contains("EventBridge accepted 8 messages"), "{sent:#?}");
    assert_eq!(site.texts(8), (0..8).map(|number| format!("[LATE] letter {number}")).collect::<Vec<_>>());
    let history = site.stack.run(&["history", "--output", "json"]).expect(0).json();
    let runs: Vec<(&Value, &Value)> = history["runs"]
        .as_array()
        .expect("runs")
        .iter()
        .map(|run| (&run["begun"]["command"], &run["ended"]["changes"]["sent"]))
        .collect();
    assert_eq!(runs, [(&json!("destroy"), &json!(0)), (&json!("redrive"), &json!(8)), (&json!("apply"), &json!(0))]);
}
