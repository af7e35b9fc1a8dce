//! What comes out of inputs of every kind, however they are cut into pieces.
//!
//! Neighbors: `properties`, for inputs no one thought of, `inside`, for what is around events.

mod inside;
mod properties;

use std::io::{self, ErrorKind, Read, Write};

use flate2::{Compression, write::GzEncoder};

use super::EventReader;

/// A [`Read`] that returns pieces of the given sizes, and an interruption between any two.
struct Pieces<'b> {
    bytes: &'b [u8],
    sizes: Vec<usize>,
    turn: usize,
}

fn pieces<'b>(bytes: &'b [u8], sizes: &[usize]) -> Pieces<'b> {
    Pieces { bytes, sizes: sizes.to_vec(), turn: 0 }
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.turn += 1;
        if self.turn.is_multiple_of(2) {
            return Err(ErrorKind::Interrupted.into());
        }
        let size = self.sizes[self.turn / 2 % self.sizes.len()];
        let room = size.min(into.len());
        self.bytes.read(&mut into[..room])
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Everything read: an event as `line: text` or `line/record: text`, an error as `! message`, a fatal one with `!!`.
fn read_limited(input: impl Read, limit: usize) -> Vec<String> {
    let mut reader = EventReader::with_limit(input, limit);
    let mut found = Vec::new();
    loop {
        // No test has that many; so this ends.
        assert!(found.len() < 100_000);
        found.push(match reader.next_event() {
            Ok(None) => break,
            Ok(Some(event)) => {
                let record = event.record.map(|number| format!("/{number}")).unwrap_or_default();
                format!("{}{record}: {}", event.line, String::from_utf8_lossy(event.text))
            }
            Err(error) => format!("{} {error}", if error.is_fatal() { "!!" } else { "!" }),
        });
    }
    assert!(reader.next_event().unwrap().is_none(), "the end is the end");
    found
}

fn read(input: &[u8]) -> Vec<String> {
    read_limited(input, 1 << 20)
}

/// Input and what comes out, at once, byte by byte and packed.
fn check(cases: &[(&str, &[&str])]) {
    check_limited(cases, 1 << 20);
}

fn check_limited(cases: &[(&str, &[&str])], limit: usize) {
    for (input, expected) in cases {
        let bytes = input.as_bytes();
        assert_eq!(read_limited(bytes, limit), *expected, "{input}");
        assert_eq!(read_limited(pieces(bytes, &[1]), limit), *expected, "{input}");
        assert_eq!(read_limited(pieces(bytes, &[3, 1, 7]), limit), *expected, "{input}");
        assert_eq!(read_limited(gzip(bytes).as_slice(), limit), *expected, "{input}");
    }
}

#[test]
fn lines() {
    check(&[
        ("", &[]),
        (" \r\n\n\t", &[]),
        ("{\"a\":1}\n{\"b\":2}\n", &["1: {\"a\":1}", "2: {\"b\":2}"]),
        ("{\"a\":1}\r\n\r\n \n{\"b\":2}", &["1: {\"a\":1}", "4: {\"b\":2}"]),
        // A mark at the beginning is none of the text; within the text it is a character.
        ("\u{feff}{}\n{}", &["1: {}", "2: {}"]),
        // The first line breaks off where no document over several lines would: it is a broken line.
        ("{\"a\":\"x\n{}\n{}", &["1: {\"a\":\"x", "2: {}", "3: {}"]),
        ("{\"a\":\n{}}\n{}", &["1: {\"a\":\n{}}", "3: {}"]),
        ("{} \u{feff}\n \u{feff}{}", &["1: {} \u{feff}", "2: \u{feff}{}"]),
        ("5\n\"text\"\njunk {\n\n[1]", &["1: 5", "2: \"text\"", "3: junk {", "5: [1]"]),
        ("{\"a\":1} junk\n{\"a\":1}{\"b\":2}\n", &["1: {\"a\":1} junk", "2: {\"a\":1}{\"b\":2}"]),
        // The first line makes it JSON lines, so a cut one does not swallow the next.
        ("{}\n{\"a\":\n{\"b\":2}\n[1\n{}", &["1: {}", "2: {\"a\":", "3: {\"b\":2}", "4: [1", "5: {}"]),
        ("{\"a\":\"}\\\"}\\\\\"}\n{", &["1: {\"a\":\"}\\\"}\\\\\"}", "2: {"]),
    ]);
}

