import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { messagesOf } from "../../src/lambda/notifier.mjs";
import { FUNCTION, HOSTILE, ROLE, batch, input, ownRefusal, record } from "./support/inputs.mjs";
import { logged } from "./support/aws.mjs";
import { problems } from "./support/slack.mjs";

beforeEach(() => Object.assign(process.env, { AWS_REGION: "us-east-1", AWS_LAMBDA_FUNCTION_NAME: FUNCTION, TRAILBELL_ROLE: ROLE }));
afterEach(() => ["AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME", "TRAILBELL_ROLE"].forEach((name) => delete process.env[name]));

/** The messages for an input, each of them valid, and the log lines. */
async function run(event) {
  const { value: messages, lines } = await logged(() => messagesOf(event));
  for (const message of messages) assert.deepEqual(problems(message), []);
  return { messages, lines: lines.map((line) => JSON.parse(line)) };
}
const codeOf = ({ blocks }) => blocks.map(({ text }) => text?.text ?? "").filter((text) => text.startsWith("```"));
const shown = async (...texts) => codeOf((await run(input(batch(texts)))).messages[0]).join("");

const names = [
  ["of trailbell", "trailbell-sec_denied-logs_filter", "denied-logs: 1 log event", "denied-logs \u00b7 account"],
  ["of somebody else", "theirs", "1 log event", "account"],
  ["that is hostile", "trailbell-sec_<!channel>_filter", "1 log event", "account"],
  ["that is no text", { length: 1 }, "1 log event", "account"],
];
for (const [name, filter, text, origin] of names) {
  test(`names the alert after a filter ${name}`, async () => {
    const [message] = (await run(input(batch(["x"], { subscriptionFilters: [filter] })))).messages;
    assert.equal(message.text.slice(0, text.length + 3), `${text} in`);
    assert.equal(message.blocks.at(-1).elements[0].text.slice(0, origin.length), origin);
  });
}

test("accounts have the names that the stack gives them", async () => {
  process.env.TRAILBELL_ACCOUNTS = JSON.stringify({ 123456789012: "production" });
  const [message] = (await run(input(batch([JSON.stringify(record())])))).messages;
  delete process.env.TRAILBELL_ACCOUNTS;
  assert.match(message.text, /\(123456789012 \(production\), us-east-1\)/);
  assert.match(codeOf(message).join(""), /in account 123456789012 \(production\), us-east-1/);
});

test("a batch looks like the seed, and says where it is from", async () => {
  const { messages } = await run(input(batch(["foo", "bar"])));
  assert.deepEqual(messages, [JSON.parse(readFileSync(new URL("snapshots/seed.json", import.meta.url)))]);
});

test("a control message says nothing", async () => {
  assert.deepEqual(await run(input({ messageType: "CONTROL_MESSAGE", logEvents: [{ message: "hello" }] })), { messages: [], lines: [] });
});

test("an empty batch says nothing", async () => {
  assert.deepEqual((await run(input(batch([])))).messages, []);
});

