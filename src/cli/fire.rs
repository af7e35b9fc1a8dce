//! `trailbell fire`: sends sample events and log lines through the stack offline, on the sandbox, and shows what would reach
//! Slack. Functions run for real, under the Node of this machine.

mod show;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::node::{self, NotRun, Ran, Walls};
use super::sample::{refuse_line, sample};
use super::screen::Screen;
use super::session::{load, note_names};
use super::verify::chosen;
use super::{ExitStatus, Failure, Global, Output, StackFile};
use crate::alert::{Alert, Home, Installation, logged_in};
use crate::apply::{self, apply};
use crate::blueprint::Case;
use crate::cases;
use crate::compile::alerts::{Deployed, functions};
use crate::compile::{compile, threshold};
use crate::graph::Receiving;
use crate::live::Live;
use crate::name::{Scope, is_account};
use crate::output::fire::{FireResult, FiredRule};
use crate::output::{self, Versioned};
use crate::plan;
use crate::provider::sandbox::{DeliveryOutcome, Sandbox, Sent};
use crate::sample::Sample;
use crate::secret::Secret;
use crate::stack::{Destination, Secrets};
use crate::trace::{self, Answer, Ask, End, HopVerdict, Input, QuestionId, Step, Stop, Way};

/// Arguments of `fire`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell fire
  trailbell fire --alert cloudtrail-stop-logging
  trailbell fire --event event.json")]
pub(super) struct Arguments {
    #[command(flatten)]
    file: StackFile,
    /// Send only the sample of this alert; can be repeated
    #[arg(long = "alert", value_name = "ID", conflicts_with = "event")]
    alerts: Vec<String>,
    /// Send this instead: a file with a CloudTrail record, an event, or a log line, or `-` for standard input
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
    /// Run handlers under Node's permission model alone, without a boundary of the operating system around them
    #[arg(long)]
    trust_handlers: bool,
}

/// Something to send, and what it is called.
#[derive(Default)]
struct Shot {
    name: String,
    /// The alert whose sample it is, which must fire.
    alert: Option<String>,
    event: Option<Value>,
    /// A log group and its lines.
    lines: Vec<(String, Vec<String>)>,
}

/// What came of a shot.
struct ShotResult {
    fired: Vec<RuleResult>,
    /// Why the event does not reach the stack's bus at all.
    elsewhere: Option<String>,
}

/// What one rule or filter did, and what the function did that it called.
struct RuleResult {
    sent: Sent,
    /// What the function asked of AWS, wrote to its log, and returned.
    ran: Option<Ran>,
    /// Why the function was not run.
    not_run: Option<String>,
    /// What stops it after it was sent: the function's messages reach no one, or Slack rejects it; or that this is not known.
    not_delivered: Option<String>,
}

impl RuleResult {
    /// What came of a way, without its function.
    fn of(way: &Way) -> Self {
        let not_delivered = match way.end() {
            End::Stopped { at, by } if at > Step::Counted => Some(by.to_string()),
            End::NotKnown { at, why } if at > Step::Counted => {
                Some(format!("it is not known whether it arrives: {why}"))
            }
            _ => None,
        };
        Self { sent: Sent::of(way), ran: None, not_run: None, not_delivered }
    }

    /// The same for machines.
    fn rule(&self) -> FiredRule {
        FiredRule {
            sent: self.sent.clone(),
            ran: self.ran.as_ref().map(|ran| json!(ran)),
            not_run: self.not_run.clone(),
            not_delivered: self.not_delivered.clone(),
        }
    }
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let installation = load(&arguments.file.stack, global, screen)?;
    note_names(&installation.home(), screen);
    let shots = shots(arguments, &installation)?;
    let walls = if arguments.trust_handlers { Walls::Node } else { Walls::System };
    let range = FiringRange::new(&installation, walls, global, &shots).await?;
    let mut all = Vec::new();
    for shot in &shots {
        let shown = range.fire(shot)?;
        if global.output == Output::Text {
            show::show(shot, &shown, screen);
        }
        all.push((shot, shown.fired));
    }
    if global.output == Output::Json {
        let fired = all.iter().map(|(shot, fired)| output::fire::Fired {
            event: shot.name.clone(),
            rules: fired.iter().map(RuleResult::rule).collect(),
        });
        screen.json(&Versioned::new(FireResult { fired: fired.collect() }));
    }
    let fired = || all.iter().flat_map(|(_, fired)| fired);
    let is_lost = |one: &RuleResult| {
        let is_broken = matches!(
            one.sent.outcome,
            DeliveryOutcome::Undecided { .. } | DeliveryOutcome::DeadLetter { .. } | DeliveryOutcome::Lost { .. }
        );
        is_broken || one.not_delivered.is_some() || one.ran.as_ref().is_some_and(|ran| ran.error.is_some())
    };
    // A function that cannot be run here was called all the same.
    let fires = |one: &RuleResult| {
        matches!(
            one.sent.outcome,
            DeliveryOutcome::Request(_) | DeliveryOutcome::Counted { .. } | DeliveryOutcome::Publication { .. }
        ) || one.not_run.is_some()
    };
    // A sample is there to fire its own alert; that another one fires does not help it.
    let is_silent = |(shot, fired): &(&Shot, Vec<RuleResult>)| {
        let own = |one: &&RuleResult| shot.alert.as_ref().is_none_or(|alert| *alert == one.sent.id);
        !fired
            .iter()
            .filter(own)
            .any(|one| fires(one) || matches!(one.sent.outcome, DeliveryOutcome::Invocation { .. }))
    };
    Ok(if all.iter().any(is_silent) || fired().any(is_lost) { ExitStatus::Failed } else { ExitStatus::Fine })
}

