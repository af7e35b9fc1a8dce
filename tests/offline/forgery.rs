//! Nobody but AWS runs a handler: forged events, refused calls, and events of other accounts, generated around patterns that
//! `check` accepts for remediations, walk through the graph of a stack and start no function.

use std::fmt::Write;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use trailbell::check;
use trailbell::compile::compile;
use trailbell::document::Document;
use trailbell::graph::{Graph, Receiving};
use trailbell::name::Scope;
use trailbell::trace::{Answer, Ask, Input, answer, follow};

const ACCOUNT: &str = "123456789012";

const SUCCESS: &str = "errorCode: [{ exists: false }], errorMessage: [{ exists: false }]";

/// Patterns in the forms that a remediation can have, with a call that each of them is about.
fn patterns() -> [(String, &'static str, &'static str); 4] {
    let call = "detail-type: [AWS API Call via CloudTrail]";
    [
        (
            format!(
                "{{ source: [aws.iam], {call}, detail: {{ eventSource: [iam.amazonaws.com], eventName: [CreateAccessKey], {SUCCESS} }} }}"
            ),
            "iam",
            "CreateAccessKey",
        ),
        (
            format!("{{ source: [{{ prefix: aws. }}], {call}, detail: {{ eventName: [DeleteTrail], {SUCCESS} }} }}"),
            "cloudtrail",
            "DeleteTrail",
        ),
        (
            format!(
                "{{ source: [aws.kms, aws.s3], detail: {{ $or: [{{ eventName: [DisableKey] }}, {{ eventName: [{{ prefix: PutBucket }}] }}], {SUCCESS} }} }}"
            ),
            "kms",
            "DisableKey",
        ),
        (
            format!(
                "{{ $or: [{{ source: [aws.ec2] }}, {{ source: [{{ wildcard: \"aws.r*\" }}] }}], {call}, detail: {{ eventName: [RunInstances], {SUCCESS} }} }}"
            ),
            "ec2",
            "RunInstances",
        ),
    ]
}

/// A stack with a remediation for each pattern, as a graph that receives whatever is put on its bus.
fn graph() -> Graph {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("fix.mjs", "export const handler = async () => {};");
    let mut stack = format!(
        "stack: sec\nregion: us-east-1\naccount: \"{ACCOUNT}\"\nslack: {{ webhook: \"${{env:HOOK}}\" }}\nalerts:\n"
    );
    for (at, (pattern, ..)) in patterns().iter().enumerate() {
        let blueprint = format!(
            "blueprint: b{at}\ntitle: T\nseverity: low\nalert:\n  pattern: {pattern}\n  message: {{ text: hello }}\nremediation: {{ handler: \
             fix.mjs, allow: [{{ actions: [cloudtrail:StartLogging], resources: [\"*\"] }}] }}\n"
        );
        write(&format!("b{at}.yaml"), &blueprint);
        let _ = writeln!(stack, "  - blueprint: ./b{at}.yaml");
    }
    let document = Document::parse("trailbell.yaml", &stack).expect("YAML");
    let installation = check::stack(document, folder.path().to_owned()).unwrap_or_else(|found| panic!("{found:#?}"));
    let scope = Scope::offline(Some(ACCOUNT), "us-east-1", "sec").expect("a scope");
    // Other accounts may be allowed to put events on the bus, so nothing is left to who is received.
    Graph::compiled(&scope, &compile(&installation, &scope, None)).receiving(Receiving::default())
}

/// How many functions an event runs.
fn runs(graph: &Graph, event: &Value) -> usize {
    let mut count = 0;
    follow(graph, Input::Event(event), |question| match question.ask {
        Ask::Run { .. } => {
            count += 1;
            Answer::Ran { error: None, events: Vec::new() }
        }
        _ => answer(question),
    });
    count
}

fn event(source: &str, account: &str, call: &(String, &str, &str), more: &Value) -> Value {
    let (_, service, name) = call;
    let mut detail = json!({
        "eventVersion": "1.11", "eventSource": format!("{service}.amazonaws.com"), "eventName": name,
        "eventType": "AwsApiCall", "eventTime": "2026-01-02T03:04:05Z", "awsRegion": "us-east-1", "readOnly": false,
        "managementEvent": true, "eventCategory": "Management", "recipientAccountId": account,
        "userIdentity": { "type": "IAMUser", "userName": "mallory", "accountId": account },
        "requestParameters": { "userName": "victim", "name": "victim", "keyId": "victim" },
    });
    if let (Some(detail), Some(more)) = (detail.as_object_mut(), more.as_object()) {
        detail.extend(more.clone());
    }
    json!({
        "version": "0", "id": "00000000-0000-4000-8000-000000000000", "source": source, "account": account,
        "detail-type": "AWS API Call via CloudTrail", "region": "us-east-1", "time": "2026-01-02T03:04:05Z",
        "resources": [], "detail": detail,
    })
}

