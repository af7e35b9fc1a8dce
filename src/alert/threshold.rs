//! A threshold: an alert that sends a message only when enough events, or log lines, come within some time.
//!
//! What counts is CloudWatch: a metric filter and an alarm. Neighbors: `compile::threshold` makes them, `message::alarm` the
//! message.

use crate::stack;

/// The longest time: CloudWatch evaluates an alarm over more than one day only once an hour.
const MOST_MINUTES: i64 = 24 * 60;
/// What the time looks like.
pub const WITHIN_FORM: &str = "whole minutes, from one minute to one day, such as `10m`, `2h`, or `1d`";

/// How many events make a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// So many or more.
    pub count: u32,
    /// Within so many minutes.
    pub minutes: u32,
}

impl Threshold {
    /// Any within five minutes: what is counted of a staged alert that has none.
    pub const ANY: Self = Self { count: 1, minutes: 5 };

    /// What a stack file says; nothing where it is not valid.
    #[must_use]
    pub fn read(written: &stack::WrittenThreshold) -> Option<Self> {
        let minutes = minutes(&written.within)?;
        (written.count > 0).then_some(Self { count: written.count, minutes })
    }

    /// How long it counts.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.minutes * 60
    }

    /// `5 or more within 10 minutes`.
    #[must_use]
    pub fn words(self) -> String {
        let unit = |number: u32, unit: &str| format!("{number} {unit}{}", if number == 1 { "" } else { "s" });
        let within = match self.minutes {
            1440 => "1 day".to_owned(),
            minutes if minutes.is_multiple_of(60) => unit(minutes / 60, "hour"),
            minutes => unit(minutes, "minute"),
        };
        format!("{} or more within {within}", self.count)
    }
}

/// The minutes of a time that is allowed.
#[must_use]
pub fn minutes(text: &str) -> Option<u32> {
    let time = stack::lifetime(text)?;
    let minutes = time.as_mins();
    let is_whole = time.as_secs() == minutes * 60 && time.subsec_nanos() == 0;
    u32::try_from(minutes).ok().filter(|_| is_whole && minutes <= MOST_MINUTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_whole_minutes_of_a_day_at_most() {
        for (text, expected) in [
            ("1m", "5 or more within 1 minute"),
            ("10m", "5 or more within 10 minutes"),
            ("1h", "5 or more within 1 hour"),
            ("90m", "5 or more within 90 minutes"),
            ("2h", "5 or more within 2 hours"),
            ("1d", "5 or more within 1 day"),
        ] {
            let threshold = Threshold::read(&stack::WrittenThreshold { count: 5, within: text.to_owned() });
            assert_eq!(threshold.map(Threshold::words).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "0m", "59s", "61s", "1d 1m", "2d", "-5m", "ten minutes", "1500ms"] {
            assert_eq!(minutes(text), None, "{text}");
        }
        assert_eq!(Threshold::read(&stack::WrittenThreshold { count: 0, within: "1m".to_owned() }), None);
    }
}
