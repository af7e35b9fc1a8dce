//! Shapes of input that hold no event a program could read, with their names and what to do about them.
//!
//! Neighbors: `source` refuses what is packed, `inside` names documents that only lead to events, and whoever cannot read
//! an event asks [`oddity`] for the reason that a person would see at once.

use std::fmt;

/// Something that another program unpacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed {
    /// What it is.
    pub name: &'static str,
    /// What to do.
    pub fix: &'static str,
}

impl Packed {
    pub(super) const TOO_DEEP: Self =
        Self { name: "the input is packed with gzip more than four times", fix: "unpack it first: gzip -dc FILE" };

    /// What begins like that, if it is none of ours.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        const KNOWN: [(&[u8], usize, Packed); 7] = [
            (b"PK\x03\x04", 0, packed("the input is a ZIP archive", "unpack it first: unzip -p FILE")),
            (
                b"ustar",
                257,
                packed("the input is a tar archive", "unpack it and give the folder: tar -xf FILE -C FOLDER"),
            ),
            (b"BZh", 0, packed("the input is packed with bzip2", "unpack it first: bzip2 -dc FILE")),
            (b"\x28\xb5\x2f\xfd", 0, packed("the input is packed with zstd", "unpack it first: zstd -dc FILE")),
            (b"\xfd7zXZ\0", 0, packed("the input is packed with xz", "unpack it first: xz -dc FILE")),
            (b"PAR1", 0, packed("the input is a Parquet file", "export its rows as JSON lines first")),
            (b"%PDF-", 0, packed("the input is a PDF document", "give the records as JSON")),
        ];
        let known =
            |(magic, at, _): &&(&[u8], usize, Self)| head.get(*at..).is_some_and(|rest| rest.starts_with(magic));
        KNOWN.iter().find(known).map(|(_, _, packed)| *packed)
    }
}

const fn packed(name: &'static str, fix: &'static str) -> Packed {
    Packed { name, fix }
}

/// A JSON document that tells where events are and holds none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointer {
    /// A digest file of CloudTrail.
    Digest,
    /// A notification of S3 that an object was written.
    S3Notification,
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Digest => {
                "a CloudTrail digest file names log files and holds no records; give the log files, which are in the folder \
                 `CloudTrail` instead of `CloudTrail-Digest`"
            }
            Self::S3Notification => {
                "an S3 notification names a log file and holds no records; give the log file: aws s3 cp s3://BUCKET/KEY -"
            }
        })
    }
}

/// What a person would see at once in a text that is not JSON, and what to do.
#[must_use]
pub fn oddity(text: &str) -> Option<&'static str> {
    let text = text.trim_start();
    let start: String = text.chars().take(2_000).collect();
    let after_brace = start.strip_prefix(['{', '[']).map(str::trim_ascii_start);
    let key = start.trim_start_matches("- ").split_once(':').map_or("", |(key, _)| key);
    let is_key = key.chars().all(char::is_alphanumeric) && key.chars().any(char::is_lowercase);
    if start.contains(['\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}']) && after_brace.is_some() {
        Some("it has curly quotes, which word processors and chats write; replace them with straight ones (\")")
    } else if after_brace.is_some_and(|rest| rest.starts_with(is_odd_space)) {
        Some(
            "it has spaces that JSON does not allow, such as U+00A0, which web pages have; replace them: \
              sed 's/\\xc2\\xa0/ /g'",
        )
    } else if after_brace.is_some_and(|rest| rest.starts_with('\'') || rest.starts_with("{'")) {
        Some("it has single quotes, as Python prints a dictionary; print it as JSON: json.dumps(record)")
    } else if start.contains("...") || start.contains('\u{2026}') {
        Some("a part is left out (`...`); copy the whole record")
    } else if is_key {
        Some("it looks like YAML; ask for JSON: --output json")
    } else {
        None
    }
}

fn is_odd_space(c: char) -> bool {
    c.is_whitespace() && !c.is_ascii() || matches!(c, '\u{200b}' | '\u{feff}' | '\u{2060}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_named_with_a_fix() {
        let cases = [
            ("{\u{201c}eventName\": 1}", "curly quotes"),
            ("{\n\u{a0}\u{a0}\"eventName\": 1}", "U+00A0"),
            ("{'eventName': 'CreateUser'}", "single quotes"),
            ("[{'eventName': 'CreateUser'}]", "single quotes"),
            ("{\"eventName\": ... }", "left out"),
            ("- CloudTrailEvent: '{\"eventVersion\":", "YAML"),
            ("CloudTrailEvent: \"{", "YAML"),
        ];
        for (text, part) in cases {
            let named = oddity(text).unwrap_or_default();
            assert!(named.contains(part), "{text}: {named}");
        }
        for text in ["", "{", "{\"a\":1", "words", "INFO it is: {"] {
            assert_eq!(oddity(text), None, "{text}");
        }
    }
}
