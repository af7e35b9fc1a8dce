// Ways to other processes and other code, tried by a handler. Each gives back something true when it got there.

import { execFileSync, execSync, fork, spawn } from "node:child_process";
import cluster from "node:cluster";
import inspector from "node:inspector";
import { createRequire } from "node:module";
import os from "node:os";
import { Worker } from "node:worker_threads";

const happens = (emitter, name) =>
  new Promise((yes, no) => emitter.once(name, () => yes(true)).once("error", no));
const said = (worker) => new Promise((yes, no) => worker.once("message", yes).once("error", no));
const reads = (it) => `require("fs").readFileSync(${JSON.stringify(it.canary)}, "utf8")`;
const binding = (name) => process.binding(name);

export const escapes = {
  "exec": () => execSync("echo out").includes("out"),
  "exec-file": () => execFileSync("/bin/echo", ["out"]).includes("out"),
  "exec-node": (it) => execFileSync(process.execPath, ["-p", reads(it)]).includes("canary"),
  "spawn": () => happens(spawn("/bin/echo", ["out"]), "exit"),
  "spawn-detached": () => happens(spawn("/bin/sleep", ["0"], { detached: true, stdio: "ignore" }), "exit"),
  "fork": (it) => happens(fork(it.script), "exit"),
  "cluster": (it) => {
    cluster.setupPrimary({ exec: it.script });
    return happens(cluster.fork(), "online");
  },
  "replace-this-process": () => {
    if (!process.execve) return "absent";
    process.execve("/bin/echo", ["echo", '{"escaped":true}'], {});
  },
  "handle-spawn": () => {
    const { spawn } = binding("spawn_sync");
    const stdio = [{ type: "pipe", readable: true, writable: false }];
    return spawn({ file: "/bin/echo", args: ["echo"], envPairs: [], stdio }).pid > 0;
  },
  "handle-process": () => {
    // Later ones take other arguments, and end when these are wrong.
    if (Number.parseInt(process.versions.node, 10) >= 24) return "absent";
    const { Process } = binding("process_wrap");
    return new Process().spawn({ file: "/bin/echo", args: ["echo"], envPairs: [], stdio: [{ type: "ignore" }] }) === 0;
  },
  "kill": (it) => process.kill(it.victim, "SIGKILL"),
  "kill-group": (it) => process.kill(-it.victim, "SIGKILL"),
  "stop": (it) => process.kill(it.victim, "SIGSTOP"),
  "ask-whether-alive": (it) => process.kill(it.victim, 0),
  "kill-raw": (it) => process._kill(it.victim, 9) === 0,
  "kill-trailbell": (it) => process.kill(it.parent ? process.ppid : it.victim, "SIGTERM"),
  "debug-another": (it) => (process._debugProcess(it.victim), true),
  "priority-of-another": (it) => (os.setPriority(it.victim, 10), os.getPriority(it.victim) === 10),
  "worker": async (it) =>
    said(new Worker(`require("worker_threads").parentPort.postMessage(${reads(it)})`, { eval: true })),
  "worker-without-flags": async (it) =>
    said(new Worker(`require("worker_threads").parentPort.postMessage(${reads(it)})`, { eval: true, execArgv: [] })),
  "worker-kills": async (it) =>
    said(new Worker(`require("worker_threads").parentPort.postMessage(process.kill(${it.victim}, 9))`, { eval: true })),
  "inspector-session": (it) => {
    const session = new inspector.Session();
    session.connect();
    const expression = `process.mainModule?.require ?? 1; process.getBuiltinModule?.("fs").readFileSync(${JSON.stringify(it.canary)}, "utf8")`;
    if (!process.getBuiltinModule) return "absent";
    return new Promise((yes) =>
      session.post("Runtime.evaluate", { expression }, (_, done) => yes(done?.result?.value?.includes("canary"))),
    );
  },
  // An addon of Node's own kind is not needed: that the library was loaded is the way out.
  "native-library": (it) => {
    try {
      process.dlopen({ exports: {} }, it.library);
    } catch (error) {
      return /self-register/.test(error.message);
    }
  },
  "native-addon": (it) => {
    try {
      createRequire(import.meta.url)(it.addon);
    } catch (error) {
      // It is no library, and the loader has looked at it.
      return /file too short|invalid ELF header/.test(error.message);
    }
  },
};
