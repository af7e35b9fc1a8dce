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
