//! The pages of codes about SNS topics.

use super::Page;

pub(super) const BAD_TOPIC: Page = Page {
    means: "An entry of `sns` is either a topic that exists, with `topic`, or one of the stack, with `email`. A topic that exists is in \
        the region and account of the stack and is not a FIFO topic, because EventBridge sends to topics of its own region, and \
        emails and chats cannot be subscribed to FIFO topics.",
    remedy: "Write one of both: the ARN of a topic, or a list of email addresses.",
    example: r"sns:
  on-call: { email: [alice] }                      # alice@example.com",
};

pub(super) const TOPIC_BY_NOTIFIER: Page = Page {
    means: "The notifier writes the messages of alerts on log groups, and of blueprints whose message no transformer can write \
        safely. What it writes goes through the relay, and the relay posts to Slack only. The message of a `threshold` goes to \
        Slack only, too.",
    remedy: "Name only Slack destinations in `to`. A blueprint that has a message by transformer can go to a topic.",
    example: r"sns:
  on-call: { email: [alice@example.com] }
alerts:
  - blueprint: cloudtrail-access-denied-logs       # about a log group
    with: { log_group: my-trail }
    to: on-call",
};

pub(super) const TOPIC_MESSAGE: Page = Page {
    means: "The message of this alert is too long for a topic, or has a value that is not safe there. EventBridge takes templates of \
        8,192 characters, and SNS messages of 256 KB.",
    remedy: "Shorten the message or its steps, or name other destinations in `to`.",
    example: r"sns:
  on-call: { email: [alice@example.com] }
alerts:
  - blueprint: ./long.yaml                         # its description has 9,000 characters
    to: on-call",
};
