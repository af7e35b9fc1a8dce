// Runs a function's handler offline: what it asks of AWS is written down, answered with success, and reaches nobody.
// Reads `{ main, input }` from standard input and writes `{ calls, log, result }` or `{ calls, log, error }`.

import dgram from "node:dgram";
import http from "node:http";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const { main, input } = JSON.parse(await text(process.stdin));
const [calls, log] = [[], []];
// What is shown of a log; Lambda keeps the rest.
const [LINES, LENGTH] = [1_000, 10_000];
let lines = 0;

const server = http.createServer(async (request, response) => {
  const body = await text(request);
  // The credential of a signature names region and service: KEY/DATE/REGION/SERVICE/aws4_request.
  const [, region, service] = /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization) ?? [];
  const operation = request.headers["x-amz-target"]?.split(".").at(-1) ?? `${request.method} ${request.url}`;
  const asked = parsed(body) ?? body;
  calls.push({ service, region, operation, input: asked });
  response.setHeader("content-type", "application/x-amz-json-1.1");
  response.end(JSON.stringify(answer(operation, asked)));
});
// A handler's calls of AWS reach the server within this process, so it needs no socket, and is allowed none: what keeps it
// from the network, from files, processes and threads is around Node (`contain`) and in the flags that it is started with. The
// errors here only say it in plain words.
const HOST = "aws.offline";
const connect = (...words) => {
  const [options] = words.flat();
  if (options?.host !== HOST) {
    const whom = [options?.host ?? options?.path ?? "an address", options?.port].filter(Boolean).join(":");
    throw new Error(`there is no network offline (${whom})`);
  }
  const [here, there] = line();
  server.emit("connection", there);
  process.nextTick(() => here.emit("connect"));
  return here;
};
net.connect = net.createConnection = http.Agent.prototype.createConnection = connect;
net.Socket.prototype.connect = connect;
dgram.Socket.prototype.bind = dgram.Socket.prototype.connect = dgram.Socket.prototype.send = function () {
  throw new Error("there is no network offline (UDP)");
};
syncBuiltinESMExports();
process.env.AWS_ENDPOINT_URL = `http://${HOST}`;
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

/** Two ends of a line: what is written to one is read from the other. They take what is asked of sockets. */
function line() {
  const ends = [0, 1].map((at) => {
    const give = (chunk) => !ends[1 - at].readableEnded && !ends[1 - at].destroyed && ends[1 - at].push(chunk);
    const end = new Duplex({
      read() {},
      write: (chunk, _, done) => done(void give(chunk)),
      final: (done) => done(void give(null)),
    });
    const same = () => end;
    return Object.assign(end, { setNoDelay: same, setKeepAlive: same, setTimeout: same, ref: same, unref: same });
  });
  return ends;
}

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
