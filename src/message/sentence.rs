//! A sentence as an author writes it: words, `<name>` for a value, `${param:name}` for a parameter.
//!
//! Neighbors: `part` (what it becomes), `card` (which is made of sentences).

use super::layout::Certainties;
use super::part::{Piece, TemplatePart};
use super::transformer::{self, placeholders};
use crate::blueprint::WrittenMessage;
use crate::blueprint::parameters::{Values, in_words, uses};
use crate::cloudtrail::fields::{Certainty, Holds};

/// Whether a value is free text, which must not stand in quotes. What nothing is known of stays there, for the check to
/// find.
pub(super) fn is_free(name: &str, certainties: &Certainties) -> bool {
    matches!(certainties.get(name), Some(Ok(Certainty { holds: Holds::Text, .. })))
}

/// The fields of a body that is one sentence. The text, which notifications show, leaves free text out; so does the sentence in
/// the blocks, below which each free text has a code block of its own.
pub(super) fn body(
    text: &str,
    message: &WrittenMessage,
    values: &Values,
    certainties: &Certainties,
) -> Vec<(&'static str, TemplatePart)> {
    let pieces = pieces(text, message, values);
    let is_free = |name: &str| is_free(name, certainties);
    let mut fields = vec![("text", TemplatePart::Text(without_free(&pieces, is_free)))];
    let boxes = boxes(&pieces, is_free);
    if !boxes.is_empty() {
        let section = rich("rich_text_section", vec![line(&pieces, is_free)]);
        let parts = std::iter::once(section).chain(boxes).collect();
        fields.push(("blocks", TemplatePart::List(vec![rich("rich_text", parts)])));
    }
    fields
}

/// A part of rich text and what it is made of.
pub(super) fn rich(kind: &str, elements: Vec<TemplatePart>) -> TemplatePart {
    TemplatePart::Object(vec![("type", TemplatePart::fixed(kind)), ("elements", TemplatePart::List(elements))])
}

/// The sentence in pieces. An undeclared placeholder or parameter stays as written.
pub(super) fn pieces(text: &str, message: &WrittenMessage, values: &Values) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = 0;
    for one in uses(text) {
        written(&text[at..one.range.start], message, &mut pieces);
        // A parameter's value is words: its `<` and `>` begin no placeholder.
        let value = values.get(&one.name).map_or_else(|| text[one.range.clone()].to_owned(), in_words);
        words(value, &mut pieces);
        at = one.range.end;
    }
    written(&text[at..], message, &mut pieces);
    pieces
}

fn written(text: &str, message: &WrittenMessage, pieces: &mut Vec<Piece>) {
    let is_known = |name: &str| message.input_paths.contains_key(name) || transformer::is_reserved(name);
    let mut at = 0;
    for one in placeholders(text).into_iter().filter(|one| is_known(&one.name)) {
        words(text[at..one.range.start].to_owned(), pieces);
        pieces.push(Piece::Value(one.name));
        at = one.range.end;
    }
    words(text[at..].to_owned(), pieces);
}

/// Adds words, to the piece before if that is words already.
fn words(more: String, pieces: &mut Vec<Piece>) {
    match pieces.last_mut() {
        _ if more.is_empty() => {}
        Some(Piece::Words(before)) => before.push_str(&more),
        _ => pieces.push(Piece::Words(more)),
    }
}

/// The words and safe values of a sentence as one element of rich text.
pub(super) fn line(pieces: &[Piece], is_free: impl Fn(&str) -> bool) -> TemplatePart {
    text(TemplatePart::Text(without_free(pieces, is_free)), None)
}

/// The free texts of a sentence, each alone in a code block, in their order: EventBridge inserts them as they are, and their
/// lines must not pass for those of the message. Where there are several, each is below its name.
pub(super) fn boxes(pieces: &[Piece], is_free: impl Fn(&str) -> bool) -> Vec<TemplatePart> {
    let mut names: Vec<&str> = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Value(name) if is_free(name) && !names.contains(&name.as_str()) => names.push(name),
            _ => {}
        }
    }
    let label = |name: &str| {
        let bold = text(TemplatePart::fixed(format!("{name}:")), Some("bold"));
        (names.len() > 1).then(|| rich("rich_text_section", vec![bold]))
    };
    let code = |name: &str| rich("rich_text_preformatted", vec![text(TemplatePart::Bare(name.to_owned()), None)]);
    names.iter().flat_map(|name| label(name).into_iter().chain([code(name)])).collect()
}

/// A rich text element.
pub(super) fn text(text: TemplatePart, style: Option<&'static str>) -> TemplatePart {
    let mut fields = vec![("type", TemplatePart::fixed("text")), ("text", text)];
    fields.extend(style.map(|style| ("style", TemplatePart::Object(vec![(style, TemplatePart::Fixed(true.into()))]))));
    TemplatePart::Object(fields)
}

/// The pieces with what is free text left out, for places where only safe values are allowed.
pub(super) fn without_free(pieces: &[Piece], is_free: impl Fn(&str) -> bool) -> Vec<Piece> {
    let shown = |piece: &Piece| match piece {
        Piece::Value(name) if is_free(name) => Piece::words("…"),
        piece => piece.clone(),
    };
    pieces.iter().map(shown).collect()
}