describe("lines", () => {
  const plain = [
    ["foo", "foo"],
    ["  indented", "  indented"],
    ["", "(empty)"],
    [" \n", "(empty)"],
    ["at a\n  at b\r\nat c\n", "at a\n    at b\n  at c"],
    ["<!channel> <@U1> & co", "&lt;!channel&gt; &lt;@U1&gt; &amp; co"],
    ["&lt;", "&amp;lt;"],
    ["a```b`", "a\u02cb\u02cb\u02cbb\u02cb"],
    ["\u0000\u001b[31m\u007f\u0085", "\u2400\u241b[31m\u2421\\u{85}"],
    ["\u202eabc\u202c \ufeff\u2028", "\\u{202e}abc\\u{202c} \\u{feff}\\u{2028}"],
    ["a\tb", "a\tb"],
    ["\u{1f468}\u200d\u{1f469} \u00fc", "\u{1f468}\\u{200d}\u{1f469} \u00fc"],
    ["a\u3164b\ufe0f\u{e0100}\u2800", "a\\u{3164}b\\u{fe0f}\\u{e0100}\\u{2800}"],
    ['{"not": "a record"}', '{"not": "a record"}'],
    ['{"eventName": 1, "eventSource": "x"}', '{"eventName": 1, "eventSource": "x"}'],
    ["{broken", "{broken"],
  ];
  for (const [text, expected] of plain) {
    test(JSON.stringify(text), async () => assert.equal(await shown(text), `\`\`\`\n${expected}\`\`\``));
  }

  test("a lone surrogate is replaced", async () => assert.equal(await shown("a\ud800b"), "```\na\ufffdb```"));

  test("bytes that are not UTF-8 are replaced", async () => {
    const bytes = Buffer.from(JSON.stringify(batch(["a?b"])));
    bytes[bytes.indexOf("a?b") + 1] = 0xff;
    const { messages } = await run(input(bytes));
    assert.deepEqual(codeOf(messages[0]), ["```\na\ufffdb```"]);
  });

  test("a log event of another shape is shown as it came", async () => {
    const { messages } = await run(input(batch([], { logEvents: [{ id: 1 }, null, "text", { message: 5 }] })));
    assert.deepEqual(codeOf(messages[0]), ['```\n{"id":1}\nnull\n"text"\n{"message":5}```']);
  });
});

