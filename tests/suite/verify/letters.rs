//! What is in the dead-letter queue, or comes there, while `verify` watches.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Site, says};
use crate::support::letter;
use crate::support::proxy::{Action, Script};

/// The event that the `verify` of this body puts on the bus, as EventBridge leaves it in the queue when Slack refuses it.
fn refused(put_events: &str) -> String {
    let asked: Value = serde_json::from_str(put_events).expect("JSON");
    let entry = &asked["Entries"][0];
    let detail: Value = serde_json::from_str(entry["Detail"].as_str().expect("a detail")).expect("JSON");
    json!({ "detail-type": entry["DetailType"], "source": entry["Source"], "detail": detail }).to_string()
}

/// Lets the message of a run come back some time after it was sent.
fn come_back_after(site: &Site, time: Duration) {
    let account = site.account.clone();
    site.proxy.set_script(Script::new().with(move |call| {
        if call.operation == "PutEvents" {
            let (account, body) = (account.clone(), refused(&call.body));
            thread::spawn(move || {
                thread::sleep(time);
                letter::put(&account, &body);
            });
        }
        None
    }));
}

#[test]
fn a_message_of_this_run_that_comes_back_has_failed() {
    let site = Site::webhook();
    come_back_after(&site, Duration::ZERO);
    let alert = site.result("5", 1);
    says(&alert, "failed", &["dead-letter queue", "SDK_CLIENT_ERROR: invalid_payload"]);
    let status = site.stack.run(&["status", "--output", "json"]).expect(3).json();
    assert_eq!((&status["verdict"], &status["dead_letters"]), (&json!("undelivered"), &json!(1)));
    let told = site.stack.run(&["status"]).expect(3);
    assert!(told.out.contains("1 undelivered alert"), "{told:?}");
}

#[test]
fn a_letter_at_the_last_second_is_seen() {
    let site = Site::webhook();
    come_back_after(&site, Duration::from_millis(3_700));
    let begin = Instant::now();
    let told = site.verify("4").expect(1).json();
    says(&told["alerts"][0], "failed", &["SDK_CLIENT_ERROR"]);
    assert!(begin.elapsed() >= Duration::from_secs(4), "it was seen by the last look");
    assert_eq!(told["came_back"].as_array().map(Vec::len), Some(1), "{told:#}");
}

#[test]
fn letters_of_others_neither_end_the_watch_nor_fail_it() {
    let site = Site::webhook();
    // Of another run of the same alert, from before.
    letter::put(&site.account, r#"{"detail":{"message":{"text":"[TEST] old, id 0123456789abcdef"}}}"#);
    let account = site.account.clone();
    site.proxy.set_script(Script::new().with(move |call| {
        if call.operation == "PutEvents" {
            letter::put(&account, r#"{"source":"aws.s3","detail":{}}"#);
        }
        None
    }));
    let begin = Instant::now();
    let told = site.verify("3").expect(0).json();
    assert_eq!((&told["verdict"], &told["came_back"]), (&json!("accepted"), &json!([])), "{told:#}");
    assert!(begin.elapsed() >= Duration::from_secs(3), "the watch lasts as long as it says");
    assert_eq!(letter::visible(&site.account), 2, "both are left where they were");
    // The letter of this run is found behind those of others.
    come_back_after(&site, Duration::from_secs(1));
    says(&site.result("4", 1), "failed", &["SDK_CLIENT_ERROR"]);
    assert_eq!(letter::visible(&site.account), 3);
}

#[test]
fn a_queue_that_cannot_be_read_to_the_end_is_not_watched() {
    let site = Site::webhook();
    (0..11).for_each(|_| letter::put_ten(&site.account, "{}"));
    let told = site.verify("0").expect(1).json();
    assert_eq!(told["verdict"], "not_watched", "{told:#}");
    says(&told["alerts"][0], "not_watched", &["more than 100 messages"]);
    assert!(told["not_watched"].as_str().is_some_and(|why| why.contains("100")), "{told:#}");
    let text = site.stack.run(&["verify", "--wait", "0"]).expect(1);
    assert!(text.out.contains("1 not watched: ") && text.out.contains("empty the dead-letter queue"), "{text:?}");
}

#[test]
fn a_hundred_letters_are_read() {
    let site = Site::webhook();
    (0..10).for_each(|_| letter::put_ten(&site.account, "{}"));
    assert_eq!(site.result("0", 0)["result"], "accepted");
    assert_eq!(letter::visible(&site.account), 100);
}

#[test]
fn letters_that_cannot_be_seen_are_not_taken_for_none() {
    let site = Site::webhook();
    letter::put(&site.account, "{}");
    // Another reader holds it.
    let held = json!({ "QueueUrl": letter::queue(&site.account), "VisibilityTimeout": 600 });
    assert_eq!(site.account.json("sqs", "AmazonSQS.ReceiveMessage", &held).0, 200);
    says(&site.result("0", 1), "not_watched", &["in use by another reader"]);
    // Someone delays letters: ours is there, and no one can see it yet.
    let site = Site::webhook();
    letter::set(&site.account, &json!({ "DelaySeconds": "900" }));
    come_back_after(&site, Duration::ZERO);
    says(&site.result("2", 1), "not_watched", &["delayed"]);
}

#[test]
fn a_queue_that_aws_does_not_let_us_read_is_not_watched() {
    let site = Site::webhook();
    for operation in ["ReceiveMessage", "ChangeMessageVisibilityBatch"] {
        letter::put(&site.account, "{}");
        let denied = Action::error(403, "AccessDeniedException", "not you");
        site.proxy.set_script(Script::new().every(operation, denied));
        says(&site.result("0", 1), "not_watched", &["cannot read the dead-letter queue", "AccessDenied"]);
    }
}
