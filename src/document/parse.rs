//! Text → tree, on top of `saphyr-parser`'s events.
//!
//! Scalars follow YAML 1.2's core schema, so `no` and `on` are strings. Anchors, aliases, tags, merge keys and several
//! documents in one file are findings: none of them helps in a page of YAML, and an alias is how a small file becomes a
//! large one. Depth and number of values are bounded for the same reason. Templates of CloudFormation have tags, which are
//! read as the function calls that they are short for: `!Ref A` is `{ Ref: A }`.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use serde_json::{Number, Value};

use super::{Member, Node, NodeValue};
use crate::diagnostic::{Code, Finding, Source};

const MAX_DEPTH: usize = 64;
const MAX_NODES: usize = 50_000;

/// Parses the first document of the text. `None` means that there is nothing to go on with; why is in the findings.
pub(super) fn parse(text: &str, source: &Arc<Source>, tags: Tags, findings: &mut Vec<Finding>) -> Option<Node> {
    let offsets = Offsets::new(text);
    let mut builder = TreeBuilder { source, findings, tags, offsets, open: Vec::new(), nodes: 0, root: None };
    for event in Parser::new_from_str(text) {
        let step = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => {
                let at = builder.offsets.byte(error.marker().index());
                builder.report(Code::Syntax, at..at, error.info());
                Err(Aborted)
            }
        };
        if step.is_err() {
            return None;
        }
    }
    if builder.root.is_none() {
        builder.report(Code::Syntax, 0..0, "the file is empty");
    }
    builder.root
}

/// What a tag of YAML is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tags {
    /// A finding.
    Refused,
    /// A function of CloudFormation.
    Functions,
}

/// There is no use in reading on; the reason is among the findings.
struct Aborted;

struct TreeBuilder<'a> {
    source: &'a Arc<Source>,
    findings: &'a mut Vec<Finding>,
    tags: Tags,
    offsets: Offsets,
    /// The open collections, each with the function that its tag is.
    open: Vec<(OpenCollection, Option<String>)>,
    nodes: usize,
    root: Option<Node>,
}

/// A collection whose end has not been seen.
enum OpenCollection {
    List { start: usize, items: Vec<Node> },
    Map { start: usize, entries: Vec<Member>, seen: HashMap<String, usize>, key: Option<(String, Range<usize>)> },
}

