//! The known word that a misspelled one was probably meant to be.
//!
//! A dictionary has tens of thousands of words and the distance of two words takes time that grows with the square of their
//! lengths, so what cannot be near is left out first: by its length, then by its letters.

/// No one misspells a longer word, and the distance of long words is expensive.
const LONGEST: usize = 100;

/// The known word a misspelled one was probably meant to be. One edit for short words, a third of the length for
/// others.
#[must_use]
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    nearest_within(word, known.iter().copied(), (word.chars().count() / 3).max(1))
}

/// The known word that is at most so many edits away.
#[must_use]
pub fn nearest_within<'a>(word: &str, known: impl IntoIterator<Item = &'a str>, allowed: usize) -> Option<&'a str> {
    if word.len() > LONGEST {
        return None;
    }
    let word = word.to_lowercase();
    let (length, letters) = (word.chars().count(), letters(&word));
    let can_be_near = |candidate: &&str| {
        candidate.len() <= 2 * LONGEST
            && candidate.chars().count().abs_diff(length) <= allowed
            // An edit takes away one kind of letter and adds another one, at most.
            && (self::letters(candidate) ^ letters).count_ones() as usize <= 2 * allowed
    };
    known
        .into_iter()
        .filter(can_be_near)
        .map(|candidate| (strsim::damerau_levenshtein(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The known words of a long list that share the beginning of a misspelled one, or else a part of it between hyphens; at most
/// so many.
#[must_use]
pub(super) fn similar<'a>(word: &str, known: &[&'a str], most: usize) -> Vec<&'a str> {
    let word = word.to_lowercase();
    let beginning: Vec<&str> = known.iter().copied().filter(|one| !word.is_empty() && one.starts_with(&word)).collect();
    if !beginning.is_empty() {
        return beginning.into_iter().take(most).collect();
    }
    let parts: Vec<&str> = word.split('-').filter(|part| part.len() > 2).collect();
    let shared = |one: &str| parts.iter().filter(|part| one.split('-').any(|other| other == **part)).count();
    let mut sharing: Vec<(usize, &str)> = known.iter().map(|one| (shared(one), *one)).filter(|(n, _)| *n > 0).collect();
    sharing.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    sharing.into_iter().take(most).map(|(_, one)| one).collect()
}

/// One bit for each letter and digit that a text has, whatever its case. What is neither is left out: a bit less only lets more in.
fn letters(text: &str) -> u64 {
    text.bytes().fold(0, |bits, byte| match byte {
        b'0'..=b'9' => bits | 1 << (byte - b'0'),
        b'a'..=b'z' | b'A'..=b'Z' => bits | 1 << (10 + (byte | 0x20) - b'a'),
        _ => bits,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_list_those_are_named_that_begin_alike_or_share_a_part() {
        let known = ["cis-5-3-root-usage-logs", "root-activity", "root-activity-read", "s3-public"];
        assert_eq!(similar("cis-5-3", &known, 8), ["cis-5-3-root-usage-logs"]);
        assert_eq!(similar("root-usage", &known, 2), ["cis-5-3-root-usage-logs", "root-activity"]);
        assert!(similar("zzz", &known, 8).is_empty() && similar("", &known, 8).is_empty());
    }

    #[test]
    fn nearest_wants_a_close_word() {
        let known = ["pattern", "message", "id"];
        assert_eq!(nearest("patern", &known), Some("pattern"));
        assert_eq!(nearest("Message", &known), Some("message"));
        assert_eq!(nearest("if", &known), Some("id"));
        assert_eq!(nearest("remediation", &known), None);
        assert_eq!(nearest(&"x".repeat(100_000), &known), None);
    }

    #[test]
    fn what_is_left_out_first_is_not_near() {
        let words =
            ["StopLogging", "StartLogging", "stop-logging", "Größe", "größer", "CreateUser", "CreateUsers", "X", ""];
        for word in words {
            for allowed in 0..4 {
                let distance = |one: &str| strsim::damerau_levenshtein(&word.to_lowercase(), &one.to_lowercase());
                let slow = words.into_iter().map(|one| (distance(one), one)).filter(|(far, _)| *far <= allowed).min();
                assert_eq!(nearest_within(word, words, allowed), slow.map(|(_, one)| one), "{word} {allowed}");
            }
        }
    }
}
