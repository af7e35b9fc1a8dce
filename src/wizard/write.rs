//! Answers → a commented stack file.

use super::{Answers, SlackWay};

/// The stack file.
#[must_use]
pub fn stack_file(answers: &Answers) -> String {
    let slack = match (answers.slack, &answers.channel) {
        (SlackWay::Webhook, _) => format!("  webhook: \"{}\"\n", answers.secret),
        (SlackWay::Bot, channel) => {
            format!("  token: \"{}\"\n  channel: \"{}\"\n", answers.secret, channel.as_deref().unwrap_or_default())
        }
    };
    let alerts = answers.alerts.iter().fold(String::new(), |text, name| text + "  - blueprint: " + name + "\n");
    format!(
        "\
# A trailbell stack: which alerts, where, and how to reach Slack.
#   trailbell plan      what would change in the account
#   trailbell apply     make it so
#   trailbell verify    prove that alerts arrive
#   trailbell destroy   remove everything again
version: 1

# Every resource in AWS carries this name. Another name makes another stack.
stack: {stack}

# Alerts hear what happens in this region. Events of global services, such as IAM, are heard in us-east-1 only.
region: {region}

# The secret itself never stands here: {forms}.
slack:
{slack}
# `trailbell catalog` lists the built-in alerts; a path such as ./my-alert.yaml is one of your own.
alerts:
{alerts}",
        stack = answers.stack,
        region = answers.region,
        forms = crate::secret::SecretReference::FORMS,
    )
}
