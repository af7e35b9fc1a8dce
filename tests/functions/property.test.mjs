import assert from "node:assert/strict";
import { test } from "node:test";
import { messagesOf } from "../../src/lambda/notifier.mjs";
import { HOSTILE, event, record } from "./support/inputs.mjs";
import { alertInput, garbage, generator, logInput } from "./support/random.mjs";
import { logged } from "./support/aws.mjs";
import { problems } from "./support/slack.mjs";

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
