//! What the packs detect: the attacks of a public collection, and how rarely the default pack fires in a month of an account
//! that works as usual.
//!
//! `attacks` and `benign` are the two tests, `month` generates the records of the second. `docs/detections.md` has what comes
//! of both.

mod attacks;
mod benign;
mod month;

use trailbell::alert::Alert;
use trailbell::blueprint::{RuleState, catalog, pack};
use trailbell::pattern::{Matcher, Scratch};

/// The pack that a new stack begins with.
const DEFAULT: &str = "account-baseline";

/// Alerts with the defaults of their parameters, as their rules in AWS receive events.
struct Listeners {
    names: Vec<String>,
    states: Vec<RuleState>,
    matcher: Matcher,
    scratch: Scratch,
}

impl Listeners {
    /// The alerts of a pack, each with a default for every parameter.
    fn of_pack(name: &str) -> Self {
        let pack = pack::find(name).expect("no findings").expect("a pack of that name");
        Self::of(&pack.blueprints)
    }

    fn of(names: &[String]) -> Self {
        let mut listeners = (Vec::new(), Vec::new(), Vec::new());
        for name in names {
            let alert = Alert::alone(catalog::find(name).expect(name).load().expect("no findings"));
            let lacks_default = alert.blueprint.parameters.values().any(|one| one.default.is_none());
            assert!(!lacks_default, "{name} has a parameter without a default");
            let Some(events) = alert.events() else { continue };
            listeners.0.push(name.clone());
            listeners.1.push(events.state);
            listeners.2.push(events.judge().expect("a pattern that can be judged"));
        }
        let matcher = Matcher::new(listeners.2);
        Self { names: listeners.0, states: listeners.1, scratch: matcher.scratch(), matcher }
    }

    /// The alerts that a CloudTrail record fires in its own account and region.
    fn firing(&mut self, record: &str) -> Vec<&str> {
        let reception = Reception::of(record);
        let found = self.matcher.matches_record(record, &mut self.scratch).expect("a record that can be judged");
        let (names, states) = (&self.names, &self.states);
        let heard = found.patterns.iter().filter(|&&at| reception.reaches(states[at]));
        heard.map(|&at| names[at].as_str()).collect()
    }
}

/// Which rules EventBridge gives a record to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reception {
    /// All rules: a call that changes something, or one of the two reading calls of STS that AWS excepts.
    Every,
    /// Rules that also receive read-only management events.
    ReadOnly,
    /// None, unless a trail records data events.
    Data,
}

impl Reception {
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html> says so.
    pub(crate) fn of(record: &str) -> Self {
        let says = |text: &str| record.contains(text);
        if says("\"managementEvent\":false") {
            return Self::Data;
        }
        let is_excepted = says("\"eventName\":\"GetFederationToken\"") || says("\"eventName\":\"GetSessionToken\"");
        if says("\"readOnly\":true") && !is_excepted { Self::ReadOnly } else { Self::Every }
    }

    pub(crate) fn reaches(self, state: RuleState) -> bool {
        match self {
            Self::Every => true,
            Self::ReadOnly => state == RuleState::EnabledWithAllCloudtrailManagementEvents,
            Self::Data => false,
        }
    }
}
