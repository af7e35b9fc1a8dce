//! The pages of codes about digests.

use super::Page;

pub(super) const BAD_DIGEST: Page = Page {
    means: "A digest is made every so many minutes. EventBridge Scheduler counts in whole minutes. A run of the function that \
        counts takes at most two minutes, so that no run meets the next one, and events stay in the queue for four days. A digest is posted to Slack: an SNS topic gets a message for each event.",
    remedy: "Write a time in whole minutes from five minutes to one day, such as `15m`, `1h`, or `1d`, and name Slack destinations in \
        `to`.",
    example: r"alerts:
  - blueprint: cloudtrail-stop-logging
    digest: 30s",
};

pub(super) const DIGEST_OF_LINES: Page = Page {
    means: "A digest collects events in an SQS queue, to which the rule of the alert sends them. This alert receives lines of a log \
        group, and a subscription filter cannot send to a queue. CloudWatch Logs delivers lines in batches, and one message shows \
        many of them already.",
    remedy: "Remove `digest`, or use a blueprint that receives the same calls as events.",
    example: r"alerts:
  - blueprint: cloudtrail-access-denied-logs
    with: { log_group: trail }
    digest: 15m",
};

pub(super) const DIGEST_LOOP: Page = Page {
    means: "Each run of the digest's schedule makes AWS assume the schedule's role and the function's role, and CloudTrail records \
        that. The pattern of this alert matches such a record, so every digest would make events for the next one, and there would \
        be a message for every period for ever.",
    remedy: "List the `eventName`s that the alert is about, leave out calls that AWS services make with `userIdentity: { invokedBy: \
        [{ exists: false }] }` in the pattern's `detail`, or remove `digest`.",
    example: "",
};
