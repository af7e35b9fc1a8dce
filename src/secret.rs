//! Secrets: where one comes from, what may be shown of it, and how a rotation is noticed without keeping it.
//!
//! A [`Secret`] has no `Display`, no `Serialize` and a masked `Debug`, so it cannot reach a plan, a log line or a file by
//! accident. Resources carry a [`Sealed`] value: the reference a person wrote, a masked form for people, the keyed
//! fingerprint, and, only in memory, the secret. Reading environment, files and terminals is `cli::secrets`.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;
use thiserror::Error;
use url::Url;

/// A value that must not be shown. [`Secret::expose`] is the one way to it, and is called where a request is built.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the value out of harm's way.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text at a key of a secret that is a JSON object.
    ///
    /// # Errors
    /// There is none; why, without anything of the secret.
    pub fn field(&self, key: &str) -> Result<Self, String> {
        let Ok(Value::Object(fields)) = serde_json::from_str(&self.0) else {
            return Err(format!("the secret is not a JSON object, so it has no key `{key}`"));
        };
        match fields.get(key) {
            Some(Value::String(text)) => Ok(Self::new(text.as_str())),
            Some(_) => Err(format!("the value of the key `{key}` of the secret is not a text")),
            None => Err(format!("the secret has no key `{key}`")),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Where a secret comes from, as written in a stack file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretReference {
    /// `${env:NAME}`: an environment variable.
    Environment(String),
    /// `${file:PATH}`: the content of a file, relative to the stack file, without the newline at its end.
    File(String),
    /// `${prompt:QUESTION}`: asked for on the terminal, hidden.
    Prompt(String),
    /// `${ssm:NAME}` and `${secretsmanager:NAME}`: kept by AWS in the account and region of the stack.
    Stored(StoredSecret),
}

/// A secret that AWS keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredSecret {
    /// `${ssm:/path/name}`: a parameter of Parameter Store, with a version or a label if one follows the name after a colon.
    Parameter(String),
    /// `${secretsmanager:NAME}` or `${secretsmanager:NAME#KEY}`: a secret of Secrets Manager.
    Secret {
        /// Its name.
        name: String,
        /// The key of a JSON object in it.
        key: Option<String>,
    },
}

impl StoredSecret {
    /// A parameter. Names have letters, digits, and `. _ - /`, versions and labels the same without the slash (Systems Manager
    /// API reference, `PutParameter` and `LabelParameterVersion`). An ARN is of another account.
    fn parameter(text: &str) -> Option<Self> {
        let (name, selector) = text.split_once(':').map_or((text, None), |(name, selector)| (name, Some(selector)));
        let is_good = |text: &str, more: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
        };
        let is_parameter = is_good(name, "._-/") && selector.is_none_or(|selector| is_good(selector, "._-"));
        is_parameter.then(|| Self::Parameter(text.to_owned()))
    }

    /// A secret. Names have letters, digits, and `/ _ + = . @ -` (Secrets Manager API reference, `CreateSecret`).
    fn secret(text: &str) -> Option<Self> {
        let (name, key) = text.split_once('#').map_or((text, None), |(name, key)| (name, Some(key)));
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c));
        let is_secret = is_name && key.is_none_or(|key| !key.is_empty());
        is_secret.then(|| Self::Secret { name: name.to_owned(), key: key.map(str::to_owned) })
    }
}

impl fmt::Display for StoredSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter(name) => write!(f, "${{ssm:{name}}}"),
            Self::Secret { name, key: None } => write!(f, "${{secretsmanager:{name}}}"),
            Self::Secret { name, key: Some(key) } => write!(f, "${{secretsmanager:{name}#{key}}}"),
        }
    }
}

/// Why a text is not a usable secret reference. Never quotes the text: it may be the secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReferenceError {
    /// The text is not a reference at all, so it must be a secret someone wrote down.
    #[error("a secret is in the file")]
    Literal,
    /// A reference with an unknown source or nothing after it.
    #[error("not a secret reference")]
    Malformed,
}

impl SecretReference {
    /// The forms a reference can have, for messages.
    pub const FORMS: &'static str = "${env:NAME}, ${file:PATH}, ${prompt:QUESTION}, ${ssm:NAME}, ${secretsmanager:NAME}, or ${secretsmanager:NAME#KEY}";

