import assert from "node:assert/strict";
import { test } from "node:test";
import { handler, messagesOf } from "../../src/lambda/notifier.mjs";
import { batch, input } from "./support/inputs.mjs";
import { logged, withAws } from "./support/aws.mjs";

const SOURCE = { TRAILBELL_BUS: "trailbell-security-alerts_relay_bus", TRAILBELL_SOURCE: "trailbell.security-alerts" };
const fine = ({ Entries }) => ({ body: { FailedEntryCount: 0, Entries: Entries.map(() => ({ EventId: "e" })) } });
const send = (answers, event, environment = SOURCE) => withAws(answers, () => handler(event), environment);
const words = ({ body }) => body.Entries.map(({ Detail }) => JSON.parse(Detail).message.text);
const many = input(batch(Array(10_000).fill("x".repeat(100))));

/** The result with the number of its messages. */
const counted = ({ messages }) => ({ messages: messages.length });

test("a message arrives on the bus, signed", async () => {
  const { result, requests } = await send([fine], input(batch(["foo"])));
  const [{ target, wrong, body }] = requests;
  assert.deepEqual([counted(result), requests.length, target, wrong], [{ messages: 1 }, 1, "AWSEvents.PutEvents", undefined]);
  const [{ Detail, ...entry }] = body.Entries;
  const EventBusName = "trailbell-security-alerts_relay_bus";
  assert.deepEqual(entry, { EventBusName, Source: "trailbell.security-alerts", DetailType: "trailbell message" });
  assert.deepEqual(Object.keys(JSON.parse(Detail)), ["message"]);
  assert.deepEqual(Object.keys(JSON.parse(Detail).message), ["text", "blocks"]);
});

test("for a bot the channel comes first", async () => {
  const { requests } = await send([fine], input(batch(["foo"])), { ...SOURCE, TRAILBELL_CHANNEL: "C0123456789" });
  const { message } = JSON.parse(requests[0].body.Entries[0].Detail);
  assert.deepEqual(Object.keys(message), ["channel", "text", "blocks"]);
  assert.equal(message.channel, "C0123456789");
});

test("nothing to say makes no call", async () => {
  const { result, requests } = await send([fine], input({ messageType: "CONTROL_MESSAGE" }));
  assert.deepEqual([counted(result), requests], [{ messages: 0 }, []]);
});

test("five messages go in one request", async () => {
  const { requests } = await send([fine], many);
  assert.deepEqual(requests.map(({ body }) => body.Entries.length), [5]);
});

test("only refused entries are sent again", async () => {
  const partly = ({ Entries }) => ({
    body: { FailedEntryCount: 2, Entries: Entries.map((_, at) => (at % 2 ? { ErrorCode: "ThrottlingException" } : { EventId: "e" })) },
  });
  const { result, requests } = await send([partly, fine], many);
  assert.deepEqual([counted(result), requests.length], [{ messages: 5 }, 2]);
  assert.deepEqual(words(requests[1]), words(requests[0]).filter((_, at) => at % 2));
});

test("entries that stay refused make the invocation fail", async () => {
  const never = ({ Entries }) => ({ body: { FailedEntryCount: Entries.length, Entries: Entries.map(() => ({ ErrorCode: "InternalFailure" })) } });
  const { error, requests } = await send([never], input(batch(["foo"])));
  assert.equal(requests.length, 3);
  assert.equal(error.message, "1 of 1 messages were refused: InternalFailure");
});

test("a refused call makes the invocation fail", async () => {
  const { error } = await send([{ status: 400, body: { __type: "AccessDeniedException" } }], input(batch(["foo"])));
  assert.equal(error.code, "AccessDeniedException");
});

test("without a bus or a source nothing is sent, loudly", async () => {
  for (const name of Object.keys(SOURCE)) {
    const { error, requests } = await send([fine], input(batch(["foo"])), { [name]: SOURCE[name] });
    assert.deepEqual([error.message, requests], ["the event bus or the source of the stack is not known", []]);
  }
});

test("what cannot be read is sent as a message and does not fail", async () => {
  const { value } = await logged(() => send([fine], { awslogs: { data: "garbage" } }));
  assert.deepEqual([counted(value.result), words(value.requests[0])[0].slice(0, 38)], [{ messages: 1 }, "A batch of log events could not be rea"]);
});

test("a mistake of our own still makes a message, in words for what came in", async () => {
  const mistake = { trailbell: {}, get event() { throw new TypeError("secret"); } };
  const { value: [message], lines } = await logged(() => messagesOf(mistake));
  assert.equal(message.text, "An event could not be read, because of a mistake in trailbell, TypeError");
  assert.equal(message.blocks[0].text.text, ":warning: Alert from trailbell");
  assert.deepEqual(lines.map(JSON.parse), [{ what: "An event could not be read", reason: "of a mistake in trailbell, TypeError" }]);
});

