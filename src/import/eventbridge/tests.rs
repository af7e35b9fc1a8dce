//! Templates and plans written for these tests.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::import::NoteKind;

const TEMPLATE: &str = r#"
AWSTemplateFormatVersion: 2010-09-09
Transform: AWS::Serverless-2016-10-31
Parameters: { Environment: { Type: String } }
Resources:
  RootSignIn:
    Type: AWS::Events::Rule
    Properties:
      Description: The root user signed in
      EventPattern:
        source: [aws.signin]
        detail-type: [AWS Console Sign In via CloudTrail, AWS Console Signin via CloudTrail]
        detail: { userIdentity: { type: [Root] } }
      State: ENABLED
      Targets:
        - Id: slack
          Arn: !GetAtt Destination.Arn
          InputTransformer:
            InputPathsMap: { account: $.account, unused: $.detail.eventID }
            InputTemplate: '{"text": "Root signed in to <account>"}'
  KeyDeleted:
    Type: AWS::Events::Rule
    Properties:
      Name: !Sub "key-deleted"
      EventPattern:
        source: [aws.kms]
        detail-type: [AWS API Call via CloudTrail]
        detail: { eventSource: [kms.amazonaws.com], eventName: [ScheduleKeyDeletion] }
      Targets:
        - { Id: a, Arn: "arn:aws:sns:us-east-1:111122223333:topic", InputTransformer: { InputPathsMap: { agent: $.detail.userAgent }, InputTemplate: '"Deleted with <agent>"' } }
        - { Id: b, Arn: !Ref Queue }
  Unknown:
    Type: AWS::Events::Rule
    Properties: { EventPattern: { source: [!Ref Environment] } }
  Nightly:
    Type: AWS::Events::Rule
    Properties: { ScheduleExpression: rate(1 day) }
  Notifier:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Stopped:
          Type: EventBridgeRule
          Properties:
            EventBusName: !Ref Bus
            Pattern: { source: [aws.ec2], detail-type: [EC2 Instance State-change Notification], detail: { state: [stopped] } }
        Hourly: { Type: Schedule, Properties: { Schedule: rate(1 hour) } }
        Api: { Type: Api, Properties: { Path: / } }
"#;

fn by_name<'r>(rules: &'r [ImportedRule], name: &str) -> &'r ImportedRule {
    rules.iter().find(|rule| rule.rule == name).unwrap_or_else(|| panic!("{name}: {rules:#?}"))
}

fn notes(rule: &ImportedRule) -> String {
    rule.notes.iter().map(|note| format!("{}: {}", note.kind.word(), note.what)).collect::<Vec<_>>().join("\n")
}

#[test]
fn rules_of_a_template_become_blueprints_or_are_refused_by_name() {
    let rules = import("template.yaml", TEMPLATE);
    assert_eq!(rules.len(), 6, "{rules:#?}");
    let root = by_name(&rules, "RootSignIn");
    let text = &root.blueprint.as_ref().unwrap_or_else(|| panic!("{}", notes(root))).text;
    for part in [
        "blueprint: root-sign-in\n",
        "title: The root user signed in\n",
        "template: \"{\\\"text\\\": \\\"Root signed in to <account>",
        "account: \"$.account\"",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("unused"), "{text}");
    let deleted = by_name(&rules, "key-deleted");
    let text = &deleted.blueprint.as_ref().unwrap_or_else(|| panic!("{}", notes(deleted))).text;
    // What an input transformer cannot show safely, the notifier can.
    assert!(text.contains("text: \"Deleted with <agent>\"") && text.contains("via: auto"), "{text}");
    assert!(
        notes(deleted).contains("Ref Queue") && notes(deleted).contains("changed: the message is the text"),
        "{}",
        notes(deleted)
    );
    assert!(notes(by_name(&rules, "Unknown")).contains("refused: the event pattern is not known: `Ref Environment`"));
    assert!(notes(by_name(&rules, "Nightly")).contains("refused: it runs on a schedule"));
    assert!(notes(by_name(&rules, "Notifier Hourly")).contains("refused: it runs on a schedule"));
    let stopped = by_name(&rules, "Notifier Stopped");
    assert!(stopped.blueprint.is_some(), "{}", notes(stopped));
    assert!(notes(stopped).contains("weakened: the rule is on the event bus `Ref Bus`"), "{}", notes(stopped));
}

