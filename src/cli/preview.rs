//! `trailbell preview`: messages as they will look in Slack, in the terminal or as a page.

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::files;
use super::sample::{input, refuse_line, sample};
use super::screen::Screen;
use super::selection::{Selected, Targets};
use super::session::note_names;
use super::{ExitStatus, Failure, Global, Output, node};
use crate::alert::{Alert, Home, ReceivedLines, logged_in};
use crate::blueprint::Case;
use crate::cases;
use crate::compile::threshold;
use crate::document::Reach;
use crate::explain::{DestinationOutcome, ExplainInput, Explained, Explanation, Stop, explain, walk};
use crate::lambda::no_writer;
use crate::name::{DestinationId, Scope, is_region};
use crate::output::preview::PreviewResult;
use crate::output::{self, Versioned};
use crate::render::messages::frame;
use crate::render::slack::html::{GENERATOR, PageMessage, page};
use crate::render::slack::terminal::terminal;
use crate::render::style::plain;
use crate::sample::Sample;
use crate::slack;
use crate::trace::Input;

/// Arguments of `preview`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell preview
  trailbell preview cloudtrail-stop-logging --html message.html
  trailbell preview mine.yaml --event event.json")]
pub(super) struct Arguments {
    #[command(flatten)]
    selected: Targets,
    /// Only this alert; can be repeated
    #[arg(long = "alert", value_name = "ID")]
    alerts: Vec<String>,
    /// Event to show: a file with a CloudTrail record or an event, or `-` for standard input; default: the first test
    /// that matches
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
    /// Write an HTML page that looks like Slack, in light and dark mode, to this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// A message and where it comes from.
struct SampleMessage {
    alert: String,
    sample: String,
    /// The name of the destination, if it has one.
    to: Option<DestinationId>,
    channel: Option<String>,
    event: Value,
    body: Value,
}

/// A message, and its destination, where that has a name.
type Addressed = (Option<DestinationId>, Value);

pub(super) fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let sample = arguments.event.as_deref().map(sample).transpose()?;
    let selected = chosen(arguments, &global.reach())?;
    if let Some(home) = selected.iter().find_map(|one| one.home.as_ref()) {
        note_names(home, screen);
    }
    let (previewed, failures) = gather(arguments, sample.as_ref(), selected)?;
    let code = if failures.is_empty() { ExitStatus::Fine } else { ExitStatus::Failed };
    for why in &failures {
        screen.note(&format!("{} {why}", screen.paint_err.warn("warning:")));
    }
    let shown: Vec<PageMessage> = previewed.iter().filter_map(shown).collect();
    if let Some(path) = &arguments.html {
        files::write_result(path, &page(&shown, "What Slack shows"), GENERATOR)?;
    }
    match (global.output, &arguments.html) {
        (Output::Json, _) => {
            let message = |one: &SampleMessage| output::preview::Previewed {
                alert: one.alert.clone(),
                sample: one.sample.clone(),
                to: one.to.as_ref().map(ToString::to_string),
                body: one.body.clone(),
            };
            let messages = previewed.iter().map(message).collect();
            screen.json(&Versioned::new(PreviewResult { messages }));
        }
        (Output::Text, Some(path)) => {
            let count = crate::render::style::count(shown.len(), "message");
            screen.note(&format!("Wrote {count} to {}.", path.display()));
        }
        (Output::Text, None) => {
            for one in previewed.iter().filter(|one| shown_of_topic(one)) {
                screen.result(&screen.paint_out.dim(&plain(&caption(one))));
                screen.result(&format!("{}\n", of_topic(&one.body)));
            }
            for one in &shown {
                screen.result(&screen.paint_out.dim(&plain(&one.caption)));
                let text = terminal(&one.message, &one.frame, screen.paint_out, screen.width());
                screen.result(&format!("{}\n", text.trim_end()));
            }
        }
    }
    Ok(code)
}

/// The messages there are, and why there are no others.
fn gather(
    arguments: &Arguments,
    chosen_sample: Option<&Sample>,
    selected: Vec<Selected>,
) -> Result<(Vec<SampleMessage>, Vec<String>), Failure> {
    if let Some(sample) = chosen_sample {
        refuse_line(sample, selected.iter().map(|one| &one.alert))?;
    }
    let is_empty = selected.is_empty();
    let is_search = selected.len() > 1 && arguments.alerts.is_empty();
    let (mut previewed, mut failures) = (Vec::new(), Vec::new());
    for one in selected {
        match preview(&one, chosen_sample, arguments) {
            Ok(some) => previewed.extend(some),
            // An event that someone chose fires few alerts; those are what there is to see.
            Err(Missing::DoesNotFire(_)) if chosen_sample.is_some() && is_search => {}
            Err(Missing::DoesNotFire(why) | Missing::Broken(why)) => failures.push(why),
        }
    }
    if let Some(why) = failures.first().filter(|_| previewed.is_empty()) {
        let rest = failures.len() - 1;
        let more = if rest == 0 { String::new() } else { format!("; {rest} more alerts do not have one either") };
        return Err(Failure::other(format!("{why}{more}"), "`trailbell explain` shows why"));
    }
    if is_empty {
        return Err(Failure::usage("the stack has no alerts", "add one under `alerts` in the stack file"));
    }
    if previewed.is_empty() {
        return Err(Failure::other("no alert fires for this event", "`trailbell explain` shows why"));
    }
    Ok((previewed, failures))
}

