import assert from "node:assert/strict";
import { test } from "node:test";
import { event, record } from "./support/inputs.mjs";
import { logged, withAws } from "./support/aws.mjs";
import { packed } from "./support/packed.mjs";

const { handler } = await packed("blueprints/cloudtrail/restart-logging.mjs");

const ARN = "arn:aws:cloudtrail:eu-west-1:123456789012:trail/management-events";
const ID = "5f2c1a64-3c39-4a2c-9d1e-2f6a7f0c1b11";
const stopped = (changes) => event(record(changes));

/** What the handler did, and the one line that it logged. */
async function run(answers, one) {
  const { value, lines } = await logged(() => withAws(answers, () => handler(one)));
  assert.equal(lines.length, 1);
  return { ...value, line: JSON.parse(lines[0]) };
}

const regions = [
  ["a name, in the region of the event", "management-events", "us-east-1"],
  ["an ARN, in its own region", ARN, "eu-west-1"],
  ["an ARN of another partition", "arn:aws-us-gov:cloudtrail:us-gov-west-1:123456789012:trail/t", "us-gov-west-1"],
];
for (const [name, trail, region] of regions) {
  test(`starts ${name}`, async () => {
    const { error, requests, line } = await run([{}], stopped({ requestParameters: { name: trail } }));
    assert.equal(error, undefined);
    assert.deepEqual(requests, [
      { target: "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.StartLogging", region, body: { Name: trail }, wrong: undefined },
    ]);
    assert.deepEqual(line, { what: "restart-logging", event: ID, trail, region, outcome: "started" });
  });
}

const ignored = [
  ["a refused call", stopped({ errorCode: "AccessDenied" }), "the call was refused"],
  ["another call", stopped({ eventName: "StartLogging" }), "not StopLogging"],
  ["another service", stopped({ eventSource: "redshift.amazonaws.com" }), "not StopLogging"],
  ["no detail", {}, "not StopLogging"],
  ["null", null, "not StopLogging"],
  ["text", "x", "not StopLogging"],
];
for (const [name, one, reason] of ignored) {
  test(`ignores ${name}`, async () => {
    const { error, requests, line } = await run([{}], one);
    assert.deepEqual([error, requests, line.outcome, line.reason], [undefined, [], "ignored", reason]);
  });
}

test("tries again when AWS is busy", async () => {
  const { error, requests, line } = await run([{ status: 400, body: { __type: "ThrottlingException" } }, {}], stopped());
  assert.deepEqual([error, requests.length, line.outcome], [undefined, 2, "started"]);
});

test("fails loudly when refused", async () => {
  const { error, line } = await run([{ status: 400, body: { __type: "TrailNotFoundException", message: "Unknown trail" } }], stopped());
  assert.equal(error.code, "TrailNotFoundException");
  assert.deepEqual(line, {
    what: "restart-logging", event: ID, trail: record().requestParameters.name, region: "us-east-1", outcome: "failed",
    code: "TrailNotFoundException", reason: "StartLogging: TrailNotFoundException: Unknown trail",
  });
});

for (const requestParameters of [undefined, null, {}, { name: 5 }, { name: "" }, "x"]) {
  test(`fails without a trail: ${JSON.stringify(requestParameters)}`, async () => {
    const { error, requests, line } = await run([{}], stopped({ requestParameters }));
    assert.deepEqual([error.code, requests, line.outcome], ["NoTrail", [], "failed"]);
  });
}

test("a region of an event cannot choose the host", async () => {
  const { error, requests } = await run([{}], stopped({ requestParameters: { name: "t" }, awsRegion: "evil.example/" }));
  assert.deepEqual([error.code, requests], ["InvalidRegion", []]);
});

test("hostile names stay on one line", async () => {
  const { line } = await run([{}], stopped({ requestParameters: { name: 'x"\n{"outcome":"started"}' } }));
  assert.equal(line.trail, 'x"\n{"outcome":"started"}');
});
