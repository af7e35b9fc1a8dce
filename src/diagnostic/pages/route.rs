//! The pages of codes about the log route and about remediations.

use super::Page;

pub(super) const ALERT_ROUTE: Page = Page {
    means: "An alert matches either events on the bus, with `pattern`, or lines of a log group, with `filter` and \
        `log_group`. Each form has keys that the other one does not have. Here the keys do not fit together, so it is \
        not clear what is intended.",
    remedy: "With `pattern`: a `message`, and optionally `rule_state` and `remediation`. With `filter`: a \
        `log_group`, and optionally a `metric`; the notifier shows the lines. Two alerts can watch the same thing in \
        both forms.",
    example: r"alert:
  pattern: { source: [aws.cloudtrail] }
  message: { text: something happened }
  log_group: my-trail                              # requires `filter`",
};

pub(super) const BAD_FILTER: Page = Page {
    means: "CloudWatch Logs rejects this filter pattern. The marker shows the place.",
    remedy: "Correct it as the message says. `trailbell match --filter` tries a filter pattern on log lines, and \
        `trailbell help filters` describes the language.",
    example: r#"alert:
  filter: '{ $.errorCode = "AccessDenied*"'        # and ` }` is missing
  log_group: my-trail"#,
};

pub(super) const FILTER_NOT_JUDGED: Page = Page {
    means: "AWS does not document the behavior of a part of the filter pattern. trailbell does not guess: tests that \
        depend on it are undecided, and the alert may not fire where you expect it to.",
    remedy: "Write it differently; the message says what is not documented. `trailbell verify` lets AWS evaluate the \
        lines of the tests.",
    example: r"alert:
  filter: '?AccessDenied Unauthorized'
  log_group: my-trail",
};

pub(super) const BAD_LOG_GROUP: Page = Page {
    means: "This is not the name of a log group that can be used: it contains a character that is not allowed, it is \
        an ARN, or it is the log group of this stack's own notifier, where each message would cause another.",
    remedy: "Write the name of the log group that the trail writes to. The CloudTrail console shows it on the trail's \
        page, under CloudWatch Logs.",
    example: r"alert:
  filter: ERROR
  log_group: arn:aws:logs:us-east-1:123456789012:log-group:my-trail:*   # my-trail",
};

pub(super) const TOO_MANY_FILTERS: Page = Page {
    means: "A log group can have two subscription filters in total, and the alerts of this stack need more of them on \
        one log group.",
    remedy: "Combine the filter patterns of several alerts with `||`, or count some of them with a `metric` instead.",
    example: r"alerts:
  - { blueprint: cloudtrail-access-denied-logs, with: { log_group: my-trail } }
  - { blueprint: cloudtrail-access-denied-logs, id: second, with: { log_group: my-trail } }
  - { blueprint: cloudtrail-access-denied-logs, id: third, with: { log_group: my-trail } }",
};

pub(super) const POLICY_TOO_LONG: Page = Page {
    means: "Each log group needs a statement in the policy of the stack's notifier, and Lambda accepts a policy of \
        20,480 characters: about forty log groups, or fewer if their names are long.",
    remedy: "Distribute the alerts over several stacks; each stack has its own notifier.",
    example: "",
};

pub(super) const BAD_HANDLER: Page = Page {
    means: "The handler of the remediation cannot be run: the file does not exist next to the blueprint, its name is \
        not the name of a module, or it does not export the function that Lambda calls. The alert would fire, but \
        nothing would be fixed.",
    remedy: "Put a file such as `restart-logging.mjs` next to the blueprint, with `export const handler = async \
        (event) => { … };`. `trailbell catalog cloudtrail-stop-logging --copy-to FILE` writes an example to start \
        from.",
    example: r#"remediation:
  handler: ../restart-logging.py                   # a module next to the blueprint
  allow: [{ actions: [cloudtrail:StartLogging], resources: ["*"] }]"#,
};

pub(super) const BAD_ALLOW: Page = Page {
    means: "The permissions of the handler are not exact. Someone who manages to change or to trick the handler has \
        its permissions, so a wildcard in the actions grants more than the remediation needs. An action that does not \
        exist allows nothing, which becomes visible only when the alert fires.",
    remedy: "List each action by its full name, as in `cloudtrail:StartLogging`, and use ARNs as resources if they \
        are known.",
    example: r#"remediation:
  handler: restart-logging.mjs
  allow: [{ actions: ["cloudtrail:*"], resources: ["*"] }]"#,
};

