//! What belongs to which way of an alert, remediations, and who writes the message.

use std::path::Path;

use super::{GOOD, codes, findings};
use crate::check::blueprint;
use crate::document::Document;

const LOGS: &str = r#"blueprint: my-logs
title: Something happened
severity: low
parameters:
  log_group: { type: string }
  counted: { type: boolean, default: false }
  topic: { type: string, default: "" }
alert:
  filter: '{ $.errorCode = "AccessDenied*" }'
  log_group: ${param:log_group}
  metric: { when: counted, namespace: Mine, name: Denied, topic: "${param:topic}" }
tests:
  - name: matches
    with: { log_group: trail }
    lines: ['{"errorCode":"AccessDenied"}']
    expect: { matches: true, lines: 1 }
  - name: does not match
    with: { log_group: trail }
    record: { eventSource: iam.amazonaws.com, eventName: CreateUser }
    expect: { matches: false }
"#;

#[test]
fn alerts_on_log_lines_have_parts_of_their_own() {
    assert_eq!(findings(LOGS), []);
    let long = format!("filter: '{}'", "x".repeat(1025));
    let cases: &[(&str, &str, &[&str])] = &[
        ("  filter: '{ $.errorCode = \"AccessDenied*\" }'\n", "", &["TB0218", "TB0212"]),
        ("  log_group: ${param:log_group}\n", "", &["TB0210", "TB0218"]),
        ("  filter:", "  pattern: { source: [a] }\n  filter:", &["TB0218"]),
        ("  filter:", "  rule_state: ENABLED\n  filter:", &["TB0218"]),
        ("  filter:", "  message: { text: hello }\n  filter:", &["TB0218"]),
        ("tests:", "remediation: { handler: a.mjs, allow: [] }\ntests:", &["TB0218", "TB0601", "TB0602"]),
        (" }'", "'", &["TB0219"]),
        ("filter: '{ $.errorCode = \"AccessDenied*\" }'", &long, &["TB0219"]),
        ("filter: '{ $.errorCode = \"AccessDenied*\" }'", "filter: ''", &["TB0510"]),
        ("filter: '{ $.errorCode = \"AccessDenied*\" }'", "filter: '?a b'", &["TB0220"]),
        ("filter: '{ $.errorCode = \"AccessDenied*\" }'", "filter: '{ $.eventName = \"AssumeRole\" }'", &["TB0603"]),
        (
            "filter: '{ $.errorCode = \"AccessDenied*\" }'",
            "filter: '{ ($.eventName = \"AssumeRole\") && ($.userIdentity.invokedBy NOT EXISTS) }'",
            &[],
        ),
        ("filter: '{ $.errorCode = \"AccessDenied*\" }'", "filter: '{ $.eventName = \"*LogStream\" }'", &["TB0603"]),
        // A region in which a stack of 20 letters has no room for names.
        ("$.errorCode = \"AccessDenied*\"", "$.awsRegion = \"an-ever-longer-region-10\"", &["TB0603"]),
        ("log_group: ${param:log_group}", "log_group: a b ${param:log_group}", &["TB0221"]),
        ("log_group: ${param:log_group}", "log_group: ${param:logs}", &["TB0210", "TB0209"]),
        ("when: counted", "when: topic", &["TB0210", "TB0211"]),
        ("when: counted", "when: other", &["TB0210", "TB0209"]),
        ("counted: { type: boolean, default: false }", "counted: { type: boolean, default: true }", &[]),
        (
            "default: false }\n  topic: { type: string, default: \"\" }",
            "default: true }\n  topic: { type: string, default: nowhere }",
            &["TB0108"],
        ),
        ("namespace: Mine", "namespace: 'AWS/Mine'", &[]),
        ("when: counted, namespace: Mine", "namespace: 'AWS/Mine'", &["TB0210", "TB0108"]),
        ("    lines: ['{\"errorCode\":\"AccessDenied\"}']\n", "", &["TB0212"]),
        ("    lines: [", "    event: { source: a }\n    lines: [", &["TB0212"]),
        (
            "filter: '{ $.errorCode = \"AccessDenied*\" }'",
            "filter: '{ ($.eventSource = \"logs.amazonaws.com\") && ($.readOnly IS FALSE) }'",
            &["TB0603"],
        ),
        (
            "filter: '{ $.errorCode = \"AccessDenied*\" }'",
            "filter: '{ ($.recipientAccountId = \"444455556666\") && ($.awsRegion = \"eu-central-1\") }'",
            &["TB0603"],
        ),
        (
            "filter: '{ $.errorCode = \"AccessDenied*\" }'",
            "filter: '{ $.eventName = \"GetSecretValue\" }'",
            &["TB0603"],
        ),
    ];
    for (from, to, expected) in cases {
        let text = LOGS.replacen(from, to, 1);
        assert_ne!(text, LOGS, "{from}");
        assert_eq!(codes(&text), *expected, "{from} -> {to}\n{:#?}", findings(&text));
    }
    let events = GOOD.replacen("event: { source: my.app, detail: { eventName: A, user: u } }", "lines: [a]", 1);
    assert_eq!(codes(&events), ["TB0212"]);
    let group = GOOD.replacen("  message:", "  log_group: mine\n  message:", 1);
    assert_eq!(codes(&group), ["TB0218"]);
}

