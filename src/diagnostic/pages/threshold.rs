//! The pages of the codes about thresholds and staged alerts.

use super::Page;

pub(super) const BAD_THRESHOLD: Page = Page {
    means: "Only log lines can be counted, so the alert has a `filter`. A threshold is counted by a CloudWatch alarm, which adds up what comes within a period. A period is whole minutes; \
        an alarm over more than one day is evaluated only once an hour; and a sum of 0 is reached without any event.",
    remedy: "Use an alert that receives log lines. Write a `count` of 1 or more, and `within` as whole minutes, from one minute to one day: `10m`, `2h`, `1d`.",
    example: r"alerts:
  - blueprint: cloudtrail-access-denied-logs
    with: { log_group: trail }
    threshold: { count: 5, within: 90s }",
};

pub(super) const COLLECTS_ITSELF: Page = Page {
    means: "The events of a staged alert, and of one with a threshold, are written into a log group. For that EventBridge creates log \
        streams, and CloudTrail records these calls. An alert that matches them would collect an event for each event that it collects.",
    remedy: "Exclude calls that services make, such as with `userIdentity.type`, or let the alert send messages: remove `state` and \
        `threshold`.",
    example: "",
};
