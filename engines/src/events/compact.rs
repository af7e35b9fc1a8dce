//! An event on one line. Neighbor: `scan`, which says what whitespace is.

use memchr::memchr2;

use super::scan::is_space;

/// Appends the JSON text without the whitespace outside of its strings.
///
/// JSON's strings hold no newline, so the result is a single line; of a text that is not JSON nothing is promised.
pub fn compact(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(first) = rest.first() {
        let length = match first {
            b'"' => string_length(rest),
            _ => rest.iter().position(|&byte| byte == b'"' || is_space(byte)).unwrap_or(rest.len()),
        };
        out.extend_from_slice(&rest[..length]);
        rest = &rest[length..];
        let blank = rest.iter().position(|&byte| !is_space(byte)).unwrap_or(rest.len());
        rest = &rest[blank..];
    }
}

/// The length of the string at the beginning, its quotes included.
fn string_length(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = text.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found + 1;
        if text[at - 1] == b'"' {
            return at;
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compacts() {
        let cases = [
            ("", ""),
            (" \n", ""),
            ("{ \"a b\" : \"c \\\" d\\\\\" ,\r\n\t\"e\": [ 1, 2 ] }\n", "{\"a b\":\"c \\\" d\\\\\",\"e\":[1,2]}"),
            ("[ \"open  \\", "[\"open  \\"),
            ("\"", "\""),
        ];
        for (text, expected) in cases {
            let mut out = b"> ".to_vec();
            compact(text.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), format!("> {expected}"));
        }
    }
}
