//! The pages of codes about a blueprint: its pattern, parameters, message and cases.

use super::Page;

pub(super) const BAD_ID: Page = Page {
    means: "The name of a stack, a blueprint or an alert becomes part of the names of resources in AWS. It may have \
        lower-case letters, digits and hyphens: up to 20 in a stack's name (fewer in a region whose name is longer than \
        17 characters), up to 64 in the others. The id `relay` belongs to trailbell's own rule.",
    remedy: "Choose a name of these characters. Give an alert whose blueprint is called `relay` another `id` in the \
        stack.",
    example: r"blueprint: Stop_Logging       # stop-logging",
};

pub(super) const BAD_PATTERN: Page = Page {
    means: "EventBridge would refuse this event pattern, and the rule would not be made. Frequent reasons: a value \
        that is not in a list, an empty list, or an operator that does not exist.",
    remedy: "Correct the field that the message names. Every value of a pattern stands in a list, also when there is \
        only one. `trailbell help patterns` describes the language.",
    example: r"alert:
  pattern:
    source: aws.cloudtrail    # [aws.cloudtrail]",
};

pub(super) const PATTERN_TOO_LONG: Page = Page {
    means: "EventBridge takes event patterns of up to 2,048 characters, counted as JSON without spaces and with the \
        parameters filled in. It would refuse the rule of this alert.",
    remedy: "Split the alert into two, each with a part of the values, or say the same in fewer words, for example \
        with one `prefix` in place of many names.",
    example: "",
};

pub(super) const UNDEFINED_PLACEHOLDER: Page = Page {
    means: "`<name>` in a message stands for the value of an input path, and no input path has that name. EventBridge \
        would refuse a template with it, and a sentence would show the bare `<name>` where the value belongs. The same \
        is found when `holds` speaks about an input path that does not exist.",
    remedy: "Correct the name, or add it under `input_paths`, for example `user: $.detail.userIdentity.principalId`.",
    example: r"alert:
  message:
    text: <user> turned off CloudTrail logging     # `user` is not in `input_paths`",
};

pub(super) const UNUSED_INPUT_PATH: Page = Page {
    means: "The message does not use this input path. Most often its placeholder is forgotten or misspelt, and the \
        alert lacks a value that somebody wanted to see.",
    remedy: "Write `<name>` where the value belongs, or remove the input path.",
    example: r"alert:
  message:
    input_paths: { user: $.detail.userIdentity.principalId }
    text: CloudTrail logging was turned off        # without <user>",
};

pub(super) const BAD_INPUT_PATH: Page = Page {
    means: "EventBridge does not accept this input path, or its name, and would refuse the target of the rule: the \
        alert would have no way to Slack. A path begins with `$` and goes on in dots, without quotes, spaces and \
        wildcards. A name has letters, digits, `_` and `-`, and does not begin with `AWS`, nor with `card-`, as the \
        names of cards do.",
    remedy: "Write a path such as `$.detail.eventTime`, or choose another name. A value behind a key with other \
        characters cannot be shown.",
    example: r"alert:
  message:
    input_paths: { when: detail.eventTime }        # $.detail.eventTime
    text: Logging was turned off at <when>",
};

pub(super) const BAD_TEMPLATE: Page = Page {
    means: "EventBridge cannot deliver this message. Either the template does not give a JSON object, and EventBridge \
        drops the event without an error; or the message has more than 8,192 characters or 100 input paths, and \
        EventBridge refuses the target.",
    remedy: "Correct the JSON where the message says so, or shorten the message. Better, write a `text` or a `card`: \
        trailbell makes the JSON of them. `trailbell help templates` describes what EventBridge does with a template.",
    example: r#"alert:
  message:
    template: '{"text": "Logging was turned off"'  # the last } is missing"#,
};

pub(super) const MESSAGE_FORM: Page = Page {
    means: "A message is a `card` (a heading, facts and a link), a `text` (a sentence) or a `template` (the raw JSON \
        body): one of them, and not empty. With none there is nothing to send, and with several it is not clear which \
        one counts.",
    remedy: "Keep the one you want. For most alerts that is a `card`.",
    example: r"alert:
  message:
    card: {}
    text: CloudTrail logging was turned off        # a card or a text",
};

pub(super) const UNDEFINED_PARAMETER: Page = Page {
    means: "The event pattern or the message uses a parameter that the blueprint does not declare. Nobody could give \
        it a value, and the alert would look for the wrong thing or show `${param:…}` as it is written.",
    remedy: "Correct the name, or declare it under `parameters` with a `type`.",
    example: r#"parameters: { team: { type: string, default: ops } }
alert:
  message:
    text: "${param:team}: ask ${param:tem} who did it"     # team"#,
};

