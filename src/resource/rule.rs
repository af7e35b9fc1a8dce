//! EventBridge rule: which events of a bus match. Alerts' rules are on the default bus, the relay rule on the stack's own.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::about::{ANY, Calls, NeededBy, When};
use super::address::{Identify, by_text};
use super::edge::{Edge, EdgeEnd, Relation};
use super::{About, Address, Alarm, Describe, EventBus, Field, Id, Kind, OnRemoval, Pause, Room, Within, limit};
use crate::name::{DEFAULT_BUS, DestinationId, RELAY, Scope};

/// What its calls are made on.
const ON: &[&str] = &["arn:aws:events:REGION:ACCOUNT:rule/trailbell-STACK_*"];

/// Where the relay rule's pattern says what channel a message has.
const CHANNEL: &str = "/detail/message/channel";
/// How long a new rule, or target, may be without effect; AWS names no number.
pub(super) const SETTLING_SECONDS: u64 = 30;

/// The state of a rule that listens.
pub const ENABLED: &str = "ENABLED";
/// The state of a rule that also receives read-only management events of CloudTrail.
pub const ENABLED_WITH_ALL: &str = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";

/// What the name of a rule for some of an alert's calls ends with; the digest of their names follows.
const GROUP: &str = "rule-";
/// In the place of such a digest: of the rule that receives what becomes of an alarm.
const ALARM: &str = "alarm";
/// Where the pattern of such a rule says which alarm it is.
const OF_ALARM: &str = "/resources/0";
/// How many hexadecimal digits such a digest has.
const GROUP_DIGITS: usize = 8;

/// What tells a rule from others: `a` is the rule `a` on the default bus, `a:1f3c2a9b` the one for some of its calls, `a:alarm` the
/// one for its alarm, `a@b` the one on the stack's bus `b`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RuleId {
    /// The id of its alert, or `relay`.
    pub rule: String,
    /// The digest of the names of the calls it is about, where an alert has a rule for each group of names; `alarm` for the rule
    /// that receives what becomes of an alarm.
    pub group: Option<String>,
    /// The id of its bus; none for the default bus.
    pub bus: Option<String>,
}

impl RuleId {
    /// A rule on the default bus.
    #[must_use]
    pub fn of(rule: impl Into<String>) -> Self {
        Self { rule: rule.into(), group: None, bus: None }
    }

    /// The rule of an alert, or its rule for the group of calls with this digest.
    #[must_use]
    pub fn of_alert(scope: &Scope, alert: &str, group: Option<&str>) -> Self {
        let id = Self { rule: String::new(), group: group.map(str::to_owned), bus: None };
        Self { rule: scope.fit(alert, &id.suffix()), ..id }
    }

    /// The rule for the alarm of an alert.
    #[must_use]
    pub fn of_alarm(scope: &Scope, alert: &str) -> Self {
        Self::of_alert(scope, alert, Some(ALARM))
    }

    /// What the rule's name in AWS ends with.
    #[must_use]
    pub fn suffix(&self) -> String {
        self.group.as_ref().map_or_else(|| Kind::Rule.suffix().to_owned(), |group| format!("{GROUP}{group}"))
    }

    /// The digest of its alert's id, however much of it the name keeps. Relay rules have one in common.
    #[must_use]
    pub fn alert(&self, scope: &Scope) -> String {
        if self.bus.as_deref() == Some(RELAY) {
            return scope.digest_of_alert(RELAY);
        }
        scope.digest_of(&self.rule, &self.suffix())
    }

    /// The relay rule of a destination, on the stack's own bus.
    #[must_use]
    pub fn relay(to: &DestinationId) -> Self {
        Self { bus: Some(RELAY.to_owned()), ..Self::of(to.relay()) }
    }

