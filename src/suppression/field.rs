//! Which fields a suppression can be about: those that hold one value.
//!
//! A pattern matches a list if one of its elements does, and fields inside of one list must be in one and the same element. A
//! suppression of such a field could not be compiled exactly.

use crate::cloudtrail::fields::{is_list, is_object, is_value};

/// Where only AWS writes addresses.
const ADDRESS: &str = "sourceIPAddress";

/// Why a field, as a dotted path below `detail`, cannot be used beside these fields of the pattern and of other suppressions,
/// whose paths are whole.
#[must_use]
pub fn misfit(path: &str, others: &[&str], has_block: bool) -> Option<String> {
    let steps: Vec<&str> = path.split('.').collect();
    if steps.contains(&"") || path.contains(['[', '$']) {
        return Some(format!("`{path}` is not the path of a field, such as `userIdentity.userName`"));
    }
    if path == "detail" || path.starts_with("detail.") {
        let inside = path.trim_start_matches("detail").trim_start_matches('.');
        return Some(format!("fields are named from the record on: `{inside}`"));
    }
    let whole = format!("detail.{path}");
    if is_object(&whole) {
        return Some(format!("`{path}` is an object, and only its fields have values"));
    }
    let until = |count: usize| format!("detail.{}", steps[..count].join("."));
    let mut around = (1..=steps.len()).map(until);
    if let Some(list) = around.find(|part| is_list(part)) {
        let list = list.trim_start_matches("detail.");
        return Some(format!("`{list}` is a list, of which a suppression cannot be exact"));
    }
    if has_block && path != ADDRESS {
        return Some(format!("`cidr` can be used for `{ADDRESS}` only, where AWS writes the address"));
    }
    if !is_value(&whole) && others.contains(&whole.as_str()) {
        return Some(format!(
            "it is not known whether `{path}` is a list, so it can be named once only: by the pattern or by one suppression"
        ));
    }
    // An object of which nothing is known could be a list of objects.
    let unknown = (1..steps.len()).map(until).filter(|part| !is_object(part));
    let is_beside = |part: &str, other: &&&str| {
        **other != whole && other.strip_prefix(part).is_some_and(|rest| rest.starts_with('.'))
    };
    for part in unknown {
        if let Some(other) = others.iter().find(|other| is_beside(&part, other)) {
            let (part, other) = (part.trim_start_matches("detail."), other.trim_start_matches("detail."));
            return Some(format!(
                "it is not known whether `{part}` is a list, so `{path}` cannot be suppressed beside `{other}`"
            ));
        }
    }
    None
}
