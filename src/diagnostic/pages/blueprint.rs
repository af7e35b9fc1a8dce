//! The pages of codes about a blueprint: its pattern, parameters, message and cases.

use super::Page;

pub(super) const BAD_ID: Page = Page {
    means: "The name of a stack, a blueprint or an alert becomes part of the names of resources in AWS. It can \
        contain lowercase letters, digits, and hyphens: up to 20 in a stack's name (fewer in a region whose name is \
        longer than 17 characters), up to 64 in the others. The id `relay` is reserved for trailbell's relay rule.",
    remedy: "Choose a name with these characters. If the blueprint of an alert is named `relay`, set another `id` in \
        the stack.",
    example: r"blueprint: Stop_Logging       # stop-logging",
};

pub(super) const BAD_PATTERN: Page = Page {
    means: "EventBridge rejects this event pattern, so the rule cannot be created. Common reasons: a value that is \
        not in a list, an empty list, or an operator that does not exist.",
    remedy: "Correct the field that the message names. Every value in a pattern must be in a list, even if there is \
        only one. `trailbell help patterns` describes the language.",
    example: r"alert:
  pattern:
    source: aws.cloudtrail    # [aws.cloudtrail]",
};

pub(super) const PATTERN_TOO_LONG: Page = Page {
    means: "EventBridge takes event patterns of up to 2,048 characters, counted as JSON without spaces and with the \
        parameters filled in, unless the quota of the account is raised. Without that, it rejects the rule of this alert. \
        More than 4,096 characters are never accepted, which is an error (TB0202).",
    remedy: "Split the alert into two, each with some of the values, or shorten the pattern, for example with one \
        `prefix` instead of many names. Or have the quota raised; then no action is needed.",
    example: "",
};

pub(super) const UNDEFINED_PLACEHOLDER: Page = Page {
    means: "`<name>` in a message is a placeholder for the value of an input path, but no input path has this name. \
        EventBridge rejects a template with it, and a sentence would show `<name>` instead of the value. The same \
        finding is reported if `holds` names an input path that does not exist.",
    remedy: "Correct the name, or add it under `input_paths`, for example `user: $.detail.userIdentity.principalId`.",
    example: r"alert:
  message:
    text: <user> turned off CloudTrail logging     # `user` is not in `input_paths`",
};

pub(super) const UNUSED_INPUT_PATH: Page = Page {
    means: "The message does not use this input path. Usually its placeholder is missing or misspelled, so the alert \
        lacks a value that was meant to be shown.",
    remedy: "Write `<name>` where the value belongs, or remove the input path.",
    example: r"alert:
  message:
    input_paths: { user: $.detail.userIdentity.principalId }
    text: CloudTrail logging was turned off        # without <user>",
};

pub(super) const BAD_INPUT_PATH: Page = Page {
    means: "EventBridge does not accept this input path, or its name, and rejects the target of the rule: the alert \
        could not reach Slack. A path begins with `$` and uses dots, without quotes, spaces, or wildcards. A name \
        contains letters, digits, `_`, and `-`, and does not begin with `AWS` or with `card-`, which is reserved for \
        cards.",
    remedy: "Write a path such as `$.detail.eventTime`, or choose another name. A value under a key with other \
        characters cannot be shown.",
    example: r"alert:
  message:
    input_paths: { when: detail.eventTime }        # $.detail.eventTime
    text: Logging was turned off at <when>",
};

pub(super) const BAD_TEMPLATE: Page = Page {
    means: "EventBridge cannot deliver this message. Either the template does not produce a JSON object, and \
        EventBridge drops the event without an error; or the message has more than 8,192 characters or 100 input \
        paths, and EventBridge rejects the target.",
    remedy: "Correct the JSON at the place that the finding names, or shorten the message. Or write a `text` or a \
        `card`: trailbell generates the JSON. `trailbell help templates` describes what EventBridge does with a \
        template.",
    example: r#"alert:
  message:
    template: '{"text": "Logging was turned off"'  # the last } is missing"#,
};

pub(super) const MESSAGE_FORM: Page = Page {
    means: "A message is a `card` (a heading, facts, and a link), a `text` (a sentence), or a `template` (the raw \
        JSON body): exactly one of them, and not empty. With none there is nothing to send; with several it is not \
        clear which one to use.",
    remedy: "Keep the one you want. For most alerts, use a `card`.",
    example: r"alert:
  message:
    card: {}
    text: CloudTrail logging was turned off        # a card or a text",
};

pub(super) const UNDEFINED_PARAMETER: Page = Page {
    means: "The event pattern or the message uses a parameter that the blueprint does not declare. It cannot have a \
        value, so the alert would match the wrong events or show the literal `${param:…}`.",
    remedy: "Correct the name, or declare it under `parameters` with a `type`.",
    example: r#"parameters: { team: { type: string, default: ops } }
alert:
  message:
    text: "${param:team}: ask ${param:tem} who did it"     # team"#,
};

