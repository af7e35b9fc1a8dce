//! Rich text: JSON to model.
//!
//! After "Rich text block" and the pages of its elements, and @slack/types where those are silent. Empty lists of
//! elements are refused: slackapi/python-slack-sdk#1576 lets them through, but messages with them were rejected in
//! production (NousResearch/hermes-agent#59621), as were empty texts. A single space is a text Slack's own composer
//! sends.

use super::limits;
use super::model::{Inline, Rich, Style};
use super::node::{PlacedObject, PlacedValue, Problems, described, quoted};
use super::problem::ProblemKind;
use crate::json::Json;

/// What an address may begin with. Slack names no list; these are the ones its clients make links of.
const SCHEMES: [&str; 3] = ["http://", "https://", "mailto:"];

/// The elements of a `rich_text` block.
pub(super) fn rich_text(object: &PlacedObject, found: &mut Problems) -> Vec<Rich> {
    each(object, found, rich)
}

/// What `read` makes of each of the `elements`, of which there must be some.
fn each<T>(object: &PlacedObject, found: &mut Problems, read: fn(&PlacedValue, &mut Problems) -> Option<T>) -> Vec<T> {
    let elements = object.need("elements", found).map(|node| node.entries(None, found)).unwrap_or_default();
    elements.iter().filter_map(|node| read(node, found)).collect()
}

fn rich(node: &PlacedValue, found: &mut Problems) -> Option<Rich> {
    let object = node.object(found)?;
    match object.tag(found)? {
        "rich_text_section" => Some(Rich::Section(runs(&object, &[], found))),
        "rich_text_quote" => Some(Rich::Quote(runs(&object, &["border"], found))),
        "rich_text_preformatted" => Some(preformatted(&object, found)),
        "rich_text_list" => list(&object, found),
        other => unsupported(node, other, found),
    }
}

fn runs(object: &PlacedObject, unmodelled: &[&str], found: &mut Problems) -> Vec<Inline> {
    object.only(&["type", "elements"], unmodelled, found);
    each(object, found, inline)
}

fn preformatted(object: &PlacedObject, found: &mut Problems) -> Rich {
    object.only(&["type", "elements"], &["border", "language"], found);
    Rich::Preformatted(each(object, found, |node, found| {
        let run = inline(node, found)?;
        // `RichTextPreformatted` of @slack/types takes texts and links.
        if matches!(run, Inline::Emoji(_)) {
            node.report(found, ProblemKind::Shape, "only text and link are allowed in preformatted text, found emoji");
        }
        Some(run)
    }))
}

fn list(object: &PlacedObject, found: &mut Problems) -> Option<Rich> {
    object.only(&["type", "elements", "style", "indent"], &["border", "offset"], found);
    let ordered = object.need("style", found).and_then(|node| ordered(&node, found));
    let indent = object.get("indent").map_or(Some(0), |node| indent(&node, found));
    let items = each(object, found, item);
    Some(Rich::List { ordered: ordered?, indent: indent?, items })
}

fn ordered(node: &PlacedValue, found: &mut Problems) -> Option<bool> {
    match node.string(found)? {
        "ordered" => Some(true),
        "bullet" => Some(false),
        other => {
            node.report(
                found,
                ProblemKind::Shape,
                format!("`style` must be ordered or bullet, found {}", quoted(other)),
            );
            None
        }
    }
}

fn indent(node: &PlacedValue, found: &mut Problems) -> Option<u8> {
    let steps = if let Json::Number(text) = node.value() { text.parse().ok() } else { None };
    let indent = steps.filter(|&steps| steps <= limits::INDENT);
    if indent.is_none() {
        let what = format!("`indent` must be 0 to {}, found {}", limits::INDENT, described(node.value()));
        node.report(found, ProblemKind::Shape, what);
    }
    indent
}

