//! A sentence as an author writes it: words, `<name>` for a value, `${param:name}` for a parameter.
//!
//! Neighbors: `part` (what it becomes), `card` (which is made of sentences).

use super::layout::Certainties;
use super::part::{Piece, TemplatePart};
use super::transformer::{self, placeholders};
use crate::blueprint::Message;
use crate::blueprint::parameters::{Values, in_words, uses};
use crate::cloudtrail::fields::{Certainty, Holds};

/// Whether a value is free text, which must not stand in quotes. What nothing is known of stays there, for the check to
/// find.
pub(super) fn is_free(name: &str, certainties: &Certainties) -> bool {
    matches!(certainties.get(name), Some(Ok(Certainty { holds: Holds::Text, .. })))
}

/// The fields of a body that is one sentence. Free text is in a block of its own; the text above it, which
/// notifications show, leaves it out.
pub(super) fn body(
    text: &str,
    message: &Message,
    values: &Values,
    certainties: &Certainties,
) -> Vec<(&'static str, TemplatePart)> {
    let pieces = pieces(text, message, values);
    let is_free = |name: &str| is_free(name, certainties);
    let mut fields = vec![("text", TemplatePart::Text(without_free(&pieces, is_free)))];
    if pieces.iter().any(|piece| matches!(piece, Piece::Value(name) if is_free(name))) {
        let section = rich("rich_text_section", elements(&pieces, is_free));
        fields.push(("blocks", TemplatePart::List(vec![rich("rich_text", vec![section])])));
    }
    fields
}

/// A part of rich text and what it is made of.
pub(super) fn rich(kind: &str, elements: Vec<TemplatePart>) -> TemplatePart {
    TemplatePart::Object(vec![("type", TemplatePart::fixed(kind)), ("elements", TemplatePart::List(elements))])
}

/// The sentence in pieces. An undeclared placeholder or parameter stays as written.
pub(super) fn pieces(text: &str, message: &Message, values: &Values) -> Vec<Piece> {
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

fn written(text: &str, message: &Message, pieces: &mut Vec<Piece>) {
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

/// The pieces as elements of rich text: what is safe in quotes stays together, free text stays alone, without quotes.
pub(super) fn elements(pieces: &[Piece], is_free: impl Fn(&str) -> bool) -> Vec<TemplatePart> {
    let mut elements = Vec::new();
    let mut run = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Value(name) if is_free(name) => {
                elements.extend(element(std::mem::take(&mut run)));
                elements.push(text(TemplatePart::Bare(name.clone()), None));
            }
            piece => run.push(piece.clone()),
        }
    }
    elements.extend(element(run));
    elements
}

fn element(run: Vec<Piece>) -> Option<TemplatePart> {
    (!run.is_empty()).then(|| text(TemplatePart::Text(run), None))
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
