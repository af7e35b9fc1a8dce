//! What happens to log lines in the sandbox: which subscription filters they pass, and which function is called with them.
//! Runs on trailbell's own engine; what it cannot decide is said, not guessed.

use super::deliver::{Outcome, Sent};
use super::functions::{filters, may_invoke};
use super::world::World;
use crate::cases::at_places;
use crate::filter::{self, Selection};
use crate::functions::batch::{Origin, batch};
use crate::name::Scope;
use crate::resource::{Arn, LOGS, SubscriptionFilter};

/// Shows the lines, all in one batch, to every filter on a log group.
pub(super) fn deliver(world: &World, scope: &Scope, log_group: &str, lines: &[String]) -> Vec<Sent> {
    let all = filters(world, scope.region(), log_group);
    all.map(|filter| Sent {
        id: filter.address.id.base().to_owned(),
        rule_arn: String::new(),
        outcome: at_filter(world, scope, filter, lines),
    })
    .collect()
}

fn at_filter(world: &World, scope: &Scope, listening: &SubscriptionFilter, lines: &[String]) -> Outcome {
    let selected = filter::parse(&listening.pattern).map_err(|error| error.to_string());
    let selected = selected.and_then(|filter| filter.select(lines).map_err(|doubt| doubt.to_string()));
    let Selection { passing, why } = match selected {
        Ok(selection) => selection,
        Err(why) => return Outcome::Undecided { why },
    };
    if passing.is_empty() {
        let why = why.map_or_else(|| "there is no line".to_owned(), |why| why.to_string());
        return Outcome::NotMatched { why };
    }
    let origin = Origin {
        owner: scope.account().to_owned(),
        log_group: listening.log_group.clone(),
        log_stream: format!("{}_CloudTrail_{}", scope.account(), scope.region()),
        filter: listening.name.clone(),
    };
    let body = batch(&origin, &at_places(lines, &passing)).to_string();
    let function = match &listening.destination {
        Arn::Known(arn) => scope.function_of(arn).unwrap_or_default(),
        Arn::Of(_) => "",
    };
    let source = format!("{}:*", scope.log_group_arn(&listening.log_group));
    if may_invoke(world, function, LOGS, &source) {
        return Outcome::Invocation { function: function.to_owned(), body };
    }
    // CloudWatch Logs keeps nothing: what it may not deliver is skipped.
    let why = "the function's policy does not let the log group call it, and CloudWatch Logs keeps nothing".to_owned();
    Outcome::DeadLetter { code: "NO_PERMISSIONS".to_owned(), why, body }
}
