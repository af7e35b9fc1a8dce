//! The pages of codes about a stack and its secrets.

use super::Page;

pub(super) const BAD_REGION: Page = Page {
    means: "This is not the name of an AWS region. A stack lives in exactly one region, and its alerts hear the events \
        of that region.",
    remedy: "Write the region's name as AWS does, such as `us-east-1` or `eu-central-1`.",
    example: r"region: eu-central            # eu-central-1",
};

pub(super) const SLACK_DESTINATION: Page = Page {
    means: "The way to Slack is incomplete or ambiguous, or `channel` is not a channel. It is either an incoming \
        webhook, whose address has its channel built in, or a bot token with the channel to post to.",
    remedy: "Give `webhook` alone, or `token` and `channel`, as in `channel: C0123456789`; `api` goes with a token \
        only.",
    example: r#"slack:
  token: "${env:SLACK_TOKEN}"                      # and `channel` is missing"#,
};

pub(super) const BLUEPRINT_NOT_FOUND: Page = Page {
    means: "There is no built-in blueprint of this name, or no file at this path. A path begins with `./`, `../` or \
        `/` and is relative to the stack file; anything else is the name of a built-in blueprint.",
    remedy: "Correct the name or the path. `trailbell catalog` lists the built-in blueprints.",
    example: r"alerts:
  - blueprint: cloudtrail-stop-loging              # cloudtrail-stop-logging",
};

pub(super) const MISSING_PARAMETER: Page = Page {
    means: "The blueprint has a parameter without a default, and this alert or case gives it no value. The event \
        pattern or the message would have a gap.",
    remedy: "Give the value under `with`, or give the parameter a `default` in the blueprint.",
    example: r"parameters: { user: { type: list } }
alert:
  pattern: { detail: { userIdentity: { userName: { param: user } } } }
tests:
  - name: alice rings
    record: { eventSource: cloudtrail.amazonaws.com, eventName: StopLogging, userIdentity: { userName: alice } }
    expect: { matches: true }                      # and `with: { user: [alice] }` is missing",
};

pub(super) const UNKNOWN_PARAMETER: Page = Page {
    means: "A value is given for a parameter that the blueprint does not have. It would have no effect, and the alert \
        would keep watching what it watched before.",
    remedy: "Correct the name, or remove the value. `trailbell catalog NAME` shows the parameters of a built-in \
        blueprint.",
    example: r"alerts:
  - blueprint: cloudtrail-stop-logging
    with: { trail: main }                          # it has no parameters",
};

pub(super) const DUPLICATE_ALERT: Page = Page {
    means: "Two alerts of the stack have the same id. The names of their resources in AWS are made of it, so one would \
        overwrite the other.",
    remedy: "Give one of them another `id`. Without `id`, an alert is called like its blueprint.",
    example: r"alerts:
  - blueprint: cloudtrail-stop-logging
  - blueprint: cloudtrail-stop-logging             # and `id: …` is missing",
};

pub(super) const UNSUPPORTED_VERSION: Page = Page {
    means: "The stack or blueprint file says that it is written for another version of the format. Read as version 1 it \
        could mean something else.",
    remedy: "Write `version: 1` or no version, or use a trailbell that reads that version.",
    example: r"version: 2                    # 1",
};

pub(super) const BLUEPRINT_INVALID: Page = Page {
    means: "The blueprint of this alert has errors, so the stack cannot be used. They stand with the blueprint's file \
        among the findings.",
    remedy: "Correct the blueprint. `trailbell check FILE` looks at it alone.",
    example: r"alerts:
  - blueprint: ./mine.yaml                         # mine.yaml has an error",
};

pub(super) const LITERAL_SECRET: Page = Page {
    means: "A secret stands in the file itself. Files are committed, copied and shown in reviews, and whoever has a \
        webhook's address or a bot token can post to your Slack. trailbell takes references only, and shows no part of \
        the secret.",
    remedy: "Write a reference such as `\"${env:SLACK_WEBHOOK_URL}\"`, and keep the secret outside. If the file was \
        ever shared, revoke the secret at Slack and make a new one.",
    example: r#"slack:
  webhook: https://hooks.slack.com/services/…      # "${env:SLACK_WEBHOOK_URL}""#,
};

pub(super) const BAD_SECRET_REFERENCE: Page = Page {
    means: "The value begins like a reference to a secret, but it names no source that trailbell knows, or nothing \
        after the source, or its brace is not closed. Without the secret nothing can be sent to Slack.",
    remedy: "Write `\"${env:NAME}\"`, `\"${file:PATH}\"` or `\"${prompt:QUESTION}\"`, in quotes.",
    example: r#"slack:
  webhook: "${vault:slack/webhook}"                # env, file or prompt"#,
};

pub(super) const INSECURE_WEBHOOK: Page = Page {
    means: "The address Slack is reached at is not one that can be used: it is not https, it carries a password, or it \
        is no address at all. Over http, anybody on the way could read the alerts and the secret and post in your \
        name. Only an address on this machine may be http.",
    remedy: "Use the https address that Slack shows. When the secret comes from a reference, correct its source: the \
        value itself is not shown.",
    example: r#"slack:
  token: "${env:SLACK_TOKEN}"
  channel: C0123456789
  api: http://slack.com/api                        # https"#,
};

pub(super) const FOREIGN_HOST: Page = Page {
    means: "Messages would go to a host that is not one of Slack's. That is right for a proxy or a test; otherwise \
        alerts about your account, and with a bot its token, go to somebody else.",
    remedy: "Compare the address with the one Slack shows: `hooks.slack.com` or `slack.com`, for governments \
        `slack-gov.com`. If it is meant, nothing has to be done.",
    example: r#"slack:
  token: "${env:SLACK_TOKEN}"
  channel: C0123456789
  api: https://chat.example.com/api                # not Slack's"#,
};
