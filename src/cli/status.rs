//! `trailbell status`: what the stack has in the account, whether it is as it should be, and what is in the
//! dead-letter queue. Exits with 3 when something is not as it should be.

use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::screen::Screen;
use super::secrets::Resolved;
use super::session::{Session, watched};
use super::{Code, Failure, Global, Output, StackFile};
use crate::plan::{Change, Plan};
use crate::provider::Provider;
use crate::render::style::{DONE, FAILED, count};
use crate::secret::SecretReference;

/// Arguments of `status`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell status
  trailbell status --output json

Exit codes: 0 everything matches the stack file and nothing is undelivered, 1 failed, 2 \
    usage, 3 something differs.")]
pub(super) struct Arguments {
    #[command(flatten)]
    file: StackFile,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<Code, Failure> {
    let session = Session::open(&arguments.file.stack, global, screen).await?;
    // A look must not ask for a secret.
    let secret = match session.installation.destination.reference() {
        SecretReference::Prompt(_) => Resolved::Missing("it requires a prompt".to_owned()),
        _ => session.secret(screen)?,
    };
    let plan = session.plan(&secret, screen).await?;
    let letters = session.cloud.dead_letter_count(&session.scope);
    let letters = watched(screen, "counting undelivered alerts", letters).await?;
    let verdict = Verdict::of(&plan, letters);
    let code = if verdict == Verdict::Ok { Code::Fine } else { Code::ChangesPending };
    match global.output {
        Output::Json => screen.json(&json!({
            "format": 1, "verdict": verdict, "scope": session.scope, "resources": resources(&plan),
            "dead_letters": letters, "notes": plan.notes, "exit_code": code.number(),
        })),
        Output::Text => print(&plan, letters, screen),
    }
    Ok(code)
}

/// The condition of the whole stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    /// Everything is as the stack file describes, and nothing is undelivered.
    Ok,
    /// The account differs from the stack file.
    Differs,
    /// Alerts are in the dead-letter queue.
    Undelivered,
}

impl Verdict {
    fn of(plan: &Plan, letters: Option<u64>) -> Self {
        match letters {
            _ if !plan.is_empty() => Self::Differs,
            None => Self::Differs,
            Some(0) => Self::Ok,
            Some(_) => Self::Undelivered,
        }
    }
}

/// Every resource with its condition, sorted by address.
fn resources(plan: &Plan) -> Vec<serde_json::Value> {
    let mut all: Vec<(String, &str, Vec<&str>)> =
        plan.unchanged.iter().map(|address| (address.to_string(), "ok", Vec::new())).collect();
    for step in &plan.steps {
        let (condition, fields) = condition(&step.change);
        all.push((step.change.address().to_string(), condition, fields));
    }
    all.sort();
    all.iter()
        .map(|(address, condition, fields)| json!({ "address": address, "condition": condition, "fields": fields }))
        .collect()
}

fn condition(change: &Change) -> (&'static str, Vec<&str>) {
    match change {
        Change::Create { .. } => ("missing", Vec::new()),
        Change::Update { fields, .. } | Change::Replace { fields, .. } => {
            ("differs", fields.iter().map(|field| field.path.as_str()).collect())
        }
        Change::Delete { .. } => ("not in the stack file", Vec::new()),
    }
}

fn print(plan: &Plan, letters: Option<u64>, screen: &Screen) {
    let paint = screen.paint_out;
    screen.result(&paint.bold(&plan.scope.to_string()));
    let mut lines: Vec<(String, String)> =
        plan.unchanged.iter().map(|one| (one.short(), format!("{} {}", paint.good(DONE), one.short()))).collect();
    for step in &plan.steps {
        let (condition, fields) = condition(&step.change);
        let fields = if fields.is_empty() { String::new() } else { format!(": {}", fields.join(", ")) };
        let name = step.change.address().short();
        lines.push((
            name.clone(),
            format!("{} {name}  {}", paint.bad(FAILED), paint.warn(&format!("{condition}{fields}"))),
        ));
    }
    lines.sort();
    for (_, line) in &lines {
        screen.result(&format!("  {line}"));
    }
    screen.result(&match letters {
        None => paint.warn("The dead-letter queue does not exist yet."),
        Some(0) => paint.good("The dead-letter queue is empty: every alert was delivered."),
        Some(number) => paint.bad(&format!(
            "{} in the dead-letter queue.",
            count(usize::try_from(number).unwrap_or(usize::MAX), "undelivered alert")
        )),
    });
    for note in &plan.notes {
        screen.note(&format!("{} {note}", screen.paint_err.warn("note:")));
    }
    if !plan.is_empty() {
        screen.result("`trailbell plan` shows the differences, and `trailbell apply` fixes them.");
    }
}
