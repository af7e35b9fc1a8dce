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
    drop(sandbox);
    let mut names: Vec<_> =
        fs::read_dir(folder.path()).expect("a folder").map(|one| one.expect("an entry").file_name()).collect();
    names.sort();
    assert_eq!(names, ["box", "box.json", "box.json.tmp", "box.tmp"]);
    assert_eq!(fs::read_to_string(folder.path().join("box.tmp")).expect("a file"), "mine");
}

fn event(sandbox: &Sandbox) -> Result<(), String> {
    let event = serde_json::json!({ "source": "aws.ec2", "detail-type": "x", "detail": {} });
    let walked = sandbox.walk("us-east-1", Receiving::of("us-east-1"), Input::Event(&event), trace::answer);
    walked.map(drop).map_err(|error| format!("{error} {}", error.hint.clone().unwrap_or_default()))
}

#[test]
fn two_commands_do_not_change_a_file_at_once_or_after_each_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("box.json");
    let open = || Sandbox::open(&path).expect("a sandbox");
    let (first, second) = (open(), open());
    event(&first).expect("it is written");
    event(&first).expect("and again");
    let refused = event(&second).expect_err("the first one changes it");
    assert!(refused.contains("another trailbell command is changing it"), "{refused}");
    let kept = fs::read_to_string(&path).expect("a file");
    drop(first);
    let refused = event(&second).expect_err("the first one changed it");
    assert!(refused.contains("it was changed after this command read it"), "{refused}");
    assert!(refused.contains("nothing was changed"), "{refused}");
    assert_eq!(fs::read_to_string(&path).expect("a file"), kept);
    drop(second);
    event(&open()).expect("no lock is left");
    // A lock file that a killed command left is no lock.
    fs::write(folder.path().join(".box.json.lock"), "").expect("a file");
    event(&open()).expect("no one holds it");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_to_the_file_stays_and_so_do_its_permissions() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().expect("a folder");
    let (file, link) = (folder.path().join("box.json"), folder.path().join("link"));
    symlink(&file, &link).expect("a link");
    let why = Sandbox::open(&link).expect_err("the link leads nowhere").to_string();
    assert!(why.contains("a link to a file that does not exist"), "{why}");
    event(&Sandbox::open(&file).expect("a sandbox")).expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("ours");
    event(&Sandbox::open(&link).expect("a sandbox")).expect("written");
    assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
    assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o640);
}

#[test]
fn what_is_no_sandbox_gets_a_hint_that_fits() {
    let folder = tempfile::tempdir().expect("a folder");
    let of = |path: &std::path::Path| {
        let error = Sandbox::open(path).expect_err("it is no sandbox");
        format!("{error} {}", error.hint.clone().unwrap_or_default())
    };
    let other = folder.path().join("other.json");
    fs::write(&other, r#"{"a":1}"#).expect("a file");
    assert!(of(&other).contains("it has no `format`") && of(&other).contains("give another file"), "{}", of(&other));
    assert!(
        of(folder.path()).contains("not a regular file") && !of(folder.path()).contains("remove"),
        "{}",
        of(folder.path())
    );
    assert!(fs::exists(&other).expect("there"));
}
