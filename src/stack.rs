//! A stack: one installation of blueprints in one account and region, with its way to Slack.
//!
//! The types are the file format; `check` loads a file and every blueprint it names, and `alert::Installation` is what comes
//! of it. Secrets are only ever references here; `cli::secrets` resolves them, `compile` receives the result.

mod destination;
mod secrets;
pub mod topic;

use std::collections::BTreeMap;

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::blueprint::{Urgency, version};
use crate::document::ReservedKey;
use crate::name::{DestinationId, WATCH};
use crate::suppression::Suppression;

pub use destination::{AccountRoute, Destination, NamedDestination, Recipients, Routing, Slack, SlackDestination};
pub use secrets::Secrets;
pub use topic::{NamedTopic, Sns, SnsDestination, TopicFormat};

pub use crate::blueprint::pack::WrittenThreshold;

/// The file that commands about a stack read when none is named.
pub const DEFAULT_FILE: &str = "trailbell.yaml";
/// Where Slack's Web API is, unless the stack says otherwise.
pub const SLACK_API: &str = "https://slack.com/api";
/// It, and that for governments (Slack's documentation, "`GovSlack`").
pub const SLACK_APIS: [&str; 2] = [SLACK_API, "https://slack-gov.com/api"];

/// One installation of blueprints in one account and region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stack {
    /// The version of this file's format: 1, which is also the default.
    #[serde(default = "version")]
    pub version: u32,
    /// The stack's name: lowercase letters, digits, and hyphens, at most 20. The name of every resource in AWS
    /// contains it.
    pub stack: String,
    /// The AWS region, such as `us-east-1`. Alerts receive the events of this region.
    pub region: String,
    /// The account the stack belongs to. If set, trailbell refuses to work in any other account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Names of accounts, by id: messages show them beside the id. The name of the stack's own account needs `account`. With
    /// `forwarded` accounts, the notifier writes the cards, since one message cannot name several accounts otherwise.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub accounts: BTreeMap<String, String>,
    /// Where other names of accounts come from. `organizations`: `plan` and `apply` read them from AWS Organizations, which only
    /// the management account and delegated administrators are allowed to; a name in `accounts` comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_names: Option<AccountNames>,
    /// Other accounts and regions whose events are forwarded to the event bus of this stack. Without it, alerts receive the
    /// events of their own account and region only.
    #[serde(default, skip_serializing_if = "Forwarded::is_empty")]
    pub forwarded: Forwarded,
    /// The way to Slack: one destination, or several by name.
    pub slack: Slack,
    /// SNS topics by name, as destinations beside Slack: of the stack, with email addresses, or ones that exist.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sns: Sns,
    /// With several destinations: where the messages of alerts go, by severity, and by `default` for all others; with `accounts`,
    /// those about events of some accounts go somewhere else. An alert's own `to` comes first.
    #[serde(default, skip_serializing_if = "Routing::is_empty")]
    pub to: Routing,
    /// What is alerted on.
    pub alerts: Vec<AlertUse>,
    /// Alerts about the alerting chain itself: someone else changes what the stack has in AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_watch: Option<SelfWatch>,
    /// Tags that every resource gets that can have tags: roles, queues, the event bus, rules, log groups, functions, alarms, and
    /// topics. Values are text: `cost-center: "1234"`. Tags that are not in this list are left alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// What the organization requires of IAM roles.
    #[serde(default, skip_serializing_if = "Iam::is_default")]
    pub iam: Iam,
    /// How long after each apply the stack expires, such as `2h` or `3d`: `trailbell reap` removes expired stacks. For test
    /// stacks. Default: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// The ARN of a KMS key that encrypts queues, topics, the log groups of the stack's functions, and connections. Its policy
    /// must allow that; trailbell reads the policy and never writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// What others attached to the stack's resources and may stay there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmanaged: Vec<Accepted>,
    /// Quotas of the account that AWS raised. Without it, plan counts with AWS's defaults.
    #[serde(default, skip_serializing_if = "Quotas::is_default")]
    pub quotas: Quotas,
}

/// Where names of accounts come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountNames {
    /// AWS Organizations.
    Organizations,
}

