//! The wizard with a script in place of the person: which questions come, and the stack files that answers make.

use std::collections::VecDeque;
use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Asker, Check, Chosen, Given, SlackWay, Unanswered, WizardAnswers, WizardQuestion, answers, stack_file};
use crate::alert::Installation;
use crate::blueprint::{Blueprint, catalog};
use crate::check;
use crate::diagnostic::Code;
use crate::document::Document;

/// Answers from a list; every question is kept. An answer that is refused is followed by the next, as on a terminal.
#[derive(Default)]
struct Script {
    answers: VecDeque<&'static str>,
    asked: Vec<String>,
    refused: Vec<String>,
}

impl Script {
    fn of(answers: &[&'static str]) -> Self {
        Self { answers: answers.iter().copied().collect(), ..Self::default() }
    }

    fn next(&mut self, question: &WizardQuestion) -> Result<&'static str, Unanswered> {
        self.asked.push(question.text.clone());
        self.answers.pop_front().ok_or_else(|| Unanswered::new("nobody answers", question.flag.clone()))
    }
}

impl Asker for Script {
    fn text(&mut self, question: &WizardQuestion, default: &str, check: Check<'_>) -> Result<String, Unanswered> {
        loop {
            let answer = self.next(question)?;
            let answer = if answer.is_empty() { default } else { answer };
            match check(answer) {
                Ok(()) => return Ok(answer.to_owned()),
                Err(why) => self.refused.push(why),
            }
        }
    }

    fn yes(&mut self, question: &WizardQuestion, default: Option<bool>) -> Result<Option<bool>, Unanswered> {
        let answer = self.next(question)?;
        Ok(if answer.is_empty() { default } else { Some(answer == "y") })
    }

    fn one(&mut self, question: &WizardQuestion, _choices: &[String]) -> Result<usize, Unanswered> {
        self.next(question)?.parse().map_err(|_| Unanswered::new("not a number", ""))
    }

    fn several(&mut self, question: &WizardQuestion, _choices: &[String]) -> Result<Vec<usize>, Unanswered> {
        Ok(self.next(question)?.split(',').filter_map(|at| at.parse().ok()).collect())
    }
}

const STOP: &str = "cloudtrail-stop-logging";
const DENIED: &str = "cloudtrail-access-denied-logs";

fn built_in() -> Vec<Blueprint> {
    [STOP, DENIED].map(|name| catalog::find(name).expect("built in").load().expect("good").blueprint).to_vec()
}

/// A blueprint with a parameter of every type, none of which has a default.
fn every_type() -> Blueprint {
    let text = r"
blueprint: every-type
title: Every type
severity: low
parameters:
  accounts: { type: list, description: Accounts to watch. }
  errors: { type: list, default: [403], description: Codes }
  most: { type: number, description: How many }
  root: { type: boolean, description: Only root? }
  who: { type: string }
alert:
  pattern: { source: [my.app], account: { param: accounts }, detail: { code: { param: errors } } }
  message: { text: '${param:who} ${param:most} ${param:root}' }
tests:
  - { name: fires, with: { accounts: [a], most: 1, root: true, who: me }, event: { source: my.app, account: a, detail: { code: 403 } }, expect: { matches: true } }
  - { name: not, with: { accounts: [a], most: 1, root: true, who: me }, event: { source: x }, expect: { matches: false } }
";
    let document = Document::parse("every-type.yaml", text).expect("YAML");
    check::blueprint(document).unwrap_or_else(|found| panic!("{found:#?}")).blueprint
}

/// Everything answered but the parameters.
fn given(alerts: &[&str], with: &[&str]) -> Given {
    let text = |text: &str| Some(text.to_owned());
    Given {
        alerts: alerts.iter().copied().map(str::to_owned).collect(),
        with: with.iter().copied().map(str::to_owned).collect(),
        stack: text("sec"),
        account: None,
        region: text("us-east-1"),
        channel: None,
        slack: Some(SlackWay::Webhook),
        secret: text("${env:HOOK}"),
    }
}

fn installed(answers: &WizardAnswers) -> Installation {
    let text = stack_file(answers);
    let document = Document::parse("trailbell.yaml", &text).unwrap_or_else(|found| panic!("{text}\n{found:#?}"));
    let stack = check::stack(document, PathBuf::new());
    stack.unwrap_or_else(|found| panic!("{text}\n{found:#?}"))
}

#[test]
fn every_way_through_the_questions_gives_a_stack_without_findings() {
    let ways: &[&[&str]] = &[
        &["0", "", "", "", "0", "0", ""],
        &["0", "y", "sec", "eu-west-1", "0", "1", "./hook.txt"],
        &["0", "n", "sec", "", "0", "2"],
        &["0", "", "123", "", "1", "C0123456789", "0", "MY_TOKEN"],
        &["", "0", "", "null", "", "1", "#security", "2"],
        &["1", "my-trail", "y", "sec", "", "0", "2"],
        &["0,1", "y", "my-trail", "", "sec", "", "0", "2"],
    ];
    for way in ways {
        let mut asker = Script::of(way);
        let answered = answers(&Given::default(), &built_in(), &mut asker).expect("all is answered");
        assert!(asker.answers.is_empty() && asker.refused.is_empty(), "{way:?}: left {:?}", asker.answers);
        let stack = installed(&answered);
        // Refused calls next to a critical alert are worth a warning.
        let others = stack.warnings.iter().filter(|one| one.code != Code::SharedDestination).count();
        assert_eq!((others, stack.alerts.len()), (0, answered.alerts.len()), "{way:?}");
    }
}

