//! Blocks of IP addresses, and how a pattern says "not in this block": EventBridge has no `anything-but` for `cidr`.
//!
//! Addresses of a block begin alike, in the spelling of AWS: those of `198.51.100.0/26` with `198.51.100.`. So everything that
//! begins otherwise is outside (DNS names of services, `AWS Internal`, addresses of the other family), and so is what does not
//! end like an address; what is left are the addresses with the same beginning, of which those outside are listed as blocks.
//! A text that begins like an address of the block and ends like one, or like a text that is listed beside the block, is taken for
//! one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::{Value, json};

use crate::pattern::{Pattern, Verdict};

/// An address family, as far as blocks depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Family {
    V4,
    V6,
}

/// Addresses with the same first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddressBlock {
    family: Family,
    /// The first address.
    first: u128,
    /// How many bits are the same.
    bits: u32,
}

/// What the last character of an address can be.
const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
const MORE_OF_V6: [&str; 13] = ["a", "b", "c", "d", "e", "f", "A", "B", "C", "D", "E", "F", ":"];

/// The first group of an address with four digits in every spelling; with fewer, zeros can be left out.
const FOUR_DIGITS: u128 = 0x1000;

impl AddressBlock {
    /// Reads `198.51.100.0/24`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a block of IP addresses, such as `198.51.100.0/24`");
        let (address, bits) = text.split_once('/').ok_or_else(wrong)?;
        let (address, bits): (IpAddr, u32) =
            (address.parse().map_err(|_| wrong())?, bits.parse().map_err(|_| wrong())?);
        let (family, address) = match address {
            IpAddr::V4(one) => (Family::V4, u128::from(u32::from(one))),
            IpAddr::V6(one) => (Family::V6, u128::from(one)),
        };
        let (fewest, width) = (family.fewest_bits(), family.width());
        if bits > width {
            return Err(wrong());
        }
        let block = Self { family, first: address & !host(width - bits), bits };
        if bits < fewest {
            return Err(format!("`{text}` is too large; expected at least /{fewest}"));
        }
        if family == Family::V6 && address >> 112 < FOUR_DIGITS {
            return Err(format!("`{text}` is not a block of global or unique local addresses"));
        }
        if block.first != address {
            return Err(format!("`{text}` is not the first address of its block; expected `{}`", block.text()));
        }
        Ok(block)
    }

    /// Whether a text is taken for an address of the block.
    pub(super) fn holds(self, text: &str) -> bool {
        let around = self.around();
        let is_like = around.beginnings().iter().any(|front| text.starts_with(front))
            && around.family.endings().iter().any(|end| text.ends_with(end));
        is_like && !matches(&outside(around, &[self]), text)
    }

    /// `198.51.100.0/24`.
    pub(super) fn text(self) -> String {
        format!("{}/{}", self.address(), self.bits)
    }

    fn address(self) -> String {
        match self.family {
            // It was made of 32 bits.
            Family::V4 => Ipv4Addr::from(u32::try_from(self.first).unwrap_or_default()).to_string(),
            Family::V6 => Ipv6Addr::from(self.first).to_string(),
        }
    }

    /// The smallest block around it whose addresses begin alike in every spelling.
    fn around(self) -> Self {
        let bits = match self.family {
            Family::V4 => (self.bits / 8 * 8).min(24),
            Family::V6 if self.bits >= 32 && self.first >> 96 & 0xffff >= FOUR_DIGITS => 32,
            Family::V6 => 16,
        };
        Self { first: self.first & !host(self.family.width() - bits), bits, ..self }
    }

    /// How the texts of addresses begin, for a block that is `around` another.
    fn beginnings(self) -> Vec<String> {
        match self.family {
            Family::V4 => {
                let octets = self.address();
                let whole = usize::try_from(self.bits / 8).unwrap_or_default();
                vec![octets.split_inclusive('.').take(whole).collect()]
            }
            Family::V6 => {
                let groups = (0..self.bits / 16).map(|at| format!("{:x}:", self.first >> (112 - 16 * at) & 0xffff));
                let text: String = groups.collect();
                let upper = text.to_uppercase();
                if upper == text { vec![text] } else { vec![text, upper] }
            }
        }
    }

    fn contains(self, other: Self) -> bool {
        let is_same = |bits: u32| {
            self.first & !host(self.family.width() - bits) == other.first & !host(self.family.width() - bits)
        };
        self.family == other.family && self.bits <= other.bits && is_same(self.bits)
    }

    /// The two halves; nothing for one address.
    fn halves(self) -> Option<[Self; 2]> {
        let bits = self.bits + 1;
        let rest = self.family.width().checked_sub(bits)?;
        Some([Self { bits, ..self }, Self { first: self.first | 1 << rest, bits, ..self }])
    }

    /// The entry of a list that the addresses of the block fulfill.
    fn entry(self) -> Value {
        if self.bits == self.family.width() { json!(self.address()) } else { json!({ "cidr": self.text() }) }
    }
}