describe("CloudTrail records", () => {
  const lines = [
    ["an assumed role", {}, "StopLogging of cloudtrail.amazonaws.com", "by AssumedRole Admin/alice from 192.0.2.10 in account 123456789012, us-east-1"],
    ["a user", { userIdentity: { type: "IAMUser", userName: "erin", arn: "arn:aws:iam::123456789012:user/a/erin" } },
      "StopLogging of cloudtrail.amazonaws.com", "by IAMUser erin from 192.0.2.10 in account 123456789012, us-east-1"],
    ["root, refused", { errorCode: "AccessDenied", userIdentity: { type: "Root", principalId: "123456789012", arn: "arn:aws:iam::123456789012:root" } },
      "StopLogging of cloudtrail.amazonaws.com: AccessDenied", "by Root 123456789012 from 192.0.2.10 in account 123456789012, us-east-1"],
    ["a service", { userIdentity: { type: "AWSService", invokedBy: "autoscaling.amazonaws.com" }, sourceIPAddress: "autoscaling.amazonaws.com" },
      "StopLogging of cloudtrail.amazonaws.com", "by AWSService autoscaling.amazonaws.com from autoscaling.amazonaws.com in account 123456789012, us-east-1"],
    ["a name that would forge lines", { userIdentity: { type: "IAMUser", userName: "x\nby Root" } },
      "StopLogging of cloudtrail.amazonaws.com", "by IAMUser x\u240aby Root from 192.0.2.10 in account 123456789012, us-east-1"],
  ];
  for (const [name, changes, what, by] of lines) {
    test(name, async () => assert.equal(await shown(JSON.stringify(record(changes))), `\`\`\`\n2023-08-07T11:31:21Z ${what}\n  ${by}\n  on {"name":"arn:aws:cloudtrail:us-east-1:123456789012:trail/management-events"}\`\`\``));
  }

  const IDENTITY = { type: "IdentityCenterUser", accountId: "123456789012", onBehalfOf: { userId: "94482488-3041" }, credentialId: "c1" };
  const told = [
    ["a sign-in that failed", { eventName: "ConsoleLogin", errorMessage: "Failed authentication", responseElements: { ConsoleLogin: "Failure" } }, /: Failure \(Failed authentication\)\n/],
    ["a sign-in that succeeded", { eventName: "ConsoleLogin", responseElements: { ConsoleLogin: "Success" } }, /ConsoleLogin of \S+: Success\n/],
    ["an error with its message", { errorCode: "AccessDenied", errorMessage: "no\nWho: alice" }, /: AccessDenied \(no\u240aWho: alice\)\n/],
    ["a message without a code", { errorMessage: "m" }, /: failed \(m\)\n/],
    ["a long error message", { errorCode: "E", errorMessage: "m".repeat(900) }, /: E \(m{200}\u2026\)\n/],
    ["a person of Identity Center", { userIdentity: IDENTITY }, /by IdentityCenterUser 94482488-3041 credential c1 from/],
    ["who a role acts for", { userIdentity: { type: "AssumedRole", arn: "arn:aws:sts::1:assumed-role/A/b", onBehalfOf: { userId: "94482488" } } }, /by AssumedRole A\/b on behalf of 94482488 from/],
    ["a caller of another account", { userIdentity: { type: "AWSAccount", accountId: "999999999999", invokedBy: "ec2.amazonaws.com" } }, /by AWSAccount ec2.amazonaws.com of account 999999999999 from 192.0.2.10 in account 123456789012/],
    ["what a service touched", { requestParameters: null, serviceEventDetails: { snapshotId: "snap-12345" } }, /\n  on \{"snapshotId":"snap-12345"\}```$/],
    ["the resources of a record", { resources: [{ ARN: "arn:aws:s3:::a" }, { ARN: "arn:aws:s3:::b" }, 5] }, /\n  on arn:aws:s3:::a, arn:aws:s3:::b```$/],
  ];
  for (const [name, changes, expected] of told) {
    test(`tells ${name}`, async () => assert.match(await shown(JSON.stringify(record(changes))), expected));
  }

  test("an Insights record is one, though it names its call elsewhere", async () => {
    const insightDetails = { state: "Start", eventSource: "iam.amazonaws.com", eventName: "AttachUserPolicy", insightType: "ApiCallRateInsight" };
    const insight = { eventVersion: "1.07", eventType: "AwsCloudTrailInsight", eventTime: "t", recipientAccountId: "1", insightDetails };
    assert.equal(await shown(JSON.stringify(insight)), "```\nt AttachUserPolicy of iam.amazonaws.com: ApiCallRateInsight Start\n  in account 1```");
    assert.equal(await shown(JSON.stringify({ ...insight, insightDetails: 5 })), "```\nt AwsCloudTrailInsight\n  in account 1```");
  });

  test("secrets of Slack are not shown", async () => {
    const token = ["xoxb", "1234-5678", "abc"].join("-");
    const hook = "https://hooks.slack.com/services/T0/B0/abcdef";
    const text = await shown(`token=${token} to ${hook}`, JSON.stringify(record({ requestParameters: { token, hook } })));
    assert.doesNotMatch(text, /-5678|abcdef/);
    assert.match(text, /token=xoxb-\*\*\* to https:\/\/hooks.slack.com\/\*\*\*\n/);
  });

  test("what is missing leaves no gap", async () => {
    const bare = { eventName: "A", eventSource: "b.amazonaws.com" };
    assert.equal(await shown(JSON.stringify(bare)), "```\nA of b.amazonaws.com```");
  });

  test("every message has the accounts and regions of the records", async () => {
    const placed = async (...lines) => {
      const [{ text, blocks }] = (await run(input(batch(lines)))).messages;
      return [text, blocks.at(-1).elements[0].text];
    };
    const other = JSON.stringify(record({ recipientAccountId: "210987654321", awsRegion: "eu-west-1" }));
    assert.deepEqual(await placed(other, other), ["refused-calls: 2 log events in CloudTrail (210987654321, eu-west-1)", "refused-calls \u00b7 account 210987654321, eu-west-1 \u00b7 trailbell"]);
    const both = "210987654321 and 123456789012, eu-west-1 and us-east-1";
    assert.deepEqual(await placed(other, JSON.stringify(record())), [`refused-calls: 2 log events in CloudTrail (${both})`, `refused-calls \u00b7 account ${both} \u00b7 trailbell`]);
    assert.deepEqual(await placed("foo", "bar"), ["refused-calls: 2 log events in CloudTrail (123456789012, us-east-1)", "refused-calls \u00b7 account 123456789012, us-east-1 \u00b7 trailbell"]);
    const many = Array.from({ length: 7 }, (_, at) => JSON.stringify(record({ recipientAccountId: `${at}` })));
    assert.match((await placed(...many))[0], /\(0 and 1 and 2 and 4 more, us-east-1\)$/);
  });
});

