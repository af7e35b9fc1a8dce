//! A minimal writer of minified JSON which keeps members in the order of the calls, as CloudTrail does.

use std::fmt::{Display, Write as _};

/// Builds one JSON text.
pub(crate) struct JsonWriter {
    text: String,
}

impl JsonWriter {
    /// Writes one top-level object.
    pub(crate) fn document(body: impl FnOnce(&mut Self)) -> String {
        let mut writer = Self { text: String::with_capacity(2048) };
        writer.item(body);
        writer.text
    }

    /// An object as a member of the open object.
    pub(crate) fn object(&mut self, key: &str, body: impl FnOnce(&mut Self)) {
        self.key(key);
        self.braces(body);
    }

    /// An object as an element of the open array.
    pub(crate) fn item(&mut self, body: impl FnOnce(&mut Self)) {
        self.separate();
        self.braces(body);
    }

    /// An array as a member of the open object.
    pub(crate) fn array(&mut self, key: &str, body: impl FnOnce(&mut Self)) {
        self.key(key);
        self.text.push('[');
        body(self);
        self.text.push(']');
    }

    /// An array of strings as a member of the open object.
    pub(crate) fn strings(&mut self, key: &str, values: &[impl AsRef<str>]) {
        self.array(key, |json| values.iter().for_each(|value| json.element(value.as_ref())));
    }

    /// A string as an element of the open array.
    pub(crate) fn element(&mut self, value: &str) {
        self.separate();
        self.quoted(value);
    }

    /// A string member.
    pub(crate) fn string(&mut self, key: &str, value: impl AsRef<str>) {
        self.key(key);
        self.quoted(value.as_ref());
    }

    /// A member whose value is JSON already: a number, `true`, `false`, `null` or a prepared fragment.
    pub(crate) fn raw(&mut self, key: &str, value: impl Display) {
        self.key(key);
        write!(self.text, "{value}").expect("writing to a string cannot fail");
    }

    fn key(&mut self, key: &str) {
        self.separate();
        self.quoted(key);
        self.text.push(':');
    }

    fn braces(&mut self, body: impl FnOnce(&mut Self)) {
        self.text.push('{');
        body(self);
        self.text.push('}');
    }

    /// The last character tells whether a sibling precedes, because every value ends in another one than these.
    fn separate(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(['{', '[']) {
            self.text.push(',');
        }
    }

    fn quoted(&mut self, value: &str) {
        self.text.push('"');
        for character in value.chars() {
            match character {
                '"' | '\\' => self.text.extend(['\\', character]),
                '\n' => self.text.push_str("\\n"),
                // CloudTrail escapes some letters and leaves others alone, so the data holds both forms.
                'é' => self.text.push_str("\\u00e9"),
                _ => self.text.push(character),
            }
        }
        self.text.push('"');
    }
}
