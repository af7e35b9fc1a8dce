//! What is known of each field of a CloudTrail event: whether it is always present, which characters it can hold, how
//! long it can be.
//!
//! `table` has the rows. A pattern can make more certain than the table says: a value it pins, a prefix, a successful call.
//! Where several rows could apply the weakest counts. Neighbors: `possible` asks which events a pattern can match,
//! `message` lays values out by what is known of them.

mod table;

use serde::Serialize;

use super::{events, is_record, wants_records};
use crate::pattern::{Branch, Demand, Pattern};
use table::{BY_PATH, PROVIDERS, is_single};

pub use table::{
    FieldRow, Holds, RowEvents, general, identity_providers, is_list, is_object, is_of_records, is_text, is_value,
    rows, rows_about, spelled,
};

/// What is certain about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Certainty {
    /// Whether it is in every event, and not empty.
    pub always: bool,
    /// What it can hold.
    pub holds: Holds,
    /// The most characters it can have, where that is known.
    pub longest: Option<usize>,
}

/// Why nothing is certain about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The table has no such field for the events the pattern matches.
    Unknown,
    /// It would be known of CloudTrail's events, but anyone could send events that match.
    Forgeable,
    /// It is an object or a list.
    Composite,
}

/// Identities whose names AWS itself has checked, whatever service they call.
const NAMED_BY_IAM: [&str; 4] = ["Root", "IAMUser", "AssumedRole", "FederatedUser"];

/// The calls a pattern names for which the table does not have this field, although it has it for others.
#[must_use]
pub fn lacking(pattern: &Pattern, path: &str) -> Vec<String> {
    let Some(rows) = BY_PATH.get(path).filter(|_| !is_of_records(path)) else { return Vec::new() };
    let mut lacking = Vec::new();
    for branch in pattern.branches() {
        let texts = |field| branch.demand(field).and_then(Demand::texts).unwrap_or_default();
        let names = texts("detail.eventName");
        for source in texts("detail.eventSource") {
            let has = |name: &&&str| of_calls(rows, source, &[*name]).is_none();
            lacking.extend(names.iter().filter(has).map(|name| (*name).to_owned()));
        }
    }
    lacking
}

/// What is certain about the value at a dotted path in every event the pattern matches.
///
/// # Errors
/// When nothing is.
pub fn certainty(pattern: &Pattern, path: &str) -> Result<Certainty, Unfit> {
    let of_branches: Vec<Certainty> =
        pattern.branches().map(|branch| on_branch(branch, path)).collect::<Result<_, _>>()?;
    of_branches.into_iter().reduce(weaker).ok_or(Unfit::Unknown)
}

fn weaker(a: Certainty, b: Certainty) -> Certainty {
    Certainty {
        always: a.always && b.always,
        holds: a.holds.max(b.holds),
        longest: a.longest.zip(b.longest).map(|(a, b)| a.max(b)),
    }
}

fn on_branch(branch: Branch, path: &str) -> Result<Certainty, Unfit> {
    let rows = match applying(branch, path) {
        Err(why) => return listed(branch, path).ok_or(why),
        Ok(rows) => rows,
    };
    let of_rows: Option<Vec<Certainty>> = rows.into_iter().map(|row| of_row(branch, row)).collect();
    let known = of_rows.ok_or(Unfit::Composite)?.into_iter().reduce(weaker).ok_or(Unfit::Unknown)?;
    // Of a refused call anything may be recorded, a list among it, of which one entry fits the pattern.
    let is_open = is_open(branch, path);
    Ok(branch.demand(path).filter(|_| !is_open).map_or(known, |demand| proven(known, demand)))
}

/// What is certain of a field without a row, because the pattern lists all the texts it can hold. A pattern also matches a
/// list with one of them, so it must be a field of AWS's own events of which the table knows by its name that it holds one
/// value.
fn listed(branch: Branch, path: &str) -> Option<Certainty> {
    branch.demand("source").filter(|demand| demand.all_begin_with("aws."))?;
    let demand = branch.demand(path).filter(|demand| demand.texts().is_some() && !demand.has_address())?;
    let holds_one_value = is_single(path.rsplit('.').next().unwrap_or_default());
    let anything = Certainty { always: false, holds: Holds::Text, longest: None };
    (holds_one_value && !is_open(branch, path)).then(|| proven(anything, demand))
}