    /// The destination that it posts to, if it is a relay rule.
    #[must_use]
    pub fn relays_to(&self) -> Option<DestinationId> {
        self.bus.as_ref().filter(|bus| *bus == RELAY).and_then(|_| DestinationId::of_relay(&self.rule))
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rule)?;
        for (sign, part) in [(':', &self.group), ('@', &self.bus)] {
            if let Some(part) = part {
                write!(f, "{sign}{part}")?;
            }
        }
        Ok(())
    }
}

impl Identify for RuleId {
    fn base(&self) -> &str {
        &self.rule
    }

    fn read(text: &str) -> Option<Self> {
        let split = |text: &str, sign| match text.split_once(sign) {
            None => (text.to_owned(), None),
            Some((one, other)) => (one.to_owned(), Some(other.to_owned())),
        };
        let (text, bus) = split(text, '@');
        let (rule, group) = split(&text, ':');
        Some(Self { rule, group, bus })
    }
}

impl Ord for RuleId {
    fn cmp(&self, other: &Self) -> Ordering {
        by_text(self, other)
    }
}

impl PartialOrd for RuleId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The bus of a rule that says nothing about it.
pub(super) fn default_bus() -> String {
    DEFAULT_BUS.to_owned()
}

/// Whether a bus is the default one, which is not written down.
pub(super) fn is_default_bus(bus: &str) -> bool {
    bus == DEFAULT_BUS
}

/// What tells a name of a rule from the same name on another bus.
pub(super) fn on_bus(bus: &str, name: &str) -> String {
    if is_default_bus(bus) { name.to_owned() } else { format!("{bus}/{name}") }
}

/// An EventBridge rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its identity.
    pub address: Address,
    /// Its name in AWS, unique on its bus.
    pub name: String,
    /// The name of its bus.
    #[serde(default = "default_bus", skip_serializing_if = "is_default_bus")]
    pub bus: String,
    /// Words and marker.
    pub description: String,
    /// The event pattern as JSON; null on a live rule that has none.
    pub pattern: Value,
    /// A schedule someone added; trailbell sets none.
    pub schedule: Option<String>,
    /// [`ENABLED`] or [`ENABLED_WITH_ALL`] when it listens.
    pub state: String,
    /// Our tags.
    pub tags: BTreeMap<String, String>,
}

impl Rule {
    /// The id of a rule on the bus of this name; nothing when neither is one of the stack's.
    #[must_use]
    pub fn id_of(scope: &Scope, bus: &str, name: &str) -> Option<RuleId> {
        let (rule, suffix) = scope.parse(name)?;
        let is_digest = |text: &str| text.len() == GROUP_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let group = match suffix.strip_prefix(GROUP).filter(|text| *text == ALARM || is_digest(text)) {
            None if suffix != Kind::Rule.suffix() => return None,
            group => group.map(str::to_owned),
        };
        let bus =
            if is_default_bus(bus) { None } else { Some(EventBus::address_of_name(scope, bus)?.id.base().to_owned()) };
        Some(RuleId { rule: rule.to_owned(), group, bus })
    }

    /// The address of the relay rule of a destination in a region.
    #[must_use]
    pub fn relay_in(region: &str, to: &DestinationId) -> Address {
        Address::new(region, Id::Rule(RuleId::relay(to)))
    }

    /// The ARN of the alarm that it is about, if it is about one.
    #[must_use]
    pub fn alarm_arn(&self) -> Option<&str> {
        self.pattern.pointer(OF_ALARM)?.as_str().filter(|arn| arn.contains(":alarm:"))
    }

    /// Whether it receives events at all.
    #[must_use]
    pub fn listens(&self) -> bool {
        [ENABLED, ENABLED_WITH_ALL].contains(&self.state.as_str())
    }
}

