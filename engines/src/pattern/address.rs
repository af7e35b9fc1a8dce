//! IP addresses and `cidr`, as AWS matches them.
//!
//! AWS writes an address as hex digits and walks the digits of the block's first and last address; a value is in the
//! block as soon as one digit leaves both edges inwards. That also lets a short IPv4 value fall into an IPv6 block,
//! which is why the walk is done here digit by digit and not as arithmetic. Neighbors: `leaf` reads the expression,
//! `test` applies it.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::PatternError;

/// A block of addresses, as the digits of its first and last.
#[derive(Debug, Clone)]
pub(super) struct Cidr {
    first: Vec<u8>,
    last: Vec<u8>,
}

impl Cidr {
    pub(super) fn read(text: &str) -> Result<Self, PatternError> {
        let (address, bits) = split(text)?;
        let bits = mask_bits(bits)?;
        match numeric(address) {
            Some(IpAddress::V4(address)) => Self::v4(address, bits),
            Some(IpAddress::V6(address)) => Self::v6(address, bits),
            Some(IpAddress::Mapped(_)) => Err(PatternError::unsupported("cidr with an IPv4-mapped IPv6 address")),
            None => Err(bad_address(address)),
        }
    }

    /// The block of one address, if the text of a pattern is one: AWS compares it by value, too.
    pub(super) fn single(text: &str) -> Result<Option<Self>, PatternError> {
        let edge: Vec<u8> = match numeric(text) {
            Some(IpAddress::V4(address)) => digits(address.to_be_bytes()).collect(),
            Some(IpAddress::V6(address)) => digits(address.to_be_bytes()).collect(),
            Some(IpAddress::Mapped(_)) => return Err(PatternError::unsupported("an IPv4-mapped IPv6 address")),
            None => return Ok(None),
        };
        Ok(Some(Self { first: edge.clone(), last: edge }))
    }

    fn v4(address: u32, bits: u32) -> Result<Self, PatternError> {
        if bits >= 32 {
            return Err(PatternError::invalid("IPv4 mask bits must be < 32"));
        }
        let host = u32::MAX >> bits;
        Ok(Self::between((address & !host).to_be_bytes(), (address | host).to_be_bytes()))
    }

    fn v6(address: u128, bits: u32) -> Result<Self, PatternError> {
        if bits >= 128 {
            return Err(PatternError::invalid("IPv6 mask bits must be < 128"));
        }
        let host = u128::MAX >> bits;
        Ok(Self::between((address & !host).to_be_bytes(), (address | host).to_be_bytes()))
    }

    fn between<const N: usize>(first: [u8; N], last: [u8; N]) -> Self {
        Self { first: digits(first).collect(), last: digits(last).collect() }
    }

    /// Whether the value, a string of the event, is an address in the block.
    pub(super) fn contains(&self, text: &str) -> bool {
        match numeric(text) {
            Some(IpAddress::V4(address) | IpAddress::Mapped(address)) => self.walk(digits(address.to_be_bytes())),
            Some(IpAddress::V6(address)) => self.walk(digits(address.to_be_bytes())),
            None => false,
        }
    }

    /// Whether a number, in its own spelling, is in the block: AWS walks its characters as if they were an address's.
    pub(super) fn contains_digits(&self, text: &str) -> bool {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'A'..=b'F' => Some(byte - b'A' + 10),
            _ => None,
        };
        self.walk(text.bytes().map_while(digit))
    }

    fn walk(&self, value: impl Iterator<Item = u8>) -> bool {
        let (mut on_first, mut on_last) = (true, true);
        let mut length = 0;
        for (at, digit) in value.enumerate() {
            length = at + 1;
            let (Some(&low), Some(&high)) = (self.first.get(at), self.last.get(at)) else { return true };
            if (on_first && digit < low) || (on_last && digit > high) {
                return false;
            }
            on_first &= digit == low;
            on_last &= digit == high;
            if !on_first && !on_last {
                return true;
            }
        }
        // Still on an edge: inside only if the edge was walked to its end.
        length >= self.first.len()
    }
}

enum IpAddress {
    V4(u32),
    V6(u128),
    /// An IPv6 spelling of an IPv4 address, which AWS's reader turns into IPv4.
    Mapped(u32),
}

/// The hex digits of an address.
fn digits<const N: usize>(bytes: [u8; N]) -> impl Iterator<Item = u8> {
    bytes.into_iter().flat_map(|byte| [byte >> 4, byte & 0xf])
}

fn numeric(text: &str) -> Option<IpAddress> {
    if text.contains(':') {
        let address = parse_v6(text)?;
        return Some(match address.to_ipv4_mapped() {
            Some(mapped) => IpAddress::Mapped(mapped.into()),
            None => IpAddress::V6(address.into()),
        });
    }
    parse_v4(text).map(IpAddress::V4)
}

/// Four decimal numbers; leading zeros count for nothing, but the whole has at most 15 characters.
fn parse_v4(text: &str) -> Option<u32> {
    if text.len() > 15 {
        return None;
    }
    let mut octets = [0; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        *octet = parts.next().and_then(parse_octet)?;
    }
    parts.next().is_none().then(|| Ipv4Addr::from(octets).into())
}

fn parse_octet(text: &str) -> Option<u8> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Hex groups and colons only: no dotted tail and no zone.
fn parse_v6(text: &str) -> Option<Ipv6Addr> {
    if !text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':') {
        return None;
    }
    if text.split(':').all(|group| group.len() <= 4) {
        return text.parse().ok();
    }
    let groups: Vec<&str> = text.split(':').map(without_extra_zeros).collect();
    groups.join(":").parse().ok()
}

/// AWS bounds a group's value, not its length.
fn without_extra_zeros(group: &str) -> &str {
    if group.len() <= 4 {
        return group;
    }
    let rest = group.trim_start_matches('0');
    if rest.is_empty() { "0" } else { rest }
}

fn split(text: &str) -> Result<(&str, &str), PatternError> {
    match text.split_once('/') {
        Some((address, bits)) if !bits.is_empty() && !bits.contains('/') => Ok((address, bits)),
        _ => Err(PatternError::invalid("Malformed CIDR, one '/' required")),
    }
}

fn mask_bits(text: &str) -> Result<u32, PatternError> {
    match text.parse::<i32>() {
        Ok(bits) => {
            u32::try_from(bits).map_err(|_| PatternError::invalid("Malformed CIDR, mask bits must not be negative"))
        }
        Err(_) => Err(PatternError::invalid("Malformed CIDR, mask bits must be an integer")),
    }
}

fn bad_address(text: &str) -> PatternError {
    let hex = !text.is_empty() && text.contains(':') && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
    let dotted = text.split('.').count() == 4
        && text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    let kind = if hex || dotted { "Invalid" } else { "Nonstandard" };
    PatternError::invalid(format!("{kind} IP address: {text}"))
}
