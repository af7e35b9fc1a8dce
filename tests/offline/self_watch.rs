//! `docs/self-watch.md`: for each resource of a full stack that someone changes or deletes by hand, which alert reports it, and
//! that the message takes a path that the resource is not part of. `tests/fixtures/self-watch` has the calls.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};
use trailbell::alert::Installation;
use trailbell::check;
use trailbell::compile::compile;
use trailbell::document::Document;
use trailbell::name::Scope;
use trailbell::pattern::{Pattern, Verdict};
use trailbell::resource::edge::Relation;
use trailbell::resource::{Address, Kind, Resource, ResourceSet, Rule};

const PAGE: &str = "docs/self-watch.md";
const CALLS: &str = include_str!("../fixtures/self-watch/calls.json");
const ROLE: &str = "arn:aws:iam::123456789012:role/ci/deploy";

/// A stack that has a resource of every kind.
fn stack(region: &str, watch: &str) -> Installation {
    let text = format!(
        "stack: sec\nregion: {region}\naccount: \"123456789012\"\nslack: {{ webhook: \"${{env:HOOK}}\" }}\n\
        sns: {{ on-call: {{ email: [a@example.com] }} }}\nto: {{ default: slack }}\nself_watch: {watch}\nalerts:\n  \
        - {{ blueprint: cloudtrail-stop-logging, with: {{ restart_logging: true }} }}\n  \
        - {{ blueprint: cloudtrail-stop-logging, id: told, to: [slack, on-call] }}\n  \
        - {{ blueprint: cloudtrail-stop-logging, id: gathered, digest: 15m }}\n  \
        - {{ blueprint: cloudtrail-stop-logging, id: collected, state: staged }}\n  \
        - {{ blueprint: cloudtrail-access-denied-logs, with: {{ log_group: management-events }} }}\n  \
        - {{ blueprint: cis-5-1-unauthorized-calls-logs, with: {{ log_group: management-events }} }}\n"
    );
    let loaded = check::stack(Document::parse("s.yaml", &text).expect("YAML"), PathBuf::new());
    loaded.unwrap_or_else(|findings| panic!("{findings:#?}"))
}

struct World {
    scope: Scope,
    resources: ResourceSet,
}

impl World {
    fn new(region: &str, watch: &str) -> Self {
        let scope = Scope::new("aws", "123456789012", region, "sec").expect("a good scope");
        let resources = compile(&stack(region, watch), &scope, None);
        Self { scope, resources }
    }

    /// The rules that watch, with their patterns.
    fn watching(&self) -> impl Iterator<Item = (&Rule, Pattern)> {
        self.resources.values().filter_map(|one| match one {
            Resource::Rule(rule) if rule.name.starts_with("trailbell-sec_watch-") => {
                Some((rule, Pattern::from_value(&rule.pattern).expect("a good pattern")))
            }
            _ => None,
        })
    }

    /// The rules that report an event, without those whose message the resource carries.
    fn reports(&self, event: &Value, of: &Address) -> BTreeSet<String> {
        let matching =
            self.watching().filter(|(_, pattern)| pattern.matches_value(event).expect("decided") == Verdict::Matches);
        matching
            .filter(|(rule, _)| !self.carriers(&rule.address).contains(of))
            .map(|(rule, _)| rule.name.clone())
            .collect()
    }

    /// What a message of a rule needs: the rule, its targets, and where they lead.
    fn carriers(&self, rule: &Address) -> BTreeSet<Address> {
        let is_target = |one: &&Resource| matches!(one, Resource::Target(target) if target.rule_address() == *rule);
        let mut waiting: Vec<Address> =
            self.resources.values().filter(is_target).map(|one| one.address().clone()).collect();
        let mut found = BTreeSet::from([rule.clone()]);
        while let Some(address) = waiting.pop() {
            let Some(resource) = self.resources.get(&address) else { continue };
            let needed = |(relation, part): (Relation, Address)| {
                matches!(relation, Relation::SendsTo | Relation::ActsAs | Relation::AllowedBy).then_some(part)
            };
            waiting.extend(resource.parts(&self.scope).filter_map(needed));
            if let Resource::ApiDestination(one) = resource
                && let trailbell::resource::Arn::Of(connection) = &one.connection
            {
                waiting.push(connection.clone());
            }
            found.insert(address);
        }
        found
    }

