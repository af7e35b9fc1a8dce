//! The world goes wrong: no one answers, credentials expire, permissions miss, answers get lost, runs are interrupted.
//! Each ends with one clear message and its exit code, and running again converges.

use std::time::Duration;

use serde_json::json;
use tiny_http::{Header, Response, Server};

use super::support::api::Account;
use super::support::emulator::{Emulator, ministack, moto};
use super::support::proxy::{Action, Proxy, Script};
use super::support::runs::{end_killed, has_log};
use super::support::stack::{Run, Stack, WEBHOOK};
use super::support::survey::names;
use super::support::trail;

fn behind(script: Script) -> (Account, Proxy, Stack) {
    let account = Account::new(ministack());
    let proxy = Proxy::start(&ministack().url, script);
    let stack = Stack::new(WEBHOOK, &account.env(&proxy.url));
    (account, proxy, stack)
}

/// One message on standard error with all of these in it, and nothing that looks like a crash.
fn says(run: &Run, parts: &[&str]) {
    let all = format!("{}{}", run.out, run.err);
    assert!(parts.iter().all(|part| all.contains(part)), "{parts:?} in {run:#?}");
    assert!(!all.contains("panicked"), "{run:#?}");
}

#[test]
fn nobody_answers() {
    let account = Account::new(ministack());
    let stack = Stack::new(WEBHOOK, &account.env("http://127.0.0.1:9"));
    let run = stack.run(&["plan"]).expect(1);
    says(&run, &["error: sts:GetCallerIdentity: no response: Connection refused", "--endpoint-url"]);
    assert_eq!(run.err.lines().count(), 2, "a message and a hint: {run:?}");
    let json = stack.run(&["plan", "--output", "json"]).expect(1).json();
    assert_eq!((&json["error"]["kind"], &json["exit_code"]), (&json!("unreachable"), &json!(1)));
}

#[test]
fn somebody_else_answers() {
    // A proxy or a sign-in page: at the first call, as an error and as a success.
    for status in [502, 200] {
        let server = Server::http(("127.0.0.1", 0)).expect("a free port");
        let url = format!("http://{}", server.server_addr());
        let stack = Stack::new(WEBHOOK, &Account::new(ministack()).env(&url));
        let run = std::thread::scope(|scope| {
            scope.spawn(|| {
                while let Ok(request) = server.recv() {
                    let html = Header::from_bytes("Content-Type", "text/html").expect("a header");
                    let page = Response::from_string("<html><h1>Sign in</h1></html>").with_header(html);
                    let _ = request.respond(page.with_status_code(status));
                }
            });
            let run = stack.run(&["plan"]).expect(1);
            server.unblock();
            run
        });
        let status = format!("(HTTP status {status}, text/html)");
        let parts = ["sts:GetCallerIdentity", &url, "is not a response of AWS", &status, "--endpoint-url"];
        says(&run, &parts);
        assert!(!run.err.contains("no reason"), "{run:?}");
    }
    // In the middle, in the other protocols: JSON and CBOR.
    for (operation, action) in [("ListRules", "events:ListRules"), ("DescribeAlarms", "cloudwatch:DescribeAlarms")] {
        let page = Action::rewrite(|_| "<html><h1>Sign in</h1></html>".to_owned());
        let (_account, proxy, stack) = behind(Script::new().every(operation, page));
        says(&stack.run(&["plan"]).expect(1), &[action, &proxy.url, "is not a response of AWS"]);
    }
}

#[test]
fn credentials_are_missing_or_expired() {
    let mut stack = Stack::new(WEBHOOK, &Account::new(ministack()).env(&ministack().url));
    stack.unset("AWS_ACCESS_KEY_ID");
    stack.unset("AWS_SECRET_ACCESS_KEY");
    says(&stack.run(&["plan"]).expect(1), &["error: sts:GetCallerIdentity", "aws configure"]);
    for code in ["ExpiredToken", "InvalidClientTokenId"] {
        let (_account, _proxy, stack) =
            behind(Script::new().every("GetCallerIdentity", Action::error(403, code, "The security token is bad")));
        let json = stack.run(&["plan", "--output", "json"]).expect(1).json();
        assert_eq!((&json["error"]["kind"], &json["error"]["code"]), (&json!("credentials"), &json!(code)));
    }
}