/// Whether a refused call can match, of which this path holds whatever the caller sent.
fn is_open(branch: Branch, path: &str) -> bool {
    path.starts_with("detail.requestParameters.") && may_have_failed(branch)
}

/// The rows that are about the events of this branch, so many that each event has one.
fn applying(branch: Branch, path: &str) -> Result<Vec<&'static FieldRow>, Unfit> {
    let rows = BY_PATH.get(path).ok_or(Unfit::Unknown)?;
    if let Some(row) = general(path, is_record(branch)) {
        return Ok(vec![row]);
    }
    let texts = |path| branch.demand(path).and_then(Demand::texts).ok_or(Unfit::Unknown);
    if !is_record(branch) {
        let unfit = if wants_records(branch) { Unfit::Forgeable } else { Unfit::Unknown };
        let (Ok(sources), Ok(kinds)) = (texts("source"), texts("detail-type")) else { return Err(unfit) };
        return of_natives(rows, &sources, &kinds).ok_or(unfit);
    }
    let names = texts("detail.eventName").unwrap_or_default();
    let sources = texts("detail.eventSource")?;
    let mut found = Vec::new();
    for source in &sources {
        let own: Vec<&str> = names.iter().copied().filter(|name| may_be_of(source, name, &sources)).collect();
        if names.is_empty() || !own.is_empty() {
            found.extend(of_calls(rows, source, &own).ok_or(Unfit::Unknown)?);
        }
    }
    Ok(found)
}

/// Whether a call can be one of this source: where the dictionary has it for other sources of the pattern alone, it is not.
fn may_be_of(source: &str, name: &str, sources: &[&str]) -> bool {
    let has = |source: &str| events::find(source, name).is_some();
    sources.len() == 1 || has(source) || !sources.iter().any(|one| has(one))
}

/// Whether the parameters of a call of one of these sources are known, so that what is not among them is not in its records.
#[must_use]
pub fn is_known_call(sources: &[&str], name: &str) -> bool {
    let is_about = |row: &FieldRow| matches!(&row.scope, RowEvents::Calls { names, .. } if names.contains(&name));
    sources.iter().any(|source| rows_about(source).any(is_about))
}

