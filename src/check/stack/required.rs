//! What AWS accepts as a tag, as a permissions boundary, and as the path of a role.
//!
//! Sources: IAM API reference, `Tag` (characters and lengths) and `CreateRole` (path, boundary); IAM user guide, "Tags for IAM
//! resources" (keys that differ only in case); Lambda API reference, `CreateFunction` (the characters of a role's ARN).

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Finding};
use crate::document::{Document, step};
use crate::name::{is_account, partition_of};
use crate::redact;
use crate::resource::mark::TAG_PREFIX;
use crate::stack::Stack;

/// How many tags a file can have: AWS accepts 50 on a resource, and one is the mark.
const MAX_TAGS: usize = 49;
const MAX_KEY: usize = 128;
const MAX_VALUE: usize = 256;
const MAX_PATH: usize = 512;
const CHARACTERS: &str = "letters, digits, spaces, and `_ . : / = + - @`";

/// Findings about the tags.
pub(super) fn tags(stack: &Stack, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    if stack.tags.len() > MAX_TAGS {
        let finding = document.finding("/tags", Code::BadTag, "a resource cannot have that many tags");
        let found = format!("{} tags", stack.tags.len());
        findings.push(finding.found(found).expected(format!("at most {MAX_TAGS}, and trailbell's own")));
    }
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (key, value) in &stack.tags {
        let report = |(what, expected): (String, String)| {
            let pointer = format!("/tags/{}", step(key));
            document.finding(&pointer, Code::BadTag, what).expected(expected)
        };
        findings.extend(wrong_key(key).or_else(|| wrong_value(key, value)).map(report));
        if let Some(other) = seen.insert(key.to_lowercase(), key) {
            let what = format!("the tags `{other}` and `{key}` differ only in case");
            findings.push(report((what, "one of them: IAM does not tell them apart".to_owned())));
        }
    }
    findings
}

/// What is wrong with a key, and what was expected.
fn wrong_key(key: &str) -> Option<(String, String)> {
    let lower = key.to_lowercase();
    let reserved =
        [("aws:", "AWS"), (TAG_PREFIX, "trailbell")].into_iter().find(|(prefix, _)| lower.starts_with(prefix));
    if let Some((prefix, owner)) = reserved {
        return Some((
            format!("the tag `{key}` belongs to {owner}"),
            format!("a key that does not begin with `{prefix}`"),
        ));
    }
    let is_good = (1..=MAX_KEY).contains(&key.chars().count()) && key.chars().all(is_allowed);
    let wrong = || (format!("`{key}` cannot be the key of a tag"), format!("1 to {MAX_KEY} characters: {CHARACTERS}"));
    (!is_good).then(wrong)
}

/// What is wrong with a value, and what was expected. Tags are shown to everyone who can read the account.
fn wrong_value(key: &str, value: &str) -> Option<(String, String)> {
    if redact::message(value) != value {
        return Some((
            format!("the value of the tag `{key}` looks like a secret"),
            "a text that everyone can read".to_owned(),
        ));
    }
    let is_good = value.chars().count() <= MAX_VALUE && value.chars().all(is_allowed);
    let wrong =
        || (format!("the tag `{key}` cannot have this value"), format!("at most {MAX_VALUE} characters: {CHARACTERS}"));
    (!is_good).then(wrong)
}

/// Letters, numbers, and separators of Unicode, and what AWS lists.
fn is_allowed(c: char) -> bool {
    c.is_alphanumeric() || c.is_whitespace() && !c.is_control() || "_.:/=+-@".contains(c)
}

/// Findings about what roles must have.
pub(super) fn iam(stack: &Stack, document: &Document) -> Vec<Finding> {
    let report = |key: &str, what: String, expected: String| {
        document.finding(&format!("/iam/{key}"), Code::BadRole, what).expected(expected)
    };
    let boundary = stack.iam.boundary.iter().filter(|arn| !is_boundary(arn, stack)).map(|arn| {
        let (partition, account) = (partition_of(&stack.region), stack.account.as_deref().unwrap_or("ACCOUNT"));
        let what = format!("`{arn}` cannot be the permissions boundary of the stack's roles");
        report("boundary", what, format!("the ARN of a managed policy: `arn:{partition}:iam::{account}:policy/NAME`"))
    });
    let path = stack.iam.path.iter().filter(|path| !is_path(path)).map(|path| {
        let what = format!("`{path}` cannot be the path of roles");
        let characters = "letters, digits, and `/ _ + = , . @ -`";
        report("path", what, format!("`/`, or a text such as `/security/` of at most {MAX_PATH} {characters}"))
    });
    boundary.chain(path).collect()
}

/// Findings about the key.
pub(super) fn kms_key(stack: &Stack, document: &Document) -> Vec<Finding> {
    let partition = partition_of(&stack.region);
    let is_key = |arn: &str| match arn.split(':').collect::<Vec<_>>()[..] {
        ["arn", of, "kms", region, account, key] => {
            let id = key.strip_prefix("key/").unwrap_or_default();
            let is_id = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
            of == partition && region == stack.region && is_account(account) && is_id
        }
        _ => false,
    };
    let wrong = stack.kms_key.iter().filter(|arn| !is_key(arn)).map(|arn| {
        let finding =
            document.finding("/kms_key", Code::BadKmsKey, format!("`{arn}` cannot encrypt what the stack has"));
        let account = stack.account.as_deref().unwrap_or("ACCOUNT");
        finding.expected(format!("the ARN of a key: `arn:{partition}:kms:{}:{account}:key/ID`", stack.region))
    });
    wrong.collect()
}