impl Family {
    const fn width(self) -> u32 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }

    /// Addresses of larger blocks do not begin alike.
    const fn fewest_bits(self) -> u32 {
        match self {
            Self::V4 => 8,
            Self::V6 => 16,
        }
    }

    fn endings(self) -> Vec<&'static str> {
        match self {
            Self::V4 => DIGITS.to_vec(),
            Self::V6 => DIGITS.into_iter().chain(MORE_OF_V6).collect(),
        }
    }
}

/// As many ones as bits, from the right.
fn host(bits: u32) -> u128 {
    1_u128.checked_shl(bits).unwrap_or_default().wrapping_sub(1)
}

/// The blocks inside of one that are in none of the others.
fn outside(around: AddressBlock, blocks: &[AddressBlock]) -> Vec<AddressBlock> {
    if blocks.iter().any(|block| block.contains(around)) {
        return Vec::new();
    }
    if !blocks.iter().any(|block| around.contains(*block)) {
        return vec![around];
    }
    around.halves().into_iter().flatten().flat_map(|half| outside(half, blocks)).collect()
}

fn matches(blocks: &[AddressBlock], text: &str) -> bool {
    let list: Vec<Value> = blocks.iter().map(|one| one.entry()).collect();
    let pattern = Pattern::from_value(&json!({ "v": list }));
    let verdict = pattern.and_then(|pattern| pattern.matches_value(&json!({ "v": text })));
    matches!(verdict, Ok(Verdict::Matches))
}

/// Where texts are that are in none of the blocks.
pub(super) struct OutsideBlocks {
    /// Every text that begins otherwise is one.
    pub(super) beginnings: Vec<String>,
    /// Every text that ends otherwise is one.
    pub(super) endings: Vec<&'static str>,
    /// The addresses that begin and end so and are one.
    pub(super) addresses: Vec<Value>,
}

/// What is in none of the blocks.
pub(super) fn outside_blocks(blocks: &[AddressBlock]) -> OutsideBlocks {
    let mut around: Vec<AddressBlock> = blocks.iter().map(|block| block.around()).collect();
    around.sort_unstable();
    around.dedup();
    let all = around.clone();
    around.retain(|one| !all.iter().any(|other| other != one && other.contains(*one)));
    let is_v6 = around.iter().any(|one| one.family == Family::V6);
    OutsideBlocks {
        beginnings: around.iter().flat_map(|one| one.beginnings()).collect(),
        endings: if is_v6 { Family::V6 } else { Family::V4 }.endings(),
        addresses: around.iter().flat_map(|one| outside(*one, blocks)).map(AddressBlock::entry).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_read_or_refused_with_the_reason() {
        for good in ["10.0.0.0/8", "198.51.100.0/24", "198.51.100.64/26", "2001:db8::/32", "2a05:d018:1::/48"] {
            assert_eq!(AddressBlock::read(good).map(AddressBlock::text), Ok(good.to_owned()));
        }
        for (wrong, why) in [
            ("10.0.0.0", "not a block"),
            ("10.0.0.0/33", "not a block"),
            ("x/8", "not a block"),
            ("0.0.0.0/0", "too large"),
            ("198.51.100.1/24", "expected `198.51.100.0/24`"),
            ("::/16", "global"),
            ("2000::/3", "too large"),
        ] {
            assert!(AddressBlock::read(wrong).is_err_and(|what| what.contains(why)), "{wrong}");
        }
    }

    #[test]
    fn addresses_are_in_a_block_and_names_are_not() {
        let holds = |block: &str, text: &str| AddressBlock::read(block).expect("a block").holds(text);
        for (block, inside, outside) in [
            (
                "198.51.100.64/26",
                vec!["198.51.100.64", "198.51.100.127"],
                vec!["198.51.100.63", "198.51.100.128", "198.51.10.70"],
            ),
            ("10.0.0.0/8", vec!["10.0.0.0", "10.255.255.255"], vec!["11.0.0.0", "100.0.0.1", "1.10.0.1"]),
            ("172.16.0.0/12", vec!["172.16.0.1", "172.31.255.255"], vec!["172.32.0.0", "172.15.0.1"]),
            (
                "2001:db8::/32",
                vec!["2001:db8::1", "2001:db8:ffff::", "2001:db8:0:0:0:0:0:1", "2001:DB8::A"],
                vec!["2001:db9::1", "2002::1"],
            ),
            ("2a05:d018:10::/48", vec!["2a05:d018:10::1"], vec!["2a05:d018:11::1", "2a05:d019:10::1"]),
        ] {
            assert!(inside.iter().all(|text| holds(block, text)), "{block}");
            let names = ["AWS Internal", "AWS Internal/7", "ec2.us-east-1.amazonaws.com", "", "10.example.com", "::1"];
            assert!(!outside.iter().chain(&names).any(|text| holds(block, text)), "{block}");
        }
    }
}
