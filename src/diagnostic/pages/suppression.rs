//! The pages of codes about what a stack suppresses.

use super::Page;

pub(super) const BAD_SUPPRESSION: Page = Page {
    means: "A suppression becomes a part of the alert's event pattern, and this one cannot: no pattern leaves out exactly these \
        events. A suppression that leaves out more would hide events that nobody agreed to hide. Fields that can be lists, \
        conditions that EventBridge cannot deny, and conditions that overlap with a prefix or another operator in the pattern \
        are refused.",
    remedy: "Write text, numbers, `prefix`, `suffix`, `wildcard`, or `equals-ignore-case`, or `cidr` for `sourceIPAddress`, about \
        fields that hold one value.",
    example: r"alerts:
  - blueprint: cloudtrail-stop-logging
    suppress:
      - { when: { resources.ARN: [a] }, reason: expected, owner: ops }   # a list",
};

pub(super) const SUPPRESSES_CASE: Page = Page {
    means: "The blueprint has a test with an event for which the alert must fire, and this suppression leaves that event out. \
        It is probably wider than intended.",
    remedy: "Add a field to `when`, such as who does it, so that the suppression holds for the expected events alone.",
    example: r"alerts:
  - blueprint: cloudtrail-stop-logging
    suppress:
      - { when: { awsRegion: [us-east-1] }, reason: expected, owner: ops }",
};

pub(super) const EXPIRED_SUPPRESSION: Page = Page {
    means: "The last day of the suppression is over, in UTC. It is not a part of the alert anymore, so that it does not hide events \
        without anyone knowing. In the account it still is until the next apply, which `plan` shows as a change and `status` as a \
        difference.",
    remedy: "Remove the suppression, or set a later date if its owner confirms that it still applies; then apply.",
    example: r"alerts:
  - blueprint: cloudtrail-stop-logging
    suppress:
      - { when: { userAgent: [nightly] }, reason: test, owner: ops, until: 2020-01-31 }",
};

pub(super) const DEAD_SUPPRESSION: Page = Page {
    means: "The alert matches no event for which this suppression holds: its pattern asks for another value of a field. The \
        suppression has no effect.",
    remedy: "Correct the field or the value, or remove the suppression.",
    example: r"alerts:
  - blueprint: cloudtrail-stop-logging
    suppress:
      - { when: { eventName: [DeleteTrail] }, reason: expected, owner: ops }",
};

pub(super) const SUPPRESSION_TOO_LONG: Page = Page {
    means: "EventBridge accepts event patterns of 2,048 characters by default, and the pattern with its suppressions is longer. A \
        suppression of several fields, or several blocks of addresses, need most room. No part of the suppressions is left out \
        instead.",
    remedy: "Combine suppressions of one field into one list or one `prefix`, or have EventBridge's quota `Event pattern size` \
        raised and write what it is now: `quotas: { event_pattern: 4096 }`.",
    example: "",
};
