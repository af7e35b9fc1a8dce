//! Addresses: what identifies a resource in a plan. As text they exist for people and for files alone.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::{self, Display};
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Id, Kind};
use crate::name::DestinationId;

/// The identity of a resource: `us-east-1/rule.cloudtrail-stop-logging`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The region it lives in, or, for IAM, serves.
    pub region: String,
    /// Its kind, and what tells it from others of its kind.
    pub id: Id,
}

/// What tells a resource from others of its kind. Its text is what [`Display`] writes; the order is that of the text.
pub(super) trait Identify: Display + Ord + Sized {
    /// Its first part: what belongs to one thing has it in common.
    fn base(&self) -> &str;
    /// Reads the text.
    fn read(text: &str) -> Option<Self>;
}

impl Identify for String {
    // What counts for a threshold has a part behind the alert's id.
    fn base(&self) -> &str {
        self.split_once('/').map_or(self, |(base, _)| base)
    }

    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

/// The order of two ids by their text: what is shown is sorted as people read it.
pub(super) fn by_text(one: &impl Display, other: &impl Display) -> Ordering {
    one.to_string().cmp(&other.to_string())
}

impl Address {
    /// An address.
    #[must_use]
    pub fn new(region: &str, id: Id) -> Self {
        Self { region: region.to_owned(), id }
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.id.kind()
    }

    /// The destination that a relay rule, or its target, posts to.
    #[must_use]
    pub fn relays_to(&self) -> Option<DestinationId> {
        match &self.id {
            Id::Rule(rule) => rule.relays_to(),
            Id::Target(target) => target.rule.relays_to(),
            _ => None,
        }
    }

    /// Without the region, where the region is clear.
    #[must_use]
    pub fn short(&self) -> String {
        format!("{}.{}", self.kind().name(), self.id)
    }
}

impl Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.region, self.short())
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = || {
            let (region, rest) = text.split_once('/')?;
            let (kind, id) = rest.split_once('.')?;
            let kind = Kind::ALL.iter().find(|one| one.name() == kind)?;
            Some(Self::new(region, Id::read(*kind, id)?))
        };
        parts().ok_or_else(|| format!("`{text}` is not an address"))
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Address {
    fn schema_name() -> Cow<'static, str> {
        "Address".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "What identifies a resource: its region, its kind, and its id, such as `us-east-1/rule.relay`.",
            "pattern": "^[a-z0-9-]+/[a-z_]+\\..+$",
        })
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::resource::{FilterId, Leads, PermissionId, PermissionSource, RuleId, SubscriptionId, TargetId};

    fn ids() -> impl Strategy<Value = Id> {
        let plain = || "[a-z0-9-]{1,12}";
        let group = || "[a-zA-Z0-9._/#-]{1,12}";
        let rule = || {
            (plain(), proptest::option::of(plain()), proptest::option::of(plain()))
                .prop_map(|(rule, group, bus)| RuleId { rule, group, bus })
        };
        let leads =
            prop_oneof![Just(Leads::Slack), plain().prop_map(Leads::Function), plain().prop_map(Leads::Destination)];
        let target = (rule(), leads).prop_map(|(rule, leads)| Id::Target(TargetId { rule, leads }));
        let sources = prop_oneof![
            Just(PermissionSource::Rules),
            Just(PermissionSource::Rule),
            "[0-9a-f]{12}".prop_map(PermissionSource::LogGroup),
            plain().prop_map(|text| PermissionSource::read(&text)),
        ];
        let permission =
            (plain(), sources).prop_map(|(function, source)| Id::Permission(PermissionId { function, source }));
        let filter = || (plain(), group()).prop_map(|(alert, log_group)| FilterId { alert, log_group });
        prop_oneof![
            plain().prop_map(Id::Connection),
            plain().prop_map(Id::ApiDestination),
            plain().prop_map(Id::Role),
            plain().prop_map(Id::Queue),
            plain().prop_map(Id::EventBus),
            rule().prop_map(Id::Rule),
            target,
            plain().prop_map(Id::LogGroup),
            plain().prop_map(Id::Function),
            permission,
            filter().prop_map(Id::SubscriptionFilter),
            plain().prop_map(Id::Alarm),
            filter().prop_map(Id::MetricFilter),
            plain().prop_map(Id::Schedule),
            plain().prop_map(Id::Topic),
            (plain(), "[a-z.+_-]{1,9}@[a-z.-]{1,9}")
                .prop_map(|(topic, email)| Id::Subscription(SubscriptionId { topic, email })),
            plain().prop_map(Id::DigestQueue),
            plain().prop_map(Id::LogPolicy),
        ]
    }

    proptest! {
        #[test]
        fn an_address_reads_back(id in ids()) {
            let address = Address::new("us-east-1", id);
            prop_assert_eq!(address.to_string().parse(), Ok(address.clone()));
            prop_assert!(address.id.to_string().starts_with(address.id.base()));
        }

        #[test]
        fn addresses_are_sorted_as_people_read_them(one in ids(), other in ids()) {
            let by_text = (one.kind(), one.to_string()).cmp(&(other.kind(), other.to_string()));
            prop_assert_eq!(one.cmp(&other), by_text);
            prop_assert_eq!(one == other, by_text.is_eq());
        }
    }

    #[test]
    fn addresses_are_written_as_they_always_were() {
        let all = [
            "us-east-1/connection.slack",
            "us-east-1/api_destination.slack",
            "us-east-1/role.slack-function",
            "us-east-1/queue.slack",
            "us-east-1/event_bus.relay",
            "us-east-1/rule.a",
            "us-east-1/rule.a:alarm",
            "us-east-1/rule.relay@relay",
            "us-east-1/target.a",
            "us-east-1/target.a/digest",
            "us-east-1/target.a/function-b",
            "us-east-1/target.a/staged",
            "us-east-1/target.relay@relay",
            "us-east-1/log_group.a",
            "us-east-1/log_group.a/staged",
            "us-east-1/function.a",
            "us-east-1/permission.a/logs-2f711b7c892c",
            "us-east-1/permission.a/rule",
            "us-east-1/permission.a/rules",
            "us-east-1/permission.a/somebody-elses",
            "us-east-1/subscription_filter.a@/aws/b.c",
            "us-east-1/alarm.a",
            "us-east-1/alarm.a/count",
            "us-east-1/metric_filter.a/count@/aws/b.c",
            "us-east-1/metric_filter.a@/aws/b.c",
            "us-east-1/schedule.a",
            "us-east-1/topic.a",
            "us-east-1/subscription.a/b.c@example.com",
            "us-east-1/digest_queue.a",
            "us-east-1/log_policy.staged",
        ];
        let read: Vec<Address> = all.iter().map(|text| text.parse().expect(text)).collect();
        assert!(read.is_sorted());
        assert_eq!(read.iter().map(ToString::to_string).collect::<Vec<_>>(), all);
        for bad in
            ["", "rule.a", "us-east-1/rule", "us-east-1/thing.a", "us-east-1/target.a/b", "us-east-1/permission.a"]
        {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
        assert!("us-east-1/metric_filter.a".parse::<Address>().is_err());
    }
}
