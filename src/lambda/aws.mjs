// Calls to AWS services that speak JSON 1.1, signed by hand: the handlers stay a few readable files without any
// dependency, and run the same wherever Node runs.

import { createHash, createHmac } from "node:crypto";

const RETRIES = 3;
const PATIENCE_MS = 4_000;
const TRANSIENT = /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|InternalFailure|ServiceUnavailable/;

// Source: partitions.json of botocore 1.44.5.
const DOMAINS = [
  [/^cn-/, "amazonaws.com.cn"],
  [/^eusc-/, "amazonaws.eu"],
  [/^us-iso-/, "c2s.ic.gov"],
  [/^us-isob-/, "sc2s.sgov.gov"],
  [/^us-isof-/, "csp.hci.ic.gov"],
  [/^eu-isoe-/, "cloud.adc-e.uk"],
];

/** What AWS answers to `body`. Throws an error with a `code` when it refuses, or cannot be reached several times. */
export async function call(service, target, body, { region = process.env.AWS_REGION } = {}) {
  for (let attempt = 0; ; attempt++) {
    const { error, answer } = await once(service, target, JSON.stringify(body), region);
    if (!error) return answer;
    if (!error.transient || attempt === RETRIES) throw error;
    await pause(attempt);
  }
}

/** Waits before the next try, longer each time, and never as long as others that failed at the same moment. */
export const pause = (attempt) =>
  new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt * (0.5 + Math.random())));

async function once(service, target, body, region) {
  const url = endpoint(service, region);
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
  const signed = sign({ method: "POST", url, headers, body }, { service, region });
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(url, { method: "POST", headers: signed, body, signal, redirect: "error" });
    const text = await response.text();
    return response.ok ? { answer: JSON.parse(text || "{}") } : { error: refusal(target, response, text) };
  } catch (cause) {
    return { error: failure(target, cause.cause?.code ?? cause.name, cause.message, true) };
  }
}

function endpoint(service, region) {
  // A region may come from an event, and must not be able to choose the host.
  if (!/^[a-z]{2,4}(-[a-z]+)+-\d+$/.test(region)) throw failure(service, "InvalidRegion", String(region), false);
  const domain = DOMAINS.find(([prefix]) => prefix.test(region))?.[1] ?? "amazonaws.com";
  return new URL(process.env.AWS_ENDPOINT_URL || `https://${service}.${region}.${domain}`);
}

function refusal(target, { status, headers }, text) {
  let body = {};
  try { body = JSON.parse(text) ?? {}; } catch { /* proxies answer HTML */ }
  const type = headers.get("x-amzn-errortype") ?? body.__type ?? `Http${status}`;
  const code = String(type).split(":")[0].split("#").at(-1);
  return failure(target, code, body.message ?? body.Message ?? "", status >= 500 || status === 429 || TRANSIENT.test(code));
}

function failure(target, code, message, transient) {
  // AWS repeats the signed headers, the session token among them, when it refuses a signature.
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  const secrets = [AWS_SESSION_TOKEN, AWS_SECRET_ACCESS_KEY, AWS_ACCESS_KEY_ID].filter(Boolean);
  const safe = secrets.reduce((text, secret) => text.replaceAll(secret, "***"), String(message)).slice(0, 300);
  return Object.assign(new Error(`${target.split(".").at(-1)}: ${code}: ${safe}`), { code, transient });
}

/** The headers of a request, signed with Signature Version 4. The address has no query; its host is signed, too. */
export function sign({ method, url, headers, body }, { service, region, env = process.env, now = new Date() }) {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const token = env.AWS_SESSION_TOKEN ? { "x-amz-security-token": env.AWS_SESSION_TOKEN } : {};
  const signed = { ...headers, ...token, host: url.host, "x-amz-date": time };
  const all = Object.entries(signed).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = all.map(([name]) => name).join(";");
  const lines = all.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, " ")}\n`).join("");
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const request = [method, url.pathname, "", lines, names, sha256(body)].join("\n");
  const key = scope.split("/").reduce(hmac, `AWS4${env.AWS_SECRET_ACCESS_KEY}`);
  const signature = hmac(key, ["AWS4-HMAC-SHA256", time, scope, sha256(request)].join("\n")).toString("hex");
  const credential = `Credential=${env.AWS_ACCESS_KEY_ID}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...headers, ...token, "x-amz-date": time, authorization: `AWS4-HMAC-SHA256 ${credential}` };
}

const hmac = (key, text) => createHmac("sha256", key).update(text).digest();
const sha256 = (text) => createHash("sha256").update(text).digest("hex");
