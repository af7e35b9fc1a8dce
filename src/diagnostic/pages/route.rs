//! The pages of codes about the log route and about remediations.

use super::Page;

pub(super) const ALERT_ROUTE: Page = Page {
    means: "An alert listens either to events of the bus, with `pattern`, or to the lines of a log group, with `filter` \
        and `log_group`; and each way has parts that the other one has not. Here the parts do not belong together, and \
        it is not clear what is meant.",
    remedy: "With `pattern`: a `message`, and if wanted `rule_state` and `remediation`. With `filter`: a `log_group`, \
        and if wanted a `metric`; the notifier shows the lines. Two alerts may watch the same thing on both ways.",
    example: r"alert:
  pattern: { source: [aws.cloudtrail] }
  message: { text: something happened }
  log_group: my-trail                              # it goes with `filter`",
};

pub(super) const BAD_FILTER: Page = Page {
    means: "CloudWatch Logs would refuse this filter pattern. The mark shows the place.",
    remedy: "Correct it as the message says. `trailbell match --filter` tries a filter pattern on lines of a log, and \
        `trailbell help filters` describes the language.",
    example: r#"alert:
  filter: '{ $.errorCode = "AccessDenied*"'        # and ` }` is missing
  log_group: my-trail"#,
};

pub(super) const FILTER_NOT_JUDGED: Page = Page {
    means: "The filter pattern has a part of which AWS does not document what it does. trailbell does not guess: tests \
        that hinge on it are undecided, and the alert may stay silent where you expect it to ring.",
    remedy: "Write it another way; the message says what is not documented. `trailbell verify` lets AWS itself judge \
        the lines of the tests.",
    example: r"alert:
  filter: '?AccessDenied Unauthorized'
  log_group: my-trail",
};

pub(super) const BAD_LOG_GROUP: Page = Page {
    means: "This is not the name of a log group that can be listened to: a character that no log group has, an ARN, or \
        the log group that the notifier of this stack writes itself. Listening to the latter, each message would cause \
        the next.",
    remedy: "Write the name of the log group that the trail writes to. The console of CloudTrail shows it with the \
        trail, under CloudWatch Logs.",
    example: r"alert:
  filter: ERROR
  log_group: arn:aws:logs:us-east-1:123456789012:log-group:my-trail:*   # my-trail",
};

pub(super) const TOO_MANY_FILTERS: Page = Page {
    means: "A log group has room for two subscription filters, whoever they belong to, and the alerts of this stack \
        need more of them on one log group.",
    remedy: "Join the filter patterns of several alerts into one with `||`, or count some of them with a `metric` \
        instead.",
    example: r"alerts:
  - { blueprint: cloudtrail-access-denied-logs, with: { log_group: my-trail } }
  - { blueprint: cloudtrail-access-denied-logs, id: second, with: { log_group: my-trail } }
  - { blueprint: cloudtrail-access-denied-logs, id: third, with: { log_group: my-trail } }",
};

pub(super) const POLICY_TOO_LONG: Page = Page {
    means: "Each log group needs a statement in the policy of the stack's notifier, and Lambda takes 20,480 characters \
        of policy: some forty log groups, fewer when their names are long.",
    remedy: "Divide the alerts among several stacks; each has a notifier of its own.",
    example: "",
};

pub(super) const BAD_HANDLER: Page = Page {
    means: "The handler of the remediation cannot be run: there is no such file beside the blueprint, it is not the \
        name of a module, or the file does not export the function that Lambda calls. The alert would ring and nothing \
        would be repaired.",
    remedy: "Put a file such as `restart-logging.mjs` beside the blueprint, with `export const handler = async (event) \
        => { … };`. `trailbell catalog cloudtrail-stop-logging --copy-to FILE` gives one to start with.",
    example: r#"remediation:
  handler: ../restart-logging.py                   # a module beside the blueprint
  allow: [{ actions: [cloudtrail:StartLogging], resources: ["*"] }]"#,
};

pub(super) const BAD_ALLOW: Page = Page {
    means: "What the handler may do is not said exactly. Its permissions are those of whoever manages to change or to \
        fool it, so a wildcard among the actions gives away more than the repair needs; and an action that does not \
        exist allows nothing, which shows only when the alert rings.",
    remedy: "List each action by its full name, as in `cloudtrail:StartLogging`, and ARNs as resources where it is \
        known which they are.",
    example: r#"remediation:
  handler: restart-logging.mjs
  allow: [{ actions: ["cloudtrail:*"], resources: ["*"] }]"#,
};

pub(super) const REMEDIATION_LOOP: Page = Page {
    means: "A call that the handler may make could match the pattern of its own alert. Then the repair calls the alert, \
        the alert calls the repair, and so on forever, with a message to Slack each time. trailbell has to prove that \
        it cannot happen, from the pattern's event names, event sources and callers. The same holds for what AWS does for \
        every function, the notifier among them: it assumes the role (`sts:AssumeRole`), makes log streams \
        (`logs:CreateLogStream`) and reads the connection's secret (`secretsmanager:GetSecretValue`). A filter is tried on \
        records of these calls.",
    remedy: "Name the `eventSource` and the `eventName`s that the alert is about, or shut the handler out by the name of \
        its role, as in `sessionIssuer: { userName: [{ anything-but: { prefix: trailbell- } }] }`. Some actions are not \
        called like their calls; then only the latter helps. In a filter pattern, `($.userIdentity.invokedBy NOT \
        EXISTS)` shuts out what services do.",
    example: r#"alert:
  pattern: { source: [aws.cloudtrail], detail: { eventSource: [cloudtrail.amazonaws.com] } }
  message: { text: something happened }
remediation:
  handler: restart-logging.mjs
  allow: [{ actions: [cloudtrail:StartLogging], resources: ["*"] }]"#,
};
