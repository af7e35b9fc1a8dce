//! The fields that patterns name, laid out for looking names up in the text of an event.
//!
//! Made once from `Paths`. Most names of an event lead nowhere, and their first letter already says so.
//! User: `scan`.

use crate::json;
use crate::pattern::paths::Paths;

/// No field of any pattern lies there.
pub(super) const NOWHERE: u32 = u32::MAX;

/// The marks of names that tell a bare CloudTrail record from an event.
pub(super) const DETAIL: u8 = 1;
pub(super) const EVENT_SOURCE: u8 = 2;
pub(super) const EVENT_NAME: u8 = 4;

/// Where a name leads.
pub(super) struct Child {
    pub(super) node: u32,
    /// The name had dots and stands for several segments.
    pub(super) dotted: bool,
}

#[derive(Debug)]
struct Entry {
    name: Box<str>,
    child: u32,
}

#[derive(Debug)]
struct Place {
    /// A bit for every byte a name that leads somewhere can begin with.
    firsts: [u64; 4],
    /// Open addressing; its length is a power of two and larger than the number of entries.
    table: Box<[Option<Entry>]>,
    field: Option<u32>,
    mark: u8,
}

/// The fields of all patterns.
#[derive(Debug)]
pub(super) struct Names {
    places: Vec<Place>,
    paths: Paths,
}

impl Names {
    pub(super) fn new(paths: Paths) -> Self {
        let places = (0..paths.size()).map(|node| Place::of(&paths, node)).collect();
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
        for (name, mark) in [("detail", DETAIL), ("eventSource", EVENT_SOURCE), ("eventName", EVENT_NAME)] {
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
        match place.find(name) {
            Some(child) => Child { node: child, dotted: false },
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

impl Place {
    fn of(paths: &Paths, node: usize) -> Self {
        let children: Vec<_> = paths.children(node).collect();
        let mut firsts = [0; 4];
        let mut table: Vec<Option<Entry>> = Vec::new();
        table.resize_with((children.len() * 2 + 1).next_power_of_two(), || None);
        for (segment, child) in children {
            // A segment that is empty is followed by a dot when it begins a longer name.
            let first = segment.as_bytes().first().copied().unwrap_or(b'.');
            firsts[usize::from(first >> 6)] |= 1_u64 << (first & 63);
            let mut at = slot(segment.as_bytes(), table.len());
            while table[at].is_some() {
                at = (at + 1) % table.len();
            }
            table[at] = Some(Entry { name: segment.into(), child: short(child) });
        }
        Self { firsts, table: table.into(), field: paths.field(node).map(short), mark: 0 }
    }

    #[inline]
    fn find(&self, name: &str) -> Option<u32> {
        let mut at = slot(name.as_bytes(), self.table.len());
        while let Some(entry) = &self.table[at] {
            if &*entry.name == name {
                return Some(entry.child);
            }
            at = (at + 1) & (self.table.len() - 1);
        }
        None
    }
}

/// Numbers of nodes and fields: a pattern's text is far shorter than 4 GB.
fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(NOWHERE)
}

/// Where to begin looking in a table of `size`, a power of two.
#[inline]
fn slot(bytes: &[u8], size: usize) -> usize {
    // The remainder fits, whatever the width of a usize.
    #[allow(clippy::cast_possible_truncation)]
    let hash = fingerprint(bytes) as usize;
    hash & (size - 1)
}

/// A quick hash of a text: its first and last eight bytes and its length, well mixed.
#[inline]
pub(super) fn fingerprint(bytes: &[u8]) -> u64 {
    let (first, last) = if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
    } else {
        let mut padded = [0; 8];
        padded[..bytes.len()].copy_from_slice(bytes);
        (u64::from_le_bytes(padded), 0)
    };
    let mixed =
        (first ^ last.rotate_left(23) ^ (bytes.len() as u64).rotate_left(56)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 32)
}
