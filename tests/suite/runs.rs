//! Who changes a stack does so alone and leaves a record: the lock and the history of runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::support::api::Account;
use super::support::emulator::{Emulator, ministack, moto};
use super::support::proxy::{Action, Proxy, Script};
use super::support::runs::{LOG, has_log, logs, streams, written};
use super::support::stack::{Stack, WEBHOOK, ended};

const OTHER: &str = r#"{"command":"apply","caller":"arn:aws:sts::1:assumed-role/ci/bob","from":"https://ci.example/5","version":"0","plan":"p"}"#;

fn both() -> [(&'static Emulator, Account); 2] {
    [ministack(), moto()].map(|emulator| (emulator, Account::new(emulator)))
}

fn is_write(operation: &str) -> bool {
    ["Put", "Create", "Add", "Update", "Delete", "Remove", "Tag"].iter().any(|start| operation.starts_with(start))
}

#[test]
fn a_run_leaves_a_record_that_goes_with_the_stack() {
    for (emulator, account) in both() {
        let mut stack = Stack::new(WEBHOOK, &account.env(&emulator.url));
        assert!(stack.run(&["history"]).expect(0).out.contains("No run is recorded."));
        stack.apply();
        stack.assert_unchanged();
        stack.set("CI_JOB_URL", "https://gitlab.example/job/8");
        stack.write("trailbell.yaml", &WEBHOOK.replace("alerts:", "alerts:\n  - blueprint: bugbust-event-changed"));
        stack.run(&["destroy", "--yes", "--keep-history"]).expect(0);
        let history = stack.run(&["history", "--output", "json"]).expect(0).json();
        let runs = history["runs"].as_array().expect("runs").clone();
        let of = |run: &Value| (run["number"].clone(), run["begun"]["command"].clone(), run["ended"]["result"].clone());
        let expected = [(json!(2), json!("destroy"), json!("complete")), (json!(1), json!("apply"), json!("complete"))];
        assert_eq!(runs.iter().map(of).collect::<Vec<_>>(), expected, "{history:#}");
        assert_eq!(runs[0]["begun"]["from"], "https://gitlab.example/job/8");
        assert_eq!(runs[1]["ended"]["changes"]["created"], 9);
        assert!(runs[1]["begun"]["caller"].as_str().is_some_and(|arn| arn.contains(&account.id)), "{history:#}");
        assert_eq!(streams(&account), ["00000001", "00000001.done", "00000002", "00000002.done"]);
        stack.run(&["destroy", "--yes"]).expect(0);
        assert!(!has_log(&account), "{}", emulator.name);
    }
}

#[test]
fn a_run_in_progress_refuses_another_until_it_is_ended() {
    for (emulator, account) in both() {
        let proxy = Proxy::start(&emulator.url, Script::new());
        let stack = Stack::new(WEBHOOK, &account.env(&proxy.url));
        stack.apply();
        written(&account, "00000002", OTHER);
        let plan = stack.run(&["plan"]).expect(0);
        assert!(plan.out.contains("run 2 of the stack `sec`") && plan.out.contains("in progress"), "{plan:?}");
        let before = proxy.operations().len();
        for command in ["apply", "destroy"] {
            stack.write("trailbell.yaml", &WEBHOOK.replace("alerts:", "alerts:\n  - blueprint: bugbust-event-changed"));
            let told = stack.run(&[command, "--yes"]).expect(5);
            for part in [
                "run 2",
                "apply by arn:aws:sts::1:assumed-role/ci/bob from https://ci.example/5",
                "since 20",
                "trailbell unlock 2 --stack sec --region us-east-1",
                "--lock-timeout 5m",
            ] {
                assert!(told.err.contains(part), "{part}: {told:?}");
            }
        }
        let writes: Vec<String> =
            proxy.operations().split_off(before).into_iter().filter(|one| is_write(one)).collect();
        assert_eq!(writes, [""; 0], "{}", emulator.name);
        assert!(
            stack
                .run(&["unlock", "1", "--force", "--yes"])
                .expect(5)
                .err
                .contains("run 1 is not in progress, but run 2 is")
        );
        let unlocked = stack.run(&["unlock", "2", "--force", "--yes", "--output", "json"]).expect(0).json();
        assert_eq!(unlocked, json!({ "version": 1, "run": 2, "is_ended_here": true }));
        let told = stack.run(&["apply", "--yes"]).expect(0);
        assert!(told.err.contains("run 2 was ended from outside"), "{told:?}");
        let shown = stack.run(&["history"]).expect(0).out;
        assert!(shown.contains("ended from outside") && shown.contains("#3"), "{shown}");
    }
}

#[test]
fn a_waiter_goes_on_when_the_run_has_ended() {
    let account = Account::new(ministack());
    let stack = Stack::new(WEBHOOK, &account.env(&ministack().url));
    stack.apply();
    written(&account, "00000002", OTHER);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| stack.run(&["destroy", "--yes", "--lock-timeout", "50s", "--keep-history"]));
        std::thread::sleep(std::time::Duration::from_secs(2));
        assert!(!waiting.is_finished(), "{:?}", waiting.join());
        logs(&account, "CreateLogStream", &json!({ "logGroupName": LOG, "logStreamName": "00000002.done" }));
        let told = waiting.join().expect("it runs").expect(0);
        assert!(told.err.contains("waiting up to 50s for run 2") && told.err.contains("planning again"), "{told:?}");
    });
    let too_short = {
        written(&account, "00000004", OTHER);
        stack.run(&["apply", "--yes", "--lock-timeout", "1s"]).expect(5)
    };
    assert!(too_short.err.contains("run 4") && too_short.err.contains("wait longer"), "{too_short:?}");
}

