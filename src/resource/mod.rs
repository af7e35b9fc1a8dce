//! What exists in AWS, as plain data: no SDK, no effects.
//!
//! A resource describes itself in one file: its fields, its edges to others, its mark, its names. `compile` makes desired
//! ones, `provider` reads live ones, `live` and `plan` sort, compare and order them without knowing kinds. To add a kind: a
//! file here, a line in `kinds!` and `each!`; the compiler then names what is missing.

pub mod about;
mod account;
mod address;
mod alarm;
pub mod allow;
mod any;
mod api_destination;
mod connection;
mod describe;
mod digest_queue;
pub mod edge;
mod event_bus;
mod field;
mod filter;
mod function;
pub mod limit;
mod log_group;
mod log_policy;
pub mod mark;
mod metric_filter;
mod pause;
mod permission;
pub mod policy;
mod queue;
mod role;
mod room;
mod rule;
mod schedule;
mod subscription;
mod target;
mod topic;

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use address::Identify;

pub use about::About;
pub use account::{Account, OnRemoval, Present, Rejection};
pub use address::Address;
pub use alarm::{AT_LEAST, Alarm, BREACHING, LESS_THAN, NOT_BREACHING, PERIOD_SECONDS, SUM, THRESHOLD};
pub use api_destination::{ACTIVE, ApiDestination, PostsAs};
pub use connection::{API_KEY, AUTHORIZED, Authorization, Connection, HEADER, UNUSED};
pub use describe::{Arn, Arns, Describe, OfKind};
pub use digest_queue::{DIGEST_RETENTION_SECONDS, DigestQueue};
pub use edge::{Edge, EdgeEnd};
pub use event_bus::EventBus;
pub use field::{Field, FieldValue};
pub use filter::{FilterId, MAX_FILTERS, SubscriptionFilter};
pub use function::{
    Function, FunctionNames, POLICY_NAME as FUNCTION_POLICY_NAME, PackedCode, RUNNING, kept_unreserved,
};
pub use limit::Limit;
pub use log_group::{LogGroup, RETENTION_DAYS};
pub use log_policy::LogPolicy;
pub use metric_filter::{MAX_METRIC_FILTERS, Metric, MetricFilter, Series};
pub use pause::Pause;
pub use permission::{EVENTS, INVOKE, LOGS, POLICY_FRAME, Permission, PermissionId, PermissionSource};
pub use policy::Policy;
pub use queue::{KEY_ACTIONS, LONGEST_LETTER_BYTES, Queue, RETENTION_SECONDS};
pub use role::{PERMISSIONS_BOUNDARY, POLICY_NAME, Role};
pub use room::{LogGroupRoom, Room, Within};
pub use rule::{ENABLED, ENABLED_WITH_ALL, Rule, RuleId};
pub use schedule::{SCHEDULE_GROUP, SCHEDULING_SERVICE, Schedule, SchedulerNames, UTC};
pub use subscription::{EMAIL, Subscription, SubscriptionId};
pub use target::{Leads, RetryPolicy, Target, TargetId, TargetInput};
pub use topic::Topic;

use crate::name::Scope;

/// The table of kinds, in the order in which they are shown: the type that holds one, and the type of what tells it from
/// others of its kind in a region.
macro_rules! kinds {
    ($($(#[$about:meta])* $kind:ident($id:ty),)+) => {
        /// The kinds of resources, in the order in which they are shown.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$about])* $kind,)+
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind,)+];

            /// The address of the resource of this kind and stack that an ARN names, where names are enough to tell.
            fn address_of_arn(self, scope: &Scope, arn: &str) -> Option<Address> {
                match self {
                    $(Self::$kind => $kind::address_of_arn(scope, arn),)+
                }
            }

            /// What the kind says about itself.
            #[must_use]
            pub const fn about(self) -> &'static About {
                match self {
                    $(Self::$kind => &$kind::ABOUT,)+
                }
            }
        }

        /// What tells a resource from others in a region: its kind, and what tells it from others of its kind.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Id {
            $(#[doc = concat!("Of a [`", stringify!($kind), "`].")] $kind($id),)+
        }

        impl Id {
            /// The kind.
            #[must_use]
            pub const fn kind(&self) -> Kind {
                match self {
                    $(Self::$kind(_) => Kind::$kind,)+
                }
            }

            /// What belongs to one thing has this in common: the alert's id, `slack`, `relay`, `notifier`.
            #[must_use]
            pub fn base(&self) -> &str {
                match self {
                    $(Self::$kind(id) => id.base(),)+
                }
            }

            /// Reads what [`fmt::Display`] writes for an id of a kind.
            fn read(kind: Kind, text: &str) -> Option<Self> {
                match kind {
                    $(Kind::$kind => <$id as Identify>::read(text).map(Self::$kind),)+
                }
            }
        }

        impl fmt::Display for Id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$kind(id) => id.fmt(f),)+
                }
            }
        }

        /// One resource of any kind.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case", tag = "kind")]
        pub enum Resource {
            $(#[doc = concat!("See [`", stringify!($kind), "`].")] $kind($kind),)+
        }

        $(impl From<$kind> for Resource {
            fn from(one: $kind) -> Self {
                Self::$kind(one)
            }
        })+

        $(impl OfKind for $kind {
            fn of(resource: &Resource) -> Option<&Self> {
                match resource {
                    Resource::$kind(one) => Some(one),
                    _ => None,
                }
            }
        })+
    };
}

