//! How much fits into a message, and where each number is from.
//!
//! Pages are those of docs.slack.dev, by title. Slack speaks of "characters" and nowhere says what one is: here it is a
//! Unicode scalar value of the text as sent, entities such as `&lt;` not decoded.

use super::model::{Block, Inline, Rich, Text};

/// Blocks in a message ("Reference: blocks": up to 50 in each message).
pub(super) const BLOCKS: usize = 50;
/// Characters of a `block_id` (all block pages: 255).
pub(super) const BLOCK_ID: usize = 255;
/// Characters of a header ("Header block": 150).
pub(super) const HEADER: usize = 150;
/// Characters of a text object ("Text object": 1 to 3000), which is also the limit of a section's text ("Section
/// block") and the only one there is for context elements.
pub(super) const TEXT: usize = 3000;
/// Fields of a section ("Section block": 10).
pub(super) const FIELDS: usize = 10;
/// Characters of a field ("Section block": 2000).
pub(super) const FIELD: usize = 2000;
/// Elements of a context block ("Context block": 10).
pub(super) const CONTEXT: usize = 10;
/// Characters of a link's address. "Link element" names no limit; 3000 is that of every other address in Block Kit
/// ("Button element", "Image block").
pub(super) const URL: usize = 3000;
/// The deepest indent of a list (`RichTextList` of @slack/types: 0 to 8; confirmed in Block Kit Builder by
/// imryche/blockkit#123).
pub(super) const INDENT: u8 = 8;
/// Characters of the top-level text ("chat.postMessage", truncating content: 4,000 for best results; beyond 40,000 the
/// rest is cut off without an error). Longer texts come apart into several messages, which breaks their formatting
/// (chainloop-dev/chainloop#272), so 4,000 it is.
pub(super) const TOP_TEXT: usize = 4000;
/// Characters of all blocks together, [`PER_BLOCK`] included. Undocumented; beyond it Slack answers
/// `msg_blocks_too_long`. Observed: 13,297 of text as the most in one block, 13,172 with a divider
/// (slackapi/bolt-js#2509).
pub(super) const TOTAL: usize = 13_000;
/// What a block counts towards [`TOTAL`] next to its text. slackapi/bolt-js#2867 saw 9,597 characters in 50 blocks
/// accepted and 11,341 in 45 refused: the container costs between 37 and 68, if [`TOTAL`] is right.
pub(super) const PER_BLOCK: usize = 50;

/// What the blocks count towards [`TOTAL`].
pub(super) fn weight(blocks: &[Block]) -> usize {
    blocks.iter().map(|block| PER_BLOCK + block_weight(block)).sum()
}

fn block_weight(block: &Block) -> usize {
    match block {
        Block::Header(text) => length(text),
        Block::Divider => 0,
        Block::Section { text, fields } => text.iter().chain(fields).map(text_weight).sum(),
        Block::Context(texts) => texts.iter().map(text_weight).sum(),
        Block::RichText(parts) => parts.iter().map(rich_weight).sum(),
    }
}

fn text_weight(text: &Text) -> usize {
    match text {
        Text::Plain(text) | Text::Mrkdwn(text) => length(text),
    }
}

fn rich_weight(part: &Rich) -> usize {
    match part {
        Rich::Section(runs) | Rich::Preformatted(runs) | Rich::Quote(runs) => runs.iter().map(inline_weight).sum(),
        Rich::List { items, .. } => items.iter().flatten().map(inline_weight).sum(),
    }
}

fn inline_weight(run: &Inline) -> usize {
    match run {
        Inline::Text { text, .. } => length(text),
        // Whether Slack counts the address is unknown; counting it errs on the safe side.
        Inline::Link { url, text, .. } => length(url) + text.as_deref().map_or(0, length),
        Inline::Emoji(name) => length(name),
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}
