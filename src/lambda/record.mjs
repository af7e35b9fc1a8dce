// CloudTrail records, as a log line or in an EventBridge event: who did what, and whether it was the notifier itself.

import { stack } from "./stack.mjs";
import { word } from "./text.mjs";

/** Whether the value looks like a CloudTrail record. */
export const isRecord = (value) => typeof value?.eventName === "string" && typeof value.eventSource === "string";

/** Who called, as far as the record says: type, name, and the service that called on somebody's behalf. */
export function who({ userIdentity: identity }) {
  const name = word(identity?.userName) ?? word(resource(identity?.arn)) ?? word(identity?.principalId);
  const parts = [word(identity?.type), name, word(identity?.invokedBy)];
  return parts.filter(Boolean).join(" ") || undefined;
}

/** Role and session, or the path and name of a user: `arn:aws:sts::1:assumed-role/Admin/alice` is `Admin/alice`. */
function resource(arn) {
  if (typeof arn !== "string") return undefined;
  return arn.split(":").slice(5).join(":").split("/").slice(1).join("/") || undefined;
}

// All that a notifier calls, or Lambda in its name. PutLogEvents stands for a log group that CloudTrail also records data of.
const OWN_CALLS = ["PutEvents", "CreateLogGroup", "CreateLogStream", "PutLogEvents"];

/**
 * Whether this is a refused call of the notifier's own. An alert about refused calls would otherwise bring another one.
 * Whoever assumes a role may name the session as they like, so the role counts, which only Lambda may assume.
 */
export function isOwnRefusal(record, name = process.env.AWS_LAMBDA_FUNCTION_NAME) {
  const { role } = stack();
  const { type, arn } = record.userIdentity ?? {};
  const isOwn = Boolean(name && role) && type === "AssumedRole" && String(word(arn)).endsWith(`:assumed-role/${role}/${name}`);
  const isCall = ["events.amazonaws.com", "logs.amazonaws.com"].includes(record.eventSource) && OWN_CALLS.includes(record.eventName);
  return isOwn && isCall && Boolean(record.errorCode);
}
