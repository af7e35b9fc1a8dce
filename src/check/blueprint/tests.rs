//! A table of what each rule finds, and of what it does not; a property: no text makes a check panic.

mod routes;

use crate::diagnostic::{Code, Finding};
use crate::document::Document;

const GOOD: &str = r#"blueprint: my-alert
title: Something happened
severity: low
parameters:
  names: { type: list, default: [A, B] }
  team: { type: string, default: ops }
alert:
  pattern:
    source: [my.app]
    detail: { eventName: { param: names } }
  message:
    input_paths: { user: $.detail.user }
    holds: { user: identifier }
    text: <user> did it, ${param:team}
tests:
  - name: matches
    event: { source: my.app, detail: { eventName: A, user: u } }
    expect: { matches: true, text: "u did it, ops" }
  - name: does not match
    event: { source: my.app, detail: { eventName: C } }
    expect: { matches: false }
"#;

fn findings(text: &str) -> Vec<Finding> {
    let document = Document::parse("t.yaml", text).unwrap_or_else(|findings| panic!("{findings:?}"));
    crate::check::blueprint(document).map_or_else(|findings| findings, |loaded| loaded.warnings)
}

/// The codes, without the warning that anyone can send events of one's own applications: most of these tests are about such.
fn codes(text: &str) -> Vec<&'static str> {
    findings(text).iter().filter(|one| one.code != Code::ForgeableAlert).map(|one| one.code.id()).collect()
}

#[test]
fn a_good_blueprint_has_no_findings() {
    assert_eq!(codes(GOOD), [""; 0]);
    assert_eq!(findings(CALL), []);
}

