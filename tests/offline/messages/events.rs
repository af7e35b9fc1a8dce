//! Hostile events: each obeys the table of fields and the author's word, and is meant to fit one way of a pattern.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use trailbell::blueprint::Claim;
use trailbell::cloudtrail::fields::{FieldRow, Holds, RowEvents, identity_providers, rows_about};
use trailbell::pattern::{Branch, Demand};

use super::assembly::{Field, assembled};
use super::rng::Random;
use super::values::{FREE, Kind, anything, fits, satisfying, value};

/// What an author vouches for, by dotted path.
pub type Claims = BTreeMap<String, Claim>;

/// The detail types of what CloudTrail delivers.
const DELIVERED: [&str; 7] = [
    "AWS API Call via CloudTrail",
    "AWS Console Sign In via CloudTrail",
    "AWS Console Signin via CloudTrail",
    "AWS Console Action via CloudTrail",
    "AWS Service Event via CloudTrail",
    "AWS Insight via CloudTrail",
    "AWS Network Activity Event via CloudTrail",
];

/// Identities that IAM has named, whatever they call.
const NAMED_BY_IAM: [&str; 4] = ["Root", "IAMUser", "AssumedRole", "FederatedUser"];
const OTHER_CALLERS: [&str; 5] = ["SAMLUser", "WebIdentityUser", "IdentityCenterUser", "AWSService", "Unknown"];

/// What the event is, settled before the other fields.
struct Making<'p, 'r> {
    way: Branch<'p>,
    random: &'r mut Random,
    fields: BTreeMap<String, Field>,
    is_record: bool,
    is_refused: bool,
}

/// An event for this way to match; `None` when the way and the table contradict each other, or chance gave up. `shown`
/// are the paths that matter; other fields are there now and then.
pub fn event(way: Branch, shown: &BTreeSet<String>, claims: &Claims, random: &mut Random) -> Option<Value> {
    let mut making = Making { way, random, fields: BTreeMap::new(), is_record: false, is_refused: false };
    making.envelope()?;
    making.call()?;
    for (path, claim) in claims {
        making.claimed(path, *claim)?;
    }
    let source = making.text("detail.eventSource").unwrap_or_default().to_owned();
    for row in rows_about(&source) {
        let matters = row.always || shown.contains(&row.path) || way.demand(&row.path).is_some();
        if making.has(row) && !making.fields.contains_key(&row.path) && (matters || making.random.once_in(6)) {
            making.row(row)?;
        }
    }
    // What the table does not know.
    for path in shown {
        if !making.fields.contains_key(path) && way.demand(path).is_none() {
            let value = anything(2, making.random);
            making.set(path, value, false);
        }
    }
    for demand in way.demands() {
        if !making.fields.contains_key(demand.path()) {
            let value = satisfying(demand, FREE, making.random);
            making.set(demand.path(), value, true);
        }
    }
    making.strangers();
    Some(assembled(&making.fields, making.random))
}

impl Making<'_, '_> {
    fn set(&mut self, path: &str, value: Option<Value>, is_needed: bool) {
        self.fields.insert(path.to_owned(), Field { value, is_needed });
    }

    fn text(&self, path: &str) -> Option<&str> {
        self.fields.get(path)?.value.as_ref()?.as_str()
    }

    /// What the way demands of the field, or one of these.
    fn settle(&mut self, path: &str, (holds, longest): (Holds, usize), otherwise: &[&str]) -> Option<()> {
        let Some(demand) = self.way.demand(path) else {
            let value = json!(self.random.word(otherwise));
            self.set(path, Some(value), false);
            return Some(());
        };
        let fitting: Vec<&str> = otherwise.iter().copied().filter(|text| demand.accepts_text(text)).collect();
        let kind = Kind { always: false, holds, longest: Some(longest) };
        let found = match demand.texts() {
            None if !fitting.is_empty() && !self.random.once_in(4) => Some(json!(self.random.word(&fitting))),
            _ => satisfying(demand, kind, self.random),
        };
        let obeys = found.as_ref().is_none_or(|found| fits(kind, found));
        self.set(path, found, true);
        obeys.then_some(())
    }

    fn envelope(&mut self) -> Option<()> {
        self.settle("source", (Holds::Text, 256), &["my.app", "aws.iam", "\"<!channel>"])?;
        let names_a_call =
            self.way.demand("detail.eventSource").is_some() && self.way.demand("detail.eventName").is_some();
        let mut types = DELIVERED.to_vec();
        if !names_a_call {
            types.extend(["AWS Health Event", "\"<!channel>"]);
        }
        self.settle("detail-type", (Holds::Text, 128), &types)?;
        let is_of_aws = self.text("source").is_some_and(|one| one.starts_with("aws."));
        self.is_record = is_of_aws && self.text("detail-type").is_some_and(|one| one.ends_with(" via CloudTrail"));
        Some(())
    }

