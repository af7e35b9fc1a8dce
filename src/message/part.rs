//! A body in the making: JSON whose texts hold placeholders, written out as a template.
//!
//! Angle brackets of the author's words become `\u003c` and `\u003e`: in a template a raw `<` begins a placeholder.
//! Neighbors: `sentence` makes the texts, `card` the blocks; `layout` reads what was written.

use serde_json::Value;

/// A JSON value with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TemplatePart {
    Object(Vec<(&'static str, TemplatePart)>),
    /// An object whose names are those of input paths.
    Named(Vec<(String, TemplatePart)>),
    List(Vec<TemplatePart>),
    /// A quoted string.
    Text(Vec<Piece>),
    /// A placeholder without quotes; EventBridge writes its value as JSON.
    Bare(String),
    /// JSON without placeholders.
    Fixed(Value),
}

/// A stretch of a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Words(String),
    /// The name of an input path.
    Value(String),
}

impl Piece {
    pub(super) fn words(words: impl Into<String>) -> Self {
        Self::Words(words.into())
    }

    pub(super) fn value(name: impl Into<String>) -> Self {
        Self::Value(name.into())
    }
}

impl TemplatePart {
    /// A string without placeholders.
    pub(super) fn fixed(text: impl Into<String>) -> Self {
        Self::Text(vec![Piece::words(text)])
    }

    /// The template.
    pub(super) fn write(&self) -> String {
        let mut out = String::new();
        self.write_to(&mut out);
        out
    }

    fn write_to(&self, out: &mut String) {
        match self {
            Self::Object(fields) => separated(out, ['{', '}'], fields, |out, (name, value)| {
                out.push('"');
                out.push_str(name);
                out.push_str("\":");
                value.write_to(out);
            }),
            Self::Named(fields) => separated(out, ['{', '}'], fields, |out, (name, value)| {
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                value.write_to(out);
            }),
            Self::List(items) => separated(out, ['[', ']'], items, |out, item| item.write_to(out)),
            Self::Text(pieces) => {
                out.push('"');
                for piece in pieces {
                    match piece {
                        Piece::Words(words) => out.push_str(&escape(words)),
                        Piece::Value(name) => placeholder(out, name),
                    }
                }
                out.push('"');
            }
            Self::Bare(name) => placeholder(out, name),
            Self::Fixed(value) => out.push_str(&value.to_string().replace('<', "\\u003c").replace('>', "\\u003e")),
        }
    }
}

fn separated<T>(out: &mut String, [open, close]: [char; 2], items: &[T], mut write: impl FnMut(&mut String, &T)) {
    out.push(open);
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(close);
}

fn placeholder(out: &mut String, name: &str) {
    out.push('<');
    out.push_str(name);
    out.push('>');
}

/// The inside of a JSON string, with angle brackets as escapes.
pub(super) fn escape(text: &str) -> String {
    let quoted = Value::String(text.to_owned()).to_string();
    quoted[1..quoted.len() - 1].replace('<', "\\u003c").replace('>', "\\u003e")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_template_is_written_byte_for_byte() {
        let text =
            TemplatePart::Text(vec![Piece::words("a < b, \"c\" & \\ é\n"), Piece::value("user"), Piece::words(">")]);
        let part = TemplatePart::Object(vec![
            ("text", text),
            (
                "list",
                TemplatePart::List(vec![
                    TemplatePart::Bare("x-1".into()),
                    TemplatePart::Fixed(json!({"<a>": [true, "<"]})),
                ]),
            ),
        ]);
        assert_eq!(
            part.write(),
            r#"{"text":"a \u003c b, \"c\" & \\ é\n<user>\u003e","list":[<x-1>,{"\u003ca\u003e":[true,"\u003c"]}]}"#
        );
    }
}
