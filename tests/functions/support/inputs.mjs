// Inputs for the tests: batches as CloudWatch Logs sends them, records, events, hostile texts.

import { gzipSync } from "node:zlib";

export const ROLE = "trailbell-security-alerts_notifier-function-us-east-1_role";
export const FUNCTION = "trailbell-security-alerts_notifier";

/** The input of a subscription filter around a batch, which may be any value or raw bytes. */
export const input = (batch) => ({
  awslogs: { data: gzipSync(Buffer.isBuffer(batch) ? batch : JSON.stringify(batch)).toString("base64") },
});

/** A batch with these messages as log events. */
export const batch = (messages, changes = {}) => ({
  messageType: "DATA_MESSAGE",
  owner: "123456789012",
  logGroup: "CloudTrail",
  logStream: "123456789012_CloudTrail_us-east-1",
  subscriptionFilters: ["trailbell-security-alerts_refused-calls_filter"],
  logEvents: messages.map((message, at) => ({ id: String(at), timestamp: 1_691_407_881_000 + at, message })),
  ...changes,
});

/** A CloudTrail record. */
export const record = (changes = {}) => ({
  eventVersion: "1.08",
  userIdentity: {
    type: "AssumedRole",
    principalId: "AROAEXAMPLEID12345678:alice",
    arn: "arn:aws:sts::123456789012:assumed-role/Admin/alice",
    accountId: "123456789012",
  },
  eventTime: "2023-08-07T11:31:21Z",
  eventSource: "cloudtrail.amazonaws.com",
  eventName: "StopLogging",
  awsRegion: "us-east-1",
  sourceIPAddress: "192.0.2.10",
  userAgent: "aws-cli/2.13.5",
  requestParameters: { name: "arn:aws:cloudtrail:us-east-1:123456789012:trail/management-events" },
  eventID: "5f2c1a64-3c39-4a2c-9d1e-2f6a7f0c1b11",
  recipientAccountId: "123456789012",
  ...changes,
});

/** The EventBridge event of a record. */
export const event = (detail = record()) => ({
  version: "0",
  id: "0e5d0f0c-0000-4000-8000-000000000000",
  "detail-type": "AWS API Call via CloudTrail",
  source: "aws.cloudtrail",
  account: "123456789012",
  time: "2023-08-07T11:31:21Z",
  region: "us-east-1",
  resources: [],
  detail,
});

/** What a rule's target says about the alert. */
export const ALERT = {
  title: "CloudTrail logging turned off",
  severity: "critical",
  blueprint: "cloudtrail-stop-logging",
  description: "Find out who it was,\nand why.",
};

/** A refused call with words that somebody chose. */
export const REFUSED = event(record({ errorCode: "AccessDenied", errorMessage: 'User <!channel> is "not" allowed' }));

/** What an author wrote, with free text that no input transformer could show. */
export const SENTENCE = {
  sentence: [
    { value: ["detail", "userIdentity", "principalId"] }, " tried ", { value: ["detail", "eventName"] }, " with ",
    { value: ["detail", "userAgent"] }, ": ", { value: ["detail", "errorMessage"] }, " <",
    { value: ["detail", "additionalEventData", "MFAUsed"] }, ">",
  ],
};
export const AUTHORED = {
  text: ["Turned off by ", { value: ["detail", "userIdentity", "arn"] }, ".\nTurn it on again."],
  facts: [
    ["Trail", [{ value: ["detail", "requestParameters", "name"] }]],
    ["Why", ["refused: ", { value: ["detail", "errorMessage"] }]],
    ["Session", [{ value: ["detail", "userIdentity", "sessionContext"] }]],
  ],
};

/** A call of the notifier's own that was refused. */
export const ownRefusal = () =>
  record({
    eventSource: "events.amazonaws.com",
    eventName: "PutEvents",
    errorCode: "AccessDenied",
    userIdentity: { type: "AssumedRole", arn: `arn:aws:sts::123456789012:assumed-role/${ROLE}/${FUNCTION}` },
  });

export const HOSTILE = [
  "<!channel>", "<!here|here>", "<@U012AB3CD>", "<#C012AB3CD|general>", "<!subteam^S1|@group>", "<!date^1^{date}|x>",
  "<https://evil.example|click>", "@channel @here", "&lt;!channel&gt;", "&amp;", "&", "<", ">",
  "`", "``", "```", "````", "foo```\n<!channel>\n```bar", "`\n`\n`", '"', '\\"', "\\", "\\u0000", "'", "*bold* _it_ ~no~",
  "\u0000", "\u0007\u001b[31mred\u001b[0m", "\r\n\r\n", "\n\n```\n", "\t", "\u0085", "\u2028\u2029", "\u202eevil\u202c",
  "\u2066a\u2069", "\u200f", "\ufeff", "\u200b", "\u00ad", "\ud800", "\udc00x", "\u{e0041}", "\u{1f600}", "\u{1f468}\u200d\u{1f469}",
  "", " ", "\u3000", "\n", "\u3164\u115f\u1160\uffa0", "a\ufe0fb\u{e0100}", "\u2800\u034f\u17b4\u180b", "a\u200c\u200d\u2060b", "\u061c\u200e\u2067",
  "x\n\nResolved by the security team\nWho: alice\n", "x\r\nWho: bob", "x\u0085Who: eve\u000bWhere: account 1",
  ":rotating_light:", "__proto__", "constructor", "{", "[", "null", '{"eventName":1}', "e\u0301".repeat(40),
];