#[test]
fn a_permission_is_missing_and_then_given() {
    let root = Account::new(ministack());
    let policy = |more: &[&str]| {
        let actions =
            [
                &[
                    "events:List*",
                    "events:Describe*",
                    "events:Create*",
                    "events:PutTargets",
                    "iam:*",
                    "logs:*",
                    "sqs:*",
                ][..],
                more,
            ]
            .concat();
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }] })
    };
    let poor = Stack::new(WEBHOOK, &root.user("poor", &policy(&[])).env(&ministack().url));
    let run = poor.run(&["apply", "--yes"]).expect(1);
    says(
        &run,
        &[
            "events:PutRule: AccessDeniedException",
            "grant `events:PutRule`",
            "To continue, run `trailbell apply",
            "not started: target.",
        ],
    );
    let rich = Stack::new(WEBHOOK, &root.user("rich", &policy(&["events:*"])).env(&ministack().url));
    rich.apply();
    rich.assert_unchanged();
}

#[test]
fn throttling_is_waited_out_and_a_quota_is_not() {
    let twice = Script::new().on("PutRule", 1, Action::throttle()).on("PutRule", 2, Action::throttle());
    let (_account, _proxy, stack) = behind(twice);
    stack.apply();
    stack.assert_unchanged();
    let (_account, _proxy, stack) = behind(Script::new().every("ListRules", Action::throttle()));
    let json = stack.run(&["plan", "--output", "json", "--throttle-limit", "2"]).expect(1).json();
    assert_eq!(json["error"]["kind"], json!("throttled"));
    let message = json["error"]["message"].as_str().unwrap_or_default();
    assert!(message.starts_with("throttled for ") && message.contains("ThrottlingException"), "{message}");
    let quota = "The requested resource exceeds the maximum number allowed.";
    let (_account, proxy, stack) =
        behind(Script::new().every("CreateConnection", Action::error(400, "LimitExceededException", quota)));
    says(&stack.run(&["apply", "--yes"]).expect(1), &["LimitExceededException", "Service Quotas"]);
    let tried = proxy.operations().iter().filter(|one| *one == "CreateConnection").count();
    assert_eq!(tried, 1, "a quota does not grow by trying again");
}

#[test]
fn a_lost_answer_makes_no_duplicate() {
    let changes = [
        "CreateConnection",
        "CreateApiDestination",
        "CreateRole",
        "PutRolePolicy",
        "CreateQueue",
        "PutRule",
        "PutTargets",
    ];
    for change in changes {
        let (account, _proxy, stack) = behind(Script::new().on(change, 1, Action::LoseResponse));
        let run = stack.run(&["apply", "--yes"]);
        assert!(run.code == 0 || run.code == 1, "{change}: {run:?}");
        stack.apply();
        stack.assert_unchanged();
        assert_eq!(names(&account).len(), 7, "{change}");
    }
    for change in [
        "RemoveTargets",
        "DeleteRule",
        "DeleteApiDestination",
        "DeleteConnection",
        "DeleteRolePolicy",
        "DeleteRole",
        "DeleteQueue",
    ] {
        let (account, _proxy, stack) = behind(Script::new().on(change, 1, Action::LoseResponse));
        stack.apply();
        stack.run(&["destroy", "--yes"]).expect(0);
        assert_eq!(names(&account), Vec::<String>::new(), "{change}");
    }
}

