import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { test } from "node:test";
import { messagesOf } from "../../src/functions/notifier.mjs";
import { batch, event, generator, input, record } from "./support/inputs.mjs";
import { logged } from "./support/aws.mjs";
import { problems } from "./support/slack.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 200);
// `MESSAGES=file` keeps the messages, one a line, for other judges.
const keep = process.env.MESSAGES;

async function judged(seed, one) {
  const { value: messages } = await logged(() => messagesOf(one));
  for (const message of messages) {
    assert.deepEqual(problems(message), [], `seed ${seed}`);
    if (keep) appendFileSync(keep, `${JSON.stringify(message)}\n`);
  }
  return messages;
}

test("whatever is in the log, the messages are valid and mention nobody", async () => {
  for (let seed = 0; seed < ROUNDS; seed++) {
    const { pick, text, value, spoilt } = generator(seed);
    const lines = Array.from({ length: pick([1, 3, 30, 100]) }, () =>
      pick([text, () => JSON.stringify(spoilt(record())), () => JSON.stringify(value())])());
    const changes = pick([{}, {}, { logGroup: text(), logStream: text(), owner: text() }, spoilt({ logEvents: lines, owner: "1" })]);
    const messages = await judged(seed, input(batch(lines, changes)));
    const empty = Array.isArray(changes.logEvents) && changes.logEvents.length === 0;
    assert.ok(messages.length <= 5 && (empty || messages.length > 0), `seed ${seed}`);
  }
});

test("whatever the event, the card is valid and mentions nobody", async () => {
  for (let seed = 0; seed < ROUNDS; seed++) {
    const { pick, value, spoilt } = generator(seed);
    const title = { title: "T", severity: pick(["critical", "low", "x"]), blueprint: "b", description: "d" };
    const one = pick([() => spoilt(event(spoilt(record()))), () => event(spoilt(record())), value])();
    assert.equal((await judged(seed, { trailbell: pick([title, spoilt(title)]), event: one })).length, 1);
  }
});

test("whatever comes in, there is an answer", async () => {
  for (let seed = 0; seed < ROUNDS; seed++) {
    const { pick, value, text } = generator(seed);
    const garbage = pick([value, () => ({ awslogs: value() }), () => ({ awslogs: { data: text() } }), () => input(value()), () => input(Buffer.from(text()))])();
    assert.equal((await judged(seed, garbage)).length, 1);
  }
});
