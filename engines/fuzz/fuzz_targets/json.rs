//! JSON text: our reader accepts what `serde_json` accepts, and writes it back alike.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use trailbell_engines::json;

fuzz_target!(|text: &str| {
    let _ = json::read_broken(text);
    let ours = json::read(text);
    let Ok(theirs) = serde_json::from_str::<Value>(text) else { return };
    let document = ours.expect("serde_json reads it");
    if let Ok(value) = document.json.to_value() {
        assert_eq!(value, theirs);
        assert_eq!(json::read(&document.json.to_string()).expect("we wrote it").json, document.json);
    }
});
