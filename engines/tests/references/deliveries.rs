//! One example of what an input transformer delivers, as documents write it: lines of `paths`, `event`, `template` and
//! `delivered`.

use std::fmt::Write as _;

use trailbell_engines::json::{self, Json};
use trailbell_engines::transformer::{Delivery, InputTransformer, Reserved, TransformError};

/// Fails when EventBridge delivers something else than the block says.
pub(crate) fn check(block: &str) {
    let field = |name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("{name} in {block}"))
    };
    let json = |name: &str| json::read(field(name)).expect("JSON").json;
    let Json::Object(paths) = json("paths") else { panic!("paths in {block}") };
    let path = |(name, path): (String, Json)| (name, path.as_str().expect("a path").to_owned());
    let transformer =
        InputTransformer { input_paths: paths.into_iter().map(path).collect(), template: field("template").to_owned() };
    let mut delivered = String::new();
    match transformer.render(&json("event"), &Reserved::default()) {
        Ok(Delivery::Body(body)) => delivered = body,
        Ok(Delivery::NotDelivered { .. }) => delivered.push_str("nothing"),
        Err(TransformError::Unknown { .. }) => delivered.push_str("not known"),
        Err(TransformError::Invalid(error)) => write!(delivered, "refused: {error}").expect("a string"),
    }
    assert_eq!(delivered, field("delivered"), "{block}");
}
