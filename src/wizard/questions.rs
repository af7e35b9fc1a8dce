//! What the wizard asks, in which order, and what is already answered by a flag.

use super::parameters::choose;
use super::{Asker, Check, Chosen, Unanswered, WizardQuestion, check_region, check_stack};
use crate::blueprint::Blueprint;
use crate::diagnostic::nearest;
use crate::name::is_account;
use crate::secret::SecretReference;

/// What is known before anyone is asked.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Blueprints' names.
    pub alerts: Vec<String>,
    /// Values of parameters: `NAME=VALUE` or `BLUEPRINT.NAME=VALUE`.
    pub with: Vec<String>,
    /// The stack's name.
    pub stack: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The account; not asked, because the credentials say it.
    pub account: Option<String>,
    /// A bot's channel; its presence chooses the bot.
    pub channel: Option<String>,
    /// Chooses the way to Slack.
    pub slack: Option<SlackWay>,
    /// Where the secret is.
    pub secret: Option<String>,
}

/// The two ways to Slack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum SlackWay {
    /// An incoming webhook; its URL is the secret
    Webhook,
    /// A bot token and a channel
    Bot,
}

/// Everything a stack file needs.
#[derive(Clone, Debug, PartialEq)]
pub struct WizardAnswers {
    /// The blueprints and the values of their parameters.
    pub alerts: Vec<Chosen>,
    /// The stack's name.
    pub stack: String,
    /// The region.
    pub region: String,
    /// The account, if it is known.
    pub account: Option<String>,
    /// The way to Slack.
    pub slack: SlackWay,
    /// The channel, for a bot.
    pub channel: Option<String>,
    /// The reference to the secret.
    pub secret: String,
}

/// Asks whatever is not given. `catalog` is what can be chosen.
///
/// # Errors
/// No one answers a question that has no given answer, or a given answer is not usable.
pub fn answers(given: &Given, catalog: &[Blueprint], asker: &mut dyn Asker) -> Result<WizardAnswers, Unanswered> {
    let account = given.account.clone();
    if account.as_deref().is_some_and(|id| !is_account(id)) {
        return Err(Unanswered::new("--account requires an account id", "twelve digits, such as 111122223333"));
    }
    let alerts = choose(&given.with, alerts(given, catalog, asker)?, asker)?;
    let named = WizardQuestion::new("Name of the stack?", "--stack NAME");
    let stack = text(given.stack.as_ref(), &named, "security-alerts", &check_stack, asker)?;
    let placed = WizardQuestion::new("Which AWS region?", "--region REGION");
    let region = text(given.region.as_ref(), &placed, "us-east-1", &check_region, asker)?;
    let slack = match (given.slack, &given.channel) {
        (Some(way), _) => way,
        (None, Some(_)) => SlackWay::Bot,
        (None, None) => slack(asker)?,
    };
    let posted = WizardQuestion::new("Which channel (its id, such as C0123456789)?", "--channel ID");
    let channel = match slack {
        SlackWay::Webhook => None,
        SlackWay::Bot => Some(text(given.channel.as_ref(), &posted, "", &check_channel, asker)?),
    };
    let secret = match &given.secret {
        Some(reference) => check_reference(reference).map(|()| reference.clone())?,
        None => secret(slack, asker)?,
    };
    Ok(WizardAnswers { alerts, stack, region, account, slack, channel, secret })
}

fn alerts(given: &Given, catalog: &[Blueprint], asker: &mut dyn Asker) -> Result<Vec<Blueprint>, Unanswered> {
    if given.alerts.is_empty() {
        return ask_alerts(catalog, asker);
    }
    let mut chosen: Vec<Blueprint> = Vec::new();
    for name in &given.alerts {
        let Some(blueprint) = catalog.iter().find(|one| one.blueprint == *name) else {
            let names: Vec<&str> = catalog.iter().map(|one| one.blueprint.as_str()).collect();
            let lists = || "`trailbell catalog` lists them".to_owned();
            let hint = nearest(name, &names).map_or_else(lists, |near| format!("did you mean `{near}`?"));
            return Err(Unanswered::new(format!("there is no built-in blueprint `{name}`"), hint));
        };
        if chosen.iter().any(|one| one.blueprint == *name) {
            return Err(Unanswered::new(format!("duplicate option `--alert {name}`"), "remove one of them"));
        }
        chosen.push(blueprint.clone());
    }
    Ok(chosen)
}

fn ask_alerts(catalog: &[Blueprint], asker: &mut dyn Asker) -> Result<Vec<Blueprint>, Unanswered> {
    let question = WizardQuestion::new("Which alerts? (Space to select, Enter to continue)", "--alert BLUEPRINT");
    let choices: Vec<String> = catalog.iter().map(|one| format!("{}  {}", one.blueprint, one.title)).collect();
    loop {
        let chosen = asker.several(&question, &choices)?;
        if !chosen.is_empty() {
            return Ok(chosen.into_iter().filter_map(|at| catalog.get(at).cloned()).collect());
        }
    }
}

fn text(
    given: Option<&String>,
    question: &WizardQuestion,
    default: &str,
    check: Check<'_>,
    asker: &mut dyn Asker,
) -> Result<String, Unanswered> {
    let Some(answer) = given else { return asker.text(question, default, check) };
    let wrong = |why| {
        let message = format!("`{answer}` is not an answer to “{}”: {why}", question.text);
        Unanswered::new(message, format!("answer with `{}`", question.flag))
    };
    check(answer).map(|()| answer.clone()).map_err(wrong)
}

fn slack(asker: &mut dyn Asker) -> Result<SlackWay, Unanswered> {
    let choices = [
        "Incoming webhook: its URL is the secret; simplest, and errors from Slack are detected".to_owned(),
        "Bot token and channel: one token for many channels; a revoked token is not detected".to_owned(),
    ];
    let question = WizardQuestion::new("How should trailbell post to Slack?", "--slack webhook` or `--slack bot");
    Ok(if asker.one(&question, &choices)? == 0 { SlackWay::Webhook } else { SlackWay::Bot })
}

fn secret(slack: SlackWay, asker: &mut dyn Asker) -> Result<String, Unanswered> {
    let what = if slack == SlackWay::Webhook { "webhook URL" } else { "bot token" };
    let choices = [
        format!("In an environment variable, set before apply ({})", variable(slack)),
        "In a file outside version control".to_owned(),
        "Nowhere: prompt for it (hidden) whenever it is required".to_owned(),
    ];
    let ask = |text: &str| WizardQuestion::new(text, format!("--secret '${{env:{}}}'", variable(slack)));
    let question = ask(&format!("Where is the {what} stored? It is never written to the stack file."));
    match asker.one(&question, &choices)? {
        0 => Ok(format!("${{env:{}}}", asker.text(&ask("Which variable?"), variable(slack), &check_word)?)),
        1 => Ok(format!("${{file:{}}}", asker.text(&ask("Which file?"), "./slack-secret.txt", &check_word)?)),
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
    if is_good { Ok(()) } else { Err("without spaces, quotes, or braces".to_owned()) }
}

fn check_channel(text: &str) -> Result<(), String> {
    let is_good = (1..=80).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'#' | b'-' | b'_'));
    if is_good { Ok(()) } else { Err("the channel's id (in Slack: channel details, at the bottom)".to_owned()) }
}

/// Never quotes the answer: it may be the secret itself.
fn check_reference(text: &str) -> Result<(), Unanswered> {
    let takes = "--secret requires a reference, not the secret itself";
    SecretReference::parse(text)
        .map(drop)
        .map_err(|_| Unanswered::new(takes, format!("write {}", SecretReference::FORMS)))
}
