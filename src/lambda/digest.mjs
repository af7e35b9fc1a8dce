// The digest: called by a schedule, it counts the events in the queue of one alert and puts one message on the stack's own
// event bus. Events are removed from the queue only after the bus took the message: when it fails in between, they are counted
// again, and none is lost.
//
// Neighbors: `tally` counts, `summary` writes the message, `sqs` calls the queue, `bus` posts.

import { post } from "./bus.mjs";
import { call } from "./sqs.mjs";
import { summary } from "./summary.mjs";
import { count, tally } from "./tally.mjs";

// More than that waits for the next digest: the function has two minutes and little memory.
const MOST_EVENTS = 5_000;
const DRAINING_MS = 60_000;
const BATCH = 10;
// Longer than the function can run, so that no other run counts the same events.
const HIDDEN_SECONDS = 150;
// Long polling asks all servers of the queue: an empty answer means that it is empty.
const WAIT_SECONDS = 1;

/** `events` are counted in place of those in the queue, which stays as it is. */
export const handler = async ({ trailbell, events } = {}) => {
  if (Array.isArray(events)) {
    const counts = tally();
    events.forEach((event) => count(counts, event));
    return { messages: await told(trailbell, counts, false) };
  }
  const taken = new Map();
  try {
    const { counts, isEmpty } = await drained(trailbell?.queue, taken);
    const messages = await told(trailbell, counts, !isEmpty);
    await remove(trailbell?.queue, [...taken.values()]);
    return { messages };
  } catch (error) {
    await release(trailbell?.queue, [...taken.values()]);
    throw error;
  }
};

/** Takes what the queue holds, up to a limit of time and number; `taken` gets the receipts by the ids of messages. */
async function drained(queue, taken) {
  const counts = tally();
  const end = Date.now() + DRAINING_MS;
  while (taken.size < MOST_EVENTS && Date.now() < end) {
    const asked = { MaxNumberOfMessages: BATCH, VisibilityTimeout: HIDDEN_SECONDS, WaitTimeSeconds: WAIT_SECONDS };
    const messages = (await call("ReceiveMessage", queue, asked)).Messages ?? [];
    if (messages.length === 0) return { counts, isEmpty: true };
    for (const { MessageId: id, ReceiptHandle: receipt, Body: body } of messages) {
      // A standard queue may give the same message twice; the last receipt is the one that counts.
      if (!taken.has(id)) count(counts, body);
      taken.set(id, receipt);
    }
  }
  return { counts, isEmpty: false };
}

/** Puts the message on the bus, if there is something to say. */
async function told(trailbell, counts, isMore) {
  if (counts.own > 0) console.log(JSON.stringify({ what: "own refused calls left out", count: counts.own }));
  if (counts.events === 0) return [];
  const message = summary(trailbell, counts, isMore);
  await post([message], trailbell?.to);
  return [message];
}

/** Removes what was counted. What cannot be removed is counted again by the next digest, so it is an error. */
async function remove(queue, receipts) {
  const failed = await inBatches("DeleteMessageBatch", queue, receipts, {});
  if (failed > 0) throw new Error(`${failed} of ${receipts.length} events could not be removed and will be counted again`);
}

/** Lets the events be taken again at once. What cannot be released becomes visible by itself. */
async function release(queue, receipts) {
  try {
    await inBatches("ChangeMessageVisibilityBatch", queue, receipts, { VisibilityTimeout: 0 });
  } catch (error) {
    console.log(JSON.stringify({ what: "events stay hidden for a while", reason: error.message }));
  }
}

/** How many entries failed. */
async function inBatches(operation, queue, receipts, more) {
  let failed = 0;
  for (let at = 0; at < receipts.length; at += BATCH) {
    const entry = (ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle, ...more });
    const { Failed = [] } = await call(operation, queue, { Entries: receipts.slice(at, at + BATCH).map(entry) });
    failed += Failed.length;
  }
  return failed;
}