/// A message as both renderers take it. What fires has been read before, so each has one.
fn shown(one: &SampleMessage) -> Option<PageMessage> {
    let message = slack::read(&one.body).ok()?;
    let frame = frame(one.channel.as_deref(), &one.event);
    Some(PageMessage { message, frame, caption: caption(one) })
}

/// What a message is of, and where it goes.
fn caption(one: &SampleMessage) -> String {
    let to = one.to.as_ref().map(|to| format!(" (to {to})")).unwrap_or_default();
    format!("{}: {}{to}", one.alert, one.sample)
}

/// Whether a message is for an SNS topic alone, which Slack would not take.
fn shown_of_topic(one: &SampleMessage) -> bool {
    slack::read(&one.body).is_err()
}

/// A message for an SNS topic: lines of text, or JSON.
fn of_topic(body: &Value) -> String {
    let text = body.as_str().map_or_else(|| format!("{body:#}"), str::to_owned);
    text.lines().map(|line| format!("  {}", plain(line))).collect::<Vec<_>>().join("\n")
}

fn chosen(arguments: &Arguments, reach: &Reach) -> Result<Vec<Selected>, Failure> {
    let mut selected = arguments.selected.load(reach)?;
    if let Some(unknown) = arguments.alerts.iter().find(|id| !selected.iter().any(|one| one.alert.id == **id)) {
        let known: Vec<&str> = selected.iter().map(|one| one.alert.id.as_str()).collect();
        return Err(Failure::usage(
            format!("there is no alert `{unknown}`"),
            format!("available: {}", known.join(", ")),
        ));
    }
    selected.retain(|one| arguments.alerts.is_empty() || arguments.alerts.contains(&one.alert.id));
    // What a staged alert would send is what there is to see.
    for one in &mut selected {
        one.alert = one.alert.unstaged();
    }
    Ok(selected)
}

/// Why there is no message.
enum Missing {
    /// The alert does not fire.
    DoesNotFire(String),
    /// It fires, and there is nothing good to show.
    Broken(String),
}

/// The messages of an alert for a sample, or else for a test of each message that it has, or why there is none.
fn preview(one: &Selected, sample: Option<&Sample>, arguments: &Arguments) -> Result<Vec<SampleMessage>, Missing> {
    if let Some(sample) = sample {
        let name = arguments.event.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        let event = input(sample).value();
        let shown = at_home(&one.alert, one.home.clone(), sample, &event);
        return previewed(one, &name, &event, shown);
    }
    if let Some(of_alarm) = of_alarm(one) {
        return of_alarm;
    }
    let cases: Vec<Case> = cases::of_each_message(&one.alert).into_iter().flatten().cloned().collect();
    if cases.is_empty() {
        return Err(Missing::Broken(format!(
            "the blueprint of `{}` has no test that matches, so there is no sample event; give one with --event",
            one.alert.id
        )));
    }
    let of_cases: Vec<Vec<SampleMessage>> = cases.iter().map(|case| of_case(one, case)).collect::<Result<_, _>>()?;
    Ok(of_cases.into_iter().flatten().collect())
}

/// The message of an alert's threshold, if it has one in its stack.
fn of_alarm(one: &Selected) -> Option<Result<Vec<SampleMessage>, Missing>> {
    let home = one.home.as_ref()?;
    let scope = Scope::offline(home.account.as_deref(), &home.region, &home.stack).ok()?;
    let event = threshold::sample(&one.alert, &scope)?;
    let shown = addressed(explain(&one.alert, Some(home), ExplainInput::Event(&event), &no_writer));
    Some(previewed(one, &one.alert.threshold?.words(), &event, shown))
}