fn killed_at_every_call(emulator: &Emulator) {
    // From the first call that changes something: reads before it change nothing.
    for kill in (18..60).step_by(3) {
        let account = Account::new(emulator);
        let proxy = Proxy::start(&emulator.url, Script::new().kill_from(kill));
        let stack = Stack::new(WEBHOOK, &account.env(&proxy.url));
        let ended = stack.run(&["apply", "--yes"]).code == 0;
        proxy.set_script(Script::new());
        end_killed(&account);
        stack.apply();
        stack.assert_unchanged();
        assert_eq!(names(&account).len(), 7);
        if ended {
            break;
        }
    }
}

fn removal_killed_at_every_call(emulator: &Emulator) {
    for kill in (18..60).step_by(3) {
        let account = Account::new(emulator);
        let proxy = Proxy::start(&emulator.url, Script::new());
        let stack = Stack::new(WEBHOOK, &account.env(&proxy.url));
        stack.apply();
        let before = proxy.calls().len();
        proxy.set_script(Script::new().kill_from(before + kill));
        let ended = stack.run(&["destroy", "--yes"]).code == 0;
        proxy.set_script(Script::new());
        end_killed(&account);
        stack.run(&["destroy", "--yes"]).expect(0);
        assert_eq!((names(&account), has_log(&account)), (Vec::<String>::new(), false));
        if ended {
            break;
        }
    }
}

#[test]
fn an_apply_killed_anywhere_converges() {
    killed_at_every_call(ministack());
}

#[test]
fn a_removal_killed_anywhere_converges() {
    removal_killed_at_every_call(moto());
}

#[test]
fn a_target_that_is_not_taken_is_a_failure() {
    let failed = r#"{"FailedEntryCount":1,"FailedEntries":[{"TargetId":"slack","ErrorCode":"InternalFailure","ErrorMessage":"try later"}]}"#;
    let (_account, _proxy, stack) =
        behind(Script::new().on("PutTargets", 1, Action::rewrite(move |_| failed.to_owned())));
    says(&stack.run(&["apply", "--yes"]).expect(1), &["events:PutTargets: InternalFailure: try later"]);
    stack.apply();
    let gone = r#"{"FailedEntryCount":1,"FailedEntries":[]}"#;
    let (_account, _proxy, stack) =
        behind(Script::new().every("RemoveTargets", Action::rewrite(move |_| gone.to_owned())));
    stack.apply();
    says(&stack.run(&["destroy", "--yes"]).expect(1), &["events:RemoveTargets", "not started: "]);
}

#[test]
fn waits_say_what_they_wait_for() {
    let refusal = "Provided role 'arn:aws:iam::1:role/x' cannot be assumed by principal 'events.amazonaws.com'.";
    let (_account, _proxy, stack) =
        behind(Script::new().on("PutTargets", 1, Action::error(400, "ValidationException", refusal)));
    says(&stack.apply(), &["waiting until EventBridge can assume the role", "up to 120 s"]);
    stack.assert_unchanged();
    let authorizing = Action::rewrite(|body| body.replace("\"AUTHORIZED\"", "\"AUTHORIZING\""));
    let (_account, _proxy, stack) =
        behind(Script::new().on("CreateConnection", 1, authorizing.clone()).on("DescribeConnection", 1, authorizing));
    says(&stack.apply(), &["waiting until the connection is authorized"]);
    let broken = Action::rewrite(|body| body.replace("\"AUTHORIZED\"", "\"DEAUTHORIZED\""));
    let (_account, _proxy, stack) =
        behind(Script::new().on("CreateConnection", 1, broken.clone()).on("DescribeConnection", 1, broken));
    says(&stack.run(&["apply", "--yes"]).expect(1), &["the connection is DEAUTHORIZED", "EventBridge console"]);
    let deleted = Action::error(400, "AWS.SimpleQueueService.QueueDeletedRecently", "You must wait 60 seconds");
    let (_account, _proxy, stack) = behind(Script::new().on("CreateQueue", 1, deleted));
    says(&stack.apply(), &["waiting until a queue with the same name can be created again"]);
    let unseen = Script::new()
        .on("PutRolePolicy", 1, Action::error(404, "NoSuchEntity", "The role cannot be found."))
        .on("CreateApiDestination", 1, Action::error(400, "ResourceNotFoundException", "Connection does not exist."));
    let (_account, _proxy, stack) = behind(unseen);
    says(
        &stack.apply(),
        &["waiting until IAM knows the new role", "waiting until EventBridge sees the new connection"],
    );
    stack.assert_unchanged();
}

