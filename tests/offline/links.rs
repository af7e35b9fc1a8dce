//! Links between documents: each leads to a file that is there, and to a heading of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The folders with documents, and whether those below them count.
const DOCUMENTS: [&str; 5] = ["", "docs", "docs/decisions", "engines", "engines/docs"];

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let of = |folder: &str| {
        let entries = std::fs::read_dir(root.join(folder)).expect("a folder");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths.filter(|path| path.extension().is_some_and(|end| end == "md")).collect::<Vec<_>>()
    };
    DOCUMENTS.into_iter().flat_map(of).collect()
}

/// The text of a document without its code blocks.
fn prose(path: &Path) -> String {
    let text = std::fs::read_to_string(path).expect("readable");
    let mut is_code = false;
    let lines = text.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The targets of the links `[text](target)` of a document, as they are written.
fn links(text: &str) -> Vec<&str> {
    let ends = text.match_indices("](").map(|(at, _)| at + 2);
    ends.filter_map(|start| text[start..].split_once(')').map(|(target, _)| target)).collect()
}

/// What a heading is called in a link: GitHub keeps letters, digits, `-`, and `_`, in lowercase, and makes dashes of spaces.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

fn anchors(text: &str) -> Vec<String> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let headings = text
        .lines()
        .filter_map(|line| line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#')));
    headings
        .map(|heading| {
            let name = anchor(heading.trim());
            let time = times.entry(name.clone()).or_default();
            *time += 1;
            if *time == 1 { name } else { format!("{name}-{}", *time - 1) }
        })
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    let mut number = 0;
    for path in documents() {
        let text = prose(&path);
        for link in links(&text).into_iter().filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            number += 1;
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().expect("a folder").join(file) };
            let is_there =
                target.exists() && (heading.is_empty() || anchors(&prose(&target)).iter().any(|one| one == heading));
            if !is_there {
                wrong.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(number > 100, "{number} links were found");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn headings_are_called_as_on_github() {
    assert_eq!(anchor("Dead letters: `redrive`"), "dead-letters-redrive");
    assert_eq!(anchors("# A\n## B c\n## B c\ntext # no\n"), ["a", "b-c", "b-c-1"]);
    assert_eq!(links("see [a](b.md#c), and [`d`](e)"), ["b.md#c", "e"]);
}