#[test]
fn every_rule_is_raised_by_one_change() {
    let long = format!("source: [{}]", "my.application, ".repeat(200));
    let wide = format!("text: {} <user> ${{param:team}}", "x".repeat(8200));
    let title = format!("title: {}", "x".repeat(151));
    let name = format!("blueprint: {}", "x".repeat(65));
    let cases: &[(&str, &str, &[&str])] = &[
        ("blueprint: my-alert", "blueprint: My_Alert", &["TB0201"]),
        ("blueprint: my-alert", "version: 1\nblueprint: my-alert", &[]),
        ("blueprint: my-alert", "version: 2\nblueprint: my-alert", &["TB0307"]),
        ("blueprint: my-alert", "version: '1'\nblueprint: my-alert", &["TB0106"]),
        ("blueprint: my-alert", &name, &["TB0201"]),
        ("title: Something happened", &title, &["TB0108"]),
        ("severity: low", "severity: lo", &["TB0108"]),
        ("severity: low", "severity: low\nresponse: [Look at it., '']", &["TB0108"]),
        ("severity: low", "severity: low\ntechniques: [T1562.008, Tampering]", &["TB0108"]),
        ("severity: low", "severity: low\nreferences: ['http://example.com/']", &["TB0108"]),
        ("severity: low", "severity: low\nrunbook: wiki", &["TB0108"]),
        ("severity: low", "severity: low\nrunbook: https://wiki.example.com/a", &[]),
        (
            "  - name: does not match",
            "  - name: other\n    like: nobody\n    expect: { matches: true }\n  - name: does not match",
            &["TB0212"],
        ),
        (
            "  - name: does not match",
            "  - name: other\n    like: matches\n    each: { detail.eventName: [A, B] }\n    expect: { matches: true }\n  - name: does not match",
            &[],
        ),
        ("severity: low\n", "", &["TB0107"]),
        ("severity: low", "severity: low\ncolour: red", &["TB0105"]),
        ("severity: low", "severity: low\nremediation: {}", &["TB0107", "TB0107", "TB0604", "TB0604"]),
        ("  pattern:", "  when: x\n  pattern:", &["TB0109"]),
        ("source: [my.app]", "source: []", &["TB0202"]),
        ("source: [my.app]", "source: [aws.partner/example.com/mine]", &["TB0502", "TB0516"]),
        ("source: [my.app]", "source: my.app", &["TB0202"]),
        ("source: [my.app]", "source: [{ prefixx: a }]", &["TB0202"]),
        ("source: [my.app]", &long, &["TB0203"]),
        ("source: [my.app]", "source: [{ wildcard: '*a' }, { equals-ignore-case: b }]", &["TB0213", "TB0502"]),
        ("source: [my.app]", "source: [1.00000000000000000001]", &["TB0106", "TB0501"]),
        ("<user> did", "<usr> did", &["TB0205", "TB0204"]),
        ("<user> did", "<aws.events.rule-name> <user> did", &[]),
        ("<user> did", "a < b <user> did", &[]),
        ("{ user: $.detail.user }", "{ user: $.detail.user, more: $.x }", &["TB0205"]),
        ("{ user: $.detail.user }", "{ user: detail.user }", &["TB0206"]),
        ("{ user: $.detail.user }", "{ user: $.detail.user, AWSx: $.x }", &["TB0205", "TB0206"]),
        ("text: <user>", "template: <user>", &["TB0207"]),
        ("text: <user> did it, ${param:team}", "template: '{\"text\": <user> ${param:team}'", &["TB0207"]),
        ("text: <user> did it, ${param:team}", "template: '{\"text\": \"<user> ${param:team}\"}'", &[]),
        ("text: <user> did it, ${param:team}", &wide, &["TB0207", "TB0216"]),
        ("    text: <user>", "    template: '{}'\n    text: <user>", &["TB0208"]),
        ("text: <user> did it, ${param:team}", "text: ''", &["TB0210", "TB0208", "TB0205"]),
        ("${param:team}", "${param:tem}", &["TB0210", "TB0209"]),
        ("{ param: names }", "{ param: name }", &["TB0210", "TB0209"]),
        ("default: ops", "default: [ops]", &["TB0211"]),
        ("    event: {", "    record: {}\n    event: {", &["TB0212"]),
        ("matches: true", "matches: false", &["TB0212", "TB0509"]),
        ("    expect:", "    with: { nams: [A] }\n    expect:", &["TB0305"]),
        ("    expect:", "    with: { names: A }\n    expect:", &["TB0211"]),
        (", default: ops", "", &["TB0304", "TB0304"]),
        ("{ user: identifier }", "{ usr: identifier }", &["TB0204", "TB0215"]),
        ("    holds: { user: identifier }\n", "", &["TB0215"]),
        ("text: <user> did it, ${param:team}", "card: { facts: { Team: '${param:team}', User: <user> } }", &[]),
        (
            "text: <user> did it, ${param:team}",
            "card: { text: '${param:team} <user>', facts: { User: <usr> } }",
            &["TB0204"],
        ),
        ("text: <user> did it, ${param:team}", "card: { text: '<user> <!here> ${param:team}' }", &[]),
        ("text: <user> did it, ${param:team}", "text: '<user> <!here> ${param:team}'", &["TB0217"]),
        ("{ user: $.detail.user }", "{ user: $.detail }", &["TB0214"]),
        ("{ user: $.detail.user }", "{ card-user: $.detail.user, user: $.detail.user }", &["TB0205", "TB0206"]),
        ("  - name: does not match\n", "  - name: matches, too\n", &[]),
        ("    expect: { matches: false }", "    expect: { matches: true }", &["TB0509"]),
        (
            "source: [my.app]\n    detail: { eventName: { param: names } }",
            "detail: { a: [{ exists: false }], eventName: [{ exists: false }, { param: names }] }",
            &["TB0202"],
        ),
    ];
    for (from, to, expected) in cases {
        assert!(GOOD.contains(from), "{from}");
        let mut found = codes(&GOOD.replacen(from, to, 1));
        let mut expected = expected.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{from} -> {to}");
    }
}

/// A blueprint of CloudTrail's events.
const CALL: &str = r"blueprint: my-call
title: A call
severity: low
alert:
  pattern:
    source: [aws.cloudtrail]
    detail-type: [AWS API Call via CloudTrail]
    detail:
      eventSource: [cloudtrail.amazonaws.com]
      eventName: [StopLogging]
  message:
    input_paths: { user: $.detail.userIdentity.principalId }
    text: by <user>
tests:
  - name: matches
    record: { eventSource: cloudtrail.amazonaws.com, eventName: StopLogging }
    expect: { matches: true }
  - name: does not match
    record: { eventSource: cloudtrail.amazonaws.com, eventName: StartLogging }
    expect: { matches: false }
";

/// Words of the blueprint, and what is there instead.
type Changes<'c> = &'c [(&'c str, &'c str)];

