//! A message as shapes made of runs: what both renderers draw. All text in them is harmless already.
//!
//! Neighbors: `mrkdwn` reads Slack's markup into the same runs, `safe` says what is harmless.

use super::{emoji, mrkdwn, safe};
use crate::slack::{Block, Inline, Message, Rich, Style, Text};

/// One block as it is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A heading.
    Header(Vec<Run>),
    /// A line.
    Divider,
    /// Paragraphs, lists, quotes and code.
    Parts(Vec<ViewPart>),
    /// Fields that are in two columns.
    Fields(Vec<Vec<ViewPart>>),
    /// Small print, each element apart.
    Context(Vec<Vec<Run>>),
}

/// What begins on a line of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ViewPart {
    /// A paragraph, which may have several lines.
    Paragraph(Vec<Run>),
    /// A quotation.
    Quote(Vec<Run>),
    /// A block of code.
    Pre(Vec<Run>),
    /// A list.
    List {
        /// Whether the items are numbered.
        ordered: bool,
        /// How far it is moved to the right, in steps.
        indent: u8,
        /// The items.
        items: Vec<Vec<Run>>,
    },
}

/// A run of characters that look the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// What it is.
    pub(super) kind: RunKind,
    /// How it looks.
    pub(super) style: Style,
}

/// What a run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RunKind {
    /// Text.
    Text(String),
    /// A link that may be followed.
    Link {
        /// What is shown.
        text: String,
        /// Where it leads, in printable ASCII.
        url: String,
    },
    /// Someone's or a channel's name.
    Mention {
        /// The name with its `@` or `#`.
        text: String,
        /// Whether it calls everyone.
        all: bool,
    },
    /// A picture with its name.
    Emoji {
        /// The name without colons.
        name: String,
        /// The picture.
        picture: &'static str,
    },
}

impl Run {
    /// Text as it is.
    pub(super) fn text(text: &str, style: Style) -> Self {
        Self { kind: RunKind::Text(safe::visible(text)), style }
    }

    /// A link, or text that names the address where it may not be followed.
    pub(super) fn link(url: &str, text: Option<&str>, style: Style) -> Self {
        let shown = text.filter(|text| !text.is_empty()).unwrap_or(url);
        match safe::target(url) {
            Some(url) => Self { kind: RunKind::Link { text: safe::visible(shown), url }, style },
            None if shown == url => Self::text(url, style),
            None => Self::text(&format!("{shown} ({url})"), style),
        }
    }

    /// An emoji, or its name where there is no picture.
    pub(super) fn emoji(name: &str, style: Style) -> Self {
        match emoji::picture(name) {
            Some(picture) => Self { kind: RunKind::Emoji { name: name.to_owned(), picture }, style },
            None => Self::text(&format!(":{name}:"), style),
        }
    }

    /// A mention.
    pub(super) fn mention(text: &str, all: bool, style: Style) -> Self {
        Self { kind: RunKind::Mention { text: safe::label(text), all }, style }
    }
}

/// The blocks, or the text of a message that has none.
pub(super) fn shapes(message: &Message) -> Vec<Shape> {
    if message.blocks.is_empty() {
        return message.text.iter().map(|text| Shape::Parts(top_level(text, message.mrkdwn))).collect();
    }
    message.blocks.iter().flat_map(block).collect()
}

fn top_level(text: &str, mrkdwn: bool) -> Vec<ViewPart> {
    if mrkdwn { mrkdwn::parts(text) } else { vec![ViewPart::Paragraph(mrkdwn::unformatted(text))] }
}

fn block(block: &Block) -> Vec<Shape> {
    match block {
        Block::Header(text) => vec![Shape::Header(mrkdwn::plain(text))],
        Block::Divider => vec![Shape::Divider],
        Block::Section { text, fields } => section(text.as_ref(), fields),
        Block::Context(elements) => vec![Shape::Context(elements.iter().map(element).collect())],
        Block::RichText(rich) => vec![Shape::Parts(rich.iter().map(part).collect())],
    }
}

fn section(text: Option<&Text>, fields: &[Text]) -> Vec<Shape> {
    let mut shapes: Vec<Shape> = text.map(|text| Shape::Parts(parts(text))).into_iter().collect();
    if !fields.is_empty() {
        shapes.push(Shape::Fields(fields.iter().map(parts).collect()));
    }
    shapes
}

