//! Fields: what of a resource is compared, in normal form, and what people see of it.

use serde_json::{Value, json};

use super::{Arn, Policy};
use crate::secret::Sealed;

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
        Self { words: policy.map(|policy| policy.sentences().into()), ..Self::plain(path, value) }
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