impl TreeBuilder<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Aborted> {
        let span = self.offsets.range(span);
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                self.report(Code::YamlFeature, span, "a second YAML document in the file");
                Err(Aborted)
            }
            Event::Alias(_) => {
                self.report(Code::YamlFeature, span.clone(), "YAML aliases are not supported; write the value itself");
                self.place(Node { value: NodeValue::Scalar(Value::Null), span })
            }
            Event::Scalar(text, style, anchor, tag) => {
                let function = self.marks(anchor, tag.as_deref(), &span);
                let value = self.scalar(&text, style, &span);
                self.place(called(function, Node { value: NodeValue::Scalar(value), span }))
            }
            Event::SequenceStart(anchor, tag) => {
                let function = self.marks(anchor, tag.as_deref(), &span);
                self.descend(OpenCollection::List { start: span.start, items: Vec::new() }, function, span)
            }
            Event::MappingStart(anchor, tag) => {
                let function = self.marks(anchor, tag.as_deref(), &span);
                self.descend(
                    OpenCollection::Map { start: span.start, entries: Vec::new(), seen: HashMap::new(), key: None },
                    function,
                    span,
                )
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(&span),
            _ => Ok(()),
        }
    }

    /// The function that the tag of a value is, if it has one and tags are functions.
    fn marks(&mut self, anchor: usize, tag: Option<&Tag>, span: &Range<usize>) -> Option<String> {
        if anchor != 0 {
            self.report(Code::YamlFeature, span.clone(), "YAML anchors are not supported; write the value itself");
        }
        let tag = tag?;
        if self.tags == Tags::Functions && tag.handle == "!" {
            let is_short = matches!(tag.suffix.as_str(), "Ref" | "Condition");
            return Some(if is_short { tag.suffix.clone() } else { format!("Fn::{}", tag.suffix) });
        }
        self.report(Code::YamlFeature, span.clone(), "YAML tags are not supported");
        None
    }

    fn descend(
        &mut self,
        collection: OpenCollection,
        function: Option<String>,
        span: Range<usize>,
    ) -> Result<(), Aborted> {
        if self.open.len() >= MAX_DEPTH {
            self.report(Code::TooLarge, span, format!("nested more than {MAX_DEPTH} levels deep"));
            return Err(Aborted);
        }
        self.open.push((collection, function));
        Ok(())
    }

    fn close(&mut self, end: &Range<usize>) -> Result<(), Aborted> {
        let Some((collection, function)) = self.open.pop() else { return Ok(()) };
        let (start, value, last) = match collection {
            OpenCollection::List { start, items } => {
                let last = items.last().map(|item| item.span.end);
                (start, NodeValue::List(items), last)
            }
            OpenCollection::Map { start, entries, .. } => {
                let last = entries.last().map(|entry| entry.value.span.end);
                (start, NodeValue::Map(entries), last)
            }
        };
        // A block collection ends where the next token begins, lines later; what a person means by it ends earlier.
        let end = if end.is_empty() { last.unwrap_or(end.end) } else { end.end };
        self.place(called(function, Node { value, span: start..end.max(start) }))
    }

    /// Puts a finished node where it belongs: into the open list, as key or value into the open map, or at the root.
    fn place(&mut self, node: Node) -> Result<(), Aborted> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            self.report(Code::TooLarge, node.span, format!("more than {MAX_NODES} values in one file"));
            return Err(Aborted);
        }
        match self.open.last_mut().map(|(collection, _)| collection) {
            None => self.root = Some(node),
            Some(OpenCollection::List { items, .. }) => items.push(node),
            Some(OpenCollection::Map { entries, seen, key, .. }) => match key.take() {
                Some((key, key_span)) => match seen.get(&key) {
                    None => {
                        seen.insert(key.clone(), key_span.start);
                        entries.push(Member { key, key_span, value: node });
                    }
                    Some(first) => {
                        let (line, _) = self.source.position(*first);
                        let finding =
                            Finding::new(Code::DuplicateKey, self.source, key_span, format!("duplicate key `{key}`"));
                        self.findings.push(finding.help(format!("first used on line {line}; keep one of them")));
                    }
                },
                None => match node.value {
                    NodeValue::Scalar(Value::String(text)) if text == "<<" => {
                        self.report(Code::YamlFeature, node.span.clone(), "YAML merge keys are not supported");
                        self.hold_key(text, node.span);
                    }
                    NodeValue::Scalar(Value::String(text)) => self.hold_key(text, node.span),
                    other => {
                        let kind = kind(&other);
                        self.report(
                            Code::WrongType,
                            node.span.clone(),
                            format!("a key must be a string, but this is {kind}"),
                        );
                        self.hold_key(format!("{:?}", node.span), node.span);
                    }
                },
            },
        }
        Ok(())
    }

    fn hold_key(&mut self, text: String, span: Range<usize>) {
        if let Some((OpenCollection::Map { key, .. }, _)) = self.open.last_mut() {
            *key = Some((text, span));
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, span: &Range<usize>) -> Value {
        if style != ScalarStyle::Plain {
            return Value::String(text.to_owned());
        }
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Value::Null,
            "true" | "True" | "TRUE" => Value::Bool(true),
            "false" | "False" | "FALSE" => Value::Bool(false),
            _ => self.number(text, span).unwrap_or_else(|| Value::String(text.to_owned())),
        }
    }

    /// A number of the core schema. Forms that YAML and JSON read differently must be quoted: an account id such as
    /// `012345678901` would silently lose its zero.
    fn number(&mut self, text: &str, span: &Range<usize>) -> Option<Value> {
        let digits = text.trim_start_matches(['-', '+']);
        let ambiguous = digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
            || digits.starts_with("0x") && digits.len() > 2 && digits[2..].bytes().all(|byte| byte.is_ascii_hexdigit())
            || digits.starts_with("0o")
                && digits.len() > 2
                && digits[2..].bytes().all(|byte| (b'0'..=b'7').contains(&byte))
            || matches!(digits, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN");
        if ambiguous {
            let finding = Finding::new(Code::WrongType, self.source, span.clone(), format!("`{text}` is ambiguous"));
            self.findings.push(finding.help(format!(
                "for a string, add quotes: \"{text}\"; for a number, write it in plain \
                    decimal form"
            )));
            return Some(Value::Null);
        }
        if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return None;
        }
        if let Ok(integer) = text.trim_start_matches('+').parse::<i64>() {
            return Some(integer.into());
        }
        if let Ok(integer) = text.parse::<u64>() {
            return Some(integer.into());
        }
        let is_float =
            digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
        let number = is_float.then(|| text.parse::<f64>().ok().and_then(Number::from_f64)).flatten()?;
        // A double keeps 17 digits; what is written with more would silently become another number.
        let mantissa = digits.split(['e', 'E']).next().unwrap_or(digits).trim_start_matches(['0', '.']);
        if mantissa.bytes().filter(u8::is_ascii_digit).count() > 17 {
            let message = format!("`{text}` has more digits than a number can hold");
            let finding = Finding::new(Code::WrongType, self.source, span.clone(), message);
            self.findings.push(finding.help(format!("for a string, add quotes: \"{text}\"")));
        }
        Some(Value::Number(number))
    }

    fn report(&mut self, code: Code, span: Range<usize>, message: impl Into<String>) {
        self.findings.push(Finding::new(code, self.source, span, message));
    }
}

