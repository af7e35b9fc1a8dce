// The event route with `message.via: lambda`: a whole EventBridge event becomes a card like the compiled ones, and may
// also show free text, since every value passes through here.

import { isRecord, who } from "./record.mjs";
import { json, literal, plain, prose, word } from "./text.mjs";

const HEADER = 150;
const DESCRIPTION = 2_000;
const FACT = 300;
const QUOTE = 1_000;
const REQUEST = 2_000;

// The consoles of the isolated partitions are not public.
const REGION = /^(?=.{1,30}$)[a-z]{2}(?!-iso)(-[a-z]+)+-\d$/;

const EMOJI = {
  critical: ":rotating_light:",
  high: ":red_circle:",
  medium: ":large_orange_circle:",
  low: ":large_blue_circle:",
  info: ":information_source:",
};

/** The message for an event: of any shape, since nothing but its source is known. */
export function card({ trailbell, event }) {
  const record = isRecord(event?.detail) ? event.detail : undefined;
  const title = word(trailbell?.title) ?? word(record?.eventName) ?? "Alert";
  const severity = word(trailbell?.severity) ?? "unknown severity";
  const emoji = Object.hasOwn(EMOJI, severity) ? EMOJI[severity] : ":warning:";
  const account = word(event?.account) ?? word(record?.recipientAccountId);
  const where = [account ?? "unknown", word(event?.region)].filter(Boolean).join(", ");
  const context = [severity, word(trailbell?.blueprint), "trailbell"].filter(Boolean).join(" \u00b7 ");
  return {
    text: `${literal(title, FACT)} in account ${literal(where, FACT)}`,
    blocks: [
      { type: "header", text: { type: "plain_text", text: plain(`${emoji} ${title}`, HEADER), emoji: true } },
      { type: "rich_text", elements: content(trailbell, event, record, where) },
      { type: "context", elements: [{ type: "plain_text", text: plain(context, FACT) }] },
    ],
  };
}

function content(trailbell, event, record, where) {
  const story = typeof trailbell?.description === "string" ? trailbell.description.trim() : "";
  const facts = record
    ? [["Call", `${record.eventName} of ${record.eventSource}`], ["Who", who(record)], ["From", record.sourceIPAddress]]
    : [["Event", event?.["detail-type"]], ["Source", event?.source]];
  facts.push(["Where", `account ${where}`], ["When", record?.eventTime ?? event?.time]);
  const lines = facts.flatMap(([label, value]) => fact(label, word(value)));
  const section = [...(story ? [run(`${prose(story, DESCRIPTION)}\n\n`)] : []), ...lines, ...link(event, record)];
  return [{ type: "rich_text_section", elements: section }, ...quotes(event, record)];
}

/** What its author chose stands in a quote of its own, and cannot pass for one of the facts. */
function quotes(event, record) {
  const texts = record
    ? [
        ["Error", [word(record.errorCode), word(record.errorMessage)].filter(Boolean).join(": "), QUOTE],
        ["User agent", record.userAgent, QUOTE],
        ["ARN", record.userIdentity?.arn, QUOTE],
        ["Request", record.requestParameters, REQUEST],
      ]
    : [["Detail", event?.detail ?? json(event), REQUEST]];
  return texts.flatMap(([label, value, most]) => {
    const text = word(value);
    if (!text) return [];
    const quote = { type: "rich_text_quote", elements: [run(plain(text, most))] };
    return [{ type: "rich_text_section", elements: [bold(label)] }, quote];
  });
}

const run = (text) => ({ type: "text", text });
const bold = (label) => ({ type: "text", text: `${label}:`, style: { bold: true } });
const fact = (label, text) => (text ? [bold(label), run(` ${plain(text, FACT)}\n`)] : []);

/** The link to the event, only of parts that cannot lead anywhere else. */
function link(event, record) {
  const [region, id] = [word(event?.region) ?? "", word(record?.eventID) ?? ""];
  if (!REGION.test(region) || !/^[0-9a-f-]{36}$/i.test(id)) return [];
  const url = `https://${region}.${consoleOf(region)}/cloudtrailv2/home?region=${region}#/events/${id}`;
  return [{ type: "link", url, text: "Open in CloudTrail" }];
}

function consoleOf(region) {
  if (region.startsWith("cn-")) return "console.amazonaws.cn";
  return region.startsWith("us-gov-") ? "console.amazonaws-us-gov.com" : "console.aws.amazon.com";
}