#[test]
fn what_a_flag_says_is_not_asked() {
    let mut asker = Script::default();
    let flags =
        ["restart_logging=true", "log_group=g", "cloudtrail-access-denied-logs.metric_alarm=no", "alarm_topic="];
    let answered = answers(&given(&[STOP, DENIED], &flags), &built_in(), &mut asker).expect("nothing is left to ask");
    assert!(asker.asked.is_empty());
    let with: Vec<Value> = answered.alerts.iter().map(|one| Value::Object(one.with.clone())).collect();
    assert_eq!(with[0], json!({ "restart_logging": true }));
    assert_eq!(with[1], json!({ "log_group": "g", "metric_alarm": false, "alarm_topic": "" }));
}

#[test]
fn parameters_without_a_default_and_switches_are_asked() {
    let mut asker = Script::of(&["y", "my-trail", ""]);
    let answered = answers(&given(&[STOP, DENIED], &[]), &built_in(), &mut asker).expect("all is answered");
    assert_eq!(
        asker.asked,
        [
            "cloudtrail-stop-logging: Turn logging on again at once?",
            "cloudtrail-access-denied-logs: The log group that the trail writes to?",
            "cloudtrail-access-denied-logs: Also count them in a metric with an alarm, for Security Hub?",
        ]
    );
    let text = stack_file(&answered);
    let alerts = r#"
  - blueprint: cloudtrail-stop-logging
    with:
      restart_logging: true  # Turn logging on again at once
  - blueprint: cloudtrail-access-denied-logs
    with:
      # alarm_topic: ""  # The ARN of an SNS topic that the alarm tells
      log_group: "my-trail"  # The log group that the trail writes to
      metric_alarm: false  # Also count them in a metric with an alarm, for Security Hub
"#;
    assert!(text.ends_with(alerts), "{text}");
}

#[test]
fn defaults_stand_as_comments_that_can_be_uncommented() {
    let chosen = Chosen { blueprint: built_in().swap_remove(0), with: serde_json::Map::new() };
    let answered = answers(&given(&[STOP], &["restart_logging=no"]), &built_in(), &mut Script::default());
    let text = stack_file(&WizardAnswers { alerts: vec![chosen], ..answered.expect("nothing is asked") });
    let comments = "\n    # with:\n    #   restart_logging: false  # Turn logging on again at once\n";
    assert!(text.ends_with(comments), "{text}");
    let text = text.replace(comments, &comments.replace("\n    # ", "\n    "));
    let document = Document::parse("t", &text).expect("YAML");
    assert_eq!(document.root.to_json()["alerts"][0]["with"], json!({ "restart_logging": false }));
}

#[test]
fn answers_have_the_parameters_types_and_a_bad_one_is_asked_again() {
    let mut asker = Script::of(&["a,,b", "111111111111, 222222222222", "many", "", "7", "y", "", "${HOME}: *x"]);
    let answered = answers(&given(&["every-type"], &["errors=[403, 404]"]), &[every_type()], &mut asker);
    let answered = answered.expect("all is answered in the end");
    assert_eq!(
        asker.refused,
        [
            "it must be a list of plain values, such as `a,b` or `[403, \"a,b\"]`",
            "it must be a number, such as 10 or 0.5",
            "an answer is required: there is no default",
            "an answer is required: there is no default",
        ]
    );
    asker.asked.dedup();
    assert_eq!(
        asker.asked,
        [
            "every-type: Accounts to watch? (a list, separated by commas)",
            "every-type: How many? (a number)",
            "every-type: Only root?",
            "every-type: who?",
        ]
    );
    let accounts = ["111111111111", "222222222222"];
    let with = json!({ "errors": [403, 404], "accounts": accounts, "most": 7, "root": true, "who": "${HOME}: *x" });
    assert_eq!(Value::Object(answered.alerts[0].with.clone()), with);
    let written = Document::parse("t", &stack_file(&answered)).expect("YAML").root.to_json();
    assert_eq!(written["alerts"][0]["with"], with);
}

#[test]
fn an_answer_that_the_blueprint_refuses_is_asked_again() {
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:my-trail:*";
    let mut asker = Script::of(&[arn, "two words", "my-trail", "n"]);
    answers(&given(&[DENIED], &[]), &built_in(), &mut asker).expect("the third is good");
    let [first, second] = &asker.refused[..] else { panic!("{:?}", asker.refused) };
    assert!(first.contains("write the name in the ARN: `my-trail`"), "{first}");
    assert!(second.starts_with("this is not the name of a log group; 1 to 512 letters"), "{second}");
}