/// Whether it is a policy of AWS, or one of the account that the stack is bound to.
fn is_boundary(arn: &str, stack: &Stack) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, policy] = parts[..] else { return false };
    let is_here =
        account == "aws" || is_account(account) && stack.account.as_deref().is_none_or(|here| here == account);
    let name = policy.strip_prefix("policy/").unwrap_or_default();
    let has_form = !name.is_empty() && name.len() <= MAX_PATH && name.chars().all(is_of_role) && !name.ends_with('/');
    partition == partition_of(&stack.region) && is_here && has_form
}

fn is_path(path: &str) -> bool {
    path.len() <= MAX_PATH
        && path.starts_with('/')
        && path.ends_with('/')
        && !path.contains("//")
        && path.chars().all(is_of_role)
}

fn is_of_role(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/_+=,.@-".contains(c)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use crate::document::Document;

    fn codes(more: &str) -> Vec<&'static str> {
        let text = format!(
            "version: 1\nstack: sec\nregion: us-east-1\naccount: \"123456789012\"\nslack: {{ webhook: \"${{env:HOOK}}\" }}\n\
             alerts: [{{ blueprint: cloudtrail-stop-logging }}]\n{more}"
        );
        let document = Document::parse("t.yaml", &text).unwrap_or_else(|findings| panic!("{findings:?}"));
        let found =
            crate::check::stack(document, PathBuf::new()).map_or_else(|findings| findings, |stack| stack.warnings);
        found.iter().map(|one| one.code.id()).collect()
    }

    #[test]
    fn tags_are_those_that_aws_accepts() {
        let many = |count: usize| (0..count).fold("tags:\n".to_owned(), |text, at| format!("{text}  t{at}: x\n"));
        let cases: [(String, &[&str]); 14] = [
            ("tags: { team: Sécurité 2, a/b: '', cost-center: \"1234\" }".to_owned(), &[]),
            (many(49), &[]),
            (many(50), &["TB0316"]),
            ("tags: { aws:team: x }".to_owned(), &["TB0316"]),
            ("tags: { AWS:team: x }".to_owned(), &["TB0316"]),
            ("tags: { trailbell:stack: other }".to_owned(), &["TB0316"]),
            ("tags: { Trailbell:Stack: other }".to_owned(), &["TB0316"]),
            ("tags: { team: a, Team: b }".to_owned(), &["TB0316"]),
            (format!("tags: {{ {}: x }}", "k".repeat(128)), &[]),
            (format!("tags: {{ {}: x }}", "k".repeat(129)), &["TB0316"]),
            (format!("tags: {{ k: {} }}", "v".repeat(257)), &["TB0316"]),
            ("tags: { k: a;b, 'k?': x, '': x }".to_owned(), &["TB0316", "TB0316", "TB0316"]),
            (format!("tags: {{ k: xox{}-1-{} }}", 'b', "a".repeat(24)), &["TB0316"]),
            ("tags: { cost-center: 1234 }".to_owned(), &["TB0106"]),
        ];
        for (text, expected) in cases {
            assert_eq!(codes(&text), expected, "{text}");
        }
    }

    #[test]
    fn boundary_and_path_are_those_that_roles_can_have() {
        let cases: [(&str, &[&str]); 14] = [
            ("boundary: arn:aws:iam::123456789012:policy/team/boundary, path: /security/", &[]),
            ("boundary: arn:aws:iam::aws:policy/ReadOnlyAccess, path: /", &[]),
            ("boundary: arn:aws:iam::210987654321:policy/other", &["TB0317"]),
            ("boundary: arn:aws-cn:iam::123456789012:policy/other", &["TB0317"]),
            ("boundary: arn:aws:iam::123456789012:role/other", &["TB0317"]),
            ("boundary: arn:aws:iam::123456789012:policy/", &["TB0317"]),
            ("boundary: 'arn:aws:iam::123456789012:policy/*'", &["TB0317"]),
            ("boundary: mine", &["TB0317"]),
            ("path: security", &["TB0317"]),
            ("path: /security", &["TB0317"]),
            ("path: '/a*/'", &["TB0317"]),
            ("path: //", &["TB0317"]),
            ("path: ''", &["TB0317"]),
            ("pth: /a/", &["TB0105"]),
        ];
        for (text, expected) in cases {
            assert_eq!(codes(&format!("iam: {{ {text} }}")), expected, "{text}");
        }
        assert_eq!(codes(&format!("iam: {{ path: /{}/ }}", "a".repeat(511))), ["TB0317"]);
    }

    #[test]
    fn a_key_is_named_by_its_arn_in_the_region() {
        let cases: [(&str, &[&str]); 5] = [
            ("arn:aws:kms:us-east-1:210987654321:key/1234abcd-12ab", &[]),
            ("arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab", &["TB0318"]),
            ("arn:aws:kms:us-east-1:123456789012:alias/security", &["TB0318"]),
            ("arn:aws-cn:kms:us-east-1:123456789012:key/1234abcd", &["TB0318"]),
            ("alias/security", &["TB0318"]),
        ];
        for (key, expected) in cases {
            assert_eq!(codes(&format!("kms_key: {key}")), expected, "{key}");
        }
    }
}
