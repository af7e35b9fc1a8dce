//! A message that is written out reads back as it was, and no JSON makes the reader panic.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::mrkdwn::specials;
use super::super::{Block, Inline, Message, ProblemKind, Rich, Style, Text};
use super::{mrkdwn, plain, problems, read};

/// The body of a message; what `read` must turn into the message again.
fn body(message: &Message) -> Value {
    let mut body = Map::new();
    let mut set = |key: &str, value: Option<Value>| value.map(|value| body.insert(key.into(), value));
    set("channel", message.channel.as_deref().map(Value::from));
    set("text", message.text.as_deref().map(Value::from));
    set("mrkdwn", (!message.mrkdwn).then_some(Value::Bool(false)));
    set("blocks", (!message.blocks.is_empty()).then(|| message.blocks.iter().map(block).collect()));
    Value::Object(body)
}

fn block(block: &Block) -> Value {
    let texts = |texts: &[Text]| texts.iter().map(text).collect::<Value>();
    match block {
        Block::Header(text) => json!({"type": "header", "text": plain(text)}),
        Block::Divider => json!({"type": "divider"}),
        Block::Section { text: Some(first), fields } if fields.is_empty() => {
            json!({"type": "section", "text": text(first)})
        }
        Block::Section { text: None, fields } => json!({"type": "section", "fields": texts(fields)}),
        Block::Section { text: Some(first), fields } => {
            json!({"type": "section", "text": text(first), "fields": texts(fields)})
        }
        Block::Context(elements) => json!({"type": "context", "elements": texts(elements)}),
        Block::RichText(parts) => {
            json!({"type": "rich_text", "elements": parts.iter().map(part).collect::<Value>()})
        }
    }
}

fn text(text: &Text) -> Value {
    match text {
        Text::Plain(text) => plain(text),
        Text::Mrkdwn(text) => mrkdwn(text),
    }
}

fn part(part: &Rich) -> Value {
    let of =
        |kind: &str, runs: &[Inline]| json!({"type": kind, "elements": runs.iter().map(inline).collect::<Value>()});
    match part {
        Rich::Section(runs) => of("rich_text_section", runs),
        Rich::Preformatted(runs) => of("rich_text_preformatted", runs),
        Rich::Quote(runs) => of("rich_text_quote", runs),
        Rich::List { ordered, indent, items } => json!({
            "type": "rich_text_list", "style": if *ordered { "ordered" } else { "bullet" }, "indent": indent,
            "elements": items.iter().map(|runs| of("rich_text_section", runs)).collect::<Value>(),
        }),
    }
}

fn inline(run: &Inline) -> Value {
    let flags =
        |style: &Style| json!({"bold": style.bold, "italic": style.italic, "strike": style.strike, "code": style.code});
    match run {
        Inline::Text { text, style } => json!({"type": "text", "text": text, "style": flags(style)}),
        Inline::Link { url, text: Some(text), style } => {
            json!({"type": "link", "url": url, "text": text, "style": flags(style)})
        }
        Inline::Link { url, text: None, style } => json!({"type": "link", "url": url, "style": flags(style)}),
        Inline::Emoji(name) => json!({"type": "emoji", "name": name}),
    }
}

/// A text with something to see in it.
fn any_text() -> impl Strategy<Value = String> {
    "[a-z<>&!@#|*\u{fc}\u{1F514} \n]{1,60}".prop_filter("blank", |text| !text.trim().is_empty())
}

fn any_formatted() -> impl Strategy<Value = String> {
    any_text().prop_filter("special", |text| specials(text).next().is_none())
}

fn any_text_object() -> impl Strategy<Value = Text> {
    prop_oneof![any_text().prop_map(Text::Plain), any_formatted().prop_map(Text::Mrkdwn)]
}

fn any_style() -> impl Strategy<Value = Style> {
    any::<[bool; 4]>().prop_map(|[bold, italic, strike, code]| Style { bold, italic, strike, code })
}

fn any_literal() -> impl Strategy<Value = Inline> {
    let label = proptest::option::of(any_text());
    prop_oneof![
        ("(?s).{1,60}", any_style()).prop_map(|(text, style)| Inline::Text { text, style }),
        ("(https?://|mailto:)[a-z][a-z./]{1,40}", label, any_style()).prop_map(|(url, text, style)| Inline::Link {
            url,
            text,
            style
        }),
    ]
}