#[test]
fn alerts_that_would_be_lost_are_found() {
    let read = "eventName: [GetTrail]";
    let all = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
    let received = format!("  rule_state: {all}\n  pattern:");
    let cases: &[(Changes, &[&str])] = &[
        (&[], &[]),
        (&[("[aws.cloudtrail]", "[aws.s3]")], &["TB0501"]),
        (&[("[StopLogging]", "[StopLoging]")], &["TB0502"]),
        (&[("aws.cloudtrail", "aws.cloudtrial"), ("[cloudtrail.", "[cloudtrial.")], &["TB0503"]),
        (&[("eventName: [StopLogging]", read)], &[]),
        (&[("eventName: [StopLogging]", read), ("  pattern:", &received)], &[]),
        (&[("eventName: [StopLogging]", read), ("pattern:", "rule_state: ENABLED\n  pattern:")], &["TB0504"]),
        (&[("eventName: [StopLogging]", "errorCode: [AccessDenied]")], &["TB0505"]),
        (&[("eventName: [StopLogging]", "errorCode: [AccessDenied]\n      readOnly: [false]")], &[]),
        (&[("eventName: [StopLogging]", "errorCode: [AccessDenied]"), ("  pattern:", &received)], &[]),
        (
            &[
                ("eventName: [StopLogging]", "errorCode: [AccessDenied]"),
                ("pattern:", "rule_state: ENABLED\n  pattern:"),
            ],
            &[],
        ),
        (&[("pattern:", "rule_state: DISABLED\n  pattern:")], &["TB0108"]),
        (&[("[AWS API Call via CloudTrail]", "[AWS Console Signin via CloudTrail]")], &["TB0501", "TB0508"]),
        (
            &[
                (
                    "source: [aws.cloudtrail]\n    detail-type: [AWS API Call via CloudTrail]\n    detail:\n      eventSource: [cloudtrail.amazonaws.com]\n      eventName: [StopLogging]",
                    "account: ['111122223333']",
                ),
                ("text: by <user>", "text: by <user>\n    holds: { user: identifier }"),
            ],
            &["TB0510"],
        ),
        (
            &[
                (
                    "source: [aws.cloudtrail]\n    detail-type: [AWS API Call via CloudTrail]\n    detail:\n      eventSource: [cloudtrail.amazonaws.com]\n      eventName: [StopLogging]",
                    "detail-type: [AWS API Call via CloudTrail]\n    region: [eu-west-1]",
                ),
                ("text: by <user>", "text: by <user>\n    holds: { user: identifier }"),
            ],
            &["TB0505", "TB0510", "TB0215"],
        ),
    ];
    for (changes, expected) in cases {
        raises(changes, expected);
    }
}