kinds! {
    /// EventBridge connection: holds the secret.
    Connection(String),
    /// EventBridge API destination: where Slack is.
    ApiDestination(String),
    /// IAM role that EventBridge or a function takes on.
    Role(String),
    /// SQS queue for what could not be delivered.
    Queue(String),
    /// EventBridge event bus, the stack's own.
    EventBus(String),
    /// EventBridge rule.
    Rule(RuleId),
    /// EventBridge target of a rule.
    Target(TargetId),
    /// CloudWatch log group, of a function of ours, or for collected events.
    LogGroup(String),
    /// Lambda function.
    Function(String),
    /// Statement in a function's policy: who may call it.
    Permission(PermissionId),
    /// CloudWatch subscription filter on a log group.
    SubscriptionFilter(FilterId),
    /// CloudWatch alarm on a metric.
    Alarm(String),
    /// CloudWatch Logs metric filter on a log group.
    MetricFilter(FilterId),
    /// EventBridge Scheduler schedule.
    Schedule(String),
    /// SNS topic of the stack.
    Topic(String),
    /// Subscription of an email address to a topic.
    Subscription(SubscriptionId),
    /// SQS queue that keeps the events of an alert until its next digest.
    DigestQueue(String),
    /// CloudWatch Logs resource policy: who may write into log groups of ours.
    LogPolicy(String),
}

/// The same expression on whatever kind a resource is.
macro_rules! each {
    ($resource:expr, $one:ident => $body:expr) => {
        match $resource {
            $crate::resource::Resource::Connection($one) => $body,
            $crate::resource::Resource::ApiDestination($one) => $body,
            $crate::resource::Resource::Role($one) => $body,
            $crate::resource::Resource::Queue($one) => $body,
            $crate::resource::Resource::EventBus($one) => $body,
            $crate::resource::Resource::Rule($one) => $body,
            $crate::resource::Resource::Target($one) => $body,
            $crate::resource::Resource::LogGroup($one) => $body,
            $crate::resource::Resource::Function($one) => $body,
            $crate::resource::Resource::Permission($one) => $body,
            $crate::resource::Resource::SubscriptionFilter($one) => $body,
            $crate::resource::Resource::Alarm($one) => $body,
            $crate::resource::Resource::MetricFilter($one) => $body,
            $crate::resource::Resource::Schedule($one) => $body,
            $crate::resource::Resource::Topic($one) => $body,
            $crate::resource::Resource::Subscription($one) => $body,
            $crate::resource::Resource::DigestQueue($one) => $body,
            $crate::resource::Resource::LogPolicy($one) => $body,
        }
    };
}

pub(crate) use each;

impl Kind {
    /// The kind in an address.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.about().name
    }

    /// The last part of the name in AWS.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        self.about().suffix
    }

    /// What AWS calls it, for messages.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.about().title
    }
}

/// Resources by identity; sorted, so that everything made of it is stable.
pub type ResourceSet = BTreeMap<Address, Resource>;

/// Resources as a set.
pub fn set(resources: impl IntoIterator<Item = Resource>) -> ResourceSet {
    resources.into_iter().map(|one| (one.address().clone(), one)).collect()
}