describe("limits", () => {
  test("a long line is cut and says by how much", async () => {
    const text = await shown("<".repeat(5_000), "next");
    assert.match(text, /^```\n(&lt;){242}\u2026 \(4758 more characters\)\nnext```$/);
  });

  test("1 MB in one event", async () => {
    const { messages } = await run(input(batch(["`\u202e<\u{1f600}".repeat(200_000)])));
    assert.equal(messages.length, 1);
    assert.match(codeOf(messages[0])[0], /more characters\)```$/);
  });

  test("10,000 events become five messages, and none is lost from the count", async () => {
    const { messages } = await run(input(batch(Array.from({ length: 10_000 }, (_, at) => `event ${at}`))));
    const last = messages.at(-1).blocks.at(-2).text.text;
    const count = messages.flatMap(codeOf).join("\n").match(/event \d+/g).length;
    assert.equal(messages.length, 5);
    assert.equal(last, `and ${(10_000 - count).toLocaleString("en-US")} more log events`);
    assert.deepEqual(messages.map(({ text }) => text.slice(-6)), ["1 of 5", "2 of 5", "3 of 5", "4 of 5", "5 of 5"]);
    assert.equal(messages[1].blocks[3].text.text, "*Log Events* (2 of 5)");
  });

  test("every event is either shown or counted, however many and long", async () => {
    for (const length of [1, 10, 300, 999, 1_000, 1_001, 3_000]) {
      for (const count of [1, 2, 3, 9, 44, 45, 46, 300]) {
        const { messages } = await run(input(batch(Array(count).fill("\u20ac".repeat(length)))));
        const lines = messages.flatMap(codeOf).join("\n").match(/\u20ac+/g).length;
        const more = Number(/and ([\d,]+) more/.exec(messages.at(-1).blocks.at(-2).text.text)?.[1].replace(",", "") ?? 0);
        assert.equal(lines + more, count, `${count} of ${length}`);
      }
    }
  });

  test("the largest messages fit into one PutEvents request", async () => {
    for (const filler of ["\u{1f600}", "\u20ac", '"', "\\", "<", "`", "\u0000"]) {
      const names = { logGroup: filler.repeat(600), logStream: filler.repeat(600) };
      const { messages } = await run(input(batch(Array(60).fill(filler.repeat(990)), names)));
      const bytes = messages.reduce((sum, message) => sum + Buffer.byteLength(JSON.stringify({ message })), 0);
      assert.ok(bytes < 256 * 1024 - 1_000, `${filler} ${bytes}`);
    }
  });
});

describe("own refused calls", () => {
  test("are left out and counted", async () => {
    const { messages, lines } = await run(input(batch(["foo", JSON.stringify(ownRefusal()), JSON.stringify(ownRefusal())])));
    assert.equal(messages[0].text, "refused-calls: 1 log event in CloudTrail (123456789012, us-east-1)");
    assert.deepEqual(lines, [{ what: "own refused calls left out", count: 2, logGroup: "CloudTrail" }]);
  });

  test("alone make no message", async () => {
    assert.deepEqual((await run(input(batch([JSON.stringify(ownRefusal())])))).messages, []);
  });

  const session = (role, name) => ({ userIdentity: { type: "AssumedRole", arn: `arn:aws:sts::1:assumed-role/${role}/${name}` } });
  const others = [
    ["another session", session(ROLE, "another")],
    ["a name that only contains it", session(ROLE, `${FUNCTION}-2`)],
    ["a session that somebody named so", session("Stolen", FUNCTION)],
    ["a role whose name only ends so", session(`x-${ROLE}`, FUNCTION)],
    ["a user", { userIdentity: { ...session(ROLE, FUNCTION).userIdentity, type: "IAMUser" } }],
    ["nobody", { userIdentity: undefined }],
    ["an attack on the rules", { eventName: "DisableRule" }],
    ["an attack on the log", { eventSource: "logs.amazonaws.com", eventName: "DeleteLogGroup" }],
    ["a call that the notifier never makes", { eventSource: "iam.amazonaws.com" }],
    ["a call that went well", { errorCode: undefined }],
  ];
  for (const [name, changes] of others) {
    test(`${name} is somebody else`, async () => {
      const text = JSON.stringify({ ...ownRefusal(), ...changes });
      assert.equal((await run(input(batch([text])))).messages.length, 1);
    });
  }
});