    /// The calls that change a resource, as events.
    fn changes(&self, resource: &Resource) -> Vec<(String, Value)> {
        let calls: BTreeMap<String, Value> = serde_json::from_str(CALLS).expect("JSON");
        let kind = resource.address().kind();
        let calls = calls.get(kind.name()).unwrap_or_else(|| panic!("no calls about {}", kind.name()));
        let name = match resource {
            Resource::Permission(one) => one.function.clone(),
            other => other.name().to_owned(),
        };
        let log_group = match resource {
            Resource::SubscriptionFilter(one) => one.log_group.clone(),
            Resource::MetricFilter(one) => one.log_group.clone(),
            _ => String::new(),
        };
        let arn = match resource {
            Resource::Subscription(one) => format!("{}:0f1e2d3c", self.scope.topic_arn(&one.topic)),
            other => other.arn(&self.scope, "0f1e2d3c").unwrap_or_default(),
        };
        let url = format!("https://sqs.{}.amazonaws.com/123456789012/{name}", self.scope.region());
        let filled = |call: &Value| {
            let text = call.to_string();
            let text = text.replace("${name}", &name).replace("${arn}", &arn).replace("${url}", &url);
            let call: Value = serde_json::from_str(&text.replace("${log_group}", &log_group)).expect("JSON");
            (
                call["eventName"].as_str().expect("a name").to_owned(),
                self.event(&call, "aws-cli/2.31.3", "NetworkAdmin"),
            )
        };
        calls.as_array().expect("a list").iter().map(filled).collect()
    }

    fn event(&self, call: &Value, user_agent: &str, role: &str) -> Value {
        let region = if call["eventSource"] == "iam.amazonaws.com" { "us-east-1" } else { self.scope.region() };
        let record = json!({
            "eventVersion": "1.11", "eventTime": "2026-06-04T16:24:22Z", "eventType": "AwsApiCall", "eventCategory": "Management",
            "eventSource": call["eventSource"], "eventName": call["eventName"], "requestParameters": call["requestParameters"],
            "responseElements": null, "readOnly": false, "managementEvent": true, "awsRegion": region, "userAgent": user_agent,
            "recipientAccountId": "123456789012", "sourceIPAddress": "192.0.2.77", "eventID": "5b1f0a52-7c11-4c38-9d1c-6a7c2e4f8a01",
            "userIdentity": {
                "type": "AssumedRole", "principalId": "AROAEXAMPLEID12345678:dave", "accountId": "123456789012",
                "arn": format!("arn:aws:sts::123456789012:assumed-role/{role}/dave"),
                "sessionContext": { "sessionIssuer": {
                    "type": "Role", "principalId": "AROAEXAMPLEID12345678", "accountId": "123456789012",
                    "arn": format!("arn:aws:iam::123456789012:role/{role}"), "userName": role,
                } },
            },
        });
        trailbell::record::event(record.as_object().expect("an object"))
    }
}

/// Whether a rule in this region receives the event at all.
fn is_received(event: &Value, region: &str) -> bool {
    event["region"] == region
}

#[test]
fn each_change_of_each_resource_is_reported_by_another_path() {
    let world = World::new("us-east-1", "{}");
    for kind in Kind::ALL {
        assert!(world.resources.keys().any(|address| address.kind() == *kind), "the stack has no {}", kind.title());
    }
    let mut kinds: BTreeMap<Kind, BTreeSet<(String, String)>> = BTreeMap::new();
    for resource in world.resources.values() {
        for (call, event) in world.changes(resource) {
            let reports = world.reports(&event, resource.address());
            assert!(!reports.is_empty(), "{call} on {} is not reported by another path", resource.address());
            let names =
                reports.into_iter().map(|rule| rule["trailbell-sec_".len()..].trim_end_matches("_rule").to_owned());
            kinds.entry(resource.address().kind()).or_default().extend(names.map(|name| (call.clone(), name)));
        }
    }
    let table = table(&kinds);
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = std::fs::read_to_string(&path).expect("the page is there");
    let (before, rest) = page.split_once("<!-- made by the test -->\n").expect("the beginning of the table");
    let (_, after) = rest.split_once("<!-- end -->").expect("the end of the table");
    let wanted = format!("{before}<!-- made by the test -->\n{table}<!-- end -->{after}");
    if std::env::var_os("TRAILBELL_WRITE_DOCUMENTS").is_some() {
        std::fs::write(&path, &wanted).expect("written");
    } else {
        assert_eq!(page, wanted, "TRAILBELL_WRITE_DOCUMENTS=1 cargo test --test offline self_watch writes it");
    }
}

/// One line for each kind: its calls, and the alerts that report them.
fn table(kinds: &BTreeMap<Kind, BTreeSet<(String, String)>>) -> String {
    let mut text = "| Resource | Calls that are tested | Reported by |\n|---|---|---|\n".to_owned();
    for (kind, found) in kinds {
        let list = |all: BTreeSet<&str>| all.into_iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ");
        let calls = list(found.iter().map(|(call, _)| call.as_str()).collect());
        let alerts = list(found.iter().map(|(_, alert)| alert.as_str()).collect());
        let _ = writeln!(text, "| {} | {calls} | {alerts} |", kind.title());
    }
    text
}