pub(super) const REMEDIATION_LOOP: Page = Page {
    means: "What trailbell itself causes can match the pattern of an alert that calls a function. Then the function \
        triggers the alert, the alert calls the function, and so on in an endless loop, with a message to Slack each time. \
        trailbell must prove that this cannot happen, from the sources, event names, and callers in the pattern. It counts \
        the calls that the handler is allowed to make and what services report because of them; the calls that AWS makes \
        for every function and message, such as `sts:AssumeRole`, `logs:CreateLogStream`, \
        `secretsmanager:GetSecretValue`, and `kms:Decrypt`; and the messages that the notifier and `verify` put on an \
        event bus. A filter is tried on records of these calls.",
    remedy: "List the `eventSource` and the `eventName`s that the alert is about. Or exclude the handler by the name of its \
        role: in `detail`, an `$or` with one branch for callers without a role, `sessionIssuer: { userName: [{ exists: \
        false }] }`, and one for other roles, `sessionIssuer: { userName: [{ anything-but: { prefix: trailbell- } }] }`. \
        The second branch alone would silence the root user, IAM users, and services. `userIdentity: { invokedBy: [{ \
        exists: false }] }` excludes calls by services; in a filter pattern it is `($.userIdentity.invokedBy NOT EXISTS)`.",
    example: r#"alert:
  pattern: { source: [aws.cloudtrail], detail: { eventSource: [cloudtrail.amazonaws.com] } }
  message: { text: something happened }
remediation:
  handler: restart-logging.mjs
  allow: [{ actions: [cloudtrail:StartLogging], resources: ["*"] }]"#,
};

pub(super) const ALARM_WITHOUT_TOPIC: Page = Page {
    means: "The blueprint names controls of a benchmark or of Security Hub, which ask for an alarm that notifies an SNS topic \
        with a subscriber. This alarm notifies none, so the control stays failed. The message to Slack does not depend on it.",
    remedy: "Create a topic with a subscriber, and give its ARN: `with: { alarm_topic: \"arn:aws:sns:…\" }`, of a pack, too. \
        trailbell does not check that the topic has a subscriber. Without the control, turn the metric off: `with: { \
        metric_alarm: false }`.",
    example: r"alerts:
  - { blueprint: cis-5-3-root-usage-logs, with: { log_group: my-trail } }",
};

pub(super) const FORGEABLE_REMEDIATION: Page = Page {
    means: "Someone without the permissions for it can run the handler, and chooses what it is called with. Anyone with \
        `events:PutEvents` can put an event on the event bus that looks like a CloudTrail event; only sources that begin \
        with `aws.` are reserved for AWS. And a call that AWS refuses is recorded with the parameters that the caller \
        sent. trailbell must prove, for every branch of the pattern, that neither can happen. Events of other accounts \
        are excluded by trailbell itself: it adds the stack's own `account` to the pattern of an alert with a remediation.",
    remedy: "List the `source` in the pattern, as in `source: [aws.iam]` or `source: [{ prefix: aws. }]`, and require \
        calls that succeeded, with `errorCode: [{ exists: false }]` and `errorMessage: [{ exists: false }]` in `detail`. \
        If refused calls must run the handler, write `refused: true` and a `reason` under `remediation`. Remove `account`.",
    example: r#"alert:
  pattern: { detail-type: [AWS API Call via CloudTrail], detail: { eventName: [StopLogging] } }   # and no `source`
  message: { text: something happened }
remediation:
  handler: restart-logging.mjs
  allow: [{ actions: [cloudtrail:StartLogging], resources: ["*"] }]"#,
};

pub(super) const OWN_CHANGES: Page = Page {
    means: "`trailbell apply` and `trailbell destroy` make calls that match this pattern, so the handler would run on \
        trailbell's own resources: a remediation that removes new roles would remove the role that `apply` has just \
        created.",
    remedy: "Exclude what trailbell manages in the pattern. Its names begin with `trailbell-`; the roles are under the path \
        `/trailbell/`. If the handler leaves these resources alone, no action is needed.",
    example: r#"alert:
  pattern: { source: [aws.iam], detail: { eventSource: [iam.amazonaws.com], eventName: [CreateRole] } }
  message: { text: something happened }
remediation:
  handler: restart-logging.mjs
  allow: [{ actions: [iam:DeleteRole], resources: ["*"] }]"#,
};