/// The rows about events that these services send themselves; `None` when one of the events has none.
fn of_natives(rows: &[&'static FieldRow], sources: &[&str], kinds: &[&str]) -> Option<Vec<&'static FieldRow>> {
    let is_about = |row: &FieldRow, source: &str, kind: &str| matches!(&row.scope, RowEvents::Native { source: of, kind: one } if *of == source && *one == kind);
    let events = sources.iter().flat_map(|source| kinds.iter().map(move |kind| (*source, *kind)));
    events.map(|(source, kind)| rows.iter().find(|row| is_about(row, source, kind)).copied()).collect()
}

/// The rows about calls of this source; `None` when one of the calls has none.
fn of_calls(rows: &[&'static FieldRow], source: &str, names: &[&str]) -> Option<Vec<&'static FieldRow>> {
    let about = |row: &FieldRow, name: Option<&&str>| match &row.scope {
        RowEvents::Calls { source: of, names } if *of == source => {
            names.is_empty() || name.is_some_and(|name| names.contains(name))
        }
        _ => false,
    };
    let find = |name: Option<&&str>| rows.iter().find(|row| about(row, name)).copied();
    if names.is_empty() { find(None).map(|row| vec![row]) } else { names.iter().map(|name| find(Some(name))).collect() }
}

fn of_row(branch: Branch, row: &FieldRow) -> Option<Certainty> {
    let (holds, always) = (row.holds?, row.always);
    let may_be_from =
        |source: &&str| branch.demand("detail.eventSource").is_none_or(|demand| demand.accepts_text(source));
    let caller = branch.demand("detail.userIdentity.type").and_then(Demand::texts);
    let is_named_by_iam = caller.is_some_and(|types| types.iter().all(|one| NAMED_BY_IAM.contains(one)));
    if row.needs_success && may_have_failed(branch) {
        return Some(Certainty { always: false, holds: Holds::Text, longest: None });
    }
    if !is_named_by_iam && row.free_when.iter().any(may_be_from) {
        return Some(Certainty { always, holds: Holds::Text, longest: None });
    }
    Some(Certainty { always, holds, longest: row.longest })
}

/// Whether a refused call can match. Services say so in `errorCode`; sign-in, and who knows which other identity provider,
/// in `errorMessage` alone. (Of the records in the tests of pypanther 0.1.1a62 only failed sign-ins lack the code.)
fn may_have_failed(branch: Branch) -> bool {
    let can_be_text = |path| branch.demand(path).is_none_or(Demand::can_be_text);
    let may_be_from =
        |source: &&str| branch.demand("detail.eventSource").is_none_or(|demand| demand.accepts_text(source));
    can_be_text("detail.errorCode") || can_be_text("detail.errorMessage") && PROVIDERS.iter().any(may_be_from)
}

/// Whether no refused call can match.
#[must_use]
pub fn asks_for_success(pattern: &Pattern) -> bool {
    !pattern.branches().any(may_have_failed)
}

/// What a demand adds to what is known.
fn proven(known: Certainty, demand: Demand) -> Certainty {
    if matches!(known.holds, Holds::Number | Holds::Boolean) {
        return Certainty { always: known.always || !demand.accepts_absence(), ..known };
    }
    // Slack takes white space for nothing.
    let can_be_nothing =
        demand.accepts_absence() || demand.accepts_null() || ["", " "].iter().any(|text| demand.accepts_text(text));
    let is_blank = demand.texts().is_some_and(|texts| texts.iter().any(|text| text.trim().is_empty()));
    let always = !is_blank && (known.always || !can_be_nothing);
    let pinned = match demand.texts() {
        // An address has many spellings, of any length.
        _ if demand.is_address() => Some((Holds::Identifier, None)),
        Some(_) if demand.has_address() => None,
        Some(texts) => Some((
            texts.iter().map(|text| alphabet(text)).max().unwrap_or(Holds::Text),
            texts.iter().map(|text| text.chars().count()).max(),
        )),
        None => None,
    };
    let Some((holds, longest)) = pinned else { return Certainty { always, ..known } };
    let longest = known.longest.into_iter().chain(longest).min();
    Certainty { always, holds: known.holds.min(holds), longest }
}

/// The safest kind a text is of.
#[must_use]
pub fn alphabet(text: &str) -> Holds {
    let in_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let in_identifier = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '<' | '>' | '&' | '`');
    if text.chars().all(in_token) {
        Holds::Token
    } else if text.chars().all(in_identifier) {
        Holds::Identifier
    } else {
        Holds::Text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certainty_in(pattern: &str, path: &str) -> Result<Certainty, Unfit> {
        certainty(&Pattern::read(pattern).expect("valid"), path)
    }

    #[expect(clippy::unnecessary_wraps, reason = "it stands beside refusals")]
    fn of(always: bool, holds: Holds, longest: impl Into<Option<usize>>) -> Result<Certainty, Unfit> {
        Ok(Certainty { always, holds, longest: longest.into() })
    }

    #[test]
    fn a_field_is_known_by_its_row_and_the_pattern() {
        use Holds::{Identifier, Text, Token};
        let record = r#""source":["aws.support"],"detail-type":["AWS API Call via CloudTrail"]"#;
        let call =
            format!(r#"{record},"detail":{{"eventSource":["support.amazonaws.com"],"eventName":["ResolveCase"]"#);
        let success = r#""errorCode":[{"exists":false}],"errorMessage":[{"exists":false}]"#;
        let session = r#""source":["aws.sts"],"detail-type":["AWS API Call via CloudTrail"],"detail":{"eventSource":["sts.amazonaws.com"],"eventName":["AssumeRole"]"#;
        let glue = r#""source":["aws.glue"],"detail-type":["Glue Job State Change"]"#;
        let case = "detail.requestParameters.caseId";
        let principal = "detail.userIdentity.principalId";
        let cases = [
            (format!("{{{record}}}"), "detail.eventTime", of(true, Identifier, 32)),
            (format!("{{{record}}}"), "account", of(true, Token, 12)),
            (r#"{"source":["my.app"]}"#.to_owned(), "account", of(true, Token, 12)),
            (r#"{"source":["my.app"]}"#.to_owned(), "source", of(true, Token, 6)),
            (r#"{"source":[{"prefix":"m"}]}"#.to_owned(), "source", of(true, Text, 256)),
            // Anyone may put such an event on the bus.
            (
                r#"{"detail-type":["AWS API Call via CloudTrail"]}"#.to_owned(),
                "detail.eventTime",
                Err(Unfit::Forgeable),
            ),
            (
                r#"{"source":["aws.partner/x"],"detail-type":["AWS API Call via CloudTrail"]}"#.to_owned(),
                "detail.eventTime",
                of(true, Identifier, 32),
            ),
            (format!("{{{record}}}"), "detail.userIdentity", Err(Unfit::Composite)),
            (format!("{{{record}}}"), "detail.nobody", Err(Unfit::Unknown)),
            // Without an event source it may be an event of an identity provider.
            (format!("{{{record}}}"), principal, of(false, Text, None)),
            (format!("{call}}}}}"), principal, of(false, Identifier, 256)),
            (
                format!(r#"{{{record},"detail":{{"userIdentity":{{"type":["Root"]}}}}}}"#),
                principal,
                of(false, Identifier, 256),
            ),
            (format!("{{{record}}}"), case, Err(Unfit::Unknown)),
            // A refused call carries whatever the caller wrote.
            (format!("{{{call}}}}}"), case, of(false, Text, None)),
            (format!("{{{call},{success}}}}}"), case, of(false, Token, 128)),
            (format!(r#"{{{call},"errorCode":[{{"exists":false}}]}}}}"#), case, of(false, Token, 128)),
            (format!(r#"{{{call},"errorMessage":[{{"exists":false}}]}}}}"#), case, of(false, Text, None)),
            // A failed sign-in may have a message and no code.
            (
                format!(r#"{{{session},"errorCode":[{{"exists":false}}]}}}}"#),
                "detail.requestParameters.roleSessionName",
                of(false, Text, None),
            ),
            (
                format!("{{{session},{success}}}}}"),
                "detail.requestParameters.roleSessionName",
                of(false, Identifier, 64),
            ),
            (
                format!(r#"{{{call},{success},"requestParameters":{{"caseId":["case-1","case-22"]}}}}}}"#),
                case,
                of(true, Token, 7),
            ),
            // Of a refused call a list may be recorded, of which one entry fits.
            (
                format!(r#"{{{call},"requestParameters":{{"caseId":["case-1","case-22"]}}}}}}"#),
                case,
                of(false, Text, None),
            ),
            (
                format!(r#"{{{call},"requestParameters":{{"caseId":[{{"prefix":"c"}}]}}}}}}"#),
                case,
                of(false, Text, None),
            ),
            (
                format!(r#"{{{call},"requestParameters":{{"caseId":[{{"exists":true}}]}}}}}}"#),
                case,
                of(false, Text, None),
            ),
            (
                format!(r#"{{{call},"sourceIPAddress":[{{"cidr":"10.0.0.0/8"}}]}}}}"#),
                "detail.sourceIPAddress",
                of(true, Identifier, 256),
            ),
            // The pattern lists what a field without a row can hold.
            (format!(r#"{{{glue},"detail":{{"status":["FAILED","ABORTED"]}}}}"#), "detail.status", of(true, Token, 7)),
            (format!(r#"{{{glue},"detail":{{"status":[{{"prefix":"F"}}]}}}}"#), "detail.status", Err(Unfit::Unknown)),
            (format!(r#"{{{glue},"detail":{{"changed-keys":["a"]}}}}"#), "detail.changed-keys", Err(Unfit::Unknown)),
            (
                r#"{"source":["my.app"],"detail-type":["t"],"detail":{"status":["FAILED"]}}"#.to_owned(),
                "detail.status",
                Err(Unfit::Unknown),
            ),
            // The weaker of two branches counts.
            (
                format!(
                    r#"{{{record},"$or":[{{"detail":{{"errorMessage":[{{"prefix":"a"}}]}}}},{{"detail":{{"eventName":["X"]}}}}]}}"#
                ),
                "detail.errorMessage",
                of(false, Text, 1024),
            ),
        ];
        for (pattern, path, expected) in cases {
            let pattern = if pattern.starts_with('{') { pattern } else { format!("{{{pattern}") };
            assert_eq!(certainty_in(&pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn texts_have_an_alphabet() {
        for (text, expected) in [
            ("a-1._", Holds::Token),
            ("a b:'*", Holds::Identifier),
            ("a\"", Holds::Text),
            ("é", Holds::Text),
            ("a\n", Holds::Text),
        ] {
            assert_eq!(alphabet(text), expected, "{text}");
        }
    }
}