#[test]
fn documents() {
    check(&[
        ("{\n  \"a\": 1\n}\n", &["1: {\n  \"a\": 1\n}"]),
        ("\r\n {\r\n\"a\": [1,\r\n2]}\r\n[\r\n1]", &["2: {\r\n\"a\": [1,\r\n2]}", "5: [\r\n1]"]),
        ("{\n}\n{\"a\":1}\njunk\n{\n}", &["1: {\n}", "3: {\"a\":1}", "4: junk", "5: {\n}"]),
        ("{\n} junk {\n{}", &["1: {\n} junk {", "3: {}"]),
        ("{\n\"}\\\"\\\\\": \"[\\\\\"}\n{}", &["1: {\n\"}\\\"\\\\\": \"[\\\\\"}", "3: {}"]),
        ("{\n\"a\":\n{}\n", &["1: {\n\"a\":\n{}"]),
        ("[\n1", &["1: [\n1"]),
    ]);
}

#[test]
fn records() {
    check(&[
        (r#"{"Records":[]}"#, &[]),
        (r#"{"Records":[{"a":1},{"b":"]},"}]}"#, &["1/1: {\"a\":1}", "1/2: {\"b\":\"]},\"}"]),
        ("\n{ \"Records\"\t:\r\n [ {\n} ,\n\n[\n1] \n]\n}\n{\n}", &["3/1: {\n}", "6/2: [\n1]", "10: {\n}"]),
        (r#"{"Records":[1, null ,"a,]\"" ]}"#, &["1/1: 1", "1/2: null", "1/3: \"a,]\\\"\""]),
        // Log files end without a newline, and many are read as one.
        (
            r#"{"Records":[{"a":1}]}{"Records":[]} {"Records":[{"b":2}]} {"c":3}"#,
            &["1/1: {\"a\":1}", "1/1: {\"b\":2}", "1: {\"c\":3}"],
        ),
        ("{}\n{\"Records\":[1,2]}\n{}", &["1: {}", "2/1: 1", "2/2: 2", "3: {}"]),
        ("{\n}\n{\"Records\":\n[1]}\n{}", &["1: {\n}", "4/1: 1", "5: {}"]),
        ("{\"Records\":[{}]}\n{\n{}", &["1/1: {}", "2: {", "3: {}"]),
    ]);
}

#[test]
fn what_only_looks_like_records() {
    let cases = [
        r#"{"a":1,"Records":[{"b":2}]}"#,
        r#"{"a":{"Records":[{"b":2}]}}"#,
        r#"[1,{"Records":[1]}]"#,
        "[words]",
        r#"{"Records":{"a":[1]}}"#,
        r#"{"Records":null}"#,
        r#"{"records":[1]}"#,
        r#"{"RecordsX":[1]}"#,
        r#"{"Records"[1]}"#,
        r#"{"Records":"#,
        r#"{"Reco"#,
        "{",
    ];
    for input in cases {
        check(&[(input, &[&format!("1: {input}")])]);
    }
    check(&[("{}\n{\"Records\":\n[1]}", &["1: {}", "2: {\"Records\":", "3: [1]}"])]);
}

#[test]
fn broken_records() {
    check(&[
        (
            "{\"Records\":[{\"a\":1},\n{\"b\":[2}",
            &["1/1: {\"a\":1}", "! line 2: ends inside of record 2; the file may be incomplete"],
        ),
        ("{\"Records\":[12", &["! line 1: ends inside of record 1; the file may be incomplete"]),
        ("{\"Records\":[", &["! line 1: a record expected at the beginning of \"Records\", found the end"]),
        ("{\"Records\":[1\n", &["1/1: 1", "! line 2: `,` or `]` expected after record 1, found the end"]),
        ("{\"Records\":[1]", &["1/1: 1", "! line 1: `}` expected after record 1, found the end"]),
        ("{\"Records\":[1] 2}\n{}", &["1/1: 1", "! line 1: `}` expected after record 1, found `2`", "2: {}"]),
        ("{\"Records\":[1],\"a\":2", &["1/1: 1", "! line 1: `}` expected after record 1, found the end"]),
        (
            "{\"Records\":[1 2]}\n{\n{}",
            &["1/1: 1", "! line 1: `,` or `]` expected after record 1, found `2`", "2: {", "3: {}"],
        ),
        (
            "{\"Records\":[{},\n... and more ...\n]}",
            &[
                "1/1: {}",
                "!! line 2: a record expected after record 1, found `.`; the list is abridged: copy all of it",
            ],
        ),
        // Nothing tells what else belongs to this document.
        ("{\"Records\":[1\n,,2]}\n{}", &["1/1: 1", "!! line 2: a record expected after record 1, found `,`"]),
        // In JSON lines only the line is lost, wherever it is cut.
        (
            "{}\n{\"Records\":[1,{\"\n{}",
            &["1: {}", "2/1: 1", "! line 2: ends inside of record 2; the file may be incomplete", "3: {}"],
        ),
        (
            "{}\n{\"Records\":[1,\n{}\n",
            &["1: {}", "2/1: 1", "! line 2: a record expected after record 1, found the end", "3: {}"],
        ),
    ]);
}

#[test]
fn limits() {
    let too_long = |line: u64| format!("! line {line}: an event is longer than 12 bytes; skipped");
    check_limited(
        &[
            ("{\"a\":123456}\n{\"a\":1234567}\n{}", &["1: {\"a\":123456}", &too_long(2), "3: {}"]),
            ("{\"a\":1234567}\n{\n{}", &[&too_long(1), "2: {", "3: {}"]),
            ("{\n\"a\":123456789}\n{\n}", &[&too_long(1), "3: {\n}"]),
            ("{\n\"a\":123456789", &[&too_long(1)]),
            ("0123456789012345678901234567890123456789\n1", &[&too_long(1), "2: 1"]),
            ("{\"Records\" :[1]}\n1", &[&too_long(1), "2: 1"]),
            (
                "{\"Records\":[{\"a\":\"\\\"]}]}\"},{\"a\":123456},{}]}\n{}",
                &["! line 1: record 1 is longer than 12 bytes; skipped", "1/2: {\"a\":123456}", "1/3: {}", "2: {}"],
            ),
            (
                "{}\n{\"Records\":[1,{\"a\":123456789\n{}",
                &[
                    "1: {}",
                    "2/1: 1",
                    "! line 2: record 2 is longer than 12 bytes; skipped",
                    "! line 2: `,` or `]` expected after record 2, found the end",
                    "3: {}",
                ],
            ),
        ],
        12,
    );
    let long = "[1234567]".repeat(1 << 18);
    let error = EventReader::with_limit(long.as_bytes(), 1 << 20).next_event().unwrap_err().to_string();
    assert_eq!(error, "line 1: an event is longer than 1 MiB; skipped");
}

#[test]
fn encodings() {
    let text = "{\"a\":\"\u{e9}\u{1f512}\u{feff}\"}\r\n{}\n";
    let units = || std::iter::once('\u{feff}').chain(text.chars()).collect::<String>();
    let little: Vec<u8> = units().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = units().encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [little.as_slice(), &big, &little[2..], &big[2..], &gzip(&big), &gzip(&gzip(&little))] {
        assert_eq!(read(bytes), ["1: {\"a\":\"\u{e9}\u{1f512}\u{feff}\"}", "2: {}"]);
        assert_eq!(read_limited(pieces(bytes, &[1, 3]), 99), read(bytes));
    }
    assert_eq!(read(b"\xff\xfe\x00\xd8{\0}\0"), ["1: \u{fffd}{}"]);
    assert_eq!(read(b"\"\xff\""), ["1: \"\u{fffd}\""]);
    assert_eq!(read(b"\x1f"), ["1: \u{1f}"]);
}

#[test]
fn members_of_gzip() {
    let members = [gzip(b"{\"Records\":[1,"), gzip(b""), gzip(b"2]}"), gzip(b"{\"Records\":[3]}\n")].concat();
    for sizes in [1, 5, 1 << 20] {
        assert_eq!(read_limited(pieces(&members, &[sizes]), 99), ["1/1: 1", "1/2: 2", "1/1: 3"]);
    }
}

#[test]
fn packed_in_other_ways() {
    let tar = [b"a.json".as_slice(), &[0; 251], b"ustar\0"].concat();
    let deep = (0..6).fold(b"{}".to_vec(), |bytes, _| gzip(&bytes));
    let cases: [(&[u8], &str); 4] = [
        (b"PK\x03\x04....", "!! the input is a ZIP archive; unpack it first: unzip -p FILE"),
        (&tar, "!! the input is a tar archive; unpack it and give the folder: tar -xf FILE -C FOLDER"),
        (&gzip(&tar), "!! the input is a tar archive; unpack it and give the folder: tar -xf FILE -C FOLDER"),
        (&deep, "!! the input is packed with gzip more than four times; unpack it first: gzip -dc FILE"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(read(bytes), [expected]);
    }
    let twice = gzip(&gzip(b"\xef\xbb\xbf{}\n{}"));
    assert_eq!(read(&twice), ["1: {}", "2: {}"]);
}

#[test]
fn lists() {
    check(&[
        ("[]", &[]),
        ("[\r\n]\n{}", &["3: {}"]),
        ("[{\"a\":1},{\"b\":[2]},\"c\"]", &["1/1: {\"a\":1}", "1/2: {\"b\":[2]}", "1/3: \"c\""]),
        ("[\n  {\n},\n  {}\n]\n{\n}", &["2/1: {\n}", "4/2: {}", "6: {\n}"]),
        ("{}\n[{}]\n{}", &["1: {}", "2/1: {}", "3: {}"]),
        // What people leave behind when they shorten a file, and what others put beside the list.
        ("{\"Records\":[1,]}\n{}", &["1/1: 1", "2: {}"]),
        ("{\"Records\":[1],\"a\":{\"b\":\"]}\"}}\n{}", &["1/1: 1", "2: {}"]),
        ("{\"Records\":[\n1],\n\"a\":[\n]}{\"Records\":[2]}", &["2/1: 1", "4/1: 2"]),
    ]);
}

#[test]
fn incomplete_gzip() {
    let line = |number: u32| format!("{{\"id\":{},\"n\":{number}}}\n", number * 7919 % 1000);
    let text = (0..2000).map(line).collect::<Vec<_>>().concat();
    let all = read(text.as_bytes());
    let packed = gzip(text.as_bytes());
    for length in (2..packed.len()).step_by(97).chain([packed.len() - 1, packed.len() - 8]) {
        let mut found = read(&packed[..length]);
        let last = found.pop().unwrap();
        assert!(
            last.starts_with("!! line ")
                && last.ends_with(
                    "the gzip data is cut off, or something else follows it; copy or download the file again"
                )
        );
        assert_eq!(found, all[..found.len()], "only complete events, in order");
        if length + 8 >= packed.len() {
            assert_eq!(found.len(), all.len(), "only the checksum is missing");
        }
    }
    let mut damaged = packed.clone();
    *damaged.last_mut().unwrap() ^= 1;
    assert!(read(&damaged).pop().unwrap().contains("the gzip data is damaged (corrupt gzip stream"));
    let garbage = [packed, b"garbage, longer than a header".to_vec()].concat();
    assert!(read(&garbage).pop().unwrap().contains("the gzip data is damaged (invalid gzip header"));
}

#[test]
fn failing_input() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("no disk"))
        }
    }
    let failed = |line: u64| format!("!! line {line}: reading failed: no disk");
    assert_eq!(read_limited(Broken, 9), [failed(1)]);
    assert_eq!(read_limited(b"{}\n{}\n{".chain(Broken), 9), ["1: {}".into(), "2: {}".into(), failed(3)]);
    assert_eq!(read_limited(b"{\n\"a\":".chain(Broken), 9), [failed(2)]);
    let too_long = "! line 1: an event is longer than 9 bytes; skipped".to_owned();
    assert_eq!(read_limited(b"{\"a\":1234567".chain(Broken), 9), [too_long, failed(1)]);
}