/// A blueprint with a remediation.
const REMEDY: &str = r#"blueprint: mine
title: Logging stopped
severity: low
parameters: { fix: { type: boolean, default: false } }
alert:
  pattern:
    source: [aws.cloudtrail]
    detail-type: [AWS API Call via CloudTrail]
    detail: { eventSource: [cloudtrail.amazonaws.com], eventName: [StopLogging] }
  message: { text: hello }
remediation:
  when: fix
  handler: fix.mjs
  allow: [{ actions: [cloudtrail:StartLogging], resources: ["*"] }]
  refused: true
  reason: the handler only reads the name of the trail
tests:
  - { name: matches, record: { eventSource: cloudtrail.amazonaws.com, eventName: StopLogging }, expect: { matches: true } }
  - { name: not, record: { eventSource: cloudtrail.amazonaws.com, eventName: StartLogging }, expect: { matches: false } }
"#;

/// The codes of a blueprint in a file of this folder, where its handlers are.
fn codes_at(path: &Path, text: &str) -> Vec<&'static str> {
    let document = Document::parse(path.to_str().expect("text"), text).expect("YAML");
    let found = blueprint(document).map_or_else(
        |found| found,
        |loaded| {
            assert!(loaded.handler.is_some());
            loaded.warnings
        },
    );
    found.iter().map(|one| one.code.id()).collect()
}

#[test]
fn remediations_are_exact_and_never_call_themselves() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("fix.mjs"), "export const handler = async () => {};").expect("written");
    std::fs::write(folder.path().join("other.mjs"), "const handler = 1; export { handler as run };").expect("written");
    std::fs::write(folder.path().join("named.mjs"), "const run = 1; export { run as handler };").expect("written");
    for (name, import) in [
        ("imports.mjs", "await import(\"./helper.mjs\")"),
        ("calls.mjs", "// taken from './helper.mjs'\nimport { call } from './aws.mjs'; import 'node:fs'"),
    ] {
        let text = format!("{import};\nexport async function handler() {{ return 'from ./x'; }}");
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    std::fs::write(folder.path().join("bytes.mjs"), [0xff, 0xfe]).expect("written");
    let path = folder.path().join("mine.yaml");
    let base = REMEDY;
    let codes = |text: &str| codes_at(&path, text);
    assert_eq!(codes(base), [""; 0]);
    let many = (0..300).map(|at| format!("\"arn:aws:s3:::bucket-number-{at:09}\"")).collect::<Vec<_>>().join(", ");
    let cases: &[(&str, &str, &[&str])] = &[
        ("when: fix", "when: nothing", &["TB0210", "TB0209"]),
        ("when: fix", "when:", &["TB0210", "TB0108"]),
        ("\"*\"", many.as_str(), &["TB0602"]),
        // What no one can judge offline proves nothing.
        (
            "eventName: [StopLogging]",
            "eventName: [StopLogging], sourceIPAddress: [{ cidr: '0:0:0:0:0:ffff:a00:0/24' }]",
            &["TB0213", "TB0603"],
        ),
        ("type: boolean, default: false", "type: number, default: 1", &["TB0211"]),
        ("fix.mjs", "named.mjs", &[]),
        ("fix.mjs", "other.mjs", &["TB0601"]),
        ("fix.mjs", "none.mjs", &["TB0601"]),
        ("fix.mjs", "bytes.mjs", &["TB0601"]),
        ("fix.mjs", "../fix.mjs", &["TB0601"]),
        ("fix.mjs", "fix.py", &["TB0601"]),
        ("fix.mjs", "aws.mjs", &["TB0601"]),
        ("fix.mjs", "imports.mjs", &["TB0601"]),
        ("fix.mjs", "calls.mjs", &[]),
        // What Lambda does for every function.
        (
            "source: [aws.cloudtrail]\n    detail-type: [AWS API Call via CloudTrail]\n    detail: { eventSource: [cloudtrail.amazonaws.com], eventName: [StopLogging] }",
            "source: [aws.sts]\n    detail-type: [AWS API Call via CloudTrail]\n    detail: { eventSource: [sts.amazonaws.com], eventName: [AssumeRole] }",
            &["TB0603"],
        ),
        ("cloudtrail:StartLogging", "\"cloudtrail:*\"", &["TB0602"]),
        ("cloudtrail:StartLogging", "\"cloudtrail:StartLoggin?\"", &["TB0602"]),
        ("cloudtrail:StartLogging", "cloudtrail:StartLoging", &["TB0602"]),
        ("cloudtrail:StartLogging", "StartLogging", &["TB0602"]),
        ("cloudtrail:StartLogging", "s3:ListBucket", &[]),
        ("cloudtrail:StartLogging", "cloudtrail:StopLogging", &["TB0603"]),
        ("cloudtrail:StartLogging", "", &["TB0602"]),
        ("\"*\"", "", &["TB0602"]),
        ("\"*\"", "bucket", &["TB0602"]),
        ("[{ actions: [cloudtrail:StartLogging], resources: [\"*\"] }]", "[]", &["TB0602"]),
        ("eventName: [StopLogging]", "eventName: [{ suffix: Logging }]", &["TB0603"]),
    ];
    for (from, to, expected) in cases {
        let text = base.replacen(from, to, 1);
        assert_ne!(text, *base, "{from}");
        assert_eq!(codes(&text), *expected, "{from} -> {to}");
    }
}

