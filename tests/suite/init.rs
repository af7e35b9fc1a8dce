//! `init` where no one can be asked: what flags give is written and works, and what is not good enough is never
//! written.

use serde_json::json;
use trailbell::document::Document;

use super::support::stack::{Run, Stack, WEBHOOK};

#[test]
fn init_writes_a_stack_that_works_and_never_overwrites() {
    let stack = Stack::new(WEBHOOK, &[]);
    let flags = [
        "--alert",
        "cloudtrail-stop-logging",
        "--slack",
        "webhook",
        "--secret",
        "${env:SLACK_WEBHOOK_URL}",
        "--region",
        "eu-west-1",
    ];
    let run = stack.run(&[&["init"][..], &flags].concat()).expect(2);
    assert!(run.err.contains("already exists"), "{run:?}");
    let planned =
        stack.run(&[&["init", "new.yaml", "--stack", "mine", "--sandbox=box.json"][..], &flags].concat()).expect(0);
    assert!(planned.out.contains("Plan: 9 to create") && planned.err.contains("Wrote new.yaml"), "{planned:?}");
    stack.run(&["check", "new.yaml"]).expect(0);
    stack.run(&["apply", "new.yaml", "--yes", "--sandbox=box.json"]).expect(0);
    let applied = [&["init", "other.yaml", "--stack", "other", "--yes", "--sandbox=other.json"][..], &flags].concat();
    assert!(stack.run(&applied).expect(0).out.contains("Done: 9 created."));
    let unanswered = stack.run(&["init", "third.yaml"]).expect(2);
    assert!(unanswered.err.contains("without a terminal") && !stack.path("third.yaml").exists(), "{unanswered:?}");
}

/// What `apply` would refuse is found out before the file is written, and done when it is allowed by name.
#[test]
fn a_second_stack_with_the_same_alerts_is_refused_before_its_file_is_written() {
    let stack = Stack::new(WEBHOOK, &[]);
    stack.run(&["apply", "--yes", "--sandbox=box.json"]).expect(0);
    let init = |file: &str, region: &str, more: &[&str]| {
        let flags =
            ["--alert", "cloudtrail-stop-logging", "--slack", "webhook", "--secret", "${env:SLACK_WEBHOOK_URL}"];
        let name = ["--stack", if region == "us-east-1" { "second" } else { "sec" }, "--region", region];
        stack.run(&[&["init", file, "--sandbox=box.json"][..], &flags, &name, more].concat())
    };
    for (region, says) in [("us-east-1", "`sec` still has alerts of this one"), ("eu-west-1", "exists in us-east-1")] {
        let told = init("second.yaml", region, &["--yes"]).expect(5);
        assert!(told.err.contains(says) && told.err.contains("`second.yaml` was not written"), "{told:?}");
        assert!(!stack.path("second.yaml").exists());
    }
    // Who only plans or writes gets the file.
    init("planned.yaml", "us-east-1", &[]).expect(0);
    init("written.yaml", "us-east-1", &["--write-only"]).expect(0);
    init("second.yaml", "us-east-1", &["--yes", "--allow", "same-alerts"]).expect(0);
    init("third.yaml", "eu-west-1", &["--yes", "--allow", "another-region"]).expect(0);
}

#[test]
fn init_says_when_what_was_chosen_does_not_go_together() {
    let stack = Stack::new(WEBHOOK, &[]);
    let init = |region: &str| {
        let file = format!("{region}.yaml");
        let alert = ["--alert", "supportapp-configuration-read", "--slack", "webhook"];
        let rest = ["--secret", "${env:SLACK_WEBHOOK_URL}", "--stack", "new", "--region", region];
        stack.run(&[["init", &file, "--write-only"].as_slice(), &alert, &rest].concat())
    };
    init("us-west-2").expect(0);
    let elsewhere = init("eu-central-1").expect(1);
    assert!(elsewhere.err.contains("TB0506") && elsewhere.err.contains("was not written"), "{elsewhere:?}");
    assert!(stack.path("us-west-2.yaml").exists() && !stack.path("eu-central-1.yaml").exists());
}

