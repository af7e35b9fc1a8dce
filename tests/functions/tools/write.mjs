// Messages for given inputs: reads one input of the notifier a line, prints the list of its messages, a line each.

import { createInterface } from "node:readline";
import { messagesOf } from "../../../src/lambda/notifier.mjs";

Object.assign(process.env, { AWS_REGION: "us-east-1", AWS_LAMBDA_FUNCTION_NAME: "trailbell-sec_notifier_function" });
// The notifier's own log lines are not asked for.
console.log = () => {};
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(messagesOf(JSON.parse(line)))}\n`);
}
