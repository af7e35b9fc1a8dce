//! `trailbell preview`: messages as they will look in Slack, in the terminal or as a page.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::sample::event;
use super::screen::Screen;
use super::targets::{Target, load_all};
use super::{Code, Failure, Global, Output};
use crate::blueprint::parameters;
use crate::cases;
use crate::explain::{Outcome, Stop, explain};
use crate::message::Form;
use crate::render::messages::frame;
use crate::render::slack::html::{Shown, page};
use crate::render::slack::terminal::terminal;
use crate::slack;
use crate::stack::DEFAULT_FILE;

/// Arguments of `preview`.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Blueprint files, folders of them, stack files or names of built-in blueprints; without any, the stack file of this
    /// folder, or all built-in blueprints
    #[arg(value_name = "BLUEPRINT")]
    blueprints: Vec<PathBuf>,
    /// Only this alert; may be given several times
    #[arg(long = "alert", value_name = "ID")]
    alerts: Vec<String>,
    /// The event to show, a CloudTrail record or a whole event, `-` for standard input; default: the first test that rings
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
    /// Write a page that looks like Slack, light and dark, to this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// A message and where it comes from.
struct Previewed {
    alert: String,
    sample: String,
    channel: Option<String>,
    event: Value,
    body: Value,
}

pub(super) fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<Code, Failure> {
    let event = arguments.event.as_deref().map(event).transpose()?;
    let mut previewed = Vec::new();
    for target in chosen(arguments)? {
        previewed.push(preview(target, event.as_ref(), arguments)?);
    }
    let mut shown = Vec::new();
    for one in &previewed {
        let frame = frame(one.channel.as_deref(), &one.event);
        let message = slack::read(&one.body).map_err(|problems| {
            let what: Vec<String> = problems.into_iter().map(|problem| problem.what).collect();
            Failure::other(format!("Slack would refuse the message of `{}`: {}", one.alert, what.join("; ")), "")
        })?;
        shown.push(Shown { message, frame, caption: format!("{}: {}", one.alert, one.sample) });
    }
    if let Some(path) = &arguments.html {
        std::fs::write(path, page(&shown, "What Slack shows")).map_err(|error| {
            Failure::other(format!("cannot write `{}`: {error}", path.display()), "name a file that can be written")
        })?;
    }
    match (global.output, &arguments.html) {
        (Output::Json, _) => {
            let all: Vec<Value> = previewed
                .iter()
                .map(|one| json!({ "alert": one.alert, "sample": one.sample, "body": one.body }))
                .collect();
            screen.json(&json!({ "messages": all }));
        }
        (Output::Text, Some(path)) => {
            let count = crate::render::style::count(shown.len(), "message");
            screen.note(&format!("Wrote {count} to {}.", path.display()));
        }
        (Output::Text, None) => {
            for one in &shown {
                screen.result(&screen.paint_out.dim(&crate::render::style::plain(&one.caption)));
                let text = terminal(&one.message, &one.frame, screen.paint_out, screen.width());
                screen.result(&format!("{}\n", text.trim_end()));
            }
        }
    }
    Ok(Code::Fine)
}

fn chosen(arguments: &Arguments) -> Result<Vec<Target>, Failure> {
    let default = || Some(PathBuf::from(DEFAULT_FILE)).filter(|file| file.is_file()).into_iter().collect();
    let names = if arguments.blueprints.is_empty() { default() } else { arguments.blueprints.clone() };
    let mut targets = load_all(&names)?;
    if let Some(unknown) = arguments.alerts.iter().find(|id| !targets.iter().any(|one| one.alert.id == **id)) {
        let known: Vec<&str> = targets.iter().map(|one| one.alert.id.as_str()).collect();
        return Err(Failure::usage(
            format!("there is no alert `{unknown}`"),
            format!("there are: {}", known.join(", ")),
        ));
    }
    targets.retain(|one| arguments.alerts.is_empty() || arguments.alerts.contains(&one.alert.id));
    Ok(targets)
}

fn preview(target: Target, event: Option<&Value>, arguments: &Arguments) -> Result<Previewed, Failure> {
    let Target { mut alert, home } = target;
    let (sample, event) = match (event, cases::ringing(&alert.blueprint)) {
        (Some(event), _) => (arguments.event.as_ref().map(|path| path.display().to_string()), event.clone()),
        (None, Some(case)) => {
            if home.is_none() {
                alert.values.extend(parameters::values(&alert.blueprint, &case.with));
            }
            (Some(case.name.clone()), cases::event(case))
        }
        (None, None) => {
            let message =
                format!("the blueprint of `{}` has no test that rings, so there is no sample event", alert.id);
            let help = "add a test with `expect: { matches: true }`, or name a file with --event";
            return Err(Failure::other(message, help));
        }
    };
    // A sample may come from anywhere: what is shown is the message, whether or not this stack would hear the event.
    let channel = home.as_ref().and_then(|home| match &home.form {
        Form::Bot { channel } => Some(channel.clone()),
        Form::Webhook => None,
    });
    let refuse = |why: String| Failure::other(format!("`{}` has no message for this event: {why}", alert.id), "");
    let placed = home.map(|home| crate::stack::Home {
        region: event["region"].as_str().unwrap_or(&home.region).to_owned(),
        account: None,
        ..home
    });
    match explain(&alert, placed.as_ref(), &event).outcome {
        Outcome::Rings { body } => {
            Ok(Previewed { alert: alert.id, sample: sample.unwrap_or_default(), channel, event, body })
        }
        Outcome::Stopped { by: Stop::Pattern { field, wanted, found, .. } } => {
            let found = found.unwrap_or_else(|| "no value".to_owned());
            Err(refuse(format!(
                "it does not ring, {field}: wanted {wanted}, found {found}; `trailbell explain` says more"
            )))
        }
        Outcome::Stopped { by: Stop::Message { why } } | Outcome::Undecided { why } => Err(refuse(why)),
        Outcome::Stopped { .. } => Err(refuse("the rule would not hear it; `trailbell explain` says more".to_owned())),
    }
}
