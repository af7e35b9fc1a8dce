// The message of a digest: how many events, from when to when, and the most frequent lines with their counts.

import { block, bold, run, section } from "./rich.mjs";
import { ranked } from "./tally.mjs";
import { authored, authoredLiteral, plain, word } from "./text.mjs";

// Ten lines of at most 300 characters keep the blocks far under the 13,000 characters that Slack takes in all.
const MOST_LINES = 10;
const HEADER = 150;
const SMALL = 300;
const EMOJI = /^:[a-z_]{1,40}:$/;

/** The message for what was counted; `isMore` when the queue still holds events. */
export function summary(trailbell, counts, isMore) {
  const title = word(trailbell?.title) ?? "Alert";
  const severity = word(trailbell?.severity) ?? "unknown severity";
  const emoji = EMOJI.test(trailbell?.emoji) ? trailbell.emoji : ":warning:";
  const context = [severity, word(trailbell?.blueprint), word(trailbell?.advice) ?? "trailbell"].filter(Boolean).join(" \u00b7 ");
  return {
    text: `${authoredLiteral(title, SMALL)}: ${many(counts.events)}`,
    blocks: [
      { type: "header", text: { type: "plain_text", text: authored(`${emoji} ${title}`, HEADER), emoji: true } },
      block([section([run(`${heading(trailbell, counts)}\n\n`), ...lines(counts, isMore), ...runbook(trailbell)])]),
      { type: "context", elements: [{ type: "plain_text", text: plain(context, SMALL) }] },
    ],
  };
}

function heading(trailbell, { events, first, last }) {
  const every = plain(word(trailbell?.every) ?? "", 40);
  const when = first === undefined ? "" : first === last ? `, at ${first}` : `, from ${first} to ${last}`;
  return `${many(events)}${when}${every && ` (digest every ${every})`}`;
}

function lines(counts, isMore) {
  const all = ranked(counts);
  const shown = all.slice(0, MOST_LINES);
  const rest = counts.events - shown.reduce((sum, [, number]) => sum + number, 0);
  const ends = [
    rest > 0 && `and ${many(rest, "more ")}\n`,
    isMore && "More events are waiting: the next digest counts them.\n",
  ];
  return [
    ...shown.flatMap(([line, number]) => [bold(`${number.toLocaleString("en-US")} \u00d7 `), run(`${line}\n`)]),
    ...ends.filter(Boolean).map((text) => run(text)),
  ];
}

/** The link to what to do, of the blueprint's author. */
function runbook(trailbell) {
  const url = trailbell?.runbook;
  return typeof url === "string" && url.startsWith("https://") ? [run("\n"), { type: "link", url, text: "What to do" }] : [];
}

const many = (count, more = "") => `${count.toLocaleString("en-US")} ${more}event${count === 1 ? "" : "s"}`;
