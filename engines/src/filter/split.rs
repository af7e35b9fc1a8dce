//! A line as words: split at spaces, with what is in `"…"` or `[…]` as one word.
//!
//! Neighbors: `fields` gives the words to the fields of a pattern.

const UNBALANCED: &str =
    "how a line is split whose quotation marks or brackets do not enclose whole words is not documented";

/// What separates two words: the guide says "space", not how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    /// Exactly one space; two have an empty word between them.
    OneSpace,
    /// Any run of white space, and none counts at the ends of the line.
    Run,
}

/// The words of a line, or why they are not known.
pub(super) fn words(line: &str, separator: Separator) -> Result<Vec<&str>, &'static str> {
    let mut words = Vec::new();
    let mut rest = skipped(line, separator);
    // An empty line has no word; after a separator there is always one, perhaps empty.
    let mut more = !rest.is_empty();
    while more {
        let (word, length) = word(rest, separator)?;
        words.push(word);
        let after = &rest[length..];
        rest = match separator {
            Separator::OneSpace => after.strip_prefix(' ').unwrap_or(after),
            Separator::Run => skipped(after, separator),
        };
        more = if separator == Separator::Run { !rest.is_empty() } else { !after.is_empty() };
    }
    Ok(words)
}

fn skipped(text: &str, separator: Separator) -> &str {
    if separator == Separator::Run { text.trim_ascii_start() } else { text }
}

fn separates(byte: u8, separator: Separator) -> bool {
    byte == b' ' || separator == Separator::Run && byte.is_ascii_whitespace()
}

/// The word at the front, and the bytes it takes with its marks.
fn word(text: &str, separator: Separator) -> Result<(&str, usize), &'static str> {
    let (end_mark, forbidden): (_, &[char]) = match text.as_bytes().first() {
        Some(b'"') => ('"', &['\\']),
        Some(b'[') => (']', &['[', '"']),
        _ => return plain_word(text, separator),
    };
    let length = text[1..].find(end_mark).ok_or(UNBALANCED)?;
    let inside = &text[1..=length];
    let ends = text.as_bytes().get(length + 2).is_none_or(|&byte| separates(byte, separator));
    if ends && !inside.contains(forbidden) { Ok((inside, length + 2)) } else { Err(UNBALANCED) }
}

fn plain_word(text: &str, separator: Separator) -> Result<(&str, usize), &'static str> {
    let length = text.bytes().position(|byte| separates(byte, separator)).unwrap_or(text.len());
    let word = &text[..length];
    if word.contains(['"', '[', ']']) { Err(UNBALANCED) } else { Ok((word, length)) }
}
