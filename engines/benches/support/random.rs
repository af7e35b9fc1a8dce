//! A small seeded random source (`SplitMix64`), so that every run measures exactly the same data.

const HEXADECIMAL: &[u8] = b"0123456789abcdef";
const DECIMAL: &[u8] = b"0123456789";
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A deterministic stream of pseudo-random values.
pub(crate) struct Random {
    state: u64,
}

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A value in `0..bound`. The bias of the remainder does not matter for the small bounds used here.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let remainder = self.next() % u64::try_from(bound.max(1)).unwrap_or(u64::MAX);
        usize::try_from(remainder).unwrap_or(0)
    }

    /// True in `percent` cases out of a hundred.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    pub(crate) fn hexadecimal(&mut self, length: usize) -> String {
        self.letters(HEXADECIMAL, length)
    }

    pub(crate) fn digits(&mut self, length: usize) -> String {
        self.letters(DECIMAL, length)
    }

    /// The alphabet of AWS unique identifiers such as access key ids.
    pub(crate) fn base32(&mut self, length: usize) -> String {
        self.letters(BASE32, length)
    }

    pub(crate) fn uuid(&mut self) -> String {
        let groups = [8, 4, 4, 4, 12].map(|length| self.hexadecimal(length));
        groups.join("-")
    }

    fn letters(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(self.pick(alphabet))).collect()
    }
}

/// Chooses ranks with a frequency of about `1 / rank`, as API calls are distributed in practice.
pub(crate) struct Zipf {
    cumulative: Vec<usize>,
}

impl Zipf {
    pub(crate) fn new(ranks: usize) -> Self {
        let mut total = 0;
        let accumulate = |rank: usize| {
            total += 1_000_000 / (rank + 1);
            total
        };
        Self { cumulative: (0..ranks).map(accumulate).collect() }
    }

    pub(crate) fn sample(&self, random: &mut Random) -> usize {
        let drawn = random.below(self.cumulative.last().copied().unwrap_or(1));
        self.cumulative.partition_point(|&bound| bound <= drawn)
    }
}
