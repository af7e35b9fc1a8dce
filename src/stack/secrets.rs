//! The secrets of the destinations of a stack, resolved elsewhere.

use std::collections::BTreeMap;

use crate::name::DestinationId;
use crate::secret::Secret;

/// The secrets of a stack's destinations, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets {
    of: BTreeMap<DestinationId, Secret>,
    /// That of any other destination.
    any: Option<Secret>,
}

impl Secrets {
    /// That of a destination.
    #[must_use]
    pub fn get(&self, id: &DestinationId) -> Option<&Secret> {
        self.of.get(id).or(self.any.as_ref())
    }

    /// Adds that of a destination.
    pub fn insert(&mut self, id: DestinationId, secret: Secret) {
        self.of.insert(id, secret);
    }
}

impl From<&Secrets> for Secrets {
    fn from(secrets: &Secrets) -> Self {
        secrets.clone()
    }
}

/// One secret for whatever destinations there are, or none.
impl From<Option<&Secret>> for Secrets {
    fn from(secret: Option<&Secret>) -> Self {
        Self { of: BTreeMap::new(), any: secret.cloned() }
    }
}
