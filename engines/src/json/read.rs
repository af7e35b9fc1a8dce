//! Reading JSON text, with the words of the reader behind EventBridge (Jackson) where it is none.
//!
//! No recursion: what is open is on a stack, so depth costs memory and nothing else. Text after the document is left
//! to the caller, as that reader leaves it. Neighbor: `words`, the messages.

use super::words::described;
use super::{Json, MAX_DEPTH, SyntaxError};

/// A document and where it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonDocument {
    /// The document.
    pub json: Json,
    /// The byte after its last one. EventBridge ignores what follows.
    pub end: usize,
    /// Half of a surrogate pair stood somewhere and has become `?`.
    pub has_half_pairs: bool,
}

/// Reads one document from the beginning of the text.
///
/// # Errors
/// When the text does not begin with a JSON document.
pub fn read(text: &str) -> Result<JsonDocument, SyntaxError> {
    let mut reader = Reader::new(text);
    let json = reader.document();
    match reader.error {
        Some(error) => Err(error),
        None => Ok(JsonDocument { json, end: reader.at, has_half_pairs: reader.has_half_pairs }),
    }
}

/// Reads one document as far as it is one; where it stops being one is [`Json::Broken`].
///
/// EventBridge judges a pattern while it reads it, so whichever mistake comes first is the one it names.
#[must_use]
pub fn read_broken(text: &str) -> Json {
    Reader::new(text).document()
}

/// Appends the text of a JSON string, given without its opening quote and with or without the closing one. Meant for what
/// has been read before: where the text stops being one, so does what is appended.
pub fn unescape(inside: &str, out: &mut String) {
    let mut reader = Reader::new(inside);
    while let Ok(Some('\\')) = reader.string_part(out) {}
}

/// An array or object whose end has not come.
pub(super) enum Open {
    Array { begin: usize, items: Vec<Json> },
    Object { begin: usize, fields: Vec<(String, Json)>, name: String },
}

/// What came after a value.
enum Next {
    Value,
    Closed(Json),
}

pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) open: Vec<Open>,
    has_half_pairs: bool,
    error: Option<SyntaxError>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: 0, open: Vec::new(), has_half_pairs: false, error: None }
    }

    fn document(&mut self) -> Json {
        match self.whole() {
            Ok(json) => json,
            Err(error) => {
                self.error = Some(error.clone());
                self.broken(error)
            }
        }
    }

    /// Everything read so far, ending in the error.
    fn broken(&mut self, error: SyntaxError) -> Json {
        let mut inner = Json::Broken(error);
        while let Some(open) = self.open.pop() {
            inner = match open {
                Open::Array { mut items, .. } => {
                    items.push(inner);
                    Json::Array(items)
                }
                Open::Object { mut fields, name, .. } => {
                    fields.push((name, inner));
                    Json::Object(fields)
                }
            };
        }
        inner
    }

    fn whole(&mut self) -> Result<Json, SyntaxError> {
        let mut value = self.begin_value()?;
        loop {
            let Some(done) = value.take() else {
                value = self.begin_value()?;
                continue;
            };
            let Some(open) = self.open.last_mut() else { return Ok(done) };
            match open {
                Open::Array { items, .. } => items.push(done),
                Open::Object { fields, name, .. } => fields.push((std::mem::take(name), done)),
            }
            value = match self.after_value()? {
                Next::Value => None,
                Next::Closed(json) => Some(json),
            };
        }
    }

    /// Reads a value; `None` when it is an array or object that has just been opened and is not empty.
    fn begin_value(&mut self) -> Result<Option<Json>, SyntaxError> {
        let Some(first) = self.token() else { return Err(self.end_of_input()) };
        match first {
            '"' => {
                self.at += 1;
                self.string("string value").map(|text| Some(Json::String(text)))
            }
            '{' => {
                self.enter(Open::Object { begin: self.at, fields: Vec::new(), name: String::new() })?;
                self.first_field()
            }
            '[' => {
                self.enter(Open::Array { begin: self.at, items: Vec::new() })?;
                if self.token() == Some(']') { Ok(Some(self.close())) } else { Ok(None) }
            }
            '-' | '0'..='9' => self.number().map(Some),
            _ => self.literal(first).map(Some),
        }
    }

    fn enter(&mut self, open: Open) -> Result<(), SyntaxError> {
        if self.open.len() == MAX_DEPTH {
            return Err(self.too_deep());
        }
        self.open.push(open);
        self.at += 1;
        Ok(())
    }

    fn first_field(&mut self) -> Result<Option<Json>, SyntaxError> {
        if self.token() == Some('}') {
            return Ok(Some(self.close()));
        }
        self.field_name().map(|()| None)
    }

    /// Reads a field's name and the colon after it.
    fn field_name(&mut self) -> Result<(), SyntaxError> {
        match self.token() {
            Some('"') => self.at += 1,
            Some(other) => return Err(self.unexpected(other, "was expecting double-quote to start field name")),
            None => return Err(self.end_of_input()),
        }
        let read = self.string("name")?;
        match self.token() {
            Some(':') => self.at += 1,
            Some(other) => {
                return Err(self.unexpected(other, "was expecting a colon to separate field name and value"));
            }
            None => return Err(self.error("Unexpected end-of-input within/between Object entries")),
        }
        if let Some(Open::Object { name, .. }) = self.open.last_mut() {
            *name = read;
        }
        Ok(())
    }

    /// After a value inside something: a comma, or the end of it.
    fn after_value(&mut self) -> Result<Next, SyntaxError> {
        let in_array = matches!(self.open.last(), Some(Open::Array { .. }));
        let Some(next) = self.token() else { return Err(self.end_of_input()) };
        match next {
            ',' => {
                self.at += 1;
                if !in_array {
                    self.field_name()?;
                }
                Ok(Next::Value)
            }
            ']' if in_array => Ok(Next::Closed(self.close())),
            '}' if !in_array => Ok(Next::Closed(self.close())),
            ']' | '}' => Err(self.mismatched(next)),
            other => {
                let kind = if in_array { "Array" } else { "Object" };
                Err(self.unexpected(other, &format!("was expecting comma to separate {kind} entries")))
            }
        }
    }

    /// Takes what is open off the stack at its closing bracket.
    fn close(&mut self) -> Json {
        self.at += 1;
        match self.open.pop() {
            Some(Open::Array { items, .. }) => Json::Array(items),
            Some(Open::Object { fields, .. }) => Json::Object(fields),
            None => Json::Null,
        }
    }

    /// The first character that is no white space, without taking it.
    fn token(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        self.at += rest.len() - trimmed.len();
        trimmed.chars().next()
    }

    /// The rest of a string whose opening quote was taken.
    fn string(&mut self, what: &str) -> Result<String, SyntaxError> {
        let mut out = String::new();
        loop {
            match self.string_part(&mut out)? {
                Some('"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some('\\') => {}
                Some(control) => return Err(self.control_in(control, what)),
                None if what == "name" => return Err(self.error("Unexpected end-of-input in field name")),
                None => {
                    let message = "Unexpected end-of-input: was expecting closing quote for a string value";
                    return Err(self.error(message));
                }
            }
        }
    }

    /// The plain characters up to the next special one, which is given, and that one if it is an escape.
    fn string_part(&mut self, out: &mut String) -> Result<Option<char>, SyntaxError> {
        let rest = &self.text[self.at..];
        let plain = rest.find(|c: char| matches!(c, '"' | '\\') || c < ' ').unwrap_or(rest.len());
        out.push_str(&rest[..plain]);
        self.at += plain;
        let next = rest[plain..].chars().next();
        if next == Some('\\') {
            self.escape(out)?;
        }
        Ok(next)
    }

    fn escape(&mut self, out: &mut String) -> Result<(), SyntaxError> {
        self.at += 1;
        let Some(escaped) = self.take() else { return Err(self.in_escape()) };
        out.push(match escaped {
            '"' | '\\' | '/' => escaped,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode(out),
            other => {
                let message = format!("Unrecognized character escape {}", described(other));
                return Err(self.error(message));
            }
        });
        Ok(())
    }

    /// `\uXXXX`, and a second one when the first is half of a pair.
    fn unicode(&mut self, out: &mut String) -> Result<(), SyntaxError> {
        let first = self.hex()?;
        let mut second = None;
        if (0xD800..0xDC00).contains(&first) && self.text[self.at..].starts_with("\\u") {
            let before = self.at;
            self.at += 2;
            second = Some(self.hex()?).filter(|unit| (0xDC00..0xE000).contains(unit));
            if second.is_none() {
                self.at = before;
            }
        }
        for c in char::decode_utf16([first].into_iter().chain(second)) {
            self.has_half_pairs |= c.is_err();
            out.push(c.unwrap_or('?'));
        }
        Ok(())
    }

    fn hex(&mut self) -> Result<u16, SyntaxError> {
        let mut unit = 0;
        for _ in 0..4 {
            let at = self.at;
            let Some(c) = self.take() else { return Err(self.in_escape()) };
            let Some(digit) = c.to_digit(16) else {
                self.at = at;
                return Err(self.unexpected(c, "expected a hex-digit for character escape sequence"));
            };
            unit = unit * 16 + digit;
        }
        // Four hex digits are 16 bits.
        Ok(u16::try_from(unit).unwrap_or_default())
    }

    fn take(&mut self) -> Option<char> {
        let c = self.text[self.at..].chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn number(&mut self) -> Result<Json, SyntaxError> {
        let begin = self.at;
        if self.peek() == Some('-') {
            self.at += 1;
            self.digits("expected digit (0-9) to follow minus sign, for valid numeric value", begin)?;
        } else {
            self.digits("", begin)?;
        }
        let whole = self.text[begin..self.at].trim_start_matches('-');
        if whole.len() > 1 && whole.starts_with('0') {
            return Err(self.error("Invalid numeric value: Leading zeroes not allowed"));
        }
        if self.peek() == Some('.') {
            self.at += 1;
            self.digits("Decimal point not followed by a digit", begin)?;
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            self.at += 1;
            if matches!(self.peek(), Some('+' | '-')) {
                self.at += 1;
            }
            self.digits("Exponent indicator not followed by a digit", begin)?;
        }
        Ok(Json::Number(self.text[begin..self.at].to_owned()))
    }

    /// One digit or more.
    fn digits(&mut self, missing: &str, begin: usize) -> Result<(), SyntaxError> {
        let rest = &self.text[self.at..];
        let count = rest.bytes().take_while(u8::is_ascii_digit).count();
        if count > 0 {
            self.at += count;
            return Ok(());
        }
        match rest.chars().next() {
            Some('I') if rest.starts_with("Infinity") && self.at == begin + 1 => {
                Err(self.non_standard("-Infinity", "ALLOW_NON_NUMERIC_NUMBERS"))
            }
            Some(other) => {
                let message = format!("Unexpected character ({}) in numeric value: {missing}", described(other));
                Err(self.error(message))
            }
            None => Err(self.end_of_input()),
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn literal(&mut self, first: char) -> Result<Json, SyntaxError> {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'))).unwrap_or(rest.len());
        let word = &rest[..length];
        let json = match word {
            "null" => Json::Null,
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            "NaN" | "Infinity" => return Err(self.non_standard(word, "ALLOW_NON_NUMERIC_NUMBERS")),
            _ => return Err(self.no_value(first, word)),
        };
        self.at += length;
        Ok(json)
    }
}