/// The stack on a sandbox, with its functions.
struct FiringRange {
    sandbox: Sandbox,
    scope: Scope,
    /// Whose events it receives.
    receives: Receiving,
    functions: Vec<Deployed>,
    /// What handlers are behind.
    walls: Walls,
}

impl FiringRange {
    async fn new(installation: &Installation, walls: Walls, global: &Global, shots: &[Shot]) -> Result<Self, Failure> {
        // A stack that is not bound to an account is in that of the event.
        let of_event =
            || shots.iter().find_map(|shot| shot.event.as_ref()?["account"].as_str().filter(|id| is_account(id)));
        let account = installation.account.as_deref().or_else(of_event);
        let scope = Scope::offline(account, &installation.region, &installation.name)?;
        let sandbox = match &global.sandbox {
            Some(file) => Sandbox::open(file)?,
            None => deployed(installation, &scope).await?,
        };
        let receives = Receiving {
            region: Some(installation.region.clone()),
            account: installation.account.clone(),
            forwarded: installation.forwarded.clone(),
        };
        Ok(Self { functions: functions(installation, &scope), receives, sandbox, scope, walls })
    }

    /// Sends one shot through, and what functions put on the bus after it.
    fn fire(&self, shot: &Shot) -> Result<ShotResult, Failure> {
        let mut shown = ShotResult { fired: Vec::new(), elsewhere: None };
        if let Some(event) = &shot.event {
            let (ways, ran) = self.walk(Input::Event(event))?;
            shown.elsewhere = ways.iter().find_map(elsewhere);
            if shown.elsewhere.is_none() {
                flatten(&ways, ran, &mut shown.fired);
            }
        }
        for (log_group, lines) in &shot.lines {
            let (ways, ran) = self.walk(Input::Lines { log_group, lines })?;
            flatten(&ways, ran, &mut shown.fired);
        }
        Ok(shown)
    }

    /// The ways of an input, and what the functions on them did.
    fn walk(&self, input: Input<'_>) -> Result<(Vec<Way>, Runs), Failure> {
        let mut runs = Runs::new();
        let ways = self.sandbox.walk(self.scope.region(), self.receives.clone(), input, |question| {
            let Ask::Run { function, input, .. } = &question.ask else { return trace::answer(question) };
            let ran = node::run_named(&self.functions, function, self.walls, &self.scope, input);
            let answer = match &ran {
                Ok(ran) => Answer::Ran { error: ran.error.clone(), events: ran.events(&self.scope) },
                Err(why) => Answer::NotKnown(why.to_string()),
            };
            runs.insert(question.id.clone(), ran);
            answer
        })?;
        match runs.values().find_map(|ran| ran.as_ref().err().filter(|why| matches!(why, NotRun::Uncontained(_)))) {
            Some(why) => Err(Failure::refusal(
                why.to_string(),
                "`--trust-handlers` runs them under Node's permission model alone; read them first",
            )),
            None => Ok((ways, runs)),
        }
    }
}

/// What functions did, by where they were asked about; or why they were not run.
type Runs = BTreeMap<QuestionId, Result<Ran, NotRun>>;

/// Why no rule receives an event: it happened in another account or region.
fn elsewhere(way: &Way) -> Option<String> {
    match way.at(Step::Received)? {
        HopVerdict::No { by: by @ (Stop::Account { .. } | Stop::Region { .. }) } => Some(by.to_string()),
        _ => None,
    }
}

