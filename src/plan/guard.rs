//! What a plan does that is probably a mistake: it can be done, but only if someone says so by name.
//!
//! Pure. What needs a look at more than the stack (other regions, other stacks) is asked by `cli::guards`.

use std::collections::BTreeSet;

use super::{Change, Plan, Purpose, Refusal};
use crate::resource::{Address, Kind, Resource};

/// So many alerts have to go before more than half of them is too many.
const MANY: usize = 3;

impl Plan {
    /// That more than half of the stack's alerts would go, as with a file that was cut off or is another one.
    #[must_use]
    pub fn too_many_deletions(&self) -> Option<Refusal> {
        if self.purpose != Purpose::Apply {
            return None;
        }
        let created: BTreeSet<&Address> =
            self.changes().filter(|one| one.before().is_none()).map(Change::address).collect();
        let there = |one: &&Address| is_alert(one) && !created.contains(one);
        let deleted = self.changes().filter(|one| one.after().is_none()).map(Change::address);
        let gone: BTreeSet<&Address> = deleted.filter(there).collect();
        let before = self.changes().map(Change::address).chain(&self.unchanged).filter(there).collect::<BTreeSet<_>>();
        let is_too_many = gone.len() >= MANY && gone.len() * 2 > before.len();
        is_too_many.then(|| Refusal {
            what: format!(
                "{} of the {} rules and filters of the stack's alerts would be deleted",
                gone.len(),
                before.len()
            ),
            fix: "nothing was changed: check that this is the right stack file; if it is, add `--allow deletions`"
                .to_owned(),
        })
    }

    /// That the connection would be replaced: until the new one is authorized, no alert arrives.
    #[must_use]
    pub fn replaced_connection(&self) -> Option<Refusal> {
        let is_replaced =
            |one: &Change| matches!(one, Change::Replace { .. }) && one.address().kind() == Kind::Connection;
        self.changes().any(is_replaced).then(|| Refusal {
            what: "the connection would be replaced, and no alert arrives until the new one is authorized".to_owned(),
            fix: "nothing was changed: if that is what you want, add `--allow connection-replacement`".to_owned(),
        })
    }

    fn changes(&self) -> impl Iterator<Item = &Change> {
        self.steps.iter().map(|step| &step.change)
    }
}

/// Whether it is what receives the events or log lines of an alert.
fn is_alert(address: &Address) -> bool {
    match address.kind() {
        Kind::Rule => address.relays_to().is_none(),
        Kind::SubscriptionFilter | Kind::MetricFilter => true,
        _ => false,
    }
}

/// What an alert receives, apart from how it is called: two stacks with the same have the same alert.
#[must_use]
pub fn received(resource: &Resource) -> Option<String> {
    match resource {
        Resource::Rule(rule) if is_alert(&rule.address) => Some(format!("rule {}", rule.pattern)),
        Resource::SubscriptionFilter(filter) => Some(format!("filter {} {}", filter.log_group, filter.pattern)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::Live;
    use crate::name::Scope;
    use crate::plan::plan;
    use crate::resource::ResourceSet;

    fn rules(number: usize) -> ResourceSet {
        let scope = scope();
        let rule = |at: usize| {
            let text = format!(
                r#"{{"kind":"rule","address":"us-east-1/rule.a{at}","name":"trailbell-sec_a{at}_rule","description":"[tb1;s=sec;k=rule]","pattern":{{"source":["aws.x{at}"]}},"schedule":null,"state":"ENABLED","tags":{{"trailbell:stack":"{}"}}}}"#,
                scope.stack()
            );
            serde_json::from_str::<Resource>(&text).expect("a rule")
        };
        (0..number).map(rule).map(|one| (one.address().clone(), one)).collect()
    }

    fn scope() -> Scope {
        Scope::offline(None, "us-east-1", "sec").expect("a good scope")
    }

    #[test]
    fn more_than_half_of_three_or_more_is_too_many() {
        for (before, after, is_refused) in
            [(2, 0, false), (3, 0, true), (5, 2, true), (6, 3, false), (100, 49, true), (100, 50, false), (0, 5, false)]
        {
            let live = Live { managed: rules(before), ..Live::default() };
            let plan = plan(&scope(), &rules(after), &live).expect("nothing is in the way");
            assert_eq!(plan.too_many_deletions().is_some(), is_refused, "{before} {after}");
            assert_eq!(plan.replaced_connection(), None);
        }
    }
}
