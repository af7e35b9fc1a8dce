//! Words of lists, the same wherever a list is shown in a line.

/// The first of many, and how many more there are.
#[must_use]
pub fn shortened(mut all: Vec<String>, most: usize) -> Vec<String> {
    let more = all.len().saturating_sub(most);
    all.truncate(most);
    if more > 0 {
        all.push(format!("and {more} more"));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_counted() {
        let list = |most| shortened(["a", "b", "c"].map(str::to_owned).to_vec(), most).join(", ");
        assert_eq!(
            (list(3), list(2), list(1)),
            ("a, b, c".to_owned(), "a, b, and 1 more".to_owned(), "a, and 2 more".to_owned())
        );
    }
}
