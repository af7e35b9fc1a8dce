//! Secrets of every kind in every place where they may be put, and every way to fail: no eight characters of one in any output.
//!
//! Each case puts one secret into the environment, into what the file names, and into what AWS answers, and makes one thing go
//! wrong. `TRAILBELL_ALL_LEAKS` tries every kind with every failure; without it, each kind meets two.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::support::api::Account;
use super::support::emulator::ministack;
use super::support::proxy::{Action, Proxy, Script};
use super::support::stack::{Run, Stack, WEBHOOK};
use super::support::terminal::typing;

const TEXTS: &str = include_str!("../functions/support/secrets.json");
const NOWHERE: &str = "http://127.0.0.1:9";
const WAY: &str = r#"{ webhook: "${env:SLACK_WEBHOOK_URL}" }"#;

/// A secret as it is written, and the part of it that no output may show.
struct Kind {
    name: String,
    text: String,
    secret: String,
}

impl Kind {
    /// As a double-quoted text of YAML, which is one of JSON.
    fn quoted(&self) -> String {
        Value::from(self.text.as_str()).to_string()
    }

    fn in_one_line(&self) -> bool {
        !self.text.contains('\n')
    }

    /// The first eight characters of the secret that a text shows.
    fn shown_in<'t>(&self, text: &'t str) -> Option<&'t str> {
        let mut parts = (0..=self.secret.len() - 8).map(|at| &self.secret[at..at + 8]);
        parts.find_map(|part| text.find(part)).map(|at| &text[at..at + 8])
    }
}

fn kinds() -> Vec<Kind> {
    let all: Value = serde_json::from_str(TEXTS).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let joined = |value: &Value| value.as_array().expect("a list").iter().map(text).collect();
    let kind =
        |one: &Value| Kind { name: text(&one["kind"]), text: joined(&one["text"]), secret: text(&one["secret"]) };
    all["secrets"].as_array().expect("a list").iter().map(kind).collect()
}

