//! A request body and its blocks: JSON to model.
//!
//! After "chat.postMessage", "Sending messages using incoming webhooks" and the block pages of docs.slack.dev. Unknown
//! fields are problems because Slack refuses them in blocks ("invalid additional property"); at the top they are typing
//! errors that would go unnoticed.

use std::collections::HashSet;

use super::model::{Block, Message, Text};
use super::node::{PlacedObject, PlacedValue, Problems, described, quoted};
use super::problem::{Problem, ProblemKind};
use super::text::{formatted, plain_object, text_object};
use super::{limits, rich};
use crate::json::Json;

/// The fields of a body that are read.
const BODY: [&str; 8] = ["channel", "text", "blocks", "mrkdwn", "unfurl_links", "unfurl_media", "parse", "link_names"];

/// Fields of `chat.postMessage` that are not. Names and icons are ignored by webhooks ("Sending messages using incoming
/// webhooks") and need a scope of their own otherwise (`chat:write.customize`); attachments are legacy.
const UNMODELLED: [&str; 9] = [
    "username",
    "icon_emoji",
    "icon_url",
    "as_user",
    "attachments",
    "markdown_text",
    "metadata",
    "reply_broadcast",
    "thread_ts",
];

/// Reads a body for an incoming webhook or `chat.postMessage`.
///
/// Everything Slack would refuse, everything that mentions people or makes Slack look for names, and everything the
/// model has no place for is a problem. Lengths are counted in Unicode scalar values of the text as sent; Slack does
/// not say what its "characters" are.
///
/// # Errors
///
/// All problems at once, at least one.
pub fn read(body: &Json) -> Result<Message, Vec<Problem>> {
    let mut found = Problems::new();
    let message = message(&PlacedValue::root(body), &mut found);
    match message {
        Some(message) if found.is_empty() => Ok(message),
        _ => Err(found),
    }
}

fn message(body: &PlacedValue, found: &mut Problems) -> Option<Message> {
    let body = body.object(found)?;
    body.only(&BODY, &UNMODELLED, found);
    name_lookup(&body, found);
    for key in ["unfurl_links", "unfurl_media"] {
        body.flag(key, found);
    }
    let channel = body.get("channel").and_then(|node| node.words(found)).map(str::to_owned);
    let text = top_text(&body, found);
    let mrkdwn = body.flag("mrkdwn", found).unwrap_or(true);
    let blocks = body.get("blocks").map(|node| blocks(&node, found)).unwrap_or_default();
    Some(Message { channel, text, mrkdwn, blocks })
}

/// Leaves problems for what makes Slack turn names in plain text into mentions ("Formatting message text", automatic
/// parsing): any `parse` but `none`, and `link_names`.
fn name_lookup(body: &PlacedObject, found: &mut Problems) {
    if let Some(node) = body.get("parse")
        && node.string(found).is_some_and(|mode| mode != "none")
    {
        let what = format!("`parse` must be none, found {}: it turns names into mentions", described(node.value()));
        node.report(found, ProblemKind::Mention, what);
    }
    if let Some(node) = body.get("link_names") {
        link_names(&node, found);
    }
}

/// Slack takes 0 and 1 as well as truth values here, as numbers or texts.
fn link_names(node: &PlacedValue, found: &mut Problems) {
    let off = match node.value() {
        Json::Bool(on) => Some(!on),
        Json::Number(text) => text.parse::<i64>().ok().map(|number| number == 0),
        Json::String(text) => Some(matches!(text.as_str(), "0" | "false")),
        _ => None,
    };
    match off {
        Some(true) => {}
        Some(false) => node.report(found, ProblemKind::Mention, "`link_names` turns names into mentions"),
        None => {
            node.report(
                found,
                ProblemKind::Shape,
                format!("expected true or false, found {}", described(node.value())),
            );
        }
    }
}

/// The top-level text. It is looked through for mentions even where `mrkdwn` is false, which turns off the formatting;
/// whether it also turns off `<...>` is not documented.
fn top_text(body: &PlacedObject, found: &mut Problems) -> Option<String> {
    let Some(node) = body.get("text") else {
        no_text(body, found);
        return None;
    };
    let text = node.words(found)?;
    node.at_most(limits::TOP_TEXT, text, found);
    formatted(&node, text, found);
    Some(text.to_owned())
}

