//! Sandbox files that others wrote or that lie beside others: read without a panic, written without touching a neighbor.

use std::fs;

use super::{Sandbox, World};
use crate::graph::Receiving;
use crate::trace::{self, Input};

#[test]
fn a_file_that_is_not_a_sandbox_is_an_error() {
    let texts = [
        r#"{"format":1,"objects":{"a":"b"},"created":0}"#,
        r#"{"format":1,"objects":["a"],"created":0}"#,
        r#"{"format":2,"objects":{},"dead_letters":[],"trails":[],"created":18446744073709551615}"#,
        r#"{"format":2,"objects":{"a":{"resource":1}},"created":0}"#,
        "[]",
        "1",
        "{}",
    ];
    for text in texts {
        assert!(World::from_json(text).is_err(), "{text}");
    }
}

#[test]
fn a_neighbor_of_the_file_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["box.tmp", "box.json.tmp", "box"] {
        fs::write(folder.path().join(name), "mine").expect("a file");
    }
    let sandbox = Sandbox::open(&folder.path().join("box.json")).expect("a sandbox");
    let event = serde_json::json!({ "source": "aws.ec2", "detail-type": "x", "detail": {} });
    sandbox.walk("us-east-1", Receiving::of("us-east-1"), Input::Event(&event), trace::answer).expect("written");
    let mut names: Vec<_> =
        fs::read_dir(folder.path()).expect("a folder").map(|one| one.expect("an entry").file_name()).collect();
    names.sort();
    assert_eq!(names, ["box", "box.json", "box.json.tmp", "box.tmp"]);
    assert_eq!(fs::read_to_string(folder.path().join("box.tmp")).expect("a file"), "mine");
}
