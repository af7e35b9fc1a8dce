//! Request parameters of calls, as AWS's models describe them: one file of data more for the table of `fields`.
//!
//! `parameters.txt` is made by `make_parameters.py`, where every service has the record that shows how CloudTrail spells
//! its parameters. A row holds for successful calls only: of a refused one the caller's text is recorded unread.

use super::fields::{FieldRow, Holds, RowEvents};

const TABLE: &str = include_str!("parameters.txt");

/// Where the rows are from.
const SOURCE: &str = "botocore 1.44.5, the model of the call; spelling: make_parameters.py, by service";

/// The most characters of a whole number and of a boolean.
const DIGITS: usize = 20;
const TRUTH: usize = 5;

/// Every row of the file.
pub(super) fn rows() -> impl Iterator<Item = FieldRow> {
    let (mut source, mut calls) = ("", Vec::new());
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(move |line| {
        if let Some(line) = line.strip_prefix('@') {
            let mut names = line.split(' ');
            (source, calls) = (names.next().unwrap_or_default(), names.collect());
            return None;
        }
        row(source, &calls, line)
    })
}

/// Whether a row is from the model of its calls, which lists all their parameters.
pub(super) fn is_of_model(row: &FieldRow) -> bool {
    row.source == SOURCE
}

/// The calls with these numbers, as in `0,3-7`.
fn chosen(numbers: &str, calls: &[&'static str]) -> Option<Vec<&'static str>> {
    let mut names = Vec::new();
    for run in numbers.split(',') {
        let (first, last) = run.split_once('-').unwrap_or((run, run));
        names.extend(calls.get(first.parse().ok()?..=last.parse().ok()?)?);
    }
    Some(names)
}

/// A line: path, what it holds with the most characters, calls. A test makes sure that none is broken.
fn row(source: &'static str, calls: &[&'static str], line: &'static str) -> Option<FieldRow> {
    let mut cells = line.split(' ');
    let (path, content, numbers) = (cells.next()?, cells.next()?, cells.next()?);
    let (kind, length) = content.split_at_checked(1)?;
    let (holds, longest) = match kind {
        "t" => (Some(Holds::Token), Some(length.parse().ok()?)),
        "i" => (Some(Holds::Identifier), Some(length.parse().ok()?)),
        "f" => (Some(Holds::Text), None),
        "b" => (Some(Holds::Boolean), Some(TRUTH)),
        "n" => (Some(Holds::Number), Some(DIGITS)),
        "o" | "l" => (None, None),
        _ => return None,
    };
    Some(FieldRow {
        scope: RowEvents::Calls { source, names: chosen(numbers, calls)? },
        path: format!("detail.requestParameters.{path}"),
        always: false,
        holds,
        is_object: kind == "o",
        longest,
        free_when: Vec::new(),
        source: SOURCE,
        needs_success: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_row_a_source_or_a_comment() {
        let is_row = |line: &&str| !line.starts_with(['#', '@']);
        assert_eq!(rows().count(), TABLE.lines().filter(is_row).count());
        assert!(rows().all(
            |row| matches!(row.scope, RowEvents::Calls { source, names } if !source.is_empty() && !names.is_empty())
        ));
        let sources = TABLE.lines().filter(|line| line.starts_with('@'));
        assert!(sources.clone().count() >= 50);
        assert!(sources.clone().is_sorted() && sources.clone().all(|line| line.contains(".amazonaws.com ")));
    }

    #[test]
    fn a_parameter_is_known_as_the_model_and_the_records_say() {
        let find = |source: &str, call: &str, path: &str| {
            let path = format!("detail.requestParameters.{path}");
            let is_about = |row: &FieldRow| match &row.scope {
                RowEvents::Calls { source: of, names } => *of == source && names.contains(&call) && row.path == path,
                _ => false,
            };
            rows().find(is_about).map(|row| (row.holds, row.longest))
        };
        let cases = [
            ("iam.amazonaws.com", "AttachUserPolicy", "userName", Some((Some(Holds::Identifier), Some(64)))),
            ("rds.amazonaws.com", "CreateDBCluster", "deletionProtection", Some((Some(Holds::Boolean), Some(5)))),
            ("lambda.amazonaws.com", "CreateFunction20150331", "timeout", Some((Some(Holds::Number), Some(20)))),
            (
                "autoscaling.amazonaws.com",
                "DeleteAutoScalingGroup",
                "autoScalingGroupName",
                Some((Some(Holds::Text), None)),
            ),
            ("kms.amazonaws.com", "CreateKey", "tags", Some((None, None))),
            // Newer calls of EC2 have another form; what is masked is not known.
            ("ec2.amazonaws.com", "CreateFlowLogs", "resourceType", None),
            ("rds.amazonaws.com", "CreateDBInstance", "DBInstanceIdentifier", None),
        ];
        for (source, call, path, expected) in cases {
            assert_eq!(find(source, call, path), expected, "{source} {call} {path}");
        }
    }
}
