//! What the sandbox asks of functions and filters, as AWS does: a role before a function, a permission before a filter, two
//! filters a log group.
//!
//! Log groups that are not under trailbell's names are someone else's and not part of the sandbox: all of them exist.

use super::world::{World, absent, key_of};
use crate::glob::Glob;
use crate::live::{Holder, Places};
use crate::name::Scope;
use crate::provider::{ErrorKind, ProviderError, Search};
use crate::resource::{
    Address, Arn, Function, FunctionNames, Id, Kind, LOGS, MAX_FILTERS, Permission, Resource, SubscriptionFilter,
};

/// Whether AWS would take it.
pub(super) fn check(world: &World, wanted: &Resource, scope: &Scope) -> Result<(), ProviderError> {
    match wanted {
        Resource::Function(function) => function_is_fine(world, wanted, function),
        Resource::Permission(permission) => match function(world, &permission.address.region, &permission.function) {
            Some(_) => Ok(()),
            None => Err(absent(
                "lambda:AddPermission",
                &Address::new(scope.region(), Id::Function(permission.function.clone())),
            )),
        },
        Resource::SubscriptionFilter(filter) => filter_is_fine(world, wanted, filter, scope),
        _ => Ok(()),
    }
}

fn function_is_fine(world: &World, wanted: &Resource, function: &Function) -> Result<(), ProviderError> {
    let action = "lambda:CreateFunction";
    if !world.objects.values().any(|one| one.arn.as_ref() == Some(&function.role_arn)) {
        let message = "The role defined for the function cannot be assumed by Lambda.";
        return Err(ProviderError::new(action, ErrorKind::Other, message));
    }
    let is_uploaded = match world.objects.get(&key_of(wanted)).map(|one| &one.resource) {
        Some(Resource::Function(live)) => live.code == function.code,
        _ => false,
    };
    if function.code.zip.is_none() && !is_uploaded {
        let message = format!("the code of {} is not available", function.name);
        return Err(ProviderError::new(action, ErrorKind::Other, message));
    }
    Ok(())
}

fn filter_is_fine(
    world: &World,
    wanted: &Resource,
    filter: &SubscriptionFilter,
    scope: &Scope,
) -> Result<(), ProviderError> {
    let refused = |kind, message: String| Err(ProviderError::new("logs:PutSubscriptionFilter", kind, message));
    let group = &filter.log_group;
    if is_missing(world, scope, group) {
        return refused(ErrorKind::Absent, format!("The specified log group does not exist: {group}"));
    }
    let Arn::Known(destination) = &filter.destination else {
        return refused(ErrorKind::Other, "the destination is not known".to_owned());
    };
    let source = format!("{}:*", scope.log_group_arn(group));
    let function = scope.function_of(destination).unwrap_or_default();
    if !may_invoke(world, function, LOGS, &source) {
        let message = "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to \
            execute your function.";
        return refused(ErrorKind::Other, message.to_owned());
    }
    let key = key_of(wanted);
    let others = filters(world, &filter.address.region, group)
        .filter(|one| key_of(&Resource::SubscriptionFilter((*one).clone())) != key);
    let held: Vec<&str> = others.map(|one| one.name.as_str()).collect();
    if held.len() >= MAX_FILTERS {
        return refused(ErrorKind::Quota, format!("Resource limit exceeded: {} are there", held.join(", ")));
    }
    Ok(())
}

/// Whether a log group that would be ours does not exist.
pub(super) fn is_missing(world: &World, scope: &Scope, group: &str) -> bool {
    let is_it = |one: &Resource| one.address().kind() == Kind::LogGroup && one.name() == group;
    FunctionNames::of_log_group(scope, group).is_some() && !world.objects.values().any(|one| is_it(&one.resource))
}

/// Whether a function's policy lets a service call it on behalf of a source.
pub(super) fn may_invoke(world: &World, function: &str, principal: &str, source: &str) -> bool {
    let allows = |permission: &Permission| {
        let pattern = permission.source_arn.as_deref().unwrap_or_default();
        permission.function == function
            && permission.principal == principal
            && permission.unlike.is_none()
            && Glob::new(pattern).matches(source)
    };
    world.objects.values().any(|one| matches!(&one.resource, Resource::Permission(one) if allows(one)))
}

fn function<'w>(world: &'w World, region: &str, name: &str) -> Option<&'w Function> {
    world.objects.values().find_map(|one| match &one.resource {
        Resource::Function(function) if function.name == name && function.address.region == region => Some(function),
        _ => None,
    })
}

