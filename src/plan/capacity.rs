//! Where there is room for few: a log group for filters, a rule for targets, a region for event buses and rules. What comes
//! waits for what goes only where there is not enough room for both.

use std::collections::{BTreeMap, BTreeSet};

use super::waits::WaitPair;
use super::{Change, quota};
use crate::live::{Count, Live};
use crate::resource::{Room, Within};

/// What comes into a room and what leaves it.
#[derive(Default)]
struct Traffic {
    coming: Vec<usize>,
    leaving: Vec<usize>,
}

/// What comes waits for what leaves, one for one, as far as there is no room for it yet; rather for what does not wait
/// itself for something to come, as those that are `bound` do.
pub(super) fn waits(live: &Live, changes: &[&Change], bound: &BTreeSet<usize>) -> Vec<WaitPair> {
    let mut rooms: BTreeMap<Room<'_>, Traffic> = BTreeMap::new();
    for (at, change) in changes.iter().enumerate() {
        match change {
            Change::Create { after } => {
                if let Some(room) = after.room() {
                    rooms.entry(room).or_default().coming.push(at);
                }
            }
            Change::Delete { before } => {
                if let Some(room) = before.room() {
                    rooms.entry(room).or_default().leaving.push(at);
                }
            }
            Change::Update { .. } | Change::Replace { .. } => {}
        }
    }
    for traffic in rooms.values_mut() {
        traffic.leaving.sort_by_key(|at| bound.contains(at));
    }
    rooms.into_iter().flat_map(|(room, traffic)| in_room(live, &room, &traffic)).collect()
}

fn in_room(live: &Live, room: &Room<'_>, traffic: &Traffic) -> Vec<WaitPair> {
    let Some(free) = free(live, room) else {
        // No one looked: what comes waits for everything that leaves.
        let all = traffic.coming.iter().flat_map(|at| traffic.leaving.iter().map(move |other| (*at, *other)));
        return all.collect();
    };
    traffic.coming.iter().skip(free).copied().zip(traffic.leaving.iter().copied()).collect()
}

/// How many more fit in before anything is changed; `None` when no one looked.
fn free(live: &Live, room: &Room<'_>) -> Option<usize> {
    Some(quota::most(live, room).saturating_sub(taken(live, room)?))
}

/// How many there are before anything is changed; `None` when no one looked.
pub(super) fn taken(live: &Live, room: &Room<'_>) -> Option<usize> {
    let taken = match &room.within {
        Within::LogGroup(name) => live.places.get(&(room.kind, (*name).to_owned()))?.as_ref()?.len(),
        Within::Region => match live.counts.get(&room.kind)? {
            Count::Known { number, .. } => *number,
            Count::Denied(_) => return None,
        },
        Within::Part(address) => {
            let ours = live.managed.values().filter(|one| one.room().as_ref() == Some(room)).count();
            ours + live.obstacles.iter().filter(|one| one.address == *address).count()
        }
    };
    Some(taken)
}
