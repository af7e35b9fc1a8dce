// The event route with `message.via: lambda`, in the form `card`: a whole EventBridge event becomes a card like the compiled
// ones, and may also show free text, since every value passes through here.

import { authoredFacts, ownFacts } from "./facts.mjs";
import { filled, isWritten } from "./parts.mjs";
import { account, call, isRecord } from "./record.mjs";
import { block, bold, quote, run, section } from "./rich.mjs";
import { authored, authoredLiteral, json, literal, plain, word } from "./text.mjs";

// The longest of everything, with the facts, stays under the 13,000 characters that Slack takes in all blocks together.
const HEADER = 150;
const STORY = 2_000;
const SMALL = 300;
const QUOTE = 1_000;
const REQUEST = 1_500;
const DETAILS = 400;

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
  const title = word(trailbell?.title);
  const name = (record && call(record).name) ?? "Alert";
  const severity = word(trailbell?.severity) ?? "unknown severity";
  const emoji = Object.hasOwn(EMOJI, severity) ? EMOJI[severity] : ":warning:";
  const id = word(event?.account) ?? word(record?.recipientAccountId);
  const where = [account(id) ?? "unknown", word(event?.region)].filter(Boolean).join(", ");
  const context = [severity, word(trailbell?.blueprint), word(trailbell?.advice) ?? "trailbell"].filter(Boolean).join(" \u00b7 ");
  return {
    text: `${title ? authoredLiteral(title, SMALL) : literal(name, SMALL)} in account ${literal(where, SMALL)}`,
    blocks: [
      { type: "header", text: { type: "plain_text", text: title ? authored(`${emoji} ${title}`, HEADER) : plain(`${emoji} ${name}`, HEADER), emoji: true } },
      block([section(content(trailbell, event, record, where)), ...quotes(event, record)]),
      { type: "context", elements: [{ type: "plain_text", text: plain(context, SMALL) }] },
    ],
  };
}

function content(trailbell, event, record, where) {
  const facts = [...authoredFacts(trailbell?.message?.facts, event), ...ownFacts(event, record, where)];
  return [...story(trailbell, event), ...facts, ...link(event, record), ...runbook(trailbell)];
}

/** What happened, in the author's words. */
function story(trailbell, event) {
  const description = typeof trailbell?.description === "string" ? trailbell.description : "";
  const words = [trailbell?.message?.text, description].find(isWritten);
  return words === undefined ? [] : [run(`${filled(words, event, STORY).trim()}\n\n`)];
}

/** What its author chose stands in a quote of its own, and cannot pass for one of the facts. */
function quotes(event, record) {
  const texts = record
    ? [
        ["Error", [word(record.errorCode), word(record.errorMessage)].filter(Boolean).join(": "), QUOTE],
        ["User agent", record.userAgent, QUOTE],
        ["ARN", record.userIdentity?.arn, QUOTE],
        ["Request", record.requestParameters, REQUEST],
        ["Details", record.serviceEventDetails, DETAILS],
      ]
    : [["Detail", event?.detail ?? json(event), REQUEST]];
  return texts.flatMap(([label, value, most]) => {
    const text = word(value);
    return text ? [section([bold(`${label}:`)]), quote([run(plain(text, most))])] : [];
  });
}

/** The link to the event, only of parts that cannot lead anywhere else. */
function link(event, record) {
  const [region, id] = [word(event?.region) ?? "", word(record?.eventID) ?? ""];
  if (!REGION.test(region) || !/^[0-9a-f-]{36}$/i.test(id)) return [];
  const url = `https://${region}.${consoleOf(region)}/cloudtrailv2/home?region=${region}#/events/${id}`;
  return [{ type: "link", url, text: "Open in CloudTrail" }];
}

/** The link to what to do, of the blueprint's author. */
function runbook(trailbell) {
  const url = trailbell?.runbook;
  return typeof url === "string" && url.startsWith("https://") ? [run("\n"), { type: "link", url, text: "What to do" }] : [];
}

function consoleOf(region) {
  if (region.startsWith("cn-")) return "console.amazonaws.cn";
  return region.startsWith("us-gov-") ? "console.amazonaws-us-gov.com" : "console.aws.amazon.com";
}
