//! What the wizard asks, in which order, and what is already answered by a flag.

use super::{Asker, check_region, check_stack};
use crate::secret::SecretReference;

/// What is known before anybody is asked.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Blueprints' names.
    pub alerts: Vec<String>,
    /// The stack's name.
    pub stack: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// A bot's channel; its presence chooses the bot.
    pub channel: Option<String>,
    /// Chooses the way to Slack.
    pub slack: Option<SlackWay>,
    /// Where the secret lives.
    pub secret: Option<String>,
}

/// The two ways to Slack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum SlackWay {
    /// An incoming webhook; its address is the secret
    Webhook,
    /// A bot token and a channel
    Bot,
}

/// Everything a stack file needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// Blueprints' names.
    pub alerts: Vec<String>,
    /// The stack's name.
    pub stack: String,
    /// The region.
    pub region: String,
    /// The way to Slack.
    pub slack: SlackWay,
    /// The channel, for a bot.
    pub channel: Option<String>,
    /// The reference to the secret.
    pub secret: String,
}

/// Asks whatever is not given. `catalog` is names and titles.
///
/// # Errors
/// Nobody answers a question that has no given answer, or a given answer is not usable.
pub fn answers(given: &Given, catalog: &[(String, String)], asker: &mut dyn Asker) -> Result<Answers, String> {
    let alerts = alerts(given, catalog, asker)?;
    let stack = text(given.stack.as_ref(), "What should the stack be called?", "security-alerts", check_stack, asker)?;
    let region = text(given.region.as_ref(), "Which AWS region?", "us-east-1", check_region, asker)?;
    let slack = match (given.slack, &given.channel) {
        (Some(way), _) => way,
        (None, Some(_)) => SlackWay::Bot,
        (None, None) => slack(asker)?,
    };
    let channel = match slack {
        SlackWay::Webhook => None,
        SlackWay::Bot => Some(text(
            given.channel.as_ref(),
            "Which channel (its id, such as C0123456789)?",
            "",
            check_channel,
            asker,
        )?),
    };
    let secret = match &given.secret {
        Some(reference) => check_reference(reference).map(|()| reference.clone())?,
        None => secret(slack, asker)?,
    };
    Ok(Answers { alerts, stack, region, slack, channel, secret })
}

fn alerts(given: &Given, catalog: &[(String, String)], asker: &mut dyn Asker) -> Result<Vec<String>, String> {
    if let Some(unknown) = given.alerts.iter().find(|name| !catalog.iter().any(|(known, _)| known == *name)) {
        return Err(format!("no built-in blueprint is called `{unknown}`; `trailbell catalog` lists them"));
    }
    if !given.alerts.is_empty() {
        return Ok(given.alerts.clone());
    }
    let choices: Vec<String> = catalog.iter().map(|(name, title)| format!("{name}  {title}")).collect();
    loop {
        let chosen = asker.several("Which alerts? (space chooses, Enter goes on)", &choices)?;
        if !chosen.is_empty() {
            return Ok(chosen.into_iter().filter_map(|at| catalog.get(at)).map(|(name, _)| name.clone()).collect());
        }
    }
}

fn text(
    given: Option<&String>,
    question: &str,
    default: &str,
    check: fn(&str) -> Result<(), String>,
    asker: &mut dyn Asker,
) -> Result<String, String> {
    match given {
        Some(answer) => check(answer)
            .map(|()| answer.clone())
            .map_err(|why| format!("`{answer}` is not an answer to “{question}”: {why}")),
        None => asker.text(question, default, check),
    }
}

fn slack(asker: &mut dyn Asker) -> Result<SlackWay, String> {
    let choices = [
        "Incoming webhook: its address is the secret; simplest, and Slack's refusals are seen".to_owned(),
        "Bot token and channel: one token for many channels; a revoked token fails silently".to_owned(),
    ];
    Ok(if asker.one("How is Slack reached?", &choices)? == 0 { SlackWay::Webhook } else { SlackWay::Bot })
}

fn secret(slack: SlackWay, asker: &mut dyn Asker) -> Result<String, String> {
    let what = if slack == SlackWay::Webhook { "webhook address" } else { "bot token" };
    let choices = [
        format!("In an environment variable, set before apply ({})", variable(slack)),
        "In a file outside version control".to_owned(),
        "Nowhere: ask me, hidden, whenever it is needed".to_owned(),
    ];
    match asker.one(&format!("Where does the {what} live? It is never written into the stack file."), &choices)? {
        0 => Ok(format!("${{env:{}}}", asker.text("Which variable?", variable(slack), check_word)?)),
        1 => Ok(format!("${{file:{}}}", asker.text("Which file?", "./slack-secret.txt", check_word)?)),
        _ => Ok(format!("${{prompt:Slack {what}}}")),
    }
}

/// The variable's usual name.
fn variable(slack: SlackWay) -> &'static str {
    match slack {
        SlackWay::Webhook => "SLACK_WEBHOOK_URL",
        SlackWay::Bot => "SLACK_TOKEN",
    }
}

fn check_word(text: &str) -> Result<(), String> {
    let is_good = !text.is_empty() && !text.contains(['"', '\\', '}', '\n', ' ', '=']);
    if is_good { Ok(()) } else { Err("without spaces, quotes and braces".to_owned()) }
}

fn check_channel(text: &str) -> Result<(), String> {
    let is_good = (1..=80).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'#' | b'-' | b'_'));
    if is_good { Ok(()) } else { Err("the channel's id, in Slack at the bottom of the channel's details".to_owned()) }
}

/// Never quotes the answer: it may be the secret itself.
fn check_reference(text: &str) -> Result<(), String> {
    match SecretReference::parse(text) {
        Ok(_) if !text.contains(['"', '\\', '\n']) => Ok(()),
        _ => Err(format!("--secret takes a reference, never the secret itself: {}", SecretReference::FORMS)),
    }
}
