//! Which layer each box is in: the longest way from where events come from.

use std::collections::{BTreeMap, BTreeSet};

/// The layer of each end: one more than the highest of those that lead to it. A link that would lead in a circle counts nothing.
pub(super) fn layers<E: Ord + Clone, C: Ord, T>(
    ends: &BTreeSet<E>,
    links: &BTreeMap<(E, E, C), T>,
) -> BTreeMap<E, usize> {
    let mut before: BTreeMap<&E, BTreeSet<&E>> = ends.iter().map(|end| (end, BTreeSet::new())).collect();
    let mut after: BTreeMap<&E, BTreeSet<&E>> = before.clone();
    for (from, to, _) in links.keys() {
        before.entry(to).or_default().insert(from);
        after.entry(from).or_default().insert(to);
    }
    let mut layers: BTreeMap<E, usize> = ends.iter().map(|end| (end.clone(), 0)).collect();
    let mut ready: Vec<&E> = ends.iter().filter(|end| before[end].is_empty()).collect();
    let mut done = BTreeSet::new();
    loop {
        while let Some(end) = ready.pop() {
            if !done.insert(end) {
                continue;
            }
            for next in after[end].iter().filter(|next| !done.contains(**next)) {
                let layer = layers[end] + 1;
                layers.entry((*next).clone()).and_modify(|one| *one = layer.max(*one));
                let waiting = before.entry(next).or_default();
                waiting.remove(end);
                if waiting.is_empty() {
                    ready.push(next);
                }
            }
        }
        // What is left leads in a circle: its first member goes ahead.
        match ends.iter().find(|end| !done.contains(end)) {
            Some(end) => ready.push(end),
            None => return layers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(links: &[(&'static str, &'static str)]) -> Vec<(&'static str, usize)> {
        let ends: BTreeSet<&str> = links.iter().flat_map(|(from, to)| [*from, *to]).collect();
        let links = links.iter().map(|(from, to)| ((*from, *to, ()), ())).collect();
        layers(&ends, &links).into_iter().collect()
    }

    #[test]
    fn the_longest_way_counts() {
        assert_eq!(of(&[("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")]), [("a", 0), ("b", 1), ("c", 2), ("d", 3)]);
    }

    #[test]
    fn a_circle_ends() {
        let layers = of(&[("a", "b"), ("b", "c"), ("c", "b"), ("c", "d")]);
        assert_eq!(layers.len(), 4);
        assert!(layers.contains(&("a", 0)));
    }
}
