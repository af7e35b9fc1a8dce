//! Keeps the direction of imports: the engines are a crate with few dependencies, pure modules stay pure, one folder names
//! the SDK, one file writes to the streams.
//!
//! Reads source text only, so it links nothing and runs at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Modules from the ground up. A module uses those on lines above its own, and no others.
const LAYERS: &[&[&str]] = &[
    // The engines crate.
    &["json", "events", "glob"],
    &["slack", "transformer", "record"],
    &["pattern", "filter"],
    // What a person writes.
    &["redact", "file", "secret", "archive", "words"],
    &["name", "diagnostic", "lambda"],
    &["cloudtrail", "document", "sample"],
    &["blueprint", "suppression"],
    &["stack", "message"],
    // What it means.
    &["alert"],
    &["resource"],
    &["live"],
    &["graph"],
    &["trace", "compile", "diagram"],
    &["check", "explain"],
    // What becomes of it.
    &["cases", "plan", "permissions", "propose"],
    &["provider"],
    &["apply", "verify"],
    &["runs", "redrive", "doctor"],
    &["wizard", "import"],
    &["output"],
    &["render"],
    &["cli"],
];

/// Modules without effects: no files but their own, no network, no clock, no environment, no tokio.
const PURE: &[&str] = &[
    "archive",
    "lambda",
    "diagnostic",
    "secret",
    "name",
    "glob",
    "json",
    "events",
    "record",
    "sample",
    "filter",
    "pattern",
    "slack",
    "transformer",
    "cloudtrail",
    "message",
    "alert",
    "cases",
    "explain",
    "import",
    "resource",
    "live",
    "compile",
    "diagram",
    "doctor",
    "plan",
    "permissions",
    "propose",
    "output",
    "stack",
    "suppression",
    "render",
    "words",
];

/// Every source file of both crates: its module, its path below `src`, its text.
fn sources() -> Vec<(String, PathBuf, String)> {
    ["engines/src", "src"].into_iter().flat_map(sources_in).collect()
}

fn sources_in(folder: &str) -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = Vec::new();
    collect(&root, &mut found);
    let named = found.into_iter().map(|path| {
        let inside = path.strip_prefix(&root).expect("below src").to_owned();
        let first = inside.components().next().expect("a file").as_os_str().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("readable");
        (first.trim_end_matches(".rs").to_owned(), inside, text)
    });
    named.collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The part of a file before its tests: tests may use anything.
fn production(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text)
}

/// The modules that a file uses: what follows `crate::`, also inside of braces, and `super::` often enough to leave the
/// module the file is in.
fn uses(path: &Path, text: &str) -> BTreeSet<String> {
    let lines = production(text).lines().map(|line| line.split("//").next().unwrap_or_default());
    let code: String = lines.collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for (at, root) in code.match_indices("crate::") {
        found.extend(first_names(&code[at + root.len()..]));
    }
    let depth = depth(path);
    let is_chain = |at: usize| code[..at].ends_with("super::");
    for (at, _) in code.match_indices("super::").filter(|(at, _)| !is_chain(*at)) {
        let mut rest = &code[at..];
        let mut climbed = 0;
        while let Some(after) = rest.strip_prefix("super::") {
            (rest, climbed) = (after, climbed + 1);
        }
        if climbed >= depth {
            found.extend(first_names(rest));
        }
    }
    found
}

/// How many modules a file is inside of, itself counted: `a/b.rs` is the module `a::b`, `a/mod.rs` is `a`.
fn depth(path: &Path) -> usize {
    let is_folder = path.file_name().is_some_and(|name| name == "mod.rs");
    path.components().count() - usize::from(is_folder)
}

/// The name that a path begins with, or all of them when it begins with braces.
fn first_names(path: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = path.strip_prefix('{') else { return vec![word(path)] };
    let (mut names, mut level, mut is_start) = (Vec::new(), 0, true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => level += 1,
            '}' if level == 0 => break,
            '}' => level -= 1,
            ',' if level == 0 => is_start = true,
            c if is_start && !c.is_whitespace() => {
                names.push(word(&group[at..]));
                is_start = false;
            }
            _ => {}
        }
    }
    names
}

