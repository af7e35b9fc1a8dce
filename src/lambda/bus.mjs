// Puts messages on the stack's own event bus, where its relay rules pick them up. Users: `notifier`, `digest`.

import { call, pause } from "./aws.mjs";
import { stack } from "./stack.mjs";

const TRIES = 3;
// PutEvents takes ten entries at once.
const ENTRIES = 10;

/**
 * Puts each message on the bus for each destination of these names. Throws when some stay refused: Lambda then tries again, and in
 * the end keeps the event.
 */
export async function post(messages, names) {
  const { bus, source } = stack();
  if (!bus || !source) throw new Error("the event bus or the source of the stack is not known");
  const details = destinationsOf(names).flatMap(({ to, channel }) =>
    messages.map((message) => ({ ...(to && { to }), message: channel ? { channel, ...message } : message })));
  for (let at = 0; at < details.length; at += ENTRIES) await put(details.slice(at, at + ENTRIES), { bus, source });
}

/**
 * The destinations of these names, each with its channel where a bot posts there. A stack whose only destination has no name has one
 * without. What no one says where it belongs goes to the first one: silence would look like peace.
 */
function destinationsOf(names) {
  const { channel, destinations = [] } = stack();
  if (destinations.length === 0) return [{ channel }];
  const all = destinations.map(([to, channel]) => ({ to, channel }));
  const named = all.filter(({ to }) => Array.isArray(names) && names.includes(to));
  return named.length > 0 ? named : all.slice(0, 1);
}

async function put(details, { bus, source }) {
  let waiting = details.map((detail) => ({
    EventBusName: bus,
    Source: source,
    DetailType: "trailbell message",
    Detail: JSON.stringify(detail),
  }));
  for (let attempt = 0; ; attempt++) {
    const { FailedEntryCount, Entries = [] } = await call("events", "AWSEvents.PutEvents", { Entries: waiting });
    if (!FailedEntryCount) return;
    const codes = Entries.map((entry) => entry.ErrorCode).filter(Boolean);
    if (attempt === TRIES - 1) throw new Error(`${FailedEntryCount} of ${details.length} messages were refused: ${codes}`);
    waiting = waiting.filter((_, at) => Entries[at]?.ErrorCode);
    await pause(attempt);
  }
}
