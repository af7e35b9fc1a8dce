//! The offline engines, built from the program's own sources without the rest of it.

#[path = "../../src/events/mod.rs"]
pub mod events;
#[path = "../../src/filter/mod.rs"]
pub mod filter;
#[path = "../../src/glob.rs"]
mod glob;
#[path = "../../src/json/mod.rs"]
pub mod json;
pub mod message;
#[path = "../../src/pattern/mod.rs"]
pub mod pattern;
#[path = "../../src/record.rs"]
pub mod record;

/// The parts of an input, which a line of dashes divides.
pub fn parts(text: &str) -> Vec<&str> {
    text.split("\n---\n").collect()
}
