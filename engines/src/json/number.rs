//! Written numbers: their exact value and the double EventBridge compares.
//!
//! EventBridge compares a number as a double, but only when the double, written as Java writes it, is the number again;
//! any other (`9007199254740993`, `1e400`) equals nothing but its own spelling.

use serde_json::Number;

/// Longest number the reader behind EventBridge takes for one, in characters.
const MAX_LENGTH: usize = 1_000;

/// The number as a double, if EventBridge can compare it. Zero has no sign.
#[must_use]
pub fn comparable(text: &str) -> Option<f64> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    // A double holds every integer of fifteen digits.
    if text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    let exact = Decimal::read(text)?;
    let double: f64 = text.parse().ok()?;
    if !double.is_finite() || Some(exact) != Decimal::read(&java(double)) {
        return None;
    }
    Some(if double.abs() > 0.0 { double } else { 0.0 })
}

/// The number as `serde_json` holds it, if that is the same number.
#[must_use]
pub fn exact(text: &str) -> Option<Number> {
    // Integers of 64 bits are held digit by digit; "-0" is a double.
    let negative = || text.parse::<i64>().ok().filter(|number| *number < 0);
    if let Some(integer) = text.parse::<u64>().ok().map(Number::from).or_else(|| negative().map(Number::from)) {
        return Some(integer);
    }
    // Rust's own parser always finds the nearest double; that of `serde_json` only with its feature `float_roundtrip`.
    let number = text.parse().ok().and_then(Number::from_f64)?;
    (Decimal::read(text)? == Decimal::read(&number.to_string())?).then_some(number)
}

/// The double as Java writes it: its shortest digits, but two of them at least, which shows below the normal range.
fn java(double: f64) -> String {
    let shortest = format!("{double:e}");
    let has_one_digit = shortest.trim_start_matches('-').chars().nth(1) == Some('e');
    if has_one_digit { format!("{double:.1e}") } else { shortest }
}

/// The exact value of a written number: sign, significant digits and the power of ten of the last of them; zero has no
/// digits, sign or power.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    digits: String,
    power: i64,
}

impl Decimal {
    /// Reads a JSON number. `None` when its exponent is beyond what Java's decimals hold, 32 bits.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i32 = exponent.parse().ok()?;
        let unsigned = mantissa.trim_start_matches('-');
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let all = format!("{whole}{fraction}");
        let digits = all.trim_start_matches('0').trim_end_matches('0');
        if digits.is_empty() {
            return Some(Self { negative: false, digits: String::new(), power: 0 });
        }
        let dropped = i64::try_from(all.len() - all.trim_end_matches('0').len()).ok()?;
        let power = i64::from(exponent) - i64::try_from(fraction.len()).ok()? + dropped;
        Some(Self { negative: mantissa.starts_with('-'), digits: digits.to_owned(), power })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_what_java_writes_back() {
        for text in ["1", "1.0", "1e2", "0.1", "-0.0", "1e308", "4.9e-324", "9.9E-324", "9007199254740992", "1e22"] {
            assert!(comparable(text).is_some(), "{text}");
        }
        for text in ["9007199254740993", "1e309", "5e-324", "1e-323", "0.1234567890123456789", "1e99999999999"] {
            assert_eq!(comparable(text), None, "{text}");
        }
    }

    #[test]
    fn zero_has_no_sign() {
        assert_eq!(comparable("-0").map(f64::to_bits), Some(0));
        assert_eq!(comparable("0e5").map(f64::to_bits), Some(0));
    }

    #[test]
    fn a_value_holds_64_bits_and_doubles() {
        for text in ["1", "18446744073709551615", "-9223372036854775808", "0.1", "1e2", "100.0", "-0"] {
            assert!(exact(text).is_some(), "{text}");
        }
        // `serde_json` reads its neighbor, unless it is built with `float_roundtrip`.
        assert_eq!(exact("1.7296283669999999").map(|number| number.to_string()).as_deref(), Some("1.7296283669999999"));
        for text in ["18446744073709551616", "1e400", "0.1234567890123456789", "9007199254740993.0"] {
            assert_eq!(exact(text), None, "{text}");
        }
    }
}
