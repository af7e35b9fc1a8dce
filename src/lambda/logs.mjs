// The log route: what a subscription filter delivers becomes Block Kit messages.

import { gunzipSync } from "node:zlib";
import { account, call, isOwnRefusal, isRecord, outcome, touched, who } from "./record.mjs";
import { code, json, length, literal, plain, word } from "./text.mjs";

const MESSAGES = 5;
// Three sections of events keep a message under the 13,000 characters that Slack takes, and five messages of four-byte
// characters under the 256 KB that PutEvents has always taken.
const SECTIONS = 3;
const SECTION = 3_000;
const LINE = 1_000;
const TOUCHED = 300;
const MESSAGE = 200;
const NAMED = 3;
const FENCES = 7;
const NAME = 512;
const PLACE = 150;
// Batches of CloudWatch Logs are far smaller; this many bytes are still read in 256 MB of memory.
const MOST_BYTES = 16 << 20;

/** A batch that is not what CloudWatch Logs sends. Its words never repeat what was in it. */
export class Unreadable extends Error {}

/**
 * The messages for a batch, none when there is nothing to say, by the destinations of its filter: those of `routes`, and for lines of
 * some accounts those of `groups`, which are lists of accounts, each with its destinations.
 */
export function logMessages(awslogs, { routes, groups } = {}) {
  const batch = decoded(awslogs?.data);
  if (batch.messageType === "CONTROL_MESSAGE") return [];
  const lines = batch.logEvents.map(read).filter(({ isOwn }) => !isOwn);
  const dropped = batch.logEvents.length - lines.length;
  if (dropped > 0) {
    const logGroup = plain(batch.logGroup, NAME);
    console.log(JSON.stringify({ what: "own refused calls left out", count: dropped, logGroup }));
  }
  const filter = batch.subscriptionFilters?.[0];
  const own = groups?.[filter] ?? [];
  const isIn = ([accounts]) => ({ account }) => accounts.includes(account);
  const parts = [
    { to: routes?.[filter], lines: lines.filter((line) => !own.some((group) => isIn(group)(line))) },
    ...own.map((group) => ({ to: group[1], lines: lines.filter(isIn(group)) })),
  ];
  return parts.filter(({ lines }) => lines.length > 0).map(({ to, lines }) => ({ to, messages: messages(batch, lines) }));
}

/** The batch of a subscription filter, its shape checked. */
export function decoded(data) {
  if (typeof data !== "string") throw new Unreadable("there is no data");
  const bytes = attempt("it is not gzip", () => gunzipSync(Buffer.from(data, "base64"), { maxOutputLength: MOST_BYTES }));
  // Bytes that are not UTF-8 become U+FFFD.
  const batch = attempt("it is not JSON", () => JSON.parse(bytes.toString("utf8")));
  if (batch?.messageType === "CONTROL_MESSAGE") return batch;
  if (batch?.messageType !== "DATA_MESSAGE") throw new Unreadable("it is neither a data nor a control message");
  if (!Array.isArray(batch.logEvents)) throw new Unreadable("it has no list of log events");
  const { logGroup, logStream, owner } = batch;
  return { ...batch, logGroup: word(logGroup) ?? "unknown", logStream: word(logStream) ?? "unknown", owner: word(owner) };
}

function attempt(reason, work) {
  try {
    return work();
  } catch (error) {
    throw new Unreadable(error.code === "ERR_BUFFER_TOO_LARGE" ? "it is too large" : reason);
  }
}

/**
 * A log event as the line it is, and what the whole batch needs of the CloudTrail record in it. The record itself takes many
 * times the memory of its text, so it is forgotten, and read again if the line is shown.
 */
function read(event) {
  // An event of another shape is shown as it came.
  const text = typeof event?.message === "string" ? event.message : json(event);
  const record = recordIn(text);
  if (!record) return { text };
  return { text, isOwn: isOwnRefusal(record), account: word(record.recipientAccountId), region: word(record.awsRegion) };
}