#[test]
fn counts_what_it_reads() {
    let text = "{\"a\":1}\n".repeat(1000);
    let packed = gzip(text.as_bytes());
    let mut reader = EventReader::new(packed.as_slice());
    assert_eq!((reader.bytes_read(), reader.raw_bytes_read()), (0, 0));
    while reader.next_event().unwrap().is_some() {}
    assert_eq!((reader.bytes_read(), reader.raw_bytes_read()), (text.len() as u64, packed.len() as u64));
}

#[test]
fn memory_does_not_grow_with_the_input() {
    let text = format!("{{\"Records\":[{}1]}}", "{\"a\":\"some text\"},".repeat(500_000));
    let mut reader = EventReader::new(text.as_bytes());
    while reader.next_event().unwrap().is_some() {}
    assert_eq!(reader.buffer.capacity(), 256 << 10);
    let mut reader = EventReader::with_limit(io::repeat(b'[').take(64 << 20), 1 << 20);
    assert!(reader.next_event().is_err());
    assert_eq!(reader.buffer.capacity(), 2 << 20);
}

fn lines_of(mut reader: EventReader<&[u8]>) -> Vec<String> {
    let mut found = Vec::new();
    while let Some(event) = reader.next_event().unwrap() {
        found.push(String::from_utf8_lossy(event.text).into_owned());
    }
    found
}

