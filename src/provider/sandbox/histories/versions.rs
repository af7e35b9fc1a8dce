//! Stacks as some version of their file says: alerts, the way to Slack, a function with what calls it, and alarms.

use proptest::prelude::*;

use crate::alert::{Addressee, Alert, Installation, destination_forms};
use crate::blueprint::{Loaded, catalog};
use crate::compile::required::impose;
use crate::compile::{compile, function, metric};
use crate::message::Posting;
use crate::name::{DestinationId, Scope};
use crate::resource::{
    Address, FunctionNames, Id, PackedCode, Permission, Resource, ResourceSet, RuleId, TargetInput, set,
};
use crate::secret::{Secret, SecretReference};
use crate::stack::{Destination, Iam, NamedDestination, Requirements};

pub(super) const IDS: [&str; 4] =
    ["a", "relay-a", "a-very-long-alert-id-that-does-not-fit-into-a-name-of-64-characters", "slack"];
const GROUPS: [&str; 3] = ["/theirs/a", "/theirs/b", "/theirs/c"];

pub(super) fn scope() -> Scope {
    Scope::offline(None, "us-east-1", "sec").expect("a good scope")
}

/// A stack as some version of its file says.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub(super) alerts: Vec<usize>,
    pub(super) is_bot: bool,
    pub(super) secret: usize,
    pub(super) function: Option<Called>,
    pub(super) alarms: Vec<CountedMetric>,
    /// Which of the requirements of an organization; 0 for none.
    pub(super) required: usize,
}

/// An alarm and the metric filter that feeds it.
#[derive(Clone, Debug)]
pub(super) struct CountedMetric {
    /// Which alert has it.
    alert: usize,
    /// On which log group it counts.
    group: usize,
    /// In which metric.
    metric: usize,
    /// Whether someone is told.
    tells: bool,
}

/// A function and what calls it.
#[derive(Clone, Debug)]
pub(super) struct Called {
    /// Which version of its code.
    code: u8,
    /// Whether the first alert's rule does.
    by_rule: bool,
    /// Which log groups do.
    groups: Vec<usize>,
}

pub(super) fn versions() -> impl Strategy<Value = Version> {
    let alerts = proptest::collection::btree_set(0..4_usize, 0..4);
    (alerts, any::<bool>(), 0..2_usize, proptest::option::of(functions()), counted(), 0..4_usize).prop_map(
        |(alerts, is_bot, secret, function, alarms, required)| {
            let alerts = alerts.into_iter().collect();
            Version { alerts, is_bot, secret, function, alarms, required }
        },
    )
}

/// At most one alarm per alert, as the compiler makes them.
fn counted() -> impl Strategy<Value = Vec<CountedMetric>> {
    let one = (0..3_usize, 0..2_usize, any::<bool>());
    proptest::collection::btree_map(0..3_usize, one, 0..3).prop_map(|all| {
        let counted = |(alert, (group, metric, tells))| CountedMetric { alert, group, metric, tells };
        all.into_iter().map(counted).collect()
    })
}

impl CountedMetric {
    fn resources(&self) -> [Resource; 2] {
        let spec = metric::CountingSpec {
            id: IDS[self.alert],
            words: "Somebody is refused.",
            log_group: GROUPS[self.group],
            pattern: "{ $.errorCode = \"AccessDenied*\" }",
            namespace: "CloudTrailMetrics",
            name: ["Denied", "Refused"][self.metric],
            topic: self.tells.then_some("arn:aws:sns:us-east-1:123456789012:theirs"),
        };
        metric::metric(&scope(), &spec)
    }
}

fn functions() -> impl Strategy<Value = Called> {
    let groups = proptest::collection::btree_set(0..3_usize, 0..3);
    (0..2_u8, any::<bool>(), groups).prop_map(|(code, by_rule, groups)| Called {
        code,
        by_rule,
        groups: groups.into_iter().collect(),
    })
}

