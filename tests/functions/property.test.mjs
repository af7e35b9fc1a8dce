import assert from "node:assert/strict";
import { test } from "node:test";
import { messagesOf } from "../../src/lambda/notifier.mjs";
import { ALERT, AUTHORED, HOSTILE, batch, event, input, record } from "./support/inputs.mjs";
import { alertInput, garbage, generator, logInput } from "./support/random.mjs";
import { logged } from "./support/aws.mjs";
import { atMargin, forgeries, problems } from "./support/slack.mjs";

// ROUNDS=4000 is 20,000 hostile bodies and 8,000 hostile batches.
const ROUNDS = Number(process.env.ROUNDS ?? 200);

async function judged(seed, one) {
  const { value: messages } = await logged(() => messagesOf(one));
  for (const message of messages) {
    assert.deepEqual(problems(message), [], `seed ${seed}`);
    assert.doesNotMatch(message.text, /mistake in trailbell/, `seed ${seed}`);
  }
  return messages;
}

test("whatever is in the log, the messages are valid and mention nobody", async () => {
  for (let seed = 0; seed < ROUNDS; seed++) {
    assert.ok((await judged(seed, logInput(seed))).length <= 5, `seed ${seed}`);
  }
});

test("whatever the event and whatever the author wrote, the message is valid and mentions nobody", async () => {
  for (let seed = 0; seed < ROUNDS; seed++) {
    assert.equal((await judged(seed, alertInput(seed))).length, 1, `seed ${seed}`);
  }
});

test("whatever comes in, there is an answer", async () => {
  for (let seed = 0; seed < ROUNDS; seed++) {
    assert.equal((await judged(seed, garbage(seed))).length, 1, `seed ${seed}`);
  }
});

const LABELS = ["Call", "Outcome", "Who", "From", "Where", "When", "Event", "Source", "Error", "User agent", "ARN", "Request", "Details", "Detail"];
const AUTHORS = ["Trail:", "Why:", "Session:", "Turned off by ", "Turn it on again.", "Find out who it was,", "and why."];
const STARTS = [...LABELS.map((label) => `${label}:`), "Open in CloudTrail", ...AUTHORS];

test("whatever the event, no line of a card or sentence is forged, and nothing in it is unseen", async () => {
  const parts = ["called with ", { value: ["detail", "userAgent"] }, " by ", { value: ["detail", "userIdentity"] }];
  const sentence = { sentence: parts };
  for (let seed = 0; seed < ROUNDS; seed++) {
    const { event } = alertInput(seed);
    for (const message of [undefined, AUTHORED]) {
      const [card] = await judged(seed, { trailbell: { ...ALERT, message }, event });
      assert.deepEqual(forgeries(card, STARTS), [], `seed ${seed}`);
    }
    const [one] = await judged(seed, { trailbell: { ...ALERT, message: sentence }, event });
    assert.deepEqual(forgeries(one, ["called with "]), [], `seed ${seed}`);
    assert.ok(!one.text.includes("\n"), `seed ${seed}`);
  }
});

test("whatever is in the log, each event begins one line, and nothing is unseen", async () => {
  for (let seed = 0; seed < ROUNDS; seed++) {
    const { text, pick, spoilt } = generator(seed);
    const line = () => pick([text, () => JSON.stringify(spoilt(record({ userAgent: text(), errorMessage: text() })))])();
    const lines = Array.from({ length: pick([1, 3, 9]) }, line);
    const messages = await judged(seed, input(batch(lines, { logGroup: text(), logStream: text() })));
    for (const message of messages) assert.deepEqual(forgeries(message, []), [], `seed ${seed}`);
    const shown = messages.reduce((sum, message) => sum + atMargin(message), 0);
    assert.ok(shown <= lines.length, `seed ${seed}: ${shown} lines at the margin for ${lines.length} events`);
  }
});

/** The text that readers see, taken back from how it is shown. */
const recovered = (shown) =>
  shown
    .replace(/\\u\{([0-9a-f]+)\}/g, (_, hex) => String.fromCodePoint(parseInt(hex, 16)))
    .replace(/[\u2400-\u241f]/g, (picture) => String.fromCharCode(picture.charCodeAt(0) - 0x2400))
    .replaceAll("\u2421", "\u007f");
const decoded = (mrkdwn) => mrkdwn.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
const textOf = ({ blocks }) => blocks.flatMap(({ elements = [] }) => elements).flatMap(({ elements = [] }) => elements).map(({ text }) => text).join("");

test("a text from the event can be read as it was written, wherever it is shown", async () => {
  const values = HOSTILE.map((text) => [text]);
  for (let seed = 0; seed < ROUNDS; seed++) values.push([...generator(seed).text()].slice(0, 30).join(""));
  for (const [at, text] of values.flat().filter((text) => text.trim() !== "").entries()) {
    const parts = ["a ", { value: ["detail", "userAgent"] }, " z"];
    const one = event(record({ userAgent: text }));
    const [sentence] = await judged(at, { trailbell: { message: { sentence: parts } }, event: one });
    const expected = `a ${text.toWellFormed()} z`;
    assert.equal(recovered(textOf(sentence)), expected);
    assert.equal(recovered(decoded(sentence.text)), expected);
    const [card] = await judged(at, { trailbell: { message: { text: parts, facts: [["Fact", parts]] } }, event: one });
    assert.ok(recovered(textOf(card)).startsWith(`${expected}\n\nFact: ${expected}\nCall:`));
    assert.equal(textOf(card).match(/\n/g).length, 8);
  }
});