fn raises(changes: Changes, expected: &[&str]) {
    let text = changes.iter().fold(CALL.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    assert_eq!(codes(&text), expected, "{changes:?}");
}

#[test]
fn messages_that_would_be_lost_or_abused_are_found() {
    let cases: &[(Changes, &[&str])] = &[
        // Without a source of AWS anyone could send such an event; what records have is known all the same.
        (&[("    source: [aws.cloudtrail]\n", "")], &["TB0215"]),
        (
            &[
                ("    source: [aws.cloudtrail]\n", ""),
                ("text: by <user>", "text: x"),
                ("input_paths: { user: $.detail.userIdentity.principalId }", "input_paths: {}"),
            ],
            &[],
        ),
        (
            &[
                ("    source: [aws.cloudtrail]\n", ""),
                ("[StopLogging]", "[GetTrail]"),
                ("pattern:", "rule_state: ENABLED\n  pattern:"),
                ("text: by <user>", "text: x"),
                ("input_paths: { user: $.detail.userIdentity.principalId }", "input_paths: {}"),
            ],
            &["TB0504"],
        ),
        (
            &[
                ("    source: [aws.cloudtrail]\n", ""),
                ("[StopLogging]", "[StopLoging]"),
                ("text: by <user>", "text: x"),
                ("input_paths: { user: $.detail.userIdentity.principalId }", "input_paths: {}"),
            ],
            &["TB0502"],
        ),
        // A test with a record of it shows that the author means it.
        (&[("[StopLogging]", "[StopLoging]"), ("eventName: StopLogging }", "eventName: StopLoging }")], &[]),
        (&[("      eventName", "      userIdentity: { type: [root] }\n      eventName")], &["TB0511"]),
        (&[("text: by <user>", "card: { facts: { '': <user> } }")], &["TB0108"]),
        (&[("text: by <user>", "card: { facts: { User: '<user>', X: '' } }")], &["TB0108"]),
        (&[("title: A call", "title: A call of ${param:x}")], &["TB0108"]),
        (
            &[
                ("text: by <user>", "card: { text: 'by <user>' }"),
                ("severity: low", "severity: low\ndescription: write <name>@<host>"),
            ],
            &[],
        ),
        (&[("text: by <user>", "template: '{\"text\": \"by <user>\", \"text\": \"x\"}'")], &["TB0207"]),
        (&[("text: by <user>", "template: '{\"text\": \"by <user>\", \"channel\": \"C1\"}'")], &["TB0207"]),
        (&[("text: by <user>", "text: 'see <https://<user>/x|it>'")], &["TB0214"]),
        (
            &[
                ("severity: low", "severity: low\nparameters: { p: { type: string, default: ops } }"),
                ("text: by <user>", "template: '{\"text\": \"by <user> <${param:p}>\"}'"),
            ],
            &["TB0204"],
        ),
        // What a refused call recorded may be a list, of which one entry fits.
        (
            &[
                ("      eventName", "      requestParameters: { s3KeyPrefix: [logs] }\n      eventName"),
                ("[StopLogging]", "[CreateTrail]"),
                ("userIdentity.principalId", "requestParameters.s3KeyPrefix"),
            ],
            &["TB0214"],
        ),
        (&[("      eventName", "      responseElements: [null]\n      eventName")], &[]),
        (&[("text: by <user>", "text: by <user>\n    holds: { user: identifier }")], &["TB0108"]),
        (&[("userIdentity.principalId }", "userAgent }")], &["TB0214"]),
        (&[("text: by <user>", "text: <user>")], &["TB0216"]),
        (&[("expect: { matches: false }", "expect: { matches: true }")], &["TB0509"]),
        (&[("expect: { matches: true }", "expect: { matches: false }")], &["TB0509"]),
    ];
    for (changes, expected) in cases {
        raises(changes, expected);
    }
}

#[test]
fn a_trouble_points_at_the_entry() {
    let text = CALL.replace("[StopLogging]", "[StartLogging, StopLoging]");
    let finding = findings(&text).into_iter().next().expect("raised");
    assert_eq!(&text[finding.span.clone()], "StopLoging");
    assert_eq!(finding.help.as_deref(), Some("did you mean `StopLogging`?"));
}

#[test]
fn findings_point_at_the_very_word() {
    let text = GOOD.replace("<user> did", "<usr> did");
    let finding = findings(&text).into_iter().find(|one| one.code.id() == "TB0204").expect("raised");
    assert_eq!(&text[finding.span.clone()], "<usr>");
    assert_eq!(finding.help.as_deref(), Some("did you mean `user`?"));
}

const FRAGMENTS: &[&str] = &[
    "\"",
    "'",
    "{",
    "}",
    "[",
    "]",
    ":",
    "- ",
    "\n",
    "\t",
    "é",
    "🔔",
    "${param:",
    "${param:team}",
    "<user>",
    "<",
    ">",
    "\0",
    "&a ",
    "*a",
    "|\n",
    "? ",
    "<<: ",
    "0x1",
    "1e999",
    "~",
    "# ",
    "%",
    "\\",
    "xoxb-1-",
    "webhook: ü",
    "param: ",
    "999999999999999999999999",
];

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(10000))]

    #[test]
    fn no_text_makes_a_check_panic(edits in proptest::collection::vec((0..1000_usize, 0..FRAGMENTS.len(), 0..12_usize), 1..6)) {
        let mut characters: Vec<char> = GOOD.chars().collect();
        for (at, fragment, removed) in edits {
            let at = at % characters.len().max(1);
            let end = (at + removed).min(characters.len());
            characters.splice(at..end, FRAGMENTS[fragment].chars());
        }
        let text: String = characters.into_iter().collect();
        let Ok(document) = Document::parse("t.yaml", &text) else { return Ok(()) };
        match crate::check::blueprint(document) {
            Ok(loaded) => drop(crate::cases::run_all(&crate::alert::Alert::alone(loaded), &crate::lambda::no_writer)),
            Err(found) => drop(crate::render::findings::text(&found, crate::render::style::Paint { color: false })),
        }
    }
}
