// Random and hostile inputs of the notifier. The same seed gives the same input on every machine.

import { HOSTILE, batch, event, input, record } from "./inputs.mjs";

/** What a subscription filter delivers: hostile lines, records with spoilt fields, few or many events. */
export function logInput(seed) {
  const { pick, text, value, spoilt } = generator(seed);
  const lines = Array.from({ length: pick([1, 3, 30, 100]) }, () =>
    pick([text, () => JSON.stringify(spoilt(record())), () => JSON.stringify(value())])());
  const changes = pick([{}, {}, { logGroup: text(), logStream: text(), owner: text() }, spoilt({ logEvents: lines, owner: "1" })]);
  return input(batch(lines, changes));
}

/** What a rule sends with `via: lambda`: an event of any shape, and the constants of a blueprint, sometimes spoilt. */
export function alertInput(seed) {
  const random = generator(seed);
  const { pick, value, spoilt } = random;
  const severity = pick(["critical", "high", "medium", "low", "info", "x"]);
  const trailbell = { title: "T", severity, blueprint: "b", description: "d", message: message(random) };
  const one = pick([event, () => spoilt(event(spoilt(record()))), () => event(spoilt(record())), value])();
  return { trailbell: pick([trailbell, trailbell, trailbell, spoilt(trailbell)]), event: one };
}

/** What nobody sends. */
export function garbage(seed) {
  const { pick, value, text } = generator(seed);
  return pick([
    value, () => ({ awslogs: value() }), () => ({ awslogs: { data: text() } }), () => input(value()),
    () => input(Buffer.from(text())),
  ])();
}

/** What an author wrote: a sentence, or the text and the facts of a card, any of them sometimes of another shape. */
function message(random) {
  const { below, pick, text, value } = random;
  const facts = () => Array.from({ length: pick([0, 1, 3, 20, 200]) }, () => [text(), parts(random)]);
  const whole = pick([
    () => ({ sentence: parts(random) }),
    () => ({ text: parts(random), facts: facts() }),
    () => ({ facts: facts() }),
    () => ({}),
  ])();
  return below(8) === 0 ? { ...whole, [pick(["sentence", "text", "facts"])]: value() } : whole;
}

function parts(random) {
  const { below, pick, text, value } = random;
  // A whole input transformer has at most 8,192 characters.
  const words = () => text().slice(0, pick([20, 100, 100, 8_000]));
  const one = () => pick([words, () => ({ value: path(random) }), () => ({ value: path(random) })])();
  const list = Array.from({ length: pick([0, 1, 2, 5, 5, 5, 60]) }, one);
  return below(12) === 0 ? pick([value(), [...list, value(), { value: value() }]]) : list;
}

const PATHS = [
  [], ["detail"], ["account"], ["resources", 0], ["detail", "eventName"], ["detail", "userAgent"], ["detail", "errorMessage"],
  ["detail", "userIdentity"], ["detail", "userIdentity", "arn"], ["detail", "requestParameters"], ["detail", "nowhere"],
  ["detail", "requestParameters", "name"], ["detail", "eventName", "length"], ["detail", "requestParameters", 0],
];

function path({ below, pick, text }) {
  const wrong = () => [...pick(PATHS), pick([-1, 0.5, 1e9, "__proto__", "constructor", "toString", null, {}, text()])];
  return below(6) === 0 ? wrong() : pick(PATHS);
}

/** A seeded source of numbers: the same failures on every machine. (mulberry32) */
export function generator(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (most) => Math.floor(next() * most);
  const pick = (list) => list[below(list.length)];
  const text = () => Array.from({ length: below(5) }, () => pick(HOSTILE)).join(pick(["", " ", "x"])).repeat(pick([1, 1, 1, 1, 1, 2, 90, 1_000]));
  const value = (depth = 3) => {
    const kind = below(depth > 0 ? 9 : 6);
    if (kind < 4) return text();
    if (kind === 4) return pick([null, true, false, 0, -1.5, 1e300]);
    if (kind === 5) return pick([[], {}, ""]);
    if (kind < 8) return Object.fromEntries(Array.from({ length: below(4) }, () => [text().slice(0, 20), value(depth - 1)]));
    return Array.from({ length: below(4) }, () => value(depth - 1));
  };
  /** The object with some fields missing and some replaced by anything. */
  const spoilt = (object) =>
    Object.fromEntries(
      Object.entries(object).flatMap(([key, old]) => {
        const fate = below(6);
        if (fate === 0) return [];
        if (fate === 1) return [[key, value()]];
        if (fate === 2) return [[key, text()]];
        return [[key, old && typeof old === "object" && !Array.isArray(old) ? spoilt(old) : old]];
      }),
    );
  return { below, pick, text, value, spoilt };
}
