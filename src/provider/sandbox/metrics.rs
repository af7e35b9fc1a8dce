//! What the sandbox asks of metric filters, as AWS does: a log group that exists and has a place left.

use super::functions::is_missing;
use super::world::{World, key_of};
use crate::live::{Holder, Places};
use crate::name::Scope;
use crate::provider::{ErrorKind, ProviderError, Search};
use crate::resource::{Kind, MAX_METRIC_FILTERS, MetricFilter, Resource};

/// Whether AWS would take it.
pub(super) fn check(world: &World, wanted: &Resource, scope: &Scope) -> Result<(), ProviderError> {
    let Resource::MetricFilter(filter) = wanted else { return Ok(()) };
    let refused = |kind, message: String| Err(ProviderError::new("logs:PutMetricFilter", kind, message));
    let group = &filter.log_group;
    if is_missing(world, scope, group) {
        return refused(ErrorKind::Absent, format!("The specified log group does not exist: {group}"));
    }
    let key = key_of(wanted);
    let others = filters(world, &filter.address.region, group)
        .filter(|one| key_of(&Resource::MetricFilter((*one).clone())) != key);
    if others.count() >= MAX_METRIC_FILTERS {
        return refused(ErrorKind::Quota, "Resource limit exceeded.".to_owned());
    }
    Ok(())
}

fn filters<'w>(world: &'w World, region: &str, group: &str) -> impl Iterator<Item = &'w MetricFilter> {
    world.objects.values().filter_map(move |one| match &one.resource {
        Resource::MetricFilter(filter) if filter.log_group == group && filter.address.region == region => Some(filter),
        _ => None,
    })
}

/// Who holds the places of the log groups that metric filters are to be put on.
pub(super) fn places(world: &World, scope: &Scope, search: Search<'_>) -> Places {
    let holder = |one: &MetricFilter| Holder {
        name: one.name.clone(),
        leads_to: format!("{}/{}", one.metric.namespace, one.metric.name),
    };
    let held = |group: &str| filters(world, scope.region(), group).map(holder).collect();
    let groups = search.log_groups(Kind::MetricFilter);
    groups.map(|group| ((Kind::MetricFilter, group.to_owned()), Some(held(group)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::metric::{Spec, metric};
    use crate::plan::{PlanError, plan};
    use crate::resource::{Arns, set};

    fn scope() -> Scope {
        Scope::offline(None, "us-east-1", "sec").expect("a good scope")
    }

    fn made(id: &str, log_group: &str) -> [Resource; 2] {
        let spec = Spec { id, words: "", log_group, pattern: "", namespace: "Ns", name: id, topic: None };
        metric(&scope(), &spec)
    }

    #[test]
    fn the_place_after_the_last_is_refused_before_and_by_the_account() {
        let mut world = World::default();
        for at in 0..MAX_METRIC_FILTERS {
            let [_, filter] = made(&format!("a-{at}"), "/theirs");
            world.create(&scope(), &filter, &Arns::new()).expect("there is a place");
        }
        let [alarm, filter] = made("more", "/theirs");
        let error = world.create(&scope(), &filter, &Arns::new()).expect_err("all are taken");
        assert_eq!(error.kind, ErrorKind::Quota, "{error}");
        let [_, last] = made("a-99", "/theirs");
        world.create(&scope(), &last, &Arns::new()).expect("what is there is replaced in place");
        let all = (0..MAX_METRIC_FILTERS).flat_map(|at| made(&format!("a-{at}"), "/theirs"));
        let desired = set(all.chain([alarm, filter]));
        let live = world.read(&scope(), Search::of(&desired));
        let Err(PlanError::Refused(refusals)) = plan(&scope(), &desired, &live) else { panic!("must be refused") };
        let [refusal] = &refusals[..] else { panic!("{refusals:?}") };
        for part in
            ["`/theirs` can have 100 metric filters", "`trailbell-sec_a-0_metric-filter` → Ns/a-0", "and 95 more"]
        {
            assert!(refusal.what.contains(part), "{refusal:?}");
        }
    }

    #[test]
    fn a_log_group_of_ours_must_exist() {
        let [_, filter] = made("a", "/aws/lambda/trailbell-sec_slack_function");
        let error = World::default().create(&scope(), &filter, &Arns::new()).expect_err("there is no such log group");
        assert_eq!(error.kind, ErrorKind::Absent, "{error}");
    }
}
