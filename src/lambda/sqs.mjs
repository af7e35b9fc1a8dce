// Calls to SQS, which speaks JSON 1.0; the other services that functions call speak 1.1 (`aws`, which also signs these).
//
// Which queue is called decides `stack`, never an input: a request carries a signature, and must not go to another host.

import { pause, sign } from "./aws.mjs";
import { stack } from "./stack.mjs";

const RETRIES = 3;
const PATIENCE_MS = 8_000;
const NAME = /^[A-Za-z0-9_-]{1,80}$/;

/** What SQS answers to an operation on the queue of this name. Throws when it refuses, or cannot be reached several times. */
export async function call(operation, queue, body) {
  if (typeof queue !== "string" || !NAME.test(queue)) throw new Error("the name of the queue is not one");
  const url = new URL(queue, stack().queues);
  for (let attempt = 0; ; attempt++) {
    const { error, answer } = await once(operation, JSON.stringify({ ...body, QueueUrl: url.href }), url);
    if (!error) return answer;
    if (!error.transient || attempt === RETRIES) throw error;
    await pause(attempt);
  }
}

async function once(operation, body, queue) {
  const region = process.env.AWS_REGION;
  const url = new URL("/", process.env.AWS_ENDPOINT_URL || queue);
  const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${operation}` };
  const signed = sign({ method: "POST", url, headers, body }, { service: "sqs", region });
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(url, { method: "POST", headers: signed, body, signal, redirect: "error" });
    const text = await response.text();
    return response.ok ? { answer: JSON.parse(text || "{}") } : { error: refusal(operation, response.status, text) };
  } catch (cause) {
    return { error: failure(operation, cause.cause?.code ?? cause.name, true) };
  }
}

/** Only the code of what AWS says: the rest repeats the signed headers, the session token among them. */
function refusal(operation, status, text) {
  const [, code] = /"__type"\s*:\s*"(?:[^"#]*#)?([A-Za-z0-9.]{1,100})"/.exec(text) ?? [];
  const transient = status >= 500 || status === 429 || /Throttl|TooManyRequests|OverLimit/.test(code ?? "");
  return failure(operation, code ?? `Http${status}`, transient);
}

const failure = (operation, code, transient) => Object.assign(new Error(`${operation}: ${code}`), { code, transient });