/// `init` with everything but the parameters, of an alert on log lines and one that has a remediation.
fn init(stack: &Stack, file: &str, more: &[&str]) -> Run {
    let alerts = ["--alert", "cloudtrail-access-denied-logs", "--alert", "cloudtrail-stop-logging"];
    let rest = ["--stack", "s", "--region", "us-east-1", "--slack", "webhook", "--secret", "${env:SLACK_WEBHOOK_URL}"];
    let run = stack.run(&[&["init", file][..], &alerts, &rest, more].concat());
    assert_eq!(stack.path(file).exists(), run.code == 0, "{run:?}");
    run
}

/// What `with` the first alert of a written file has.
fn with(stack: &Stack, file: &str) -> serde_json::Value {
    let text = std::fs::read_to_string(stack.path(file)).expect("written");
    Document::parse(file, &text).expect("YAML").root.to_json()["alerts"][0]["with"].clone()
}

#[test]
fn parameters_are_flags_and_the_stack_works() {
    let stack = Stack::new(WEBHOOK, &[]);
    let values = ["--with", "log_group=my-trail", "--with", "cloudtrail-access-denied-logs.metric_alarm=true"];
    let planned = init(&stack, "new.yaml", &[&values[..], &["--sandbox=box.json"]].concat()).expect(0);
    assert!(planned.out.contains("+ alarm.cloudtrail-acce") && !planned.out.contains("restart"), "{planned:?}");
    assert_eq!(with(&stack, "new.yaml"), json!({ "log_group": "my-trail", "metric_alarm": true }));
    // The critical alert shares its channel with one that anyone can trigger.
    stack.run(&["check", "new.yaml"]).expect(0);
    assert!(stack.run(&["check", "--strict", "new.yaml"]).expect(1).out.contains("TB0311"));
    stack.run(&["apply", "new.yaml", "--yes", "--sandbox=box.json"]).expect(0);
    let text = std::fs::read_to_string(stack.path("new.yaml")).expect("written");
    for shown in
        ["# alarm_topic: \"\"  # The ARN of an SNS topic", "    #   restart_logging: false  # Turn logging on again"]
    {
        assert!(text.contains(shown), "{shown}: {text}");
    }
}

#[test]
fn a_parameter_without_a_value_is_a_question_and_nothing_is_written() {
    let stack = Stack::new(WEBHOOK, &[]);
    let unanswered = init(&stack, "a.yaml", &["--write-only"]).expect(2);
    for part in ["The log group that the trail writes to?", "--with cloudtrail-access-denied-logs.log_group=VALUE"] {
        assert!(unanswered.err.contains(part), "{part}: {unanswered:?}");
    }
    let machine = init(&stack, "a.yaml", &["--output", "json"]).expect(2).json();
    assert_eq!(machine["error"]["kind"], "usage", "{machine}");
    let misspelt = init(&stack, "a.yaml", &["--with", "log_grup=x"]).expect(2);
    assert!(misspelt.err.contains("did you mean `log_group`?"), "{misspelt:?}");
    init(&stack, "a.yaml", &["--with", "log_group=x", "--with", "metric_alarm=perhaps"]).expect(2);
}

#[test]
fn a_value_that_the_blueprint_refuses_is_a_finding_and_nothing_is_written() {
    let stack = Stack::new(WEBHOOK, &[]);
    let hostile = ["", "a b", "\"", "a: b", "x\ny: z", "${env:X}", "*x", "arn:aws:logs:us-east-1:1:log-group:mine:*"];
    for value in hostile {
        let refused = init(&stack, "b.yaml", &["--write-only", "--with", &format!("log_group={value}")]).expect(1);
        assert!(refused.err.contains("TB0221") && refused.err.contains("was not written"), "{value:?}: {refused:?}");
    }
    let own = init(&stack, "b.yaml", &["--output", "json", "--with", "log_group=/aws/lambda/trailbell-s_x"]).expect(1);
    assert_eq!(own.json()["findings"][0]["code"], "TB0221", "{own:?}");
}

#[test]
fn hostile_values_are_written_as_they_are() {
    let stack = Stack::new(WEBHOOK, &[]);
    for (at, value) in
        ["*a", "\"", "x: y # z", "a\nb: c", "${env:X}", "- a", "'", "\\", "null", "é\u{202e}"].iter().enumerate()
    {
        // Without the alarm no one looks at the topic.
        let file = format!("{at}.yaml");
        let topic = format!("alarm_topic={value}");
        init(&stack, &file, &["--write-only", "--with", "log_group=123", "--with", &topic]).expect(0);
        assert_eq!(with(&stack, &file), json!({ "log_group": "123", "alarm_topic": value }));
    }
}
