//! What a person at a terminal says, who alone can see Slack.

use super::Site;
use crate::support::letter;
use crate::support::stack::Run;
use crate::support::terminal;

const QUESTION: &str = "arrive in Slack, marked [TEST]?";
const VERIFY: [&str; 3] = ["verify", "--wait", "0"];

fn answered(site: &Site, keys: &str) -> Run {
    let run = terminal::run(&site.stack, &VERIFY, keys);
    assert!(run.out.contains("Did 1 message") && !run.out.contains("panicked"), "{run:#?}");
    run
}

#[test]
fn only_a_yes_is_a_proof() {
    let site = Site::webhook();
    let yes = answered(&site, "yes\r").expect(0);
    assert!(yes.out.contains("1 proven"), "{yes:#?}");
    let no = answered(&site, "no\r").expect(1);
    assert!(no.out.contains("you reported that it did not arrive") && no.out.contains("1 failed"), "{no:#?}");
    // Who does not answer knows no more than before.
    let nothing = answered(&site, "\r").expect(6);
    assert!(nothing.out.contains("1 accepted, not confirmed"), "{nothing:#?}");
    // One key is not an answer.
    let key = answered(&site, "y\r").expect(6);
    assert!(key.out.contains("1 accepted, not confirmed"), "{key:#?}");
    let interrupted = answered(&site, "\u{3}").expect(130);
    assert!(interrupted.out.contains("Interrupted. Test messages may have been sent."), "{interrupted:#?}");
    assert_eq!(site.sink.received().len(), 5);
}

#[test]
fn what_has_failed_or_may_not_be_asked_is_no_question() {
    let site = Site::webhook();
    let quiet = [&VERIFY[..], &["--yes"]].concat();
    let run = terminal::run(&site.stack, &quiet, "yes\r").expect(6);
    assert!(!run.out.contains(QUESTION), "{run:#?}");
    (0..11).for_each(|_| letter::put_ten(&site.account, "{}"));
    let run = terminal::run(&site.stack, &VERIFY, "yes\r").expect(1);
    assert!(!run.out.contains(QUESTION) && run.out.contains("1 not watched"), "{run:#?}");
}

#[test]
fn a_secret_that_is_not_there_is_not_known_unless_somebody_saw_the_message() {
    let mut site = Site::webhook();
    site.stack.unset("SLACK_WEBHOOK_URL");
    let alert = site.result("0", 1);
    super::says(&alert, "unknown", &["api_destination.slack.invocation_endpoint", "could not be compared"]);
    let yes = answered(&site, "yes\r").expect(0);
    assert!(yes.out.contains("1 proven"), "{yes:#?}");
    answered(&site, "\r").expect(1);
}