impl Describe for Rule {
    const ABOUT: About = About {
        name: "rule",
        suffix: "rule",
        title: "rule",
        found: "by name, in the list of rules with this prefix; its mark is in tags and description",
        quota: "300 per event bus",
        calls: &[
            Calls::new(When::Plan, &["events:ListRules"], ANY).needed(NeededBy::Always),
            Calls::new(When::Plan, &["events:ListTagsForResource"], ON),
            Calls::new(When::Verify, &["events:TestEventPattern"], ANY),
            Calls::new(When::Redrive, &["events:TestEventPattern"], ANY),
            Calls::new(When::Apply, &["events:PutRule", "events:DeleteRule", "events:TagResource"], ON),
            Calls::new(When::Adopt, &["events:TagResource"], ON),
            Calls::new(When::Destroy, &["events:DeleteRule"], ON),
        ],
        note: "",
    };

    fn address(&self) -> &Address {
        &self.address
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn unique_name(&self) -> String {
        on_bus(&self.bus, &self.name)
    }

    fn is_ours_by_name(&self, scope: &Scope) -> bool {
        Self::id_of(scope, &self.bus, &self.name).is_some()
    }

    fn edges(&self, scope: &Scope) -> Vec<Edge> {
        let arn = scope.events_arn(&format!("event-bus/{}", self.bus));
        // The name says which stack, and the rule is where its bus is.
        let bus = EventBus::address_of_name(scope, &self.bus)
            .map(|bus| Address { region: self.address.region.clone(), ..bus });
        let alarm = self.alarm_arn().and_then(|arn| Alarm::address_of_arn(scope, arn));
        let about = alarm.map(|alarm| Edge::to(Relation::IsAbout, alarm));
        std::iter::once(Edge::new(Relation::ReadsFrom, EdgeEnd::known(bus, &arn))).chain(about).collect()
    }

    fn vouches(&self) -> bool {
        true
    }

    // Of the default event bus there is one in a region. On the stack's own there is no one else.
    fn room(&self) -> Option<Room<'_>> {
        let most = limit::RULES.in_region(&self.address.region);
        is_default_bus(&self.bus).then_some(Room { kind: Kind::Rule, within: Within::Region, most })
    }

    // The bus is the stack's if its relay rule is on it.
    fn brings(&self, relation: Relation) -> bool {
        relation == Relation::ReadsFrom
    }

    // Messages for the old channel may be under way while the notifier learns the new one.
    fn bridge(&self, before: &Self) -> Option<Self> {
        let (old, new) = (before.pattern.pointer(CHANNEL)?.as_array()?, self.pattern.pointer(CHANNEL)?.as_array()?);
        let mut both = self.clone();
        let channels: Vec<Value> = old.iter().chain(new.iter().filter(|one| !old.contains(one))).cloned().collect();
        *both.pattern.pointer_mut(CHANNEL)? = channels.into();
        Some(both)
    }

    // "Allow a short period of time for changes to take effect" (API reference, PutRule).
    fn settles(&self) -> Option<Pause> {
        Some(Pause::new(SETTLING_SECONDS, "until EventBridge uses the changed rule"))
    }

    // "Rule can't be deleted since it has targets."
    fn removal(&self, relation: Relation) -> OnRemoval {
        if relation == Relation::PartOf { OnRemoval::Forbids } else { OnRemoval::Stays }
    }

    fn alert(&self, scope: &Scope) -> Option<String> {
        match &self.address.id {
            Id::Rule(id) => Some(id.alert(scope)),
            _ => None,
        }
    }

    fn description_mut(&mut self) -> Option<&mut String> {
        Some(&mut self.description)
    }

    fn tags_mut(&mut self) -> Option<&mut BTreeMap<String, String>> {
        Some(&mut self.tags)
    }

    fn arn(&self, scope: &Scope, _id: &str) -> Option<String> {
        Some(scope.events_arn(&format!("rule/{}", on_bus(&self.bus, &self.name))))
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::plain("description", self.description.as_str()),
            Field::plain("event_pattern", self.pattern.clone()),
            Field::plain("schedule_expression", self.schedule.as_deref().map_or(Value::Null, Value::from)),
            Field::plain("state", self.state.as_str()),
            Field::plain("tags", json!(self.tags)),
        ]
    }
}
