//! Messages drawn on a page that stays alone: no script, and nothing is requested from anywhere.
//!
//! Every text is escaped and every block of text isolated with `dir="auto"`, so that a value an attacker chose can
//! neither become markup nor move what is around it. Looks are only in `page.css`; no element has a style of its own,
//! so the page's own content security policy is enough.

use super::super::markup::escaped;
use super::view::{Run, RunKind, Shape, ViewPart, shapes};
use super::{Frame, safe};
use crate::slack::{Message, Style};

const STYLES: &str = include_str!("page.css");
const BELL: &str = include_str!("bell.svg");
/// The themes a message is drawn in: the class and the name.
const THEMES: [(&str, &str); 2] = [("light", "Light"), ("dark", "Dark")];
/// Slack's deepest list.
const DEEPEST: u8 = 8;

/// A message on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageMessage {
    /// The message.
    pub message: Message,
    /// What is around it.
    pub frame: Frame,
    /// What is said about it, above.
    pub caption: String,
}

/// In the head of every page, so that a page can be told from other files.
pub const GENERATOR: &str = "<meta name=\"generator\" content=\"trailbell\">";

/// A page that shows messages as Slack does, each in the light and in the dark theme.
#[must_use]
pub fn page(messages: &[PageMessage], title: &str) -> String {
    let title = escaped(&safe::label(title));
    let shown: String = messages.iter().enumerate().map(|(place, message)| shown(message, place)).collect();
    format!(
        "<!doctype html>\n\
         <html lang=\"en\">\n\
         <head>\n\
         <meta charset=\"utf-8\">\n\
         {GENERATOR}\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n\
         <style>\n{STYLES}</style>\n\
         </head>\n\
         <body>\n\
         <main>\n\
         <h1 dir=\"auto\">{title}</h1>\n\
         {shown}\
         </main>\n\
         </body>\n\
         </html>\n"
    )
}

fn shown(shown: &PageMessage, place: usize) -> String {
    let caption = escaped(&safe::label(&shown.caption));
    let panels: String = THEMES.iter().map(|theme| panel(shown, *theme)).collect();
    format!(
        "<section class=\"shown\" aria-labelledby=\"message-{place}\">\n\
         <h2 id=\"message-{place}\" dir=\"auto\">{caption}</h2>\n\
         <div class=\"panels\">\n{panels}</div>\n\
         </section>\n"
    )
}

fn panel(shown: &PageMessage, (class, name): (&str, &str)) -> String {
    let channel = escaped(&shown.frame.channel());
    let message = message(&shown.message, &shown.frame);
    format!(
        "<section class=\"panel\" aria-label=\"{name} theme\">\n\
         <p class=\"theme\" aria-hidden=\"true\">{name}</p>\n\
         <div class=\"client {class}\">\n\
         <p class=\"channel\"><span class=\"hash\">#</span> <bdi>{channel}</bdi></p>\n\
         {message}\
         </div>\n\
         </section>\n"
    )
}

fn message(message: &Message, frame: &Frame) -> String {
    let [app, time] = [frame.app(), frame.time()].map(|text| escaped(&text));
    let blocks: String = shapes(message).iter().map(block).collect();
    format!(
        "<article class=\"message\" aria-label=\"Message from {app}, {time}\">\n\
         <div class=\"avatar\" aria-hidden=\"true\">{}</div>\n\
         <div class=\"content\">\n\
         <p class=\"sender\"><bdi class=\"app\">{app}</bdi> <span class=\"badge\">APP</span> \
         <bdi class=\"time\">{time}</bdi></p>\n\
         {blocks}\
         </div>\n\
         </article>\n",
        BELL.trim_end()
    )
}

