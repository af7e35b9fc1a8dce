// What the author of a blueprint wrote, in both forms of `message.via: lambda`.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { messagesOf } from "../../src/lambda/notifier.mjs";
import { ALERT, AUTHORED, HOSTILE, REFUSED, SENTENCE, event, record } from "./support/inputs.mjs";
import { problems, weight } from "./support/slack.mjs";

/** The one message for this alert, valid. */
function run(message, one = event(), changes = {}) {
  const messages = messagesOf({ trailbell: { ...ALERT, ...changes, message }, event: one });
  assert.equal(messages.length, 1);
  assert.deepEqual(problems(messages[0]), []);
  assert.doesNotMatch(messages[0].text, /mistake in trailbell/);
  return messages[0];
}
const snapshot = (name) => JSON.parse(readFileSync(new URL(`snapshots/${name}.json`, import.meta.url)));
const sectionOf = ({ blocks }) => blocks.find(({ type }) => type === "rich_text").elements[0].elements;
const textOf = (message) => sectionOf(message).map(({ text }) => text).join("");
const at = (...value) => ({ value });

test("a sentence of the author's", () => assert.deepEqual(run(SENTENCE, REFUSED), snapshot("sentence")));
test("a card of the author's", () => assert.deepEqual(run(AUTHORED, REFUSED), snapshot("authored")));

describe("values", () => {
  const detail = {
    text: "x", empty: "", blank: " ", null: null, zero: 0, no: false, list: [1, "a", { b: [] }], object: { a: { b: null } },
    lines: "a\nb\r\u2028c", long: "\u{1f600}".repeat(1_500), marks: "<!channel> & `*_", "a b": 1, "": 2, many: Array(999).fill(7),
  };
  const values = [
    [["text"], "x"],
    [["empty"], "(none)"],
    [["blank"], "(none)"],
    [["null"], "(none)"],
    [["nowhere"], "(none)"],
    [["nowhere", "below"], "(none)"],
    [["text", "length"], "(none)"],
    [["text", 0], "(none)"],
    [["zero"], "0"],
    [["no"], "false"],
    [["list"], '[1,"a",{"b":[]}]'],
    [["list", 1], "a"],
    [["list", 2, "b"], "[]"],
    [["list", 3], "(none)"],
    [["list", "1"], "(none)"],
    [["list", "length"], "(none)"],
    [["list", -1], "(none)"],
    [["list", 0.5], "(none)"],
    [["object"], '{"a":{"b":null}}'],
    [["object", 0], "(none)"],
    [["a b"], "1"],
    [[""], "2"],
    [["__proto__"], "(none)"],
    [["constructor", "name"], "(none)"],
    [["toString"], "(none)"],
    [[null], "(none)"],
    [[{}], "(none)"],
    [["lines"], "a\u240ab\u240d\\u{2028}c"],
    [["marks"], "<!channel> & `*_"],
    [["long"], `${"\u{1f600}".repeat(968)}\u2026 (532 more characters)`],
    [["many"], `[${"7,".repeat(483)}7\u2026 (1031 more characters)`],
  ];
  for (const [path, expected] of values) {
    test(JSON.stringify(path), () => {
      const message = run({ sentence: ["<", at("detail", ...path), ">\n&"] }, event(detail));
      assert.equal(textOf(message), `<${expected}>\n&`);
      const decoded = message.text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
      assert.equal(decoded, `<${expected}>\n&`);
      assert.ok(textOf(run({ facts: [["F", [at("detail", ...path)]]] }, event(detail))).includes(`\n\nF: ${expected}\n`));
    });
  }

  test("no path is the whole event", () => assert.equal(textOf(run({ sentence: [at()] }, { a: [1] })), '{"a":[1]}'));
  for (const one of [null, 5, "text", [], {}]) {
    test(`a path into ${JSON.stringify(one)}`, () => assert.equal(textOf(run({ sentence: [at("detail")] }, one)), "(none)"));
  }

  test("depth", () => {
    let deep = {};
    for (let depth = 0; depth < 1e5; depth++) deep = { deep };
    assert.equal(textOf(run({ sentence: [at("detail")] }, event(deep))), "(nested too deeply to be shown)");
  });
});