#[test]
fn a_connection_that_lost_its_authorization_is_drift() {
    let (_account, proxy, stack) = behind(Script::new());
    stack.apply();
    let broken = Action::rewrite(|body| body.replace("\"AUTHORIZED\"", "\"DEAUTHORIZED\""));
    let number = proxy.operations().iter().filter(|one| *one == "DescribeConnection").count();
    proxy.set_script(Script::new().on("DescribeConnection", number + 1, broken));
    let (code, plan) = stack.plan();
    assert_eq!((code, super::support::stack::changes(&plan)), (3, vec!["update connection.slack: state".to_owned()]));
}

#[test]
fn every_page_is_read() {
    let number = 120;
    let more: String = (1..number)
        .fold(String::new(), |text, at| format!("{text}  - blueprint: cloudtrail-stop-logging\n    id: alert-{at}\n"));
    let (account, proxy, stack) = behind(Script::new());
    stack.write("trailbell.yaml", &format!("{WEBHOOK}{more}"));
    stack.apply();
    let before = proxy.operations().len();
    stack.assert_unchanged();
    let pages = proxy.operations().split_off(before).iter().filter(|one| *one == "ListRules").count();
    assert_eq!(pages, 3, "120 rules come in two pages, and the own bus has one");
    stack.run(&["destroy", "--yes"]).expect(0);
    assert_eq!(names(&account), Vec::<String>::new());
}

#[test]
fn the_wrong_place_is_refused() {
    let (account, proxy, stack) = behind(Script::new());
    stack.write("trailbell.yaml", &WEBHOOK.replace("region:", "account: \"999999999999\"\nregion:"));
    says(&stack.run(&["apply", "--yes"]).expect(5), &["refused:", "999999999999", &account.id]);
    assert_eq!(proxy.operations(), ["GetCallerIdentity"]);
    let run = stack.run(&["plan", "nowhere.yaml"]).expect(2);
    says(&run, &["error: the stack file `nowhere.yaml` does not exist", "trailbell init"]);
    stack.write("trailbell.yaml", WEBHOOK);
    says(
        &stack.run(&["plan", "--region", "eu-west-1"]).expect(2),
        &["--region eu-west-1 is not the stack's region, us-east-1"],
    );
    says(&stack.run(&["apply"]).expect(2), &["cannot ask for confirmation without a terminal", "--yes"]);
    says(
        &stack.run(&["destroy", "--stack", "Not_Good", "--region", "us-east-1"]).expect(2),
        &["`Not_Good` is not a valid stack name"],
    );
    assert!(names(&account).is_empty());
}

