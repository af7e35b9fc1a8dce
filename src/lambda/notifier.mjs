// The notifier: log events of a subscription filter, or an event of a rule, become messages on the stack's own event bus,
// where its relay rule picks them up. It knows no secret.
//
// Neighbours: `logs`, `card` and `sentence` write the messages, `record` knows CloudTrail, `text` makes values safe to show.

import { post } from "./bus.mjs";
import { card } from "./card.mjs";
import { Unreadable, decoded, logMessages } from "./logs.mjs";
import { isWritten } from "./parts.mjs";
import { isOwnRefusal, isRecord } from "./record.mjs";
import { stack } from "./stack.mjs";
import { sentence } from "./sentence.mjs";
import { literal } from "./text.mjs";

export const handler = async (event) => {
  const parts = partsOf(event);
  for (const { messages, to } of parts) {
    if (messages.length > 0) await post(messages, to);
  }
  // Lambda keeps this for nobody when logs or a rule call; `verify` calls itself, and shows it.
  return { messages: parts.flatMap(({ messages }) => messages) };
};

/** The messages for whatever came in. */
export const messagesOf = (event) => partsOf(event).flatMap(({ messages }) => messages);

/**
 * The messages for whatever came in, by the names of the destinations that they go to, as far as anyone says. What cannot be read
 * becomes a message, too: silence would look like peace.
 */
function partsOf(event) {
  try {
    if (event?.awslogs !== undefined) return logMessages(event.awslogs, stack());
    if (event?.trailbell !== undefined) return [{ messages: alerts(event), to: event.trailbell.to }];
    throw new Unreadable("it is neither log events nor an event");
  } catch (error) {
    const reason = error instanceof Unreadable ? error.message : `of a mistake in trailbell, ${error.name}`;
    const bytes = typeof event?.awslogs?.data === "string" ? event.awslogs.data.length : undefined;
    const what = `${event?.awslogs === undefined ? "An event" : "A batch of log events"} could not be read`;
    console.log(JSON.stringify({ what, reason, bytes }));
    return [{ messages: [unreadable(what, reason)], to: event?.trailbell?.to ?? stack().routes?.[filterOf(event)] }];
  }
}

/** The message for an event: a sentence where the author wrote one, else a card. */
function alerts(input) {
  const { trailbell, event } = input;
  if (isRecord(event?.detail) && isOwnRefusal(event.detail)) {
    console.log(JSON.stringify({ what: "own refused calls left out", count: 1 }));
    return [];
  }
  return [isWritten(trailbell?.message?.sentence) ? sentence(input) : card(input)];
}

function unreadable(what, reason) {
  const by = [process.env.AWS_LAMBDA_FUNCTION_NAME, process.env.AWS_REGION].filter(Boolean).join(", ");
  const text = literal(`${what}, because ${reason}${by && ` (${by})`}`, 1_000);
  return {
    text,
    blocks: [
      { type: "header", text: { type: "plain_text", text: ":warning: Alert from trailbell" } },
      { type: "section", text: { type: "mrkdwn", text } },
    ],
  };
}

/** The name of the filter that log events passed; nothing for anything else. */
function filterOf(event) {
  if (event?.awslogs === undefined) return undefined;
  try {
    return decoded(event.awslogs.data).subscriptionFilters?.[0];
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}