    /// Which call it is, whose, and whether it was refused.
    fn call(&mut self) -> Option<()> {
        if !self.is_record {
            return Some(());
        }
        let sources = ["iam.amazonaws.com", "sts.amazonaws.com", "signin.amazonaws.com"];
        self.settle("detail.eventSource", (Holds::Token, 128), &sources)?;
        let source = self.text("detail.eventSource").unwrap_or_default().to_owned();
        let names = |row: &'static FieldRow| match &row.scope {
            RowEvents::Calls { source: of, names } if *of == source => names.clone(),
            _ => Vec::new(),
        };
        let names: Vec<&str> = rows_about(&source).flat_map(names).chain(["SomethingNew"]).collect();
        self.settle("detail.eventName", (Holds::Identifier, 256), &names)?;
        let callers = [&NAMED_BY_IAM[..], &OTHER_CALLERS, &[""]].concat();
        self.settle("detail.userIdentity.type", (Holds::Token, 32), &callers)?;
        let errors = ["detail.errorCode", "detail.errorMessage"];
        let demands = errors.map(|path| self.way.demand(path));
        let mut can_be = demands.map(|demand| demand.is_none_or(Demand::can_be_text));
        let must_be = demands.map(|demand| demand.is_some_and(|demand| !demand.accepts_absence()));
        // A message without a code is for sign-in and the like.
        let needs_code = !identity_providers().contains(&source.as_str());
        if needs_code && !can_be[0] {
            if must_be[1] {
                return None;
            }
            can_be[1] = false;
        }
        self.is_refused = must_be.contains(&true) || can_be.contains(&true) && self.random.once_in(2);
        let the_one =
            if can_be == [true, true] && !needs_code { self.random.below(2) } else { usize::from(!can_be[0]) };
        for (at, path) in errors.into_iter().enumerate() {
            let is_there = self.is_refused && (must_be[at] || can_be[at] && (at == the_one || self.random.once_in(2)));
            let kind = Kind { always: true, longest: Some(1024), ..FREE };
            let mut found = None;
            if is_there {
                found = Some(self.demanded(path, kind).unwrap_or_else(|| value(kind, self.random)));
            }
            self.set(path, found, is_there);
        }
        Some(())
    }

    /// A value that fits what is demanded of the field, if anything is.
    fn demanded(&mut self, path: &str, kind: Kind) -> Option<Value> {
        let demand = self.way.demand(path)?;
        satisfying(demand, kind, self.random)
    }

    fn claimed(&mut self, path: &str, claim: Claim) -> Option<()> {
        let kind = match claim {
            Claim::Identifier => Kind { always: false, holds: Holds::Identifier, longest: Some(250) },
            Claim::Text => Kind { always: true, holds: Holds::Text, longest: Some(1_000) },
        };
        self.field(path, kind)
    }

    /// Whether the row is about this event.
    fn has(&self, row: &FieldRow) -> bool {
        match &row.scope {
            RowEvents::Event => true,
            RowEvents::Record => self.is_record,
            RowEvents::Native { source, kind } => {
                self.text("source") == Some(source) && self.text("detail-type") == Some(kind)
            }
            RowEvents::Calls { source, names } => {
                let is_one = |name: &str| names.is_empty() || names.contains(&name);
                self.is_record
                    && self.text("detail.eventSource") == Some(source)
                    && self.text("detail.eventName").is_some_and(is_one)
            }
        }
    }

    fn row(&mut self, row: &FieldRow) -> Option<()> {
        let caller = self.text("detail.userIdentity.type").unwrap_or_default();
        let is_free = self.text("detail.eventSource").is_some_and(|source| row.free_when.contains(&source))
            && !NAMED_BY_IAM.contains(&caller);
        match row.holds {
            _ if row.needs_success && self.is_refused => {
                self.refused(&row.path);
                Some(())
            }
            Some(_) if is_free => self.field(&row.path, Kind { always: row.always, ..FREE }),
            Some(holds) => self.field(&row.path, Kind { always: row.always, holds, longest: row.longest }),
            // Objects come of what is in them.
            None if row.is_object => Some(()),
            None => {
                let list = json!([anything(1, self.random), {"type": "x\"", "ARN": "<!here>"}]);
                self.set(&row.path, Some(list), row.always);
                Some(())
            }
        }
    }

    /// A field of a refused call, which holds whatever the caller sent.
    fn refused(&mut self, path: &str) {
        let is_needed = self.way.demand(path).is_some_and(|demand| !demand.accepts_absence());
        let found = match self.way.demand(path) {
            Some(demand) => satisfying(demand, FREE, self.random),
            None => anything(1, self.random),
        };
        // One fitting entry of a list is enough for a pattern.
        let found = match found {
            Some(value) if self.way.demand(path).is_some() && self.random.once_in(4) => {
                Some(json!([value, "\"<!channel>"]))
            }
            found => found,
        };
        self.set(path, found, is_needed);
    }

    fn field(&mut self, path: &str, kind: Kind) -> Option<()> {
        let demand = self.way.demand(path);
        let is_needed = kind.always || demand.is_some_and(|demand| !demand.accepts_absence());
        let found = match demand {
            Some(demand) => satisfying(demand, kind, self.random),
            None if !kind.always && self.random.once_in(4) => None,
            None => Some(value(kind, self.random)),
        };
        if found.as_ref().is_some_and(|found| !fits(kind, found)) || found.is_none() && kind.always {
            return None;
        }
        self.set(path, found, is_needed);
        Some(())
    }

    /// Fields no one knows.
    fn strangers(&mut self) {
        for place in ["zz", "detail.zz", "detail.userIdentity.zz", "detail.requestParameters.<!here>\"", "detail.\\"] {
            if self.random.once_in(6) {
                let value = anything(3, self.random);
                self.set(place, value, false);
            }
        }
    }
}
