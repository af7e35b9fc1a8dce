//! AWS's quotas, checked before the first write: what a plan would create must fit beside what there is, whoever that belongs to.
//!
//! Updates and replacements keep the place of what they change, and removals free one. What could not be counted is a note and
//! never a refusal. Filters on log groups are in `safety`, reserved calls of functions in `concurrency`.

use std::collections::BTreeMap;

use super::{Change, Reason, Refusal, capacity};
use crate::live::{Count, Live};
use crate::name::Scope;
use crate::resource::{Address, Kind, Limit, POLICY_FRAME, Resource, Room, Within, limit};

/// Everything that would exceed a quota.
pub(super) fn refusals(scope: &Scope, changes: &[(Change, Reason)], live: &Live) -> Vec<Refusal> {
    let mut refusals: Vec<Refusal> =
        traffic(changes).iter().filter_map(|(room, traffic)| crowded(scope, live, room, traffic)).collect();
    refusals.extend(long_patterns(changes, live));
    refusals.extend(long_policies(scope, changes, live));
    refusals
}

/// What could not be checked.
pub(super) fn notes(live: &Live) -> Vec<String> {
    let note = |(kind, count): (&Kind, &Count)| match count {
        Count::Known { .. } => None,
        Count::Denied(action) => Some(format!(
            "it is not known whether there is room for more {} (`{action}` is not allowed): if there is not, AWS rejects them during \
             apply",
            limit::of_kind(*kind)?.of
        )),
    };
    live.counts.iter().filter_map(note).collect()
}

/// How many fit into a room: what the account tells, or what a person says, or AWS's default; more where there already are more.
#[must_use]
pub fn most(live: &Live, room: &Room<'_>) -> usize {
    if room.within != Within::Region {
        return room.most;
    }
    let raised = match room.kind {
        Kind::Rule => live.quotas.rules,
        Kind::EventBus => live.quotas.event_buses,
        Kind::Connection => live.quotas.connections,
        Kind::ApiDestination => live.quotas.api_destinations,
        _ => None,
    };
    match live.counts.get(&room.kind) {
        Some(Count::Known { quota: Some(quota), .. }) => *quota,
        Some(Count::Known { number, .. }) => raised.unwrap_or_else(|| room.most.max(*number)),
        _ => raised.unwrap_or(room.most),
    }
}

/// What comes into a room, and how many leave it.
#[derive(Default)]
struct Visitors<'a> {
    coming: Vec<&'a Resource>,
    leaving: usize,
}

/// By room; those for filters are not judged here.
fn traffic(changes: &[(Change, Reason)]) -> BTreeMap<Room<'_>, Visitors<'_>> {
    let mut rooms: BTreeMap<Room<'_>, Visitors<'_>> = BTreeMap::new();
    for (change, _) in changes {
        let (resource, is_coming) = match change {
            Change::Create { after } => (after, true),
            Change::Delete { before } => (before, false),
            Change::Update { .. } | Change::Replace { .. } => continue,
        };
        let Some(room) = resource.room().filter(|room| !matches!(room.within, Within::LogGroup(_))) else { continue };
        let visitors = rooms.entry(room).or_default();
        if is_coming {
            visitors.coming.push(resource);
        } else {
            visitors.leaving += 1;
        }
    }
    rooms
}

fn crowded(scope: &Scope, live: &Live, room: &Room<'_>, visitors: &Visitors<'_>) -> Option<Refusal> {
    let (taken, most) = (capacity::taken(live, room)?, most(live, room));
    let (coming, free) = (visitors.coming.len(), (most + visitors.leaving).saturating_sub(taken));
    let first = visitors.coming.get(free)?.address().short();
    let are = if coming == 1 { "is" } else { "are" };
    let what = format!(
        "{} can have {most} {} and has {taken}; {coming} more {are} required, and there is no room from `{first}` on",
        place(scope, room),
        plural(room.kind)
    );
    Some(Refusal { what, fix: format!("nothing was changed: {}", fix(room, taken + coming - visitors.leaving)) })
}

