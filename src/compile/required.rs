//! What the organization requires of everything that a stack has: tags, and the boundary and the path of roles.
//!
//! Imposed on what is compiled, in one place: the makers of resources know nothing of it.

use crate::name::Scope;
use serde_json::json;

use crate::resource::{KEY_ACTIONS, Policy, Resource};
use crate::stack::{Iam, Requirements};

/// Makes the resources as they are required to be. The mark cannot be overridden: `check` rejects tags of its name.
pub(crate) fn impose(requirements: &Requirements, scope: &Scope, resources: &mut [Resource]) {
    for resource in resources {
        if let Some(tags) = resource.tags_mut() {
            let mark = std::mem::take(tags);
            tags.extend(requirements.tags.clone().into_iter().chain(mark));
        }
        of_roles(&requirements.iam, scope, resource);
        if let Some(key) = &requirements.kms_key {
            encrypted(key, resource);
        }
    }
}

/// What can be encrypted, and the roles of functions, which put what they failed on into the encrypted queue.
fn encrypted(key: &str, resource: &mut Resource) {
    match resource {
        Resource::Queue(queue) => queue.kms_key = Some(key.to_owned()),
        Resource::Topic(topic) => topic.kms_key = Some(key.to_owned()),
        Resource::DigestQueue(queue) => queue.kms_key = Some(key.to_owned()),
        Resource::LogGroup(group) => group.kms_key = Some(key.to_owned()),
        Resource::Connection(connection) => connection.kms_key = Some(key.to_owned()),
        Resource::Role(role) if !role.is_of_destination() => {
            let mut statements = role.policy.as_ref().map(Policy::statements).unwrap_or_default();
            statements.push(json!({ "Effect": "Allow", "Action": KEY_ACTIONS, "Resource": key }));
            role.policy = Some(Policy::all(&statements));
        }
        _ => {}
    }
}

/// A role under its path and boundary, and whatever names a role by its ARN, which contains the path.
fn of_roles(iam: &Iam, scope: &Scope, resource: &mut Resource) {
    let path = iam.path.as_deref();
    match resource {
        Resource::Role(role) => {
            role.boundary.clone_from(&iam.boundary);
            role.path = path.map_or_else(|| scope.role_path(), str::to_owned);
        }
        Resource::Function(function) => move_to(path, scope, &mut function.role_arn),
        Resource::Schedule(schedule) => move_to(path, scope, &mut schedule.role_arn),
        Resource::Target(target) => {
            if let Some(arn) = &mut target.role_arn {
                move_to(path, scope, arn);
            }
        }
        _ => {}
    }
}

fn move_to(path: Option<&str>, scope: &Scope, arn: &mut String) {
    if let Some((path, name)) = path.zip(arn.strip_prefix(&scope.role_arn(""))) {
        *arn = scope.role_arn_at(path, name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::function::{FunctionSpec, function};
    use crate::name::DestinationId;
    use crate::resource::PackedCode;
    use crate::resource::mark::{STACK_TAG, tags};

    #[test]
    fn roles_have_boundary_and_path_and_what_names_them_follows() {
        let scope = Scope::offline(None, "us-east-1", "sec").expect("a good scope");
        let spec = FunctionSpec {
            id: "slack",
            words: "Posts to Slack.",
            runtime: "nodejs24.x",
            handler: "index.handler",
            timeout_seconds: 30,
            memory_megabytes: 128,
            reserved_concurrency: None,
            code: PackedCode::new(Vec::new()),
            grants: Vec::new(),
            queue: DestinationId::slack(),
            posts_to: Vec::new(),
        };
        let mut all = function(&scope, spec);
        let before = all.clone();
        impose(&Requirements::default(), &scope, &mut all);
        assert_eq!(all, before, "nothing is required");
        let iam =
            Iam { boundary: Some("arn:aws:iam::123456789012:policy/b".to_owned()), path: Some("/a/b/".to_owned()) };
        let required = [("team".to_owned(), "x".to_owned()), (STACK_TAG.to_owned(), "other".to_owned())].into();
        impose(&Requirements { tags: required, iam: iam.clone(), kms_key: None }, &scope, &mut all);
        let [_, Resource::Role(role), Resource::Function(function)] = &all else { panic!("a role and a function") };
        assert_eq!((&role.boundary, &role.path), (&iam.boundary, &"/a/b/".to_owned()));
        assert_eq!(function.role_arn, format!("arn:aws:iam::123456789012:role/a/b/{}", role.name));
        let mut expected = tags(&scope);
        expected.insert("team".to_owned(), "x".to_owned());
        assert_eq!((&role.tags, &function.tags), (&expected, &expected), "the mark stays");
        // The role is the end of the edge under any path, and is found by its ARN alone only under its own.
        let parts: Vec<_> = all[2].parts(&scope).map(|(_, part)| part).collect();
        assert!(parts.contains(&role.address) && !parts.iter().any(|part| part.short() == "role.slack"), "{parts:?}");
    }
}