/// What is run, and what becomes of it: each is one run of the program.
type Failure = (&'static str, fn(&Kind, &Account) -> Vec<Run>);

/// Two forms of every output, and the files that some commands write.
fn outputs(stack: &Stack, commands: &[&[&str]]) -> Vec<Run> {
    let forms = ["text", "json"];
    let mut runs: Vec<Run> = commands
        .iter()
        .flat_map(|command| forms.map(|form| stack.run(&[command, &["--output", form][..]].concat())))
        .collect();
    runs.push(stack.run(&["test", "trailbell.yaml", "--junit", "results.xml"]));
    runs.push(stack.run(&["preview", "trailbell.yaml", "--html", "page.html"]));
    for name in ["results.xml", "page.html"] {
        let out = std::fs::read_to_string(stack.path(name)).unwrap_or_default();
        runs.push(Run { code: 0, out, err: String::new() });
    }
    runs
}

/// A stack with the secret in the environment: as the way to Slack, as what signs requests, and where no one asks for it.
fn stack(kind: &Kind, text: &str, account: &Account, endpoint: &str) -> Stack {
    let mut stack = Stack::new(text, &account.env(endpoint));
    stack.set("RUST_LOG", "trace");
    stack.set("AWS_SESSION_TOKEN", &kind.text.replace('\n', ""));
    stack.set("OTHER_TOKEN", &kind.text);
    stack
}

/// What AWS answers to every call that writes, with the secret in its words.
fn answered(kind: &Kind, account: &Account, status: u16, code: &str) -> Vec<Run> {
    let words = format!("The value '{}' is not valid ({})", kind.text, kind.text);
    let script = Script::new().every("CreateConnection", Action::error(status, code, &words));
    let proxy = Proxy::start(&ministack().url, script);
    // The session's token is not one that ministack knows, but it does not look at it.
    let stack = stack(kind, WEBHOOK, account, &proxy.url);
    outputs(&stack, &[&["apply", "--yes"]])
}

/// The stack file with the secret in a wrong place.
fn misplaced(kind: &Kind, account: &Account, from: &str, to: &str) -> Vec<Run> {
    let text = WEBHOOK.replace(from, &to.replace("{}", &kind.quoted()));
    let stack = stack(kind, &text, account, NOWHERE);
    outputs(&stack, &[&["check"], &["plan"], &["apply", "--yes", "--sandbox=box.json"], &["fire"], &["verify"]])
}

/// The secret as the way to Slack, through a variable of the environment or a file.
fn sent(kind: &Kind, account: &Account, way: &str, value: &str) -> Vec<Run> {
    let mut stack = stack(kind, &WEBHOOK.replace(WAY, way), account, NOWHERE);
    stack.set("SLACK_WEBHOOK_URL", value);
    stack.write("secret.txt", value);
    outputs(&stack, &[&["apply", "--yes", "--sandbox=box.json"], &["plan", "--sandbox=box.json"], &["fire"]])
}

const FAILURES: [Failure; 18] = [
    ("refused connection", |kind, account| outputs(&stack(kind, WEBHOOK, account, NOWHERE), &[&["plan"]])),
    ("403", |kind, account| answered(kind, account, 403, "AccessDeniedException")),
    ("404", |kind, account| answered(kind, account, 404, "ResourceNotFoundException")),
    ("throttling", |kind, account| answered(kind, account, 400, "ThrottlingException")),
    ("expired session", |kind, account| answered(kind, account, 400, "ExpiredTokenException")),
    ("bad JSON", |kind, account| {
        let words = format!("<html>{}</html>", kind.text);
        let script = Script::new().every("ListRules", Action::rewrite(move |_| words.clone()));
        let proxy = Proxy::start(&ministack().url, script);
        outputs(&stack(kind, WEBHOOK, account, &proxy.url), &[&["plan"]])
    }),
    ("wrong channel", |kind, account| {
        let way = r#"{ token: "${env:SLACK_WEBHOOK_URL}", channel: {} }"#;
        misplaced(kind, account, WAY, way)
    }),
    ("missing file", |kind, account| {
        let way = r#"{ webhook: "${file:no/such/file}" }"#;
        sent(kind, account, way, &kind.text)
    }),
    ("a file of another secret", |kind, account| {
        sent(kind, account, r#"{ token: "${file:secret.txt}", channel: C0123456789 }"#, &kind.text)
    }),
    ("a variable with another secret", |kind, account| sent(kind, account, WAY, &kind.text.replace('\n', ""))),
    ("bad YAML", |kind, account| misplaced(kind, account, "alerts:\n", "alerts: {{{}\n")),
    ("a place for something else", |kind, account| misplaced(kind, account, "us-east-1", "{}")),
    ("an unknown key", |kind, account| misplaced(kind, account, "version: 1\n", "version: 1\n{}: 1\n")),
    ("wrong type", |kind, account| misplaced(kind, account, "stack: sec", "stack: [{}]")),
    ("unknown blueprint", |kind, account| misplaced(kind, account, "cloudtrail-stop-logging", "{}")),
    ("too long", |kind, account| sent(kind, account, WAY, &kind.text.replace('\n', "").repeat(1_000))),
    ("unresolved reference", |kind, account| {
        // Someone writes the secret where its name belongs.
        let text = kind.text.replace('\n', "");
        let ways = ["env", "file", "prompt", "ssm"].map(|source| format!("{{ webhook: '${{{source}:{text}}}' }}"));
        ways.iter().flat_map(|way| misplaced(kind, account, WAY, way)).collect()
    }),
    ("wrong argument", |kind, account| {
        let stack = stack(kind, WEBHOOK, account, NOWHERE);
        let text = kind.text.as_str();
        let all: [&[&str]; 7] = [
            &["plan", text],
            &["plan", "--region", text],
            &["explain", text],
            &["destroy", "--stack", text, "--region", "us-east-1"],
            &["apply", "--yes", "--sandbox=box.json", "--remove-unmanaged", text],
            &["init", "new.yaml", "--write-only", "--slack", "webhook", "--alert", text, "--secret", text],
            &["match", "--pattern", text, "trailbell.yaml"],
        ];
        outputs(&stack, &all)
    }),
];

/// Every kind with the failures that it is to meet.
fn cases(kinds: &[Kind]) -> Vec<(&Kind, Failure)> {
    let all = std::env::var_os("TRAILBELL_ALL_LEAKS").is_some();
    let meets = |kind: usize, failure: usize| all || (kind * 5 + failure).is_multiple_of(9);
    let of = |(at, kind)| {
        FAILURES.iter().enumerate().filter(move |(other, _)| meets(at, *other)).map(move |(_, one)| (kind, *one))
    };
    kinds.iter().enumerate().flat_map(of).collect()
}

#[test]
fn no_output_of_any_failure_shows_a_secret_of_any_kind() {
    let kinds = kinds();
    assert!(kinds.len() >= 20 && FAILURES.len() >= 16);
    let cases = cases(&kinds);
    let (next, runs) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let leaks = std::thread::scope(|scope| {
        let work = || {
            let account = Account::new(ministack());
            let mut leaks = BTreeMap::new();
            while let Some((kind, (failure, run))) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                for run in run(kind, &account) {
                    runs.fetch_add(1, Ordering::Relaxed);
                    let shown = format!("{}{}", run.out, run.err);
                    if let Some(part) = kind.shown_in(&shown) {
                        let at = shown.find(part).unwrap_or_default();
                        let around: String =
                            shown[..at].chars().rev().take(120).collect::<String>().chars().rev().collect();
                        leaks.entry((kind.name.clone(), *failure)).or_insert(around);
                    }
                }
            }
            leaks
        };
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|one| one.join().expect("no panic")).collect::<BTreeMap<_, _>>()
    });
    println!(
        "{} kinds, {} failures, {} cases, {} outputs",
        kinds.len(),
        FAILURES.len(),
        cases.len(),
        runs.into_inner()
    );
    assert!(leaks.is_empty(), "{leaks:#?}");
}