/// What a room is, by its name.
fn place(scope: &Scope, room: &Room<'_>) -> String {
    match (&room.within, room.kind) {
        (Within::LogGroup(name), _) => format!("the log group `{name}`"),
        (Within::Part(address), _) => format!("`{}`", address.short()),
        (Within::Region, Kind::Rule) => format!("the event bus `default` in {}", scope.region()),
        (Within::Region, Kind::Role) => format!("account {}", scope.account()),
        (Within::Region, _) => format!("account {} in {}", scope.account(), scope.region()),
    }
}

fn plural(kind: Kind) -> String {
    if kind == Kind::EventBus { "event buses".to_owned() } else { format!("{}s", kind.title()) }
}

fn fix(room: &Room<'_>, needed: usize) -> String {
    let fewer = match room.kind {
        Kind::Target => "remove a target that is not needed",
        Kind::Rule => "use fewer alerts, or move some to a stack in another account or region",
        _ => "remove what is not needed",
    };
    let Some(limit) = limit::of_kind(room.kind) else { return fewer.to_owned() };
    let key = limit.quota.map(|quota| quota.key).filter(|key| !key.is_empty());
    let say = key.map(|key| format!(" and write `quotas: {{ {key}: {needed} }}` in the stack file once it is granted"));
    let raise = limit.raise().unwrap_or_default();
    format!("{fewer}; or {raise}{} (source: {})", say.unwrap_or_default(), limit.source)
}

/// Event patterns that are longer than the account takes.
fn long_patterns(changes: &[(Change, Reason)], live: &Live) -> Vec<Refusal> {
    let Limit { most, source, .. } = limit::EVENT_PATTERN;
    let most = live.quotas.event_pattern.unwrap_or(most);
    let length_of = |resource: &Resource| match resource {
        Resource::Rule(rule) => rule.pattern.to_string().chars().count(),
        _ => 0,
    };
    let refusal = |(change, _): &(Change, Reason)| {
        let rule = change.after()?;
        // What is there as long already shows that the quota was raised.
        let (length, before) = (length_of(rule), change.before().map_or(0, length_of));
        let raise = limit::EVENT_PATTERN.raise().unwrap_or_default();
        (length > most.max(before)).then(|| Refusal {
            what: format!(
                "the event pattern of `{}` has {length} characters, and EventBridge takes {most}",
                rule.address().short()
            ),
            fix: format!(
                "nothing was changed: split the alert into two; or {raise} and write `quotas: {{ event_pattern: {length} }}` in the \
                 stack file once it is granted (source: {source})"
            ),
        })
    };
    changes.iter().filter_map(refusal).collect()
}