/// How a stack watches its own alerting chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SelfWatch {
    /// The Slack destination that is the second path, not the main one. Default: a second path of its own, with the secret of the
    /// main destination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The ARNs of the roles that run trailbell. What they change with trailbell is not reported, what they change with another
    /// program is. Default: every change is reported, those of `trailbell apply` too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applied_by: Vec<String>,
    /// How often the stack makes a harmless call, to notice when it no longer receives events: an alarm reports that two in a row are
    /// missing. Whole minutes, from `5m` to `12h`; default: `15m`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat: Option<String>,
}

/// What the time between two heartbeats looks like.
pub const HEARTBEAT_FORM: &str = "a time in whole minutes from `5m` to `12h`, such as `15m`";
/// The default time between two heartbeats, in minutes: three times what CloudTrail needs for an event on average, which is about five
/// minutes and not guaranteed (CloudTrail user guide, "How CloudTrail works").
const HEARTBEAT_MINUTES: u32 = 15;

/// The time between two heartbeats in minutes; `None` for an invalid one. CloudWatch evaluates an alarm over at most one day, which is
/// twice twelve hours (CloudWatch API reference, `PutMetricAlarm`).
#[must_use]
pub fn heartbeat_minutes(text: &str) -> Option<u32> {
    digest_minutes(text).filter(|minutes| *minutes <= 12 * 60)
}

impl SelfWatch {
    /// The time between two heartbeats, in minutes. An invalid one is a finding, and counts as the default.
    #[must_use]
    pub fn heartbeat_minutes(&self) -> u32 {
        self.heartbeat.as_deref().and_then(heartbeat_minutes).unwrap_or(HEARTBEAT_MINUTES)
    }

    /// The second path.
    #[must_use]
    pub fn second_path(&self) -> DestinationId {
        DestinationId::new(self.to.as_deref().unwrap_or(WATCH))
    }
}

/// Quotas of the account, in the region of the stack, that AWS raised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quotas {
    /// EventBridge's "Number of rules", per event bus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<usize>,
    /// EventBridge's "Event pattern size", in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_pattern: Option<usize>,
    /// EventBridge's "Event buses".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_buses: Option<usize>,
    /// EventBridge's "Connections".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connections: Option<usize>,
    /// EventBridge's "Api destinations".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_destinations: Option<usize>,
}

impl Quotas {
    /// Whether none was raised.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What the organization requires of the IAM roles of a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Iam {
    /// The ARN of the managed policy that is the permissions boundary of every role of the stack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary: Option<String>,
    /// The path of every role of the stack, such as `/security/`. Default: `/trailbell/STACK/`. A change replaces the roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl Iam {
    /// Whether nothing is required.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What the organization requires of everything that a stack has in AWS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    /// Tags beside the mark.
    pub tags: BTreeMap<String, String>,
    /// Of roles.
    pub iam: Iam,
    /// The key that encrypts what can be encrypted.
    pub kms_key: Option<String>,
}

/// Something that trailbell does not manage and that is meant to be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// Its address, as `trailbell plan` shows it: `role.slack/inline-policy.audit`.
    pub what: String,
    /// Why it is there, for the next reader.
    pub reason: String,
}

/// What a time looks like after which a stack expires.
pub const LIFETIME_FORM: &str = "a time such as `30m`, `2h`, or `3d`, from one minute to one year";

/// What the period of a digest looks like.
pub const DIGEST_FORM: &str = "a time in whole minutes from `5m` to `1d`, such as `15m`";

/// The period of a digest in minutes; `None` for what is none.
#[must_use]
pub fn digest_minutes(text: &str) -> Option<u32> {
    let period = lifetime(text).filter(|period| period.as_secs() % 60 == 0)?;
    u32::try_from(period.as_mins()).ok().filter(|minutes| (5..=1_440).contains(minutes))
}

