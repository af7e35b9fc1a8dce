//! One set of features for the program and its tests: else `cargo test` after `cargo run` compiles crates again, and the
//! tests judge another program than the one that is shipped.

use std::collections::BTreeSet;
use std::process::Command;

/// The crates of a tree, each with its version and features.
fn crates(edges: &str) -> BTreeSet<String> {
    let arguments =
        ["tree", "--locked", "--offline", "--prefix", "none", "--no-dedupe", "--format", "{p}: {f}", "--edges", edges];
    let mut cargo = Command::new(env!("CARGO"));
    let output = cargo.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text").lines().map(str::to_owned).collect()
}

#[test]
fn tests_use_the_crates_as_the_program_does() {
    let (program, tests) = (crates("normal,build"), crates("normal,build,dev"));
    assert!(program.len() > 100 && tests.len() > program.len(), "{} and {}", program.len(), tests.len());
    let differ: Vec<&String> = program.difference(&tests).collect();
    let names: Vec<&str> = differ.iter().filter_map(|one| one.split(' ').next()).collect();
    let asked: Vec<&String> = tests
        .difference(&program)
        .filter(|one| one.split(' ').next().is_some_and(|name| names.contains(&name)))
        .collect();
    assert!(differ.is_empty(), "Cargo.toml: [dependencies] must ask for {asked:#?}; the program has {differ:#?}");
}