#[test]
fn a_log_group_of_this_name_that_is_not_ours_is_not_used() {
    for (emulator, account) in both() {
        logs(&account, "CreateLogGroup", &json!({ "logGroupName": LOG }));
        let proxy = Proxy::start(&emulator.url, Script::new());
        let stack = Stack::new(WEBHOOK, &account.env(&proxy.url));
        let told = stack.run(&["apply", "--yes"]).expect(1);
        assert!(told.err.contains("`/trailbell/sec/runs` exists and is not managed by trailbell"), "{told:?}");
        assert!(
            !proxy.operations().iter().any(|one| one.contains("PutRule") || one.contains("CreateRole")),
            "{told:?}"
        );
        stack.run(&["destroy", "--yes"]).expect(1);
        assert!(has_log(&account), "someone else's");
    }
}

#[test]
fn who_cannot_say_who_it_is_does_not_keep_the_lock() {
    let account = Account::new(ministack());
    let denied = Action::error(400, "AccessDeniedException", "not you");
    let proxy = Proxy::start(&ministack().url, Script::new().every("PutLogEvents", denied));
    let stack = Stack::new(WEBHOOK, &account.env(&proxy.url));
    let told = stack.run(&["apply", "--yes"]).expect(1);
    assert!(told.err.contains("logs:PutLogEvents"), "{told:?}");
    assert_eq!(streams(&account), ["00000001", "00000001.done"]);
    assert!(!proxy.operations().iter().any(|one| one.contains("PutRule")), "{told:?}");
}

#[test]
fn a_run_that_was_ended_from_outside_stops_and_says_so() {
    let account = Account::new(ministack());
    let (owner, is_ended) = (account.clone(), Arc::new(AtomicBool::new(false)));
    // The third rule or target is written long after the end, as far as the holder can know after ten seconds.
    let script = Script::new().with(move |call| {
        if call.operation == "PutRule" && !is_ended.swap(true, Ordering::SeqCst) {
            logs(&owner, "CreateLogStream", &json!({ "logGroupName": LOG, "logStreamName": "00000001.done" }));
            std::thread::sleep(std::time::Duration::from_secs(11));
        }
        None
    });
    let proxy = Proxy::start(&ministack().url, script);
    let stack = Stack::new(WEBHOOK, &account.env(&proxy.url));
    let told = stack.run(&["apply", "--yes"]).expect(1);
    assert!(told.err.contains("Run 1 was ended from outside: stopping"), "{told:?}");
    assert!(!told.out.contains("Done"), "{told:?}");
    assert_eq!(streams(&account), ["00000001", "00000001.done"]);
    stack.apply();
    stack.assert_unchanged();
}