#[test]
fn remediations_are_run_by_nobody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("fix.mjs"), "export const handler = async () => {};").expect("written");
    let path = folder.path().join("mine.yaml");
    let cases: &[(&str, &str, &[&str])] = &[
        // Who can make such events.
        ("    source: [aws.cloudtrail]\n", "", &["TB0604"]),
        ("source: [aws.cloudtrail]", "source: [{ prefix: aws }]", &["TB0604"]),
        ("  refused: true\n  reason: the handler only reads the name of the trail\n", "", &["TB0604"]),
        ("  reason: the handler only reads the name of the trail\n", "", &["TB0108"]),
        ("reason: the handler only reads the name of the trail", "reason: ' '", &["TB0108"]),
        ("  refused: true\n", "", &["TB0604", "TB0108"]),
        // What a deployment of trailbell does.
        (
            "source: [aws.cloudtrail]\n    detail-type: [AWS API Call via CloudTrail]\n    detail: { eventSource: [cloudtrail.amazonaws.com], eventName: [StopLogging] }",
            "source: [aws.iam]\n    detail-type: [AWS API Call via CloudTrail]\n    detail: { eventSource: [iam.amazonaws.com], eventName: [CreateRole] }",
            &["TB0605"],
        ),
        (
            "source: [aws.cloudtrail]\n    detail-type: [AWS API Call via CloudTrail]\n    detail: { eventSource: [cloudtrail.amazonaws.com], eventName: [StopLogging] }",
            "source: [aws.iam]\n    detail-type: [AWS API Call via CloudTrail]\n    detail: { eventSource: [iam.amazonaws.com], eventName: [CreateRole], requestParameters: { roleName: [{ anything-but: { prefix: trailbell- } }] } }",
            &[],
        ),
    ];
    for (from, to, expected) in cases {
        let text = REMEDY.replacen(from, to, 1);
        assert_ne!(text, REMEDY, "{from}");
        assert_eq!(codes_at(&path, &text), *expected, "{from} -> {to}");
    }
}

#[test]
fn who_writes_the_message_is_the_authors_choice() {
    let unsafe_text = GOOD.replacen("    holds: { user: identifier }\n", "", 1);
    assert_eq!(codes(&unsafe_text), ["TB0215"]);
    for via in ["auto", "lambda"] {
        let text = unsafe_text.replacen("  message:\n", &format!("  message:\n    via: {via}\n"), 1);
        assert_eq!(codes(&text), [""; 0], "{via}");
        let template =
            text.replacen("text: <user> did it, ${param:team}", "template: '{\"text\":\"<user>, ${param:team}\"}'", 1);
        let expected = if via == "auto" { vec!["TB0218", "TB0215"] } else { vec!["TB0218"] };
        assert_eq!(codes(&template), expected, "{via}");
    }
}
