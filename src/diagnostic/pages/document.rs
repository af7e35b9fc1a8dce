//! The pages of codes about the text of a file and its shape.

use super::Page;

pub(super) const UNREADABLE: Page = Page {
    means: "The file could not be opened, it is not a regular file but a folder, a pipe or a device, or it is not UTF-8 text. \
        Nothing in it was checked.",
    remedy: "Name a regular file, look at its permissions, or save it as UTF-8. The message says which of them it is.",
    example: "",
};

pub(super) const SYNTAX: Page = Page {
    means: "The text is not YAML: a bracket or a quote is not closed, a line is indented by a tab or too little, or \
        the file is empty. trailbell stops reading at this place, so there may be more findings behind it.",
    remedy: "Mend this place and check again. Indent with spaces, and quote texts that hold `: ` or ` #`, or begin \
        with a bracket, `*`, `&` or another sign of YAML.",
    example: r#"blueprint: root-sign-in
title: "Root signed in        # the quote is not closed
severity: critical"#,
};

pub(super) const YAML_FEATURE: Page = Page {
    means: "Anchors (`&name`), aliases (`*name`), tags (`!!str`), merge keys (`<<`) and a second document in one file \
        are not used in trailbell's files. A person who reads an alert should see its values where they count, and an \
        alias is how a small file becomes a huge one.",
    remedy: "Write the value out where it is needed, or declare a parameter for a value that each stack chooses. Put a \
        second document into a file of its own.",
    example: r"alert:
  pattern: &calls             # an anchor
    source: [aws.cloudtrail]",
};

pub(super) const DUPLICATE_KEY: Page = Page {
    means: "A key stands twice in one mapping, and only one of the two values can count. An alert would do something \
        else than what one of the lines says.",
    remedy: "Keep one of the two and delete the other.",
    example: r"severity: low
severity: critical            # the key stands above already",
};

pub(super) const UNKNOWN_KEY: Page = Page {
    means: "There is no such key at this place. It would have no effect, and often it is a known key misspelt or \
        indented wrongly: what it was meant to say would be lost without a word.",
    remedy: "Correct the key or its indentation, or remove it. `trailbell schema blueprint` and `trailbell schema \
        stack` print every key there is, for editors too.",
    example: r"title: CloudTrail logging turned off
descripton: Somebody called StopLogging.     # description",
};

pub(super) const WRONG_TYPE: Page = Page {
    means: "The value is of another kind than the key wants: a word in place of a list, a number in place of a text. A \
        number that could be read in two ways is refused as well: an account id such as `012345678901` would lose its \
        zero, and an alert would watch another account.",
    remedy: "Write the kind of value the finding names. Put account ids and everything else that only looks like a \
        number into quotes.",
    example: r#"account: 012345678901         # "012345678901""#,
};

pub(super) const MISSING_KEY: Page = Page {
    means: "A key that must be there is not. trailbell does not guess it, because a wrong guess could put an alert \
        into the wrong place or leave it without a message.",
    remedy: "Add the key. The finding says what it is for.",
    example: r#"version: 1
stack: security-alerts        # and `region` is missing
slack: { webhook: "${env:SLACK_WEBHOOK_URL}" }
alerts:
  - blueprint: cloudtrail-stop-logging"#,
};

pub(super) const NOT_ALLOWED: Page = Page {
    means: "The value is not one of those that are allowed here: a severity that does not exist, a title of more than \
        one line or more than 150 characters, an account id that is not twelve digits. The same is found when `holds` \
        speaks about a field that trailbell knows already.",
    remedy: "Write one of the values the finding names, or remove the entry from `holds`.",
    example: r"severity: urgent              # critical, high, medium, low or info",
};

pub(super) const RESERVED: Page = Page {
    means: "The key, or the source of a secret, is kept for a later version of trailbell; this one does not act on it. \
        If it were accepted, you would rely on something that does not happen.",
    remedy: "Leave it out. The finding says what to do today instead.",
    example: r"region: us-east-1
regions: [us-east-1, eu-central-1]     # one stack per region",
};

pub(super) const TOO_LARGE: Page = Page {
    means: "The file has more than 1 MiB, more than 50,000 values or more than 64 levels of nesting. A blueprint or a \
        stack is a page of text, and the limits keep a broken or hostile file from exhausting the machine.",
    remedy: "Make sure that it is the right file. Split a stack that has grown too large into several stacks.",
    example: "",
};