#[test]
fn a_flag_is_checked_like_an_answer() {
    let cases: &[(&[&str], &str, &str)] = &[
        (&["log_grup=x"], "no chosen alert has a parameter `log_grup`", "did you mean `log_group`?"),
        (&["trail=x"], "parameter `trail`", "available: `alarm_topic`, `log_group`, `metric_alarm`, `restart_logging`"),
        (
            &["cloudtrail-stop-loging.log_group=x"],
            "not one of the chosen alerts",
            "did you mean `cloudtrail-stop-logging`?",
        ),
        (&["cloudtrail-stop-logging.log_group=x"], "not `cloudtrail-stop-logging` has", "available: `restart_logging`"),
        (&["log_group"], "`--with log_group` has no value", "`--with NAME=VALUE`"),
        (&["=x"], "no chosen alert has a parameter ``", "available: "),
        (&["log_group=a", "log_group=b"], "duplicate option `--with log_group`", "remove one"),
        (&["metric_alarm=maybe"], "`--with metric_alarm=maybe`: it must be `true` or `false`", "Also count them"),
        (&[], "nobody answers", "--with cloudtrail-stop-logging.restart_logging=VALUE"),
        (&["restart_logging=no"], "nobody answers", "--with cloudtrail-access-denied-logs.log_group=VALUE"),
    ];
    for (flags, message, hint) in cases {
        let trouble = answers(&given(&[STOP, DENIED], flags), &built_in(), &mut Script::default());
        let trouble = trouble.expect_err("not usable");
        assert!(trouble.message.contains(message) && trouble.hint.contains(hint), "{flags:?}: {trouble:?}");
    }
    let none = answers(&given(&["bugbust-event-read"], &["x=1"]), &all(), &mut Script::default());
    assert_eq!(none.expect_err("nothing to set").hint, "the chosen alerts do not have parameters");
}

fn all() -> Vec<Blueprint> {
    catalog::entries().iter().map(|entry| entry.load().expect("good").blueprint).collect()
}

#[test]
fn the_flag_that_names_a_blueprint_counts_more() {
    let mut other = every_type();
    other.blueprint = "other".to_owned();
    let flags = ["other.who=b", "who=a", "accounts=x", "most=1", "root=no"];
    let chosen = given(&["every-type", "other"], &flags);
    let answered = answers(&chosen, &[every_type(), other], &mut Script::default()).expect("nothing is left to ask");
    let who: Vec<&Value> = answered.alerts.iter().map(|one| &one.with["who"]).collect();
    assert_eq!(who, ["a", "b"]);
}

#[test]
fn other_flags_are_checked_and_a_secret_is_not_quoted_back() {
    let wrong = |change: fn(&mut Given)| {
        let mut given = given(&[STOP], &["restart_logging=no"]);
        change(&mut given);
        answers(&given, &built_in(), &mut Script::default()).expect_err("not usable")
    };
    assert!(wrong(|one| one.stack = Some("Not_Good".to_owned())).message.contains("Not_Good"));
    assert!(wrong(|one| one.region = Some("here".to_owned())).hint.contains("--region"));
    let unknown = wrong(|one| one.alerts = vec!["cloudtrail-stop-loging".to_owned()]);
    assert!(
        unknown.message.contains("stop-loging") && unknown.hint.contains("`cloudtrail-stop-logging`"),
        "{unknown:?}"
    );
    assert!(wrong(|one| one.alerts = vec![STOP.to_owned(); 2]).message.contains("duplicate"));
    let literal = wrong(|one| one.secret = Some("https://hooks.slack.com/services/verysecret".to_owned()));
    let said = format!("{literal:?}");
    assert!(!said.contains("verysecret") && said.contains("not the secret itself"), "{said}");
}

proptest! {
    /// Whatever people write is in the file as they wrote it.
    #[test]
    fn any_answer_reads_back(who in any::<String>(), item in any::<String>(), most in any::<f64>().prop_filter("JSON", |one| one.is_finite()),
        about in any::<String>(), secret in "\\$\\{prompt:[^}]+\\}") {
        let mut blueprint = every_type();
        blueprint.parameters.values_mut().for_each(|one| one.description = Some(about.clone()));
        let with = json!({ "who": who, "accounts": [item, true], "most": most });
        let Value::Object(map) = with.clone() else { unreachable!() };
        let answers = WizardAnswers {
            alerts: vec![Chosen { blueprint, with: map }],
            stack: "true".to_owned(),
            account: None,
            region: "us-east-1".to_owned(),
            slack: SlackWay::Bot,
            channel: Some(who.clone()),
            secret: secret.clone(),
        };
        let text = stack_file(&answers);
        let read = Document::parse("t", &text).unwrap_or_else(|found| panic!("{text}\n{found:#?}")).root.to_json();
        prop_assert_eq!(&read["alerts"][0]["with"], &with);
        prop_assert_eq!(&read["slack"], &json!({ "token": secret, "channel": who }));
        prop_assert_eq!(&read["stack"], &json!("true"));
    }
}
