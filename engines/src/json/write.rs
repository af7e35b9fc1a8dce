//! Writing JSON: no spaces between the parts, numbers in their own spelling, strings in their shortest one.

use std::fmt::{self, Formatter, Write};

use super::Json;

/// Writes the document.
pub(super) fn document(json: &Json, f: &mut Formatter<'_>) -> fmt::Result {
    match json {
        Json::Null => f.write_str("null"),
        Json::Bool(flag) => write!(f, "{flag}"),
        Json::Number(text) => f.write_str(text),
        Json::String(text) => string(text, f),
        Json::Array(list) => {
            f.write_char('[')?;
            for (at, item) in list.iter().enumerate() {
                write!(f, "{}{item}", comma(at))?;
            }
            f.write_char(']')
        }
        Json::Object(fields) => {
            f.write_char('{')?;
            for (at, (name, value)) in fields.iter().enumerate() {
                f.write_str(comma(at))?;
                string(name, f)?;
                write!(f, ":{value}")?;
            }
            f.write_char('}')
        }
        Json::Broken(error) => write!(f, "<{error}>"),
    }
}

/// What goes before the entry with this number.
fn comma(at: usize) -> &'static str {
    if at > 0 { "," } else { "" }
}

/// Writes a text as a JSON string: only what must be escaped is.
fn string(text: &str, out: &mut Formatter<'_>) -> fmt::Result {
    out.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            '\u{8}' => out.write_str("\\b")?,
            '\u{c}' => out.write_str("\\f")?,
            '\0'..='\u{1f}' => write!(out, "\\u{:04x}", u32::from(c))?,
            _ => out.write_char(c)?,
        }
    }
    out.write_char('"')
}