fn parts(text: &Text) -> Vec<ViewPart> {
    match text {
        Text::Plain(text) => vec![ViewPart::Paragraph(mrkdwn::plain(text))],
        Text::Mrkdwn(text) => mrkdwn::parts(text),
    }
}

fn element(text: &Text) -> Vec<Run> {
    match text {
        Text::Plain(text) => mrkdwn::plain(text),
        Text::Mrkdwn(text) => mrkdwn::line(text),
    }
}

fn part(rich: &Rich) -> ViewPart {
    match rich {
        Rich::Section(inline) => ViewPart::Paragraph(runs(inline)),
        Rich::Quote(inline) => ViewPart::Quote(runs(inline)),
        Rich::Preformatted(inline) => ViewPart::Pre(runs(inline)),
        Rich::List { ordered, indent, items } => {
            ViewPart::List { ordered: *ordered, indent: *indent, items: items.iter().map(|item| runs(item)).collect() }
        }
    }
}

fn runs(inline: &[Inline]) -> Vec<Run> {
    inline.iter().map(run).collect()
}

fn run(inline: &Inline) -> Run {
    match inline {
        Inline::Text { text, style } => Run::text(text, *style),
        Inline::Link { url, text, style } => Run::link(url, text.as_deref(), *style),
        Inline::Emoji(name) => Run::emoji(name, Style::default()),
    }
}

/// What is before an item: dots or numbers that change with the depth, as Slack's do.
pub(super) fn marker(ordered: bool, indent: u8, place: usize) -> String {
    match (ordered, indent % 3) {
        (false, 0) => "•".to_owned(),
        (false, 1) => "◦".to_owned(),
        (false, _) => "▪".to_owned(),
        (true, 0) => format!("{}.", place + 1),
        (true, 1) => format!("{}.", letters(place)),
        (true, _) => format!("{}.", roman(place + 1)),
    }
}

/// a, b, … z, aa, ab, …
fn letters(mut place: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b"abcdefghijklmnopqrstuvwxyz"[place % 26]));
        if place < 26 {
            return letters.iter().rev().collect();
        }
        place = place / 26 - 1;
    }
}

/// Lower case; plain digits from 100 on, where a list item's number would become a long word.
fn roman(mut number: usize) -> String {
    const DIGITS: [(usize, &str); 8] =
        [(90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")];
    if number >= 100 {
        return number.to_string();
    }
    let mut roman = String::new();
    for (value, digits) in DIGITS {
        while number >= value {
            roman.push_str(digits);
            number -= value;
        }
    }
    roman
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_change_with_the_depth() {
        let some = |ordered, indent| [0, 3, 25, 26, 120].map(|place| marker(ordered, indent, place)).join(" ");
        assert_eq!(some(false, 0) + &some(false, 1) + &some(false, 2), "• • • • •◦ ◦ ◦ ◦ ◦▪ ▪ ▪ ▪ ▪");
        assert_eq!(some(true, 0), "1. 4. 26. 27. 121.");
        assert_eq!(some(true, 1), "a. d. z. aa. dq.");
        assert_eq!(some(true, 5), "i. iv. xxvi. xxvii. 121.");
    }

    #[test]
    fn links_that_may_not_be_followed_name_their_address() {
        let style = Style::default();
        assert_eq!(Run::link("javascript:x", Some("Open"), style), Run::text("Open (javascript:x)", style));
        assert_eq!(Run::link("javascript:x", None, style), Run::text("javascript:x", style));
        assert_eq!(Run::emoji("nobody", style), Run::text(":nobody:", style));
    }

    #[test]
    fn the_text_is_shown_only_without_blocks() {
        let mut message = Message { text: Some("*a*".into()), mrkdwn: false, ..Message::default() };
        let literal = ViewPart::Paragraph(vec![Run::text("*a*", Style::default())]);
        assert_eq!(shapes(&message), [Shape::Parts(vec![literal])]);
        message.blocks.push(Block::Divider);
        assert_eq!(shapes(&message), [Shape::Divider]);
    }
}
