// CloudTrail records, as a log line or in an EventBridge event: who did what, and whether it was the notifier itself.

import { stack } from "./stack.mjs";
import { word } from "./text.mjs";

/** Whether the value looks like a CloudTrail record: it names a call, or is one of those about calls, such as Insights. */
export const isRecord = (value) => isText(value?.eventName, value?.eventSource) || isText(value?.eventVersion, value?.eventType);
const isText = (...values) => values.every((value) => typeof value === "string");

/** The call, as name and service; Insights records have it in their details. */
export function call(record) {
  const { eventName, eventSource, insightType, state } = { ...record.insightDetails, ...defined(record) };
  const name = word(eventName) ?? word(record.eventType);
  const insight = [word(insightType), word(state)].filter(Boolean).join(" ") || undefined;
  return { name, source: word(eventSource), insight };
}
const defined = ({ eventName, eventSource }) => ({ ...(eventName && { eventName }), ...(eventSource && { eventSource }) });

/** Who called, as far as the record says: type, name, and the service that called on somebody's behalf. */
export function who({ userIdentity: identity, recipientAccountId }) {
  const person = word(identity?.onBehalfOf?.userId);
  const name = word(identity?.userName) ?? word(resource(identity?.arn)) ?? word(identity?.principalId) ?? person;
  const behalf = person && person !== name && `on behalf of ${person}`;
  // Since 2025 users of Identity Center have no name; the credential tells one sign-in from another.
  const credential = word(identity?.credentialId) && `credential ${word(identity.credentialId)}`;
  // Who a session says it is for: set when the role was assumed, and kept from role to role.
  const source = word(identity?.sessionContext?.sourceIdentity);
  const declared = source && source !== name && `source identity ${source}`;
  const [account, own] = [word(identity?.accountId), word(recipientAccountId)];
  const foreign = account && own && account !== own && `of account ${account}`;
  const parts = [word(identity?.type), name, declared, behalf, credential, word(identity?.invokedBy), foreign];
  return parts.filter(Boolean).join(" ") || undefined;
}

/** An account's id, with its name where the stack gives it one. */
export function account(id, { accounts = {} } = stack()) {
  return id !== undefined && Object.hasOwn(accounts, id) ? `${id} (${accounts[id]})` : id;
}

/** How it ended, where the record says more than that there was no error: a sign-in that failed has no error code. */
export function outcome({ eventName, errorCode, errorMessage, responseElements }) {
  const response = typeof responseElements?.[eventName] === "string" ? word(responseElements[eventName]) : undefined;
  return word(errorCode) ?? response ?? (word(errorMessage) ? "failed" : undefined);
}

/** What was touched: the resources that the record names, or what was asked for. */
export function touched({ resources, requestParameters, serviceEventDetails }) {
  const arns = Array.isArray(resources) ? resources.map((one) => word(one?.ARN) ?? word(one?.resourceName)).filter(Boolean) : [];
  return arns.length > 0 ? arns.join(", ") : word(requestParameters) ?? word(serviceEventDetails);
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