/// Policies of functions that would become too long.
fn long_policies(scope: &Scope, changes: &[(Change, Reason)], live: &Live) -> Vec<Refusal> {
    let mut growth: BTreeMap<Address, (usize, usize)> = BTreeMap::new();
    for (change, _) in changes {
        let (permission, is_new) = match change {
            Change::Create { after: Resource::Permission(permission) } => (permission, true),
            Change::Delete { before: Resource::Permission(permission) } => (permission, false),
            _ => continue,
        };
        let (new, gone) = growth.entry(permission.function_address()).or_default();
        *(if is_new { new } else { gone }) += permission.length(scope);
    }
    let Limit { most, source, .. } = limit::FUNCTION_POLICY;
    let refusal = |(function, (new, gone)): (&Address, &(usize, usize))| {
        let before = live.policy_lengths.get(function).copied().unwrap_or_default().max(POLICY_FRAME.len());
        let length = (before + new).saturating_sub(*gone);
        (*new > 0 && length > most).then(|| Refusal {
            what: format!(
                "the policy of `{}` has {before} characters and would have {length}; a function's policy can have {most}",
                function.short()
            ),
            fix: format!(
                "nothing was changed: remove statements of others that are not needed, or move alerts to another stack, which has its \
                 own notifier; this quota cannot be raised (source: {source})"
            ),
        })
    };
    growth.iter().filter_map(refusal).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::function::filter;
    use crate::live::Obstacle;
    use crate::plan::{PlanError, plan};
    use crate::resource::{FunctionNames, ResourceSet, set};

    fn scope() -> Scope {
        Scope::offline(None, "us-east-1", "sec").expect("a good scope")
    }

    fn refused(desired: &ResourceSet, live: &Live) -> Vec<String> {
        match plan(&scope(), desired, live) {
            Err(PlanError::Refused(all)) => all.into_iter().map(|one| one.what).collect(),
            Ok(_) => Vec::new(),
            Err(error) => panic!("{error}"),
        }
    }

    fn rule(length: usize) -> Resource {
        let mut rule = crate::compile::relay::relay(None, &crate::message::Form::Webhook, &scope())[2].clone();
        if let Resource::Rule(rule) = &mut rule {
            // {"a":"…"}
            rule.pattern = serde_json::json!({ "a": "x".repeat(length - 8) });
        }
        rule
    }

    #[test]
    fn a_pattern_that_is_longer_than_the_quota_is_refused_unless_it_was_raised_or_is_there() {
        let (short, long) = (set([rule(2_048)]), set([rule(2_049)]));
        assert_eq!(refused(&short, &Live::default()), [""; 0]);
        let [what] = &refused(&long, &Live::default())[..] else { panic!("must be refused") };
        assert_eq!(what, "the event pattern of `rule.relay@relay` has 2049 characters, and EventBridge takes 2048");
        let mut raised = Live::default();
        raised.quotas.event_pattern = Some(4_096);
        assert_eq!(refused(&long, &raised), [""; 0]);
        let there = Live { managed: set([rule(2_050)]), ..Live::default() };
        assert_eq!(refused(&long, &there), [""; 0]);
    }

    #[test]
    fn a_policy_that_is_nearly_full_of_statements_of_others_takes_no_more() {
        let names = FunctionNames::new(&scope(), "slack");
        let [permission, _] = filter(&scope(), "a", "/theirs", "", &names);
        let Resource::Permission(statement) = &permission else { panic!("a permission") };
        let room = limit::FUNCTION_POLICY.most - statement.length(&scope());
        for (taken, fits) in [(0, true), (room, true), (room + 1, false)] {
            let lengths = BTreeMap::from([(names.function.0.clone(), taken)]);
            let live = Live { policy_lengths: lengths, ..Live::default() };
            let refused = refused(&set([permission.clone()]), &live);
            assert_eq!(refused.is_empty(), fits, "{taken}: {refused:?}");
            assert!(refused.iter().all(|what| what.contains("the policy of `function.slack` has ")), "{refused:?}");
        }
    }

    #[test]
    fn a_rule_that_others_put_targets_on_has_room_for_fewer() {
        let names = FunctionNames::new(&scope(), "slack");
        let Resource::Rule(rule) = rule(100) else { panic!("a rule") };
        let target = crate::compile::function::target(
            &scope(),
            &rule,
            &names,
            crate::resource::TargetInput::Event,
            &crate::name::DestinationId::slack(),
        );
        let desired = set([Resource::Rule(rule.clone()), Resource::Target(target)]);
        let theirs = |count: usize| Live {
            managed: set([Resource::Rule(rule.clone())]),
            obstacles: (0..count)
                .map(|at| Obstacle { address: rule.address.clone(), what: format!("the target `theirs-{at}`") })
                .collect(),
            ..Live::default()
        };
        assert_eq!(refused(&desired, &theirs(4)), [""; 0]);
        let [what] = &refused(&desired, &theirs(5))[..] else { panic!("must be refused") };
        assert!(what.starts_with("`rule.relay@relay` can have 5 targets and has 5; 1 more is required"), "{what}");
    }
}
