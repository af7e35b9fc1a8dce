//! A filter pattern and a log line, divided by a line of dashes: no panic, and errors point into the pattern.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trailbell_engines::filter;
use trailbell_fuzz::parts;

fuzz_target!(|text: &str| {
    let parts = parts(text);
    match filter::parse(parts[0]) {
        Ok(filter) => drop(filter.matches(parts.get(1).unwrap_or(&""))),
        Err(error) => {
            assert!(parts[0].get(error.span.clone()).is_some());
            let _ = error.pointed(parts[0]);
        }
    }
});