#[test]
fn an_alert_that_would_not_arrive_fails_to_verify() {
    let (account, proxy, stack) = behind(Script::new());
    trail::logging(&account, "main");
    let verify = ["verify", "--wait", "0", "--accept-unconfirmed"];
    says(&stack.run(&verify).expect(1), &["rule.relay@relay is missing", "trailbell apply"]);
    stack.run(&["status"]).expect(3);
    stack.apply();
    stack.run(&["status"]).expect(0);
    proxy.set_script(Script::new().every("TestEventPattern", Action::rewrite(|_| r#"{"Result":false}"#.to_owned())));
    says(&stack.run(&verify).expect(1), &["according to AWS, the rule does not match"]);
    let refused = r#"{"FailedEntryCount":1,"Entries":[{"ErrorCode":"InternalFailure","ErrorMessage":"try later"}]}"#;
    proxy.set_script(Script::new().every("PutEvents", Action::rewrite(move |_| refused.to_owned())));
    says(&stack.run(&verify).expect(1), &["events:PutEvents: InternalFailure: try later"]);
}

#[test]
fn ctrl_c_finishes_what_is_under_way_and_says_how_to_go_on() {
    let slow = Script::new().every("CreateConnection", Action::Delay(Duration::from_secs(1)));
    let (_account, proxy, stack) = behind(slow);
    let run = stack.interrupt(&["apply", "--yes"], || proxy.operations().iter().any(|one| one == "CreateConnection"));
    says(
        &run,
        &[
            "Stopping after the changes in progress",
            "created connection.slack",
            "not started: api_destination.slack",
            "To continue, run `trailbell apply",
        ],
    );
    assert_eq!(run.code, 130, "{run:?}");
    stack.apply();
    stack.assert_unchanged();
}

#[test]
fn a_pipeline_that_cancels_gets_a_report_and_the_signal_as_exit_code() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    // Below `nohup` it stays ignored.
    let hang_up = (ignored.unwrap_or_default() & 1 == 0).then_some(("HUP", 129));
    for (signal, code) in [("TERM", 143), ("INT", 130)].into_iter().chain(hang_up) {
        let slow = Script::new().every("CreateConnection", Action::Delay(Duration::from_secs(1)));
        let (_account, proxy, stack) = behind(slow);
        let called = || proxy.operations().iter().any(|one| one == "CreateConnection");
        let run = stack.signal(signal, &["apply", "--yes"], called);
        says(
            &run,
            &["created connection.slack", "not started: api_destination.slack", "To continue, run `trailbell apply"],
        );
        assert_eq!(run.code, code, "{run:?}");
        stack.apply();
        stack.assert_unchanged();
    }
}

#[test]
fn a_call_that_hangs_does_not_keep_a_cancelled_run() {
    let hanging = Script::new().every("CreateConnection", Action::Delay(Duration::from_mins(1)));
    let (_account, proxy, stack) = behind(hanging);
    let called = || proxy.operations().iter().any(|one| one == "CreateConnection");
    let run = stack.signal("TERM", &["apply", "--yes"], called);
    says(&run, &["may or may not have been made: connection.slack", "To continue, run `trailbell apply"]);
    assert_eq!(run.code, 143, "{run:?}");
    proxy.set_script(Script::new());
    stack.apply();
    stack.assert_unchanged();
    // Reading is given up at once.
    proxy.set_script(Script::new().every("ListRules", Action::Delay(Duration::from_mins(1))));
    let before = proxy.operations().len();
    let reading = || proxy.operations()[before..].iter().any(|one| one == "ListRules");
    let run = stack.signal("TERM", &["plan"], reading);
    says(&run, &["Interrupted. Nothing was changed."]);
    assert_eq!(run.code, 143, "{run:?}");
}

#[test]
fn done_is_said_only_of_what_was_seen() {
    let (_account, proxy, stack) = behind(Script::new());
    let gone = Action::rewrite(|_| r#"{"Targets":[]}"#.to_owned());
    proxy.set_script(Script::new().every("ListTargetsByRule", gone));
    let run = stack.run(&["apply", "--yes"]).expect(1);
    says(&run, &["all changes were made, but the stack is not as its file describes: target.", "is missing"]);
    assert!(!run.out.contains("Done"), "{run:?}");
    proxy.set_script(Script::new());
    stack.assert_unchanged();
    stack.run(&["destroy", "--yes"]).expect(0);
    says(&stack.apply(), &["Done: "]);
}

#[test]
fn a_signal_during_the_last_change_does_not_end_in_done() {
    let slow = Script::new().every("PutTargets", Action::Delay(Duration::from_secs(1)));
    let (_account, proxy, stack) = behind(slow);
    let are_last = || proxy.operations().iter().filter(|one| *one == "PutTargets").count() == 2;
    let run = stack.signal("TERM", &["apply", "--yes"], are_last);
    says(&run, &["All changes were made; the result was not read again."]);
    assert!(!run.out.contains("Done"), "{run:?}");
    assert_eq!(run.code, 143, "{run:?}");
    stack.assert_unchanged();
}
