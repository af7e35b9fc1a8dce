//! Files of events: the reader ends, whatever the bytes, and pieces make no difference.

#![no_main]

use std::io::Read;

use libfuzzer_sys::fuzz_target;
use trailbell_engines::events::EventReader;

/// Hands out a few bytes at a time.
struct Pieces<'b>(&'b [u8]);

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let length = into.len().min(self.0.len()).min(3);
        into[..length].copy_from_slice(&self.0[..length]);
        self.0 = &self.0[length..];
        Ok(length)
    }
}

fn read(input: impl Read) -> Vec<String> {
    let mut reader = EventReader::with_limit(input, 64);
    let mut out = Vec::new();
    loop {
        match reader.next_event() {
            Ok(None) => return out,
            Ok(Some(event)) => out.push(format!("{} {:?} {:?}", event.line, event.record, event.text)),
            Err(error) => out.push(error.to_string()),
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    // The decoder of gzip looks further ahead than one piece, so where it stops may differ.
    let whole = read(bytes);
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        assert_eq!(whole, read(Pieces(bytes)));
    }
});