#[test]
fn log_lines_are_handed_out_as_they_are() {
    let cases: [(&str, &[&str]); 5] = [
        ("  a b  \r\n\n[x\nlast", &["  a b  ", "", "[x", "last"]),
        ("{ starting,\nERROR one\nERROR two\n", &["{ starting,", "ERROR one", "ERROR two"]),
        ("{\"Records\":[{\"a\":1},\n{\"a\":2}]}\nnext\n", &["{\"a\":1}", "{\"a\":2}", "next"]),
        ("\n", &[""]),
        ("", &[]),
    ];
    for (input, expected) in cases {
        assert_eq!(lines_of(EventReader::new(input.as_bytes()).of_log_lines()), expected, "{input}");
    }
}

#[test]
fn json_log_lines_span_lines_only_after_a_brace_that_stands_alone() {
    let cases: [(&str, &[&str]); 3] = [
        ("{\n \"a\": 1\n}\n{\n}\n", &["{\n \"a\": 1\n}", "{\n}"]),
        ("{ starting,\n{\"a\":1}\n", &["{ starting,", "{\"a\":1}"]),
        ("[\n{\"a\":1}\n", &["[", "{\"a\":1}"]),
    ];
    for (input, expected) in cases {
        assert_eq!(lines_of(EventReader::new(input.as_bytes()).of_json_log_lines()), expected, "{input}");
    }
}

#[test]
fn a_line_that_breaks_off_behind_an_array_is_passed_whole_however_it_is_read() {
    // JSON lines: the list before has ended on its line.
    let text = b"[]{\"Records\":[],{\"Records\" :\n{\"a\":1}\n";
    let whole = read_limited(text.as_slice(), 1 << 20);
    assert_eq!(whole.len(), 2, "{whole:?}");
    assert!(whole[0].contains("found the end") && whole[1] == "2: {\"a\":1}", "{whole:?}");
    for size in [1, 2, 7] {
        assert_eq!(read_limited(pieces(text, &[size]), 1 << 20), whole, "{size}");
    }
}
