//! The ids of Slack destinations: every name in AWS that belongs to one destination contains its id.
//!
//! The destination of a stack that has one without a name is called `slack`. Names of roles tell destinations from functions,
//! so that what a stack had is found without its file.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{NOTIFIER, RELAY, SCHEDULER, SLACK, Scope, is_id, is_region};

/// What the role of a function is called after its id.
const OF_FUNCTION: &str = "-function";
/// The kind whose names leave the least room for an id.
const LONGEST_KIND: &str = "dead-letter-queue";

/// What a destination's name looks like, for people.
pub const DESTINATION_FORM: &str = "lowercase letters, digits, and hyphens, such as `security`";

/// The id of a destination.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct DestinationId(String);

impl DestinationId {
    /// An id as it is written in a stack file or in a name.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The destination of a stack that has one without a name.
    #[must_use]
    pub fn slack() -> Self {
        Self::new(SLACK)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the destination without a name.
    #[must_use]
    pub fn is_slack(&self) -> bool {
        self.0 == SLACK
    }

    /// The id of the relay rule that posts there.
    #[must_use]
    pub fn relay(&self) -> String {
        if self.is_slack() { RELAY.to_owned() } else { format!("{RELAY}-{self}") }
    }

    /// The destination that a relay rule posts to, by the id of the rule.
    #[must_use]
    pub fn of_relay(rule: &str) -> Option<Self> {
        if rule == RELAY {
            return Some(Self::slack());
        }
        let id = rule.strip_prefix(RELAY)?.strip_prefix('-')?;
        is_destination(id).then(|| Self::new(id))
    }
}

impl fmt::Display for DestinationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a text may be the id of a destination: nothing else of a stack has a role, a queue, or a rule of that name.
#[must_use]
pub fn is_destination(text: &str) -> bool {
    is_id(text)
        && !text.starts_with('-')
        && !text.ends_with('-')
        && ![RELAY, NOTIFIER, SCHEDULER].contains(&text)
        && !is_of_function(text)
}

/// Whether the id of a role is that of a function's, whole or cut (see [`Scope::fit`]).
pub(super) fn is_of_function(role: &str) -> bool {
    let is_hash = |end: &str| end.len() == 8 && end.bytes().all(|byte| byte.is_ascii_hexdigit());
    role.ends_with(OF_FUNCTION) || role.rsplit_once('-').is_some_and(|(_, end)| is_hash(end))
}

impl Scope {
    /// How long the id of a destination may be in this stack.
    #[must_use]
    pub fn max_destination(&self) -> usize {
        self.room(LONGEST_KIND).min(self.room(&format!("{}_role", self.region())))
    }

    /// The destination that a role of this stack in this region is of, from its name.
    #[must_use]
    pub fn destination_of_role(&self, name: &str) -> Option<DestinationId> {
        self.role_of(name).filter(|id| is_destination(id)).map(DestinationId::new)
    }

    /// The region of a role by which the stack's rules send, from its name; `None` for any other role.
    #[must_use]
    pub fn region_of_role<'a>(&self, name: &'a str) -> Option<&'a str> {
        let (id, _) = self.parse(name).filter(|(_, kind)| *kind == "role")?;
        let region = &id[region_at(id)?..];
        let destination = id.strip_suffix(region)?.strip_suffix('-')?;
        is_destination(destination).then_some(region)
    }
}

/// Where the region begins that a text ends with, after something else. The name of a region has three parts, or four where the
/// second one names a partition: `us-east-1`, `us-gov-west-1`, `eu-isoe-west-1`.
fn region_at(text: &str) -> Option<usize> {
    let begin = |parts: usize| text.rmatch_indices('-').nth(parts - 1).map(|(at, _)| at + 1);
    let three = begin(3)?;
    let names_partition = ["gov-", "iso", "de-"].iter().any(|start| text[three..].starts_with(start));
    let at = if names_partition { begin(4)? } else { three };
    is_region(&text[at..]).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope::offline(None, "us-east-1", "sec").expect("a good scope")
    }

    #[test]
    fn a_role_leads_to_its_region_and_its_destination() {
        let scope = scope();
        for id in ["slack", "security", "a-b", "us-east-1"] {
            for region in ["us-east-1", "us-gov-west-1", "eu-isoe-west-1", "us-iso-east-1", "eusc-de-east-1"] {
                let there = Scope::offline(None, region, "sec").expect("a good scope");
                let role = there.name(&there.regional(id), "role");
                assert_eq!(scope.region_of_role(&role), Some(region), "{role}");
                assert_eq!(there.destination_of_role(&role), Some(DestinationId::new(id)), "{role}");
            }
        }
        for other in [
            "trailbell-sec_notifier-eu-west-1_role",
            "trailbell-sec_notifier-function-eu-west-1_role",
            "trailbell-sec_a-0123abcd-eu-west-1_role",
            "trailbell-se_slack-eu-west-1_role",
            "trailbell-sec_slack_role",
            "trailbell-sec_us-east-1_role",
        ] {
            assert_eq!(scope.region_of_role(other), None, "{other}");
        }
    }

    #[test]
    fn a_relay_rule_leads_to_its_destination() {
        for id in ["slack", "security"] {
            let id = DestinationId::new(id);
            assert_eq!(DestinationId::of_relay(&id.relay()), Some(id));
        }
        for other in ["relay-", "relay-a-function", "relays", "a"] {
            assert_eq!(DestinationId::of_relay(other), None, "{other}");
        }
    }

    #[test]
    fn every_stack_has_room_for_some_characters() {
        assert_eq!(scope().max_destination(), 32);
        let longest = Scope::offline(None, "ap-northeast-1", &"a".repeat(super::super::max_stack("ap-northeast-1")));
        assert!(longest.expect("a good scope").max_destination() >= 9);
    }
}
