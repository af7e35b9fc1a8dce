//! The page of the code about thresholds.

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
