//! What the dead-letter queue and a person make of what was accepted. Pure.

use super::{Proof, Verified, Watched};

/// What is known after watching: what came back has failed, and what could not be watched is not known.
pub fn returned(results: &mut [Verified], watched: &Watched) {
    for one in results.iter_mut().filter(|one| matches!(one.proof, Proof::Accepted { .. })) {
        let letter = watched.returned.iter().find(|(id, _)| *id == one.test_id).map(|(_, letter)| letter);
        if let Some(letter) = letter {
            let why = format!("its message is in the dead-letter queue, {}: {}", letter.code, letter.message);
            let hint = "the code is from EventBridge, and the text is the response of Slack".to_owned();
            one.proof = Proof::Failed { why, hint };
        } else if let Some(gap) = &watched.gap {
            one.proof = Proof::NotWatched { why: gap.why.clone(), hint: gap.hint.clone() };
        }
    }
}

/// What is known after a person has said whether the messages arrived.
pub fn confirmed(results: &mut [Verified], have_arrived: bool) {
    for one in results {
        let Proof::Accepted { bodies } = &one.proof else { continue };
        one.proof = if have_arrived {
            Proof::Proven { bodies: bodies.clone() }
        } else {
            let why = "EventBridge accepted the message, but you reported that it did not arrive".to_owned();
            let hint = "check the channel of the webhook or token, and the permissions of the Slack app".to_owned();
            Proof::Failed { why, hint }
        };
    }
}

/// What is known when no one has seen the messages: where a secret was not compared they may have gone to someone
/// else, and a policy of others may forbid what an alert needs.
pub fn uncompared(results: &mut [Verified]) {
    for one in results {
        if matches!(one.proof, Proof::Accepted { .. }) && !one.not_compared.is_empty() {
            let why = format!("what could not be compared with the stack file: {}", one.not_compared.join(", "));
            let hint =
                "make the secret available, detach unmanaged policies, or confirm at a terminal that the message \
                arrived"
                    .to_owned();
            one.proof = Proof::Unknown { why, hint };
        }
    }
}
