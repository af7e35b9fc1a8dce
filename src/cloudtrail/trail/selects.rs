//! Whether the event selectors of a trail select an event.

use super::need::{Category, Need};
use super::{FieldSelector, Trail, TrailSelector};

/// Whether a trail records such an event; `None` when it cannot be told.
pub(super) fn records(trail: &Trail, need: &Need) -> Option<bool> {
    if need.is_global && !trail.has_global_services {
        return Some(false);
    }
    if need.category == Category::Insight {
        // Which Insights a trail has is asked by another call, `GetInsightSelectors`.
        return None;
    }
    let mut answer = Some(false);
    for selector in trail.selectors.as_ref()? {
        match selects(selector, need) {
            Some(true) => return Some(true),
            None => answer = None,
            Some(false) => {}
        }
    }
    answer
}

fn selects(selector: &TrailSelector, need: &Need) -> Option<bool> {
    match selector {
        TrailSelector::Basic { reads, writes, management, excluded_sources, data_types, partial_data_types } => {
            let is_category = match need.category {
                Category::Management => *management && !excluded_sources.contains(&need.source),
                Category::Data => {
                    let kind = need.resource_type.as_ref()?;
                    if !data_types.contains(kind) && partial_data_types.contains(kind) {
                        // Which resource an alert waits for is not known.
                        return None;
                    }
                    data_types.contains(kind)
                }
                Category::Insight | Category::NetworkActivity => false,
            };
            let is_kind = match need.is_read {
                Some(true) => Some(*reads),
                Some(false) => Some(*writes),
                None if reads == writes => Some(*reads),
                None => None,
            };
            if is_category { is_kind } else { Some(false) }
        }
        TrailSelector::Advanced(fields) => {
            let answers: Vec<Option<bool>> = fields.iter().map(|field| fits(field, need)).collect();
            match () {
                () if answers.contains(&Some(false)) => Some(false),
                () if answers.contains(&None) => None,
                () => Some(true),
            }
        }
    }
}

fn fits(selector: &FieldSelector, need: &Need) -> Option<bool> {
    let value = match selector.field.as_str() {
        "eventCategory" => need.category.word().to_owned(),
        "eventSource" => need.source.clone(),
        "eventName" => need.name.clone(),
        "readOnly" => need.is_read?.to_string(),
        "resources.type" => need.resource_type.clone()?,
        _ => return None,
    };
    let any = |list: &[String], test: fn(&str, &str) -> bool| list.iter().any(|one| test(&value, one));
    let equal: fn(&str, &str) -> bool = |value, one| value == one;
    let starts: fn(&str, &str) -> bool = |value, one| value.starts_with(one);
    let ends: fn(&str, &str) -> bool = |value, one| value.ends_with(one);
    let wanted = [(&selector.equals, equal), (&selector.starts_with, starts), (&selector.ends_with, ends)];
    let unwanted =
        [(&selector.not_equals, equal), (&selector.not_starts_with, starts), (&selector.not_ends_with, ends)];
    let is_wanted = wanted.iter().all(|(list, test)| list.is_empty() || any(list, *test));
    Some(is_wanted && !unwanted.iter().any(|(list, test)| any(list, *test)))
}
