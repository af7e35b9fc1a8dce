//! Both renderers on one rich message, and on messages made of hostile text.

use console::measure_text_width;
use proptest::prelude::*;

use super::Frame;
use super::html::{PageMessage, page};
use super::terminal::terminal;
use crate::render::style::Paint;
use crate::slack::{Block, Inline, Message, Rich, Style, Text};

const PLAIN: Style = Style { bold: false, italic: false, strike: false, code: false };
const BOLD: Style = Style { bold: true, ..PLAIN };
const CODE: Style = Style { code: true, ..PLAIN };

fn frame() -> Frame {
    Frame { channel: "#security-alerts".into(), app: "trailbell".into(), time: "11:31".into() }
}

fn text(text: &str, style: Style) -> Inline {
    Inline::Text { text: text.into(), style }
}

fn link(url: &str, text: Option<&str>) -> Inline {
    Inline::Link { url: url.into(), text: text.map(Into::into), style: PLAIN }
}

fn rich_text() -> Block {
    let who = vec![
        text("Who", BOLD),
        text("  ", PLAIN),
        text("assumed-role/Admin/zoe", CODE),
        text("\n", PLAIN),
        text("When", BOLD),
        text("  2026-07-01 11:31:04 UTC, not ", PLAIN),
        text("10:31", Style { strike: true, italic: true, ..PLAIN }),
        text("\n", PLAIN),
        Inline::Emoji("mag".into()),
        text(" ", PLAIN),
        link("https://console.aws.amazon.com/cloudtrailv2/home#/events/1?a=1&b=2", Some("Open in CloudTrail")),
        link("javascript:alert(1)", Some(" or not")),
    ];
    Block::RichText(vec![
        Rich::Section(who),
        Rich::List {
            ordered: true,
            indent: 0,
            items: vec![vec![text("Ask the owner", PLAIN)], vec![text("Act", BOLD)]],
        },
        Rich::List { ordered: false, indent: 1, items: vec![vec![text("on a list that needs two lines", PLAIN)]] },
        Rich::Quote(vec![text("Treat it as real.", PLAIN)]),
        Rich::Preformatted(vec![text("{\n  \"a\": \"<b>\"\n}", PLAIN)]),
    ])
}

fn message() -> Message {
    let mrkdwn = |text: &str| Text::Mrkdwn(text.into());
    Message {
        text: Some("only for notifications".into()),
        mrkdwn: true,
        blocks: vec![
            Block::Header(":rotating_light: CloudTrail logging turned off".into()),
            Block::Section {
                text: Some(mrkdwn("<!here> *Root* &amp; _co_\n> ~said~\n```\naws iam\n```")),
                fields: vec![mrkdwn("*Account*\n`123456789012`"), mrkdwn("*Region*\neu-central-1"), mrkdwn("*From*")],
            },
            Block::Divider,
            rich_text(),
            Block::Context(vec![mrkdwn(":bell: *critical*"), Text::Plain("trailbell stack".into())]),
        ],
        ..Message::default()
    }
}

#[test]
fn a_terminal_shows_every_block() {
    let drawn = [(false, 80), (false, 40), (true, 80)]
        .map(|(color, width)| terminal(&message(), &frame(), Paint { color }, width).replace('\u{1b}', "^"));
    insta::assert_snapshot!(drawn.join("\n\n"));
}

#[test]
fn a_page_shows_every_block_twice() {
    let page =
        page(&[PageMessage { message: message(), frame: frame(), caption: "An <alert>".into() }], "Alerts & more");
    let (head, rest) = page.split_once("<style>").unwrap();
    let body = rest.split_once("</style>").unwrap().1;
    assert_eq!(body.matches("CloudTrail logging turned off").count(), 2);
    // The second panel differs only in its theme.
    let (light, _) = body.split_once("aria-label=\"Dark theme\"").unwrap();
    insta::assert_snapshot!(format!("{head}…{light}…"));
}

#[test]
fn an_empty_message_is_a_frame() {
    let drawn = terminal(&Message::default(), &frame(), Paint { color: false }, 0);
    assert_eq!(drawn, "# security-alerts\n\n  │ trailbell [APP] 11:31");
}

