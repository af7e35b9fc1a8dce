//! The pages of codes about a stack and its secrets.

use super::Page;

pub(super) const BAD_REGION: Page = Page {
    means: "This is not the name of an AWS region. A stack is in exactly one region, and its alerts receive the \
        events of that region.",
    remedy: "Write the region's name as AWS does, such as `us-east-1` or `eu-central-1`.",
    example: r"region: eu-central            # eu-central-1",
};

pub(super) const SLACK_DESTINATION: Page = Page {
    means: "The Slack destination is incomplete or ambiguous, or `channel` is not a channel id. It is either an \
        incoming webhook, whose URL already includes the channel, or a bot token with the channel to post to.",
    remedy: "Give `webhook` alone, or `token` and `channel`, as in `channel: C0123456789`; `api` requires a token.",
    example: r#"slack:
  token: "${env:SLACK_TOKEN}"                      # and `channel` is missing"#,
};

pub(super) const BLUEPRINT_NOT_FOUND: Page = Page {
    means: "There is no built-in blueprint with this name, or no file at this path. A path begins with `./`, `../` or \
        `/` and is relative to the stack file; anything else is the name of a built-in blueprint.",
    remedy: "Correct the name or the path. `trailbell catalog` lists the built-in blueprints.",
    example: r"alerts:
  - blueprint: cloudtrail-stop-loging              # cloudtrail-stop-logging",
};

pub(super) const MISSING_PARAMETER: Page = Page {
    means: "The blueprint has a parameter without a default, and this alert or case does not set it. The event \
        pattern or the message would be incomplete.",
    remedy: "Set the value under `with`, or add a `default` to the parameter in the blueprint.",
    example: r"parameters: { user: { type: list } }
alert:
  pattern: { detail: { userIdentity: { userName: { param: user } } } }
tests:
  - name: alice matches
    record: { eventSource: cloudtrail.amazonaws.com, eventName: StopLogging, userIdentity: { userName: alice } }
    expect: { matches: true }                      # and `with: { user: [alice] }` is missing",
};

pub(super) const UNKNOWN_PARAMETER: Page = Page {
    means: "A value is set for a parameter that the blueprint does not have. It would have no effect.",
    remedy: "Correct the name, or remove the value. `trailbell catalog NAME` shows the parameters of a built-in \
        blueprint.",
    example: r"alerts:
  - blueprint: cloudtrail-stop-logging
    with: { trail: main }                          # it has no such parameter",
};

pub(super) const DUPLICATE_ALERT: Page = Page {
    means: "Two alerts of the stack have the same id. The names of their resources in AWS contain it, so one would \
        overwrite the other.",
    remedy: "Set another `id` for one of them. Without `id`, an alert has the name of its blueprint.",
    example: r"alerts:
  - blueprint: cloudtrail-stop-logging
  - blueprint: cloudtrail-stop-logging             # and `id: …` is missing",
};

pub(super) const UNSUPPORTED_VERSION: Page = Page {
    means: "The stack or blueprint file is written for another version of the format. Read as version 1, it could \
        mean something else.",
    remedy: "Write `version: 1` or no version, or use a version of trailbell that supports this format.",
    example: r"version: 2                    # 1",
};

pub(super) const BLUEPRINT_INVALID: Page = Page {
    means: "The blueprint of this alert has errors, so the stack cannot be used. They are listed with the blueprint's \
        file.",
    remedy: "Correct the blueprint. `trailbell check FILE` checks it alone.",
    example: r"alerts:
  - blueprint: ./mine.yaml                         # mine.yaml has an error",
};

pub(super) const SHARED_DESTINATION: Page = Page {
    means: "Slack accepts about one message per second in a channel, and all alerts of a stack share it. One of these \
        alerts can be triggered by anyone, as often as they like: it is about refused calls or failed sign-ins, or its \
        events can come from someone other than AWS. Thousands of its messages delay the critical alert that shares the \
        channel, which is what someone who wants to go unnoticed would do.",
    remedy: "Put the critical alert into a stack of its own, with its own Slack channel.",
    example: r"alerts:
  - blueprint: cloudtrail-stop-logging             # critical
  - { blueprint: cloudtrail-access-denied-logs, with: { log_group: my-trail } }",
};

pub(super) const OUTSIDE_FOLDER: Page = Page {
    means: "The path, or a link on it, leads outside of the folder that the stack file is in. In a stack file from someone else, such a \
        path could lead to any file of this machine.",
    remedy: "Move the blueprint and its handler into the folder. If you trust the stack file, allow it with `--allow-outside`.",
    example: r"alerts:
  - blueprint: ../shared/stop-logging.yaml           # not below this folder",
};

pub(super) const UNKNOWN_REGION: Page = Page {
    means: "No region of this name is known to this version of trailbell, or it is not known whether EventBridge can call Slack from \
        there. If the name is misspelled, `apply` cannot reach AWS.",
    remedy: "Correct the name. If the region is newer than this version of trailbell, no action is needed.",
    example: r"region: us-esat-1                                # us-east-1",
};