function recordIn(text) {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    const record = JSON.parse(text);
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

function messages(batch, lines) {
  const { sections, shown } = packed(lines, MESSAGES * SECTIONS);
  const parts = Array.from({ length: Math.ceil(sections.length / SECTIONS) }, (_, at) =>
    sections.slice(at * SECTIONS, (at + 1) * SECTIONS));
  const where = place(batch, lines);
  const alert = alertOf(batch);
  const counted = `${alert ? `${alert}: ` : ""}${many(lines.length)} in ${literal(batch.logGroup, NAME)} (${literal(where, PLACE)})`;
  return parts.map((part, at) => {
    const number = parts.length > 1 ? `${at + 1} of ${parts.length}` : "";
    const rest = at === parts.length - 1 ? lines.length - shown : 0;
    return { text: [counted, number].filter(Boolean).join(", "), blocks: blocks(batch, part, { number, rest, where, alert }) };
  });
}

/** The id of the alert whose filter let the events through, from the name that trailbell gives to filters. */
function alertOf({ subscriptionFilters: filters }) {
  const [, id] = /^trailbell-[a-z0-9-]{1,20}_([a-z0-9-]{1,64})_filter$/.exec(filters?.[0]) ?? [];
  return id;
}

function blocks({ logGroup, logStream }, sections, { number, rest, where, alert }) {
  const title = number ? `*Log Events* (${number})` : "*Log Events*";
  const origin = [alert, `account ${plain(where, PLACE)}`, "trailbell"];
  return [
    { type: "header", text: { type: "plain_text", text: ":rotating_light: Alert from CloudWatch Logs" } },
    {
      type: "section",
      fields: [
        mrkdwn("*Log Group*"),
        mrkdwn("*Log Stream*"),
        { type: "plain_text", text: plain(logGroup, NAME) },
        { type: "plain_text", text: plain(logStream, NAME) },
      ],
    },
    { type: "divider" },
    { type: "section", text: mrkdwn(title) },
    ...sections.map((lines) => ({ type: "section", text: mrkdwn(`\`\`\`\n${lines}\`\`\``) })),
    ...(rest > 0 ? [{ type: "section", text: mrkdwn(`and ${many(rest, "more ")}`) }] : []),
    { type: "context", elements: [{ type: "plain_text", text: origin.filter(Boolean).join(" \u00b7 ") }] },
  ];
}

const mrkdwn = (text) => ({ type: "mrkdwn", text });
const many = (count, more = "") => `${count.toLocaleString("en-US")} ${more}log event${count === 1 ? "" : "s"}`;

/** The lines as the texts of at most `most` sections, and how many of them found room. */
function packed(lines, most) {
  const sections = [];
  let [room, shown] = [0, 0];
  for (const line of lines) {
    const text = code(said(line), LINE);
    const size = [...text].length + 1;
    if (size > room) {
      if (sections.length === most) break;
      sections.push([]);
      room = SECTION - FENCES;
    }
    sections.at(-1).push(text);
    room -= size;
    shown += 1;
  }
  return { sections: sections.map((texts) => texts.join("\n")), shown };
}

/** A line as people read it: who did what, from where; any other text as it is. */
function said({ text }) {
  const record = recordIn(text);
  if (!record) return text.trim() === "" ? "(empty)" : text.replaceAll("\r\n", "\n").replace(/\n$/, "");
  const id = word(record.recipientAccountId) ?? word(record.userIdentity?.accountId);
  const { name, source, insight } = call(record);
  const what = [word(record.eventTime), [name, source].filter(Boolean).join(" of ")].filter(Boolean).join(" ");
  const message = word(record.errorMessage);
  const end = [insight, outcome(record), message && `(${cut(message, MESSAGE)})`].filter(Boolean).join(" ");
  const where = [id && `in account ${account(id)}`, word(record.awsRegion)].filter(Boolean).join(", ");
  const from = word(record.sourceIPAddress);
  const by = [who(record) && `by ${who(record)}`, from && `from ${from}`, where].filter(Boolean).join(" ");
  const on = touched(record);
  return [end ? `${what}: ${end}` : what, by, on && `on ${cut(on, TOUCHED)}`].filter(Boolean).join("\n");
}

/** The beginning of a value that is one among others. */
const cut = (text, most) => (length(text) > most ? `${[...text].slice(0, most).join("")}\u2026` : text);

/** Accounts and regions of the events; of the log group where they have none. */
function place({ owner }, lines) {
  const accounts = named(lines.map((line) => account(line.account))) ?? account(owner) ?? "unknown";
  const regions = named(lines.map(({ region }) => region)) ?? process.env.AWS_REGION;
  return [accounts, regions].filter(Boolean).join(", ");
}

/** The first few of them, and how many there are besides. */
function named(values) {
  const all = [...new Set(values.filter(Boolean))];
  const rest = all.length - NAMED;
  return all.length > 0 ? [...all.slice(0, NAMED), ...(rest > 0 ? [`${rest} more`] : [])].join(" and ") : undefined;
}