/// The time after which a stack expires; `None` for what is none.
#[must_use]
pub fn lifetime(text: &str) -> Option<SignedDuration> {
    // A day has 24 hours here: the time is counted in UTC.
    let (days, rest) = match text.trim().split_once('d') {
        Some((days, rest)) if days.bytes().all(|byte| byte.is_ascii_digit()) => (days.parse().ok()?, rest.trim()),
        _ => (0, text),
    };
    let rest = if rest.is_empty() && days > 0 { SignedDuration::ZERO } else { rest.parse().ok()? };
    let whole = SignedDuration::from_hours(24).checked_mul(days)?.checked_add(rest)?;
    let allowed = SignedDuration::from_mins(1)..=SignedDuration::from_hours(24 * 366);
    allowed.contains(&whole).then_some(whole)
}

impl Stack {
    /// What the organization requires of everything that the stack has.
    #[must_use]
    pub fn requirements(&self) -> Requirements {
        Requirements { tags: self.tags.clone(), iam: self.iam.clone(), kms_key: self.kms_key.clone() }
    }
}

/// Where events are forwarded from, by rules that send them to the event bus of the stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Forwarded {
    /// Account ids. Remediations run on events of the stack's own account all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
    /// Regions, such as `us-east-1`, where global services record their events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
}

impl Forwarded {
    /// Whether nothing is forwarded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.regions.is_empty()
    }
}

/// One blueprint in use, or all of a pack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertUse {
    /// A built-in blueprint's name, or the path of a blueprint file that starts with `./`, `../` or `/`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub blueprint: String,
    /// Instead of `blueprint`, the name of a pack: all of its blueprints. An alert that the stack lists itself takes the place of
    /// the pack's alert with the same id.
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
    /// The blueprints of the pack that are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// The name of this alert in the stack. Default: the blueprint's name. Unique in the stack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Values for the blueprint's parameters. Of a pack, every blueprint gets those that it has a parameter for.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub with: Map<String, Value>,
    /// Whether the alert has resources. `false`: the next apply removes them; the alert is still checked and tested. For a pack,
    /// this, `severity`, `digest`, `suppress`, and `to` are about each of its alerts.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub enabled: bool,
    /// How urgent the alert is here, instead of the blueprint's severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Urgency>,
    /// How often the events of the alert are told of together, such as `15m` or `1d`: one message counts them, and there is none
    /// without events. From `5m` to `1d`. Default: a message for each event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Events that are expected: for them the alert does not fire.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppress: Vec<Suppression>,
    /// Where its messages go: the name of a destination, or a list of names. Of a pack, for each of its alerts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Recipients>,
    /// `staged`: the alert collects its events in a log group of the stack for 30 days, and sends no message; its remediation does
    /// not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<AlertState>,
    /// One message when enough events or log lines come within some time, instead of one for each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<WrittenThreshold>,
}

/// What an alert does with its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AlertState {
    /// They send messages, which is also what happens when nothing is said.
    Active,
    /// They are collected.
    Staged,
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
const fn is_yes(given: &bool) -> bool {
    *given
}

/// Keys that later versions of the format use.
pub const RESERVED: &[ReservedKey] =
    &[ReservedKey { within: "", key: "regions", instead: "a stack has one region; use one stack per region" }];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_of_digests_are_whole_minutes_from_five_to_a_day() {
        for (text, minutes) in [("5m", 5), ("15m", 15), ("1h", 60), ("90m", 90), ("1d", 1_440), ("24h", 1_440)] {
            assert_eq!(digest_minutes(text), Some(minutes), "{text}");
        }
        for text in ["", "4m", "5m 1s", "25h", "2d", "daily", "15"] {
            assert_eq!(digest_minutes(text), None, "{text}");
        }
    }

    #[test]
    fn lifetimes_are_read_as_people_write_them() {
        for (text, minutes) in [("1m", 1), ("2h", 120), ("1h 30m", 90), ("3d", 4320), ("1d2h", 1560), ("1d 2h", 1560)] {
            assert_eq!(lifetime(text), Some(SignedDuration::from_mins(minutes)), "{text}");
        }
        for text in ["", "0s", "59s", "2", "-2h", "367d", "tomorrow", "d", "2h ago", "9999999999999999999d", "1d1d"] {
            assert_eq!(lifetime(text), None, "{text}");
        }
    }
}
