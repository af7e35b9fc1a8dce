//! Whether CloudTrail records the event: an alert whose event no one records does not arrive, however well it is set
//! up.

use serde_json::json;

use super::{Site, says};
use crate::logs;
use crate::support::api::Account;
use crate::support::emulator::{ministack, moto};
use crate::support::proxy::{Action, Proxy, Script};
use crate::support::stack::{Stack, WEBHOOK};
use crate::support::trail;

/// A stack with another alert in place of the usual one.
fn alert(name: &str) -> String {
    WEBHOOK.replace("cloudtrail-stop-logging", name)
}

#[test]
fn without_a_trail_that_is_logging_nothing_arrives() {
    let site = Site::webhook();
    assert_eq!(site.result("0", 0)["result"], "accepted");
    trail::call(&site.account, "StopLogging", &json!({ "Name": site.trail }));
    says(&site.result("0", 1), "failed", &["no trail is logging", &site.trail]);
    trail::call(&site.account, "DeleteTrail", &json!({ "Name": site.trail }));
    says(&site.result("0", 1), "failed", &["no trail records the events of us-east-1"]);
    // A trail of another region is none here.
    let elsewhere = site.account.in_region("eu-west-1");
    let arn = trail::created(&elsewhere, "elsewhere", false);
    trail::records(&elsewhere, &arn, "All");
    trail::call(&elsewhere, "StartLogging", &json!({ "Name": arn }));
    says(&site.result("0", 1), "failed", &["no trail records the events of us-east-1"]);
    // One of all regions that was created there is.
    trail::logging(&elsewhere, "everywhere");
    assert_eq!(site.result("0", 0)["result"], "accepted");
    assert!(site.sink.received().len() >= 2, "and the message went through");
}

#[test]
fn a_trail_must_record_what_the_alert_waits_for() {
    let reading = Site::new(&alert("supportapp-configuration-read"));
    assert_eq!(reading.result("0", 0)["result"], "accepted");
    trail::records(&reading.account, &reading.trail, "WriteOnly");
    let why = ["no trail records", "read-only management events", "supportapp.amazonaws.com"];
    says(&reading.result("0", 1), "failed", &why);
    let writing = Site::webhook();
    trail::records(&writing.account, &writing.trail, "WriteOnly");
    assert_eq!(writing.result("0", 0)["result"], "accepted");
    trail::records(&writing.account, &writing.trail, "ReadOnly");
    says(&writing.result("0", 1), "failed", &["no trail records", "StopLogging"]);
    // Advanced selectors, which select this event by its name, and then another.
    for (name, code) in [("StopLogging", 0), ("StartLogging", 1)] {
        let fields = json!([
            { "Field": "eventCategory", "Equals": ["Management"] },
            { "Field": "eventSource", "Equals": ["cloudtrail.amazonaws.com"] },
            { "Field": "eventName", "Equals": [name] },
        ]);
        let asked = json!({ "TrailName": writing.trail, "AdvancedEventSelectors": [{ "FieldSelectors": fields }] });
        trail::call(&writing.account, "PutEventSelectors", &asked);
        writing.result("0", code);
    }
}

#[test]
fn what_cloudtrail_does_not_tell_is_not_known() {
    let site = Site::webhook();
    let denied = || Action::error(400, "AccessDeniedException", "not you");
    for (operation, words) in [
        ("DescribeTrails", ["whether a trail records its events is not known", "AccessDenied"]),
        ("GetTrailStatus", ["it is not known whether the trail", "is logging"]),
        ("GetEventSelectors", ["it is not known whether the trail", "StopLogging"]),
    ] {
        site.proxy.set_script(Script::new().every(operation, denied()));
        says(&site.result("0", 1), "unknown", &words);
        let text = site.stack.run(&["verify", "--wait", "0"]).expect(1);
        assert!(
            text.out.contains("cloudtrail-stop-logging: not known: ") && text.out.contains("1 not known"),
            "{text:?}"
        );
        // An emulator that does not know the call at all.
        site.proxy.set_script(Script::new().every(operation, Action::error(501, "NotImplemented", "not here")));
        assert_eq!(site.result("0", 1)["result"], "unknown", "{operation}");
    }
    assert!(site.sink.received().is_empty(), "a message would prove nothing");
}

#[test]
fn an_alert_on_log_lines_needs_a_trail_that_writes_them() {
    let account = Account::new(ministack());
    logs::group(&account);
    let stack = Stack::new(&logs::text(), &account.env(&ministack().url));
    stack.apply();
    let proxy = logs::sending(&account);
    let mut stack = stack;
    stack.set("AWS_ENDPOINT_URL", &proxy.url);
    let verify = || {
        let chosen = ["--alert", "cloudtrail-access-denied-logs", "--wait", "0", "--output", "json"];
        stack.run(&[&["verify", "--accept-unconfirmed"][..], &chosen].concat()).json()["alerts"][0].clone()
    };
    // Anyone may write into a log group, so without a trail of it no one can say.
    trail::logging(&account, "other");
    says(&verify(), "unknown", &["no trail of this account delivers to", "my-trail"]);
    let arn = trail::delivering(&account, "main", "my-trail");
    assert_eq!(verify()["result"], "accepted");
    trail::call(&account, "StopLogging", &json!({ "Name": arn }));
    says(&verify(), "failed", &["no trail is logging", &arn]);
}

#[test]
fn moto_is_asked_for_trails_too() {
    let account = Account::new(moto());
    // moto does not judge this pattern as AWS does.
    let matching = Action::rewrite(|_| r#"{"Result":true}"#.to_owned());
    let proxy = Proxy::start(&moto().url, Script::new().every("TestEventPattern", matching));
    let stack = Stack::new(WEBHOOK, &account.env(&proxy.url));
    stack.apply();
    let verify = |code: i32| {
        let run = stack.run(&["verify", "--accept-unconfirmed", "--wait", "0", "--output", "json"]).expect(code);
        run.json()["alerts"][0].clone()
    };
    says(&verify(1), "failed", &["no trail records the events of us-east-1"]);
    let arn = trail::created(&account, "main", true);
    trail::records(&account, &arn, "All");
    says(&verify(1), "failed", &["no trail is logging"]);
    trail::call(&account, "StartLogging", &json!({ "Name": arn }));
    assert_eq!(verify(0)["result"], "accepted");
}
