//! `trailbell help`: the commands as clap shows them, and the languages.

use std::process::{Command, Output};

use trailbell::message::transformer;
use trailbell::{filter, pattern};

fn trailbell(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_trailbell")).args(arguments).output().expect("the program runs")
}

/// What it prints when all is well.
fn printed(arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = trailbell(arguments);
    assert!(status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).expect("text")
}

#[test]
fn help_prints_the_references() {
    let languages =
        [("patterns", pattern::REFERENCE), ("filters", filter::REFERENCE), ("templates", transformer::REFERENCE)];
    for (name, reference) in languages {
        assert_eq!(printed(&["help", name]).trim_end(), reference.trim_end());
    }
}

#[test]
fn help_of_a_command_is_its_help() {
    for command in ["plan", "match", "help"] {
        assert_eq!(printed(&["help", command]).trim_end(), printed(&[command, "--help"]).trim_end());
    }
    assert_eq!(printed(&["help"]).trim_end(), printed(&["--help"]).trim_end());
}

#[test]
fn an_unknown_topic_is_named() {
    let Output { status, stderr, .. } = trailbell(&["help", "pattern"]);
    assert_eq!(status.code(), Some(2));
    let shown = String::from_utf8_lossy(&stderr);
    assert!(shown.contains("`pattern` is not a command or a language") && shown.contains("patterns, filters"));
}

#[test]
fn hints_about_a_language_name_the_command() {
    for (option, text, topic) in [("--pattern", "{", "patterns"), ("--filter", "{", "filters")] {
        let Output { status, stderr, .. } = trailbell(&["match", option, text]);
        assert_eq!(status.code(), Some(2));
        let shown = String::from_utf8_lossy(&stderr);
        assert!(shown.contains(&format!("`trailbell help {topic}`")), "{shown}");
    }
}
