//! Stacks whose alerts reach Slack in one way or another.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::json;

use super::super::versions::{IDS, scope};
use crate::alert::{Addressee, Alert, Installation, destination_forms};
use crate::blueprint::{Blueprint, Via, WrittenMessage, catalog, parameters};
use crate::compile::compile;
use crate::message::Posting;
use crate::resource::{Address, Id, MAX_FILTERS, ResourceSet, RuleId};
use crate::secret::{Secret, SecretReference};
use crate::stack::{Destination, NamedDestination, Requirements};

pub(super) const GROUPS: [&str; 2] = ["/theirs/a", "/theirs/b"];

/// What leads an alert to Slack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeadBy {
    Transformer,
    /// Two rules, each for one of the calls.
    Apart,
    Notifier,
    /// The log lines of that group.
    Lines(usize),
}

pub(super) use LeadBy::{Apart, Lines, Notifier, Transformer};

/// A stack file: the alerts' ways, which of them repair something, and how Slack is reached.
#[derive(Clone, Debug)]
pub(super) struct HandoverVersion {
    pub(super) alerts: BTreeMap<usize, (LeadBy, bool)>,
    pub(super) channel: Option<usize>,
}

impl HandoverVersion {
    pub(super) fn of(ways: &[LeadBy]) -> Self {
        Self { alerts: ways.iter().map(|way| (*way, false)).enumerate().collect(), channel: None }
    }

    pub(super) fn to(self, channel: usize) -> Self {
        Self { channel: Some(channel), ..self }
    }

    pub(super) fn desired(&self) -> ResourceSet {
        let secret = Secret::new(match self.channel {
            Some(_) => format!("xox{}-1-abcdefghijklmnopqrstuvwx", 'b'),
            None => "https://hooks.slack.com/services/T/B/abcdefghijklmnopqrstuvwx".to_owned(),
        });
        compile(&self.installation(), &scope(), Some(&secret))
    }

    fn installation(&self) -> Installation {
        let reference = SecretReference::Environment("SECRET".to_owned());
        let destination = match self.channel {
            Some(channel) => Destination::Bot {
                token: reference,
                channel: format!("C012345678{channel}"),
                endpoint: "https://slack.com/api/chat.postMessage".to_owned(),
            },
            None => Destination::Webhook { address: reference },
        };
        let destinations = vec![NamedDestination::slack(destination)];
        let form = destination_forms(&destinations).remove(0).form;
        let posting = Posting { form, ..Posting::sample() };
        let alert = |(at, (way, repairs)): (&usize, &(LeadBy, bool))| installed(IDS[*at], *way, *repairs, &posting);
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
            requirements: Requirements::default(),
            unmanaged: Vec::new(),
            quotas: crate::stack::Quotas::default(),
            destinations,
            topics: Vec::new(),
            folder: std::path::PathBuf::new(),
            document: catalog::find("cloudtrail-stop-logging")
                .expect("built in")
                .load()
                .expect("no findings")
                .document
                .into(),
            warnings: Vec::new(),
        }
    }
}

fn installed(id: &str, way: LeadBy, repairs: bool, posting: &Posting) -> Alert {
    let name = if matches!(way, Lines(_)) { "cloudtrail-access-denied-logs" } else { "cloudtrail-stop-logging" };
    let mut loaded = catalog::find(name).expect("built in").load().expect("no findings");
    if way == Notifier {
        loaded.blueprint.alert.message.via = Some(Via::Lambda);
    }
    if way == Apart {
        take_apart(&mut loaded.blueprint);
    }
    let mut given = serde_json::Map::new();
    given.insert("restart_logging".to_owned(), json!(repairs && way != Apart));
    if let Lines(group) = way {
        given.insert("log_group".to_owned(), json!(GROUPS[group]));
    }
    let values = parameters::values(&loaded.blueprint, &given);
    Alert::installed(id.to_owned(), loaded, values, vec![Addressee::slack(posting.clone())])
}

/// An alert about two calls whose parameters are not the same.
fn take_apart(blueprint: &mut Blueprint) {
    let pattern = json!({
        "source": ["aws.rds"], "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "eventSource": ["rds.amazonaws.com"], "eventName": ["DeleteDBInstance", "DeleteDBCluster"],
            "errorCode": [{ "exists": false }],
        },
    });
    blueprint.alert.pattern = pattern.as_object().expect("an object").clone();
    let paths = [("a", "dBInstanceIdentifier"), ("b", "dBClusterIdentifier")];
    let paths = paths.map(|(name, path)| (name.to_owned(), format!("$.detail.requestParameters.{path}")));
    blueprint.alert.message = WrittenMessage {
        input_paths: paths.into(),
        text: Some("<a><b> is gone".to_owned()),
        ..WrittenMessage::default()
    };
}

/// The rules of an alert that is taken apart; whatever its id, it has the same groups.
pub(super) fn rules_apart(id: &str) -> Vec<Address> {
    static GROUPS_OF_CALLS: LazyLock<Vec<Option<String>>> = LazyLock::new(|| {
        let alert = installed("any", Apart, false, &Posting::sample());
        alert.events().expect("it receives events").messages.iter().map(|one| one.group.clone()).collect()
    });
    let rule = |group: &Option<String>| Id::Rule(RuleId::of_alert(&scope(), id, group.as_deref()));
    GROUPS_OF_CALLS.iter().map(|group| Address::new("us-east-1", rule(group))).collect()
}

pub(super) fn stacks() -> impl Strategy<Value = HandoverVersion> {
    let way = prop_oneof![Just(Transformer), Just(Apart), Just(Notifier), (0..2_usize).prop_map(Lines)];
    let alerts = proptest::collection::btree_map(0..IDS.len(), (way, any::<bool>()), 0..4);
    (alerts, proptest::option::of(0..2_usize)).prop_map(|(mut alerts, channel)| {
        // Two places are all that a log group has.
        for group in 0..2 {
            let here: Vec<usize> =
                alerts.iter().filter(|(_, (way, _))| *way == Lines(group)).map(|(at, _)| *at).collect();
            for at in here.into_iter().skip(MAX_FILTERS) {
                alerts.remove(&at);
            }
        }
        HandoverVersion { alerts, channel }
    })
}
