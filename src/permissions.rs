//! The IAM policy of a stack: what its kinds say about the calls they need, for this file, in its account and region.
//!
//! Exact: only the kinds that the stack has, the log groups that its filters are on, the path and the boundary of its roles, and
//! the secret that it names. What belongs to no kind, trails and the record of runs, is a table here. Pure; drawing is
//! `render::permissions`.

use std::collections::BTreeSet;

use crate::alert::Installation;
use crate::compile::compile;
use crate::name::Scope;
use crate::resource::about::{ANY, BOUNDARY_KEY, Calls, KEY, LOG_GROUP, NeededBy, TOPIC, When};
use crate::resource::{Kind, Resource, ResourceSet};
use crate::secret::{SecretReference, StoredSecret};
use crate::stack::AccountNames;

/// A trail, wherever it is.
const TRAIL: &[&str] = &["arn:aws:cloudtrail:*:*:trail/*"];

/// `verify` asks whether a trail records what the alerts wait for.
const TRAILS: &[Calls] = &[
    Calls::new(When::Verify, &["cloudtrail:DescribeTrails"], ANY),
    Calls::new(When::Verify, &["cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors"], TRAIL),
];

/// The record of runs, which is the lock, too.
const RUN_LOG: &[&str] = &[
    "arn:aws:logs:REGION:ACCOUNT:log-group:/trailbell/STACK/runs",
    "arn:aws:logs:REGION:ACCOUNT:log-group:/trailbell/STACK/runs:*",
];

/// Who changes a stack takes the lock and leaves a record.
const RUNS: &[Calls] = &[
    Calls::new(When::Plan, &["logs:DescribeLogStreams", "logs:GetLogEvents"], RUN_LOG),
    Calls::new(When::Apply, RUN, RUN_LOG),
    Calls::new(When::Adopt, RUN, RUN_LOG),
    Calls::new(When::Destroy, RUN, RUN_LOG),
    Calls::new(When::Redrive, LOCK, RUN_LOG),
    Calls::new(When::Destroy, &["logs:DeleteLogGroup"], RUN_LOG),
];

/// Taking the lock and giving it back.
const LOCK: &[&str] = &[
    "logs:CreateLogGroup",
    "logs:TagResource",
    "logs:ListTagsForResource",
    "logs:PutRetentionPolicy",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
];

/// The same, and the tags that say when a stack expires.
const RUN: &[&str] = &[
    "logs:CreateLogGroup",
    "logs:TagResource",
    "logs:ListTagsForResource",
    "logs:UntagResource",
    "logs:PutRetentionPolicy",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
];

/// Counting what staged alerts matched.
const COUNTS: &[Calls] = &[Calls::new(When::Plan, &["cloudwatch:GetMetricStatistics"], ANY).needed(NeededBy::Staged)];

/// `doctor` asks what `verify` asks of trails, and for metrics.
const DOCTOR: &[Calls] = &[
    Calls::new(When::Doctor, &["cloudtrail:DescribeTrails"], ANY),
    Calls::new(When::Doctor, &["cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors"], TRAIL),
    Calls::new(When::Doctor, &["cloudwatch:GetMetricStatistics"], ANY),
];

/// Everything that belongs to no kind.
const OF_NO_KIND: [&[Calls]; 4] = [TRAILS, RUNS, COUNTS, DOCTOR];

/// A statement of a policy: these actions are allowed on these resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowStatement {
    /// IAM actions.
    pub actions: Vec<String>,
    /// ARNs, or `*`.
    pub resources: Vec<String>,
    /// A condition key and its values.
    pub condition: Option<(String, Vec<String>)>,
}

/// How far a policy goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breadth {
    /// What the stack needs as its file is.
    Exact,
    /// Also what it needed before, and will need with other alerts.
    EveryKind,
}

