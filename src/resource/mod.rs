//! What exists in AWS, as plain data: no SDK, no effects.
//!
//! A resource describes itself in one file: its fields, what it depends on, its name. `compile` makes desired ones,
//! `provider` reads live ones, `plan` compares them field by field without knowing kinds. To add a kind: a file here, a
//! line in [`Kind`], [`Resource`] and `each!`; the compiler then names what is missing.

mod api_destination;
mod connection;
pub mod mark;
pub mod policy;
mod queue;
mod role;
mod rule;
mod target;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

pub use api_destination::{ACTIVE, ApiDestination};
pub use connection::{API_KEY, AUTHORIZED, Authorization, Connection, HEADER, UNUSED};
pub use policy::Policy;
pub use queue::{Queue, RETENTION_SECONDS};
pub use role::{POLICY_NAME, Role};
pub use rule::{ENABLED, ENABLED_WITH_ALL, Rule};
pub use target::{Input, RetryPolicy, TARGET_ID, Target};

use crate::secret::Sealed;

/// The kinds of resources, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// EventBridge connection: holds the secret.
    Connection,
    /// EventBridge API destination: where Slack is.
    ApiDestination,
    /// IAM role that EventBridge takes on to call the destination.
    Role,
    /// SQS queue for what could not be delivered.
    Queue,
    /// EventBridge rule.
    Rule,
    /// EventBridge target of a rule.
    Target,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Connection, Self::ApiDestination, Self::Role, Self::Queue, Self::Rule, Self::Target];

    /// The kind in an address.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::ApiDestination => "api_destination",
            Self::Role => "role",
            Self::Queue => "queue",
            Self::Rule => "rule",
            Self::Target => "target",
        }
    }

    /// The last part of the name in AWS.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::ApiDestination => "destination",
            Self::Queue => "dead-letter-queue",
            other => other.name(),
        }
    }

    /// What AWS calls it, for messages.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::ApiDestination => "API destination",
            Self::Role => "IAM role",
            Self::Queue => "SQS queue",
            Self::Rule => "rule",
            Self::Target => "target",
        }
    }
}

/// The identity of a resource: `us-east-1/rule.cloudtrail-stop-logging`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The region it lives in, or, for IAM, serves.
    pub region: String,
    /// Its kind.
    pub kind: Kind,
    /// The alert's id, `slack` for what belongs to the Slack destination, `relay` for trailbell's own rule.
    pub id: String,
}

impl Address {
    /// An address.
    pub fn new(region: &str, kind: Kind, id: impl Into<String>) -> Self {
        Self { region: region.to_owned(), kind, id: id.into() }
    }

    /// Without the region, where the region is clear.
    #[must_use]
    pub fn short(&self) -> String {
        format!("{}.{}", self.kind.name(), self.id)
    }
}

impl fmt::Display for Address {
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
            let kind = Kind::ALL.into_iter().find(|one| one.name() == kind)?;
            Some(Self::new(region, kind, id))
        };
        parts().ok_or_else(|| format!("`{text}` is not an address"))
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

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

/// One managed property of a resource, in the normal form in which desired and live are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name, as in AWS, in snake case.
    pub path: &'static str,
    /// Its value, compared.
    pub value: FieldValue,
    /// What people see instead of the value, where the normal form is hard to read.
    pub words: Option<Value>,
    /// AWS cannot change it in place.
    pub forces_replace: bool,
    /// When it takes this value, what uses the resource must be ready for it.
    pub users_first: bool,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldValue {
    /// Anything that may be shown.
    Plain(Value),
    /// A secret.
    Sealed(Sealed),
}

impl Field {
    pub(crate) fn plain(path: &'static str, value: impl Into<Value>) -> Self {
        Self { path, value: FieldValue::Plain(value.into()), words: None, forces_replace: false, users_first: false }
    }

    pub(crate) fn sealed(path: &'static str, value: &Sealed) -> Self {
        Self { path, value: FieldValue::Sealed(value.clone()), words: None, forces_replace: false, users_first: false }
    }

    pub(crate) fn arn(path: &'static str, arn: &Arn) -> Self {
        Self::plain(path, arn.label())
    }

    pub(crate) fn policy(path: &'static str, policy: Option<&Policy>) -> Self {
        let value = policy.map_or(Value::Null, Policy::canonical);
        Self { words: policy.map(|policy| policy.sentences().join("; ").into()), ..Self::plain(path, value) }
    }

    pub(crate) fn after_users(mut self, users_first: bool) -> Self {
        self.users_first = users_first;
        self
    }

    pub(crate) fn fixed(mut self) -> Self {
        self.forces_replace = true;
        self
    }

    /// What people see of the value.
    #[must_use]
    pub fn shown(&self) -> Value {
        match &self.value {
            FieldValue::Plain(value) => self.words.clone().unwrap_or_else(|| value.clone()),
            FieldValue::Sealed(sealed) => json!(sealed.label()),
        }
    }
}

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
            _ => Vec::new(),
        }
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
