// Runs a function's handler offline: what it asks of AWS is written down, answered with success, and reaches nobody.
// Reads `{ main, input }` from standard input and writes `{ calls, log, result }` or `{ calls, log, error }`.

import dgram from "node:dgram";
import { createServer } from "node:http";
import { Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const { main, input } = JSON.parse(await text(process.stdin));
const [calls, log] = [[], []];
// What is shown of a log; Lambda keeps the rest.
const [LINES, LENGTH] = [1_000, 10_000];
let lines = 0;

const server = createServer(async (request, response) => {
  const body = await text(request);
  // The credential of a signature names region and service: KEY/DATE/REGION/SERVICE/aws4_request.
  const [, region, service] = /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization) ?? [];
  const operation = request.headers["x-amz-target"]?.split(".").at(-1) ?? `${request.method} ${request.url}`;
  const asked = parsed(body) ?? body;
  calls.push({ service, region, operation, input: asked });
  response.setHeader("content-type", "application/x-amz-json-1.1");
  response.end(JSON.stringify(answer(operation, asked)));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address();
// A handler's connections end here, not even at other ports of this machine. Node itself keeps it from files other than its
// own, from processes and from threads: see the flags that it is started with.
const connect = Socket.prototype.connect;
Socket.prototype.connect = function (...words) {
  const [options] = words.flat();
  const isOurs = Number(options?.port) === port && ["127.0.0.1", "localhost"].includes(options.host ?? "localhost");
  if (!isOurs) {
    const whom = [options?.host ?? options?.path ?? "an address", options?.port].filter(Boolean).join(":");
    throw new Error(`there is no network offline (${whom})`);
  }
  return connect.apply(this, words);
};
dgram.Socket.prototype.bind = dgram.Socket.prototype.connect = dgram.Socket.prototype.send = function () {
  throw new Error("there is no network offline (UDP)");
};
process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${port}`;
for (const name of ["log", "info", "warn", "error", "debug"]) {
  console[name] = (...words) => {
    lines += 1;
    if (lines <= LINES) log.push(words.map((word) => (typeof word === "string" ? word : json(word))).join(" ").slice(0, LENGTH));
  };
}

let outcome;
try {
  const { handler } = await import(pathToFileURL(join(process.cwd(), main)).href);
  outcome = { result: JSON.parse(JSON.stringify((await handler(input, {})) ?? null)) };
} catch (error) {
  const cause = error?.cause?.message ? ` (${error.cause.message})` : "";
  outcome = { error: `${error?.name ?? "Error"}: ${error?.message ?? error}${cause}` };
}
if (lines > LINES) log.push(`(and ${lines - LINES} more lines)`);
// The mark tells the answer from what a handler may have written.
process.stdout.write(`\u001e${JSON.stringify({ calls, log, ...outcome })}`, () => process.exit(0));

function answer(operation, asked) {
  if (operation !== "PutEvents") return {};
  const entries = asked.Entries ?? [];
  return { FailedEntryCount: 0, Entries: entries.map((_, at) => ({ EventId: String(at) })) };
}

/** The value of a text, or the text of a value; nothing where there is none. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function json(value) {
  try {
    return JSON.stringify(value);
  } catch {
    return String(value);
  }
}