pub(super) const NO_API_DESTINATIONS: Page = Page {
    means: "EventBridge calls Slack through an API destination, and AWS does not offer them in this region. `apply` would fail half-way.",
    remedy: "Choose a region that has them, and have the events forwarded there.",
    example: r"region: us-gov-west-1",
};

pub(super) const TOO_MANY_RULES: Page = Page {
    means: "Each alert on events needs at least one rule on the default event bus. AWS allows 300 rules per bus, and 100 in \
        af-south-1 and eu-south-1, those of everyone in the account included. Unless the stack file says \
        that the quota was raised, `plan` and `apply` refuse.",
    remedy: "Have EventBridge's quota `Number of rules` raised for the account and region and write what it is now, or \
        move alerts to a stack in another account or region. Another stack in the same account and region uses the same bus.",
    example: "quotas: { rules: 500 }",
};

pub(super) const LITERAL_SECRET: Page = Page {
    means: "The file contains a secret. Files are committed, copied, and shown in reviews, and anyone with the \
        webhook URL or the bot token can post to your Slack. trailbell accepts only references, and does not show any \
        part of the secret.",
    remedy: "Write a reference such as `\"${env:SLACK_WEBHOOK_URL}\"`, and keep the secret outside the file. If the \
        file was ever shared, revoke the secret in Slack and create a new one.",
    example: r#"slack:
  webhook: https://hooks.slack.com/services/…      # "${env:SLACK_WEBHOOK_URL}""#,
};

pub(super) const BAD_SECRET_REFERENCE: Page = Page {
    means: "The value looks like a reference to a secret, but its source is not known, nothing follows the source, or \
        its brace is not closed. Without the secret, nothing can be sent to Slack.",
    remedy: "Write `\"${env:NAME}\"`, `\"${file:PATH}\"`, `\"${prompt:QUESTION}\"`, `\"${ssm:NAME}\"`, \
        `\"${secretsmanager:NAME}\"`, or `\"${secretsmanager:NAME#KEY}\"`, in quotes. Parameters and secrets are named, \
        not given by their ARN: they are read in the account and region of the stack.",
    example: r#"slack:
  webhook: "${vault:slack/webhook}"                # env, file, prompt, ssm, or secretsmanager"#,
};

pub(super) const INSECURE_WEBHOOK: Page = Page {
    means: "The Slack URL cannot be used: it is not https, it contains a password, or it is not a URL. Over http, \
        anyone on the network path could read the alerts and the secret, and post in your name. Only a URL on this \
        machine can be http.",
    remedy: "Use the https URL that Slack shows. If the secret comes from a reference, correct its source: the value \
        itself is not shown.",
    example: r#"slack:
  token: "${env:SLACK_TOKEN}"
  channel: C0123456789
  api: http://slack.com/api                        # https"#,
};

pub(super) const FOREIGN_HOST: Page = Page {
    means: "Messages would go to a host that does not belong to Slack: alerts about your account, and a bot's token, \
        would go to a third party. A proxy, or a server that implements Slack's API, is accepted if the file names it.",
    remedy: "Compare the URL with the one that Slack shows: `hooks.slack.com` or `slack.com`, or `slack-gov.com` for \
        GovSlack. If the host is intended, name it, so that a reviewer sees it: `trusted_host: chat.example.com`.",
    example: r#"slack:
  token: "${env:SLACK_TOKEN}"
  channel: C0123456789
  api: https://chat.example.com/api                # not Slack's"#,
};

pub(super) const NOT_A_WEBHOOK: Page = Page {
    means: "The URL is on a Slack host and is not that of an incoming webhook: a part of it is missing, or it is that of a \
        workflow or of the Web API. Slack would reject every message.",
    remedy: "Copy the whole URL in Slack: the app's page, *Incoming Webhooks*, *Copy*. It has the form \
        `https://hooks.slack.com/services/T…/B…/…`, and its last part has 24 letters and digits.",
    // The URL comes from a reference, so no stack file alone shows it.
    example: r#"slack:
  webhook: "${env:SLACK_WEBHOOK_URL}"              # https://hooks.slack.com/services/T0/B0/"#,
};

pub(super) const LEFT_OUT_OF_PACK: Page = Page {
    means: "Global services such as IAM, Organizations, and Route 53 record their events in one region only, in most partitions \
        us-east-1. The stack is in another region, so these alerts of the pack would never fire there. They have no \
        resources in AWS.",
    remedy: "Install the pack in a stack in us-east-1, too, or forward the events from there and say so with `forwarded`. If another \
        stack receives them already, list the alerts under `except`: then there is no warning.",
    example: r"region: eu-west-1
alerts:
  - use: account-baseline              # its alerts about IAM are left out
    except: [iam-access-key-created]   # or left out on purpose",
};