pub(super) const UNUSED_PARAMETER: Page = Page {
    means: "The blueprint declares this parameter, but neither the event pattern nor the message uses it. Setting it \
        in a stack would have no effect.",
    remedy: "Use it as `{ param: name }` in the pattern or as `${param:name}` in the message, or remove it.",
    example: r"parameters:
  names: { type: list, default: [StopLogging] }    # not used",
};

pub(super) const BAD_PARAMETER: Page = Page {
    means: "The value of the parameter is not of its declared type: string, boolean, number, or list of plain values. \
        In a pattern it would produce something that EventBridge rejects or that never matches.",
    remedy: "Give a value of that type, or change the `type`. Write a list in brackets, even if it has one entry.",
    example: r"parameters:
  team: { type: string, default: [ops] }           # ops
alert:
  message:
    text: CloudTrail logging was turned off. Ask ${param:team}.",
};

pub(super) const BAD_CASE: Page = Page {
    means: "The case cannot be run, so it proves nothing. It requires one event, as a CloudTrail `record` or as a \
        complete `event`; and only a case with `matches: true` can expect a `text` or a `body`.",
    remedy: "Give exactly one of `record` and `event`. Remove `text` and `body` from a case with `matches: false`.",
    example: r"tests:
  - name: StartLogging does not match
    record: { eventSource: cloudtrail.amazonaws.com, eventName: StartLogging }
    expect: { matches: false, text: Logging was turned on }    # without `text`",
};

pub(super) const PATTERN_NOT_JUDGED: Page = Page {
    means: "EventBridge evaluates this pattern differently than it reads, or trailbell cannot evaluate it offline. \
        EventBridge confuses a `wildcard` that begins with `*` with an `equals-ignore-case` after it in the same \
        list, so the alert fires for far more events than intended. A pattern with certain IPv6 addresses can be \
        evaluated only by AWS.",
    remedy: "Put the `wildcard` last in its list, or create two alerts. If only AWS can evaluate the pattern, \
        `trailbell verify` asks AWS.",
    example: r#"alert:
  pattern:
    detail:
      userIdentity:
        userName: [{ wildcard: "*admin" }, { equals-ignore-case: alice }]    # `wildcard` last"#,
};

pub(super) const UNSAFE_VALUE: Page = Page {
    means: "EventBridge inserts values into a message without escaping them. A value in this place can lose the \
        alert: a quote in it breaks the JSON, and Slack rejects the whole message because of one empty or overlong \
        text. Or it can be abused: `<!channel>` in a field that a caller controls notifies everyone, and a value at \
        the start of a URL decides where a link leads.",
    remedy: "Follow the help of the finding: remove the value, require it in the pattern so that it is never missing, \
        or show it in another place. The caller controls the content of a denied call: for a request parameter, match \
        only calls that succeeded, with `errorCode: [{ exists: false }]` and `errorMessage: [{ exists: false }]`. In \
        a `text` or a `card`, trailbell chooses a safe place by itself if there is one.",
    example: r"alert:
  message:
    input_paths: { agent: $.detail.userAgent }     # free text from the caller, sometimes missing
    text: Logging was turned off with <agent>",
};

pub(super) const UNKNOWN_FIELD: Page = Page {
    means: "trailbell does not know the content of this field in the events of this alert: whether it can be missing, \
        how long it is, which characters it contains. Without that, it cannot be proven that the message is valid and \
        arrives.",
    remedy: "For CloudTrail events, list `source`, `detail-type`, `eventSource`, and `eventName` in the pattern, so \
        that trailbell's table of fields applies. The `source` must begin with `aws.`, because anyone in the account \
        can send other events. For other fields, declare what you know under `holds` in the message: `{ name: \
        identifier }` for letters, digits, and similar that can be missing, `{ name: text }` for free text that is \
        never missing.",
    example: r"alert:
  pattern: { source: [my.app] }
  message:
    input_paths: { user: $.detail.user }           # and `holds: { user: identifier }`
    text: Someone signed in as <user>",
};

pub(super) const SLACK_REFUSES: Page = Page {
    means: "Slack rejects the message for some of the events that match, and the alert is lost. trailbell checks the \
        shortest and the longest body that a matching event can produce: one empty text, too many characters in a \
        heading or a block, or a block that Slack does not know, and the whole message is rejected.",
    remedy: "Put words next to a value that can be missing, as in `By: <user>`. Shorten texts, headings, and facts \
        that are too long.",
    example: r"alert:
  message:
    input_paths: { user: $.detail.userIdentity.userName }
    text: <user>              # nothing is left when a role made the call",
};

pub(super) const MENTION: Page = Page {
    means: "The message can mention a person, a group, or the whole channel, through its own text or through a value \
        of an event. An attacker who controls such a value could notify everyone at will, and people stop reading a \
        channel that notifies them all the time.",
    remedy: "Remove `<!here>`, `<!channel>`, `<@…>`, `parse`, and `link_names` from the message. To be notified, set \
        notifications for the channel in Slack.",
    example: r"alert:
  message:
    text: <!channel> CloudTrail logging was turned off",
};