    /// Reads a reference.
    ///
    /// # Errors
    /// The text is not one, or its source is not available yet.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let Some(inner) = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) else {
            return Err(if text.starts_with("${") { ReferenceError::Malformed } else { ReferenceError::Literal });
        };
        let (source, rest) = inner.split_once(':').ok_or(ReferenceError::Malformed)?;
        let rest = rest.trim();
        let named = |build: fn(String) -> Self| {
            if rest.is_empty() { Err(ReferenceError::Malformed) } else { Ok(build(rest.to_owned())) }
        };
        match source {
            "env" if rest.contains(['=', '\0']) => Err(ReferenceError::Malformed),
            "env" => named(Self::Environment),
            "file" => named(Self::File),
            "prompt" => named(Self::Prompt),
            "ssm" => StoredSecret::parameter(rest).map(Self::Stored).ok_or(ReferenceError::Malformed),
            "secretsmanager" => StoredSecret::secret(rest).map(Self::Stored).ok_or(ReferenceError::Malformed),
            _ => Err(ReferenceError::Malformed),
        }
    }
}

impl fmt::Display for SecretReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "${{env:{name}}}"),
            Self::File(path) => write!(f, "${{file:{path}}}"),
            Self::Prompt(question) => write!(f, "${{prompt:{question}}}"),
            Self::Stored(stored) => stored.fmt(f),
        }
    }
}

/// A secret field of a resource: everything that may be told about it, and in memory the value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// The reference in the stack file; absent on what was read from an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// A form without the secret part, such as `https://hooks.slack.com/…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<String>,
    /// Keyed digest; only of high-entropy values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The secret; never serialized.
    #[serde(skip)]
    pub value: Option<Secret>,
}

/// What a URL ends in that is shown without its secret part.
const MASKED: &str = "/…";
/// Stands for the fingerprint where there is no secret.
const NONE: &str = "none";
/// Stands for the fingerprint of a secret that has none, because its entropy is too low to publish one.
const UNKNOWN: &str = "-";

impl Sealed {
    /// The field of a resource that could carry a secret and carries a fixed text instead.
    #[must_use]
    pub fn none(shown: &str) -> Self {
        Self { shown: Some(shown.to_owned()), fingerprint: Some(NONE.to_owned()), ..Self::default() }
    }

    /// The field of a resource that could carry a secret and carries a public text instead, which is the one to use.
    #[must_use]
    pub fn public(text: &str) -> Self {
        Self { value: Some(Secret::new(text)), ..Self::none(text) }
    }

    /// A secret of which nothing is known but that there is one.
    #[must_use]
    pub fn unknown() -> Self {
        Self { fingerprint: Some(UNKNOWN.to_owned()), ..Self::default() }
    }

    /// A secret's keyed fingerprint, or what represents it.
    #[must_use]
    pub fn fingerprint_of(secret: &Secret, context: &str) -> String {
        fingerprint(secret, context).unwrap_or_else(|| UNKNOWN.to_owned())
    }

    /// Whether both represent the same secret; `None` when too little is available to tell.
    #[must_use]
    pub fn same(&self, other: &Self) -> Option<bool> {
        if let (Some(mine), Some(theirs)) = (&self.value, &other.value) {
            return Some(mine == theirs);
        }
        let is_none = |one: &Self| one.fingerprint.as_deref() == Some(NONE);
        if is_none(self) && is_none(other) {
            return Some(self.shown == other.shown);
        }
        // Two secrets without a fingerprint have that in common, and nothing else that is known.
        let is_unknown = |one: &Self| one.fingerprint.as_deref() == Some(UNKNOWN);
        if let (Some(mine), Some(theirs)) = (&self.fingerprint, &other.fingerprint)
            && !(is_unknown(self) && is_unknown(other))
        {
            return Some(mine == theirs);
        }
        // A secret is wanted, whichever, and there is certainly none.
        if is_none(self) && other.reference.is_some() || is_none(other) && self.reference.is_some() {
            return Some(false);
        }
        match (&self.shown, &other.shown) {
            (Some(mine), Some(theirs)) if mine != theirs => Some(false),
            // What is not a secret is shown whole.
            (Some(_), Some(_)) if is_none(self) || is_none(other) => Some(true),
            _ => None,
        }
    }

    /// Whether it is a public text, shown whole. The previous version kept such a text without the fingerprint that says so.
    #[must_use]
    pub fn is_public(&self) -> bool {
        match (&self.fingerprint, &self.shown) {
            (Some(fingerprint), _) => fingerprint == NONE,
            (None, Some(shown)) => self.reference.is_none() && shown.contains("://") && !shown.ends_with(MASKED),
            (None, None) => false,
        }
    }

