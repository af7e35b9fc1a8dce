//! Resources and their edges → boxes and links.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::{Carries, Detail, Diagram, DiagramBox, DiagramLink, Drawn, is_detail, layers};
use crate::name::Scope;
use crate::resource::edge::Relation;
use crate::resource::{Address, Edge, EdgeEnd, Kind, Resource, ResourceSet};

/// How a resource is in the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BoxState {
    /// As the stack file says.
    Ok,
    /// Not there.
    Missing,
    /// Not as the stack file says.
    Differs,
    /// There, and not in the stack file.
    Superfluous,
}

/// What a box is of; their order is that of the boxes of one layer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum DrawnEnd {
    Outside(String),
    Part(Address),
    Slack,
}

/// The picture of resources, with how each is in the account, if it was looked at.
#[must_use]
pub fn diagram(scope: &Scope, resources: &ResourceSet, conditions: Option<&BTreeMap<Address, BoxState>>) -> Diagram {
    let drawing = Drawing::new(scope, resources);
    let condition = |address: &Address| conditions?.get(address).copied();
    let layers = layers::layers(&drawing.ends, &drawing.links);
    let mut order: Vec<&DrawnEnd> = drawing.ends.iter().collect();
    order.sort_by_key(|end| (layers[*end], *end));
    let place: BTreeMap<&DrawnEnd, usize> = order.iter().enumerate().map(|(at, end)| (*end, at)).collect();
    let one = |end: &&DrawnEnd| {
        let details = drawing.details.get(*end).into_iter().flatten();
        let details = details.map(|one| Detail { label: one.short(), condition: condition(one) }).collect();
        let (what, label, note) = words(end);
        let condition = if let DrawnEnd::Part(address) = end { condition(address) } else { None };
        DiagramBox { what, label, note, condition, details, layer: layers[*end] }
    };
    let mut links: Vec<DiagramLink> = drawing
        .links
        .iter()
        .map(|((from, to, carries), targets)| DiagramLink {
            from: place[from],
            to: place[to],
            carries: *carries,
            condition: targets.iter().filter_map(condition).max(),
        })
        .collect();
    links.sort();
    Diagram { title: scope.to_string(), boxes: order.iter().map(one).collect(), links }
}

/// What is drawn, before it has a place.
struct Drawing {
    ends: BTreeSet<DrawnEnd>,
    /// The links, each with the targets that make it.
    links: BTreeMap<(DrawnEnd, DrawnEnd, Carries), BTreeSet<Address>>,
    details: BTreeMap<DrawnEnd, BTreeSet<Address>>,
}

impl Drawing {
    fn new(scope: &Scope, resources: &ResourceSet) -> Self {
        let mut drawing = Self { ends: BTreeSet::new(), links: BTreeMap::new(), details: BTreeMap::new() };
        // The log group of a function is a detail of it; any other has a box.
        let logs = |one: &Resource| one.edges(scope).into_iter().filter(|edge| edge.relation == Relation::LogsTo);
        let logs: BTreeSet<Address> =
            resources.values().flat_map(logs).filter_map(|edge| part(&edge).cloned()).collect();
        let has_box =
            |address: &Address| !is_detail(address.kind()) && address.kind() != Kind::Target && !logs.contains(address);
        for address in resources.keys() {
            if has_box(address) {
                drawing.ends.insert(DrawnEnd::Part(address.clone()));
            }
            drawing.add(scope, resources, address);
        }
        drawing.ends.retain(|end| if let DrawnEnd::Part(address) = end { has_box(address) } else { true });
        let ends = &drawing.ends;
        drawing.links.retain(|(from, to, _), _| ends.contains(from) && ends.contains(to));
        drawing
    }