/// Leaves the problem that there is no text. Slack's `no_text` only means bodies without blocks, but notifications and
/// screen readers show the text instead of the blocks ("chat.postMessage", accessibility considerations).
fn no_text(body: &PlacedObject, found: &mut Problems) {
    if body.get("blocks").is_some() {
        body.node().report(
            found,
            ProblemKind::Shape,
            "`text` is missing, which notifications show instead of the blocks",
        );
    } else {
        body.node().report(found, ProblemKind::Empty, "neither `text` nor `blocks`, a message needs one of them");
    }
}

fn blocks(node: &PlacedValue, found: &mut Problems) -> Vec<Block> {
    let nodes = node.entries(Some(limits::BLOCKS), found);
    let mut ids = HashSet::new();
    let blocks: Vec<_> = nodes.iter().filter_map(|node| block(node, &mut ids, found)).collect();
    let weight = limits::weight(&blocks);
    if weight > limits::TOTAL {
        let what = format!(
            "{weight} characters in all blocks (each counting {} more), at most {} are allowed",
            limits::PER_BLOCK,
            limits::TOTAL
        );
        node.report(found, ProblemKind::TooLong, what);
    }
    blocks
}

fn block<'j>(node: &PlacedValue<'j>, ids: &mut HashSet<&'j str>, found: &mut Problems) -> Option<Block> {
    let object = node.object(found)?;
    block_id(&object, ids, found);
    match object.tag(found)? {
        "header" => header(&object, found),
        "divider" => {
            object.only(&["type", "block_id"], &[], found);
            Some(Block::Divider)
        }
        "section" => Some(section(&object, found)),
        "context" => Some(context(&object, found)),
        "rich_text" => {
            object.only(&["type", "block_id", "elements"], &[], found);
            Some(Block::RichText(rich::rich_text(&object, found)))
        }
        other => {
            node.report(
                found,
                ProblemKind::Unsupported,
                format!("trailbell does not use blocks of type {}", quoted(other)),
            );
            None
        }
    }
}

/// The id is checked and dropped: nothing answers to it. Two empty ones are duplicates to Slack (slack-go/slack#823).
fn block_id<'j>(object: &PlacedObject<'j>, ids: &mut HashSet<&'j str>, found: &mut Problems) {
    let Some(node) = object.get("block_id") else { return };
    let Some(id) = node.filled(found) else { return };
    node.at_most(limits::BLOCK_ID, id, found);
    if !ids.insert(id) {
        node.report(found, ProblemKind::Shape, format!("{} is the `block_id` of an earlier block", quoted(id)));
    }
}

fn header(object: &PlacedObject, found: &mut Problems) -> Option<Block> {
    object.only(&["type", "block_id", "text"], &[], found);
    let text = object.need("text", found)?;
    plain_object(&text, limits::HEADER, found).map(Block::Header)
}

fn section(object: &PlacedObject, found: &mut Problems) -> Block {
    object.only(&["type", "block_id", "text", "fields"], &["accessory", "expand"], found);
    let (text, fields) = (object.get("text"), object.get("fields"));
    if text.is_none() && fields.is_none() {
        object.node().report(found, ProblemKind::Shape, "a section needs `text` or `fields`");
    }
    let text = text.and_then(|node| text_object(&node, limits::TEXT, found));
    let fields = fields.map(|node| texts(&node, limits::FIELDS, limits::FIELD, found)).unwrap_or_default();
    Block::Section { text, fields }
}

fn context(object: &PlacedObject, found: &mut Problems) -> Block {
    object.only(&["type", "block_id", "elements"], &[], found);
    let elements = object.need("elements", found);
    Block::Context(elements.map(|node| texts(&node, limits::CONTEXT, limits::TEXT, found)).unwrap_or_default())
}

/// A list of at most `entries` text objects with at most `characters` each.
fn texts(node: &PlacedValue, entries: usize, characters: usize, found: &mut Problems) -> Vec<Text> {
    let nodes = node.entries(Some(entries), found);
    nodes.iter().filter_map(|node| text_object(node, characters, found)).collect()
}
