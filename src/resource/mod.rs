//! What exists in AWS, as plain data: no SDK, no effects.
//!
//! A resource describes itself in one file: its fields, what it depends on, its name. `compile` makes desired ones,
//! `provider` reads live ones, `plan` compares them field by field without knowing kinds. To add a kind: a file here, a
//! line in [`Kind`], [`Resource`] and `each!`; the compiler then names what is missing.

mod address;
mod alarm;
pub mod allow;
mod api_destination;
mod connection;
mod field;
mod filter;
mod function;
mod log_group;
pub mod mark;
mod metric_filter;
mod permission;
mod place;
pub mod policy;
mod queue;
mod role;
mod rule;
mod target;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use address::Identify;

pub use address::Address;
pub use alarm::{AT_LEAST, Alarm, NOT_BREACHING, PERIOD_SECONDS, SUM, THRESHOLD};
pub use api_destination::{ACTIVE, ApiDestination};
pub use connection::{API_KEY, AUTHORIZED, Authorization, Connection, HEADER, UNUSED};
pub use field::{Field, FieldValue};
pub use filter::{FilterId, SubscriptionFilter};
pub use function::{Code, Function, FunctionNames, POLICY_NAME as FUNCTION_POLICY_NAME, RUNNING};
pub use log_group::{LogGroup, RETENTION_DAYS};
pub use metric_filter::{Metric, MetricFilter};
pub use permission::{EVENTS, INVOKE, LOGS, Permission, PermissionId, Source};
pub use place::{MAX_FILTERS, MAX_METRIC_FILTERS, MAX_TARGETS, Place};
pub use policy::Policy;
pub use queue::{Queue, RETENTION_SECONDS};
pub use role::{POLICY_NAME, Role};
pub use rule::{ENABLED, ENABLED_WITH_ALL, Rule};
pub use target::{Input, Leads, RetryPolicy, Target, TargetId};

use crate::secret::Sealed;

/// An ARN that is known, or that of a resource which gets it when it is created (connections and API destinations end in
/// a random id).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arn {
    /// The ARN.
    Known(String),
    /// The ARN of that resource.
    Of(Address),
}

impl Arn {
    /// What is shown of it.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Known(arn) => arn.clone(),
            Self::Of(address) => format!("(ARN of {})", address.short()),
        }
    }
}

/// The ARNs of resources that exist.
pub type Arns = BTreeMap<Address, String>;

/// What every kind says about all resources of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// The kind in an address.
    pub name: &'static str,
    /// The last part of the name in AWS.
    pub suffix: &'static str,
    /// What AWS calls it, for messages.
    pub title: &'static str,
}

/// What every kind says about itself.
pub trait Describe {
    /// What is true of all resources of the kind.
    const ABOUT: About;
    /// Its identity.
    fn address(&self) -> &Address;
    /// What it is called in AWS.
    fn name(&self) -> &str;
    /// What must exist before it; nothing, for most kinds.
    fn depends_on(&self) -> Vec<Address> {
        Vec::new()
    }
    /// Its managed properties in normal form, always the same ones in the same order.
    fn fields(&self) -> Vec<Field>;
}

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
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case", tag = "kind")]
        pub enum Resource {
            $(#[doc = concat!("See [`", stringify!($kind), "`].")] $kind($kind),)+
        }
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
    /// EventBridge rule.
    Rule(String),
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

    /// What must exist before it.
    #[must_use]
    pub fn depends_on(&self) -> Vec<Address> {
        each!(self, one => one.depends_on())
    }

    /// Its managed properties in normal form.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        each!(self, one => one.fields())
    }

    /// The ARN that some field of it takes from another resource.
    pub fn arns_mut(&mut self) -> Vec<&mut Arn> {
        match self {
            Self::ApiDestination(one) => vec![&mut one.connection],
            Self::Target(one) => vec![&mut one.arn],
            Self::SubscriptionFilter(one) => vec![&mut one.destination],
            _ => Vec::new(),
        }
    }

    /// The place on a log group that it takes, if it does.
    #[must_use]
    pub fn place(&self) -> Option<Place<'_>> {
        let log_group = match self {
            Self::SubscriptionFilter(one) => &one.log_group,
            Self::MetricFilter(one) => &one.log_group,
            _ => return None,
        };
        Some(Place { kind: self.address().kind(), log_group })
    }

    /// The secret it carries, if any.
    pub fn sealed_mut(&mut self) -> Option<&mut Sealed> {
        match self {
            Self::Connection(Connection { authorization: Authorization::Bearer(sealed), .. }) => Some(sealed),
            Self::ApiDestination(one) => Some(&mut one.endpoint),
            _ => None,
        }
    }
}

/// Resources by identity; sorted, so that everything made of it is stable.
pub type ResourceSet = BTreeMap<Address, Resource>;

/// Resources as a set.
pub fn set(resources: impl IntoIterator<Item = Resource>) -> ResourceSet {
    resources.into_iter().map(|one| (one.address().clone(), one)).collect()
}
