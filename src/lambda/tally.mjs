// Counts events: who made which call, in which account and region, and from when to when. However many events there are, what
// is kept of them is bounded.

import { account, call, isOwnRefusal, isRecord, outcome, who } from "./record.mjs";
import { plain, word } from "./text.mjs";

// So many different lines are told apart; events of further ones are in the number of events alone.
const MOST_LINES = 1_000;
const LINE = 300;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

/** An empty tally. */
export const tally = () => ({ events: 0, lines: new Map(), own: 0, first: undefined, last: undefined });

/** Counts one event, given as text or as a value; what cannot be read is counted, too. */
export function count(counts, given) {
  const event = typeof given === "string" ? parsed(given) : given;
  const record = isRecord(event?.detail) ? event.detail : undefined;
  if (record && isOwnRefusal(record)) {
    counts.own += 1;
    return;
  }
  counts.events += 1;
  const line = plain(told(event, record), LINE);
  if (counts.lines.has(line) || counts.lines.size < MOST_LINES) counts.lines.set(line, (counts.lines.get(line) ?? 0) + 1);
  const time = [record?.eventTime, event?.time].find((one) => typeof one === "string" && TIME.test(one));
  if (time === undefined) return;
  if (counts.first === undefined || time < counts.first) counts.first = time;
  if (counts.last === undefined || time > counts.last) counts.last = time;
}

/** The lines with their counts, the most frequent first. */
export const ranked = ({ lines }) => [...lines].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));

function told(event, record) {
  if (event === null || typeof event !== "object") return "an event that cannot be read";
  const id = word(event.account) ?? word(record?.recipientAccountId);
  const where = [id && `account ${account(id)}`, word(event.region)].filter(Boolean).join(", ");
  return [record ? called(record) : sent(event), where && `in ${where}`].filter(Boolean).join(" ");
}

function called(record) {
  const { name, source, insight } = call(record);
  const what = [[name, source].filter(Boolean).join(" of "), outcome(record), insight].filter(Boolean).join(": ");
  const by = who(record);
  return by ? `${what} by ${by}` : what;
}

const sent = (event) => [word(event["detail-type"]) ?? "an event", word(event.source)].filter(Boolean).join(" of ");

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