/// Whether a character must never be shown raw. Written apart from the renderers' own list, and shorter.
fn dangerous(c: char) -> bool {
    let controls = (c < ' ' && c != '\n') || ('\u{7f}'..='\u{9f}').contains(&c);
    controls
        || "\u{61c}\u{ad}\u{feff}\u{3164}".contains(c)
        || ['\u{200b}'..='\u{200f}', '\u{2028}'..='\u{202e}', '\u{2060}'..='\u{206f}', '\u{e0000}'..='\u{e01ef}']
            .iter()
            .any(|range| range.contains(&c))
}

fn hostile_text() -> impl Strategy<Value = String> {
    const PIECES: [&str; 40] = [
        "\u{1b}[2J",
        "\u{1b}]8;;",
        "\u{7}",
        "\u{9b}",
        "\r",
        "\r\n",
        "\n",
        "\t",
        "\u{0}",
        "\u{202e}",
        "\u{2066}",
        "\u{200f}",
        "\u{200b}",
        "\u{2028}",
        "\u{feff}",
        "\u{e0041}",
        "⚠\u{fe0f}",
        "e\u{301}",
        "監査",
        "שלום",
        "*",
        "_",
        "~",
        "`",
        "```",
        "> ",
        "&gt;",
        "&amp;lt;",
        "<",
        ">",
        "<!here>",
        "<https://e.com?\"'|",
        "<javascript:x|",
        ":bell:",
        "https://e.com/",
        "<script>",
        "\"",
        "'",
        " word ",
        "averyveryverylongword",
    ];
    let piece = prop_oneof![
        4 => prop::sample::select(PIECES.as_slice()).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn hostile_message() -> impl Strategy<Value = Message> {
    let texts = prop::collection::vec(hostile_text(), 8);
    (texts, any::<bool>(), any::<bool>(), 0..12_u8).prop_map(|(texts, blocks, mrkdwn, indent)| Message {
        text: Some(texts[0].clone()),
        mrkdwn,
        blocks: if blocks { hostile_blocks(&texts, mrkdwn, indent) } else { Vec::new() },
        ..Message::default()
    })
}

fn hostile_blocks(texts: &[String], ordered: bool, indent: u8) -> Vec<Block> {
    let [mrkdwn, plain] = [&texts[1], &texts[2]];
    let link = |url: &str| link(url, Some(&texts[3]));
    let inline =
        vec![text(plain, CODE), link(mrkdwn), link(&format!("https://{mrkdwn}")), Inline::Emoji(plain.clone())];
    vec![
        Block::Header(texts[4].clone()),
        Block::Section {
            text: Some(Text::Plain(plain.clone())),
            fields: texts[5..].iter().map(|text| Text::Mrkdwn(text.clone())).collect(),
        },
        Block::Context(vec![Text::Mrkdwn(mrkdwn.clone()), Text::Plain(plain.clone())]),
        Block::RichText(vec![
            Rich::Section(inline.clone()),
            Rich::Quote(inline.clone()),
            Rich::Preformatted(inline.clone()),
            Rich::List { ordered, indent, items: vec![inline.clone(), Vec::new()] },
        ]),
    ]
}

/// The text without the sequences the renderer writes: styles, and links to printable ASCII.
fn without_sequences(text: &str) -> String {
    let mut pieces = text.split('\u{1b}');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let style = |rest: &str| {
            rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').strip_prefix('m').map(str::to_owned)
        };
        let address = |rest: &str| rest.bytes().all(|b| b.is_ascii_graphic()).then(String::new);
        let rest = match (piece.strip_prefix('['), piece.strip_prefix("]8;;"), piece.strip_prefix('\\')) {
            (Some(rest), _, _) => style(rest),
            (_, Some(rest), _) => address(rest),
            (_, _, Some(rest)) => Some(rest.to_owned()),
            _ => None,
        };
        out += &rest.unwrap_or_else(|| "\u{1b}".to_owned());
    }
    out
}

/// The tags between which the text is; fails on anything that is not a tag the renderer writes.
fn checked_tags(body: &str) -> Result<String, String> {
    const TAGS: [&str; 34] = [
        "main",
        "h1",
        "h2",
        "h3",
        "section",
        "div",
        "p",
        "span",
        "bdi",
        "article",
        "hr",
        "blockquote",
        "pre",
        "ol",
        "ul",
        "li",
        "code",
        "s",
        "em",
        "strong",
        "a",
        "br",
        "svg",
        "rect",
        "path",
        "body",
        "html",
        "b",
        "i",
        "u",
        "title",
        "head",
        "meta",
        "style",
    ];
    let mut text = String::new();
    let mut rest = body;
    while let Some((before, tagged)) = rest.split_once('<') {
        text += before;
        let (tag, after) = tagged.split_once('>').ok_or("an open tag")?;
        let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
        if !TAGS.contains(&name) || !attributes_are_known(tag) {
            return Err(format!("<{tag}>"));
        }
        rest = after;
    }
    text += rest;
    if text.contains('>') { Err("a bracket in the text".to_owned()) } else { Ok(text) }
}

fn attributes_are_known(tag: &str) -> bool {
    const KNOWN: [&str; 14] = [
        "class",
        "id",
        "dir",
        "href",
        "rel",
        "role",
        "aria-label",
        "aria-labelledby",
        "aria-hidden",
        "viewBox",
        "width",
        "height",
        "focusable",
        "d",
    ];
    let Some((_, attributes)) = tag.trim_end_matches('/').split_once(' ') else { return true };
    // Between quotes stand values, elsewhere names.
    attributes.split('"').step_by(2).all(|name| name.is_empty() || KNOWN.contains(&name.trim().trim_end_matches('=')))
        && attributes.split("href=\"").skip(1).all(|url| {
            let url = url.to_ascii_lowercase();
            ["http://", "https://", "mailto:"].iter().any(|scheme| url.starts_with(scheme))
        })
}

proptest! {
    #[test]
    fn nothing_hostile_reaches_a_terminal(message in hostile_message(), name in hostile_text(), width in 0..120_usize) {
        let frame = Frame { channel: name.clone(), app: name.clone(), time: name };
        for color in [false, true] {
            let drawn = without_sequences(&terminal(&message, &frame, Paint { color }, width));
            prop_assert!(!drawn.contains(dangerous) && !drawn.contains('\u{fe0f}'), "{drawn:?}");
        }
    }

    #[test]
    fn lines_keep_to_the_width(message in hostile_message(), width in 28..120_usize) {
        let drawn = terminal(&message, &frame(), Paint { color: true }, width);
        for line in without_sequences(&drawn).lines() {
            prop_assert!(measure_text_width(line) <= width, "{line:?}");
        }
    }

    #[test]
    fn nothing_hostile_reaches_a_page(message in hostile_message(), name in hostile_text()) {
        let frame = Frame { channel: name.clone(), app: name.clone(), time: name.clone() };
        let page = page(&[PageMessage { message, frame, caption: name.clone() }], &name);
        prop_assert!(!page.contains(dangerous), "{page:?}");
        let body = page.split_once("<body>").unwrap().1;
        prop_assert!(checked_tags(body).is_ok(), "{:?}", checked_tags(body));
        prop_assert!(!page.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0.contains('<'));
    }

    #[test]
    fn rich_text_is_shown_to_the_letter(text in "[a-z<>&\"'*_~`:|!@#é ]{0,40}") {
        let inline = vec![self::text(&text, PLAIN)];
        let message = Message { blocks: vec![Block::RichText(vec![Rich::Section(inline)])], ..Message::default() };
        let page = page(&[PageMessage { message, frame: frame(), caption: String::new() }], "");
        let body = page.split_once("<div class=\"block\">").unwrap().1.split_once("</div>").unwrap().0;
        let shown = checked_tags(body).unwrap();
        let [quot, apos, lt, gt, amp] = [("&quot;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
        let shown = [quot, apos, lt, gt, amp].iter().fold(shown, |shown, (name, c)| shown.replace(name, c));
        prop_assert_eq!(shown.trim_matches('\n'), text);
    }
}
