//! Events written in any layout come out as they went in, and no input is read differently for being cut into pieces.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::super::compact;
use super::{gzip, pieces, read_limited};

/// What a generated input is made of.
#[derive(Clone, Debug)]
enum Document {
    Event(String),
    Records(Vec<String>),
}

/// A JSON value without whitespace outside of its strings.
fn value() -> impl Strategy<Value = String> {
    let string = r#"([ a-c{}\[\],:é]|\\"|\\\\|\\n|\\u005c){0,6}"#.prop_map(|text| format!("\"{text}\""));
    let key = prop_oneof![Just("\"Records\"".to_owned()), string.clone()];
    let leaf = prop_oneof![Just("null".to_owned()), "-?[1-9][0-9]{0,3}(\\.5)?", string];
    leaf.prop_recursive(3, 24, 4, move |inner| {
        let field = (key.clone(), inner.clone()).prop_map(|(key, value)| format!("{key}:{value}"));
        prop_oneof![
            vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            vec(field, 0..4).prop_map(|fields| format!("{{{}}}", fields.join(","))),
        ]
    })
}

fn document() -> impl Strategy<Value = Document> {
    prop_oneof![
        3 => value().prop_map(|value| Document::Event(format!("{{\"id\":{value}}}"))),
        1 => vec(value(), 0..5).prop_map(Document::Records),
    ]
}

/// Writes documents with whitespace between their tokens, and remembers what should be read.
struct Writer<'w> {
    text: String,
    blanks: std::iter::Cycle<std::slice::Iter<'w, String>>,
    expected: Vec<String>,
}

impl Writer<'_> {
    fn blank(&mut self) {
        let blank = self.blanks.next().map_or("", String::as_str);
        self.text.push_str(blank);
    }

    fn line(&self) -> usize {
        self.text.matches('\n').count() + 1
    }

    fn write(&mut self, json: &str) {
        let mut quoted = false;
        let mut escaped = false;
        for c in json.chars() {
            let structure = !quoted && "{}[],:".contains(c);
            if structure && self.text.len() > 1 {
                self.blank();
            }
            self.text.push(c);
            if structure {
                self.blank();
            }
            quoted ^= c == '"' && !escaped;
            escaped = quoted && c == '\\' && !escaped;
        }
    }

    fn event(&mut self, json: &str, record: Option<usize>) {
        let number = record.map(|number| format!("/{number}")).unwrap_or_default();
        self.expected.push(format!("{}{number}: {json}", self.line()));
        // Not `write` for the first bracket, before which whitespace is allowed.
        let first = json.chars().next().map_or(0, char::len_utf8);
        let (first, rest) = if json.starts_with(['{', '[']) { json.split_at(first) } else { ("", json) };
        self.text.push_str(first);
        self.write(rest);
    }

    fn document(&mut self, document: &Document) {
        match document {
            Document::Event(json) => self.event(json, None),
            Document::Records(records) => {
                self.text.push('{');
                self.write("\"Records\":[");
                for (at, record) in records.iter().enumerate() {
                    if at > 0 {
                        self.write(",");
                    }
                    self.event(record, Some(at + 1));
                }
                self.write("]}");
            }
        }
    }
}

/// The text in members of gzip, or as it is if there is to be none.
fn pack(text: &[u8], members: usize) -> Vec<u8> {
    if members == 0 {
        return text.to_vec();
    }
    text.chunks(text.len().div_ceil(members).max(1)).flat_map(gzip).collect()
}

fn compacted(found: Vec<String>) -> Vec<String> {
    let compacted = |entry: String| {
        let (place, text) = entry.split_once(": ").unwrap();
        let mut out = format!("{place}: ").into_bytes();
        compact(text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    };
    found.into_iter().map(compacted).collect()
}

/// Bytes that mean something to the reader, in any order.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let tokens = vec!["{", "}", "[", "]", "\"", "\\", ",", ":", " ", "\n", "\r\n", "1", "é", "{}\n", "[]", "\"a\":"];
    let heads = vec!["{\"Records\":[", "]}", "{\"Records\" :\n[", "{\n"];
    let token = prop_oneof![6 => select(tokens), 1 => select(heads)];
    prop_oneof![vec(token, 0..60).prop_map(|tokens| tokens.concat().into_bytes()), vec(any::<u8>(), 0..80)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_goes_in_comes_out(
        documents in vec(document(), 0..6),
        lines in any::<bool>(),
        blanks in vec("[ \t\n\r]{0,2}", 1..8),
        ends in vec(select(vec!["\n", "\r\n", "\n \n"]), 1..4),
        last in any::<bool>(),
        members in 0_usize..4,
        sizes in vec(1_usize..40, 1..5),
    ) {
        let newline = if lines { "" } else { "\n" };
        let blanks: Vec<_> = blanks.iter().map(|blank| blank.replace('\n', newline)).collect();
        let mut writer = Writer { text: String::new(), blanks: blanks.iter().cycle(), expected: Vec::new() };
        if !lines {
            writer.text.push_str("{\n}\n");
            writer.expected.push("1: {}".into());
        }
        for (at, document) in documents.iter().enumerate() {
            writer.document(document);
            if last || at + 1 < documents.len() {
                writer.text.push_str(ends[at % ends.len()]);
            }
        }
        let packed = pack(writer.text.as_bytes(), members);
        for input in [pieces(&packed, &[1]), pieces(&packed, &[1 << 20]), pieces(&packed, &sizes)] {
            prop_assert_eq!(&compacted(read_limited(input, 1 << 20)), &writer.expected, "{}", writer.text);
        }
    }

    #[test]
    fn pieces_make_no_difference(
        soup in soup(),
        limit in 20_usize..60,
        sizes in vec(1_usize..20, 1..5),
        packed in any::<bool>(),
    ) {
        let bytes = if packed { gzip(&soup) } else { soup };
        let whole = read_limited(bytes.as_slice(), limit);
        prop_assert_eq!(&read_limited(pieces(&bytes, &sizes), limit), &whole);
        prop_assert_eq!(&read_limited(pieces(&bytes, &[1]), limit), &whole);
    }

    #[test]
    fn damage_ends(soup in soup(), length in any::<Index>(), flip in any::<Index>()) {
        let mut bytes = gzip(&soup);
        bytes.truncate(length.index(bytes.len()));
        if !bytes.is_empty() {
            let at = flip.index(bytes.len());
            bytes[at] ^= 4;
        }
        read_limited(bytes.as_slice(), 30);
    }

    #[test]
    fn nothing_is_lost(soup in soup()) {
        let mut text = String::from_utf8_lossy(&soup).replace("Records", "").replace(['[', '\u{fffd}'], "");
        text.insert(0, ' ');
        let found = read_limited(text.as_bytes(), 1 << 20);
        let found: String = found.iter().map(|entry| entry.split_once(": ").unwrap().1).collect();
        let dense = |text: &str| text.replace([' ', '\t', '\r', '\n'], "");
        prop_assert_eq!(dense(&found), dense(&text));
    }
}