/// The policy for these uses of a stack; using it in any way needs the right to plan.
#[must_use]
pub fn policy(installation: &Installation, scope: &Scope, uses: &[When], breadth: Breadth) -> Vec<AllowStatement> {
    let desired = compile(installation, scope, None);
    let stack = StackNeeds { installation, scope, desired: &desired, breadth };
    let mut all: Vec<AllowStatement> = Vec::new();
    let of_kinds = Kind::ALL.iter().flat_map(|kind| kind.about().calls.iter().map(|calls| (Some(*kind), calls)));
    let of_none = OF_NO_KIND.into_iter().flatten().map(|calls| (None, calls));
    for (kind, calls) in of_kinds.chain(of_none) {
        // To verify and for doctor, no run is looked at.
        let plans = kind.is_some() || uses.iter().any(|one| ![When::Verify, When::Doctor].contains(one));
        let is_used = calls.when == When::Plan && plans || uses.contains(&calls.when);
        if is_used && stack.needs(kind, calls) {
            add(&mut all, stack.statement(calls));
        }
    }
    if uses.iter().any(|one| *one != When::Destroy) {
        stack.secrets().into_iter().chain(stack.account_names()).for_each(|one| add(&mut all, one));
    }
    all
}

/// What any stack needs for one use, with the forms of ARNs as they are.
#[must_use]
pub fn of_any_stack(when: When) -> Vec<AllowStatement> {
    let of_kinds = Kind::ALL.iter().flat_map(|kind| kind.about().calls);
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let mut all = Vec::new();
    for calls in of_kinds.chain(OF_NO_KIND.into_iter().flatten()).filter(|calls| calls.when == when) {
        let resources = calls.on.iter().map(|form| form.replace(LOG_GROUP, "*")).collect();
        let condition = calls.condition.filter(|condition| !condition.values.is_empty());
        let condition = condition.map(|one| (one.key.to_owned(), owned(one.values)));
        add(&mut all, AllowStatement { actions: owned(calls.actions), resources, condition });
    }
    all
}

/// What the file of a stack says about what it needs.
struct StackNeeds<'a> {
    installation: &'a Installation,
    scope: &'a Scope,
    desired: &'a ResourceSet,
    breadth: Breadth,
}

impl StackNeeds<'_> {
    fn needs(&self, kind: Option<Kind>, calls: &Calls) -> bool {
        let has = || kind.is_none_or(|kind| self.desired.keys().any(|address| address.kind() == kind));
        let reserves =
            |one: &Resource| matches!(one, Resource::Function(function) if function.reserved_concurrency.is_some());
        match calls.need {
            NeededBy::Key => self.installation.requirements.kms_key.is_some(),
            NeededBy::Topic => self.topics().next().is_some(),
            NeededBy::Boundary => self.installation.requirements.iam.boundary.is_some(),
            _ if self.breadth == Breadth::EveryKind => true,
            NeededBy::OfKind => has(),
            NeededBy::Staged => self.installation.alerts.iter().any(|alert| alert.is_staged),
            NeededBy::Always => true,
            NeededBy::Leftovers => false,
            NeededBy::Reservation => self.desired.values().any(reserves),
        }
    }

    fn statement(&self, calls: &Calls) -> AllowStatement {
        let resources: BTreeSet<String> = calls.on.iter().flat_map(|arn| self.arns(arn)).collect();
        let condition = calls.condition.and_then(|condition| {
            let boundary = || self.installation.requirements.iam.boundary.iter().cloned().collect();
            let given = || condition.values.iter().map(|value| self.named(value)).collect();
            let values: Vec<String> = if condition.key == BOUNDARY_KEY { boundary() } else { given() };
            (!values.is_empty()).then(|| (condition.key.to_owned(), values))
        });
        let actions = calls.actions.iter().map(|action| (*action).to_owned()).collect();
        AllowStatement { actions, resources: resources.into_iter().collect(), condition }
    }

    /// The ARNs of a stack that the form of one stands for.
    fn arns(&self, form: &str) -> Vec<String> {
        let path = self.installation.requirements.iam.path.clone().unwrap_or_else(|| self.scope.role_path());
        if let Some(key) = self.installation.requirements.kms_key.as_ref().filter(|_| KEY.contains(&form)) {
            return vec![key.clone()];
        }
        if TOPIC.contains(&form) {
            return self.topics().map(str::to_owned).collect();
        }
        let named = self.named(&form.replace(":role/trailbell/STACK/", &format!(":role{path}")));
        match (named.contains(LOG_GROUP), self.breadth) {
            (false, _) => vec![named],
            (true, Breadth::EveryKind) => vec![named.replace(LOG_GROUP, "*")],
            (true, Breadth::Exact) => {
                let groups: BTreeSet<&str> =
                    self.desired.values().filter_map(|one| Some(one.place()?.log_group)).collect();
                // Some calls are about the log group, others about what is in it.
                let both = |group: &str| ["", ":*"].map(|end| named.replace(LOG_GROUP, &format!("{group}{end}")));
                groups.into_iter().flat_map(both).collect()
            }
        }
    }

    /// The topics of others that it sends to.
    fn topics(&self) -> impl Iterator<Item = &str> {
        self.desired.values().filter_map(Resource::topic_of_others)
    }

    fn named(&self, form: &str) -> String {
        let scope = self.scope;
        let partition = format!("arn:{}:", scope.partition());
        let form = form.replace("arn:aws:", &partition).replace("REGION", scope.region());
        form.replace("ACCOUNT", scope.account()).replace("STACK", scope.stack())
    }

    /// What reads the names of accounts, if Organizations keeps them.
    fn account_names(&self) -> Option<AllowStatement> {
        self.installation.account_names.map(|AccountNames::Organizations| AllowStatement {
            actions: vec!["organizations:ListAccounts".to_owned()],
            resources: vec!["*".to_owned()],
            condition: None,
        })
    }

    /// What reads the secrets of the stack that AWS keeps.
    fn secrets(&self) -> Vec<AllowStatement> {
        let destinations = self.installation.destinations.iter();
        destinations.filter_map(|one| self.secret(one.way.reference())).collect()
    }

    fn secret(&self, reference: &SecretReference) -> Option<AllowStatement> {
        let (action, resource) = match reference {
            SecretReference::Stored(StoredSecret::Parameter(name)) => {
                let name = name.split(':').next().unwrap_or_default();
                ("ssm:GetParameter", format!("parameter/{}", name.trim_start_matches('/')))
            }
            // AWS ends the ARN of a secret with a hyphen and six characters.
            SecretReference::Stored(StoredSecret::Secret { name, .. }) => {
                ("secretsmanager:GetSecretValue", format!("secret:{name}-??????"))
            }
            SecretReference::Environment(_) | SecretReference::File(_) | SecretReference::Prompt(_) => return None,
        };
        let service = action.split(':').next().unwrap_or_default();
        let (partition, region, account) = (self.scope.partition(), self.scope.region(), self.scope.account());
        let resources = vec![format!("arn:{partition}:{service}:{region}:{account}:{resource}")];
        Some(AllowStatement { actions: vec![action.to_owned()], resources, condition: None })
    }
}