fn item(node: &PlacedValue, found: &mut Problems) -> Option<Vec<Inline>> {
    let object = node.object(found)?;
    let tag = object.tag(found)?;
    if tag != "rich_text_section" {
        node.report(
            found,
            ProblemKind::Shape,
            format!("only rich_text_section is allowed in a list, found {}", quoted(tag)),
        );
        return None;
    }
    Some(runs(&object, &[], found))
}

fn inline(node: &PlacedValue, found: &mut Problems) -> Option<Inline> {
    let object = node.object(found)?;
    match object.tag(found)? {
        "text" => text(&object, found),
        "link" => link(&object, found),
        "emoji" => emoji(&object, found),
        tag @ ("user" | "usergroup" | "broadcast" | "canvas_user_mention") => {
            node.report(found, ProblemKind::Mention, format!("a {tag} element mentions people"));
            None
        }
        other => unsupported(node, other, found),
    }
}

fn unsupported<T>(node: &PlacedValue, tag: &str, found: &mut Problems) -> Option<T> {
    node.report(
        found,
        ProblemKind::Unsupported,
        format!("trailbell does not use rich text elements of type {}", quoted(tag)),
    );
    None
}

fn text(object: &PlacedObject, found: &mut Problems) -> Option<Inline> {
    object.only(&["type", "text", "style"], &[], found);
    let text = object.need("text", found).and_then(|node| node.filled(found));
    let style = style(object, found);
    Some(Inline::Text { text: text?.to_owned(), style })
}

fn link(object: &PlacedObject, found: &mut Problems) -> Option<Inline> {
    object.only(&["type", "url", "text", "style"], &["unsafe", "from_llm", "is_slack_url", "truncated"], found);
    let url = object.need("url", found).and_then(|node| address(&node, found));
    // An empty text is refused where none at all is fine (slack-go/slack#1412).
    let text = object.get("text").and_then(|node| node.filled(found));
    let style = style(object, found);
    Some(Inline::Link { url: url?.to_owned(), text: text.map(str::to_owned), style })
}

fn address<'j>(node: &PlacedValue<'j>, found: &mut Problems) -> Option<&'j str> {
    let url = node.filled(found)?;
    node.at_most(limits::URL, url, found);
    if !url.is_empty() && !SCHEMES.iter().any(|scheme| leads_somewhere(url, scheme)) {
        let what =
            format!("a URL must begin with http:// and a host, https:// and a host, or mailto:, found {}", quoted(url));
        node.report(found, ProblemKind::Shape, what);
    }
    Some(url)
}

/// Whether the address has this scheme and something after it.
fn leads_somewhere(url: &str, scheme: &str) -> bool {
    let rest = url.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme)).map(|_| &url[scheme.len()..]);
    rest.is_some_and(|rest| if scheme.ends_with("//") { has_host(rest) } else { !rest.is_empty() })
}

/// Whether what follows the scheme begins with a host, and nothing that readers take for one: no user, no blank.
fn has_host(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_of_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    authority.chars().any(char::is_alphanumeric) && authority.chars().all(is_of_host)
}

fn emoji(object: &PlacedObject, found: &mut Problems) -> Option<Inline> {
    object.only(&["type", "name"], &["style", "unicode", "url", "skin_tone", "display_name"], found);
    let node = object.need("name", found)?;
    let name = node.words(found)?;
    // `RichTextEmoji` of @slack/types: without colons or skin tones, which are written with colons.
    if name.contains(':') {
        node.report(found, ProblemKind::Shape, format!("an emoji's name has no colons, found {}", quoted(name)));
    }
    Some(Inline::Emoji(name.to_owned()))
}

/// The `style` of a run, plain where there is none.
fn style(object: &PlacedObject, found: &mut Problems) -> Style {
    let Some(object) = object.get("style").and_then(|node| node.object(found)) else { return Style::default() };
    object.only(
        &["bold", "italic", "strike", "code"],
        &["underline", "highlight", "client_highlight", "unlink"],
        found,
    );
    let mut flag = |key| object.flag(key, found).unwrap_or_default();
    Style { bold: flag("bold"), italic: flag("italic"), strike: flag("strike"), code: flag("code") }
}
