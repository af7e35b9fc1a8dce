//! The fields that patterns name, laid out for looking names up in the text of an event.
//!
//! Made once from `Paths`. Most names of an event lead nowhere, and their first letter already says so.
//! User: `scan`.

use super::table::Table;
use crate::json;
use crate::pattern::paths::Paths;

/// No field of any pattern lies there.
pub(super) const NOWHERE: u32 = u32::MAX;

/// The marks of names that tell a bare CloudTrail record from an event.
pub(super) const DETAIL: u8 = 1;
pub(super) const EVENT_SOURCE: u8 = 2;
pub(super) const EVENT_NAME: u8 = 4;
pub(super) const EVENT_VERSION: u8 = 8;
pub(super) const EVENT_TYPE: u8 = 16;

/// Where a name leads.
pub(super) struct Child {
    pub(super) node: u32,
    /// The name had dots and represents several segments.
    pub(super) dotted: bool,
}

#[derive(Debug)]
struct NameNode {
    /// A bit for every byte a name that leads somewhere can begin with.
    firsts: [u64; 4],
    children: Table<u32>,
    field: Option<u32>,
    mark: u8,
}

/// The fields of all patterns.
#[derive(Debug)]
pub(super) struct FieldNames {
    places: Vec<NameNode>,
    paths: Paths,
}

impl FieldNames {
    pub(super) fn new(paths: Paths) -> Self {
        let places = (0..paths.size()).map(|node| NameNode::of(&paths, node)).collect();
        let mut names = Self { places, paths };
        let detail = names.child(0, "detail", false).node;
        names.set_marks(0);
        names.set_marks(detail);
        names
    }

    fn set_marks(&mut self, root: u32) {
        if root == NOWHERE {
            return;
        }
        for (name, mark) in [
            ("detail", DETAIL),
            ("eventSource", EVENT_SOURCE),
            ("eventName", EVENT_NAME),
            ("eventVersion", EVENT_VERSION),
            ("eventType", EVENT_TYPE),
        ] {
            let child = self.child(root, name, false).node;
            if let Some(place) = self.places.get_mut(child as usize) {
                place.mark = mark;
            }
        }
    }

    /// Where the name of a field leads from `node`. An escaped name is given as written.
    #[inline]
    pub(super) fn child(&self, node: u32, name: &str, escaped: bool) -> Child {
        if escaped {
            return self.escaped_child(node, name);
        }
        let place = &self.places[node as usize];
        if let Some(&first) = name.as_bytes().first()
            && place.firsts[usize::from(first >> 6)] >> (first & 63) & 1 == 0
        {
            return Child { node: NOWHERE, dotted: false };
        }
        match place.children.get(name) {
            Some(&child) => Child { node: child, dotted: false },
            None if name.contains('.') => self.dotted_child(node, name),
            None => Child { node: NOWHERE, dotted: false },
        }
    }

    #[cold]
    fn escaped_child(&self, node: u32, name: &str) -> Child {
        let mut plain = String::new();
        json::unescape(name, &mut plain);
        self.child(node, &plain, false)
    }

    #[cold]
    fn dotted_child(&self, node: u32, name: &str) -> Child {
        match self.paths.child(node as usize, name) {
            Some(child) => Child { node: short(child), dotted: true },
            None => Child { node: NOWHERE, dotted: false },
        }
    }

    /// How many fields there are.
    pub(super) fn fields(&self) -> usize {
        self.paths.count()
    }

    #[inline]
    pub(super) fn field(&self, node: u32) -> Option<u32> {
        self.places[node as usize].field
    }

    #[inline]
    pub(super) fn mark(&self, node: u32) -> u8 {
        if node == NOWHERE { 0 } else { self.places[node as usize].mark }
    }
}

impl NameNode {
    fn of(paths: &Paths, node: usize) -> Self {
        let mut firsts = [0; 4];
        let mut children = Vec::new();
        for (segment, child) in paths.children(node) {
            // A segment that is empty is followed by a dot when it begins a longer name.
            let first = segment.as_bytes().first().copied().unwrap_or(b'.');
            firsts[usize::from(first >> 6)] |= 1_u64 << (first & 63);
            children.push((segment.into(), short(child)));
        }
        Self { firsts, children: Table::new(children), field: paths.field(node).map(short), mark: 0 }
    }
}

/// Numbers of nodes and fields: a pattern's text is far shorter than 4 GB.
fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(NOWHERE)
}