/// Adds a statement to those on the same things under the same condition.
fn add(all: &mut Vec<AllowStatement>, more: AllowStatement) {
    match all.iter_mut().find(|one| (&one.resources, &one.condition) == (&more.resources, &more.condition)) {
        Some(one) => {
            for action in more.actions {
                if !one.actions.contains(&action) {
                    one.actions.push(action);
                }
            }
        }
        None => all.push(more),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::document::Document;

    const PLAIN: &str = "{ blueprint: cloudtrail-stop-logging }";
    const LOGS: &str =
        "{ blueprint: cloudtrail-access-denied-logs, with: { log_group: my-trail, metric_alarm: true } }";

    fn printed(region: &str, alert: &str, more: &str, uses: &[When], breadth: Breadth) -> Vec<AllowStatement> {
        let text = format!(
            "stack: sec\nregion: {region}\nslack: {{ webhook: \"${{ssm:/ACCOUNT/hook:2}}\" }}\nalerts: [{alert}]\n{more}"
        );
        let document = Document::parse("t.yaml", &text).expect("YAML");
        let installation = crate::check::stack(document, PathBuf::new()).expect("no errors");
        let scope = Scope::offline(None, region, "sec").expect("a good scope");
        policy(&installation, &scope, uses, breadth)
    }

    fn of<'a>(all: &'a [AllowStatement], action: &str) -> Vec<&'a AllowStatement> {
        all.iter().filter(|one| one.actions.iter().any(|one| one == action)).collect()
    }

    #[test]
    fn a_policy_has_what_the_stack_has_and_no_more() {
        let all = printed("us-east-1", PLAIN, "", &[When::Apply], Breadth::Exact);
        let every = printed("us-east-1", PLAIN, "", &[When::Apply], Breadth::EveryKind);
        for action in
            ["lambda:CreateFunction", "lambda:ListFunctions", "cloudwatch:PutMetricAlarm", "logs:PutMetricFilter"]
        {
            assert_eq!((of(&all, action).len(), of(&every, action).len()), (0, 1), "{action}");
        }
        for action in ["events:DeleteConnection", "sqs:DeleteQueue", "iam:PutRolePermissionsBoundary"] {
            assert!(of(&all, action).is_empty(), "{action}");
        }
        assert_eq!(of(&all, "cloudwatch:DescribeAlarms").len(), 1, "only the call tells that there is none");
        let [pass] = of(&all, "iam:PassRole")[..] else { panic!("roles are passed to EventBridge alone") };
        assert_eq!(pass.condition, Some(("iam:PassedToService".to_owned(), vec!["events.amazonaws.com".to_owned()])));
        let [secret] = of(&all, "ssm:GetParameter")[..] else { panic!("the secret is read") };
        assert_eq!(secret.resources, ["arn:aws:ssm:us-east-1:123456789012:parameter/ACCOUNT/hook"]);
        assert!(of(&all, "organizations:ListAccounts").is_empty());
        let named = printed("us-east-1", PLAIN, "account_names: organizations\n", &[When::Apply], Breadth::Exact);
        assert_eq!(of(&named, "organizations:ListAccounts").len(), 1);
        let removal = printed("us-east-1", PLAIN, "account_names: organizations\n", &[When::Destroy], Breadth::Exact);
        assert!(of(&removal, "organizations:ListAccounts").is_empty(), "a removal needs no names");
        assert!(of(&removal, "ssm:GetParameter").is_empty(), "a removal needs no secret");
    }

    #[test]
    fn what_staged_alerts_match_is_counted_on_both_routes() {
        let count = "cloudwatch:GetMetricStatistics";
        let staged = |alert: &str| format!("{}, state: staged }}", alert.strip_suffix(" }").expect("a map"));
        for staged in [staged(PLAIN), staged(LOGS)] {
            for breadth in [Breadth::Exact, Breadth::EveryKind] {
                assert_eq!(of(&printed("us-east-1", &staged, "", &[When::Apply], breadth), count).len(), 1, "{staged}");
            }
        }
        assert!(of(&printed("us-east-1", LOGS, "", &[When::Apply], Breadth::Exact), count).is_empty());
    }

    #[test]
    fn resources_are_those_of_the_stack() {
        let all = printed("cn-north-1", LOGS, "", &[When::Apply], Breadth::Exact);
        let [filters] = of(&all, "logs:PutSubscriptionFilter")[..] else { panic!("one statement") };
        let group = "arn:aws-cn:logs:cn-north-1:123456789012:log-group:my-trail";
        assert_eq!(filters.resources, [group.to_owned(), format!("{group}:*")]);
        let broad = printed("cn-north-1", LOGS, "", &[When::Apply], Breadth::EveryKind);
        assert!(of(&broad, "logs:PutSubscriptionFilter")[0].resources[0].ends_with(":log-group:*"));
        for one in all.iter().flat_map(|one| &one.resources) {
            assert!(
                one == "*"
                    || one.contains("sec")
                    || one.contains("my-trail")
                    || one.ends_with(":log-group:*")
                    || one.ends_with("hook"),
                "{one}"
            );
            assert!(!["STACK", "REGION", "LOG_GROUP", "arn:aws:"].iter().any(|form| one.contains(form)), "{one}");
        }
    }

    #[test]
    fn roles_are_under_their_path_and_within_their_boundary() {
        let more = "iam: { boundary: \"arn:aws:iam::123456789012:policy/b\", path: /security/ }\n";
        let all = printed("us-east-1", PLAIN, more, &[When::Apply, When::Destroy], Breadth::Exact);
        for action in ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"] {
            let [one] = of(&all, action)[..] else { panic!("{action}") };
            let expected = vec!["arn:aws:iam::123456789012:policy/b".to_owned()];
            assert_eq!(one.condition, Some((BOUNDARY_KEY.to_owned(), expected)), "{action}");
            assert!(one.resources.contains(&"arn:aws:iam::123456789012:role/security/trailbell-sec_*".to_owned()));
        }
        assert_eq!(of(&all, "iam:DeleteRole")[0].condition, None, "a role from before has another boundary, or none");
        let plain = printed("us-east-1", PLAIN, "", &[When::Apply], Breadth::Exact);
        assert_eq!(of(&plain, "iam:CreateRole")[0].condition, None);
    }
}
