// Ways to files that are not the handler's, tried by a handler. Each gives back something true when it got there.

import { Buffer } from "node:buffer";
import fs from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import v8 from "node:v8";

const is = (text) => String(text).includes("canary");
const binding = (name) => process.binding(name);
const here = process.cwd();
const around = (it) => join(here, "x").slice(0, -1) + relative(here, it.canary);

export const escapes = {
  "read": (it) => is(fs.readFileSync(it.canary)),
  "read-promise": async (it) => is(await fs.promises.readFile(it.canary)),
  "read-callback": (it) => new Promise((yes) => fs.readFile(it.canary, (_, text) => yes(is(text)))),
  "read-stream": async (it) => is(await fs.createReadStream(it.canary).toArray()),
  "read-blob": async (it) => is(await (await fs.openAsBlob(it.canary)).text()),
  "read-as-module": async (it) => is((await import(pathToFileURL(it.module).href)).default),
  "read-as-require": (it) => is(createRequire(import.meta.url)(it.json).text),
  "read-around": (it) => is(fs.readFileSync(around(it))),
  "read-by-buffer": (it) => is(fs.readFileSync(Buffer.from(around(it)))),
  "read-by-bytes": (it) => is(fs.readFileSync(new Uint8Array(Buffer.from(around(it))))),
  "read-by-url": (it) => is(fs.readFileSync(pathToFileURL(it.canary))),
  "read-by-root": (it) => is(fs.readFileSync(`/proc/self/root${it.canary}`)),
  "read-by-directory": (it) => is(fs.readFileSync(`/proc/self/cwd/${relative(here, it.canary)}`)),
  "read-by-link": (it) => (fs.symlinkSync(it.canary, join(it.folder, "link")), is(fs.readFileSync(join(it.folder, "link")))),
  "handle-read": (it) => {
    const file = binding("fs").open(it.canary, 0, 0o666);
    return typeof file === "number" && file > 2 && is(fs.readFileSync(file));
  },
  "list": (it) => fs.readdirSync(dirname(it.canary)).length > 0,
  "list-home": (it) => fs.opendirSync(it.folder).readSync() !== undefined,
  "watch": (it) => (fs.watch(it.folder).close(), true),
  "wasi": async (it) => {
    process.removeAllListeners("warning");
    const { WASI } = await import("node:wasi");
    const wasi = new WASI({ version: "preview1", preopens: { "/out": dirname(it.canary) } });
    // A module that exports `memory` and an empty `_initialize`.
    const bytes = "0061736d01000000010401600000030201000503010001071802066d656d6f727902000b5f696e697469616c697a6500000a040102000b";
    const module = await WebAssembly.compile(Buffer.from(bytes, "hex"));
    const instance = await WebAssembly.instantiate(module, {});
    wasi.initialize(instance);
    const name = Buffer.from("canary");
    Buffer.from(instance.exports.memory.buffer).set(name, 100);
    const rights = 2n;
    return wasi.wasiImport.path_open(3, 0, 100, name.length, 0, rights, 0n, 0, 200) === 0;
  },
  "environment-of-trailbell": (it) => is(fs.readFileSync(`/proc/${it.parent ? process.ppid : it.victim}/environ`)),
  "command-of-trailbell": () => fs.readFileSync(`/proc/${process.ppid}/cmdline`).length > 0,
  "memory-map-of-another": (it) => fs.readFileSync(`/proc/${it.victim}/maps`).length > 0,
  "status-of-another": (it) => fs.readFileSync(`/proc/${it.victim}/status`).length > 0,
  "own-memory": () => fs.openSync("/proc/self/mem", "r+") > 2,
  "inherited-file": (it) => {
    const text = Buffer.alloc(20);
    fs.readSync(it.file, text, 0, 20, 0);
    return is(text);
  },
  "inherited-file-by-path": (it) => is(fs.readFileSync(`/proc/self/fd/${it.file}`)),
  "passwords": () => fs.readFileSync("/etc/passwd").length > 0,
  "write": (it) => (fs.writeFileSync(join(it.folder, "new"), "x"), fs.existsSync(join(it.folder, "new"))),
  "write-here": () => (fs.writeFileSync(join(here, "new"), "x"), true),
  "write-over": (it) => (fs.appendFileSync(it.prey, "x"), true),
  "shorten": (it) => (fs.truncateSync(it.prey), true),
  "delete": (it) => (fs.unlinkSync(it.prey), true),
  "rename": (it) => (fs.renameSync(it.prey, `${it.prey}.new`), true),
  "copy": (it) => (fs.copyFileSync(it.prey, join(it.folder, "copy")), true),
  "copy-tree": (it) => (fs.cpSync(it.prey, join(it.folder, "tree")), true),
  "hard-link": (it) => (fs.linkSync(it.prey, join(it.folder, "hard")), true),
  "mode": (it) => (fs.chmodSync(it.prey, 0o666), true),
  "times": (it) => (fs.utimesSync(it.prey, 1, 1), true),
  "folder": (it) => (fs.mkdirSync(join(it.folder, "made")), true),
  "folder-temporary": (it) => fs.mkdtempSync(join(it.folder, "made-")).length > 0,
  "report": (it) => {
    process.report.directory = it.folder;
    process.report.writeReport("report.json");
    return fs.existsSync(join(it.folder, "report.json"));
  },
  "heap-snapshot": (it) => Boolean(v8.writeHeapSnapshot(join(it.folder, "heap"))),
  "database": async (it) => {
    const sqlite = await import("node:sqlite").catch(() => undefined);
    if (!sqlite) return "absent";
    new sqlite.DatabaseSync(join(it.folder, "database")).exec("create table t (x)");
    return true;
  },
};
