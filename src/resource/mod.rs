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
mod api_destination;
mod connection;
mod describe;
pub mod edge;
mod event_bus;
mod field;
mod filter;
mod function;
mod log_group;
pub mod mark;
mod metric_filter;
mod pause;
mod permission;
pub mod policy;
mod queue;
mod role;
mod room;
mod rule;
mod target;

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use address::Identify;

pub use about::About;
pub use account::{Account, OnRemoval, Present, Rejection};
pub use address::Address;
pub use alarm::{AT_LEAST, Alarm, NOT_BREACHING, PERIOD_SECONDS, SUM, THRESHOLD};
pub use api_destination::{ACTIVE, ApiDestination, PostsAs};
pub use connection::{API_KEY, AUTHORIZED, Authorization, Connection, HEADER, UNUSED};
pub use describe::{Arn, Arns, Describe, OfKind};
pub use edge::{Edge, EdgeEnd};
pub use event_bus::EventBus;
pub use field::{Field, FieldValue};
pub use filter::{FilterId, MAX_FILTERS, SubscriptionFilter};
pub use function::{
    Function, FunctionNames, POLICY_NAME as FUNCTION_POLICY_NAME, PackedCode, RUNNING, kept_unreserved,
};
pub use log_group::{LogGroup, RETENTION_DAYS};
pub use metric_filter::{MAX_METRIC_FILTERS, Metric, MetricFilter};
pub use pause::Pause;
pub use permission::{EVENTS, INVOKE, LOGS, Permission, PermissionId, PermissionSource};
pub use policy::Policy;
pub use queue::{LONGEST_LETTER_BYTES, Queue, RETENTION_SECONDS};
pub use role::{POLICY_NAME, Role};
pub use room::{LogGroupRoom, Room, Within};
pub use rule::{ENABLED, ENABLED_WITH_ALL, Rule, RuleId};
pub use target::{Leads, RetryPolicy, Target, TargetId, TargetInput};

use crate::name::Scope;
use crate::secret::Sealed;

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
    /// CloudWatch log group, of a function of ours.
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

impl Resource {
    /// Its identity.
    #[must_use]
    pub fn address(&self) -> &Address {
        each!(self, one => one.address())
    }

    /// What it is called in AWS.
    #[must_use]
    pub fn name(&self) -> &str {
        each!(self, one => one.name())
    }

    /// What tells it from others of its kind in a region.
    #[must_use]
    pub fn unique_name(&self) -> String {
        each!(self, one => one.unique_name())
    }

    /// Whether its name is one of the stack's.
    #[must_use]
    pub fn is_ours_by_name(&self, scope: &Scope) -> bool {
        each!(self, one => one.is_ours_by_name(scope))
    }

    /// How it is to others.
    #[must_use]
    pub fn edges(&self, scope: &Scope) -> Vec<Edge> {
        each!(self, one => one.edges(scope))
    }

    /// The resources of the stack that it has edges to.
    pub fn parts(&self, scope: &Scope) -> impl Iterator<Item = (edge::Relation, Address)> + use<> {
        self.edges(scope).into_iter().filter_map(|edge| match edge.end {
            EdgeEnd::Part(address) => Some((edge.relation, address)),
            EdgeEnd::Outside(_) | EdgeEnd::Unknown => None,
        })
    }

    /// Whether it is a part of another resource: it has no mark and goes with that.
    #[must_use]
    pub fn is_part(&self, scope: &Scope) -> bool {
        self.edges(scope).iter().any(|edge| edge.relation == edge::Relation::PartOf)
    }

    /// Its ARN, where it has one; `id` ends those that AWS ends with a random id.
    #[must_use]
    pub fn arn(&self, scope: &Scope, id: &str) -> Option<String> {
        each!(self, one => one.arn(scope, id))
    }

    /// Whether an ARN is the one that its name says.
    #[must_use]
    pub fn is_named_by(&self, scope: &Scope, arn: &str) -> bool {
        self.address().kind().address_of_arn(scope, arn).as_ref() == Some(self.address())
    }

    /// The tags that carry the mark.
    pub fn tags_mut(&mut self) -> Option<&mut BTreeMap<String, String>> {
        each!(self, one => one.tags_mut())
    }

    /// The description whose end is the mark.
    pub fn description_mut(&mut self) -> Option<&mut String> {
        each!(self, one => one.description_mut())
    }

    /// Whether it carries the mark of the stack.
    #[must_use]
    pub fn is_marked(&self, scope: &Scope) -> bool {
        each!(self, one => one.is_marked(scope))
    }

    /// Whether its mark is enough to make its parts ours, and what it brings with it.
    #[must_use]
    pub fn vouches(&self) -> bool {
        each!(self, one => one.vouches())
    }

    /// Whether the end of an edge of this role is ours when this is.
    #[must_use]
    pub fn brings(&self, relation: edge::Relation) -> bool {
        each!(self, one => one.brings(relation))
    }

    /// What it takes a place in, where there are few.
    #[must_use]
    pub fn room(&self) -> Option<Room<'_>> {
        each!(self, one => one.room())
    }

    /// Where it leads to, for people who look for who takes a place.
    #[must_use]
    pub fn leads_to(&self) -> String {
        each!(self, one => one.leads_to())
    }

    /// What its kind says of why an account would reject it.
    fn special_rejection(&self, scope: &Scope, account: &Account<'_>) -> Option<String> {
        each!(self, one => one.special_rejection(scope, account))
    }

    /// Makes it what an account keeps of it.
    pub fn keep(&mut self, before: Option<&Self>) {
        each!(self, one => one.keep(before.and_then(OfKind::of)));
    }

    /// Makes what an account keeps into what it tells.
    pub fn tell(&mut self, scope: &Scope) {
        each!(self, one => one.tell(scope));
    }

    /// What its removal means for something whose edge of this role leads to it.
    fn removal(&self, relation: edge::Relation) -> OnRemoval {
        each!(self, one => one.removal(relation))
    }

    /// What serves both what was and what this is; nothing where one step is enough.
    #[must_use]
    pub fn bridge(&self, before: &Self) -> Option<Self> {
        each!(self, one => one.bridge(OfKind::of(before)?).map(Self::from))
    }

    /// How long it takes until a change of it holds everywhere.
    #[must_use]
    pub fn settles(&self) -> Option<Pause> {
        each!(self, one => one.settles())
    }

    /// How long a call of it can go on after it was changed.
    #[must_use]
    pub fn lasts(&self) -> Option<Pause> {
        each!(self, one => one.lasts())
    }

    /// What tells the alert whose events pass through it.
    #[must_use]
    pub fn alert(&self, scope: &Scope) -> Option<String> {
        each!(self, one => one.alert(scope))
    }

    /// Its managed properties in normal form.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        each!(self, one => one.fields())
    }

    /// The ARNs that fields of it take from other resources.
    pub fn arns_mut(&mut self) -> Vec<&mut Arn> {
        each!(self, one => one.arns_mut())
    }

    /// The place on a log group that it takes, if it does.
    #[must_use]
    pub fn place(&self) -> Option<LogGroupRoom<'_>> {
        self.room().and_then(Room::place)
    }

    /// The secret it carries, if any.
    pub fn sealed_mut(&mut self) -> Option<&mut Sealed> {
        each!(self, one => one.sealed_mut())
    }
}

/// Resources by identity; sorted, so that everything made of it is stable.
pub type ResourceSet = BTreeMap<Address, Resource>;

/// Resources as a set.
pub fn set(resources: impl IntoIterator<Item = Resource>) -> ResourceSet {
    resources.into_iter().map(|one| (one.address().clone(), one)).collect()
}
