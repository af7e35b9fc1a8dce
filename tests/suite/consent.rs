//! What a person at a terminal agrees to, and what Ctrl-C leaves behind. In a real pseudo-terminal, against the sandbox.

use super::support::stack::{Run, Stack, WEBHOOK};
use super::support::terminal::{run, typing};

const APPLY: [&str; 2] = ["apply", "--sandbox=box.json"];
const BY_NAME: [&str; 6] = ["destroy", "--stack", "sec", "--region", "us-east-1", "--sandbox=box.json"];
const SHOW_CURSOR: &str = "\u{1b}[?25h";

fn stack() -> Stack {
    Stack::new(WEBHOOK, &[])
}

/// Whether the account has what the stack should have.
fn is_applied(stack: &Stack) -> bool {
    let plan = stack.run(&["plan", "--detailed-exitcode", "--sandbox=box.json"]);
    assert!(matches!(plan.code, 0 | 3), "{plan:?}");
    plan.code == 0
}

fn declined(run: Run) {
    let run = run.expect(5);
    assert!(run.out.contains("Nothing was changed."), "{run:#?}");
}

#[test]
fn only_the_word_and_enter_agree() {
    let stack = stack();
    for keys in ["y\r", "Y\r", "YES\r", "no\r", "\r", "yes please\r", "\u{4}"] {
        declined(run(&stack, &APPLY, keys));
        assert!(!is_applied(&stack), "{keys:?}");
    }
    run(&stack, &APPLY, "yes\r").expect(0);
    assert!(is_applied(&stack));
    declined(run(&stack, &["destroy", "--sandbox=box.json"], "y\r"));
    run(&stack, &["destroy", "--sandbox=box.json"], "yes\r").expect(0);
    assert!(!is_applied(&stack));
}

#[test]
fn what_was_typed_before_the_question_does_not_count() {
    let stack = stack();
    for ahead in ["yes\r", "yes\ryes\ryes\r", "y", "yes"] {
        declined(typing(&stack, &APPLY, &[("TEST_AHEAD", ahead), ("TEST_ANSWER", "\r")]));
        assert!(!is_applied(&stack), "{ahead:?}");
    }
}

#[test]
fn a_stack_without_its_file_is_destroyed_by_its_name() {
    let stack = stack();
    stack.run(&["apply", "--yes", "--sandbox=box.json"]).expect(0);
    for keys in ["yes\r", "\r", "other\r"] {
        let asked = run(&stack, &BY_NAME, keys);
        assert!(asked.out.contains("of the stack `sec` in account "), "{asked:#?}");
        declined(asked);
        assert!(is_applied(&stack), "{keys:?}");
    }
    run(&stack, &BY_NAME, "sec\r").expect(0);
    assert!(!is_applied(&stack));
}

#[test]
fn yes_never_asks() {
    let stack = stack();
    for arguments in [&[&APPLY[..], &["--yes"]].concat(), &[&BY_NAME[..], &["--yes"]].concat()] {
        let quiet = run(&stack, arguments, "no\r").expect(0);
        assert!(!quiet.out.contains("to confirm"), "{quiet:#?}");
    }
    let init = run(&stack, &["init", "new.yaml", "--yes", "--stack", "new"], "").expect(2);
    assert!(init.out.contains("--alert") && !stack.path("new.yaml").exists(), "{init:#?}");
}

#[test]
fn ctrl_c_at_a_question_leaves_all_as_it_was() {
    let stack = stack();
    for arguments in [&APPLY[..], &["init", "new.yaml"]] {
        let asked = if arguments[0] == "init" { "Enter to continue" } else { "to confirm: " };
        let run = typing(&stack, arguments, &[("TEST_QUESTION", asked), ("TEST_ANSWER", "\u{3}")]).expect(130);
        assert!(run.out.contains("Interrupted. Nothing was changed."), "{run:#?}");
        // The last thing said about the cursor is that it is visible.
        assert!(run.out.rfind(SHOW_CURSOR) > run.out.rfind("\u{1b}[?25l"), "{run:#?}");
        assert!(!is_applied(&stack) && !stack.path("new.yaml").exists());
    }
}

#[test]
fn ctrl_c_at_a_hidden_prompt_leaves_all_as_it_was() {
    let stack = Stack::new(&WEBHOOK.replace("env:SLACK_WEBHOOK_URL", "prompt:Slack URL"), &[]);
    let keys = [("TEST_QUESTION", "Slack URL"), ("TEST_ANSWER", "\u{3}")];
    let run = typing(&stack, &["plan", "--sandbox=box.json"], &keys).expect(130);
    assert!(run.out.contains("Interrupted. Nothing was changed."), "{run:#?}");
}

#[test]
fn the_first_apply_of_a_stack_without_an_account_warns() {
    let stack = stack();
    let apply = ["apply", "--yes", "--sandbox=box.json"];
    let first = stack.run(&apply).expect(0);
    assert!(first.err.contains("has no `account`") && first.err.contains("add `account: \""), "{first:#?}");
    assert!(!stack.run(&apply).expect(0).err.contains("`account`"));
    stack.run(&["destroy", "--yes", "--sandbox=box.json"]).expect(0);
    let account = first.err.split("add `account: \"").nth(1).and_then(|rest| rest.get(..12)).expect("an account");
    stack.write("trailbell.yaml", &WEBHOOK.replace("region:", &format!("account: \"{account}\"\nregion:")));
    assert!(!stack.run(&apply).expect(0).err.contains("`account`"));
}

/// A server that denies everything and keeps who signed the first request.
fn signer(run: impl FnOnce(&str) -> Run) -> (Run, Option<String>) {
    let server = tiny_http::Server::http("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", server.server_addr());
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for request in server.incoming_requests() {
            let signed = request.headers().iter().find(|header| header.field.equiv("Authorization"));
            // The test may have ended.
            let _ = tell.send(signed.map(|header| header.value.to_string()).unwrap_or_default());
            let _ = request.respond(tiny_http::Response::from_string("denied").with_status_code(403));
        }
    });
    (run(&url), told.try_recv().ok())
}

#[test]
fn a_profile_on_the_command_line_wins_over_keys_in_the_environment() {
    let keys = |id: &str| vec![("AWS_ACCESS_KEY_ID", id.to_owned()), ("AWS_SECRET_ACCESS_KEY", "secret".to_owned())];
    let stack = Stack::new(WEBHOOK, &keys("FROMENVIRONMENT"));
    std::fs::create_dir(stack.path(".aws")).expect("a folder");
    stack.write(".aws/credentials", "[other]\naws_access_key_id = FROMPROFILE\naws_secret_access_key = secret\n");
    let by_name = |profile: &str, url: &str| {
        let destroy = ["destroy", "--yes", "--stack", "sec", "--region", "us-east-1"];
        stack.run(&[&destroy[..], &["--endpoint-url", url, "--profile", profile]].concat())
    };
    let (run, signed) = signer(|url| by_name("other", url));
    assert!(signed.is_some_and(|signed| signed.contains("Credential=FROMPROFILE/")), "{run:#?}");
    // A profile that does not exist is an error, and the keys are not used instead.
    let (run, signed) = signer(|url| by_name("missing", url));
    assert!(run.code == 1 && signed.is_none() && run.err.contains("missing"), "{run:#?} {signed:?}");
    let both = stack.run(&["plan", "--sandbox=box.json", "--profile", "other"]).expect(2);
    assert!(both.err.contains("--profile has no meaning with --sandbox"), "{both:#?}");
}
