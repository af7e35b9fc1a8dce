//! What types cannot say about what is written in a stack file: version, names, and the way to Slack.

use serde_json::Value;

use super::{accounts, required, slack};
use crate::check::check_version;
use crate::diagnostic::{Code, Finding, has_errors};
use crate::document::{Document, Node, NodeValue, step};
use crate::name::{MAX_STACK, is_account, is_region, is_stack, max_stack};
use crate::redact;
use crate::secret::{ReferenceError, SecretReference};
use crate::stack::{LIFETIME_FORM, Stack, lifetime};

/// Findings about the stack itself.
pub(super) fn check(stack: &Stack, document: &Document) -> Vec<Finding> {
    let rules = [
        version,
        names,
        forwarded,
        accounts::names,
        slack::check,
        expires,
        required::tags,
        required::iam,
        required::kms_key,
    ];
    rules.iter().flat_map(|rule| rule(stack, document)).collect()
}

fn version(stack: &Stack, document: &Document) -> Vec<Finding> {
    check_version(stack.version, document).into_iter().collect()
}

fn names(stack: &Stack, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !is_stack(&stack.stack) {
        let length = stack.stack.chars().count();
        let found = if length > MAX_STACK { format!("{length} characters") } else { format!("`{}`", stack.stack) };
        let finding = document.finding("/stack", Code::BadId, "the stack's name is not valid").found(found);
        findings.push(finding.expected(format!(
            "1 to {MAX_STACK} lowercase letters, digits, and hyphens: names in AWS contain it and have at most 64 \
            characters"
        )));
    }
    if is_region(&stack.region) {
        findings.extend(super::region::check(&stack.region, document));
    } else {
        let finding =
            document.finding("/region", Code::BadRegion, format!("`{}` is not the name of a region", stack.region));
        findings.push(finding.expected("a name such as `us-east-1`"));
    }
    let most = max_stack(&stack.region);
    if !has_errors(&findings) && stack.stack.len() > most {
        let what = format!("the stack's name is too long for the region {}", stack.region);
        let finding = document.finding("/stack", Code::BadId, what);
        findings.push(
            finding
                .found(format!("{} characters", stack.stack.len()))
                .expected(format!("at most {most}: names of IAM roles contain both and have at most 64 characters")),
        );
    }
    if let Some(account) = stack.account.as_deref()
        && !is_account(account)
    {
        let finding = document.finding("/account", Code::NotAllowed, "this is not an account id");
        findings.push(finding.found(format!("`{account}`")).expected("twelve digits, quoted"));
    }
    findings
}

fn forwarded(stack: &Stack, document: &Document) -> Vec<Finding> {
    let about = |list: &str, at: usize, code, what: String, expected: &str| {
        document.finding(&format!("/forwarded/{list}/{at}"), code, what).expected(expected.to_owned())
    };
    let accounts = stack.forwarded.accounts.iter().enumerate().filter(|(_, one)| !is_account(one)).map(|(at, one)| {
        let what = "this is not an account id".to_owned();
        about("accounts", at, Code::NotAllowed, what, "twelve digits, quoted").found(format!("`{one}`"))
    });
    let regions = stack.forwarded.regions.iter().enumerate().filter(|(_, one)| !is_region(one)).map(|(at, one)| {
        let what = format!("`{one}` is not the name of a region");
        about("regions", at, Code::BadRegion, what, "a name such as `us-east-1`")
    });
    accounts.chain(regions).collect()
}

fn expires(stack: &Stack, document: &Document) -> Vec<Finding> {
    let Some(text) = stack.expires.as_deref().filter(|text| lifetime(text).is_none()) else { return Vec::new() };
    let finding = document.finding("/expires", Code::NotAllowed, "this is not a time after which a stack expires");
    vec![finding.found(format!("`{}`", redact::message(text))).expected(LIFETIME_FORM)]
}

/// Any secret written where a reference belongs. Works on the tree, so it also speaks when the shape is wrong.
pub(super) fn literal_secrets(document: &Document) -> Vec<Finding> {
    let named = match document.node("/slack").map(|node| &node.value) {
        Some(NodeValue::Map(entries)) => entries.iter().map(|entry| format!("/slack/{}", step(&entry.key))).collect(),
        _ => Vec::new(),
    };
    let sections = std::iter::once("/slack".to_owned()).chain(named);
    let pointers: Vec<String> =
        sections.flat_map(|section| ["webhook", "token"].map(|key| format!("{section}/{key}"))).collect();
    let literal = |pointer: &&String| match document.node(pointer).map(Node::to_json) {
        Some(Value::String(text)) => SecretReference::parse(&text) == Err(ReferenceError::Literal),
        _ => false,
    };
    pointers.iter().filter(literal).map(|pointer| literal_secret(pointer, document)).collect()
}

