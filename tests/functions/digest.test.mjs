import assert from "node:assert/strict";
import { test } from "node:test";
import { handler } from "../../src/lambda/digest.mjs";
import { HOSTILE, event, record } from "./support/inputs.mjs";
import { logged, withAws } from "./support/aws.mjs";
import { garbage, generator } from "./support/random.mjs";
import { problems } from "./support/slack.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 200);
const QUEUES = "https://sqs.us-east-1.amazonaws.com/123456789012/";
const QUEUE = "trailbell-sec_sign-ins_digest-queue";
const STACK = {
  TRAILBELL_BUS: "trailbell-sec_relay_bus",
  TRAILBELL_SOURCE: "trailbell.sec",
  TRAILBELL_ROLE: "trailbell-sec_digest-function-us-east-1_role",
  AWS_LAMBDA_FUNCTION_NAME: "trailbell-sec_digest_function",
  TRAILBELL_QUEUES: QUEUES,
  TRAILBELL_ACCOUNTS: JSON.stringify({ 123456789012: "production" }),
};
const ALERT = { title: "Sign-ins", severity: "high", emoji: ":red_circle:", blueprint: "sign-ins", alert: "sign-ins", queue: QUEUE, every: "15 minutes" };

const sent = (changes = {}, more = {}) => ({ ...event(record(changes)), ...more });

/** A queue and a bus as AWS has them; `fails` says whether a call, by its number, is refused "before" its effect or gets no answer "after" it. */
class World {
  constructor(bodies, fails = () => undefined) {
    this.messages = bodies.map((body, at) => ({ id: `m${at}`, body, hidden: false }));
    this.posted = [];
    this.calls = 0;
    this.fails = fails;
  }

  /** The answer to one request. */
  answer(target, body) {
    const failure = this.fails(this.calls++, target);
    if (failure === "before") return { status: 400, body: { __type: "AccessDenied" } };
    const answer = { body: this.effect(target.split(".").at(-1), body) };
    return failure === "after" ? { hang: true } : answer;
  }

  effect(operation, body) {
    const found = (receipt) => this.messages.find(({ id }) => `r-${id}` === receipt);
    switch (operation) {
      case "ReceiveMessage": {
        assert.equal(body.QueueUrl, `${QUEUES}${QUEUE}`);
        const visible = this.messages.filter(({ hidden }) => !hidden).slice(0, body.MaxNumberOfMessages);
        for (const one of visible) one.hidden = true;
        return visible.length ? { Messages: visible.map(({ id, body: Body }) => ({ MessageId: id, ReceiptHandle: `r-${id}`, Body })) } : {};
      }
      case "DeleteMessageBatch":
        this.messages = this.messages.filter((one) => !body.Entries.some(({ ReceiptHandle }) => found(ReceiptHandle) === one));
        return { Successful: body.Entries };
      case "ChangeMessageVisibilityBatch":
        for (const { ReceiptHandle } of body.Entries) Object.assign(found(ReceiptHandle) ?? {}, { hidden: false });
        return { Successful: body.Entries };
      case "PutEvents":
        this.posted.push(...body.Entries.map(({ Detail }) => JSON.parse(Detail).message));
        return { FailedEntryCount: 0, Entries: body.Entries.map(() => ({ EventId: "e" })) };
      default:
        throw new Error(operation);
    }
  }

  /** One run of the function; time passes, so that what was hidden becomes visible. */
  async run(input = { trailbell: ALERT }) {
    for (const one of this.messages) one.hidden = false;
    const answers = Array(20_000).fill((body, target) => this.answer(target, body));
    const { value } = await logged(() => withAws(answers, () => handler(input), STACK));
    return value;
  }
}

/** The texts of a message, one after the other. */
const words = ({ blocks }) => blocks.flatMap(({ elements = [] }) => elements).flatMap(({ elements = [] }) => elements).map(({ text }) => text).join("");
const number = (text) => Number(text.replaceAll(",", ""));
const counted = ({ text }) => number(/: ([\d,]+) events?$/.exec(text)[1]);
const total = (messages) => messages.reduce((sum, message) => sum + counted(message), 0);

