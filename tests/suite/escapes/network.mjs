// Ways to the network, tried by a handler. Each gives back something true when it got there.

import { Buffer } from "node:buffer";
import dgram from "node:dgram";
import diagnostics from "node:diagnostics_channel";
import dns from "node:dns";
import { existsSync, readSync, writeSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import inspector from "node:inspector";
import net from "node:net";
import tls from "node:tls";

const HOST = "127.0.0.1";
/** Whether something says that it happened. */
const happens = (emitter, name) =>
  new Promise((yes, no) => emitter.once(name, () => yes(true)).once("error", no));
const binding = (name) => process.binding(name);
const listens = async (server, ...words) => happens(server.listen(...words), "listening");
/** A DNS server that answers was reached, even if it knows nothing. */
const answered = (error) => !error || error.code === "ENODATA";
const asked = (ask) => new Promise((yes) => ask((error) => yes(answered(error))));
const resolver = (it, Kind = dns.Resolver) => {
  const one = new Kind({ timeout: 500, tries: 1 });
  one.setServers([`${HOST}:${it.udp}`]);
  return one;
};

export const escapes = {
  "tcp": (it) => happens(net.connect(it.tcp, HOST), "data"),
  "tcp-by-name": (it) => happens(net.createConnection({ port: it.tcp, host: "localhost" }), "connect"),
  "tcp-new-socket": (it) => happens(new net.Socket().connect(it.tcp, HOST), "connect"),
  "tcp-from-prototype": (it) =>
    happens(Object.getPrototypeOf(tls.TLSSocket.prototype).connect.call(new net.Socket(), it.tcp, HOST), "connect"),
  "fetch": async (it) => (await fetch(`http://${HOST}:${it.tcp}`)).ok,
  "http": (it) => happens(http.get({ port: it.tcp, host: HOST }), "response"),
  "http-own-agent": (it) => happens(http.get({ port: it.tcp, host: HOST, agent: new http.Agent() }), "response"),
  "https": async (it) => {
    const request = https.get({ port: it.tcp, host: HOST });
    const socket = await new Promise((yes, no) => request.once("socket", yes).once("error", no));
    request.on("error", () => undefined);
    return happens(socket, "connect");
  },
  "http2": (it) => happens(http2.connect(`http://${HOST}:${it.tcp}`).on("error", () => undefined), "connect"),
  "tls": (it) => happens(tls.connect(it.tcp, HOST).on("error", () => undefined), "connect"),
  "websocket": (it) => {
    if (typeof WebSocket === "undefined") return "absent";
    new WebSocket(`ws://${HOST}:${it.tcp}`).onerror = () => undefined;
    // The server speaks no WebSocket, so it is enough that it was reached.
    return new Promise((yes) => diagnostics.subscribe("undici:client:connected", () => yes(true)));
  },
  "tcp-server": () => listens(net.createServer(), 0, HOST),
  "http-server": () => listens(http.createServer(), 0),
  "http2-server": () => listens(http2.createServer(), 0, HOST),
  "tls-server": () => listens(tls.createServer(), 0, HOST),
  "udp": (it) => new Promise((yes) => dgram.createSocket("udp4").send("x", it.udp, HOST, (error) => yes(!error))),
  "udp-server": () => new Promise((yes, no) => dgram.createSocket("udp4").on("error", no).bind(0, HOST, () => yes(true))),
  "udp6-server": () => new Promise((yes, no) => dgram.createSocket("udp6").on("error", no).bind(0, () => yes(true))),
  "dns-lookup": async () => (await dns.promises.lookup("localhost")).address,
  "dns-resolve": (it) => asked((done) => resolver(it).resolve4("example.com", done)),
  "dns-resolve-text": (it) => asked((done) => resolver(it).resolveTxt("secret.example.com", done)),
  "dns-promises": (it) =>
    resolver(it, dns.promises.Resolver).resolve4("example.com").then(() => true, answered),
  "unix": (it) => happens(net.connect(it.unix), "connect"),
  "unix-server": (it) => listens(net.createServer(), `${it.folder}/server.sock`),
  "unix-abstract": (it) => happens(net.connect(`\0${it.abstract}`), "connect"),
  "unix-abstract-server": () => listens(net.createServer(), `\0trailbell-test-${process.pid}`),
  // A pipe's native handle is of the same class as a socket's.
  "handle-of-output": (it) => {
    const Pipe = process.stdout._handle.constructor;
    const path = `${it.folder}/handle.sock`;
    const pipe = new Pipe(1);
    return pipe.bind(path) === 0 && pipe.listen(1) === 0 && existsSync(path);
  },
  "handle-tcp": (it) => {
    const { TCP, TCPConnectWrap } = binding("tcp_wrap");
    const handle = new TCP(0);
    return new Promise((yes, no) => {
      const request = new TCPConnectWrap();
      request.oncomplete = (status) => (status === 0 ? yes(true) : no(new Error(String(status))));
      const status = handle.connect(request, HOST, it.tcp);
      if (status !== 0) no(new Error(String(status)));
    });
  },
  "handle-tcp-server": () => {
    const { TCP } = binding("tcp_wrap");
    const handle = new TCP(1);
    return handle.bind(HOST, 0) === 0 && handle.listen(1) === 0;
  },
  "handle-pipe": (it) => {
    const { Pipe, PipeConnectWrap } = binding("pipe_wrap");
    return new Promise((yes, no) => {
      const request = new PipeConnectWrap();
      request.oncomplete = (status) => (status === 0 ? yes(true) : no(new Error(String(status))));
      const status = new Pipe(0).connect(request, it.unix);
      if (status) no(new Error(String(status)));
    });
  },
  "handle-udp": () => {
    const { UDP } = binding("udp_wrap");
    return new UDP().bind(HOST, 0, 0) === 0;
  },
  "handle-names": () => {
    const { getaddrinfo, GetAddrInfoReqWrap } = binding("cares_wrap");
    return new Promise((yes, no) => {
      const request = new GetAddrInfoReqWrap();
      request.oncomplete = (error) => (error ? no(new Error(String(error))) : yes(true));
      const error = getaddrinfo(request, "localhost", 4, 0, 0);
      if (error) no(new Error(String(error)));
    });
  },
  "debugger": () => {
    inspector.open(0, HOST);
    return Boolean(inspector.url());
  },
  "debugger-by-signal": async () => {
    process.debugPort = 0;
    process.kill(process.pid, "SIGUSR1");
    for (let at = 0; at < 20 && !inspector.url(); at++) await new Promise((later) => setTimeout(later, 50));
    return Boolean(inspector.url());
  },
  "inherited-socket": (it) => {
    writeSync(it.socket, "x");
    return readSync(it.socket, Buffer.alloc(10), 0, 10, null) > 0;
  },
  "inherited-socket-by-handle": (it) => happens(new net.Socket({ fd: it.socket }).resume(), "data"),
};