    fn add(&mut self, scope: &Scope, resources: &ResourceSet, address: &Address) {
        let edges = |of: &Address| resources.get(of).map_or_else(Vec::new, |one| one.edges(scope));
        let own_edges = edges(address);
        let ends = |wanted: Relation| own_edges.iter().filter(move |one| one.relation == wanted).filter_map(end);
        // A target is drawn as a link that begins at its rule.
        let is_target = address.kind() == Kind::Target;
        let rule = ends(Relation::PartOf).next().filter(|_| is_target);
        let (own, target) = match rule {
            Some(rule) => (rule, Some(address.clone())),
            None => (DrawnEnd::Part(address.clone()), None),
        };
        ends(Relation::ReadsFrom)
            .chain(ends(Relation::IsAbout))
            .for_each(|from| self.link(from, own.clone(), Carries::Events, None));
        for to in ends(Relation::SendsTo).chain(ends(Relation::CountsInto)) {
            // The role of a target is that with which its end is called, and is shown there once.
            let role = ends(Relation::ActsAs).filter(|_| is_target);
            role.chain(ends(Relation::AllowedBy)).for_each(|used| self.detail(&to, used));
            self.link(own.clone(), to, Carries::Events, target.clone());
        }
        ends(Relation::EmptiedBy).for_each(|to| self.link(own.clone(), to, Carries::Events, None));
        ends(Relation::FallsTo).for_each(|to| self.link(own.clone(), to, Carries::Undelivered, target.clone()));
        if !is_target {
            // A subscription gets what its topic is sent.
            ends(Relation::PartOf).for_each(|whole| self.link(whole, own.clone(), Carries::Events, None));
            let used = [Relation::ActsAs, Relation::LogsTo].map(ends);
            used.into_iter().flatten().for_each(|used| self.detail(&own, used));
        }
        // What writes messages for a rule puts them on its bus.
        for rule in own_edges.iter().filter(|edge| edge.relation == Relation::WritesFor).filter_map(|edge| part(edge)) {
            let read = edges(rule).into_iter().filter(|edge| edge.relation == Relation::ReadsFrom);
            read.filter_map(|edge| end(&edge)).for_each(|bus| self.link(own.clone(), bus, Carries::Events, None));
        }
        if address.kind() == Kind::ApiDestination {
            self.link(own, DrawnEnd::Slack, Carries::Events, None);
        }
    }

    fn link(&mut self, from: DrawnEnd, to: DrawnEnd, carries: Carries, target: Option<Address>) {
        for end in [&from, &to] {
            if !matches!(end, DrawnEnd::Part(_)) {
                self.ends.insert(end.clone());
            }
        }
        if from != to {
            self.links.entry((from, to, carries)).or_default().extend(target);
        }
    }

    fn detail(&mut self, of: &DrawnEnd, used: DrawnEnd) {
        if let DrawnEnd::Part(used) = used {
            self.details.entry(of.clone()).or_default().insert(used);
        }
    }
}

fn part(edge: &Edge) -> Option<&Address> {
    if let EdgeEnd::Part(address) = &edge.end { Some(address) } else { None }
}

fn end(edge: &Edge) -> Option<DrawnEnd> {
    match &edge.end {
        EdgeEnd::Part(address) => Some(DrawnEnd::Part(address.clone())),
        EdgeEnd::Outside(name) => Some(DrawnEnd::Outside(name.clone())),
        EdgeEnd::Unknown => None,
    }
}

/// What is drawn, the text of the box, and what it is.
fn words(end: &DrawnEnd) -> (Drawn, String, String) {
    match end {
        DrawnEnd::Slack => (Drawn::Slack, "Slack".to_owned(), String::new()),
        DrawnEnd::Outside(name) => (Drawn::Outside, outside(name).to_owned(), "not managed by this stack".to_owned()),
        DrawnEnd::Part(address) => {
            let note = address.kind().about().title.to_owned();
            (Drawn::Resource, address.short(), note)
        }
    }
}

/// The name in an ARN, or what is not one.
fn outside(name: &str) -> &str {
    let last = name.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4));
    last.unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::Id;

    const STACK: &str = r#"
stack: sec
region: us-east-1
slack: { webhook: "${env:HOOK}" }
alerts:
  - { blueprint: cloudtrail-stop-logging, with: { restart_logging: true } }
  - { blueprint: cloudtrail-access-denied-logs, with: { log_group: org-trail } }
