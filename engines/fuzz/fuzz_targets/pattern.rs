//! Patterns and an event, divided by lines of dashes: the fast matcher must agree with the slow engine, whatever the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trailbell_engines::pattern::{Matcher, Pattern, Verdict, read_event};
use trailbell_engines::record;
use trailbell_fuzz::parts;

fuzz_target!(|text: &str| {
    let parts = parts(text);
    let (event, patterns) = parts.split_last().expect("one part at least");
    let patterns: Vec<Pattern> = patterns.iter().filter_map(|text| Pattern::read(text).ok()).collect();
    let matcher = Matcher::new(patterns.clone());
    let mut scratch = matcher.scratch();
    for records in [false, true] {
        let fast = if records {
            matcher.matches_record(event, &mut scratch).map(|found| found.patterns.to_vec())
        } else {
            matcher.matches(event, &mut scratch).map(|found| found.patterns.to_vec())
        };
        let slow = read_event(event).and_then(|(event, _)| {
            let event = if records { record::as_event(event).0 } else { event };
            let mut found = Vec::new();
            for (number, pattern) in patterns.iter().enumerate() {
                if pattern.matches(&event)? == Verdict::Matches {
                    found.push(number);
                }
            }
            Ok(found)
        });
        // Where elements of lists multiply, the fast matcher may answer without trying them all.
        if slow.is_ok() || fast.is_err() {
            assert_eq!(fast, slow);
        }
    }
});
