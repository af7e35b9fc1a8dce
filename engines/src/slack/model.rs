//! The messages trailbell sends, as Slack's incoming webhooks and `chat.postMessage` take them.
//!
//! Only the part of Block Kit that alerts are made of. `read` takes a JSON body into these types and says what Slack
//! would refuse; the renderers show them. Names and limits follow Slack's Block Kit reference.

/// A whole request body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The channel, for `chat.postMessage` only.
    pub channel: Option<String>,
    /// The text: the message itself where there are no blocks, otherwise what notifications show.
    pub text: Option<String>,
    /// Whether `text` is read as mrkdwn (`mrkdwn` in the body; Slack's default is true).
    pub mrkdwn: bool,
    /// The blocks, from top to bottom.
    pub blocks: Vec<Block>,
}

/// One block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading in plain text.
    Header(String),
    /// A line.
    Divider,
    /// A text, or up to ten fields in two columns.
    Section {
        /// The text above the fields.
        text: Option<Text>,
        /// The fields.
        fields: Vec<Text>,
    },
    /// Small print.
    Context(Vec<Text>),
    /// Formatted text that shows every character literally.
    RichText(Vec<Rich>),
}

/// A text object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// `plain_text`.
    Plain(String),
    /// `mrkdwn`.
    Mrkdwn(String),
}

/// One part of a rich text block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rich {
    /// `rich_text_section`: a paragraph.
    Section(Vec<Inline>),
    /// `rich_text_list`.
    List {
        /// Whether the items are numbered (`style: ordered`) or have dots (`bullet`).
        ordered: bool,
        /// How far it is moved to the right, in steps.
        indent: u8,
        /// The items; each is a `rich_text_section`.
        items: Vec<Vec<Inline>>,
    },
    /// `rich_text_preformatted`: a code block.
    Preformatted(Vec<Inline>),
    /// `rich_text_quote`.
    Quote(Vec<Inline>),
}

/// One run of rich text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// `text`.
    Text {
        /// The characters, shown as they are.
        text: String,
        /// How they look.
        style: Style,
    },
    /// `link`.
    Link {
        /// Where it leads.
        url: String,
        /// What is shown; the address itself where this is missing.
        text: Option<String>,
        /// How it looks.
        style: Style,
    },
    /// `emoji`, by its name without colons.
    Emoji(String),
}

/// The looks of a run of rich text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the flags are Slack's, each is independent")]
pub struct Style {
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// Struck through.
    pub strike: bool,
    /// As code.
    pub code: bool,
}