fn literal_secret(pointer: &str, document: &Document) -> Finding {
    let key = pointer.rsplit('/').next().unwrap_or_default();
    let finding = document.finding(
        pointer,
        Code::LiteralSecret,
        format!(
            "`{key}` contains a secret, which does not belong in a \
            file"
        ),
    );
    let variable = if key == "token" { "SLACK_TOKEN" } else { "SLACK_WEBHOOK_URL" };
    finding
        .found("a literal value")
        .expected(SecretReference::FORMS)
        .help(format!("write \"${{env:{variable}}}\"; if this file was ever shared, create a new secret in Slack"))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use crate::diagnostic::Finding;
    use crate::document::Document;

    const GOOD: &str = r#"version: 1
stack: sec
region: us-east-1
account: "123456789012"
slack: { webhook: "${env:HOOK}" }
alerts:
  - blueprint: cloudtrail-stop-logging
  - blueprint: cloudtrail-stop-logging
    id: second
"#;

    fn findings(text: &str) -> Vec<Finding> {
        let document = Document::parse("t.yaml", text).unwrap_or_else(|findings| panic!("{findings:?}"));
        crate::check::stack(document, PathBuf::new()).map_or_else(|findings| findings, |stack| stack.warnings)
    }

    #[test]
    fn a_good_stack_has_no_findings() {
        assert_eq!(findings(GOOD), []);
    }

    #[test]
    fn every_rule_is_raised_by_one_change() {
        let cases: &[(&str, &str, &[&str])] = &[
            ("version: 1", "version: 2", &["TB0307"]),
            ("version: 1", "version: 0", &["TB0307"]),
            ("version: 1", "version: one", &["TB0106"]),
            ("version: 1\n", "", &[]),
            ("stack: sec", "stack: a-name-of-21-letters1", &["TB0201"]),
            ("stack: sec", "stack: Sec", &["TB0201"]),
            ("stack: sec", "stack: ''", &["TB0201"]),
            ("region: us-east-1", "region: us-east", &["TB0301"]),
            (
                "stack: sec\nregion: us-east-1",
                "stack: a-stack-of-20-letter\nregion: an-ever-longer-region-10",
                &["TB0201", "TB0313"],
            ),
            ("    id: second", "    id: notifier", &["TB0201"]),
            ("region: us-east-1", "region: us-east-1\nregions: [a]", &["TB0109"]),
            ("\"123456789012\"", "\"12345\"", &["TB0108"]),
            ("\"123456789012\"", "123456789012", &["TB0106"]),
            ("\"123456789012\"", "012345678901", &["TB0106"]),
            ("{ webhook: \"${env:HOOK}\" }", "{}", &["TB0302"]),
            ("\"${env:HOOK}\" }", "\"${env:HOOK}\", token: \"${env:T}\" }", &["TB0302"]),
            ("\"${env:HOOK}\" }", "\"${env:HOOK}\", channel: C1 }", &["TB0302"]),
            ("\"${env:HOOK}\" }", "\"${env:HOOK}\", api: https://slack.com/api }", &["TB0302"]),
            ("webhook: \"${env:HOOK}\"", "token: \"${env:T}\"", &["TB0302"]),
            ("webhook: \"${env:HOOK}\"", "token: \"${env:T}\", channel: 'a b'", &["TB0302"]),
            ("webhook: \"${env:HOOK}\"", "token: \"${env:T}\", channel: C1", &[]),
            ("webhook: \"${env:HOOK}\"", "token: \"${env:T}\", channel: C1, api: http://slack.com/api", &["TB0403"]),
            ("webhook: \"${env:HOOK}\"", "token: \"${env:T}\", channel: C1, api: http://localhost:1/api", &[]),
            (
                "webhook: \"${env:HOOK}\"",
                "token: \"${env:T}\", channel: C1, api: https://chat.example/api",
                &["TB0404"],
            ),
            (
                "webhook: \"${env:HOOK}\"",
                "token: \"${env:T}\", channel: C1, api: https://chat.example/api, trusted_host: chat.example",
                &[],
            ),
            (
                "webhook: \"${env:HOOK}\"",
                "token: \"${env:T}\", channel: C1, api: https://chat.example/api, trusted_host: example",
                &["TB0302", "TB0404"],
            ),
            ("\"${env:HOOK}\"", "\"${env:HOOK}\", trusted_host: chat.example", &[]),
            ("\"${env:HOOK}\"", "\"${env:HOOK}\", trusted_host: https://chat.example/x", &["TB0302"]),
            ("{ webhook: \"${env:HOOK}\" }", "{ security: { webhook: \"${env:HOOK}\" } }", &[]),
            ("${env:HOOK}", "https://hooks.slack.com/services/x", &["TB0401"]),
            ("${env:HOOK}", "${vault:x}", &["TB0402"]),
            ("${env:HOOK}", "${ssm:/x}", &[]),
            ("${env:HOOK}", "${secretsmanager:a#b}", &[]),
            ("${env:HOOK}", "${ssm:arn:aws:ssm:us-east-1:123456789012:parameter/x}", &["TB0402"]),
            ("blueprint: cloudtrail-stop-logging\n    id", "blueprint: cloudtrail-stop-loging\n    id", &["TB0303"]),
            ("blueprint: cloudtrail-stop-logging\n    id", "blueprint: ./nowhere.yaml\n    id", &["TB0303"]),
            ("id: second", "id: cloudtrail-stop-logging", &["TB0306"]),
            ("id: second", "id: relay", &["TB0201"]),
            ("id: second", "id: Se", &["TB0201"]),
            ("id: second", "with: { x: 1 }\n    id: second", &["TB0305"]),
            ("id: second", "to: elsewhere\n    id: second", &["TB0331"]),
            ("id: second", "to: slack\n    id: second", &[]),
            ("id: second", "enabled: false\n    id: second", &[]),
            ("cloudtrail-stop-logging\n    id", "supportapp-configuration-read\n    id", &[]),
        ];
        for (from, to, expected) in cases {
            assert!(GOOD.contains(from), "{from}");
            let mut found: Vec<&str> = findings(&GOOD.replace(from, to)).iter().map(|one| one.code.id()).collect();
            found.sort_unstable();
            assert_eq!(found, *expected, "{from} -> {to}");
        }
    }

    /// The codes of a stack in a region with one alert, whose blueprint is this text or a built-in one.
    fn codes_in(region: &str, blueprint: &str) -> Vec<&'static str> {
        let folder = tempfile::tempdir().expect("a folder");
        let name = if blueprint.contains('\n') { "./own.yaml" } else { blueprint };
        std::fs::write(folder.path().join("own.yaml"), blueprint).expect("written");
        let text = format!(
            "version: 1\nstack: sec\nregion: {region}\nslack: {{ webhook: \"${{env:HOOK}}\" }}\nalerts: [{{ blueprint: {name} }}]\n"
        );
        let document = Document::parse("t.yaml", &text).expect("YAML");
        let found = crate::check::stack(document, folder.path().to_owned());
        found.map_or_else(|found| found, |stack| stack.warnings).iter().map(|one| one.code.id()).collect()
    }

    #[test]
    fn events_of_other_regions_are_found() {
        let sign_in = |more: &str| {
            format!(
                "blueprint: mine\ntitle: Mine\nseverity: low\nalert:\n  pattern:\n    source: [aws.signin]\n    \
                 detail-type: [AWS Console Sign In via CloudTrail, AWS Console Signin via CloudTrail]\n    \
                 detail: {{ eventName: [ConsoleLogin]{more} }}\n  message: {{ text: x }}\ntests:\n  \
                 - {{ name: a, event: {{ source: aws.signin }}, expect: {{ matches: true }} }}\n  \
                 - {{ name: b, event: {{ source: x }}, expect: {{ matches: false }} }}\n"
            )
        };
        let root = ", userIdentity: { type: [Root] }";
        let cases: [(&str, &str, &[&str]); 8] = [
            ("us-east-1", "supportapp-configuration-read", &[]),
            ("us-west-2", "supportapp-configuration-read", &[]),
            ("eu-central-1", "supportapp-configuration-read", &["TB0506"]),
            ("eu-central-1", "cloudtrail-stop-logging", &[]),
            ("us-east-1", &sign_in(root), &[]),
            ("eu-central-1", &sign_in(root), &["TB0506"]),
            ("us-east-1", &sign_in(""), &["TB0507"]),
            ("eu-central-1", &sign_in("X: [").replace(root, ""), &["TB0102", "TB0308"]),
        ];
        for (region, blueprint, expected) in cases {
            let mut found = codes_in(region, blueprint);
            found.sort_unstable();
            assert_eq!(found, expected, "{region} {blueprint}");
        }
    }

    #[test]
    fn a_literal_secret_is_nowhere_in_its_finding() {
        let secret = "https://hooks.slack.com/services/T0/B0/verysecretpart";
        let found = findings(&GOOD.replace("${env:HOOK}", secret));
        let shown = crate::render::findings::text(&found, crate::render::style::Paint { color: false });
        let json = serde_json::to_string(&found).unwrap();
        assert!(!format!("{shown}{json}{found:?}").contains("verysecretpart"), "{shown}");
    }
}