#[test]
fn uses_are_seen_in_every_form() {
    let seen = |path: &str, text: &str| uses(Path::new(path), text).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(seen("a.rs", "use crate::b::{self, C}; fn f() { crate::d::e() } // crate::f"), "b d");
    assert_eq!(seen("a.rs", "use crate::{\n    b::{c, d},\n    e,\n    f::G,\n};"), "b e f");
    assert_eq!(seen("a.rs", "use super::b;"), "b");
    assert_eq!(seen("a/mod.rs", "use super::b;"), "b");
    assert_eq!(seen("a/b.rs", "use super::c; use super::super::{d, e};"), "d e");
    assert_eq!(seen("a/b/c.rs", "use super::super::d; use super::super::super::e;"), "e");
    assert_eq!(seen("a/b/mod.rs", "use super::super::d::E;"), "d");
    assert_eq!(seen("a.rs", "fn f() {}\n#[cfg(test)]\nmod tests { use crate::b; }"), "");
}

/// Files that exist for tests alone.
fn is_test(path: &Path) -> bool {
    let in_folder = path.components().any(|part| part.as_os_str() == "tests");
    in_folder || path.file_name().is_some_and(|name| name == "tests.rs" || name == "histories.rs")
}

/// Without exceptions: anyone who uses only what is above has no circle.
#[test]
fn imports_go_one_way() {
    let layer: BTreeMap<&str, usize> =
        LAYERS.iter().enumerate().flat_map(|(at, names)| names.iter().map(move |name| (*name, at))).collect();
    let mut wrong = Vec::new();
    for (module, path, text) in
        sources().iter().filter(|(module, path, _)| module != "main" && module != "lib" && !is_test(path))
    {
        let own = layer.get(module.as_str()).unwrap_or_else(|| panic!("{module} has no layer: add it to LAYERS"));
        for used in uses(path, text).iter().filter(|used| *used != module) {
            if layer.get(used.as_str()).is_some_and(|other| other >= own) {
                wrong.push(format!("{} uses {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// All that the engines are built on: no SDK, no terminal, no runtime.
const ENGINES_USE: &[&str] = &["base64", "flate2", "memchr", "regex", "serde", "serde_json", "thiserror"];

#[test]
fn engines_have_few_dependencies() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("engines/Cargo.toml");
    let text = fs::read_to_string(path).expect("readable");
    let section = text.split_once("[dependencies]\n").expect("a section").1.split("\n\n").next().unwrap_or_default();
    let lines = section.lines().filter(|line| !line.starts_with('#'));
    let names: Vec<&str> = lines.filter_map(|line| line.split(['.', ' ']).next()).collect();
    assert_eq!(names, ENGINES_USE);
    // Anyone who uses the crate decides about the features of `serde_json`.
    let json = section.lines().find(|line| line.starts_with("serde_json")).unwrap_or_default();
    assert!(!json.contains("features"), "{json}");
}

/// `cargo test` builds `serde_json` for this program, with its features; `cargo test -p trailbell-engines` without. The
/// tests of the engines must pass both times, so both must differ.
#[test]
fn this_program_keeps_the_order_and_digits_of_json() {
    let text = r#"{"b":1.7296283669999999,"a":1}"#;
    assert_eq!(serde_json::from_str::<serde_json::Value>(text).expect("JSON").to_string(), text);
}

#[test]
fn only_the_aws_provider_names_the_sdk() {
    for (_, path, text) in sources() {
        let names_sdk = text.contains("aws_sdk") || text.contains("aws_config") || text.contains("aws_smithy");
        assert!(!names_sdk || path.starts_with("provider/aws"), "{} names an SDK crate", path.display());
    }
}

#[test]
fn pure_modules_have_no_effects() {
    let effects = [
        "std::fs",
        "std::env",
        "TcpStream",
        "TcpListener",
        "UdpSocket",
        "std::process",
        "SystemTime",
        "Instant",
        "tokio",
        "async fn",
        "dialoguer",
        "reqwest",
    ];
    for (module, path, text) in
        sources().iter().filter(|(module, path, _)| PURE.contains(&module.as_str()) && !is_test(path))
    {
        // Live progress needs a terminal library that ticks by itself.
        if module == "render" && path.ends_with("progress.rs") {
            continue;
        }
        for effect in effects {
            assert!(!production(text).contains(effect), "{} uses {effect}", path.display());
        }
    }
}

/// What tests are made of: their own files, and the ends of others.
fn tests_text() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("tests"), &mut files);
    let own = files.iter().map(|path| fs::read_to_string(path).expect("readable"));
    let inside = sources().into_iter().map(|(_, path, text)| match text.split_once("#[cfg(test)]") {
        _ if is_test(&path) => text,
        Some((_, tests)) => tests.to_owned(),
        None => String::new(),
    });
    own.chain(inside).collect()
}

#[test]
fn every_finding_is_raised_in_a_test() {
    let tests = tests_text();
    let raised = |code: &&trailbell::diagnostic::Code| {
        // By its id, as people see it, or by its name.
        tests.contains(&format!("\"{}\"", code.id())) || tests.contains(&format!("Code::{code:?}"))
    };
    let missing: Vec<&str> =
        trailbell::diagnostic::Code::ALL.iter().filter(|code| !raised(code)).map(|code| code.id()).collect();
    assert!(missing.is_empty(), "no test raises {missing:?}");
}

/// A line that people can see: no comment, but the help of a command, which is written as its documentation.
fn is_shown(path: &Path, line: &str) -> bool {
    let line = line.trim_start();
    let is_help = line.starts_with("///") && path.starts_with("cli");
    is_help || !line.starts_with("//")
}

#[test]
fn no_text_points_to_a_file_that_a_user_does_not_have() {
    for (_, path, text) in sources().iter().filter(|(_, path, _)| !is_test(path)) {
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
        for line in code.lines().filter(|line| is_shown(path, line)) {
            // `include_str!` makes the file part of the program.
            let names_a_page = line.contains("docs/") && !line.contains("include_str!");
            assert!(!names_a_page, "{}: {}", path.display(), line.trim());
        }
    }
}

/// The names of types that modules may have in common, because the module is always written in front. `docs/style.md`
/// has the same list.
const REPEATED: [&str; 1] = ["Arguments"];

/// The type that a line defines. The types of traits belong to their trait.
fn defined(line: &str) -> Option<&str> {
    let is_inside = line.starts_with(' ') && line.trim_start().starts_with("type ");
    let mut words = line.split_whitespace().skip_while(|word| word.starts_with("pub"));
    let is_type = matches!(words.next(), Some("struct" | "enum" | "trait" | "type" | "union"));
    let name = words.next().filter(|_| is_type && !is_inside)?;
    name.split(|c: char| !c.is_alphanumeric()).next().filter(|name| name.starts_with(char::is_uppercase))
}

#[test]
fn a_type_has_one_name_in_the_program() {
    assert_eq!(defined("pub(super) struct Way<'a> {"), Some("Way"));
    assert_eq!(defined("    type Err = String;").or(defined("use enum Way")), None);
    let mut files: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for (_, path, text) in sources().into_iter().filter(|(_, path, _)| !is_test(path)) {
        for name in production(&text).lines().filter_map(defined) {
            files.entry(name.to_owned()).or_default().push(path.clone());
        }
    }
    let repeated: Vec<_> =
        files.iter().filter(|(name, paths)| paths.len() > 1 && !REPEATED.contains(&name.as_str())).collect();
    assert!(repeated.is_empty(), "rename all but one: {repeated:#?}");
    let style = include_str!("../docs/style.md");
    for name in REPEATED {
        assert!(style.contains(&format!("`{name}`")), "docs/style.md does not say that `{name}` may repeat");
    }
}

#[test]
fn every_file_says_what_it_is_for_and_stays_readable() {
    for (_, path, text) in sources() {
        let has_head = text.starts_with("//!") || text.starts_with("#![doc = include_str!(\"../README.md\")]");
        assert!(has_head, "{} has no head", path.display());
        let lines = production(&text).lines().count();
        assert!(lines <= 420, "{} has {lines} lines: is it still one idea?", path.display());
    }
}