/// What is typed at the prompt is not echoed, whatever it is and whatever comes of it.
#[test]
fn a_prompt_shows_nothing_of_what_is_typed() {
    for kind in kinds().iter().filter(|kind| kind.in_one_line()) {
        let ways = ["{ webhook: '${prompt:Your word}' }", "{ token: '${prompt:Your word}', channel: C0123456789 }"];
        for way in ways {
            let stack = Stack::new(&WEBHOOK.replace(WAY, way), &[]);
            let keys = [("TEST_QUESTION", "Your word: "), ("TEST_ANSWER", &format!("{}\r", kind.text))];
            let run = typing(&stack, &["plan", "--sandbox=box.json"], &keys);
            assert!(run.out.contains("Your word: "), "{}: it was asked: {run:?}", kind.name);
            assert_eq!(kind.shown_in(&format!("{}{}", run.out, run.err)), None, "{}", kind.name);
        }
    }
}

/// Processes that the program starts get neither its secrets nor those of the person who runs it.
#[cfg(target_os = "linux")]
#[test]
fn processes_of_handlers_get_no_secret() {
    let kinds = kinds();
    let kind = &kinds[0];
    let account = Account::new(ministack());
    let mut stack = stack(kind, &WEBHOOK.replace("cloudtrail-stop-logging", "./mine.yaml"), &account, NOWHERE);
    stack.set("SLACK_WEBHOOK_URL", &kind.text);
    stack.set("AWS_SECRET_ACCESS_KEY", &kind.text);
    stack.write("fix.mjs", "export const handler = async () => new Promise((done) => setTimeout(done, 1500));\n");
    stack.write("mine.yaml", MINE);
    let seen = std::cell::RefCell::new(BTreeMap::new());
    let look = |child: u32| {
        for pid in below(child) {
            let read = |name: &str| std::fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
            let text = |name| String::from_utf8_lossy(&read(name)).replace('\0', " ");
            seen.borrow_mut().insert(text("cmdline"), text("environ"));
        }
    };
    let run = stack.watched(&["fire"], look);
    let seen = seen.into_inner();
    assert!(seen.keys().any(|line| line.contains("node")), "Node ran: {seen:?} {run:?}");
    // What was just forked is still the program itself, with the person's own environment.
    let started = seen.iter().filter(|(line, _)| line.contains("node"));
    for (line, environment) in started {
        assert_eq!(kind.shown_in(line), None, "{line}");
        assert_eq!(kind.shown_in(environment), None, "{line}: {environment}");
    }
    assert_eq!(kind.shown_in(&format!("{}{}", run.out, run.err)), None, "{run:?}");
}

/// All processes below a process, by their ids.
#[cfg(target_os = "linux")]
fn below(pid: u32) -> Vec<u32> {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let children = tasks.flatten().filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    let children: Vec<u32> = children
        .flat_map(|text| text.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>())
        .collect();
    children.iter().flat_map(|child| below(*child)).chain(children.iter().copied()).collect()
}

const MINE: &str = r#"blueprint: mine
title: Logging was stopped
severity: high
alert:
  pattern:
    source: [aws.cloudtrail]
    detail-type: [AWS API Call via CloudTrail]
    detail:
      eventSource: [cloudtrail.amazonaws.com]
      eventName: [StopLogging]
      errorCode: [{ exists: false }]
      errorMessage: [{ exists: false }]
  message: { text: Logging was stopped }
remediation:
  handler: fix.mjs
  allow: [{ actions: [cloudtrail:StartLogging], resources: ["*"] }]
tests:
  - name: it matches
    record:
      eventSource: cloudtrail.amazonaws.com
      eventName: StopLogging
      eventType: AwsApiCall
      eventTime: "2026-02-03T04:05:06Z"
      eventID: 3c4226b0-1e81-48a8-a333-7fa5f3cbd118
      awsRegion: us-east-1
      recipientAccountId: "123456789012"
    expect: { matches: true }
"#;