fn block(shape: &Shape) -> String {
    match shape {
        Shape::Header(text) => format!("<h3 class=\"block header\" dir=\"auto\">{}</h3>\n", runs(text)),
        Shape::Divider => "<hr class=\"block\">\n".to_owned(),
        Shape::Parts(shown) => format!("<div class=\"block\">\n{}</div>\n", parts(shown)),
        Shape::Fields(shown) => fields(shown),
        Shape::Context(elements) => context(elements),
    }
}

fn fields(fields: &[Vec<ViewPart>]) -> String {
    let fields: String = fields.iter().map(|shown| field(shown)).collect();
    format!("<div class=\"block fields\">\n{fields}</div>\n")
}

fn field(shown: &[ViewPart]) -> String {
    format!("<div class=\"field\">\n{}</div>\n", parts(shown))
}

fn context(elements: &[Vec<Run>]) -> String {
    let elements: String = elements.iter().map(|shown| element(shown)).collect();
    format!("<div class=\"block context\">\n{elements}</div>\n")
}

fn element(shown: &[Run]) -> String {
    format!("<span class=\"element\" dir=\"auto\">{}</span>\n", runs(shown))
}

fn parts(parts: &[ViewPart]) -> String {
    parts.iter().map(part).collect()
}

fn part(part: &ViewPart) -> String {
    match part {
        ViewPart::Paragraph(text) => format!("<p dir=\"auto\">{}</p>\n", runs(text)),
        ViewPart::Quote(text) => format!("<blockquote dir=\"auto\">{}</blockquote>\n", runs(text)),
        ViewPart::Pre(text) => format!("<pre dir=\"auto\">{}</pre>\n", code_runs(text)),
        ViewPart::List { ordered, indent, items } => list(*ordered, *indent, items),
    }
}

fn list(ordered: bool, indent: u8, items: &[Vec<Run>]) -> String {
    let tag = if ordered { "ol" } else { "ul" };
    let (level, indent) = (indent % 3, indent.min(DEEPEST));
    let items: String = items.iter().map(|shown| item(shown)).collect();
    format!("<{tag} class=\"level-{level} indent-{indent}\">\n{items}</{tag}>\n")
}

fn item(shown: &[Run]) -> String {
    format!("<li dir=\"auto\">{}</li>\n", runs(shown))
}

fn runs(runs: &[Run]) -> String {
    runs.iter().map(run).collect()
}

fn run(run: &Run) -> String {
    let Style { bold, italic, strike, code } = run.style;
    let tags = [(code, "code"), (strike, "s"), (italic, "em"), (bold, "strong")];
    let inner = tags.iter().filter(|(wanted, _)| *wanted).fold(text(&run.kind), |inner, (_, tag)| wrapped(tag, &inner));
    linked(&run.kind, inner)
}

fn code_runs(runs: &[Run]) -> String {
    runs.iter().map(code_run).collect()
}

/// A run within a block of code, where only links are more than characters.
fn code_run(run: &Run) -> String {
    linked(&run.kind, text(&run.kind))
}

fn wrapped(tag: &str, inner: &str) -> String {
    format!("<{tag}>{inner}</{tag}>")
}

fn text(kind: &RunKind) -> String {
    match kind {
        RunKind::Text(text) => lines(text),
        RunKind::Link { text, .. } => wrapped("bdi", &lines(text)),
        RunKind::Mention { text, all } => {
            let class = if *all { "mention all" } else { "mention" };
            format!("<bdi class=\"{class}\">{}</bdi>", escaped(text))
        }
        RunKind::Emoji { name, picture } => {
            format!("<span class=\"emoji\" role=\"img\" aria-label=\"{} emoji\">{picture}</span>", escaped(name))
        }
    }
}

fn linked(kind: &RunKind, inner: String) -> String {
    match kind {
        RunKind::Link { url, .. } => {
            format!("<a href=\"{}\" rel=\"noopener noreferrer nofollow\">{inner}</a>", escaped(url))
        }
        _ => inner,
    }
}

fn lines(text: &str) -> String {
    escaped(text).replace("&#10;", "<br>")
}