"#;

    fn drawn(conditions: impl FnOnce(&ResourceSet) -> Option<BTreeMap<Address, BoxState>>) -> Diagram {
        drawn_of(STACK, conditions)
    }

    fn drawn_of(stack: &str, conditions: impl FnOnce(&ResourceSet) -> Option<BTreeMap<Address, BoxState>>) -> Diagram {
        let document = crate::document::Document::parse("t.yaml", stack).expect("YAML");
        let installation = crate::check::stack(document, std::path::PathBuf::new()).expect("good");
        let scope = Scope::offline(None, "us-east-1", "sec").expect("a good scope");
        let resources = crate::compile::compile(&installation, &scope, None);
        let conditions = conditions(&resources);
        diagram(&scope, &resources, conditions.as_ref())
    }

    /// The ways of events, each link as `from → to`.
    fn links(diagram: &Diagram, carries: Carries) -> Vec<String> {
        let label = |at: usize| diagram.boxes[at].label.as_str();
        let links = diagram.links.iter().filter(|link| link.carries == carries);
        links.map(|link| format!("{} → {}", label(link.from), label(link.to))).collect()
    }

    #[test]
    fn events_go_from_the_bus_or_the_log_group_to_slack() {
        let diagram = drawn(|_| None);
        let expected = [
            "event-bus/default → rule.cloudtrail-stop-logging",
            "log-group:org-trail → subscription_filter.cloudtrail-access-denied-logs@org-trail",
            "rule.cloudtrail-stop-logging → function.cloudtrail-stop-logging",
            "rule.cloudtrail-stop-logging → api_destination.slack",
            "subscription_filter.cloudtrail-access-denied-logs@org-trail → function.notifier",
            "function.notifier → event_bus.relay",
            "event_bus.relay → rule.relay@relay",
            "rule.relay@relay → api_destination.slack",
            "api_destination.slack → Slack",
        ];
        assert_eq!(links(&diagram, Carries::Events), expected);
        let undelivered = links(&diagram, Carries::Undelivered);
        assert_eq!(undelivered.len(), 4, "{undelivered:?}");
        assert!(undelivered.iter().all(|link| link.ends_with("→ queue.slack")), "{undelivered:?}");
    }

    #[test]
    fn a_digest_goes_by_its_queue_and_a_role_belongs_to_what_acts_as_it() {
        let stack = format!("{STACK}  - {{ blueprint: iam-user-created, digest: 15m }}\n");
        let diagram = drawn_of(&stack, |_| None);
        let ways = links(&diagram, Carries::Events);
        for way in [
            "rule.iam-user-created → digest_queue.iam-user-created",
            "digest_queue.iam-user-created → schedule.iam-user-created",
            "schedule.iam-user-created → function.digest",
        ] {
            assert!(ways.iter().any(|one| one == way), "{way}: {ways:#?}");
        }
        let acting: Vec<&str> = diagram
            .boxes
            .iter()
            .filter(|one| one.details.iter().any(|detail| detail.label == "role.scheduler"))
            .map(|one| one.label.as_str())
            .collect();
        assert_eq!(acting, ["schedule.iam-user-created"]);
    }

    #[test]
    fn every_resource_is_a_box_a_detail_or_a_link() {
        let mut all = ResourceSet::new();
        let diagram = drawn(|resources| {
            all = resources.clone();
            None
        });
        let shown: Vec<&str> = diagram
            .boxes
            .iter()
            .flat_map(|one| std::iter::once(&one.label).chain(one.details.iter().map(|detail| &detail.label)))
            .map(String::as_str)
            .collect();
        for address in all.keys().filter(|one| one.kind() != Kind::Target) {
            assert!(shown.contains(&address.short().as_str()), "{} in {shown:?}", address.short());
        }
    }

    #[test]
    fn a_target_that_differs_marks_its_link_and_a_role_its_detail() {
        let of = |kind: Kind| move |address: &&Address| address.kind() == kind;
        let diagram = drawn(|resources| {
            let all = resources.keys().map(|one| (one.clone(), BoxState::Ok));
            let mut all: BTreeMap<Address, BoxState> = all.collect();
            let wrong: Vec<Address> = resources
                .keys()
                .filter(of(Kind::Target))
                .chain(resources.keys().filter(of(Kind::Role)))
                .cloned()
                .collect();
            all.extend(wrong.into_iter().map(|one| (one, BoxState::Differs)));
            all.insert(Address::new("us-east-1", Id::Queue("slack".to_owned())), BoxState::Missing);
            Some(all)
        });
        let differing = diagram.links.iter().filter(|link| link.condition == Some(BoxState::Differs)).count();
        // Three targets; what the two of one rule cannot deliver goes one way.
        assert_eq!(differing, 5);
        let details = diagram.boxes.iter().flat_map(|one| &one.details);
        let roles: Vec<_> = details.filter(|one| one.label.starts_with("role.")).map(|one| one.condition).collect();
        assert!(!roles.is_empty() && roles.iter().all(|one| *one == Some(BoxState::Differs)));
        let missing: Vec<_> = diagram.boxes.iter().filter(|one| one.condition == Some(BoxState::Missing)).collect();
        assert_eq!(missing.iter().map(|one| one.label.as_str()).collect::<Vec<_>>(), ["queue.slack"]);
    }
}
