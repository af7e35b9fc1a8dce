import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { call, sign } from "../../src/lambda/aws.mjs";
import { KEYS, withAws } from "./support/aws.mjs";

const TOKEN =
  "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

// AWS's Signature Version 4 test suite: name, method, headers, session token, signed headers, signature.
const SUITE = [
  ["get-vanilla", "GET", {}, "", "host;x-amz-date",
    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
  ["post-vanilla", "POST", {}, "", "host;x-amz-date",
    "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
  ["post-header-value-case", "POST", { "my-header1": "VALUE1" }, "", "host;my-header1;x-amz-date",
    "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"],
  ["get-header-value-trim", "GET", { "my-header1": " value1", "my-header2": ' "a   b   c"' }, "",
    "host;my-header1;my-header2;x-amz-date", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"],
  ["post-sts-header-before", "POST", {}, TOKEN, "host;x-amz-date;x-amz-security-token",
    "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"],
];

describe("Signature Version 4", () => {
  for (const [name, method, headers, token, names, signature] of SUITE) {
    test(name, () => {
      const env = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
      const signed = sign(
        { method, url: new URL("https://example.amazonaws.com/"), headers, body: "" },
        { service: "service", region: "us-east-1", env: { ...env, AWS_SESSION_TOKEN: token }, now: new Date("2015-08-30T12:36:00Z") },
      );
      assert.equal(
        signed.authorization,
        `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
      );
    });
  }
});

const ask = (options) => call("events", "AWSEvents.PutEvents", { Entries: ["\u00fc"] }, options);

test("a call is signed and answered", async () => {
  const { result, requests } = await withAws([{ body: { FailedEntryCount: 0 } }], () => ask());
  assert.deepEqual(result, { FailedEntryCount: 0 });
  assert.deepEqual(requests, [
    { target: "AWSEvents.PutEvents", region: "us-east-1", body: { Entries: ["\u00fc"] }, wrong: undefined },
  ]);
});

test("without a session token none is sent", async () => {
  const { requests } = await withAws([{}], () => ask(), { AWS_SESSION_TOKEN: "" });
  assert.equal(requests[0].wrong, "x-amz-security-token is not signed");
});

const passing = [
  ["500", { status: 500 }],
  ["503 in HTML", { status: 503, body: "<html>" }],
  ["429", { status: 429, body: { __type: "TooManyRequestsException" } }],
  ["400 throttled", { status: 400, body: { __type: "com.amazonaws.events#ThrottlingException" } }],
  ["a lost connection", { hang: true }],
  ["an answer that is not JSON", { body: "<html>" }],
];
for (const [name, answer] of passing) {
  test(`${name} is tried again`, async () => {
    const { result, requests } = await withAws([answer, answer, {}], () => ask());
    assert.deepEqual([result, requests.length], [{}, 3]);
  });
}

test("four times is enough", async () => {
  const { error, requests } = await withAws([{ status: 500, body: { __type: "InternalException" } }], () => ask());
  assert.deepEqual([error.code, requests.length], ["InternalException", 4]);
});

const refusals = [
  ["__type", { body: { __type: "a.b#AccessDeniedException", Message: "no" } }, "AccessDeniedException"],
  ["a header", { headers: { "x-amzn-errortype": "AccessDeniedException:http://internal/" } }, "AccessDeniedException"],
  ["nothing", { body: "<html>" }, "Http400"],
];
for (const [name, answer, code] of refusals) {
  test(`a refusal with ${name} is not tried again`, async () => {
    const { error, requests } = await withAws([{ status: 400, ...answer }], () => ask());
    assert.deepEqual([error.code, requests.length], [code, 1]);
    assert.match(error.message, new RegExp(`^PutEvents: ${code}: `));
  });
}

test("an error never repeats the credentials, even where AWS does", async () => {
  const message = `The canonical string should have been '${Object.values(KEYS).join("\n")}'`;
  const { error } = await withAws([{ status: 403, body: { __type: "InvalidSignatureException", message } }], () => ask());
  for (const secret of [KEYS.AWS_ACCESS_KEY_ID, KEYS.AWS_SECRET_ACCESS_KEY, KEYS.AWS_SESSION_TOKEN]) {
    assert.ok(!`${error.message}${error.stack}${JSON.stringify(error)}`.includes(secret));
  }
});

test("a region cannot choose the host", async () => {
  for (const region of ["evil.example/", "us-east-1.evil", "", undefined, "x@evil-1", "us-east-1\n"]) {
    const { error, requests } = await withAws([{}], () => call("cloudtrail", "a.B", {}, { region: region ?? "" }));
    assert.deepEqual([error?.code, requests.length], ["InvalidRegion", 0], String(region));
  }
});

test("each partition has its domain", async (t) => {
  delete process.env.AWS_ENDPOINT_URL;
  const hosts = [];
  t.mock.method(globalThis, "fetch", async (url) => (hosts.push(url.host), new Response("{}")));
  const regions = ["eu-central-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1"];
  for (const region of regions) await call("events", "a.B", {}, { region });
  assert.deepEqual(hosts, [
    "events.eu-central-1.amazonaws.com", "events.us-gov-west-1.amazonaws.com", "events.cn-north-1.amazonaws.com.cn",
    "events.eusc-de-east-1.amazonaws.eu", "events.us-iso-east-1.c2s.ic.gov", "events.us-isob-east-1.sc2s.sgov.gov",
    "events.eu-isoe-west-1.cloud.adc-e.uk", "events.us-isof-south-1.csp.hci.ic.gov",
  ]);
});
