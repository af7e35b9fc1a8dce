//! The pages of codes about the events an alert asks for.

use super::Page;

pub(super) const NEVER_MATCHES: Page = Page {
    means: "No event can match this pattern, or a part of it: the alert would never ring for that, and nobody would \
        notice. Two demands exclude each other, such as a `source` and an `eventSource` of different services, or a \
        detail type that such events do not have; or a field is compared with the wrong kind of value, such as the \
        text `\"false\"` where a boolean stands.",
    remedy: "Correct the field that the finding names. A real event of the kind, as a `record` in a case, shows what \
        its fields look like.",
    example: r"alert:
  pattern:
    source: [aws.iam]
    detail-type: [AWS API Call via CloudTrail]
    detail: { eventSource: [cloudtrail.amazonaws.com] }    # its events have the source aws.cloudtrail",
};

pub(super) const UNKNOWN_EVENT_NAME: Page = Page {
    means: "trailbell's dictionary has no event of this name for this service, so the alert may never ring. The name \
        may be misspelt, may belong to another service, or may be the name of an SDK: CloudTrail writes \
        `CreateFunction20150331` where the SDKs say `CreateFunction`. It is a warning because AWS adds names all the \
        time.",
    remedy: "Use the name that the finding suggests. If the event is new, or one of the console, put a real record of \
        it into a case that rings: the warning is then gone.",
    example: r"alert:
  pattern:
    source: [aws.cloudtrail]
    detail-type: [AWS API Call via CloudTrail]
    detail: { eventName: [StopLoging] }            # StopLogging",
};

pub(super) const UNKNOWN_EVENT_SOURCE: Page = Page {
    means: "trailbell's dictionary knows no service that writes events under this name, so the alert may never ring. \
        The word may be misspelt, or be what an SDK calls the service. It is a warning because AWS adds services.",
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
        `rule_state: ENABLED`. EventBridge gives such calls only to rules in the state \
        `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`, so the alert would never ring for them.",
    remedy: "Remove `rule_state`: trailbell then chooses the right state by itself. Or remove the read-only calls from \
        the pattern.",
    example: r"alert:
  rule_state: ENABLED                              # remove this line
  pattern:
    detail: { eventName: [GetTrailStatus] }",
};

pub(super) const READ_ONLY_UNDECIDED: Page = Page {
    means: "Read-only calls can match this pattern: it has no `eventName`, or one that fits them too, such as a \
        prefix. Only a rule in the state `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS` hears such calls, and there \
        are many of them. As nothing is said, trailbell makes the rule `ENABLED`, and the alert stays silent for them.",
    remedy: "Write `rule_state: ENABLED` if the alert should not hear read-only calls, or `rule_state: \
        ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS` if it should. Or demand `readOnly: [false]` in `detail`.",
    example: r"alert:
  pattern:
    source: [aws.cloudtrail]
    detail-type: [AWS API Call via CloudTrail]
    detail: { errorCode: [AccessDenied] }          # of which calls?",
};

pub(super) const OTHER_REGION: Page = Page {
    means: "Events of global services such as IAM, Organizations, CloudFront, Route 53 and Support, and sign-ins of \
        the root user, reach the event bus of certain regions only: `us-east-1` for most of them. The stack is in \
        another region, so its alert would never ring for them. The same is said when the pattern itself wants another \
        region or account than the stack's.",
    remedy: "Put the alert, or the part of it about these events, into a stack in the region that the finding names. A \
        stack has one region, so this may be a second stack.",
    example: r"region: eu-central-1                               # us-east-1
alerts:
  - blueprint: ./iam-user-created.yaml             # its pattern has `source: [aws.iam]`",
};

pub(super) const SIGN_IN_REGION: Page = Page {
    means: "CloudTrail records a sign-in in the region of the page it went through: the root user in `us-east-1`; IAM \
        users in `us-east-1`, `us-east-2`, `eu-north-1` or `ap-southeast-2`, or in the region whose own page they use. \
        A stack hears the sign-ins of its own region only, so this alert misses the others.",
    remedy: "Install the alert in a stack for each of these regions. If only the root user matters, demand \
        `userIdentity: { type: [Root] }` in `detail`, and one stack in `us-east-1` hears it all. A `region` list in the \
        pattern says that these regions are meant, and ends the warning.",
    example: r"region: eu-central-1                               # and stacks in us-east-1, us-east-2, …
alerts:
  - blueprint: ./console-sign-in.yaml              # its pattern has `eventName: [ConsoleLogin]`",
};

pub(super) const SIGN_IN_SPELLING: Page = Page {
    means: "The detail type of sign-in events is spelt in two ways: AWS's documentation writes `AWS Console Signin via \
        CloudTrail`, and the rules in use write `AWS Console Sign In via CloudTrail`. A pattern with one of them may \
        never match.",
    remedy: "List both spellings in `detail-type`.",
    example: r"alert:
  pattern:
    source: [aws.signin]
    detail-type: [AWS Console Sign In via CloudTrail]      # and AWS Console Signin via CloudTrail
    detail: { eventSource: [signin.amazonaws.com], eventName: [ConsoleLogin] }",
};

pub(super) const MISSING_CASE: Page = Page {
    means: "The blueprint has no case that rings, or none that does not. Only both together show that its pattern \
        finds what it should and nothing else; later changes are judged by them, too.",
    remedy: "Add a case with a real `record` and `expect: { matches: true }`, and one of a similar event with \
        `matches: false`. `trailbell test` runs them offline.",
    example: r"tests:
  - name: StopLogging rings                        # and no case with `matches: false`
    record: { eventSource: cloudtrail.amazonaws.com, eventName: StopLogging }
    expect: { matches: true }",
};

pub(super) const MATCHES_EVERYTHING: Page = Page {
    means: "The pattern matches every event on the bus, or every call that CloudTrail records. Slack takes about one \
        message a second: alerts wait behind thousands of others, and what is not delivered within six hours ends \
        unseen in the dead-letter queue. It is judged by a few events that have little in common, so a pattern that only \
        leaves a service out, or takes all calls that write, is not found.",
    remedy: "Narrow the pattern by `source`, `detail.eventSource` and `detail.eventName` until it names what the alert \
        is about.",
    example: r"alert:
  pattern:
    detail-type: [AWS API Call via CloudTrail]     # and nothing else",
};

pub(super) const UNKNOWN_VALUE: Page = Page {
    means: "The documentation of CloudTrail lists all values of this field (`eventType`, `eventCategory`, \
        `userIdentity.type`), and this is none of them. If it is misspelt, the alert never rings.",
    remedy: "Write the value as the documentation does; capitals count. AWS adds a value now and then: a new one may be \
        right all the same.",
    example: r"alert:
  pattern:
    source: [aws.iam]
    detail-type: [AWS API Call via CloudTrail]
    detail: { eventName: [CreateUser], userIdentity: { type: [root] } }    # `Root`",
};
