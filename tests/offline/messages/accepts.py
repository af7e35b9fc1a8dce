#!/usr/bin/env python3
"""Whether Slack's own models understand the blocks of message bodies.

Reads one JSON body a line from stdin, builds the models of the official SDK (slack_sdk 3.47.0, the newest 3.x) from its
blocks, has them validate themselves, and compares what they write with what they read. Prints one line per refusal,
`<line number>: <reason>`, and exits with 1 if there was any.

The models are an oracle for names and structure, less so for limits. They do not check
- texts of text objects: blank ones, fields over 2000 characters, context elements over 3000, and whether a header's
  text is `plain_text`;
- JSON types: a number where a text belongs passes, or raises an arbitrary TypeError, which counts as a refusal;
- anything inside rich text: empty lists of elements, what may be in a list or in preformatted text, the keys and types
  of a style, `style` and `indent` of lists, addresses;
- the message: number of blocks, unique `block_id`s, empty `elements` of a context, total length, top-level `text`,
  mentions.
Fields they do not know and values that are null or empty they drop with a warning at most; the comparison makes
refusals of these, of empty texts for instance, but also of a harmless `"style": {}`.
"""

import json
import logging
import sys
import warnings

from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import Block


def models(value):
    """The models in a value, itself included, outermost first."""
    if isinstance(value, (list, tuple)):
        for entry in value:
            yield from models(entry)
    elif isinstance(value, JsonObject):
        yield value
        for attribute in vars(value).values():
            yield from models(attribute)


def difference(read, written, at):
    """Where the first difference is, or None."""
    if isinstance(read, dict) and isinstance(written, dict):
        for key in sorted(read.keys() | written.keys()):
            if key not in written:
                return f"{at}/{key} is not understood"
            if key not in read:
                return f"{at}/{key} was added by the models"
            if found := difference(read[key], written[key], f"{at}/{key}"):
                return found
        return None
    if isinstance(read, list) and isinstance(written, list) and len(read) == len(written):
        return next(filter(None, (difference(a, b, f"{at}/{i}") for i, (a, b) in enumerate(zip(read, written)))), None)
    # True == 1 in Python, but not in JSON.
    same = read == written and type(read) is type(written)
    return None if same else f"{at} is {written!r} to the models, not {read!r}"


def refusal(body):
    """Why the models refuse a body, or None."""
    if not isinstance(body, dict):
        return "the body is not an object"
    blocks = body.get("blocks")
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        return "/blocks is not a list"
    parsed = Block.parse_all(blocks)
    if len(parsed) != len(blocks):
        return f"/blocks: {len(parsed)} of {len(blocks)} blocks are understood"
    for index, block in enumerate(parsed):
        if not isinstance(block, Block):
            return f"/blocks/{index} is no block to the models"
    for model in models(parsed):
        model.validate_json()
    return difference(blocks, [block.to_dict() for block in parsed], "/blocks")


def judge(line):
    """Why a line is refused, or None."""
    try:
        return refusal(json.loads(line))
    # The models raise whatever a wrong type happens to raise in them.
    except Exception as error:  # pylint: disable=broad-except
        return " ".join(f"{type(error).__name__}: {error}".split())


def main():
    """Judges stdin."""
    # What the models warn about shows up in the comparison.
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    refused = False
    for number, line in enumerate(sys.stdin, 1):
        if line.strip() and (reason := judge(line)) is not None:
            refused = True
            print(f"{number}: {reason}")
    return int(refused)


if __name__ == "__main__":
    sys.exit(main())
