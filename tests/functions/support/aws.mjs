// A small AWS on loopback: checks every signature by computing it anew, and answers as it is told to.

import { createHash, createHmac } from "node:crypto";
import { createServer } from "node:http";

export const KEYS = {
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "ASIAEXAMPLEACCESSKEY",
  AWS_SECRET_ACCESS_KEY: "example/secret+key",
  AWS_SESSION_TOKEN: "example-session-token==",
};

/**
 * Runs `work` with the environment of a function whose calls come here. `answers` are given one after the other, the last
 * one again and again; each is `{ status, body, headers, hang }`, or a function of the request's body and target.
 */
export async function withAws(answers, work, environment = {}) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const wrong = signatureProblem(request, body);
    requests.push({ target: request.headers["x-amz-target"], region: region(request), body: JSON.parse(body), wrong });
    const next = answers[Math.min(requests.length, answers.length) - 1];
    const answer = typeof next === "function" ? next(JSON.parse(body), request.headers["x-amz-target"]) : next;
    if (answer.hang) return request.socket.destroy();
    response.writeHead(answer.status ?? 200, answer.headers);
    return response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body ?? {}));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const all = { ...KEYS, AWS_ENDPOINT_URL: `http://127.0.0.1:${server.address().port}`, ...environment };
  const before = { ...process.env };
  Object.assign(process.env, all);
  try {
    return { result: await work(), requests };
  } catch (error) {
    return { error, requests };
  } finally {
    for (const key of Object.keys(all)) key in before ? (process.env[key] = before[key]) : delete process.env[key];
    server.closeAllConnections();
    server.close();
  }
}

/** What the structured log lines of `work` were. */
export async function logged(work) {
  const lines = [];
  const log = console.log;
  console.log = (line) => lines.push(line);
  try {
    return { value: await work(), lines };
  } finally {
    console.log = log;
  }
}

const region = (request) => /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization)?.[1];

function signatureProblem({ method, url, headers }, body) {
  const parts = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/[^/]+\/[^/]+\/aws4_request), SignedHeaders=([^,]+), Signature=(.+)$/
    .exec(headers.authorization);
  if (!parts) return "no signature";
  const [, key, scope, names, signature] = parts;
  if (key !== KEYS.AWS_ACCESS_KEY_ID) return "wrong key";
  for (const name of ["host", "x-amz-date", "x-amz-security-token", "x-amz-target"]) {
    if (!names.split(";").includes(name)) return `${name} is not signed`;
  }
  const age = Math.abs(Date.now() - Date.parse(headers["x-amz-date"].replace(/(....)(..)(..T..)(..)/, "$1-$2-$3:$4:")));
  if (!(age < 300_000)) return "too old";
  const lines = names.split(";").map((name) => `${name}:${headers[name]}\n`).join("");
  const request = [method, url, "", lines, names, sha256(body)].join("\n");
  const signing = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(request)].join("\n");
  let secret = `AWS4${KEYS.AWS_SECRET_ACCESS_KEY}`;
  for (const part of scope.split("/")) secret = createHmac("sha256", secret).update(part).digest();
  return createHmac("sha256", secret).update(signing).digest("hex") === signature ? undefined : "wrong signature";
}

const sha256 = (text) => createHash("sha256").update(text).digest("hex");