pub(super) fn filters<'w>(world: &'w World, region: &str, group: &str) -> impl Iterator<Item = &'w SubscriptionFilter> {
    world.objects.values().filter_map(move |one| match &one.resource {
        Resource::SubscriptionFilter(filter) if filter.log_group == group && filter.address.region == region => {
            Some(filter)
        }
        _ => None,
    })
}

/// Who holds the places of the log groups that subscription filters are, or are to be, put on.
pub(super) fn places(world: &World, scope: &Scope, search: Search<'_>) -> Places {
    let used = world.objects.values().filter_map(|one| match &one.resource {
        Resource::Permission(permission) => permission.log_group(scope),
        _ => None,
    });
    let holder = |one: &SubscriptionFilter| {
        let leads_to = match &one.destination {
            Arn::Known(arn) => arn.clone(),
            Arn::Of(address) => address.to_string(),
        };
        Holder { name: one.name.clone(), leads_to }
    };
    let held = |group: &str| filters(world, scope.region(), group).map(holder).collect();
    let groups = used.chain(search.log_groups(Kind::SubscriptionFilter));
    groups.map(|group| ((Kind::SubscriptionFilter, group.to_owned()), Some(held(group)))).collect()
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::compile::function::{Spec, filter, function};
    use crate::resource::{Arns, Code};

    fn scope() -> Scope {
        Scope::offline(None, "us-east-1", "sec").expect("a good scope")
    }

    fn made() -> [Resource; 3] {
        let spec = Spec {
            id: "slack",
            words: "",
            runtime: "nodejs24.x",
            handler: "index.handler",
            timeout_seconds: 30,
            memory_megabytes: 128,
            code: Code::new(Vec::new()),
            grants: Vec::new(),
        };
        function(&scope(), spec)
    }

    struct Account {
        world: World,
        arns: Arns,
    }

    impl Account {
        fn create(&mut self, wanted: &Resource) -> Result<(), ProviderError> {
            let arn = self.world.create(&scope(), wanted, &self.arns)?;
            self.arns.extend(arn.map(|arn| (wanted.address().clone(), arn)));
            Ok(())
        }

        fn refuses(&mut self, wanted: &Resource, kind: ErrorKind, words: &str) {
            let error = self.create(wanted).expect_err("AWS would refuse it");
            assert!(error.kind == kind && error.message.contains(words), "{error:?}");
        }
    }

    #[test]
    fn one_thing_is_made_after_the_other() {
        let mut account = Account { world: World::default(), arns: Arns::new() };
        let [group, role, made] = made();
        let names = FunctionNames::new(&scope(), "slack");
        let [permission, first] = filter(&scope(), "a", "/theirs", "", &names);
        account.refuses(&made, ErrorKind::Other, "cannot be assumed by Lambda");
        account.refuses(&permission, ErrorKind::Absent, "does not exist");
        account.create(&group).expect("nothing is needed");
        account.create(&role).expect("nothing is needed");
        account.create(&made).expect("the role is there");
        account.refuses(&first, ErrorKind::Other, "Could not execute the lambda function");
        account.create(&permission).expect("the function is there");
        account.create(&first).expect("the permission is there");
        let [_, second] = filter(&scope(), "b", "/theirs", "", &names);
        account.create(&second).expect("there is a place");
        let [_, third] = filter(&scope(), "c", "/theirs", "", &names);
        account.refuses(&third, ErrorKind::Quota, "Resource limit exceeded");
        account.create(&second).expect("what is there is replaced in place");
        let held = places(&account.world, &scope(), Search::alone());
        let holders = held
            .get(&(Kind::SubscriptionFilter, "/theirs".to_owned()))
            .and_then(Option::as_ref)
            .expect("it is looked at");
        assert_eq!(holders.len(), 2, "{holders:?}");
        account.world.delete(&made).expect("it is there");
        let left = account.world.objects.values().any(|one| matches!(one.resource, Resource::Permission(_)));
        assert!(!left, "the policy goes with its function");
    }

    #[test]
    fn code_must_be_at_hand_when_it_changes() {
        let mut account = Account { world: World::default(), arns: Arns::new() };
        let [_, role, made] = made();
        account.create(&role).expect("nothing is needed");
        let Resource::Function(mut known) = made else { panic!("a function") };
        known.code = Code::known(known.code.sha256);
        account.refuses(&Resource::Function(known), ErrorKind::Other, "is not available");
    }
}
