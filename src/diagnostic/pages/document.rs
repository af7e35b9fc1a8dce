//! The pages of codes about the text of a file and its shape.

use super::Page;

pub(super) const UNREADABLE: Page = Page {
    means: "The file cannot be opened, it is not a regular file but a folder, a pipe, or a device, or it is not UTF-8 \
        text. Its content was not checked.",
    remedy: "Give a regular file, check its permissions, or save it as UTF-8. The message says which of these applies.",
    example: "",
};

pub(super) const SYNTAX: Page = Page {
    means: "The text is not YAML: a bracket or a quote is not closed, a line is indented with a tab or too little, or \
        the file is empty. trailbell stops reading here, so there may be more findings after this one.",
    remedy: "Fix this place and check again. Indent with spaces, and quote texts that contain `: ` or ` #`, or begin \
        with a bracket, `*`, `&`, or another special character of YAML.",
    example: r#"blueprint: root-sign-in
title: "Root signed in        # the quote is not closed
severity: critical"#,
};

pub(super) const YAML_FEATURE: Page = Page {
    means: "Anchors (`&name`), aliases (`*name`), tags (`!!str`), merge keys (`<<`) and a second document in one file \
        are not supported. A reader of an alert should see its values where they are used, and an alias can turn a \
        small file into a huge one.",
    remedy: "Write the value where it is needed, or declare a parameter for a value that each stack sets. Put a \
        second document into its own file.",
    example: r"alert:
  pattern: &calls             # an anchor
    source: [aws.cloudtrail]",
};

pub(super) const DUPLICATE_KEY: Page = Page {
    means: "A mapping has a duplicate key, and only one of the two values can apply. The alert would ignore one of \
        the lines.",
    remedy: "Keep one of them and delete the other.",
    example: r"severity: low
severity: critical            # duplicate key",
};

pub(super) const UNKNOWN_KEY: Page = Page {
    means: "This key does not exist here. It would have no effect. Often it is a known key that is misspelled or has \
        the wrong indentation, and what it says would be ignored.",
    remedy: "Correct the key or its indentation, or remove it. `trailbell schema blueprint` and `trailbell schema \
        stack` print all keys, also for editors.",
    example: r"title: CloudTrail logging turned off
descripton: Somebody called StopLogging.     # description",
};

pub(super) const WRONG_TYPE: Page = Page {
    means: "The value has the wrong type for this key: for example a word instead of a list, or a number instead of a \
        string. A number that can be read in two ways is also an error: an account id such as `012345678901` would \
        lose its zero, and the alert would watch another account.",
    remedy: "Write the type of value that the finding names. Put account ids, and everything else that only looks \
        like a number, in quotes.",
    example: r#"account: 012345678901         # "012345678901""#,
};

pub(super) const MISSING_KEY: Page = Page {
    means: "A required key is missing. trailbell does not guess it, because a wrong guess could install an alert in \
        the wrong place or without a message.",
    remedy: "Add the key. The finding says what it is for.",
    example: r#"version: 1
stack: security-alerts        # and `region` is missing
slack: { webhook: "${env:SLACK_WEBHOOK_URL}" }
alerts:
  - blueprint: cloudtrail-stop-logging"#,
};

pub(super) const NOT_ALLOWED: Page = Page {
    means: "The value is not allowed here: for example a severity that does not exist, a title with more than one \
        line or more than 150 characters, or an account id that does not have twelve digits. The same finding is \
        reported if `holds` names a field that trailbell already knows.",
    remedy: "Write one of the values that the finding names, or remove the entry from `holds`.",
    example: r"severity: urgent              # critical, high, medium, low or info",
};

pub(super) const RESERVED: Page = Page {
    means: "The key, or the source of a secret, is reserved for a later version of trailbell; this version does \
        nothing with it. If it were accepted, you would rely on something that does not happen.",
    remedy: "Remove it. The finding says what to do instead.",
    example: r"region: us-east-1
regions: [us-east-1, eu-central-1]     # one stack per region",
};

pub(super) const TOO_LARGE: Page = Page {
    means: "The file has more than 1 MiB, more than 50,000 values, or more than 64 levels of nesting. A blueprint or \
        a stack is about a page of text; the limits keep a broken or hostile file from exhausting the machine.",
    remedy: "Make sure that this is the right file. Split a stack that has grown too large into several stacks.",
    example: "",
};

pub(super) const NOT_OURS: Page = Page {
    means: "The file has no key that a blueprint or a stack file has at the beginning of a line. It can be any file, perhaps a \
        confidential one that a stack file of someone else names, so no part of it is shown.",
    remedy: "Name a file with `blueprint:` or `stack:` in it. If it is meant to be one, begin with that key.",
    example: "",
};
