//! The part of `message` that needs no blueprint.

#[path = "../../src/message/body.rs"]
mod body;
#[path = "../../src/message/path.rs"]
mod path;
#[path = "../../src/message/placeholder.rs"]
mod placeholder;
#[path = "../../src/message/transformer.rs"]
pub mod transformer;