pub(super) const UNUSED_PARAMETER: Page = Page {
    means: "The blueprint declares this parameter, and neither the event pattern nor the message uses it. Whoever sets \
        it in a stack would believe that it changes the alert.",
    remedy: "Use it as `{ param: name }` in the pattern or as `${param:name}` in the message, or remove it.",
    example: r"parameters:
  names: { type: list, default: [StopLogging] }    # nothing uses it",
};

pub(super) const BAD_PARAMETER: Page = Page {
    means: "The value of the parameter is not of its declared type: string, boolean, number, or list of plain values. \
        In a pattern it would make something that EventBridge refuses or that never matches.",
    remedy: "Give a value of that type, or change the `type`. A list is written in brackets, also when it has one \
        entry.",
    example: r"parameters:
  team: { type: string, default: [ops] }           # ops
alert:
  message:
    text: CloudTrail logging was turned off. Ask ${param:team}.",
};

pub(super) const BAD_CASE: Page = Page {
    means: "The case cannot be run, so it proves nothing. It needs one event, as a `record` of CloudTrail or as a \
        whole `event`; and only a case that rings can expect a `text` or a `body`.",
    remedy: "Give exactly one of `record` and `event`. Remove `text` and `body` from a case with `matches: false`.",
    example: r"tests:
  - name: StartLogging does not ring
    record: { eventSource: cloudtrail.amazonaws.com, eventName: StartLogging }
    expect: { matches: false, text: Logging was turned on }    # without `text`",
};

pub(super) const PATTERN_NOT_JUDGED: Page = Page {
    means: "EventBridge does something else with this pattern than it says, or trailbell cannot judge it offline. \
        EventBridge mixes up a `wildcard` that begins with `*` and an `equals-ignore-case` after it in one list, and \
        the alert rings for far more events than meant; a pattern with certain IPv6 addresses only AWS can judge.",
    remedy: "Put the `wildcard` last in its list, or make two alerts. Where only AWS can judge, `trailbell verify` \
        asks it.",
    example: r#"alert:
  pattern:
    detail:
      userIdentity:
        userName: [{ wildcard: "*admin" }, { equals-ignore-case: alice }]    # `wildcard` last"#,
};

pub(super) const UNSAFE_VALUE: Page = Page {
    means: "EventBridge puts values into a message as they are, without escaping. A value at this place can make the \
        alert vanish: a quote in it breaks the JSON, and Slack refuses the whole message for one empty or overlong \
        text. Or it can be abused: `<!channel>` in a field that a caller chooses calls everybody, and a value in front \
        of an address decides where a link leads.",
    remedy: "Do what the finding says for this value: leave it out, demand it in the pattern so that it is never \
        missing, or show it at another place. What a refused call carries is up to the caller: for a request parameter, \
        ask for calls that were not refused, with `errorCode: [{ exists: false }]` and `errorMessage: [{ exists: false \
        }]`. In a `text` or a `card`, trailbell chooses the safe place itself where there is one.",
    example: r"alert:
  message:
    input_paths: { agent: $.detail.userAgent }     # free text of the caller, and it may be missing
    text: Logging was turned off with <agent>",
};

pub(super) const UNKNOWN_FIELD: Page = Page {
    means: "trailbell does not know what this field holds in the events of this alert: whether it can be missing, how \
        long it is, which characters it has. Without that, nobody can promise that the message is valid and arrives.",
    remedy: "For events of CloudTrail, list `source`, `detail-type`, `eventSource` and `eventName` in the pattern, so \
        that trailbell's table of fields applies; the `source` must begin with `aws.`, for anybody may send other events. \
        For other fields, say what you know under `holds` in the message: `{ \
        name: identifier }` for letters, digits and the like that may be missing, `{ name: text }` for free text that \
        is never missing.",
    example: r"alert:
  pattern: { source: [my.app] }
  message:
    input_paths: { user: $.detail.user }           # and `holds: { user: identifier }`
    text: Somebody signed in as <user>",
};

pub(super) const SLACK_REFUSES: Page = Page {
    means: "Slack would refuse the message for some of the events that match, and the alert would be lost. trailbell \
        looks at the shortest and the longest body that any matching event can give: an empty text, too many \
        characters for a heading or a block, or a block that Slack does not know, and the whole message is refused.",
    remedy: "Put words beside a value that may be missing, as in `By: <user>`. Shorten texts, headings and facts that \
        are too long.",
    example: r"alert:
  message:
    input_paths: { user: $.detail.userIdentity.userName }
    text: <user>              # nothing is left when a role made the call",
};

pub(super) const MENTION: Page = Page {
    means: "The message could mention a person, a group or the whole channel, through words of the author or through a \
        value of an event. An attacker who chooses such a value could call everybody at will, and people stop reading \
        a channel that calls them all the time.",
    remedy: "Remove `<!here>`, `<!channel>`, `<@…>`, `parse` and `link_names` from the message. Where somebody must be \
        called, let them set notifications for the channel in Slack.",
    example: r"alert:
  message:
    text: <!channel> CloudTrail logging was turned off",
};