describe("what cannot be read", () => {
  const gzipped = (bytes) => ({ awslogs: { data: gzipSync(bytes).toString("base64") } });
  const cases = [
    ["no data", { awslogs: {} }, "there is no data"],
    ["awslogs is text", { awslogs: "x" }, "there is no data"],
    ["awslogs is null", { awslogs: null }, "there is no data"],
    ["data is a number", { awslogs: { data: 5 } }, "there is no data"],
    ["not base64", { awslogs: { data: "\u00fc\u00fc" } }, "it is not gzip"],
    ["not gzip", { awslogs: { data: "c2VjcmV0LXBhc3N3b3Jk" } }, "it is not gzip"],
    ["cut gzip", { awslogs: { data: gzipSync("x".repeat(999)).subarray(0, 15).toString("base64") } }, "it is not gzip"],
    ["a gzip bomb", gzipped(Buffer.alloc(17 << 20)), "it is too large"],
    ["not JSON", gzipped("secret-password"), "it is not JSON"],
    ["null", gzipped("null"), "it is neither a data nor a control message"],
    ["a list", gzipped("[]"), "it is neither a data nor a control message"],
    ["another type", gzipped('{"messageType":"x"}'), "it is neither a data nor a control message"],
    ["no events", gzipped('{"messageType":"DATA_MESSAGE"}'), "it has no list of log events"],
    ["events are an object", gzipped('{"messageType":"DATA_MESSAGE","logEvents":{}}'), "it has no list of log events"],
    ["nothing at all", undefined, "it is neither log events nor an event"],
    ["null event", null, "it is neither log events nor an event"],
    ["text", "secret-password", "it is neither log events nor an event"],
    ["an empty event", {}, "it is neither log events nor an event"],
  ];
  for (const [name, event, reason] of cases) {
    test(name, async () => {
      const { messages, lines } = await run(event);
      const what = `${event?.awslogs === undefined ? "An event" : "A batch of log events"} could not be read`;
      assert.deepEqual(messages.map(({ text }) => text), [`${what}, because ${reason} (${FUNCTION}, us-east-1)`]);
      assert.deepEqual([lines.length, lines[0].what, lines[0].reason], [1, what, reason]);
      assert.ok(!JSON.stringify([messages, lines]).includes("secret"));
    });
  }

  test("names of wrong types and absurd lengths do no harm", async () => {
    for (const name of [undefined, null, 5, {}, [], "", " ", "x".repeat(1e5), "<!channel>"]) {
      const { messages } = await run(input(batch(["foo"], { logGroup: name, logStream: name, owner: name })));
      assert.equal(messages.length, 1);
    }
  });

  test("depth does no harm", async () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const bytes = `{"messageType":"DATA_MESSAGE","logEvents":[${deep},{"message":"foo"}]}`;
    assert.match(codeOf((await run(gzipped(bytes))).messages[0])[0], /foo```$/);
    assert.match(await shown(`{"eventName":"A","eventSource":"b","awsRegion":${deep}}`, "foo"), /foo```$/);
  });
});

test("hostile lines, each alone and all together", async () => {
  for (const text of HOSTILE) await run(input(batch([text, JSON.stringify(record({ eventName: text, userIdentity: { type: text, userName: text } }))])));
  await run(input(batch(HOSTILE)));
});