test("one message with counts, grouped by who, call, account, and region", async () => {
  const bodies = [
    ...Array(3).fill(sent()),
    sent({ eventTime: "2023-08-07T11:40:00Z", errorCode: "AccessDenied" }),
    sent({ eventTime: "2023-08-07T11:20:00Z", eventName: "DeleteTrail" }),
  ].map((one) => JSON.stringify(one));
  const world = new World(bodies);
  const { result } = await world.run();
  assert.equal(world.posted.length, 1);
  assert.deepEqual(result.messages, world.posted);
  assert.equal(world.messages.length, 0);
  const [message] = world.posted;
  assert.deepEqual(problems(message), []);
  assert.equal(message.text, "Sign-ins: 5 events");
  assert.equal(message.blocks[0].text.text, ":red_circle: Sign-ins");
  const shown = words(message);
  assert.match(shown, /^5 events, from 2023-08-07T11:20:00Z to 2023-08-07T11:40:00Z \(digest every 15 minutes\)/);
  assert.match(shown, /3 × StopLogging of cloudtrail\.amazonaws\.com by AssumedRole Admin\/alice in account 123456789012 \(production\), us-east-1/);
  assert.match(shown, /1 × StopLogging of cloudtrail\.amazonaws\.com: AccessDenied by/);
  assert.match(shown, /1 × DeleteTrail/);
});

test("no events make no message and no call beyond looking", async () => {
  const world = new World([]);
  const { result, requests } = await world.run();
  assert.deepEqual([result, requests.map(({ target }) => target)], [{ messages: [] }, ["AmazonSQS.ReceiveMessage"]]);
  assert.deepEqual(requests.map(({ wrong }) => wrong), [undefined]);
});

test("events that are given are counted, and the queue is left alone", async () => {
  const world = new World([JSON.stringify(sent())]);
  const { result, requests } = await world.run({ trailbell: ALERT, events: [sent(), sent()] });
  assert.deepEqual([total(result.messages), requests.map(({ target }) => target)], [2, ["AWSEvents.PutEvents"]]);
});

test("the most frequent lines are shown and the rest is counted", async () => {
  const bodies = Array.from({ length: 60 }, (_, at) => JSON.stringify(sent({ eventName: `Call${Math.min(at, 40)}` })));
  const world = new World(bodies);
  await world.run();
  const shown = words(world.posted[0]);
  assert.match(shown, /^60 events.*\n\n20 × Call40 /s);
  assert.match(shown, /and 31 more events\n$/);
  assert.equal(shown.match(/ × /g).length, 10);
});

test("a queue with more than one digest takes says so and goes on next time", async () => {
  const world = new World(Array.from({ length: 5_003 }, () => JSON.stringify(sent())));
  await world.run();
  assert.match(words(world.posted[0]), /More events are waiting: the next digest counts them\.\n$/);
  await world.run();
  assert.deepEqual(world.posted.map(counted), [5_000, 3]);
  assert.doesNotMatch(words(world.posted[1]), /More events/);
});

