// CloudTrail records, as a log line or in an EventBridge event: who did what, and whether it was the notifier itself.

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

/**
 * Whether this is a refused call of the notifier's own. An alert about refused calls would otherwise bring another one.
 * A session can be named by whoever assumes a role, so only the calls that a notifier makes are overlooked.
 */
export function isOwnRefusal(record, name = process.env.AWS_LAMBDA_FUNCTION_NAME) {
  const isOwn = Boolean(name) && String(word(record.userIdentity?.arn)).endsWith(`/${name}`);
  const isCall = ["events.amazonaws.com", "logs.amazonaws.com"].includes(record.eventSource);
  return isOwn && isCall && Boolean(record.errorCode);
}
