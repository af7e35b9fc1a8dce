//! A table from texts to values that is made once and read very often: open addressing over a quick hash.
//!
//! Users: `names` (fields of an event), `index` (texts that patterns list).

/// The table.
#[derive(Debug)]
pub(super) struct Table<V> {
    /// Its length is a power of two and larger than the number of entries.
    slots: Box<[Option<Entry<V>>]>,
}

/// A text and its value.
type Entry<V> = (Box<str>, V);

impl<V> Table<V> {
    /// A table of these entries, whose texts differ.
    pub(super) fn new(entries: Vec<Entry<V>>) -> Self {
        let mut slots = Vec::new();
        slots.resize_with((entries.len() * 2 + 1).next_power_of_two(), || None);
        for entry in entries {
            let mut at = slot(entry.0.as_bytes(), slots.len());
            while slots[at].is_some() {
                at = (at + 1) & (slots.len() - 1);
            }
            slots[at] = Some(entry);
        }
        Self { slots: slots.into() }
    }

    /// The value of a text.
    #[inline]
    pub(super) fn get(&self, text: &str) -> Option<&V> {
        let mut at = slot(text.as_bytes(), self.slots.len());
        while let Some((known, value)) = &self.slots[at] {
            if **known == *text {
                return Some(value);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        None
    }
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
fn fingerprint(bytes: &[u8]) -> u64 {
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
