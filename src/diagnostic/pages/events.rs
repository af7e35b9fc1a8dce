//! The pages of codes about the events an alert asks for.

use super::Page;

pub(super) const NEVER_MATCHES: Page = Page {
    means: "No event can match this pattern, or a part of it: the alert would never fire for it. Two conditions \
        exclude each other, such as a `source` and an `eventSource` of different services, or a detail type that such \
        events do not have; or a field is compared with the wrong type of value, such as the text `\"false\"` instead \
        of a boolean.",
    remedy: "Correct the field that the finding names. A real event, as a `record` in a case, shows what its fields \
        look like.",
    example: r"alert:
  pattern:
    source: [aws.iam]
    detail-type: [AWS API Call via CloudTrail]
    detail: { eventSource: [cloudtrail.amazonaws.com] }    # its events have the source aws.cloudtrail",
};

pub(super) const UNKNOWN_EVENT_NAME: Page = Page {
    means: "trailbell's list of events does not have this name for this service, so the alert may never fire. The \
        name may be misspelled, belong to another service, or be the name in the SDKs: CloudTrail writes \
        `CreateFunction20150331` where the SDKs use `CreateFunction`. This is a warning because AWS adds names all \
        the time.",
    remedy: "Use the name that the finding suggests. If the event is new, or comes from the console, add a case with \
        a real record and `matches: true`: the warning then disappears.",
    example: r"alert:
  pattern:
    source: [aws.cloudtrail]
    detail-type: [AWS API Call via CloudTrail]
    detail: { eventName: [StopLoging] }            # StopLogging",
};

pub(super) const UNKNOWN_EVENT_SOURCE: Page = Page {
    means: "trailbell's list of services does not have this name, so the alert may never fire. The name may be \
        misspelled, or be the name of the service in an SDK. This is a warning because AWS adds services.",
    remedy: "Use the name that the finding suggests. Where CloudTrail writes `iam.amazonaws.com` as `eventSource`, \
        EventBridge writes `aws.iam` as `source`.",
    example: r"alert:
  pattern:
    source: [aws.cloudtrial]                       # aws.cloudtrail
    detail-type: [AWS API Call via CloudTrail]
    detail: { eventName: [StopLogging] }",
};

pub(super) const READ_ONLY_NOT_HEARD: Page = Page {
    means: "The pattern names read-only calls that begin with `Get`, `List` or `Describe`, and the blueprint sets \
        `rule_state: ENABLED`. EventBridge sends such calls only to rules in the state \
        `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`, so the alert would never fire for them.",
    remedy: "Remove `rule_state`: trailbell then chooses the right state by itself. Or remove the read-only calls from \
        the pattern.",
    example: r"alert:
  rule_state: ENABLED                              # remove this line
  pattern:
    detail: { eventName: [GetTrailStatus] }",
};

pub(super) const READ_ONLY_UNDECIDED: Page = Page {
    means: "Read-only calls can match this pattern: it has no `eventName`, or one that also matches them, such as a \
        prefix. Only a rule in the state `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS` receives such calls, and \
        there are many of them. Without `rule_state`, trailbell creates the rule as `ENABLED`, and the alert does not \
        fire for them.",
    remedy: "Write `rule_state: ENABLED` if the alert should not receive read-only calls, or `rule_state: \
        ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS` if it should. Or require `readOnly: [false]` in `detail`.",
    example: r"alert:
  pattern:
    source: [aws.cloudtrail]
    detail-type: [AWS API Call via CloudTrail]
    detail: { errorCode: [AccessDenied] }          # of which calls?",
};

pub(super) const OTHER_REGION: Page = Page {
    means: "Events of global services such as IAM, Organizations, CloudFront, Route 53, and Support, and sign-ins of \
        the root user, reach the event bus only in certain regions: `us-east-1` for most of them. The stack is in \
        another region, so its alert would never fire for them. The same finding is reported if the pattern itself \
        requires a region or account other than the stack's.",
    remedy: "Move the alert, or the part of it about these events, to a stack in the region that the finding names. A \
        stack has one region, so this may be a second stack. If rules of yours forward the events to this stack's event \
        bus, list where they come from: `forwarded: { regions: [us-east-1] }` or `forwarded: { accounts: [\"111122223333\"] \
        }`.",
    example: r"region: eu-central-1                               # us-east-1
alerts:
  - blueprint: ./iam-user-created.yaml             # its pattern has `source: [aws.iam]`",
};

pub(super) const SIGN_IN_REGION: Page = Page {
    means: "CloudTrail records a sign-in in the region of its sign-in page: the root user in `us-east-1`; IAM users \
        in `us-east-1`, `us-east-2`, `eu-north-1`, or `ap-southeast-2`, or in the region whose own page they use. A \
        stack receives only the sign-ins of its own region, so this alert misses the others.",
    remedy: "Install the alert in a stack for each of these regions. If only the root user matters, require \
        `userIdentity: { type: [Root] }` in `detail`; then one stack in `us-east-1` receives all events. A `region` \
        list in the pattern confirms that these regions are intended, and removes the warning.",
    example: r"region: eu-central-1                               # and stacks in us-east-1, us-east-2, …
alerts:
  - blueprint: ./console-sign-in.yaml              # its pattern has `eventName: [ConsoleLogin]`",
};

pub(super) const SIGN_IN_SPELLING: Page = Page {
    means: "The detail type of sign-in events has two spellings: the AWS documentation has `AWS Console Signin via \
        CloudTrail`, and rules in use and recorded events have `AWS Console Sign In via CloudTrail`. A pattern with \
        only the other one may never match.",
    remedy: "List both spellings in `detail-type`.",
    example: r"alert:
  pattern:
    source: [aws.signin]
    detail-type: [AWS Console Sign In via CloudTrail]      # and AWS Console Signin via CloudTrail
    detail: { eventSource: [signin.amazonaws.com], eventName: [ConsoleLogin] }",
};

