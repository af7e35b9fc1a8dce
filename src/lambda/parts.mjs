// What the author of a blueprint wrote, as parts: a string is words, shown as they are; `{ "value": ["detail", "eventName"] }`
// is the value at this path of the event, `[]` being the whole event.
//
// Whatever a value is, it stays on one line, so that it cannot pass for anything else. Users: `sentence`, `card`, `facts`.

import { length, plain, prose, word } from "./text.mjs";

const MISSING = "(none)";

/** How long a single value may be: the more there is to show, the less of each. */
export const LONGEST = [1_000, 300, 100, 40];

/** The words with the values in their places, at most `most` characters; `show` makes it safe for where it stands. */
export function filled(parts, event, most, show = prose) {
  const list = Array.isArray(parts) ? parts : [parts];
  for (const longest of LONGEST) {
    const text = show(joined(list, event, longest, most));
    if (length(text) <= most) return text;
  }
  // Long words, or very many values, are cut all together.
  return show(joined(list, event, LONGEST.at(-1), Infinity), most);
}

function joined(list, event, longest, most) {
  let text = "";
  for (const part of list) {
    text += typeof part === "string" ? part : shown(part, event, longest);
    // Far too long already: a character has at most two units of UTF-16.
    if (text.length > 2 * most) break;
  }
  return text;
}

/** Whether there is anything to see in what the author wrote. */
export function isWritten(parts) {
  const list = Array.isArray(parts) ? parts : [parts ?? ""];
  return list.some((part) => typeof part !== "string" || part.trim() !== "");
}

const shown = (part, event, most) => plain(word(valueAt(event, part?.value)) ?? MISSING, most);

/** The value at a path of keys and indexes, of the event's own fields only; nothing for any other path. */
function valueAt(event, path) {
  if (!Array.isArray(path)) return undefined;
  return path.reduce((value, step) => (leadsOn(value, step) ? value[step] : undefined), event);
}

function leadsOn(value, step) {
  if (Array.isArray(value)) return Number.isInteger(step) && step >= 0;
  return typeof value === "object" && value !== null && typeof step === "string" && Object.hasOwn(value, step);
}
