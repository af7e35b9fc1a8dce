//! `trailbell slack-manifest`: what to paste into Slack's form for a new app.

use clap::Args;

use super::screen::Screen;
use super::{ExitStatus, Failure, Global, Output};
use crate::slack::manifest::{MAX_NAME, manifest, yaml};
use crate::wizard::SlackWay;

/// Arguments of `slack-manifest`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell slack-manifest
  trailbell slack-manifest --slack bot --name security-alerts")]
pub(super) struct Arguments {
    /// How trailbell will post to Slack
    #[arg(long, value_enum, default_value = "webhook")]
    slack: SlackWay,
    /// Name of the app and its bot user
    #[arg(long, value_name = "NAME", default_value = "trailbell")]
    name: String,
}

pub(super) fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let length = arguments.name.chars().count();
    if length > MAX_NAME || arguments.name.trim().is_empty() {
        let message = format!("`{}` is not a valid app name: it has {length} characters", arguments.name);
        return Err(Failure::usage(message, format!("1 to {MAX_NAME} characters")));
    }
    let is_bot = arguments.slack == SlackWay::Bot;
    let manifest = manifest(&arguments.name, is_bot);
    match global.output {
        Output::Json => screen.json(&manifest),
        Output::Text => {
            screen.result(&yaml(&manifest));
            screen.note(&format!("\n{}", next(is_bot)));
        }
    }
    Ok(ExitStatus::Fine)
}

/// What to do with it.
fn next(is_bot: bool) -> &'static str {
    if is_bot {
        "At api.slack.com/apps: Create New App, From a manifest, paste this; Install to Workspace; copy the Bot User \
        OAuth Token (OAuth & Permissions). In Slack, invite the bot to its channel; the channel's id is at the bottom \
        of its details."
    } else {
        "At api.slack.com/apps: Create New App, From a manifest, paste this; Incoming Webhooks, Add New Webhook, \
        choose the channel, copy the URL. It is a secret: anyone who has it can post."
    }
}