pub(super) const MISSING_CASE: Page = Page {
    means: "The blueprint has no case that matches, or none that does not. Only both together show that its pattern \
        matches what it should and nothing else, and protect later changes.",
    remedy: "Add a case with a real `record` and `expect: { matches: true }`, and one of a similar event with \
        `matches: false`. `trailbell test` runs them offline.",
    example: r"tests:
  - name: StopLogging matches                      # and no case with `matches: false`
    record: { eventSource: cloudtrail.amazonaws.com, eventName: StopLogging }
    expect: { matches: true }",
};

pub(super) const MATCHES_EVERYTHING: Page = Page {
    means: "The pattern matches every event on the bus, or every call that CloudTrail records. Slack accepts about \
        one message per second: alerts wait behind thousands of others, and what is not delivered within six hours \
        goes to the dead-letter queue. The check tries a few events that have little in common, so it does not find a \
        pattern that excludes only one service or matches all write calls.",
    remedy: "Narrow the pattern with `source`, `detail.eventSource`, and `detail.eventName` until it names what the \
        alert is about.",
    example: r"alert:
  pattern:
    detail-type: [AWS API Call via CloudTrail]     # and nothing else",
};

pub(super) const UNKNOWN_VALUE: Page = Page {
    means: "The CloudTrail documentation lists all values of this field (`eventType`, `eventCategory`, \
        `userIdentity.type`), and this is not one of them; or a `detail-type` is nearly called like one that the service \
        has. If it is misspelled, the alert never fires.",
    remedy: "Write the value as in the documentation; values are case-sensitive. AWS sometimes adds values, so a new \
        one may be correct.",
    example: r"alert:
  pattern:
    source: [aws.iam]
    detail-type: [AWS API Call via CloudTrail]
    detail: { eventName: [CreateUser], userIdentity: { type: [root] } }    # `Root`",
};

pub(super) const FORGEABLE_ALERT: Page = Page {
    means: "The pattern does not require a `source` that only AWS can use. Anyone in the account with \
        `events:PutEvents` can put an event on the event bus that matches, with any content: the alert can be triggered \
        without reason, and its message cannot be relied on.",
    remedy: "For events of AWS, list the `source` in every branch, as in `source: [aws.iam]` or `source: [{ prefix: \
        aws. }]`: only AWS can use a source that begins with `aws.`. If the alert is about events of your own \
        applications, write `from_anyone: REASON` under `alert`: why it does no harm that others can trigger it. Then there is \
        no warning.",
    example: r"alert:
  pattern: { source: [my.app], detail-type: [order] }      # anyone can send such an event",
};

pub(super) const DEAD_ENTRY: Page = Page {
    means: "One entry of a list in the pattern, or one branch of an `$or`, matches no event that the stack receives, but \
        others do: the alert fires, only not for what this part is about. It may be misspelled, be left over from another \
        pattern, or be about events of another region.",
    remedy: "Correct the entry or the branch, or remove it. For events of another region, also move that part to a stack there, \
        or list the region under `forwarded` if its events are forwarded to this stack.",
    example: r"alert:
  pattern:
    source: [aws.iam, aws.sts]                     # no event of iam.amazonaws.com has the source aws.sts
    detail-type: [AWS API Call via CloudTrail]
    detail: { eventSource: [iam.amazonaws.com], eventName: [CreateUser] }",
};

pub(super) const LEFT_OUT: Page = Page {
    means: "`anything-but` matches only where the field is present, and some callers do not have this field: the alert \
        never fires for them. Only sessions of roles have a `sessionIssuer`, for example: excluding one role this way also \
        excludes the root user, IAM users, and AWS services.",
    remedy: "Add a branch for those who do not have the field, with `$or` and `exists: false`. If they should be left out, \
        say so: list the `userIdentity.type`s that the alert is about.",
    example: r"alert:
  pattern:
    source: [aws.iam]
    detail-type: [AWS API Call via CloudTrail]
    detail:
      eventName: [CreateUser]
      userIdentity: { userName: [{ anything-but: [deploy] }] }     # also leaves out the root user, roles, and services",
};

pub(super) const DATA_EVENTS: Page = Page {
    means: "These calls are data events, such as reading an object in S3 or calling a Lambda function. CloudTrail does not \
        record them unless a trail selects them, which costs extra, and EventBridge receives only what a trail records. \
        Without such a trail, the alert never fires.",
    remedy: "Select the events in a trail, with the selector that the finding shows; for S3, limit it to the buckets that \
        matter. Then require `eventCategory: [Data]` in `detail` to confirm that data events are intended.",
    example: r"alert:
  pattern:
    source: [aws.s3]
    detail-type: [AWS API Call via CloudTrail]
    detail: { eventSource: [s3.amazonaws.com], eventName: [DeleteObject] }",
};

pub(super) const PARTNER_EVENTS: Page = Page {
    means: "EventBridge sends the events of a SaaS partner, whose source begins with `aws.partner/`, to an event bus that is \
        made for this partner. The rules of trailbell are on the default event bus, which does not receive them unless a \
        rule forwards them there.",
    remedy: "Create a rule on the partner's event bus whose target is the default event bus. If there is one, no action is \
        needed.",
    example: r"alert:
  pattern:
    source: [{ prefix: aws.partner/auth0.com/ }]
    detail-type: [Auth0 log]",
};
