//! Slips of copying that make a pattern unreadable: a byte order mark, a no-break space, typographic quotation marks, missing braces. What is
//! expected instead is the whole pattern without them, and it is one that can be read.

use super::FilterError;

/// A slip: what it is, where it is, and the pattern without it.
struct Slip {
    what: &'static str,
    find: fn(&str) -> Option<std::ops::Range<usize>>,
    without: fn(&str) -> String,
}

const SLIPS: [Slip; 4] = [
    Slip {
        what: "the pattern contains an invisible byte order mark",
        find: |pattern| place(pattern, |c| c == BYTE_ORDER_MARK),
        without: |pattern| pattern.replace(BYTE_ORDER_MARK, ""),
    },
    Slip {
        what: "the pattern contains a no-break space (U+00A0)",
        find: |pattern| place(pattern, |c| c == NO_BREAK_SPACE),
        without: |pattern| pattern.replace(NO_BREAK_SPACE, " "),
    },
    Slip {
        what: "typographic quotation marks do not quote a text",
        find: |pattern| place(pattern, is_typographic),
        without: |pattern| pattern.chars().map(|c| if is_typographic(c) { '"' } else { c }).collect(),
    },
    Slip {
        what: "a condition on a field must be in braces",
        find: |pattern| pattern.trim_start().starts_with(['$', '(']).then_some(0..pattern.len()),
        without: |pattern| format!("{{ {} }}", pattern.trim()),
    },
];

const BYTE_ORDER_MARK: char = '\u{feff}';
const NO_BREAK_SPACE: char = '\u{a0}';

fn is_typographic(c: char) -> bool {
    matches!(c, '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{ff02}')
}

fn place(pattern: &str, is_one: fn(char) -> bool) -> Option<std::ops::Range<usize>> {
    let (at, found) = pattern.char_indices().find(|(_, c)| is_one(*c))?;
    Some(at..at + found.len_utf8())
}

/// The error about the first slip of a pattern, if it can be read without them; else the error as it is.
pub(super) fn explain(pattern: &str, error: FilterError, is_read: impl Fn(&str) -> bool) -> FilterError {
    let mut first = None;
    let mut fixed = pattern.to_owned();
    for slip in &SLIPS {
        let Some(place) = (slip.find)(&fixed) else { continue };
        // Places in a pattern that is fixed already are not places in the one that was written.
        first.get_or_insert((slip.what, place));
        fixed = (slip.without)(&fixed);
        if is_read(&fixed) {
            break;
        }
    }
    match first {
        Some((what, span)) if is_read(&fixed) => FilterError::new(what, span).expected(format!("`{fixed}`")),
        _ => error,
    }
}