#[test]
fn dead_letters_of_each_destination_are_reported_by_a_path_that_is_left() {
    let world = World::new("us-east-1", "{}");
    for (lost, left) in [("slack", "watch"), ("watch", "slack"), ("on-call", "watch")] {
        let address: Address = format!("us-east-1/alarm.watch-letters-{lost}").parse().expect("an address");
        let Some(Resource::Alarm(alarm)) = world.resources.get(&address) else { panic!("no {address}") };
        assert_eq!(alarm.dimensions["QueueName"], format!("trailbell-sec_{lost}_dead-letter-queue"));
        let event = trailbell::compile::alarm::event(&world.scope, alarm);
        let told: Vec<&Rule> = world
            .watching()
            .filter(|(_, pattern)| pattern.matches_value(&event).expect("decided") == Verdict::Matches)
            .map(|(rule, _)| rule)
            .collect();
        let [rule] = &told[..] else { panic!("{told:?}") };
        let connections: Vec<String> = world
            .carriers(&rule.address)
            .iter()
            .filter(|one| one.kind() == Kind::Connection)
            .map(Address::short)
            .collect();
        assert_eq!(connections, [format!("connection.{left}")]);
    }
}

#[test]
fn a_missing_heartbeat_is_reported_by_what_the_heartbeat_does_not_need() {
    let world = World::new("us-east-1", "{}");
    let named = |kind: Kind, id: &str| {
        let found = world.resources.keys().find(|one| one.kind() == kind && one.id.base() == id);
        found.unwrap_or_else(|| panic!("no {} {id}", kind.name())).clone()
    };
    let Some(Resource::Alarm(alarm)) = world.resources.get(&named(Kind::Alarm, "watch-heartbeat")) else {
        panic!("an alarm")
    };
    let event = trailbell::compile::alarm::event(&world.scope, alarm);
    let told: Vec<&Rule> = world
        .watching()
        .filter(|(_, pattern)| pattern.matches_value(&event).expect("decided") == Verdict::Matches)
        .map(|(rule, _)| rule)
        .collect();
    let [rule] = &told[..] else { panic!("{told:?}") };
    let carriers = world.carriers(&rule.address);
    let needed = [
        (Kind::Schedule, "watch-heartbeat"),
        (Kind::Role, "scheduler"),
        (Kind::Queue, "slack"),
        (Kind::Rule, "watch-received"),
        (Kind::LogGroup, "watch-received"),
        (Kind::LogPolicy, "staged"),
    ];
    for (kind, id) in needed {
        assert!(!carriers.contains(&named(kind, id)), "{} {id}: {carriers:?}", kind.name());
    }
}

#[test]
fn what_the_role_of_the_stack_does_with_trailbell_is_not_reported() {
    let world = World::new("us-east-1", &format!("{{ applied_by: [\"{ROLE}\"] }}"));
    let calls: BTreeMap<String, Value> = serde_json::from_str(CALLS).expect("JSON");
    let call = &calls["rule"][0];
    let text = call.to_string().replace("${name}", "trailbell-sec_cloudtrail-stop-logging_rule");
    let call: Value = serde_json::from_str(&text).expect("JSON");
    let by_trailbell = "aws-sdk-rust/1.3.17 ua/2.1 api/eventbridge/1.110.0 os/linux lang/rust/1.94.0 app/trailbell";
    let outside = Address::new("us-east-1", trailbell::resource::Id::Queue("none".to_owned()));
    for (user_agent, role, is_reported) in [
        (by_trailbell, "ci/deploy", false),
        ("aws-cli/2.31.3", "ci/deploy", true),
        (by_trailbell, "NetworkAdmin", true),
    ] {
        let event = world.event(&call, user_agent, role);
        assert_eq!(!world.reports(&event, &outside).is_empty(), is_reported, "{user_agent} {role}");
    }
}

#[test]
fn elsewhere_only_roles_are_not_watched() {
    let world = World::new("eu-west-1", "{}");
    for resource in world.resources.values() {
        for (call, event) in world.changes(resource) {
            let is_reported = !world.reports(&event, resource.address()).is_empty();
            assert_eq!(is_reported, is_received(&event, "eu-west-1"), "{call} on {}", resource.address());
        }
    }
}

#[test]
fn patterns_fit_for_the_longest_names() {
    for rule in World::new("us-east-1", &format!("{{ applied_by: [\"{ROLE}\"] }}")).watching() {
        // The longest name of a stack has 17 characters more, and is in each of up to eleven places.
        let length = rule.0.pattern.to_string().len();
        assert!(length + 17 * 11 <= 2_048, "{}: {length}", rule.0.name);
    }
}
