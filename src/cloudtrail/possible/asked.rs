//! Request parameters that the named calls do not have, or not as the pattern has them.
//!
//! Only calls of which a model lists all parameters are judged, and a model may be older than a service: what is found is a
//! warning. Neighbor: `parameters`, which has the models.

use super::super::{parameters, wants_records};
use super::{Impossibility, ImpossibilityKind, event_sources, texts};
use crate::cloudtrail::fields::{FieldRow, Holds, RowEvents, rows_about};
use crate::pattern::{Branch, Demand, Requirement};

/// What all paths of request parameters begin with.
const FRONT: &str = "detail.requestParameters.";

/// A call that the pattern names, with what is known of its parameters.
struct AskedCall<'p> {
    source: &'p str,
    name: &'p str,
    rows: Vec<&'static FieldRow>,
}

impl AskedCall<'_> {
    fn row(&self, path: &str) -> Option<&'static FieldRow> {
        self.rows.iter().find(|row| row.path == path).copied()
    }
}

/// What is wrong with the request parameters that a pattern asks for.
pub(super) fn request_parameters(branch: Branch) -> Vec<Impossibility> {
    let is_asked = |demand: &Demand| demand.path().starts_with(FRONT) && !demand.accepts_absence();
    let demands: Vec<Demand> = branch.demands().filter(is_asked).collect();
    let Some(calls) = (!demands.is_empty() && wants_records(branch)).then(|| calls(branch)).flatten() else {
        return Vec::new();
    };
    demands
        .into_iter()
        .filter_map(|demand| {
            spelling(demand, &calls).or_else(|| kind(demand, &calls)).or_else(|| lacking(demand, &calls))
        })
        .collect()
}

