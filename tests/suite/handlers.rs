//! The functions that are deployed, under real Node.

use std::process::Command;

#[test]
fn the_functions_tests_pass_under_node() {
    let root = env!("CARGO_MANIFEST_DIR");
    let tests = std::fs::read_dir(format!("{root}/tests/functions")).expect("readable");
    let files =
        tests.map(|entry| entry.expect("readable").path()).filter(|path| path.to_string_lossy().ends_with(".test.mjs"));
    let mut node = Command::new("node");
    // What the tests say of the environment is all that the handlers see of it.
    node.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let output = node.arg("--test").args(files).output().expect("node starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
