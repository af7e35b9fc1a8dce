//! A plan as people read it: symbol, address, changed fields old → new, reasons, and one line that sums it up.

use serde_json::{Value, json};

use super::style::{ARROW, Paint, count, plain};
use crate::plan::{Change, Extra, ExtraVerdict, FieldChange, Plan, PlanStep, Purpose, Reason, Refusal};
use crate::resource::{ENABLED_WITH_ALL, Field, Resource};

/// Longest value shown in one piece.
const MAX_VALUE: usize = 400;
/// So many fields that must be absent share a line.
const MANY: usize = 4;
/// Fields that say who may do what: a line for each statement, and never a part of one.
const POLICIES: [&str; 4] = ["assume_role_policy", "inline_policy", "policy", "statement"];

/// The whole plan.
#[must_use]
pub fn text(plan: &Plan, paint: Paint) -> String {
    let mut steps: Vec<&PlanStep> = plan.steps.iter().collect();
    steps.sort_by_key(|step| step.change.address());
    let mut lines = Vec::new();
    for step in steps {
        lines.push(heading(step, paint));
        lines.extend(
            step.pause.iter().map(|pause| paint.dim(&format!("      waits {} s {}", pause.seconds, pause.reason))),
        );
        if step.reason == Reason::Adopted {
            lines.extend(step.change.before().into_iter().flat_map(|found| described(found, paint)));
            lines.extend(plan.arns.get(step.change.address()).map(|arn| line("arn", &plain(arn), paint)));
        }
        lines.extend(details(&step.change, paint));
        if !matches!(step.change, Change::Delete { .. }) {
            lines.push(String::new());
        }
    }
    if lines.last().is_some_and(|last| !last.is_empty()) {
        lines.push(String::new());
    }
    lines.extend(next(plan, paint));
    let extras = extras(plan, paint);
    if !extras.is_empty() {
        lines.extend(extras);
        lines.push(String::new());
    }
    lines.extend(plan.notes.iter().map(|note| format!("{} {}", paint.warn("note:"), plain(note))));
    if !plan.notes.is_empty() {
        lines.push(String::new());
    }
    lines.push(summary(plan, paint));
    lines.join("\n")
}

/// What an apply changes after an adoption.
fn next(plan: &Plan, paint: Paint) -> Vec<String> {
    if plan.purpose != Purpose::Adopt {
        return Vec::new();
    }
    if plan.next.is_empty() {
        return vec!["Nothing differs from the stack file.".to_owned(), String::new()];
    }
    let change = |change: &Change| {
        let head = format!("{} {}", paint.symbol(change), paint.bold(&change.address().short()));
        let details = if matches!(change, Change::Create { .. }) { Vec::new() } else { details(change, paint) };
        std::iter::once(head).chain(details).chain([String::new()]).collect::<Vec<_>>()
    };
    let head = "The next `trailbell apply` will change:";
    [head.to_owned(), String::new()].into_iter().chain(plan.next.iter().flat_map(change)).collect()
}

/// A line for everything that others attached.
#[must_use]
pub fn extras(plan: &Plan, paint: Paint) -> Vec<String> {
    let line = |one: &Extra| {
        let (address, what, on) = (plain(&one.address), plain(&one.found.what), one.found.address.short());
        match &one.verdict {
            ExtraVerdict::Unmanaged => {
                format!(
                    "  {} {}  {what} of {on} is not managed by trailbell; not changed",
                    paint.warn("!"),
                    paint.bold(&address)
                )
            }
            ExtraVerdict::Accepted { reason } => {
                paint.dim(&format!("    {address}  is not managed, and accepted: {}", plain(reason)))
            }
            ExtraVerdict::Removed => {
                format!("  {} {}  {what} of {on} is removed", paint.bad("-"), paint.bold(&address))
            }
        }
    };
    plan.extras.iter().map(line).collect()
}

/// What to do about what is not managed.
pub(super) fn open_extras(plan: &Plan) -> Option<String> {
    let open = plan.extras.iter().filter(|one| one.is_open()).count();
    let them = if open == 1 { "it" } else { "them" };
    (open > 0).then(|| {
        format!(
            "{} not managed by trailbell. Remove {them} with `trailbell apply --remove-unmanaged ADDRESS`, or accept {them} under \
             `unmanaged` in the stack file.",
            if open == 1 { "1 addition is".to_owned() } else { format!("{open} additions are") }
        )
    })
}

/// The one line that sums a plan up; a second one says what is not managed.
#[must_use]
pub fn summary(plan: &Plan, paint: Paint) -> String {
    let open = open_extras(plan).map(|line| format!("\n{}", paint.warn(&line))).unwrap_or_default();
    format!("{}{open}", changes(plan, paint))
}