/// Every way, and after it the ways of what its function put on the bus.
fn flatten(ways: &[Way], mut runs: Runs, fired: &mut Vec<RuleResult>) {
    for way in ways {
        let (ran, not_run) = match way.run.as_ref().and_then(|id| runs.remove(id)) {
            Some(Ok(ran)) => (Some(ran), None),
            Some(Err(why)) => (None, Some(why.to_string())),
            None => (None, None),
        };
        fired.push(RuleResult { ran, not_run, ..RuleResult::of(way) });
        fired.extend(way.then.iter().flatten().filter(|way| way.matches()).map(RuleResult::of));
    }
}

/// What to send: a file, or the chosen alerts' first firing cases.
fn shots(arguments: &Arguments, installation: &Installation) -> Result<Vec<Shot>, Failure> {
    if let Some(path) = &arguments.event {
        let mut groups: Vec<String> =
            installation.alerts.iter().filter_map(|alert| alert.lines().map(|lines| lines.log_group.clone())).collect();
        groups.sort();
        groups.dedup();
        let name = path.display().to_string();
        let all = |line: String| groups.iter().map(|group| (group.clone(), vec![line.clone()])).collect();
        let sample = sample(path)?;
        refuse_line(&sample, &installation.alerts)?;
        return Ok(vec![match sample {
            Sample::Line(line) => Shot { name, alert: None, event: None, lines: all(line) },
            Sample::Event(event) => {
                let record = event.get("detail").filter(|one| one.as_object().is_some_and(crate::record::is_record));
                let lines = record.map(|record| all(record.to_string())).unwrap_or_default();
                Shot { name, alert: None, event: Some(event), lines }
            }
        }]);
    }
    let mut shots = Vec::new();
    let mut home = installation.home();
    for alert in chosen(installation, &arguments.alerts)? {
        let cases = cases::of_each_message(alert);
        if cases.is_empty() {
            let message =
                format!("the blueprint of `{}` has no test that matches, so there is no sample event", alert.id);
            return Err(Failure::other(
                message,
                "add a test with `expect: { matches: true }`, or give a file with --event",
            ));
        }
        for case in cases.into_iter().flatten() {
            // A stack that is not bound to an account is in that of the first event.
            home.account = home.account.or_else(|| case.sent()["account"].as_str().map(str::to_owned));
            shots.extend(shots_of(alert, case, &home));
        }
        shots.extend(of_alarm(alert, &home));
    }
    Ok(shots)
}

/// That enough were counted for the threshold of an alert, if it has one.
fn of_alarm(alert: &Alert, home: &Home) -> Option<Shot> {
    let scope = Scope::offline(home.account.as_deref(), &home.region, &home.stack).ok()?;
    let event = threshold::sample(alert, &scope).filter(|_| !alert.is_staged)?;
    let name = format!("{}: {}", alert.id, alert.threshold?.words());
    Some(Shot { name, alert: Some(alert.id.clone()), event: Some(event), lines: Vec::new() })
}

/// A test of an alert as a sample, in an account of each group whose messages have destinations of their own.
fn shots_of(alert: &Alert, case: &Case, home: &Home) -> Vec<Shot> {
    let shot = |(part, account): (Alert, Option<String>)| {
        let place = account.as_ref().map(|account| format!(" (account {account})")).unwrap_or_default();
        let one = Shot {
            name: format!("{}: {}{place}", alert.id, case.name),
            alert: Some(alert.id.clone()),
            ..Shot::default()
        };
        let account = account.as_deref();
        Some(match alert.lines() {
            Some(received) => {
                let lines = logged_in(case, account, part.to == alert.to)?;
                Shot { lines: vec![(received.log_group.clone(), lines)], ..one }
            }
            None => Shot { event: Some(alert.sent_from(case, home, account)), ..one },
        })
    };
    alert.trials(home).into_iter().filter_map(shot).collect()
}

/// The stack on a sandbox of its own. The secret stays where it is: nothing leaves this process.
async fn deployed(installation: &Installation, scope: &Scope) -> Result<Sandbox, Failure> {
    let mut secrets = Secrets::default();
    for one in &installation.destinations {
        let stand_in = match &one.way {
            Destination::Webhook { .. } => "https://hooks.slack.com/services/stand-in",
            Destination::Bot { .. } => "stand-in",
        };
        secrets.insert(one.id.clone(), Secret::new(stand_in));
    }
    // A sandbox has no keys: whether EventBridge may use one is not known offline, and `fire` is not about that.
    let mut installation = installation.clone();
    installation.requirements.kms_key = None;
    let desired = compile(&installation, scope, &secrets);
    let plan = plan::plan(scope, &desired, &Live::default())?;
    let sandbox = Sandbox::new();
    let report = apply(&plan, &sandbox, &apply::StopRequest::default(), &|_| ()).await;
    if report.is_complete() { Ok(sandbox) } else { Err(Failure::Incomplete(Box::new(report))) }
}
