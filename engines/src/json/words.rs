//! What the reader behind EventBridge (Jackson) says of a text that is not JSON, word for word.
//!
//! Taken from that reader's behavior on the conformance data. Neighbor: `read`, which finds the mistakes.

use super::read::{Open, Reader};
use super::{MAX_DEPTH, Mistake, SyntaxError};

/// Most of a text that an error quotes.
const QUOTED: usize = 500;

impl Reader<'_> {
    pub(super) fn control_in(&self, control: char, what: &str) -> SyntaxError {
        let place = if what == "name" { "in name" } else { "in string value" };
        let code = u32::from(control);
        self.error(format!(
            "Illegal unquoted character ((CTRL-CHAR, code {code})): has to be escaped using backslash to be included {place}"
        ))
    }

    pub(super) fn in_escape(&self) -> SyntaxError {
        self.error("Unexpected end-of-input in character escape sequence")
    }

    pub(super) fn non_standard(&self, word: &str, feature: &str) -> SyntaxError {
        self.error(format!("Non-standard token '{word}': enable `JsonReadFeature.{feature}` to allow"))
    }

    pub(super) fn no_value(&self, first: char, word: &str) -> SyntaxError {
        const VALUES: &str = "JSON String, Number, Array, Object or token 'null', 'true' or 'false'";
        match first {
            '+' => {
                let message = "JSON spec does not allow numbers to have plus signs: enable \
                               `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow";
                self.error(format!("Unexpected character ({}) in numeric value: {message}", described(first)))
            }
            _ if word.is_empty() || first.is_numeric() => {
                self.unexpected(first, &format!("expected a valid value ({VALUES})"))
            }
            _ => self.quoting(
                format!("Unrecognized token '{word}'"),
                "Unrecognized token",
                &format!(": was expecting ({VALUES})"),
            ),
        }
    }

    pub(super) fn unexpected(&self, found: char, expected: &str) -> SyntaxError {
        if found == '/' {
            let message = "maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not \
                           enabled for parser)";
            return self.error(format!("Unexpected character ({}): {message}", described(found)));
        }
        if found < ' ' {
            let code = u32::from(found);
            return self.error(format!(
                "Illegal character ((CTRL-CHAR, code {code})): only regular white space (\\r, \\n, \\t) is allowed between tokens"
            ));
        }
        self.error(format!("Unexpected character ({}): {expected}", described(found)))
    }

    pub(super) fn mismatched(&self, found: char) -> SyntaxError {
        let (expected, marker) = match self.open.last() {
            Some(Open::Array { begin, .. }) => (']', format!("Array starting at {}", self.place(*begin))),
            Some(Open::Object { begin, .. }) => ('}', format!("Object starting at {}", self.place(*begin))),
            None => return self.unexpected(found, "expected a valid value"),
        };
        let what = format!("Unexpected close marker '{found}': expected '{expected}'");
        self.quoting(format!("{what} (for {marker})"), &what, "")
    }

    pub(super) fn end_of_input(&self) -> SyntaxError {
        let (kind, begin) = match self.open.last() {
            Some(Open::Array { begin, .. }) => ("Array", *begin),
            Some(Open::Object { begin, .. }) => ("Object", *begin),
            None => {
                let error = self.error("No content to map due to end-of-input");
                return SyntaxError { trouble: Mistake::Empty, ..error };
            }
        };
        let place = self.place(begin);
        let what = format!("Unexpected end-of-input: expected close marker for {kind}");
        self.quoting(format!("{what} (start marker at {place})"), &what, "")
    }

    /// A place as that reader names it, with the beginning of the text. Columns count UTF-16 units.
    pub(super) fn place(&self, at: usize) -> String {
        let before = &self.text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().encode_utf16().count() + 1;
        let length = self.text.encode_utf16().count();
        let shown: String = self.text.chars().take(QUOTED).collect();
        let cut = if length > QUOTED { format!("[truncated {} chars]", length - QUOTED) } else { String::new() };
        format!("[Source: (String)\"{shown}\"{cut}; line: {line}, column: {column}]")
    }

    pub(super) fn too_deep(&self) -> SyntaxError {
        let depth = MAX_DEPTH + 1;
        let message = format!("Document nesting depth ({depth}) exceeds the maximum allowed ({MAX_DEPTH})");
        SyntaxError { trouble: Mistake::TooDeep, ..self.error(message) }
    }

    pub(super) fn error(&self, message: impl Into<String>) -> SyntaxError {
        let message = message.into();
        SyntaxError { unquoted: message.clone(), message, at: self.at, trouble: Mistake::Broken }
    }

    /// An error whose beginning quotes the text, and the beginning without that.
    fn quoting(&self, quoting: String, unquoted: &str, rest: &str) -> SyntaxError {
        SyntaxError { unquoted: format!("{unquoted}{rest}"), ..self.error(quoting + rest) }
    }
}

/// A character as that reader names it.
pub(super) fn described(c: char) -> String {
    let code = u32::from(c);
    match c {
        c if c.is_control() => format!("(CTRL-CHAR, code {code})"),
        c if code > 255 => format!("'{c}' (code {code} / 0x{code:x})"),
        c => format!("'{c}' (code {code})"),
    }
}