impl Called {
    fn resources(&self, alerts: &ResourceSet) -> Vec<Resource> {
        let names = FunctionNames::new(&scope(), "slack");
        let spec = function::FunctionSpec {
            id: "slack",
            words: "Posts to Slack.",
            runtime: "nodejs24.x",
            handler: "index.handler",
            timeout_seconds: 30,
            memory_megabytes: 128,
            reserved_concurrency: None,
            code: PackedCode::new(vec![self.code]),
            grants: Vec::new(),
            queue: DestinationId::slack(),
            posts_to: Vec::new(),
        };
        let mut all = function::function(&scope(), spec).to_vec();
        if self.by_rule
            && let Some(Resource::Rule(rule)) = alerts.get(&Address::new("us-east-1", Id::Rule(RuleId::of("a"))))
        {
            let permission = Permission::for_rules(&scope(), &names);
            all.push(Resource::Target(function::target(
                &scope(),
                rule,
                &names,
                TargetInput::Event,
                &DestinationId::slack(),
            )));
            all.push(Resource::Permission(permission));
        }
        for group in &self.groups {
            all.extend(function::filter(&scope(), "a", GROUPS[*group], "root", &names));
        }
        all
    }
}

impl Version {
    fn secret(&self) -> Secret {
        let random = ["abcdefghijklmnopqrstuvwx", "ABCDEFGHIJKLMNOPQRSTUVWX"][self.secret];
        Secret::new(if self.is_bot {
            format!("xox{}-1-{random}", 'b')
        } else {
            format!("https://hooks.slack.com/services/T/B/{random}")
        })
    }

    pub(super) fn desired(&self) -> ResourceSet {
        let mut desired = compile(&self.installation(), &scope(), Some(&self.secret()));
        let called = self.function.as_ref().map(|function| function.resources(&desired)).unwrap_or_default();
        let more = called.into_iter().chain(self.alarms.iter().flat_map(CountedMetric::resources));
        let mut more: Vec<Resource> = more.collect();
        impose(&self.requirements(), &scope(), &mut more);
        desired.extend(set(more));
        desired
    }

    fn requirements(&self) -> Requirements {
        let tags = |team: &str| [("team".to_owned(), team.to_owned())].into();
        let boundary = Some("arn:aws:iam::123456789012:policy/boundary".to_owned());
        let (tags, iam) = match self.required {
            0 => return Requirements::default(),
            1 => (tags("a"), Iam { boundary, path: None }),
            2 => (tags("b"), Iam { boundary: None, path: Some("/".to_owned()) }),
            _ => (tags("a"), Iam { boundary, path: Some("/security/".to_owned()) }),
        };
        let kms_key = (self.required == 3).then(|| "arn:aws:kms:us-east-1:123456789012:key/k".to_owned());
        Requirements { tags, iam, kms_key }
    }

    pub(super) fn installation(&self) -> Installation {
        let entry = catalog::find("cloudtrail-stop-logging").expect("built in");
        let loaded = entry.load().expect("no findings");
        let reference = SecretReference::Environment("SECRET".to_owned());
        let destination = if self.is_bot {
            let endpoint = "https://slack.com/api/chat.postMessage".to_owned();
            Destination::Bot { token: reference, channel: "C0123456789".to_owned(), endpoint }
        } else {
            Destination::Webhook { address: reference }
        };
        let destinations = vec![NamedDestination::slack(destination)];
        let form = destination_forms(&destinations).remove(0).form;
        let posting = Posting { form, ..Posting::sample() };
        let alert = |at: &usize| {
            let loaded = Loaded { handler: None, ..loaded.clone() };
            Alert::installed(
                IDS[*at].to_owned(),
                loaded,
                std::collections::BTreeMap::new(),
                vec![Addressee::slack(posting.clone())],
            )
        };
        Installation {
            expires: None,
            name: scope().stack().to_owned(),
            region: scope().region().to_owned(),
            account: None,
            accounts: std::collections::BTreeMap::new(),
            account_names: None,
            forwarded: crate::stack::Forwarded::default(),
            alerts: self.alerts.iter().map(alert).collect(),
            disabled: Vec::new(),
            self_watch: None,
            requirements: self.requirements(),
            unmanaged: Vec::new(),
            quotas: crate::stack::Quotas::default(),
            destinations,
            topics: Vec::new(),
            folder: std::path::PathBuf::new(),
            document: loaded.document.into(),
            warnings: Vec::new(),
        }
    }
}
