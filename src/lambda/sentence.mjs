// The event route with `message.via: lambda`, in the form `text`: one sentence of the author's, like the compiled ones.

import { filled } from "./parts.mjs";
import { block, run, section } from "./rich.mjs";
import { proseLiteral } from "./text.mjs";

const NOTIFICATION = 4_000;
// All blocks together may have 13,000 characters.
const SENTENCE = 10_000;

/** The message for an event. The block shows every character as it is; the text, for notifications, may be formatted. */
export function sentence({ trailbell, event }) {
  const parts = trailbell.message.sentence;
  return {
    text: filled(parts, event, NOTIFICATION, proseLiteral),
    blocks: [block([section([run(filled(parts, event, SENTENCE))])])],
  };
}
