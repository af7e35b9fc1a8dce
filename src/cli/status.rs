//! `trailbell status`: what the stack has in the account, whether it is as it should be, and what is in the
//! dead-letter queue. Exits with 3 when something is not as it should be.

use std::collections::BTreeMap;

use clap::Args;
use futures_util::future::try_join_all;

use super::screen::Screen;
use super::session::{Session, with_spinner};
use super::{ExitStatus, Failure, Global, Output, StackFile};
use crate::compile::threshold::series_of;
use crate::name::DestinationId;
use crate::output::Versioned;
use crate::output::status::{ResourceStatus, StagedStatus, StatusResult, StatusVerdict};
use crate::plan::{Change, Plan};
use crate::provider::{Provider, ProviderError};
use crate::render;
use crate::render::style::plain;
use crate::render::style::{DONE, FAILED, count};
use crate::resource::Address;

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

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let session = Session::open(&arguments.file.stack, global, screen).await?;
    let secrets = session.secrets_to_compare(screen).await?;
    let plan = session.plan(&secrets, screen).await?;
    let queues = with_spinner(screen, "counting undelivered alerts", queues(&session)).await?;
    let letters = queues.iter().map(|(_, letters)| *letters).sum();
    let is_plain = session.installation.home().is_plain() && session.installation.topics.is_empty();
    let staged = staged(&session, screen).await?;
    let verdict = verdict_of(&plan, letters);
    let code = if verdict == StatusVerdict::Ok { ExitStatus::Fine } else { ExitStatus::ChangesPending };
    match global.output {
        Output::Json => screen.json(&Versioned::new(StatusResult {
            verdict,
            scope: session.scope.clone(),
            resources: resources(&plan),
            dead_letters: letters,
            dead_letters_of: if is_plain { BTreeMap::new() } else { by_name(&queues) },
            staged,
            extras: plan.extras.clone(),
            notes: plan.notes.clone(),
            exit_code: code.number(),
        })),
        Output::Text => {
            print(&plan, letters, if is_plain { &[] } else { &queues }, screen);
            for one in &staged {
                screen.result(&of_staged(one, screen));
            }
            if !plan.is_empty() {
                screen.result("`trailbell plan` shows the differences, and `trailbell apply` fixes them.");
            }
        }
    }
    Ok(code)
}

/// How many letters the queue of each destination holds; nothing for a queue that does not exist.
async fn queues(session: &Session) -> Result<Vec<(DestinationId, Option<u64>)>, ProviderError> {
    let ids = session.installation.queues();
    let counts = ids.iter().map(|id| async {
        let count = session.cloud.dead_letter_count(&session.scope, id).await?;
        Ok((id.clone(), count))
    });
    try_join_all(counts).await
}

fn by_name(queues: &[(DestinationId, Option<u64>)]) -> BTreeMap<String, Option<u64>> {
    queues.iter().map(|(id, letters)| (id.to_string(), *letters)).collect()
}

/// A line about the queue of one destination.
fn of_queue(id: &DestinationId, letters: Option<u64>, screen: &Screen) -> String {
    let paint = screen.paint_out;
    match letters {
        None => format!("  {}", paint.warn(&format!("{id}: no queue"))),
        Some(0) => format!("  {id}: empty"),
        Some(number) => {
            let number = count(usize::try_from(number).unwrap_or(usize::MAX), "undelivered alert");
            format!("  {}", paint.bad(&format!("{id}: {number}")))
        }
    }
}

/// How much each staged alert matched. What AWS does not tell is no reason to fail.
async fn staged(session: &Session, screen: &Screen) -> Result<Vec<StagedStatus>, Failure> {
    let mut all = Vec::new();
    for alert in session.installation.alerts.iter().filter(|alert| alert.is_staged) {
        let (series, log_group) = series_of(alert, &session.scope);
        let asking = session.cloud.sums(&session.scope, &series);
        let (matched, not_known) = match with_spinner(screen, "counting what staged alerts matched", asking).await {
            Ok(Some(sums)) => (Some(sums), None),
            Ok(None) => (None, Some("the sandbox keeps no log events".to_owned())),
            Err(Failure::Provider(error)) => (None, Some(error.to_string())),
            Err(other) => return Err(other),
        };
        all.push(StagedStatus { alert: alert.id.clone(), log_group, matched, not_known });
    }
    Ok(all)
}

fn of_staged(one: &StagedStatus, screen: &Screen) -> String {
    let paint = screen.paint_out;
    let matched = match (&one.matched, &one.not_known) {
        (Some(sums), _) => format!("{} in 24 hours, {} in 30 days", sums.day, sums.month),
        (None, why) => format!("not known: {}", plain(why.as_deref().unwrap_or_default())),
    };
    let read = format!("aws logs tail {} --since 1d", one.log_group);
    format!("{} {}: {matched} ({})", paint.warn("staged"), one.alert, paint.dim(&read))
}

/// The condition of the whole stack. Without a queue the plan has it to create.
fn verdict_of(plan: &Plan, letters: Option<u64>) -> StatusVerdict {
    match letters {
        Some(0) if plan.is_settled() => StatusVerdict::Ok,
        Some(_) if plan.is_settled() => StatusVerdict::Undelivered,
        _ => StatusVerdict::Differs,
    }
}

/// Every resource with its condition, sorted by address.
fn resources(plan: &Plan) -> Vec<ResourceStatus> {
    let ok = |address: &Address| ResourceStatus { address: address.to_string(), condition: "ok", fields: Vec::new() };
    let differs = |change: &Change| {
        let (condition, fields) = condition(change);
        let fields = fields.into_iter().map(str::to_owned).collect();
        ResourceStatus { address: change.address().to_string(), condition, fields }
    };
    let steps = plan.steps.iter().map(|step| differs(&step.change));
    let mut all: Vec<ResourceStatus> = plan.unchanged.iter().map(ok).chain(steps).collect();
    all.sort();
    all
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

/// Prints the condition of everything; `queues` are those of destinations that have names.
fn print(plan: &Plan, letters: Option<u64>, queues: &[(DestinationId, Option<u64>)], screen: &Screen) {
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
    if queues.is_empty() {
        screen.result(&match letters {
            None => paint.warn("The dead-letter queue does not exist yet."),
            Some(0) => paint.good("The dead-letter queue is empty."),
            Some(number) => paint.bad(&format!(
                "{} in the dead-letter queue.",
                count(usize::try_from(number).unwrap_or(usize::MAX), "undelivered alert")
            )),
        });
    } else {
        screen.result("Dead-letter queues:");
        for (id, letters) in queues {
            screen.result(&of_queue(id, *letters, screen));
        }
    }
    for line in render::plan::extras(plan, paint) {
        screen.result(&line);
    }
    for note in &plan.notes {
        screen.note(&format!("{} {}", screen.paint_err.warn("note:"), plain(note)));
    }
}