pub(super) fn changes(plan: &Plan, paint: Paint) -> String {
    let sum = plan.summary();
    if plan.is_empty() {
        let what = match plan.purpose {
            Purpose::Apply => format!("No changes. {} as described in the stack file.", are(sum.unchanged)),
            Purpose::Destroy => "Nothing to destroy. The stack has no resources in the account.".to_owned(),
            Purpose::Adopt => "Nothing to adopt.".to_owned(),
        };
        return paint.good(&what);
    }
    if plan.purpose == Purpose::Adopt {
        return paint.bold(&format!("Plan: {} to adopt. Only the mark is written.", sum.update));
    }
    let parts = [("create", sum.create), ("update", sum.update), ("replace", sum.replace), ("delete", sum.delete)];
    let mut parts: Vec<String> = parts.iter().map(|(word, number)| format!("{number} to {word}")).collect();
    let removed = plan.extras.iter().filter(|one| one.is_removed()).count();
    if removed > 0 {
        parts.push(format!("{removed} unmanaged to remove"));
    }
    paint.bold(&format!("Plan: {}, {} unchanged.", parts.join(", "), sum.unchanged))
}

fn are(number: usize) -> String {
    if number == 1 { "1 resource is".to_owned() } else { format!("{} are", count(number, "resource")) }
}

pub(super) fn heading(step: &PlanStep, paint: Paint) -> String {
    let address = paint.bold(&step.change.address().short());
    let why = match &step.reason {
        Reason::Absent => "does not exist yet".to_owned(),
        Reason::Differs => "differs from the stack file".to_owned(),
        Reason::NotInStack => "no longer in the stack file".to_owned(),
        Reason::Destroyed => "the stack is removed".to_owned(),
        Reason::Follows(other) => format!("{} is replaced", other.short()),
        Reason::Opens => "first step: it serves the old and the new code".to_owned(),
        Reason::Closes => "second step: only the new code is left".to_owned(),
        Reason::Adopted => "not managed yet; gets the stack's mark".to_owned(),
        Reason::MarkLost => "its mark is restored so that an interrupted removal can continue".to_owned(),
    };
    let what = match &step.change {
        Change::Delete { before } => plain(before.name()),
        _ => format!("({why})"),
    };
    format!("{} {address}  {}", paint.symbol(&step.change), paint.dim(&what))
}

pub(super) fn details(change: &Change, paint: Paint) -> Vec<String> {
    match change {
        Change::Create { after } => described(after, paint),
        Change::Delete { .. } => Vec::new(),
        Change::Update { fields, .. } | Change::Replace { fields, .. } => {
            fields.iter().flat_map(|field| changed(field, paint)).collect()
        }
    }
}

/// What a new resource will be: its name and what it is given, without what goes without saying.
fn described(resource: &Resource, paint: Paint) -> Vec<String> {
    let name = line("name", &plain(resource.name()), paint);
    let fields = resource.fields();
    // Of states only the one that is chosen for an alert is worth a line.
    let is_chosen = |field: &&Field| field.shown() == ENABLED_WITH_ALL;
    let given = fields.iter().filter(|field| match field.path {
        "state" => is_chosen(field),
        path => !matches!(path, "description" | "tags"),
    });
    let mut leaves = Vec::new();
    given.for_each(|field| leaf_values(field.path, &field.shown(), &mut leaves));
    let absent = leaves_that_must_be_absent(&mut leaves);
    let absent = absent.map(|fields| line("event_pattern, none of", &fields, paint));
    let lines = leaves.iter().flat_map(|(path, value)| match statements(path, value) {
        Some([one]) => vec![line(path, &said(one), paint)],
        Some(all) => std::iter::once(line(path, "", paint).trim_end().to_owned())
            .chain(all.iter().map(|one| format!("        {}", said(one))))
            .collect(),
        None => vec![line(path, &compact(value), paint)],
    });
    std::iter::once(name).chain(lines).chain(absent).collect()
}

/// Takes out the fields that a pattern wants to be absent, where these are many, for a line of their own.
fn leaves_that_must_be_absent(leaves: &mut Vec<(String, Value)>) -> Option<String> {
    let absent = json!([{ "exists": false }]);
    let path = |(path, value): &(String, Value)| {
        let field = path.strip_prefix("event_pattern.").filter(|_| *value == absent);
        field.map(str::to_owned)
    };
    let fields: Vec<String> = leaves.iter().filter_map(path).collect();
    if fields.len() < MANY {
        return None;
    }
    leaves.retain(|one| path(one).is_none());
    Some(fields.join(", "))
}

