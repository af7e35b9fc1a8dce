// A small judge of messages by trailbell's own limits (src/slack/limits.rs), written apart from the handlers.

const length = (text) => [...text].length;

/** Everything wrong with a body, as one line each. */
export function problems(body) {
  const found = [];
  const say = (what) => found.push(what);
  only(body, ["channel", "text", "blocks"], say);
  text(body.text, 4_000, say);
  formatted(body.text, say);
  if (!Array.isArray(body.blocks) || body.blocks.length === 0 || body.blocks.length > 50) say("blocks: 1 to 50");
  for (const block of body.blocks ?? []) judge(block, say);
  if (weight(body) > 13_000) say(`weight ${weight(body)}`);
  return found;
}

/** What the blocks count towards the 13,000 characters of all of them together. */
export const weight = ({ blocks }) => (blocks ?? []).reduce((sum, block) => sum + 50 + shown(block), 0);

function judge(block, say) {
  switch (block.type) {
    case "header":
      only(block, ["type", "text"], say);
      return object(block.text, ["plain_text"], 150, say);
    case "divider":
      return only(block, ["type"], say);
    case "section":
      only(block, ["type", "text", "fields"], say);
      if (!block.text && !block.fields) say("section without text");
      if (block.text) object(block.text, ["plain_text", "mrkdwn"], 3_000, say);
      if (block.fields && (block.fields.length === 0 || block.fields.length > 10)) say("fields: 1 to 10");
      return (block.fields ?? []).forEach((field) => object(field, ["plain_text", "mrkdwn"], 2_000, say));
    case "context":
      only(block, ["type", "elements"], say);
      if (block.elements.length === 0 || block.elements.length > 10) say("context: 1 to 10");
      return block.elements.forEach((element) => object(element, ["plain_text", "mrkdwn"], 3_000, say));
    case "rich_text":
      only(block, ["type", "elements"], say);
      if (block.elements.length === 0) say("empty rich text");
      return block.elements.forEach((part) => rich(part, say));
    default:
      return say(`block ${block.type}`);
  }
}

function rich(part, say) {
  only(part, ["type", "elements"], say);
  if (!["rich_text_section", "rich_text_quote"].includes(part.type)) say(`rich ${part.type}`);
  if (part.elements.length === 0) say("empty rich text part");
  for (const run of part.elements) {
    only(run, run.type === "link" ? ["type", "url", "text"] : ["type", "text", "style"], say);
    if (!["text", "link"].includes(run.type)) say(`run ${run.type}`);
    if (typeof run.text !== "string" || run.text === "") say("empty run");
    if (run.type === "link" && !/^https:\/\/[a-z0-9.-]+\/cloudtrailv2\//.test(run.url)) say(`link ${run.url}`);
    visible(run.text, say);
  }
}

function object(value, types, most, say) {
  only(value, value.type === "plain_text" ? ["type", "text", "emoji"] : ["type", "text"], say);
  if (!types.includes(value.type)) say(`text object ${value.type}`);
  text(value.text, most, say);
  if (value.type === "mrkdwn") formatted(value.text, say);
}

function text(value, most, say) {
  if (typeof value !== "string" || value.trim() === "") return say("blank text");
  if (length(value) > most) say(`${length(value)} characters, at most ${most}`);
  return visible(value, say);
}

/** Nothing that Slack parses, and no code block that ends before its text does. */
function formatted(value, say) {
  if (/[<>]/.test(value)) say(`raw angle bracket in ${value.slice(0, 80)}`);
  if (/&(?!(amp|lt|gt);)/.test(value)) say(`raw & in ${value.slice(0, 80)}`);
  if (!value.startsWith("```\n")) return;
  if (!value.endsWith("```")) say("code block without end");
  const inside = value.slice(4, -3);
  if (inside.includes("``") || inside.endsWith("`")) say("backticks end the code block");
}

/** No control characters but the line breaks and tabs we write, nothing that reorders or hides, no broken UTF-16. */
function visible(value, say) {
  const bad = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\u2028\u2029\ufeff]/u.exec(value);
  if (bad) say(`invisible character ${bad[0].codePointAt(0).toString(16)}`);
  if (!value.isWellFormed()) say("broken UTF-16");
}

// Fillers, joiners, variation selectors, tags, directions: whatever has no look of its own.
const UNSEEN = /[^\P{Cf}]|[\u115f\u1160\u3164\uffa0\ufe00-\ufe0f\u{e0100}-\u{e01ef}\u2800\u034f\u17b4\u17b5\u180b-\u180f]/u;

/** Characters without a look, and lines that no author wrote, in a message whose author wrote nothing odd. */
export function forgeries(message, starts) {
  const found = [];
  const whole = JSON.stringify(message);
  const unseen = UNSEEN.exec(whole);
  if (unseen) found.push(`unseen ${unseen[0].codePointAt(0).toString(16)}`);
  const runs = message.blocks.filter(({ type }) => type === "rich_text").flatMap(({ elements }) => elements);
  for (const { type, elements } of runs) {
    const text = elements.map(({ text }) => text).join("");
    const lines = text.split(/[\n\r\u000b\u000c\u0085\u2028\u2029]/).filter((line) => line !== "");
    if (type === "rich_text_quote" && lines.length > 1) found.push(`lines in a quote: ${text.slice(0, 200)}`);
    if (type === "rich_text_section") found.push(...lines.filter((line) => !starts.some((start) => line.startsWith(start))));
  }
  return found;
}

/** How many lines begin at the margin of the code blocks: one for each event that is shown. */
export const atMargin = ({ blocks }) =>
  blocks.map(({ text }) => text?.text ?? "").filter((text) => text.startsWith("```\n"))
    .reduce((sum, text) => sum + text.slice(4, -3).split("\n").filter((line) => !line.startsWith("  ")).length, 0);

function only(value, keys, say) {
  for (const key of Object.keys(value)) if (!keys.includes(key)) say(`unknown field ${key}`);
}

function shown(value) {
  if (Array.isArray(value)) return value.reduce((sum, one) => sum + shown(one), 0);
  if (typeof value !== "object" || value === null) return 0;
  const own = ["text", "url"].filter((key) => typeof value[key] === "string").reduce((sum, key) => sum + length(value[key]), 0);
  return own + Object.values(value).reduce((sum, one) => sum + shown(one), 0);
}