const DESTINATIONS = {
  ...SOURCE,
  TRAILBELL_DESTINATIONS: JSON.stringify([["security", null], ["operations", "C0123456789"]]),
  TRAILBELL_ROUTES: JSON.stringify({ "trailbell-sec_a_filter": ["operations", "security"] }),
};
const details = ({ body }) => body.Entries.map(({ Detail }) => JSON.parse(Detail)).map(({ to, message }) => [to, message.channel]);

test("a message goes to each destination of its alert, with the channel of each", async () => {
  const event = (to) => ({ trailbell: { title: "a", to, message: { sentence: ["hello"] } }, event: {} });
  for (const [to, expected] of [
    [["security"], [["security", undefined]]],
    [["operations", "security"], [["security", undefined], ["operations", "C0123456789"]]],
    // What no one says where it belongs is not lost.
    [undefined, [["security", undefined]]],
    [["unknown"], [["security", undefined]]],
  ]) {
    const { requests } = await send([fine], event(to), DESTINATIONS);
    assert.deepEqual(details(requests[0]), expected);
  }
});

test("log lines go where the alert of their filter goes", async () => {
  const lines = (filter) => input({ ...batch(["foo"]), subscriptionFilters: [filter] });
  const { requests } = await send([fine], lines("trailbell-sec_a_filter"), DESTINATIONS);
  assert.deepEqual(details(requests[0]).map(([to]) => to), ["security", "operations"]);
  const { requests: others } = await send([fine], lines("trailbell-sec_b_filter"), DESTINATIONS);
  assert.deepEqual(details(others[0]).map(([to]) => to), ["security"]);
});

test("log lines of some accounts go somewhere else, and each line to one place", async () => {
  const groups = { "trailbell-sec_a_filter": [[["111111111111", "222222222222"], ["operations"]], [["333333333333"], ["security", "operations"]]] };
  const environment = { ...DESTINATIONS, TRAILBELL_ROUTES: JSON.stringify({ "trailbell-sec_a_filter": ["security"] }), TRAILBELL_GROUPS: JSON.stringify(groups) };
  const record = (account) => JSON.stringify({ eventName: "A", eventSource: "b", recipientAccountId: account });
  const lines = (accounts, filter = "trailbell-sec_a_filter") =>
    input({ ...batch(accounts.map((account) => (account ? record(account) : "no record"))), subscriptionFilters: [filter] });
  const posted = async (event) => {
    const { requests } = await send([fine, fine, fine], event, environment);
    return requests.flatMap(({ body }) => body.Entries.map(({ Detail }) => JSON.parse(Detail))).map(({ to, message }) => [to, message.text.match(/: (\d+) log/)[1]]);
  };
  assert.deepEqual(await posted(lines(["111111111111", "444444444444", "222222222222", undefined, "333333333333"])), [
    ["security", "2"], ["operations", "2"], ["security", "1"], ["operations", "1"],
  ]);
  assert.deepEqual(await posted(lines(["111111111111"])), [["operations", "1"]]);
  assert.deepEqual(await posted(lines([undefined])), [["security", "1"]]);
  // Of another filter nothing is said.
  assert.deepEqual(await posted(lines(["111111111111"], "trailbell-sec_b_filter")), [["security", "1"]]);
});

test("each log line goes to exactly the destinations of its account", async () => {
  const accounts = ["111111111111", "222222222222", "333333333333", "444444444444", ""];
  let seed = 7;
  const random = (most) => ((seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) >> 8) % most;
  for (let round = 0; round < 30; round++) {
    const group = accounts.map(() => random(3));
    const of = (number) => accounts.filter((account, at) => account && group[at] === number);
    const groups = { f: [[of(1), ["operations"]], [of(2), ["security", "operations"]]] };
    const environment = { ...DESTINATIONS, TRAILBELL_ROUTES: JSON.stringify({ f: ["security"] }), TRAILBELL_GROUPS: JSON.stringify(groups) };
    const chosen = Array.from({ length: 1 + random(6) }, () => random(accounts.length));
    const record = (at, number) => JSON.stringify({ eventName: `Call${number}.`, eventSource: "b", recipientAccountId: accounts[at] || undefined });
    const event = input({ ...batch(chosen.map(record)), subscriptionFilters: ["f"] });
    const { requests } = await send([fine, fine, fine], event, environment);
    const entries = requests.flatMap(({ body }) => body.Entries.map(({ Detail }) => JSON.parse(Detail)));
    chosen.forEach((at, number) => {
      const to = entries.filter(({ message }) => JSON.stringify(message).includes(`Call${number}.`)).map((one) => one.to).sort();
      const own = accounts[at] ? group[at] : 0;
      assert.deepEqual(to, [["security"], ["operations"], ["operations", "security"]][own]);
    });
  }
});
