//! Answers → a commented stack file.

use super::{Chosen, SlackWay, WizardAnswers};
use crate::document::write::{comment, quoted, value, word};

/// The stack file.
#[must_use]
pub fn stack_file(answers: &WizardAnswers) -> String {
    let secret = quoted(&answers.secret);
    let slack = match (answers.slack, &answers.channel) {
        (SlackWay::Webhook, _) => format!("  webhook: {secret}\n"),
        (SlackWay::Bot, channel) => {
            format!("  token: {secret}\n  channel: {}\n", quoted(channel.as_deref().unwrap_or_default()))
        }
    };
    format!(
        "\
# A trailbell stack: which alerts to install, where, and how to reach Slack.
#   trailbell plan      show what would change in the account
#   trailbell apply     make the changes
#   trailbell verify    prove that alerts arrive
#   trailbell destroy   delete everything
version: 1

# The name of every resource in AWS contains it. Another name creates another stack.
stack: {stack}

# Alerts receive the events of this region. Events of global services, such as IAM, are sent only to us-east-1.
region: {region}

{account}
# A reference to the secret, never the secret itself: {forms}.
slack:
{slack}
# `trailbell catalog` lists the built-in alerts; a path such as ./my-alert.yaml is your own.
alerts:
{alerts}",
        stack = word(&answers.stack),
        region = word(&answers.region),
        account = account(answers.account.as_deref()),
        forms = crate::secret::SecretReference::FORMS,
        alerts = answers.alerts.iter().map(alert).collect::<String>(),
    )
}

/// The account, or where it belongs.
fn account(known: Option<&str>) -> String {
    let line = known.map_or_else(|| "# account: \"111122223333\"".to_owned(), |id| format!("account: {}", quoted(id)));
    format!("# The account that the stack belongs to. trailbell refuses to work in any other account.\n{line}\n")
}

/// One alert, with all its parameters: those that keep their defaults as comments.
fn alert(chosen: &Chosen) -> String {
    let Chosen { blueprint, with } = chosen;
    let name = format!("  - blueprint: {}\n", word(&blueprint.blueprint));
    let lines = blueprint.parameters.iter().filter_map(|(name, parameter)| {
        let about = parameter.description.as_deref().map(|about| format!("  {}", comment(about)));
        let line = |shown| format!("{}: {}{}\n", word(name), value(shown), about.unwrap_or_default());
        match (with.get(name), &parameter.default) {
            (Some(given), _) => Some(format!("      {}", line(given))),
            // A mapping of comments alone would be no mapping.
            (None, Some(default)) if with.is_empty() => Some(format!("    #   {}", line(default))),
            (None, Some(default)) => Some(format!("      # {}", line(default))),
            // It has no value, which is a finding of its own.
            (None, None) => None,
        }
    });
    let lines: String = lines.collect();
    match (lines.is_empty(), with.is_empty()) {
        (true, _) => name,
        (false, true) => name + "    # with:\n" + &lines,
        (false, false) => name + "    with:\n" + &lines,
    }
}
