// Batches as large as they are read, in the memory that the function has.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

const BATCH = 15e6;
const LINE = 250_000;
const NOTIFIER = new URL("../../src/lambda/notifier.mjs", import.meta.url);

/** What the function makes of 15 MB of this line, in a process with less memory than the function. */
function shown(line) {
  const script = `
    import { gzipSync } from "node:zlib";
    import { messagesOf } from ${JSON.stringify(NOTIFIER)};
    const logEvents = Array(${Math.floor(BATCH / LINE)}).fill({ message: ${line} });
    const batch = { messageType: "DATA_MESSAGE", logGroup: "g", logStream: "s", owner: "1", logEvents };
    console.log(messagesOf({ awslogs: { data: gzipSync(JSON.stringify(batch)).toString("base64") } })[0].text);`;
  const flags = ["--max-old-space-size=200", "--input-type=module", "--eval", script];
  return execFileSync(process.execPath, flags, { encoding: "utf8", env: {}, stdio: ["ignore", "pipe", "ignore"] }).trim();
}

const record = (more) => `'{"eventName":"A","eventSource":"b","x":' + ${more} + "}"`;
const lines = [
  ["deep records", record(`"[".repeat(${LINE / 2}) + "]".repeat(${LINE / 2})`)],
  ["wide records", record(`"[" + "{},".repeat(${LINE / 3}) + "1]"`)],
  ["text", `"\u0060\u202e<".repeat(${LINE / 5})`],
];
for (const [name, line] of lines) {
  test(`15 MB of ${name}`, () => assert.match(shown(line), /^60 log events in g \(1\)/));
}