#[test]
fn a_plan_of_terraform_has_its_rules_in_modules() {
    let pattern =
        json!({ "source": ["aws.iam"], "detail": { "eventSource": ["iam.amazonaws.com"], "eventName": ["GetUser"] } });
    let rule = json!({
        "address": "module.a.aws_cloudwatch_event_rule.b", "mode": "managed", "type": "aws_cloudwatch_event_rule", "name": "b",
        "values": { "name": "user-read", "event_pattern": pattern.to_string(), "event_bus_name": "default", "state": "ENABLED" },
    });
    let target = json!({
        "mode": "managed", "type": "aws_cloudwatch_event_target", "name": "t",
        "values": { "rule": "user-read", "arn": "arn:aws:lambda:us-east-1:111122223333:function:f",
            "input_transformer": [{ "input_paths": { "who": "$.detail.userIdentity.arn" }, "input_template": "{\"who\": <who>}" }] },
    });
    let other =
        json!({ "mode": "managed", "type": "aws_cloudwatch_event_rule", "name": "c", "values": { "name": "c" } });
    let root = json!({ "root_module": { "resources": [other], "child_modules": [{ "resources": [rule, target] }] } });
    for key in ["values", "planned_values"] {
        let rules = import("plan.json", &json!({ "format_version": "1.2", key: root }).to_string());
        assert_eq!(rules.len(), 2);
        let read = by_name(&rules, "user-read");
        assert!(read.blueprint.as_ref().is_some_and(|made| made.text.contains("card: {}")), "{}", notes(read));
        let said = notes(read);
        assert!(
            said.contains("never receives read-only calls such as `GetUser`")
                && said.contains("neither a body for Slack"),
            "{said}"
        );
        assert!(notes(by_name(&rules, "c")).contains("known only after `terraform apply`"));
    }
}

const CONFIGURATION: &str = r#"
variable "env" { default = "prod" }

resource "aws_cloudwatch_event_rule" "key_deleted" {
  name        = "key-deleted-${var.env}"
  description = "A key will be deleted"
  event_pattern = jsonencode({
    source      = ["aws.kms"]
    detail-type = ["AWS API Call via CloudTrail"]
    detail = { eventSource = ["kms.amazonaws.com"], eventName = ["ScheduleKeyDeletion"] }
  })
}

resource "aws_cloudwatch_event_target" "slack" {
  rule = aws_cloudwatch_event_rule.key_deleted.name
  arn  = aws_cloudwatch_event_api_destination.slack.arn
  input_transformer {
    input_paths    = { account = "$.account" }
    input_template = <<-EOT
      {"text": "A key will be deleted in <account>"}
    EOT
  }
}

resource "aws_cloudwatch_event_rule" "stopped" {
  name           = "stopped"
  event_bus_name = aws_cloudwatch_event_bus.own.name
  event_pattern  = <<EOF
{ "source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"], "detail": { "state": ["stopped"] } }
EOF
}

resource "aws_cloudwatch_event_target" "elsewhere" {
  rule = local.rule
  arn  = "arn:aws:sns:us-east-1:111122223333:topic"
}

resource "aws_cloudwatch_event_rule" "variable" {
  event_pattern = jsonencode({ source = [var.env] })
}

resource "aws_cloudwatch_event_rule" "many" {
  for_each      = toset(["a"])
  event_pattern = jsonencode({ source = ["aws.ec2"] })
}

resource "aws_cloudwatch_event_rule" "nightly" {
  schedule_expression = "rate(1 day)"
}
"#;

