// Text from outside, made safe to show: literal, visible, and no longer than Slack takes. Lengths are those of the text
// as sent, in code points, as trailbell's own reader of messages counts them.

import { redacted } from "./redact.mjs";

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
// Three backticks in a row would end the block; this letter looks like one. Nothing invisible is put between them: whoever
// copies a command should see that it is not the same.
const IN_CODE = { ...ENTITIES, "`": "\u02cb", "\n": "\n  ", "\t": "\t" };
const LINES = { "\n": "\n" };
const NOTE = 32;
// Everything without a look of its own: fillers, joiners, variation selectors, tags, marks of direction, the empty braille cell.
// Two names could look the same, or a line end up in another order.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;
// Scripts and emoji need the joiners and the selectors, and an author is no stranger.
const REORDERS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const JOINERS = /[\u200c\u200d]/;

const isUnseen = (character) => UNSEEN.test(character);
const isOdd = (character) => REORDERS.test(character) && !JOINERS.test(character);

/** For a code block. Further lines are indented, or one event could pass for several. */
export const code = (text, most) => fitted(redacted(text), most, IN_CODE, isUnseen);

/** For `mrkdwn` and the text of notifications. Entities are all that Slack knows; `*` and `_` may still format. */
export const literal = (text, most) => fitted(redacted(text), most, ENTITIES, isUnseen);

/** For `plain_text` and rich text, which Slack shows as they are. */
export const plain = (text, most) => fitted(redacted(text), most, {}, isUnseen);

/** Like `plain` and `literal`, for a word of the author's. */
export const authored = (text, most) => fitted(text, most, {}, isOdd);
export const authoredLiteral = (text, most) => fitted(text, most, ENTITIES, isOdd);

/** Like `authored`, but lines stay lines: for what the author of a blueprint wrote, with the values in it already safe. */
export const prose = (text, most) => fitted(text, most, LINES, isOdd);

/** The same for `mrkdwn` and the text of notifications. */
export const proseLiteral = (text, most) => fitted(text, most, { ...ENTITIES, ...LINES }, isOdd);

/** How many characters Slack counts. */
export function length(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** A value of unknown type as text on one line; nothing when there is nothing to see. */
export function word(value) {
  if (value === null || value === undefined) return undefined;
  const text = typeof value === "string" ? value : json(value);
  return text.trim() === "" ? undefined : text.replaceAll("\n", "\u240a");
}

/** JSON of a value, however deep it is. */
export function json(value) {
  try {
    return JSON.stringify(value);
  } catch {
    return "(nested too deeply to be shown)";
  }
}

/** The text, each character as `special` has it or else visibly, cut where it would get too long. */
function fitted(text, most = Infinity, special, isHidden) {
  let [out, size, kept, cut] = ["", 0, 0, ""];
  for (const character of text) {
    const show = Object.hasOwn(special, character) ? special[character] : visible(character, isHidden);
    size += length(show);
    if (size > most) return `${cut}\u2026 (${length(text) - kept} more characters)`;
    out += show;
    if (size <= most - NOTE) [kept, cut] = [kept + 1, out];
  }
  return out;
}

/** The character, or one that can be seen in its place: nothing may reorder, hide or break what stands around it. */
function visible(character, isHidden) {
  const number = character.codePointAt(0);
  if (number >= 0x20 && number < 0x7f) return character;
  if (number < 0x20) return String.fromCodePoint(0x2400 + number);
  if (number === 0x7f) return "\u2421";
  if (/\p{Cs}/u.test(character)) return "\ufffd";
  return isHidden(character) ? `\\u{${number.toString(16)}}` : character;
}
