//! Numbers, compared exactly, and the cases in which doubles would compare otherwise.
//!
//! AWS does not say how it compares numbers, so where doubles (the usual way) and exact arithmetic differ nothing is
//! known. Neighbours: `literal` reads the numbers of a pattern, `compare` those of a message.

use std::cmp::Ordering;

/// A number as it is written.
#[derive(Clone, Debug)]
pub(super) struct Number {
    text: String,
    double: f64,
    negative: bool,
    /// The digits, without zeros at either end; none for zero.
    digits: String,
    /// The power of ten of the first digit, the point standing before it; `None` when beyond all counting.
    exponent: Option<i64>,
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
        let all = format!("{whole}{fraction}");
        let significant = all.trim_start_matches('0');
        let leading_zeros = all.len() - significant.len();
        let shift = i64::try_from(whole.len()).ok()? - i64::try_from(leading_zeros).ok()?;
        Some(Self {
            text: text.to_owned(),
            double: text.parse().ok()?,
            negative: text.starts_with('-'),
            digits: significant.trim_end_matches('0').to_owned(),
            exponent: power.parse::<i32>().ok().map(|power| i64::from(power) + shift),
        })
    }

    /// As it is written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// How the two numbers stand to each other; `None` when a double cannot tell them apart although they differ.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.text == other.text || self.digits.is_empty() && other.digits.is_empty() {
            return Some(Ordering::Equal);
        }
        let doubles = self.double.partial_cmp(&other.double)?;
        let (Some(exponent), Some(other_exponent)) = (self.exponent, other.exponent) else {
            // Too large or too small to count: doubles show the order, not that they are equal.
            return (doubles != Ordering::Equal).then_some(doubles);
        };
        let same = self.negative == other.negative && exponent == other_exponent && self.digits == other.digits;
        if same { Some(Ordering::Equal) } else { (doubles != Ordering::Equal).then_some(doubles) }
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
