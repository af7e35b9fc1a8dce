//! What is certain about the values a message uses: the table of fields, the alert's pattern, the author's word.
//!
//! Neighbors: `cloudtrail::fields` (the table), `layout` (what follows from it).

use std::collections::BTreeMap;

use super::layout::Certainties;
use super::transformer::parse_path;
use crate::blueprint::{Claim, WrittenMessage};
use crate::cloudtrail::fields::{self, Certainty, Holds, Unfit};
use crate::pattern::Pattern;

/// How long a value may be that an author vouches for as text.
pub const CLAIMED_TEXT: usize = 1_000;
/// How long a value may be that an author vouches for as identifier.
pub const CLAIMED_IDENTIFIER: usize = 250;

/// What is certain about every name a template could use.
pub(super) fn certainties(
    input_paths: &BTreeMap<String, String>,
    message: &WrittenMessage,
    pattern: Option<&Pattern>,
) -> Certainties {
    let path = |(name, path): (&String, &String)| (name.clone(), of_path(path, message.holds.get(name), pattern));
    let reserved = RESERVED.into_iter().map(|(name, certainty)| (name.to_owned(), certainty));
    input_paths.iter().map(path).chain(reserved).collect()
}

pub(super) fn of_path(path: &str, claim: Option<&Claim>, pattern: Option<&Pattern>) -> Result<Certainty, Unfit> {
    if path == "$" {
        return Err(Unfit::Composite);
    }
    // The table also has paths into lists, written as they are here.
    let written = path.strip_prefix("$.").filter(|_| parse_path(path).is_ok());
    let known = match (written, pattern) {
        (Some(written), Some(pattern)) => fields::certainty(pattern, written),
        _ => Err(Unfit::Unknown),
    };
    match (known, claim) {
        (Err(Unfit::Unknown), Some(claim)) => Ok(claimed(*claim)),
        _ => known,
    }
}

fn claimed(claim: Claim) -> Certainty {
    match claim {
        Claim::Identifier => Certainty { always: false, holds: Holds::Identifier, longest: Some(CLAIMED_IDENTIFIER) },
        Claim::Text => Certainty { always: true, holds: Holds::Text, longest: Some(CLAIMED_TEXT) },
    }
}

/// What EventBridge itself fills in; a rule's name has at most 64 characters, and its ARN is made of it.
const RESERVED: [(&str, Result<Certainty, Unfit>); 5] = [
    ("aws.events.rule-name", Ok(Certainty { always: true, holds: Holds::Token, longest: Some(64) })),
    ("aws.events.rule-arn", Ok(Certainty { always: true, holds: Holds::Identifier, longest: Some(400) })),
    ("aws.events.event.ingestion-time", Ok(Certainty { always: true, holds: Holds::Identifier, longest: Some(64) })),
    ("aws.events.event", Err(Unfit::Composite)),
    ("aws.events.event.json", Err(Unfit::Composite)),
];