/// A value as the argument of a function, if there is one.
fn called(function: Option<String>, node: Node) -> Node {
    let Some(key) = function else { return node };
    let span = node.span.clone();
    Node { value: NodeValue::Map(vec![Member { key, key_span: span.clone(), value: node }]), span }
}

/// What a value is called in messages.
pub(super) fn kind(value: &NodeValue) -> &'static str {
    match value {
        NodeValue::List(_) => "a list",
        NodeValue::Map(_) => "a mapping",
        NodeValue::Scalar(Value::Null) => "empty",
        NodeValue::Scalar(Value::Bool(_)) => "a boolean",
        NodeValue::Scalar(Value::Number(_)) => "a number",
        NodeValue::Scalar(_) => "a string",
    }
}

/// The parser counts characters, findings count bytes.
enum Offsets {
    Ascii(usize),
    Wide(Vec<usize>),
}

impl Offsets {
    fn new(text: &str) -> Self {
        if text.is_ascii() {
            return Self::Ascii(text.len());
        }
        Self::Wide(text.char_indices().map(|(at, _)| at).chain([text.len()]).collect())
    }

    fn byte(&self, character: usize) -> usize {
        match self {
            Self::Ascii(length) => character.min(*length),
            Self::Wide(table) => table.get(character).or(table.last()).copied().unwrap_or_default(),
        }
    }