/// The statements of a policy, in words.
fn statements<'v>(path: &str, value: &'v Value) -> Option<&'v [Value]> {
    POLICIES.contains(&path).then(|| value.as_array().map(Vec::as_slice)).flatten()
}

fn said(statement: &Value) -> String {
    plain(statement.as_str().unwrap_or_default())
}

/// The statements that go, and those that come.
fn changed_statements(path: &str, before: &[Value], after: &[Value], paint: Paint) -> Vec<String> {
    let only = |these: &[Value], those: &[Value]| -> Vec<String> {
        these.iter().filter(|one| !those.contains(one)).map(said).collect()
    };
    let gone = only(before, after).into_iter().map(|one| paint.bad(&format!("- {one}")));
    let new = only(after, before).into_iter().map(|one| paint.good(&format!("+ {one}")));
    let lines = gone.chain(new).map(|one| format!("        {one}"));
    std::iter::once(line(path, "", paint).trim_end().to_owned()).chain(lines).collect()
}

fn line(path: &str, value: &str, paint: Paint) -> String {
    format!("      {} {value}", paint.dim(&format!("{path}:")))
}

fn changed(field: &FieldChange, paint: Paint) -> Vec<String> {
    let mut leaves = Vec::new();
    leaf_changes(&field.path, &field.before, &field.after, &mut leaves);
    let forced = if field.forces_replace { paint.bad("  forces replacement") } else { String::new() };
    let shown = leaves.iter().flat_map(|(path, before, after)| {
        if let (Some(old), Some(new)) = (statements(path, before), statements(path, after)) {
            let mut lines = changed_statements(path, old, new, paint);
            lines[0].push_str(&forced);
            return lines;
        }
        let (before, after) = (paint.bad(&compact(before)), paint.good(&compact(after)));
        vec![format!("{}{forced}", line(path, &format!("{before} {ARROW} {after}"), paint))]
    });
    shown.collect()
}

/// Goes down into objects to what is not one; what is empty goes without saying.
fn leaf_values(path: &str, value: &Value, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Null => {}
        Value::Object(map) => map.iter().for_each(|(key, value)| leaf_values(&format!("{path}.{key}"), value, found)),
        other => found.push((path.to_owned(), other.clone())),
    }
}

/// Goes down into objects as long as both sides have them, so that only what differs is shown.
fn leaf_changes(path: &str, before: &Value, after: &Value, found: &mut Vec<(String, Value, Value)>) {
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        if before != after {
            found.push((path.to_owned(), before.clone(), after.clone()));
        }
        return;
    };
    let keys = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
    for key in keys {
        let (old, new) = (old.get(key).unwrap_or(&Value::Null), new.get(key).unwrap_or(&Value::Null));
        leaf_changes(&format!("{path}.{key}"), old, new, found);
    }
}

fn compact(value: &Value) -> String {
    let text = match value {
        Value::Null => "(none)".to_owned(),
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) => plain(&text.replace('\n', "\\n")),
        other => plain(&other.to_string()),
    };
    match text.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Why something is not done.
#[must_use]
pub fn refusals(refusals: &[Refusal], paint: Paint) -> String {
    let one =
        |refusal: &Refusal| format!("{} {}\n  {}", paint.bad("refused:"), plain(&refusal.what), plain(&refusal.fix));
    refusals.iter().map(one).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_a_policy_nothing_is_left_out() {
        let long =
            |action: &str| json!(format!("Allow {action} on {}", "arn:aws:kms:us-east-1:123456789012:key/".repeat(12)));
        let change = FieldChange {
            path: "inline_policy".into(),
            before: json!([long("kms:EnableKey"), "Allow a:B on *"]),
            after: json!([long("kms:EnableKey"), "Allow iam:CreateUser on *"]),
            forces_replace: false,
            users_first: false,
        };
        let shown = changed(&change, Paint { color: false });
        assert_eq!(shown, ["      inline_policy:", "        - Allow a:B on *", "        + Allow iam:CreateUser on *"]);
    }

    #[test]
    fn only_what_differs_is_shown() {
        let mut found = Vec::new();
        let before = json!({"source": ["a"], "detail": {"x": [1], "y": [2]}});
        let after = json!({"source": ["a"], "detail": {"x": [1, 2], "z": [3]}});
        leaf_changes("event_pattern", &before, &after, &mut found);
        let shown: Vec<String> =
            found.iter().map(|(path, old, new)| format!("{path}: {} {ARROW} {}", compact(old), compact(new))).collect();
        assert_eq!(
            shown,
            [
                "event_pattern.detail.x: [1] → [1,2]",
                "event_pattern.detail.y: [2] → (none)",
                "event_pattern.detail.z: (none) → [3]"
            ]
        );
    }
}
