//! Findings as SARIF 2.1.0 (OASIS), which code scanning of GitHub and others read.
//!
//! Texts are plain: a viewer makes links of `[text](target)` and fills `{0}` in (sections 3.11.5 and 3.11.6 of the standard), so
//! these sequences are taken apart in what comes from a file.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::github::words;
use crate::diagnostic::{Code, Finding, SHOWN};

/// What a path keeps in a URI.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// The whole document.
#[must_use]
pub fn document(findings: &[Finding]) -> Value {
    let rules: Vec<Value> = Code::ALL.iter().map(|code| rule(*code)).collect();
    let results: Vec<Value> = findings.iter().take(SHOWN).map(result).collect();
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "trailbell", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.id(),
        "shortDescription": { "text": code.title() },
        "help": { "text": format!("`trailbell explain {}` says what it means and how to fix it.", code.id()) },
        "defaultConfiguration": { "level": level(code) },
    })
}

fn level(code: Code) -> Value {
    json!(code.severity())
}

fn result(finding: &Finding) -> Value {
    let ((line, column), (end_line, end_column)) = (finding.position(), finding.end());
    json!({
        "ruleId": finding.code.id(),
        "ruleIndex": Code::ALL.iter().position(|code| *code == finding.code),
        "level": level(finding.code),
        "message": { "text": inert(&words(finding)) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&finding.source.name) },
            "region": { "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column },
        } }],
    })
}

/// Text in which nothing is a link or a placeholder.
fn inert(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        out.push(c);
        let next = characters.peek().copied();
        if c == ']' && next == Some('(') || c == '{' && next.is_some_and(|next| next.is_ascii_digit()) {
            out.push(' ');
        }
    }
    out
}

/// A path as a URI reference; the name of a built-in blueprint is one already.
fn uri(name: &str) -> String {
    let encoded = |path: &str| utf8_percent_encode(path, PATH).to_string();
    match name.split_once(':') {
        Some(("catalog", rest)) => format!("catalog:{}", encoded(rest)),
        _ if name.starts_with('/') => format!("file://{}", encoded(name)),
        _ => encoded(&name.replace('\\', "/")).trim_start_matches("./").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::Source;

    #[test]
    fn it_has_what_the_standard_and_github_require() {
        let source = Arc::new(Source::new("./stacks/a b.yaml", "a: b\nc: d\n"));
        let hostile = "no [x](https://example.com) {0} @everyone";
        let finding = Finding::new(Code::UnknownKey, &source, 5..6, hostile);
        let document = document(&[finding]);
        let run = &document["runs"][0];
        assert_eq!((&document["version"], &run["tool"]["driver"]["name"]), (&json!("2.1.0"), &json!("trailbell")));
        let result = &run["results"][0];
        let at = result["ruleIndex"].as_u64().and_then(|at| usize::try_from(at).ok()).expect("an index");
        assert_eq!(run["tool"]["driver"]["rules"][at]["id"], result["ruleId"]);
        assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().expect("a level")));
        assert_eq!(result["message"]["text"], "no [x] (https://example.com) { 0} @everyone");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "stacks/a%20b.yaml");
        assert_eq!(place["region"], json!({ "startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 2 }));
        let ids: Vec<&Value> =
            run["tool"]["driver"]["rules"].as_array().expect("rules").iter().map(|one| &one["id"]).collect();
        assert_eq!(ids.len(), Code::ALL.len());
    }

    #[test]
    fn paths_are_uris() {
        for (name, expected) in [
            ("catalog:cloudtrail-stop-logging", "catalog:cloudtrail-stop-logging"),
            ("/srv/a.yaml", "file:///srv/a.yaml"),
            ("../a#b?c%d.yaml", "../a%23b%3Fc%25d.yaml"),
            ("a:b.yaml", "a%3Ab.yaml"),
        ] {
            assert_eq!(uri(name), expected);
        }
    }
}