    /// What a person may see of it.
    #[must_use]
    pub fn label(&self) -> String {
        let known = self.shown.as_deref().or(self.reference.as_deref());
        known.unwrap_or("(secret)").to_owned()
    }
}

/// The keyed digest by which a rotation is noticed: HMAC-SHA256 over the secret, keyed by the public string `context`,
/// 16 hex digits. Only Slack's token form and Slack's webhook form have the entropy that makes publishing it harmless;
/// anything else has no fingerprint.
#[must_use]
pub fn fingerprint(secret: &Secret, context: &str) -> Option<String> {
    if !is_slack_token(secret.expose()) && !is_slack_webhook(secret.expose()) {
        return None;
    }
    // HMAC takes keys of any length; the error type exists for other algorithms of the same trait.
    let mut mac = Hmac::<Sha256>::new_from_slice(context.as_bytes()).ok()?;
    mac.update(secret.expose().as_bytes());
    Some(hex(&mac.finalize().into_bytes()[..8]))
}

/// Lowercase hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether a value has the form of a Slack token with a random part of at least 24 letters and digits.
#[must_use]
pub fn is_slack_token(value: &str) -> bool {
    let Some(rest) = value.strip_prefix("xox") else { return false };
    let random = rest.rsplit('-').next().unwrap_or_default();
    rest.contains('-')
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
        && random.len() >= 24
        && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Slack's hosts for incoming webhooks and the Web API, commercial and for governments.
const SLACK_HOSTS: [&str; 4] = ["hooks.slack.com", "hooks.slack-gov.com", "slack.com", "slack-gov.com"];

/// Whether a host is one of Slack's own.
#[must_use]
pub fn is_slack_host(host: &str) -> bool {
    SLACK_HOSTS.contains(&host)
}

/// Whether a value is the URL of an incoming webhook: `https://hooks.slack.com/services/T…/B…/` and a random part of at least 20
/// letters and digits (today 24). Source: Slack's documentation, "Sending messages using incoming webhooks".
#[must_use]
pub fn is_slack_webhook(value: &str) -> bool {
    let Ok(url) = Url::parse(value) else { return false };
    let is_host = matches!(url.host_str(), Some("hooks.slack.com" | "hooks.slack-gov.com")) && url.port().is_none();
    let is_bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let is_id =
        |part: &str, first: char| part.starts_with(first) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let parts: Vec<&str> = url.path().split('/').collect();
    let has_form = match parts[..] {
        ["", "services", team, app, random] => {
            is_id(team, 'T')
                && is_id(app, 'B')
                && random.len() >= 20
                && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }
        _ => false,
    };
    url.scheme() == "https" && is_host && is_bare && has_form
}

/// An address without what may be secret in it: everything after the host.
#[must_use]
pub fn mask_url(value: &str) -> String {
    match Url::parse(value) {
        Ok(url) if url.has_host() => format!("{}{MASKED}", url.origin().ascii_serialization()),
        _ => "(a URL)".to_owned(),
    }
}

/// Whether an address is on this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Assembled at run time: scanners for leaked secrets read source files too.
    fn token(random: &str) -> Secret {
        Secret::new(format!("xox{}-1234567890-1234567890-{random}", 'b'))
    }

    #[test]
    fn references_are_read_and_literals_are_not_quoted_back() {
        let kept = |name: &str, key: Option<&str>| {
            let key = key.map(str::to_owned);
            SecretReference::Stored(StoredSecret::Secret { name: name.to_owned(), key })
        };
        let cases = [
            ("${env:HOOK}", Ok(SecretReference::Environment("HOOK".into()))),
            ("${file:./hook.txt}", Ok(SecretReference::File("./hook.txt".into()))),
            ("${prompt:Slack webhook}", Ok(SecretReference::Prompt("Slack webhook".into()))),
            ("${env:}", Err(ReferenceError::Malformed)),
            ("${vault:x}", Err(ReferenceError::Malformed)),
            ("${env:HOOK", Err(ReferenceError::Malformed)),
            ("${ssm:/a/b:3}", Ok(SecretReference::Stored(StoredSecret::Parameter("/a/b:3".into())))),
            ("${ssm:arn:aws:ssm:us-east-1:1:parameter/a}", Err(ReferenceError::Malformed)),
            ("${ssm:/a b}", Err(ReferenceError::Malformed)),
            ("${ssm:}", Err(ReferenceError::Malformed)),
            ("${secretsmanager:a/b}", Ok(kept("a/b", None))),
            ("${secretsmanager:a#url}", Ok(kept("a", Some("url")))),
            ("${secretsmanager:a#}", Err(ReferenceError::Malformed)),
            ("${secretsmanager:#a}", Err(ReferenceError::Malformed)),
            ("${secretsmanager:arn:aws:secretsmanager:us-east-1:1:secret:a}", Err(ReferenceError::Malformed)),
            ("https://hooks.slack.com/services/x", Err(ReferenceError::Literal)),
            ("", Err(ReferenceError::Literal)),
        ];
        for (text, expected) in cases {
            assert_eq!(SecretReference::parse(text), expected, "{text}");
            assert!(expected.is_err() || expected.is_ok_and(|read| read.to_string() == text), "{text}");
        }
    }

    #[test]
    fn a_field_of_a_secret_is_a_text_and_errors_do_not_quote_the_secret() {
        let secret = Secret::new(r#"{"url":"hidden","port":4711,"deep":{"hidden":1}}"#);
        assert_eq!(secret.field("url"), Ok(Secret::new("hidden")));
        for (secret, key) in [(&secret, "port"), (&secret, "deep"), (&secret, "x"), (&Secret::new("hidden"), "url")] {
            let why = secret.field(key).expect_err(key);
            assert!(why.contains(&format!("`{key}`")) && !why.contains("hidden") && !why.contains("4711"), "{why}");
        }
    }

    #[test]
    fn only_high_entropy_values_have_a_fingerprint() {
        let one = fingerprint(&token("abcdefghijklmnopqrstuvwx"), "key").expect("a token of Slack's form");
        assert_eq!(one.len(), 16);
        assert_ne!(Some(one.clone()), fingerprint(&token("abcdefghijklmnopqrstuvwy"), "key"));
        assert_ne!(Some(one), fingerprint(&token("abcdefghijklmnopqrstuvwx"), "another key"));
        assert_eq!(fingerprint(&token("short"), "key"), None);
        assert_eq!(fingerprint(&Secret::new("hunter2"), "key"), None);
        assert_eq!(fingerprint(&Secret::new("http://127.0.0.1:9/hook"), "key"), None);
        let hook = Secret::new(format!("https://hooks.slack.com/services/T0/B0/{}", "x".repeat(24)));
        assert!(fingerprint(&hook, "key").is_some());
    }

    #[test]
    fn a_secret_shows_in_no_way() {
        let secret = token("abcdefghijklmnopqrstuvwx");
        let sealed = Sealed { value: Some(secret.clone()), shown: Some("x".into()), ..Sealed::default() };
        let written = serde_json::to_string(&sealed).expect("serialises");
        assert!(!format!("{secret:?}{sealed:?}{written}").contains("abcdefgh"));
    }

    #[test]
    fn addresses_are_masked() {
        assert_eq!(mask_url("https://hooks.slack.com/services/T/B/secret"), "https://hooks.slack.com/…");
        assert_eq!(mask_url("http://127.0.0.1:8080/secret"), "http://127.0.0.1:8080/…");
        assert_eq!(mask_url("https://user:secret@example.com/x?token=y"), "https://example.com/…");
        assert_eq!(mask_url("secret"), "(a URL)");
    }

    #[test]
    fn comparison_says_when_it_cannot_tell() {
        let value = |text: &str| Sealed { value: Some(Secret::new(text)), ..Sealed::default() };
        let print = |text: &str| Sealed { fingerprint: Some(text.into()), ..Sealed::default() };
        let shown = |text: &str| Sealed { shown: Some(text.into()), ..Sealed::default() };
        assert_eq!(value("a").same(&value("a")), Some(true));
        assert_eq!(value("a").same(&value("b")), Some(false));
        assert_eq!(print("a").same(&print("b")), Some(false));
        assert_eq!(value("a").same(&print("a")), None);
        assert_eq!(shown("a").same(&shown("b")), Some(false));
        assert_eq!(shown("a").same(&shown("a")), None);
        assert_eq!(print("-").same(&print("-")), None);
        assert_eq!(print("-").same(&print("0123")), Some(false));
    }

    #[test]
    fn public_texts_are_compared_as_they_are() {
        let kept = |sealed: Sealed| Sealed { value: None, ..sealed };
        let shown = |text: &str| Sealed { shown: Some(text.into()), ..Sealed::default() };
        assert_eq!(Sealed::public("a").same(&kept(Sealed::public("a"))), Some(true));
        assert_eq!(Sealed::public("a").same(&kept(Sealed::public("b"))), Some(false));
        assert_eq!(Sealed::public("a").same(&shown("a")), Some(true));
        assert_eq!(Sealed::public("a").same(&shown("b")), Some(false));
    }
}
