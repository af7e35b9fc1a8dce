//! A pack: a list of built-in blueprints that belong together, for `use:` in a stack file.
//!
//! Packs are the files under `blueprints/packs`. What an alert matches and posts is the same, whichever pack it is from.
//! Neighbors: `catalog` (the blueprints), `check::stack` (which puts the alerts in the place of the pack).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::catalog;
use crate::diagnostic::Finding;
use crate::document::Document;

/// Built-in blueprints that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// The pack's name.
    pub pack: String,
    /// What it is for, in a few words.
    pub title: String,
    /// Who needs it, and how many messages to expect.
    pub description: String,
    /// How many log lines make a message of each of its alerts, unless the stack says otherwise. The alerts then take none of the
    /// two places that a log group has for subscription filters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<WrittenThreshold>,
    /// The names of its blueprints.
    pub blueprints: Vec<String>,
}

/// How many log lines make a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WrittenThreshold {
    /// So many or more: 1, 2, 3, …
    pub count: u32,
    /// Within what time: whole minutes, from one minute to one day, such as `10m`, `2h`, or `1d`.
    pub within: String,
}

/// Every pack, sorted by name.
///
/// # Errors
/// The findings about a file of a pack; a test makes sure that there are none.
pub fn packs() -> Result<Vec<Pack>, Vec<Finding>> {
    catalog::pack_files().into_iter().map(|(path, text)| load(path, text)).collect()
}

/// The pack of that name.
///
/// # Errors
/// The findings about its file; a test makes sure that there are none.
pub fn find(name: &str) -> Result<Option<Pack>, Vec<Finding>> {
    let file = catalog::pack_files().into_iter().find(|(path, _)| stem(path) == name);
    file.map(|(path, text)| load(path, text)).transpose()
}

/// The names of all packs, sorted.
#[must_use]
pub fn names() -> Vec<&'static str> {
    catalog::pack_files().into_iter().map(|(path, _)| stem(path)).collect()
}

fn stem(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default().trim_end_matches(".yaml")
}

fn load(path: &str, text: &str) -> Result<Pack, Vec<Finding>> {
    let typed = Document::parse(&format!("{}{path}", catalog::PREFIX), text)?.typed::<Pack>(&[]);
    typed.value.filter(|_| typed.findings.is_empty()).ok_or(typed.findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pack_is_named_after_its_file_and_lists_blueprints_that_exist_once_and_in_order() {
        let packs = packs().expect("no findings");
        assert!(!packs.is_empty());
        let found: Vec<&str> = packs.iter().map(|pack| pack.pack.as_str()).collect();
        assert_eq!(found, names());
        for pack in &packs {
            assert!(!pack.blueprints.is_empty(), "{}", pack.pack);
            let mut sorted = pack.blueprints.clone();
            sorted.sort();
            sorted.dedup();
            assert_eq!(pack.blueprints, sorted, "{}", pack.pack);
            for name in &pack.blueprints {
                assert!(catalog::find(name).is_some(), "{}: there is no blueprint {name}", pack.pack);
            }
        }
    }
}
