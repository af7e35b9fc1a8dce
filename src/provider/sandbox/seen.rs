//! What AWS would show of an object in the sandbox, and whether it is under the names of a stack.

use super::world::Object;
use crate::compile::Names;
use crate::live::Observed;
use crate::name::Scope;
use crate::resource::mark::{is_marked, is_tagged, managed_tags, split_fingerprint};
use crate::resource::{Authorization, Connection, FunctionNames, Kind, Resource};
use crate::secret::Sealed;

/// Whether a name is one of the stack's.
pub(super) fn is_ours(resource: &Resource, scope: &Scope, names: &Names) -> bool {
    let name = resource.name();
    match resource.address().kind() {
        Kind::Role => scope.role_of(name).is_some(),
        Kind::Queue => name == names.queue.1,
        // It is called as its rule.
        Kind::Target => name.starts_with(&scope.prefix()),
        Kind::LogGroup => FunctionNames::of_log_group(scope, name).is_some(),
        kind => scope.parse(name).is_some_and(|(_, suffix)| suffix == kind.suffix()),
    }
}

/// The object as AWS returns it.
pub(super) fn observe(object: &Object, scope: &Scope) -> Observed {
    let mut resource = object.resource.clone();
    let is_marked = match &mut resource {
        Resource::Connection(one) => {
            restore_fingerprint(one, scope);
            is_marked(&one.description, scope)
        }
        Resource::ApiDestination(one) => is_marked(&one.description, scope),
        Resource::Role(one) => {
            one.tags = managed_tags(std::mem::take(&mut one.tags));
            is_tagged(&one.tags, scope) || is_marked(&one.description, scope)
        }
        Resource::Queue(one) => {
            one.tags = managed_tags(std::mem::take(&mut one.tags));
            is_tagged(&one.tags, scope)
        }
        Resource::Rule(one) => {
            one.tags = managed_tags(std::mem::take(&mut one.tags));
            is_tagged(&one.tags, scope) || is_marked(&one.description, scope)
        }
        Resource::LogGroup(one) => {
            one.tags = managed_tags(std::mem::take(&mut one.tags));
            is_tagged(&one.tags, scope)
        }
        Resource::Function(one) => {
            one.tags = managed_tags(std::mem::take(&mut one.tags));
            is_tagged(&one.tags, scope) || is_marked(&one.description, scope)
        }
        Resource::SubscriptionFilter(one) => one.leads_home(scope),
        Resource::Alarm(one) => {
            one.tags = managed_tags(std::mem::take(&mut one.tags));
            is_tagged(&one.tags, scope) || is_marked(&one.description, scope)
        }
        // The name is its mark, and things of other names are not seen.
        Resource::MetricFilter(_) => true,
        Resource::Target(_) | Resource::Permission(_) => false,
    };
    Observed { resource, arn: object.arn.clone(), is_marked }
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