/// The messages of a test, in an account of each group whose messages have destinations of their own.
fn of_case(one: &Selected, case: &Case) -> Result<Vec<SampleMessage>, Missing> {
    let Some(home) = &one.home else {
        let sample = Sample::Event(case.sent());
        let alert = one.alert.of_case(case);
        let shown = match alert.lines() {
            Some(lines) => of_lines(&alert, lines, &case.logged(), None),
            None => at_home(&alert, None, &sample, &case.sent()),
        };
        return previewed(one, &case.name, &case.sent(), shown);
    };
    let mut all = Vec::new();
    for (part, account) in one.alert.trials(home) {
        let account = account.as_deref();
        let event = one.alert.sent_from(case, home, account);
        let shown = match one.alert.lines() {
            Some(received) => match logged_in(case, account, part.to == one.alert.to) {
                Some(lines) => of_lines(&one.alert, received, &lines, Some(home)),
                None => continue,
            },
            None => at_home(&one.alert, Some(home.clone()), &Sample::Event(event.clone()), &event),
        };
        let place = account.map(|account| format!(" (account {account})")).unwrap_or_default();
        all.extend(previewed(one, &format!("{}{place}", case.name), &event, shown)?);
    }
    Ok(all)
}

fn previewed(
    one: &Selected,
    sample: &str,
    event: &Value,
    shown: Result<Vec<Addressed>, Explanation>,
) -> Result<Vec<SampleMessage>, Missing> {
    let bodies = shown.map_err(|outcome| missing(&one.alert.id, outcome))?;
    let form = |to: Option<&DestinationId>| {
        let home = one.home.as_ref()?;
        let named = to.and_then(|to| home.destinations.iter().find(|one| one.id == *to));
        Some(named.map_or_else(|| home.form(), |one| one.form.clone()))
    };
    let of = |(to, body): Addressed| SampleMessage {
        alert: one.alert.id.clone(),
        sample: sample.to_owned(),
        channel: form(to.as_ref()).and_then(|form| form.channel().map(str::to_owned)),
        to,
        event: event.clone(),
        body,
    };
    Ok(bodies.into_iter().map(of).collect())
}

/// The messages of an alert, one for each of its destinations, or why there is none.
fn addressed(explained: Explained) -> Result<Vec<Addressed>, Explanation> {
    let body = match explained.outcome {
        Explanation::Fires { body } => body,
        other => return Err(other),
    };
    if explained.destinations.is_empty() {
        return Ok(vec![(None, body)]);
    }
    let of = |one: DestinationOutcome| match one.outcome {
        Explanation::Fires { body } => Ok((Some(DestinationId::new(&one.to)), body)),
        other => Err(other),
    };
    explained.destinations.into_iter().map(of).collect()
}

/// What becomes of a sample. It may come from anywhere: what is shown is the message, whether or not this stack would
/// hear the event.
fn at_home(alert: &Alert, home: Option<Home>, sample: &Sample, event: &Value) -> Result<Vec<Addressed>, Explanation> {
    let placed = home.map(|home| Home {
        region: event["region"].as_str().unwrap_or(&home.region).to_owned(),
        account: None,
        ..home
    });
    // An event may name a region that there is not, and its message is still the one to show.
    let placed = placed.filter(|home| is_region(&home.region));
    let alert = placed.as_ref().map_or_else(|| alert.clone(), |home| alert.posted_from(home));
    let writer = |asked: &Value| node::messages_at(placed.as_ref(), Some(&alert), asked);
    addressed(explain(&alert, placed.as_ref(), input(sample), &writer))
}

/// What becomes of the log lines of a case, all in one batch.
fn of_lines(
    alert: &Alert,
    received: &ReceivedLines,
    lines: &[String],
    home: Option<&Home>,
) -> Result<Vec<Addressed>, Explanation> {
    let input = Input::Lines { log_group: &received.log_group, lines };
    let writer = |asked: &Value| node::messages_at(home, Some(alert), asked);
    let (way, _) = walk(alert, home, input, &writer).map_err(|why| Explanation::Undecided { why })?;
    match Explanation::of(&way) {
        Explanation::Fires { .. } => {
            let named = |to: Option<&DestinationId>| to.filter(|to| !to.is_slack()).cloned();
            let read = |(to, body): (Option<&DestinationId>, &str)| Some((named(to), serde_json::from_str(body).ok()?));
            Ok(way.delivered().into_iter().filter_map(read).collect())
        }
        other => Err(other),
    }
}

fn missing(alert: &str, outcome: Explanation) -> Missing {
    let fires_not = matches!(
        outcome,
        Explanation::Stopped {
            by: Stop::Pattern { .. } | Stop::State { .. } | Stop::Filter { .. } | Stop::OtherRoute { .. }
        }
    );
    let why = match outcome {
        Explanation::Stopped { by } => by.to_string(),
        Explanation::Undecided { why } | Explanation::FiresUnseen { why } => why,
        Explanation::Fires { .. } => "its message cannot be shown".to_owned(),
    };
    let text = format!("`{alert}` has no message for this sample: {}", plain(&why));
    if fires_not { Missing::DoesNotFire(text) } else { Missing::Broken(text) }
}
