//! IAM roles with their inline policy.

use std::collections::BTreeMap;

use aws_sdk_iam::types::Tag;
use percent_encoding::percent_decode_str;

use super::call::Service;
use super::error::unmanaged;
use super::wait::{gone_is_fine, unless_conflict, until_visible};
use super::{Aws, Manage};
use crate::compile::DestinationNames;
use crate::live::{Observed, Obstacle};
use crate::name::{DestinationId, Scope};
use crate::provider::{Context, ErrorKind, ProviderError, Search};
use crate::resource::mark::{is_marked, is_tagged};
use crate::resource::{Address, Id, Policy, Resource, Role};

const CREATE: &str = "iam:CreateRole";
const TAG: &str = "iam:TagRole";
const BOUND: &str = "iam:PutRolePermissionsBoundary";
/// The most roles that IAM lists on one page.
const PAGE: i32 = 1000;

impl Manage for Role {
    async fn current(&self, aws: &Aws, scope: &Scope) -> Result<Option<Observed>, ProviderError> {
        Ok(observe(aws, scope, &self.address, &self.name).await?.map(|(found, _)| found))
    }

    async fn create(&self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<Option<String>, ProviderError> {
        let request = aws
            .iam
            .create_role()
            .role_name(&self.name)
            .path(&self.path)
            .set_permissions_boundary(self.boundary.clone())
            .description(&self.description)
            .assume_role_policy_document(self.trust.to_json())
            .set_tags(Some(tags(self, CREATE)?));
        match aws.call(Service::Iam, CREATE, || request.clone().send()).await {
            Err(error) if error.kind == ErrorKind::Exists => {
                // An earlier attempt of ours whose answer was lost, or someone else's.
                match observe(aws, scope, &self.address, &self.name).await?.map(|(found, _)| found) {
                    Some(Observed { resource: Resource::Role(found), is_marked: true, .. })
                        if found.path == self.path =>
                    {
                        self.update(&found, aws, scope, context).await?;
                    }
                    _ => return Err(unmanaged(error)),
                }
            }
            created => {
                created?;
                put_policy(aws, self, context).await?;
            }
        }
        Ok(None)
    }

    async fn update(&self, live: &Self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        // First: what an organization allows on a role can depend on its boundary.
        if let Some(boundary) = self.boundary.as_ref().filter(|_| live.boundary != self.boundary) {
            let request =
                || aws.iam.put_role_permissions_boundary().role_name(&self.name).permissions_boundary(boundary);
            unless_conflict(context, || aws.call(Service::Iam, BOUND, || request().send())).await?;
        }
        if live.trust != self.trust {
            let request = || {
                let document = self.trust.to_json();
                aws.iam.update_assume_role_policy().role_name(&self.name).policy_document(document)
            };
            unless_conflict(context, || aws.call(Service::Iam, "iam:UpdateAssumeRolePolicy", || request().send()))
                .await?;
        }
        if live.description != self.description {
            let request = || aws.iam.update_role().role_name(&self.name).description(&self.description);
            unless_conflict(context, || aws.call(Service::Iam, "iam:UpdateRole", || request().send())).await?;
        }
        if live.policy != self.policy {
            if live.policy.is_none() && policy(aws, self).await?.is_some_and(|found| Some(found) != self.policy) {
                return Err(policy_exists(self));
            }
            put_policy(aws, self, context).await?;
        }
        if live.tags != self.tags {
            let tags = tags(self, TAG)?;
            let request = || aws.iam.tag_role().role_name(&self.name).set_tags(Some(tags.clone()));
            unless_conflict(context, || aws.call(Service::Iam, TAG, || request().send())).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let request = || aws.iam.delete_role_policy().role_name(&self.name).policy_name(self.policy_name());
        let action = "iam:DeleteRolePolicy";
        gone_is_fine(unless_conflict(context, || aws.call(Service::Iam, action, || request().send())).await)?;
        let request = || aws.iam.delete_role().role_name(&self.name);
        let sent = unless_conflict(context, || aws.call(Service::Iam, "iam:DeleteRole", || request().send())).await;
        gone_is_fine(sent).map(|_| ())
    }
}

/// Where the plan saw none, a policy of this name is one that it did not show.
fn policy_exists(role: &Role) -> ProviderError {
    let what =
        format!("the role `{}` has an inline policy `{}` since the plan was made", role.name, role.policy_name());
    ProviderError::new("iam:PutRolePolicy", ErrorKind::Exists, what)
        .hint("it was not changed: plan again to see what would become of it")
}

async fn put_policy(aws: &Aws, role: &Role, context: &Context<'_>) -> Result<(), ProviderError> {
    let Some(policy) = &role.policy else { return Ok(()) };
    let request = || {
        let request = aws.iam.put_role_policy().role_name(&role.name).policy_name(role.policy_name());
        request.policy_document(policy.to_json())
    };
    let send = || aws.call(Service::Iam, "iam:PutRolePolicy", || request().send());
    until_visible(context, "until IAM knows the new role", send).await.map(|_| ())
}

fn tags(role: &Role, action: &str) -> Result<Vec<Tag>, ProviderError> {
    let build = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    let built: Result<Vec<Tag>, _> = role.tags.iter().map(build).collect();
    built.map_err(|error| ProviderError::new(action, ErrorKind::Other, error.to_string()))
}

/// The stack's roles in this region, with what others attached to them. Those whose names are known are looked up by name,
/// which also finds a role that is not listed yet.
pub(super) async fn observe_all(
    aws: &Aws,
    scope: &Scope,
    search: Search<'_>,
) -> Result<(Vec<Observed>, Vec<Obstacle>), ProviderError> {
    let desired = search.desired.values().filter_map(|one| match one {
        Resource::Role(role) => Some((role.address.clone(), role.name.clone())),
        _ => None,
    });
    let mut names: BTreeMap<Address, String> =
        desired.chain([DestinationNames::of(scope, &DestinationId::slack()).role]).collect();
    names.extend(listed(aws, scope).await?);
    let looks = names.iter().map(|(address, name)| observe(aws, scope, address, name));
    let (mut observed, mut obstacles) = (Vec::new(), Vec::new());
    for (role, attached) in futures_util::future::try_join_all(looks).await?.into_iter().flatten() {
        observed.push(role);
        obstacles.extend(attached);
    }
    Ok((observed, obstacles))
}

/// The roles of the stack that are for this region, under any path: that of the stack file can change, and without a file it
/// is not known.
async fn listed(aws: &Aws, scope: &Scope) -> Result<Vec<(Address, String)>, ProviderError> {
    let here = names(aws).await?.into_iter().filter_map(|name| {
        let address = Address::new(scope.region(), Id::Role(scope.role_of(&name)?.to_owned()));
        Some((address, name))
    });
    Ok(here.collect())
}

/// The names of all roles of the account.
pub(super) async fn names(aws: &Aws) -> Result<Vec<String>, ProviderError> {
    let mut names = Vec::new();
    let mut marker = None;
    loop {
        let request = aws.iam.list_roles().max_items(PAGE).set_marker(marker);
        let page = aws.call(Service::Iam, "iam:ListRoles", || request.clone().send()).await?;
        names.extend(page.roles.into_iter().map(|role| role.role_name));
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(names);
        }
    }
}

async fn observe(
    aws: &Aws,
    scope: &Scope,
    address: &Address,
    name: &str,
) -> Result<Option<(Observed, Vec<Obstacle>)>, ProviderError> {
    let found = aws.call(Service::Iam, "iam:GetRole", || aws.iam.get_role().role_name(name).send()).await;
    let Some(role) = gone_is_fine(found)?.and_then(|answer| answer.role) else { return Ok(None) };
    let tags = role.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect();
    let description = role.description.unwrap_or_default();
    let is_marked = is_tagged(&tags, scope) || is_marked(&description, scope);
    let mut resource = Role {
        address: address.clone(),
        name: name.to_owned(),
        path: role.path,
        boundary: role.permissions_boundary.and_then(|one| one.permissions_boundary_arn),
        description,
        trust: decoded(role.assume_role_policy_document.as_deref().unwrap_or_default()),
        policy: None,
        tags,
    };
    let (policy, obstacles) = futures_util::future::try_join(policy(aws, &resource), attached(aws, &resource)).await?;
    resource.policy = policy;
    let observed = Observed { resource: Resource::Role(resource), arn: Some(role.arn), is_marked };
    Ok(Some((observed, obstacles)))
}

async fn policy(aws: &Aws, role: &Role) -> Result<Option<Policy>, ProviderError> {
    let request = aws.iam.get_role_policy().role_name(&role.name).policy_name(role.policy_name());
    let found = gone_is_fine(aws.call(Service::Iam, "iam:GetRolePolicy", || request.clone().send()).await)?;
    Ok(found.map(|answer| decoded(&answer.policy_document)))
}

/// Policies that others put on the role; it cannot be deleted while they are there, and they are not ours to remove.
async fn attached(aws: &Aws, role: &Role) -> Result<Vec<Obstacle>, ProviderError> {
    let (address, name, own) = (&role.address, &role.name, role.policy_name());
    let mut obstacles = Vec::new();
    let mut marker = None;
    loop {
        let request = aws.iam.list_role_policies().role_name(name).set_marker(marker);
        let Some(page) = gone_is_fine(aws.call(Service::Iam, "iam:ListRolePolicies", || request.clone().send()).await)?
        else {
            break;
        };
        let others = page.policy_names.into_iter().filter(|name| name != own);
        obstacles.extend(
            others.map(|name| Obstacle { address: address.clone(), what: format!("the inline policy `{name}`") }),
        );
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            break;
        }
    }
    let mut marker = None;
    loop {
        let request = aws.iam.list_attached_role_policies().role_name(name).set_marker(marker);
        let found = aws.call(Service::Iam, "iam:ListAttachedRolePolicies", || request.clone().send()).await;
        let Some(page) = gone_is_fine(found)? else { break };
        let names = page.attached_policies.unwrap_or_default().into_iter().filter_map(|one| one.policy_name);
        obstacles.extend(
            names.map(|name| Obstacle { address: address.clone(), what: format!("the managed policy `{name}`") }),
        );
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            break;
        }
    }
    Ok(obstacles)
}

/// IAM returns policy documents URL-encoded (RFC 3986); some implementations do not.
fn decoded(document: &str) -> Policy {
    if document.trim_start().starts_with('{') {
        return Policy::parse(document);
    }
    Policy::parse(&percent_decode_str(document).decode_utf8_lossy())
}