#[test]
fn literals_of_terraforms_own_files_are_read_and_the_rest_is_named() {
    let rules = import("main.tf", CONFIGURATION);
    assert_eq!(rules.len(), 5, "{rules:#?}");
    // The name of the rule is a variable's, so that of the resource is taken.
    let deleted = by_name(&rules, "key_deleted");
    let text = &deleted.blueprint.as_ref().unwrap_or_else(|| panic!("{}", notes(deleted))).text;
    for part in ["title: A key will be deleted\n", "ScheduleKeyDeletion", "A key will be deleted in <account>"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let stopped = by_name(&rules, "stopped");
    assert!(stopped.blueprint.is_some(), "{}", notes(stopped));
    for part in ["event bus `aws_cloudwatch_event_bus.own.name`", "`local.rule`, which only Terraform knows"] {
        assert!(notes(stopped).contains(part), "{part}: {}", notes(stopped));
    }
    for (name, part) in [
        ("variable", "`event_pattern` needs `var.env`, which only Terraform knows: write the value there"),
        ("many", "it is made with `for_each`"),
        ("nightly", "it runs on a schedule"),
    ] {
        let said = notes(by_name(&rules, name));
        assert!(said.contains("refused") && said.contains(part), "{name}: {said}");
    }
}

/// A configuration with one rule, of which these are the arguments, and a target with this `rule`.
fn configuration(arguments: &str, rule: &str) -> String {
    format!(
        "resource \"aws_cloudwatch_event_rule\" \"a\" {{\n{arguments}\n}}\n\
         resource \"aws_cloudwatch_event_target\" \"t\" {{\n  rule = {rule}\n  arn = \"arn\"\n  input_transformer {{\n    \
         input_template = \"{{\\\"text\\\": \\\"It happened\\\"}}\"\n  }}\n}}\n"
    )
}

const LITERAL: &str = r#"event_pattern = jsonencode({ source = ["aws.kms"], detail = { eventSource = ["kms.amazonaws.com"], eventName = ["ScheduleKeyDeletion"] } })"#;

#[test]
fn what_an_argument_is_instead_of_a_literal_is_said() {
    for (arguments, part) in [
        ("event_pattern = jsonencode({ a = 5 % 0 })", "`event_pattern` needs `5 % 0`, which only Terraform knows"),
        ("event_pattern = \"${1 / 0}\"", "`event_pattern` needs `1 / 0`"),
        ("event_pattern = { source = [\"aws.kms\"] }", "write `jsonencode(…)` around it"),
        ("event_pattern = null", "it has neither `event_pattern` nor `schedule_expression`"),
        ("event_pattern = file(\"a\")", "`event_pattern` needs `file(\"a\")`"),
    ] {
        let rules = import("main.tf", &configuration(arguments, "\"a\""));
        assert!(rules[0].blueprint.is_none() && notes(&rules[0]).contains(part), "{arguments}: {}", notes(&rules[0]));
    }
    let arguments = format!("description = \"in ${{var.env}}\"\nname = var.name\n{LITERAL}");
    let said = notes(&import("main.tf", &format!("\u{feff}{}", configuration(&arguments, "\"b\"")))[0]);
    for part in ["changed: left out: `name` needs `var.name`", "changed: left out: `description` needs `var.env`"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let template = "Resources: { A: { Type: AWS::Events::Rule, Properties: { State: !Ref State, EventPattern: { source: [aws.ec2], \
        detail-type: [EC2 Instance State-change Notification], detail: { state: [stopped] } } } } }";
    let said = notes(&import("a.yaml", template)[0]);
    assert!(said.contains("changed: left out: `State` is not known: "), "{said}");
}

#[test]
fn a_pattern_in_a_text_with_a_key_twice_is_refused() {
    let pattern = r#"{"source": ["aws.kms"], "source": ["aws.iam"], "detail-type": ["AWS API Call via CloudTrail"], "detail": {"eventName": ["CreateUser"]}}"#;
    let quoted = json!(pattern);
    let resource = json!({ "mode": "managed", "type": "aws_cloudwatch_event_rule", "name": "a", "values": { "event_pattern": pattern } });
    let template =
        json!({ "Resources": { "A": { "Type": "AWS::Events::Rule", "Properties": { "EventPattern": pattern } } } });
    for (file, text) in [
        ("main.tf", configuration(&format!("event_pattern = {quoted}"), "\"a\"")),
        ("plan.json", json!({ "values": { "root_module": { "resources": [resource] } } }).to_string()),
        ("a.json", template.to_string()),
    ] {
        let said = notes(&import(file, &text)[0]);
        assert!(said.contains("refused") && said.contains("the key `source` twice"), "{file}: {said}");
    }
}

#[test]
fn a_target_finds_its_rule_by_every_way_to_write_its_name() {
    for rule in [
        "aws_cloudwatch_event_rule.a.name",
        "aws_cloudwatch_event_rule.a.id",
        "(aws_cloudwatch_event_rule.a.name)",
        "\"${aws_cloudwatch_event_rule.a.name}\"",
        "aws_cloudwatch_event_rule.a[0].name",
        "\"a\"",
    ] {
        let rules = import("main.tf", &configuration(LITERAL, rule));
        let text = rules[0].blueprint.as_ref().map(|made| made.text.clone()).unwrap_or_default();
        assert!(text.contains("It happened"), "{rule}: {}", notes(&rules[0]));
    }
}

#[test]
fn deep_configurations_end_in_a_refusal() {
    for text in ["[", "(", "!", "{ a = ", "\"${", "true ? 1 : ", "jsonencode("] {
        let text =
            format!("resource \"aws_cloudwatch_event_rule\" \"a\" {{\n  event_pattern = {}", text.repeat(50_000));
        let rules = import("main.tf", &text);
        assert!(notes(&rules[0]).contains("is not HCL"), "{}", notes(&rules[0]));
    }
    let adding = format!("resource \"aws_cloudwatch_event_rule\" \"a\" {{\n  name = 1{}\n}}\n", " + 1".repeat(50_000));
    assert!(import("main.tf", &adding)[0].blueprint.is_none());
}

#[test]
fn what_is_no_template_is_refused_with_what_to_do() {
    for (file, text, word) in [
        ("main.tf", "resource \"aws_cloudwatch_event_rule\" \"a\" {}", "it has neither `event_pattern` nor"),
        ("main.txt", "resource \"aws_cloudwatch_event_rule\" \"a\" {}", "it has neither `event_pattern` nor"),
        ("main.tf", "resource \"aws_cloudwatch_event_rule\" \"a\" {", "line 1, column"),
        ("main.tf", "locals { a = 1 }", "has no rule"),
        ("a.yaml", "a: 1", "neither a template"),
        ("a.json", "{", "not JSON"),
        ("a.json", "{\"Resources\": {}, \"Resources\": {}}", "twice"),
        ("a.yaml", "Resources: { A: { Type: AWS::S3::Bucket } }", "has no rule"),
        ("a.yaml", "Resources: &a 1", "anchors"),
        (
            "a.yaml",
            "Resources: { A: { Type: AWS::Events::Rule, Properties: { EventPattern: { source: aws.iam } } } }",
            "must be an object or an array",
        ),
        ("a.yaml", "Resources: { A: { Type: AWS::Events::Rule, Properties: { EventPattern: [1] } } }", "not an object"),
        (
            "a.yaml",
            "Resources: { A: { Type: AWS::Events::Rule, Properties: { EventPattern: { source: [aws.ec2, aws.s3, { prefix: \"\" }] } } } }",
            "TB0510",
        ),
    ] {
        let rules = import(file, text);
        assert!(rules.iter().all(|rule| rule.blueprint.is_none() && rule.notes[0].kind == NoteKind::Refused), "{text}");
        assert!(notes(&rules[0]).contains(word), "{text}: {}", notes(&rules[0]));
    }
}

proptest! {
    #[test]
    fn no_template_ends_in_a_panic(text in any::<String>(), name in any::<String>(), template in any::<String>(), entry in any::<String>()) {
        let _ = import(&name, &text);
        let _ = import("main.tf", &text);
        let rule = format!("resource \"aws_cloudwatch_event_rule\" \"a\" {{\n  name = {text}\n  event_pattern = {entry}\n}}\n");
        let _ = import("main.tf", &rule);
        let document = json!({ "Resources": { name.as_str(): { "Type": "AWS::Events::Rule", "Properties": {
            "Name": text, "Description": template, "EventPattern": { "source": [entry], entry.as_str(): [{ name.as_str(): text }] },
            "Targets": [{ "Arn": entry, "InputTransformer": { "InputPathsMap": { name.as_str(): entry }, "InputTemplate": template } }],
        } } } });
        let _ = import("a.json", &document.to_string());
    }
}
