//! Numbers, compared exactly, and the cases in which doubles would compare otherwise.
//!
//! AWS does not say how it compares numbers, so where doubles (the usual way) and exact arithmetic differ nothing is
//! known. Neighbors: `literal` reads the numbers of a pattern, `compare` those of a message.

use std::cmp::Ordering;

use crate::json::number::Decimal;

/// A number as it is written.
#[derive(Clone, Debug)]
pub(super) struct Number {
    text: String,
    double: f64,
    /// `None` when its exponent is beyond all counting.
    decimal: Option<Decimal>,
}

impl Number {
    /// Reads `-12.5e+3` and the like: an optional sign, digits, perhaps a fraction, perhaps an exponent.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (mantissa, power) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        let power_digits = power.strip_prefix(['+', '-']).unwrap_or(power);
        if ![whole, fraction, power_digits].into_iter().all(is_digits) {
            return None;
        }
        let decimal = Decimal::read(text.strip_prefix('+').unwrap_or(text));
        Some(Self { text: text.to_owned(), double: text.parse().ok()?, decimal })
    }

    /// As it is written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// How the two numbers stand to each other; `None` when a double cannot tell them apart although they differ.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.text == other.text || (self.decimal.is_some() && self.decimal == other.decimal) {
            return Some(Ordering::Equal);
        }
        self.double.partial_cmp(&other.double).filter(|ordering| ordering.is_ne())
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a number is spelled in the one plain way (no exponent, no superfluous zero), so that its text is certain.
pub(super) fn is_plain(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "1"));
    // A double keeps fifteen digits, whatever they are.
    let kept = whole.len() + fraction.len() <= 15;
    kept && is_digits(whole) && is_digits(fraction) && !fraction.ends_with('0') && text != "-0"
}
