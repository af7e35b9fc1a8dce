import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { messagesOf } from "../../src/lambda/notifier.mjs";
import { ALERT, FUNCTION, HOSTILE, REFUSED, ROLE, event, ownRefusal, record } from "./support/inputs.mjs";
import { logged } from "./support/aws.mjs";
import { problems } from "./support/slack.mjs";

const trailbell = ALERT;

async function run(input) {
  const { value: messages } = await logged(() => messagesOf(input));
  for (const message of messages) assert.deepEqual(problems(message), []);
  return messages;
}
const texts = ([message]) => message.blocks[1].elements.map(({ elements }) => elements.map(({ text }) => text).join("")).join("|");

test("a card looks like the compiled ones, with the free text in quotes", async () => {
  const messages = await run({ trailbell, event: REFUSED });
  assert.deepEqual(messages, [JSON.parse(readFileSync(new URL("snapshots/card.json", import.meta.url)))]);
});

test("an event that is not CloudTrail's shows its detail", async () => {
  const messages = await run({ trailbell, event: { ...event({ "in-progress": 5 }), source: "my.shop", "detail-type": "order" } });
  assert.match(texts(messages), /Event: order\nSource: my.shop\nWhere: account 123456789012, us-east-1\nWhen: .*\n\|Detail:\|\{"in-progress":5\}$/);
});

const links = [
  ["us-east-1", "https://us-east-1.console.aws.amazon.com/cloudtrailv2/home?region=us-east-1#/events/5f2c1a64-3c39-4a2c-9d1e-2f6a7f0c1b11"],
  ["cn-north-1", "https://cn-north-1.console.amazonaws.cn/cloudtrailv2/home?region=cn-north-1#/events/5f2c1a64-3c39-4a2c-9d1e-2f6a7f0c1b11"],
  ["us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/cloudtrailv2/home?region=us-gov-west-1#/events/5f2c1a64-3c39-4a2c-9d1e-2f6a7f0c1b11"],
  ["us-iso-east-1", undefined],
  ["eu-isoe-west-1", undefined],
  ["eusc-de-east-1", undefined],
  [`us-${"a".repeat(3_000)}-1`, undefined],
  ["evil.example/", undefined],
  [undefined, undefined],
];
for (const [region, url] of links) {
  test(`the link for ${region?.slice(0, 20)}`, async () => {
    const [message] = await run({ trailbell, event: { ...event(), region } });
    assert.equal(message.blocks[1].elements[0].elements.find(({ type }) => type === "link")?.url, url);
  });
}

test("an id that is none makes no link", async () => {
  const [message] = await run({ trailbell, event: event(record({ eventID: "../../x" })) });
  assert.ok(!JSON.stringify(message).includes('"link"'));
});

test("any event at all makes a card", async () => {
  const wide = { requestParameters: { a: "<!channel>".repeat(1e4) }, userAgent: "x".repeat(1e5), errorMessage: "`".repeat(1e5) };
  let deep = {};
  for (let depth = 0; depth < 1e5; depth++) deep = { deep };
  const events = [
    undefined, null, 5, "text", [], {}, { detail: null }, { detail: "x" }, { detail: [] }, { detail: {} }, { detail: deep },
    event(record(wide)), event(record({ requestParameters: deep, userIdentity: deep })), event(record({ userIdentity: "x" })),
    event(record({ userIdentity: [], eventTime: {}, sourceIPAddress: 5, errorCode: {}, userAgent: null, eventID: [] })),
  ];
  for (const one of events) assert.equal((await run({ trailbell, event: one })).length, 1);
  for (const one of [{}, null, 5, "x", { title: 5, severity: {}, blueprint: [], description: {} }, { title: "x".repeat(1e5), severity: "__proto__" }]) {
    assert.equal((await run({ trailbell: one, event: event() })).length, 1);
  }
});

test("hostile values everywhere", async () => {
  for (const text of HOSTILE) {
    const identity = { type: text, userName: text, arn: text, principalId: text, invokedBy: text };
    const detail = record({ userIdentity: identity, sourceIPAddress: text, userAgent: text, errorCode: text, errorMessage: text, requestParameters: { [text]: text } });
    const all = { ...event(detail), account: text, region: text, time: text };
    await run({ trailbell: { title: text, severity: text, blueprint: text, description: text }, event: all });
    await run({ trailbell, event: { ...all, detail: text, source: text, "detail-type": text } });
  }
});

test("an own refused call makes no card", async () => {
  Object.assign(process.env, { AWS_LAMBDA_FUNCTION_NAME: FUNCTION, TRAILBELL_ROLE: ROLE });
  assert.deepEqual(await run({ trailbell, event: event(ownRefusal()) }), []);
  delete process.env.AWS_LAMBDA_FUNCTION_NAME;
  delete process.env.TRAILBELL_ROLE;
});

test("the account has the name that the stack gives it", async () => {
  process.env.TRAILBELL_ACCOUNTS = JSON.stringify({ 123456789012: "production", __proto__: "x" });
  const [message] = await run({ trailbell, event: event() });
  delete process.env.TRAILBELL_ACCOUNTS;
  assert.match(message.text, / in account 123456789012 \(production\), us-east-1$/);
  assert.match(texts([message]), /Where: account 123456789012 \(production\), us-east-1\n/);
  const [other] = await run({ trailbell, event: { ...event(), account: "constructor" } });
  assert.match(texts([other]), /Where: account constructor, us-east-1\n/);
});

test("an unknown severity has a sign of its own, and a long title is cut", async () => {
  for (const severity of ["__proto__", "constructor", "urgent"]) {
    const [{ blocks }] = await run({ trailbell: { ...ALERT, severity }, event: event() });
    assert.equal(blocks[0].text.text, ":warning: CloudTrail logging turned off");
  }
  for (let length = 120; length < 180; length++) await run({ trailbell: { ...ALERT, title: "x".repeat(length) }, event: event() });
});

const signIn = (response, changes) =>
  record({ eventName: "ConsoleLogin", eventSource: "signin.amazonaws.com", responseElements: { ConsoleLogin: response }, ...changes });
const told = [
  ["a sign-in that failed", signIn("Failure", { errorMessage: "Failed authentication" }), /Call: ConsoleLogin of \S+\nOutcome: Failure\nWho: .*\|Error:\|Failed authentication\|/s],
  ["a sign-in that succeeded", signIn("Success"), /\nOutcome: Success\nWho: /],
  ["what a service of another account touched", record({
    userIdentity: { type: "AWSAccount", accountId: "999999999999", invokedBy: "ec2.amazonaws.com" }, requestParameters: null,
    serviceEventDetails: { snapshotId: "snap-12345" },
  }), /\nWho: AWSAccount ec2.amazonaws.com of account 999999999999\n.*\|Details:\|\{"snapshotId":"snap-12345"\}$/s],
  ["a record of Insights", { eventVersion: "1.07", eventType: "AwsCloudTrailInsight", insightDetails: { eventName: "A", eventSource: "b", insightType: "C", state: "End" } }, /Call: A of b: C End\n/],
];
for (const [name, detail, expected] of told) {
  test(`a card tells ${name}`, async () => assert.match(texts(await run({ trailbell, event: event(detail) })), expected));
}