#[test]
fn a_lost_answer_about_the_lock_is_settled_by_the_run_itself() {
    // To the creation of the stream that begins the run, and of the one that ends it.
    for (call, begun) in [(1, 2), (2, 1)] {
        let account = Account::new(ministack());
        let proxy = Proxy::start(&ministack().url, Script::new().on("CreateLogStream", call, Action::LoseResponse));
        let stack = Stack::new(WEBHOOK, &account.env(&proxy.url));
        let told = stack.run(&["apply", "--yes"]).expect(0);
        assert_eq!(told.err.contains("AWS did not answer whether run 1 was begun here"), begun == 2, "{told:?}");
        let streams = streams(&account);
        let numbers: Vec<String> = (1..=begun).flat_map(|at| [format!("{at:08}"), format!("{at:08}.done")]).collect();
        assert_eq!(streams, numbers);
        let history = stack.run(&["history", "--output", "json"]).expect(0).json();
        assert_eq!(history["runs"][0]["ended"]["result"], "complete", "{history:#}");
        stack.assert_unchanged();
    }
}

#[test]
fn a_run_that_someone_else_began_is_theirs_although_an_answer_was_lost() {
    let account = Account::new(ministack());
    let owner = account.clone();
    // The request is lost, and someone else begins the run meanwhile.
    let script = Script::new().on("CreateLogStream", 1, Action::Drop).with(move |call| {
        if call.operation == "CreateLogStream" && !streams(&owner).contains(&"00000001".to_owned()) {
            written(&owner, "00000001", OTHER);
        }
        None
    });
    let proxy = Proxy::start(&ministack().url, script);
    let stack = Stack::new(WEBHOOK, &account.env(&proxy.url));
    let told = stack.run(&["apply", "--yes"]).expect(5);
    assert!(told.err.contains("run 1 of the stack `sec` (apply by arn:aws:sts::1:assumed-role/ci/bob"), "{told:?}");
    assert_eq!(streams(&account), ["00000001"]);
    assert!(!proxy.operations().iter().any(|one| one == "PutRule"), "{told:?}");
}

#[test]
fn a_signal_gives_the_lock_back() {
    let account = Account::new(ministack());
    let slow = Action::Delay(std::time::Duration::from_millis(300));
    let proxy = Proxy::start(&ministack().url, Script::new().every("PutRule", slow));
    let stack = Stack::new(WEBHOOK, &account.env(&proxy.url));
    let is_writing = || proxy.operations().iter().any(|one| one.contains("PutRule"));
    let told = stack.signal("TERM", &["apply", "--yes"], is_writing).expect(143);
    assert!(told.out.contains("Stopped"), "{told:?}");
    assert_eq!(streams(&account), ["00000001", "00000001.done"]);
    let shown = stack.run(&["history", "--output", "json"]).expect(0).json();
    assert_eq!(shown["runs"][0]["ended"]["result"], "stopped", "{shown:#}");
    stack.apply();
}

/// Two commands at once, fifty times: never both "Done" in a state that neither asked for.
#[test]
fn of_two_at_once_one_waits_or_refuses() {
    let other = WEBHOOK.replace("alerts:\n", "alerts:\n  - blueprint: bugbust-event-changed\n");
    let smaller = WEBHOOK.replace("alerts:\n  - blueprint: cloudtrail-stop-logging\n", "alerts: []\n");
    let pairs: [(&str, &[&str], &str, &[&str]); 3] = [
        (WEBHOOK, &["apply", "--yes"], &other, &["apply", "--yes"]),
        (WEBHOOK, &["apply", "--yes"], &other, &["destroy", "--yes"]),
        (&other, &["apply", "--yes"], &smaller, &["apply", "--yes"]),
    ];
    for round in 0..50 {
        let account = Account::new(ministack());
        let env = account.env(&ministack().url);
        let (one, first, two, second) = pairs[round % 3];
        let (left, right) = (Stack::new(one, &env), Stack::new(two, &env));
        if round % 3 != 0 {
            left.apply();
            left.write("trailbell.yaml", &one.replace("cloudtrail-stop-logging", "bugbust-event-read"));
        }
        let wait: &[&str] = if round % 2 == 0 { &["--lock-timeout", "60s"] } else { &[] };
        let commands = [(&left, [first, wait].concat()), (&right, [second, wait].concat())];
        let runs = commands.map(|(stack, arguments)| stack.start(&arguments));
        let codes = runs.map(|child| ended(child).code);
        assert!(codes.iter().all(|code| [0, 1, 5].contains(code)) && codes.contains(&0), "{round}: {codes:?}");
        let is_left = left.plan().0 == 0;
        let is_right = if second[0] == "destroy" { !has_log(&account) } else { right.plan().0 == 0 };
        let is_described = (is_left && codes[0] == 0) || (is_right && codes[1] == 0);
        assert!(is_described, "{round}: {codes:?}, {is_left} {is_right}");
    }
}
