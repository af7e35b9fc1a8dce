//! Whether what apply would create fits beside what there is, as apply itself counts.

use super::HealthCheck;
use crate::live::{Count, Live};
use crate::plan::most_in;
use crate::resource::{Kind, Limit, Resource, ResourceSet, Within, limit};

/// A line for each kind that does not fit or could not be counted, or one line for all.
#[must_use]
pub fn quotas(desired: &ResourceSet, live: &Live) -> Vec<HealthCheck> {
    let (id, title) = ("quota", "quotas");
    let mut wrong = Vec::new();
    let mut fits = Vec::new();
    for (kind, count) in &live.counts {
        let new: Vec<&Resource> = desired
            .values()
            .filter(|one| takes_place(one, *kind) && !live.managed.contains_key(one.address()))
            .collect();
        let Some(room) = new.first().and_then(|one| one.room()) else { continue };
        let (kind_id, what) =
            (format!("{id}/{}", kind.name()), limit::of_kind(*kind).map_or(kind.title(), |one| one.of));
        match count {
            Count::Known { number, .. } => {
                let most = most_in(live, &room);
                let detail = format!("{number} of {most} {what} exist, and apply creates {} more", new.len());
                if number + new.len() > most {
                    let raise = limit::of_kind(*kind).and_then(Limit::raise);
                    let fix = raise.unwrap_or_else(|| "remove some, or split the stack".to_owned());
                    wrong.push(HealthCheck::failed(&kind_id, &format!("quota of {what}"), detail, fix));
                } else {
                    fits.push(detail);
                }
            }
            Count::Denied(action) => {
                let fix = format!("grant `{action}` to the credentials in use");
                let detail = format!("whether there is room for {} more: `{action}` is not allowed", new.len());
                wrong.push(HealthCheck::not_known(&kind_id, &format!("quota of {what}"), detail, fix));
            }
        }
    }
    if !wrong.is_empty() {
        return wrong;
    }
    let detail = if fits.is_empty() {
        "apply creates nothing that a quota of the region counts".to_owned()
    } else {
        fits.join("; ")
    };
    vec![HealthCheck::ok(id, title, detail)]
}

fn takes_place(one: &Resource, kind: Kind) -> bool {
    one.room().is_some_and(|room| room.kind == kind && room.within == Within::Region)
}