fn any_run() -> impl Strategy<Value = Inline> {
    prop_oneof![3 => any_literal(), 1 => "[a-z0-9_+-]{1,20}".prop_map(Inline::Emoji)]
}

fn some<S: Strategy>(strategy: S) -> impl Strategy<Value = Vec<S::Value>> {
    proptest::collection::vec(strategy, 1..4)
}

fn any_rich() -> impl Strategy<Value = Rich> {
    prop_oneof![
        some(any_run()).prop_map(Rich::Section),
        some(any_literal()).prop_map(Rich::Preformatted),
        some(any_run()).prop_map(Rich::Quote),
        (any::<bool>(), 0..=8_u8, some(some(any_run()))).prop_map(|(ordered, indent, items)| Rich::List {
            ordered,
            indent,
            items
        }),
    ]
}

fn any_section() -> impl Strategy<Value = Block> {
    let fields = || some(any_text_object());
    prop_oneof![
        any_text_object().prop_map(|text| Block::Section { text: Some(text), fields: Vec::new() }),
        (proptest::option::of(any_text_object()), fields()).prop_map(|(text, fields)| Block::Section { text, fields }),
    ]
}

fn any_block() -> impl Strategy<Value = Block> {
    prop_oneof![
        any_text().prop_map(Block::Header),
        Just(Block::Divider),
        any_section(),
        some(any_text_object()).prop_map(Block::Context),
        some(any_rich()).prop_map(Block::RichText),
    ]
}

fn any_message() -> impl Strategy<Value = Message> {
    let channel = proptest::option::of("[A-Z0-9]{1,11}");
    (channel, any_formatted(), any::<bool>(), proptest::collection::vec(any_block(), 0..5))
        .prop_map(|(channel, text, mrkdwn, blocks)| Message { channel, text: Some(text), mrkdwn, blocks })
}

/// Words that mean something to the reader.
const WORDS: &[&str] = &[
    "type",
    "text",
    "blocks",
    "elements",
    "fields",
    "style",
    "indent",
    "url",
    "name",
    "block_id",
    "header",
    "section",
    "context",
    "divider",
    "rich_text",
    "rich_text_section",
    "rich_text_list",
    "rich_text_quote",
    "rich_text_preformatted",
    "link",
    "emoji",
    "user",
    "plain_text",
    "mrkdwn",
    "ordered",
    "bold",
    "parse",
    "link_names",
    "<!here>",
    "<",
    "https://a.b",
    "",
];

fn word() -> impl Strategy<Value = String> {
    proptest::sample::select(WORDS).prop_map(str::to_owned)
}

/// The tags of what has elements, fields or a text.
const TAGS: &[&str] =
    &["header", "section", "context", "rich_text", "rich_text_section", "rich_text_list", "text", "link"];

/// JSON that is arbitrary but often looks like blocks.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "(?s).{0,8}".prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 96, 6, |inner| {
        let fields = proptest::collection::vec((word(), inner.clone()), 0..6);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            fields.prop_map(|fields| Value::Object(fields.into_iter().collect())),
            (proptest::sample::select(TAGS), proptest::collection::vec(inner.clone(), 0..4), inner.clone()).prop_map(
                |(tag, elements, text)| json!({"type": tag, "elements": elements, "fields": elements, "text": text}),
            ),
            proptest::collection::vec(inner, 0..6).prop_map(|blocks| json!({"text": "t", "blocks": blocks})),
        ]
    })
}

proptest! {
    #[test]
    fn reading_never_panics(json in any_json()) {
        if let Err(found) = read(&json) {
            prop_assert!(!found.is_empty());
        }
        // Every place exists in the document.
        for (at, _) in problems(&json) {
            prop_assert!(json.pointer(&at).is_some(), "{at}");
        }
    }

    #[test]
    fn a_message_reads_back(message in any_message()) {
        prop_assert_eq!(read(&body(&message)), Ok(message));
    }

    #[test]
    fn one_unknown_field_is_one_problem(message in any_message()) {
        let mut body = body(&message);
        body["colour"] = json!("red");
        prop_assert_eq!(problems(&body), [("/colour".to_owned(), ProblemKind::Shape)]);
    }
}