describe("a card", () => {
  const first = (message, changes) => textOf(run(message, event(), changes)).split("\n")[0];
  const stories = [
    ["the text", { text: ["by ", at("account")] }, {}, "by 123456789012"],
    ["the description without a text", {}, {}, "Find out who it was,"],
    ["the description for an empty text", { text: [" ", ""] }, {}, "Find out who it was,"],
    ["the description for a text that is null", { text: null }, {}, "Find out who it was,"],
    ["the facts without any", {}, { description: "" }, "Call: StopLogging of cloudtrail.amazonaws.com"],
    ["the facts where the description is none", {}, { description: {} }, "Call: StopLogging of cloudtrail.amazonaws.com"],
  ];
  for (const [name, message, changes, expected] of stories) {
    test(`begins with ${name}`, () => assert.equal(first(message, changes), expected));
  }

  test("shows the author's facts in order, before its own", () => {
    const facts = [["Trail", [at("detail", "requestParameters", "name")]], ["B", ["b"]], ["A", ["a\n", at("x")]], ["Empty", []]];
    const text = textOf(run({ facts }));
    assert.match(text, /\n\nTrail: arn:aws:cloudtrail:\S+\nB: b\nA: a\n\(none\)\nEmpty: \(none\)\nCall: /);
  });

  test("lets no value pass for a fact", () => {
    const message = run({ text: ["by ", at("detail", "userAgent")], facts: [["F", [at("detail", "userAgent")]]] },
      event(record({ userAgent: "x\nWho: Root\r\nFrom: nowhere\u2028\u0085\u000b" })));
    assert.deepEqual(textOf(message).match(/^\w+(?=:)/gm), ["F", "Call", "Who", "From", "Where", "When"]);
    const bolds = sectionOf(message).filter(({ style }) => style?.bold).map(({ text }) => text);
    assert.deepEqual(bolds, ["F:", "Call:", "Who:", "From:", "Where:", "When:"]);
  });
});

describe("limits", () => {
  const big = "\u{1f600}<".repeat(20_000);
  const loud = event(record({ serviceEventDetails: { big },
    userAgent: big, errorCode: big, errorMessage: big, sourceIPAddress: big, eventName: big, eventTime: big, awsRegion: big,
    userIdentity: { type: big, userName: big, arn: big }, requestParameters: { name: big },
  }));
  const agent = at("detail", "userAgent");
  const lost = (text) => [...text.matchAll(/\((\d+) more characters\)/g)].map(([, count]) => Number(count));

  test("one long value is cut and counted", () => {
    const text = textOf(run({ sentence: ["a ", agent, " z"] }, loud));
    assert.match(text, /^a (\u{1f600}<){484}\u2026 \(39032 more characters\) z$/u);
  });

  test("the more values, the less of each, and the words stay", () => {
    for (const count of [2, 10, 11, 33, 34, 90]) {
      const text = textOf(run({ sentence: Array(count).fill(["a ", agent, " z"]).flat() }, loud));
      assert.deepEqual([text.match(/a /g).length, text.match(/ z/g).length, lost(text).length], [count, count, count]);
    }
  });

  test("words without end are cut and counted", () => {
    assert.deepEqual(lost(textOf(run({ sentence: ["x".repeat(50_000)] }))), [50_000 - (10_000 - 32)]);
    assert.deepEqual(lost(textOf(run({ text: ["x".repeat(50_000)] }))), [50_000 - (2_000 - 32)]);
  });

  test("the largest card", () => {
    for (const count of [0, 1, 3, 4, 30, 31, 200, 5_000]) {
      const facts = Array(count).fill([big, [agent]]);
      const where = { account: big, region: big, time: big };
      const constants = { title: big, severity: big, blueprint: big };
      const message = run({ text: [big, agent], facts }, { ...loud, ...where }, constants);
      assert.ok(weight(message) > 8_500 && Buffer.byteLength(JSON.stringify({ message })) < 60_000);
      const shown = sectionOf(message).filter(({ style }) => style?.bold).length - 6;
      const more = Number(/and ([\d,]+) more facts?\n/.exec(textOf(message))?.[1].replace(",", "") ?? 0);
      assert.equal(shown + more, count);
    }
  });

  test("many short facts are all shown", () => {
    const text = textOf(run({ facts: Array.from({ length: 200 }, (_, at) => [`L${at}`, [`v${at}`]]) }));
    assert.ok(text.includes("L199: v199\n"));
  });

  test("the whole event, again and again", () => {
    const whole = event(record({ requestParameters: { name: "\u{1f600}<".repeat(50_000) } }));
    const before = performance.now();
    const message = run({ text: Array(50).fill(at()), facts: Array(100).fill(["F", [at()]]) }, whole);
    assert.equal(sectionOf(message).filter(({ text }) => text === "F:").length + Number(/and (\d+) more/.exec(textOf(message))[1]), 100);
    assert.ok(performance.now() - before < 10_000);
  });
});

describe("constants of another shape", () => {
  const shapes = [null, 5, "x", "", [], {}, [null], [5], [{}], [[]], ["", null], { value: 5 }, { value: ["account"] }, [[[]]], [{ value: {} }]];
  for (const shape of shapes) {
    test(JSON.stringify(shape), () => {
      run(shape);
      for (const field of ["sentence", "text", "facts"]) run({ [field]: shape });
      run({ facts: [["L", shape], [shape, ["v"]], [shape], shape] });
    });
  }

  test("a sentence without words is a card", () => {
    for (const none of [null, [], [""], [" ", "\n"], ""]) assert.equal(run({ sentence: none }).blocks.length, 3);
  });

  test("without constants", () => {
    for (const trailbell of [null, 5, "x", [], {}]) assert.deepEqual(problems(messagesOf({ trailbell, event: event() })[0]), []);
  });
});

test("hostile words and values, in every place", () => {
  for (const text of HOSTILE) {
    const parts = [text, at("detail", "userAgent"), text];
    const one = event(record({ userAgent: text }));
    run({ sentence: parts }, one);
    run({ text: parts, facts: [[text, parts], [text, [text]]] }, one);
  }
});