/// Runs a property a number of times, always with the same events.
fn hold<S: Strategy>(times: u32, strategy: &S, property: impl Fn(S::Value)) {
    let config = Config { cases: times, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    runner
        .run(strategy, |value| {
            property(value);
            Ok(())
        })
        .expect("it holds");
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), "[ -~]{0,12}".prop_map(Value::from)];
    let list = proptest::collection::vec(leaf.clone(), 0..3).prop_map(Value::from);
    prop_oneof![leaf, list, Just(json!({ "exists": false })), Just(json!({}))]
}

#[test]
fn what_is_real_runs_exactly_one_handler() {
    let graph = graph();
    for call in &patterns() {
        assert_eq!(runs(&graph, &event(&format!("aws.{}", call.1), ACCOUNT, call, &Value::Null)), 1, "{call:?}");
    }
}

#[test]
fn forged_events_run_no_handler() {
    let graph = graph();
    let sources = prop_oneof![
        "[ -~]{0,20}",
        "aws[^.]?[a-z]{0,5}",
        "(AWS|Aws|aWs)\\.(iam|kms|ec2|cloudtrail)",
        "[a-z]{1,3}\\.aws\\.(iam|kms)",
        " aws\\.iam",
        Just("trailbell.sec".to_owned()),
    ];
    let one = (sources, 0..4_usize, proptest::collection::btree_map("[a-zA-Z]{1,10}", anything(), 0..4));
    hold(10_000, &one, |(source, at, more)| {
        // AWS refuses these from anyone but itself.
        if !source.starts_with("aws.") {
            let more = Value::Object(more.into_iter().collect());
            assert_eq!(runs(&graph, &event(&source, ACCOUNT, &patterns()[at], &more)), 0, "{source}");
        }
    });
}

#[test]
fn refused_calls_run_no_handler() {
    let graph = graph();
    let codes =
        prop_oneof!["AccessDenied(Exception)?", "(Client\\.)?UnauthorizedOperation", "[A-Za-z.]{1,30}", "[ -~]{0,30}"];
    let fields = prop_oneof![Just(true), Just(false)];
    hold(1_000, &(codes, fields, 0..4_usize), |(code, is_message, at)| {
        let field = if is_message { "errorMessage" } else { "errorCode" };
        let call = &patterns()[at];
        let refused = event(&format!("aws.{}", call.1), ACCOUNT, call, &json!({ field: code }));
        assert_eq!(runs(&graph, &refused), 0, "{refused}");
    });
}

#[test]
fn events_of_other_accounts_run_no_handler() {
    let graph = graph();
    hold(1_000, &("[0-9]{12}", 0..4_usize), |(account, at)| {
        let call = &patterns()[at];
        let other = event(&format!("aws.{}", call.1), &account, call, &json!({ "recipientAccountId": ACCOUNT }));
        assert_eq!(runs(&graph, &other), usize::from(account == ACCOUNT), "{account}");
    });
}

/// What `fire` says of an event of this account, in a stack with these lines more.
fn fired(stack: &str, account: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    let (pattern, ..) = &patterns()[0];
    let blueprint = format!(
        "blueprint: mine\ntitle: T\nseverity: low\nalert:\n  pattern: {pattern}\n  message: {{ text: hello }}\nremediation: {{ handler: fix.mjs, \
         allow: [{{ actions: [cloudtrail:StartLogging], resources: [\"*\"] }}] }}\n"
    );
    write("fix.mjs", "export const handler = async () => {};");
    write("mine.yaml", &blueprint);
    write(
        "trailbell.yaml",
        &format!(
            "stack: sec\nregion: us-east-1\n{stack}slack: {{ webhook: \"${{env:HOOK}}\" }}\nalerts:\n  - blueprint: ./mine.yaml\n"
        ),
    );
    write("event.json", &event("aws.iam", account, &patterns()[0], &Value::Null).to_string());
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_trailbell"))
        .args(["fire", "--event", "event.json"])
        .current_dir(folder.path())
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .output()
        .expect("it runs");
    String::from_utf8_lossy(&run.stdout).into_owned()
}

#[test]
fn a_stack_that_is_bound_to_no_account_is_in_that_of_the_event() {
    let calls = "trailbell-sec_mine_function";
    assert!(fired("", "111122223333").contains(calls));
    assert!(fired("account: \"111122223333\"\n", "111122223333").contains(calls));
    let other = fired("account: \"123456789012\"\n", "111122223333");
    assert!(other.contains("does not reach the stack's event bus") && !other.contains(calls), "{other}");
    let forwarded = "account: \"123456789012\"\nforwarded: { accounts: [\"111122223333\"] }\n";
    let forwarded = fired(forwarded, "111122223333");
    assert!(!forwarded.contains(calls) && forwarded.contains("No alert fires"), "{forwarded}");
}