test("what is not an event is counted, and the function's own refused calls are not", async () => {
  const arn = `arn:aws:sts::123456789012:assumed-role/${STACK.TRAILBELL_ROLE}/${STACK.AWS_LAMBDA_FUNCTION_NAME}`;
  const own = sent({ eventSource: "events.amazonaws.com", eventName: "PutEvents", errorCode: "AccessDenied", userIdentity: { type: "AssumedRole", arn } });
  const world = new World(["{", "null", "7", JSON.stringify({ "detail-type": "GuardDuty Finding", source: "aws.guardduty", detail: {} }), JSON.stringify(own)]);
  await world.run();
  const shown = words(world.posted[0]);
  assert.match(shown, /^4 events \(/);
  assert.match(shown, /3 × an event that cannot be read\n/);
  assert.match(shown, /1 × GuardDuty Finding of aws\.guardduty\n/);
});

test("whatever is in the queue, the message is valid and mentions nobody", async () => {
  for (let seed = 0; seed < ROUNDS; seed++) {
    const events = Array.from({ length: 12 }, (_, at) => garbage(seed * 12 + at));
    const hostile = HOSTILE.map((text) => sent({ eventName: text, userIdentity: { type: text, userName: text } }, { account: text, region: text }));
    const all = seed % 2 ? events : hostile;
    const { value } = await logged(() => withAws([({ Entries }) => ({ body: { FailedEntryCount: 0, Entries } })], () => handler({ trailbell: ALERT, events: all }), STACK));
    for (const message of value.result.messages) assert.deepEqual(problems(message), [], `seed ${seed}`);
    assert.equal(total(value.result.messages), all.length, `seed ${seed}`);
  }
});

test("a queue's name cannot choose another host", async () => {
  for (const queue of ["https://example.com/x", "../x", "", undefined, "a/b", "a@b"]) {
    const world = new World([]);
    const { error, requests } = await world.run({ trailbell: { ...ALERT, queue } });
    assert.equal(error?.message, "the name of the queue is not one");
    assert.deepEqual(requests, []);
  }
});

/** How many calls a run makes in which nothing fails. */
async function callsOf(bodies) {
  const world = new World(bodies);
  await world.run();
  return world.calls;
}

test("without failures every event is counted exactly once", async () => {
  for (let seed = 0; seed < ROUNDS / 10; seed++) {
    const { below } = generator(seed);
    const amount = below(60);
    const world = new World(Array.from({ length: amount }, () => JSON.stringify(sent({ eventName: `C${below(5)}` }))));
    for (let run = 0; run < 3; run++) await world.run();
    assert.deepEqual([total(world.posted), world.messages.length], [amount, 0], `seed ${seed}`);
  }
});

test("a call that fails, anywhere, loses nothing; what was told twice was not removed in between", async () => {
  const bodies = Array.from({ length: 23 }, () => JSON.stringify(sent()));
  const calls = await callsOf(bodies);
  for (let at = 0; at < calls; at++) {
    const world = new World(bodies, (number) => (number === at ? "before" : undefined));
    const { error } = await world.run();
    assert.ok(error, `call ${at} fails the run`);
    const told = total(world.posted);
    const left = world.messages.length;
    await world.run();
    assert.equal(world.messages.length, 0, `call ${at}`);
    // What was told and not removed is told again, and everything else once.
    assert.equal(total(world.posted), told + left, `call ${at}`);
    assert.ok(total(world.posted) >= bodies.length, `call ${at}`);
    if (told === 0) assert.equal(total(world.posted), bodies.length, `call ${at}`);
  }
});

test("an answer that is lost, of any call, loses nothing", async () => {
  const bodies = Array.from({ length: 23 }, () => JSON.stringify(sent()));
  const calls = await callsOf(bodies);
  for (let at = 0; at < calls; at++) {
    const targets = [];
    const world = new World(bodies, (number, target) => {
      targets.push(target);
      return number === at ? "after" : undefined;
    });
    const { error } = await world.run();
    assert.equal(error, undefined, `call ${at} is made again`);
    await world.run();
    assert.equal(world.messages.length, 0, `call ${at}`);
    // A message whose answer is lost is put again, with the same events; everything else is told once.
    assert.equal(total(world.posted), targets[at] === "AWSEvents.PutEvents" ? 2 * bodies.length : bodies.length, `call ${at}`);
  }
});

test("a run that is killed at any call loses nothing", async () => {
  const bodies = Array.from({ length: 23 }, () => JSON.stringify(sent()));
  const calls = await callsOf(bodies);
  for (let at = 0; at < calls; at++) {
    // From some call on nothing gets through, as for a function that is dead.
    const world = new World(bodies, (number) => (number >= at ? "before" : undefined));
    await world.run();
    const [told, left] = [total(world.posted), world.messages.length];
    world.fails = () => undefined;
    await world.run();
    assert.deepEqual([world.messages.length, total(world.posted)], [0, told + left], `call ${at}`);
    assert.ok(told === 0 || at > 3, `call ${at}: nothing is removed before it was told`);
    assert.equal(total(world.posted) >= bodies.length, true, `call ${at}`);
  }
});

test("after a failure the events are visible again at once, so that Lambda's next try finds them", async () => {
  const world = new World([JSON.stringify(sent())], (_, target) => (target === "AWSEvents.PutEvents" ? "before" : undefined));
  const { error, requests } = await world.run();
  assert.match(error.message, /AccessDenied/);
  assert.equal(requests.at(-1).target, "AmazonSQS.ChangeMessageVisibilityBatch");
  assert.deepEqual(world.messages.map(({ hidden }) => hidden), [false]);
});

const DESTINATIONS = { ...STACK, TRAILBELL_DESTINATIONS: JSON.stringify([["security", null], ["operations", "C0123456789"]]) };
const fine = { body: { FailedEntryCount: 0, Entries: [] } };

/** What a digest of one event puts on the bus, call by call: each message's destination and channel. */
async function put(answers, to) {
  const input = { trailbell: { ...ALERT, to }, events: [sent()] };
  const { value } = await logged(() => withAws(answers, () => handler(input), DESTINATIONS));
  const detail = ({ Detail }) => JSON.parse(Detail);
  return value.requests.map(({ body }) => body.Entries.map(detail).map(({ to, message }) => [to, message.channel]));
}

test("a digest goes to each destination of its alert, with the channel of each", async () => {
  const [security, operations] = [["security", undefined], ["operations", "C0123456789"]];
  for (const [to, expected] of [
    [["operations"], [operations]],
    [["operations", "security"], [security, operations]],
    [undefined, [security]],
    [["unknown"], [security]],
  ]) {
    assert.deepEqual(await put([fine], to), [expected]);
  }
});

test("what the bus did not take is put again, and nothing else", async () => {
  const half = { body: { FailedEntryCount: 1, Entries: [{ EventId: "e" }, { ErrorCode: "InternalFailure" }] } };
  const calls = await put([half, fine], ["security", "operations"]);
  assert.deepEqual(calls.map((call) => call.map(([to]) => to)), [["security", "operations"], ["operations"]]);
});