/// The calls that a pattern names, if all of them have a model.
fn calls(branch: Branch<'_>) -> Option<Vec<AskedCall<'_>>> {
    let names = texts(branch, "detail.eventName")?;
    let mut calls = Vec::new();
    for source in event_sources(branch) {
        for name in &names {
            // A row about any call of a service does not say that this one has the parameter.
            let is_about = |row: &&FieldRow| {
                let is_named = matches!(&row.scope, RowEvents::Calls { names, .. } if names.contains(name));
                is_named && row.path.starts_with(FRONT)
            };
            let rows: Vec<_> = rows_about(source).filter(is_about).collect();
            if rows.iter().any(|row| parameters::is_of_model(row)) {
                calls.push(AskedCall { source, name, rows });
            }
        }
    }
    names.iter().all(|name| calls.iter().any(|call| call.name == *name)).then_some(calls)
}

/// A name with other capitals than CloudTrail writes.
fn spelling(demand: Demand, calls: &[AskedCall]) -> Option<Impossibility> {
    if calls.iter().any(|call| call.row(demand.path()).is_some()) {
        return None;
    }
    let is_meant = |row: &&&FieldRow| row.path.eq_ignore_ascii_case(demand.path());
    let (call, row) = calls.iter().find_map(|call| Some((call, call.rows.iter().find(is_meant)?)))?;
    let written = row.path.strip_prefix("detail.").unwrap_or(&row.path);
    let what = format!("CloudTrail does not write `{}` for `{}`", &demand.path()[FRONT.len()..], call.name);
    Some(
        Impossibility::new(ImpossibilityKind::UnknownValue, demand.path(), None, what)
            .help(format!("did you mean `{written}`?")),
    )
}

/// A value of another kind than the parameter has in every call that has it.
fn kind(demand: Demand, calls: &[AskedCall]) -> Option<Impossibility> {
    let rows: Vec<&FieldRow> = calls.iter().filter_map(|call| call.row(demand.path())).collect();
    let holds = rows.first()?.holds?;
    if demand.accepts_null() || rows.iter().any(|row| row.holds != Some(holds)) {
        return None;
    }
    let (fits, kind) = match holds {
        Holds::Boolean => {
            (demand.accepts_boolean(true) || demand.accepts_boolean(false), "`true` or `false`, without quotes")
        }
        Holds::Number => (demand.can_be_number(), "a number, without quotes"),
        _ => (demand.can_be_text(), "a text, in quotes"),
    };
    let what = format!("the value of `{}` is {kind}", demand.path());
    (!fits).then(|| {
        Impossibility::new(ImpossibilityKind::UnknownValue, demand.path(), None, what)
            .help(format!("the pattern expects {}", demand.wanted()))
    })
}

/// EC2 writes objects and lists under other names than its model, so they are not in the table.
const INCOMPLETE: &str = "ec2.amazonaws.com";

/// Calls that do not have the parameter, which other calls of the service have. A list of values is meant for those that have
/// it; a negation or a prefix is easily taken for a condition on all of them.
fn lacking(demand: Demand, calls: &[AskedCall]) -> Option<Impossibility> {
    let lacking: Vec<&AskedCall> = calls.iter().filter(|call| call.row(demand.path()).is_none()).collect();
    let name = &demand.path()[FRONT.len()..];
    let is_known = |call: &AskedCall| {
        rows_about(call.source)
            .any(|row| row.path == demand.path() && row.holds.is_some() && parameters::is_of_model(row))
    };
    if name.contains('.')
        || calls.iter().any(|call| call.source == INCOMPLETE)
        || !lacking.iter().any(|call| is_known(call))
    {
        return None;
    }
    let names = lacking.iter().map(|call| format!("`{}`", call.name)).collect::<Vec<_>>().join(", ");
    let what = format!("`{name}` is not a request parameter of {names}");
    if lacking.len() == calls.len() {
        return Some(Impossibility::new(ImpossibilityKind::UnknownValue, demand.path(), None, what));
    }
    let is_condition = demand.is_negation() || demand.entries().all(Requirement::shapes_text);
    is_condition.then(|| {
        let help = format!(
            "these calls never match: list them in a second alert without `{name}`, or remove them from `eventName`"
        );
        Impossibility::new(ImpossibilityKind::LeftOut, demand.path(), None, what).help(help)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Pattern;

    #[test]
    fn what_a_call_does_not_have_is_found_and_nothing_else() {
        use ImpossibilityKind::{LeftOut, UnknownValue};
        let cases = [
            (
                "rds",
                "DeleteDBInstance",
                r#""dbInstanceIdentifier":["prod"]"#,
                Some((UnknownValue, "requestParameters.dBInstanceIdentifier")),
            ),
            ("iam", "AttachRolePolicy", r#""PolicyArn":["x"]"#, Some((UnknownValue, "requestParameters.policyArn"))),
            ("iam", "AttachRolePolicy", r#""policyArn":["x"]"#, None),
            ("rds", "CreateDBInstance", r#""publiclyAccessible":["true"]"#, Some((UnknownValue, "[\"true\"]"))),
            ("rds", "CreateDBInstance", r#""publiclyAccessible":[true]"#, None),
            ("rds", "CreateDBInstance", r#""publiclyAccessible":["true",true]"#, None),
            ("iam", "CreateUser", r#""roleName":["x"]"#, Some((UnknownValue, ""))),
            ("iam", "CreateUser", r#""roleName":[{"exists":false}]"#, None),
            ("iam", "CreateUser", r#""somethingNew":["x"]"#, None),
            ("ec2", "ModifyInstanceAttribute", r#""userData":[{"exists":true}]"#, None),
            ("iam", "BrandNewCall", r#""RoleName":["x"]"#, None),
            ("rds", r#"DeleteDBInstance","DeleteDBCluster"#, r#""dBInstanceIdentifier":["prod"]"#, None),
            (
                "rds",
                r#"DeleteDBInstance","DeleteDBCluster"#,
                r#""dBInstanceIdentifier":[{"anything-but":["ci"]}]"#,
                Some((LeftOut, "second alert")),
            ),
            (
                "rds",
                r#"DeleteDBInstance","DeleteDBCluster"#,
                r#""dBInstanceIdentifier":[{"prefix":"ci"}]"#,
                Some((LeftOut, "remove them")),
            ),
            ("rds", "DeleteDBInstance", r#""dBInstanceIdentifier":[{"anything-but":["ci"]}]"#, None),
        ];
        for (service, name, parameters, expected) in cases {
            let text = format!(
                r#"{{"source":["aws.{service}"],"detail-type":["AWS API Call via CloudTrail"],"detail":{{"eventSource":["{service}.amazonaws.com"],"eventName":["{name}"],"requestParameters":{{{parameters}}}}}}}"#
            );
            let pattern = Pattern::read(&text).expect("valid");
            let found: Vec<_> = pattern.branches().flat_map(request_parameters).collect();
            assert_eq!(
                found.iter().map(|one| one.kind).collect::<Vec<_>>(),
                expected.map(|(kind, _)| kind).into_iter().collect::<Vec<_>>(),
                "{text}: {found:?}"
            );
            if let Some((_, help)) = expected {
                assert!(found[0].help.as_deref().unwrap_or_default().contains(help), "{found:?}");
            }
        }
    }
}
