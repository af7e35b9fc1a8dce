//! How far a document reaches: which files it may name, and whether a text is one of ours at all.
//!
//! A stack file or blueprint can come from someone else. Then a name in it must not lead to other files of this machine, whose
//! lines would appear in findings, messages, or the code of a function.

use std::path::{Component, Path, PathBuf};

/// Where the files that a document names must be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Below the folder of the document itself.
    #[default]
    Own,
    /// Below this folder: the one of the stack file that named the document.
    Below(PathBuf),
    /// Anywhere, because a person allowed it on the command line.
    Anywhere,
}

impl Reach {
    /// Whether a document in `own` may name this file. Links are followed first.
    #[must_use]
    pub fn allows(&self, path: &Path, own: &Path) -> bool {
        let folder = match self {
            Self::Anywhere => return true,
            Self::Own => own,
            Self::Below(folder) => folder,
        };
        let real = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        match (real.canonicalize(), path.canonicalize()) {
            (Ok(folder), Ok(path)) => path.starts_with(folder),
            // What does not exist can be looked for below the folder, and must not be outside of it.
            _ => path.strip_prefix(folder).is_ok_and(|rest| {
                rest.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
            }),
        }
    }
}

/// Keys of which a blueprint or a stack has at least one.
const KEYS: [&str; 4] = ["blueprint", "stack", "alert", "alerts"];

/// Whether a text looks like a blueprint or a stack file: only then are lines of it shown. A line begins with one of the keys, or,
/// when the whole is in braces, one of them is anywhere in it.
pub(super) fn is_ours(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    let is_key = |rest: &str| {
        let rest = rest.trim_start_matches(['"', '\'']);
        let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len());
        KEYS.contains(&&rest[..end]) && rest[end..].trim_start_matches(['"', '\'', ' ']).starts_with(':')
    };
    if text.trim_start().starts_with('{') {
        return text.split(['{', ',']).any(|part| is_key(part.trim_start()));
    }
    text.lines().any(is_key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_ours_by_its_keys() {
        let ours = [
            "blueprint: a",
            "# x\n\nstack: a",
            "\"alerts\": []",
            "\u{feff}alert: {}",
            "{ blueprint: a }",
            "{\"a\": 1, \"stack\": 2}",
        ];
        for text in ours {
            assert!(is_ours(text), "{text}");
        }
        let others = [
            "",
            "root:x:0:0::/root:/bin/bash",
            "[default]\nkey = AKIA",
            "a:\n  stack: b",
            "stacks: a",
            "{\"data\": {}}",
            "-----BEGIN",
        ];
        for text in others {
            assert!(!is_ours(text), "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_below_the_folder_wherever_its_name_leads() {
        let root = tempfile::tempdir().expect("a folder");
        let (inside, outside) = (root.path().join("in"), root.path().join("out"));
        for folder in [&inside, &outside, &inside.join("sub")] {
            std::fs::create_dir(folder).expect("a folder");
            std::fs::write(folder.join("a.yaml"), "").expect("a file");
        }
        std::os::unix::fs::symlink(&outside, inside.join("link")).expect("a link");
        std::os::unix::fs::symlink("loop", inside.join("loop")).expect("a link");
        let allowed = |name: &str| Reach::Own.allows(&inside.join(name), &inside);
        for name in ["a.yaml", "sub/a.yaml", "sub/../a.yaml", "missing.yaml", "loop"] {
            assert!(allowed(name), "{name}");
        }
        for name in ["../out/a.yaml", "link/a.yaml", "/etc/passwd", "../missing.yaml", "sub/../../out/a.yaml"] {
            assert!(!allowed(name), "{name}");
            assert!(Reach::Anywhere.allows(&inside.join(name), &inside), "{name}");
        }
        assert!(Reach::Below(root.path().to_owned()).allows(&inside.join("../out/a.yaml"), &inside));
    }
}
