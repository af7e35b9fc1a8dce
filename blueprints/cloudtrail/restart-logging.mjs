// The remedy for StopLogging: turns the trail on again, at once.

import { call } from "./aws.mjs";

const START = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.StartLogging";

export const handler = async (event) => {
  const detail = event?.detail;
  const about = { what: "restart-logging", event: text(detail?.eventID ?? event?.id) };
  const reason = notForUs(detail);
  if (reason) return log({ ...about, outcome: "ignored", reason });

  const trail = text(detail.requestParameters?.name);
  // A trail can only be started in its home region. A name is always of the region that was called: CloudTrail refuses
  // to stop a trail from another one.
  const region = /^arn:[\w-]+:cloudtrail:([\w-]+):/.exec(trail)?.[1] ?? text(detail.awsRegion);
  try {
    if (!trail) throw Object.assign(new Error("the event names no trail"), { code: "NoTrail" });
    // Succeeds for a trail that is logging already, so trying again is safe.
    await call("cloudtrail", START, { Name: trail }, { region });
  } catch (error) {
    log({ ...about, trail, region, outcome: "failed", code: error.code, reason: error.message });
    throw error;
  }
  return log({ ...about, trail, region, outcome: "started" });
};

function notForUs(detail) {
  if (detail?.eventSource !== "cloudtrail.amazonaws.com" || detail.eventName !== "StopLogging") return "not StopLogging";
  return detail.errorCode ? "the call was refused" : undefined;
}

/** The value if it is text, cut so that no log line gets out of hand; names and ids are far shorter. */
const text = (value) => (typeof value === "string" ? value.slice(0, 300) : undefined);

function log(line) {
  console.log(JSON.stringify(line));
  return line;
}