    fn range(&self, span: Span) -> Range<usize> {
        let start = self.byte(span.start.index());
        start..self.byte(span.end.index()).max(start)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::diagnostic::Code;
    use crate::document::Document;

    fn value(text: &str) -> serde_json::Value {
        Document::parse("t", text).expect("the text is good").root.to_json()
    }

    fn codes(text: &str) -> Vec<Code> {
        let findings = Document::parse("t", text).map_or_else(|findings| findings, |document| document.findings);
        findings.iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn scalars_follow_the_core_schema() {
        let text = "[1, -2, +3, 1.5, 1e3, 18446744073709551615, no, on, null, ~, true, '1', \"x\", 12:30, 2023-08-07, 1.2.3, 5x]";
        assert_eq!(
            value(text),
            json!([
                1,
                -2,
                3,
                1.5,
                1000.0,
                18_446_744_073_709_551_615_u64,
                "no",
                "on",
                null,
                null,
                true,
                "1",
                "x",
                "12:30",
                "2023-08-07",
                "1.2.3",
                "5x"
            ])
        );
    }

    #[test]
    fn tags_of_a_template_are_functions() {
        let text = "a: !Ref A\nb: !Sub 'x'\nc: !Join ['', [a, !GetAtt B.Arn]]\nd: !If\n  - x\n  - 1\ne: !Transform { Name: x }\n";
        let document = Document::template("t", text).expect("YAML");
        assert!(document.findings().is_empty(), "{:?}", document.findings());
        let expected = json!({
            "a": { "Ref": "A" }, "b": { "Fn::Sub": "x" }, "c": { "Fn::Join": ["", ["a", { "Fn::GetAtt": "B.Arn" }]] },
            "d": { "Fn::If": ["x", 1] }, "e": { "Fn::Transform": { "Name": "x" } },
        });
        assert_eq!(document.root.to_json(), expected);
        assert!(!Document::template("t", "a: !!str 1").expect("YAML").findings().is_empty());
    }

    #[test]
    fn block_and_flow_styles_give_the_same() {
        assert_eq!(
            value("a:\n  b: [x, {c: d}]\n  e: |\n    two\n    lines\n"),
            json!({"a": {"b": ["x", {"c": "d"}], "e": "two\nlines\n"}})
        );
    }

    #[test]
    fn places_are_those_of_the_text() {
        let document = Document::parse("t", "é: x\nalerts:\n  - blueprint: abc\n").expect("good");
        assert_eq!(&"é: x\nalerts:\n  - blueprint: abc\n"[document.span("/alerts/0/blueprint")], "abc");
        assert_eq!(&"é: x\nalerts:\n  - blueprint: abc\n"[document.key_span("/alerts/0/blueprint")], "blueprint");
        assert_eq!(document.span("/alerts/0/nothing"), document.span("/alerts/0"));
        assert_eq!(&"é: x\nalerts:\n  - blueprint: abc\n"[document.span("/alerts/0")], "blueprint: abc");
    }

    #[test]
    fn what_the_files_do_not_use_is_found() {
        let cases: &[(&str, &[Code])] = &[
            ("a: 1\na: 2\nb: 1\nb: 2", &[Code::DuplicateKey, Code::DuplicateKey]),
            ("a: &x 1\nb: *x", &[Code::YamlFeature, Code::YamlFeature]),
            ("a: !!str 1", &[Code::YamlFeature]),
            ("a: 1\n---\nb: 1", &[Code::YamlFeature]),
            ("<<: {a: 1}", &[Code::YamlFeature]),
            ("account: 012345678901", &[Code::WrongType]),
            ("a: 0x1F", &[Code::WrongType]),
            ("a: .inf", &[Code::WrongType]),
            ("a: 1.00000000000000000001", &[Code::WrongType]),
            ("a: 123456789012345678901234", &[Code::WrongType]),
            ("1: a", &[Code::WrongType]),
            ("? [a]\n: b", &[Code::WrongType]),
            ("a: [1", &[Code::Syntax]),
            ("a:\n\tb: 1", &[Code::Syntax]),
            ("", &[Code::Syntax]),
            ("# nothing\n", &[Code::Syntax]),
        ];
        for (text, expected) in cases {
            assert_eq!(codes(text), *expected, "{text}");
        }
    }

    #[test]
    fn hostile_documents_end_quickly_and_never_in_a_panic() {
        let bomb = (0..50).fold("a: &a [x,x]\n".to_owned(), |text, n| format!("{text}b{n}: [*a,*a]\n"));
        assert!(codes(&bomb).contains(&Code::YamlFeature));
        for text in
            ["[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000), "a:\n".to_string(), "? ".repeat(10_000)]
        {
            let _ = Document::parse("t", &text);
        }
        assert!(!codes(&format!("[{}]", "1,".repeat(60_000))).is_empty());
        for text in [
            "\u{feff}a: 1",
            "\0",
            "a: \"\\x\"",
            "%YAML 9.9\n---\na",
            "a: 'x",
            "\u{2028}",
            "&",
            "*",
            "!",
            "|",
            "- -\n -",
            "a: b: c",
        ] {
            let _ = Document::parse("t", text);
        }
    }
}
