//! What AWS would show of an object in the sandbox.

use super::world::Object;
use crate::live::Observed;
use crate::name::Scope;
use crate::resource::mark::{is_marked, managed_tags, split_fingerprint};
use crate::resource::{Authorization, Connection, Resource};
use crate::secret::Sealed;

/// The object as AWS returns it.
pub(super) fn observe(object: &Object, scope: &Scope) -> Observed {
    let mut resource = object.resource.clone();
    if let Resource::Connection(one) = &mut resource {
        restore_fingerprint(one, scope);
    }
    if let Some(tags) = resource.tags_mut() {
        *tags = managed_tags(std::mem::take(tags));
    }
    Observed { is_marked: resource.is_marked(scope), arn: object.arn.clone(), resource }
}

/// What the description tells about the secret, as with AWS: the value itself never comes back.
fn restore_fingerprint(connection: &mut Connection, scope: &Scope) {
    let (description, fingerprint) = split_fingerprint(&connection.description);
    connection.authorization = match fingerprint {
        Some(fingerprint) => Authorization::Bearer(Sealed { fingerprint: Some(fingerprint), ..Sealed::default() }),
        None if is_marked(&description, scope) => Authorization::Unused,
        None => Authorization::Unknown,
    };
    connection.description = description;
}
