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

use serde::{Deserialize, Serialize};

pub use address::{Address, Kind};
pub use alarm::{AT_LEAST, Alarm, NOT_BREACHING, PERIOD_SECONDS, SUM, THRESHOLD};
pub use api_destination::{ACTIVE, ApiDestination};
pub use connection::{API_KEY, AUTHORIZED, Authorization, Connection, HEADER, UNUSED};
pub use field::{Field, FieldValue};
pub use filter::SubscriptionFilter;
pub use function::{Code, Function, FunctionNames, POLICY_NAME as FUNCTION_POLICY_NAME, RUNNING};
pub use log_group::{LogGroup, RETENTION_DAYS};
pub use metric_filter::{Metric, MetricFilter};
pub use permission::{EVENTS, INVOKE, LOGS, Permission};
pub use place::{MAX_FILTERS, MAX_METRIC_FILTERS, MAX_TARGETS, Place};
pub use policy::Policy;
pub use queue::{Queue, RETENTION_SECONDS};
pub use role::{POLICY_NAME, Role};
pub use rule::{ENABLED, ENABLED_WITH_ALL, Rule};
pub use target::{Input, RetryPolicy, TARGET_ID, Target};

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

/// What every kind says about itself.
pub trait Describe {
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

/// One resource of any kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Resource {
    /// See [`Connection`].
    Connection(Connection),
    /// See [`ApiDestination`].
    ApiDestination(ApiDestination),
    /// See [`Role`].
    Role(Role),
    /// See [`Queue`].
    Queue(Queue),
    /// See [`Rule`].
    Rule(Rule),
    /// See [`Target`].
    Target(Target),
    /// See [`LogGroup`].
    LogGroup(LogGroup),
    /// See [`Function`].
    Function(Function),
    /// See [`Permission`].
    Permission(Permission),
    /// See [`SubscriptionFilter`].
    SubscriptionFilter(SubscriptionFilter),
    /// See [`Alarm`].
    Alarm(Alarm),
    /// See [`MetricFilter`].
    MetricFilter(MetricFilter),
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
        Some(Place { kind: self.address().kind, log_group })
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
