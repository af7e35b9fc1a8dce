// Messages for other judges: `node tests/functions/tools/messages.mjs SEED COUNT` prints as many bodies, one a line, as the
// notifier makes them of random and hostile log batches and events. The same seed prints the same lines.

import { messagesOf } from "../../../src/lambda/notifier.mjs";
import { FUNCTION } from "../support/inputs.mjs";
import { alertInput, garbage, logInput } from "../support/random.mjs";

const INPUTS = [logInput, alertInput, logInput, alertInput, logInput, alertInput, alertInput, garbage];

function main([seed, count]) {
  if (![seed, count].every((text) => /^\d{1,9}$/.test(text))) throw new Error("usage: messages.mjs SEED COUNT");
  // What the messages depend on beside their input.
  Object.assign(process.env, { AWS_REGION: "us-east-1", AWS_LAMBDA_FUNCTION_NAME: FUNCTION });
  // The notifier's own log lines are not asked for.
  console.log = () => {};
  let left = Number(count);
  for (let at = 0; left > 0; at++) {
    const messages = messagesOf(INPUTS[at % INPUTS.length](Number(seed) * 1_000_003 + at)).slice(0, left);
    for (const message of messages) process.stdout.write(`${JSON.stringify(message)}\n`);
    left -= messages.length;
  }
}

main(process.argv.slice(2));
