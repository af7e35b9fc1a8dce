// The facts of a card, each on a line of its own: those that every card shows, then those that its author asked for.

import { LONGEST, filled, isWritten } from "./parts.mjs";
import { call, outcome, who } from "./record.mjs";
import { bold, run } from "./rich.mjs";
import { authored, length, plain, word } from "./text.mjs";

const LABEL = 100;
const OWN = 300;
// For all of the author's facts together.
const AUTHORED = 3_400;
const NOTE = 40;

/** What every card shows of an event, as far as it has it. */
export function ownFacts(event, record, where) {
  const facts = record
    ? [["Call", called(record)], ["Outcome", outcome(record)], ["Who", who(record)], ["From", record.sourceIPAddress]]
    : [["Event", event?.["detail-type"]], ["Source", event?.source]];
  facts.push(["Where", `account ${where}`], ["When", record?.eventTime ?? event?.time]);
  const texts = facts.map(([label, value]) => [label, word(value)]).filter(([, text]) => text);
  return texts.flatMap(([label, text]) => fact(label, plain(text, OWN)));
}

function called(record) {
  const { name, source, insight } = call(record);
  return [[name, source].filter(Boolean).join(" of "), insight].filter(Boolean).join(": ");
}

/** The author's facts, each cut as little as lets all of them have room; when there are too many, how many are left out. */
export function authoredFacts(facts, event) {
  const list = Array.isArray(facts) ? facts : [];
  for (const longest of LONGEST) {
    const lines = fitting(list, event, longest, AUTHORED);
    if (lines.length === list.length) return lines.flat();
  }
  const lines = fitting(list, event, LONGEST.at(-1), AUTHORED - NOTE);
  return [...lines.flat(), run(`and ${count(list.length - lines.length)}\n`)];
}

/** The facts that find room in `most` characters, from the first on. */
function fitting(list, event, longest, most) {
  const lines = [];
  let room = most;
  for (const one of list) {
    const [label, parts] = Array.isArray(one) ? one : [one];
    const line = fact(authored(word(label) ?? "Fact", LABEL), words(parts, event, longest));
    room -= line.reduce((sum, { text }) => sum + length(text), 0);
    if (room < 0) break;
    lines.push(line);
  }
  return lines;
}

// A fact without words says that there is nothing, as one without a value does.
const words = (parts, event, most) => filled(isWritten(parts) ? parts : {}, event, most);
const fact = (label, text) => [bold(`${label}:`), run(` ${text}\n`)];
const count = (number) => `${number.toLocaleString("en-US")} more fact${number === 1 ? "" : "s"}`;
