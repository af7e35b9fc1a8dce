//! Resolves secret references: environment, files, a hidden prompt, and what AWS keeps. Messages name the reference, never the value.

use std::path::Path;

use super::cloud::Cloud;
use super::screen::Screen;
use super::session::with_spinner;
use super::{Failure, hidden};
use crate::alert::Installation;
use crate::check::{check_webhook, is_trusted};
use crate::document::Document;
use crate::file::{self, FileError};
use crate::name::DestinationId;
use crate::provider::{ErrorKind, Provider};
use crate::secret::{Secret, SecretReference, StoredSecret, is_slack_token};
use crate::stack::{Destination, NamedDestination, Secrets};

/// No secret of Slack's comes near this; a file that does is not one.
const MAX_BYTES: u64 = 64 * 1024;

/// What came of the references of a stack.
#[derive(Default)]
pub(super) struct Resolved {
    /// The secrets that are fit to be used.
    pub(super) secrets: Secrets,
    /// The others, each with its reference and why it is not available.
    pub(super) missing: Vec<MissingSecret>,
}

/// A secret that is not available.
pub(super) struct MissingSecret {
    /// Its destination; nothing where there is one without a name.
    pub(super) of: Option<DestinationId>,
    /// Where it should come from.
    pub(super) reference: SecretReference,
    /// Why it is not available.
    pub(super) why: String,
}

impl MissingSecret {
    /// Words for it: `the secret`, or `the secret of security`.
    pub(super) fn name(&self) -> String {
        self.of.as_ref().map_or_else(|| "the secret".to_owned(), |id| format!("the secret of `{id}`"))
    }
}

/// Who is asked for a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    /// A person, where the stack file says so.
    Person,
    /// No one: a look must not ask.
    NoOne,
}

/// The secrets of a stack, checked for their form. Warnings are printed. A reference that several destinations have is resolved
/// once.
pub(super) async fn resolve(
    installation: &Installation,
    asking: Asking,
    cloud: &Cloud,
    screen: &Screen,
) -> Result<Resolved, Failure> {
    let mut resolved = Resolved::default();
    let mut known: Vec<(&SecretReference, SecretText)> = Vec::new();
    let is_plain = installation.home().is_plain();
    for one in &installation.destinations {
        let reference = one.way.reference();
        let found = if let Some((_, found)) = known.iter().find(|(other, _)| *other == reference) {
            found.clone()
        } else {
            let names = (!is_plain).then(|| names_of(reference, installation));
            let found = text(reference, names.as_deref(), installation, asking, cloud, screen).await?;
            known.push((reference, found.clone()));
            found
        };
        match found {
            Ok(secret) => {
                fit(&secret, one, &installation.document, screen)?;
                resolved.secrets.insert(one.id.clone(), secret);
            }
            Err(why) => {
                let of = (!is_plain).then(|| one.id.clone());
                resolved.missing.push(MissingSecret { of, reference: reference.clone(), why });
            }
        }
    }
    Ok(resolved)
}

/// The names of the destinations that have a reference.
fn names_of(reference: &SecretReference, installation: &Installation) -> String {
    let all = installation.destinations.iter().filter(|one| one.way.reference() == reference);
    all.map(|one| one.id.as_str()).collect::<Vec<_>>().join(", ")
}

/// The text of a secret; `names` are those of its destinations, for the question to a person.
async fn text(
    reference: &SecretReference,
    names: Option<&str>,
    installation: &Installation,
    asking: Asking,
    cloud: &Cloud,
    screen: &Screen,
) -> Result<SecretText, Failure> {
    let found = match reference {
        SecretReference::Stored(stored) => kept(stored, cloud, screen).await?,
        SecretReference::Environment(name) => environment(name, reference)?,
        SecretReference::File(path) => in_file(path, &installation.folder, reference)?,
        SecretReference::Prompt(_) if asking == Asking::NoOne => Err("it requires a prompt".to_owned()),
        SecretReference::Prompt(question) => match names {
            Some(names) => asked(&format!("{question} ({names})"), reference, screen)?,
            None => asked(question, reference, screen)?,
        },
    };
    Ok(found.and_then(|text| not_empty(&text, reference)))
}

/// Whether a secret has the form that its destination needs.
fn fit(secret: &Secret, one: &NamedDestination, document: &Document, screen: &Screen) -> Result<(), Failure> {
    match &one.way {
        Destination::Webhook { .. } => webhook(secret, &one.pointer, document),
        Destination::Bot { endpoint, token, .. } => {
            check_token(secret, token, is_trusted(endpoint, &one.pointer, document), screen)
        }
    }
}

/// The text of a secret, or why it is not available.
type SecretText = Result<Secret, String>;

fn environment(name: &str, reference: &SecretReference) -> Result<SecretText, Failure> {
    match std::env::var(name) {
        Ok(value) => Ok(Ok(Secret::new(value))),
        Err(std::env::VarError::NotPresent) => Ok(Err(format!("the environment variable {name} is not set"))),
        Err(std::env::VarError::NotUnicode(_)) => Err(unusable(reference, "it is not valid UTF-8")),
    }
}

fn in_file(path: &str, folder: &Path, reference: &SecretReference) -> Result<SecretText, Failure> {
    let path = folder.join(path);
    match file::text(&path, MAX_BYTES) {
        Ok(text) => Ok(Ok(Secret::new(text))),
        Err(FileError::System(error)) => Ok(Err(format!("cannot read the file `{}`: {error}", path.display()))),
        // It is there and cannot be a secret.
        Err(error) => Err(unusable(reference, &error.to_string())),
    }
}

fn asked(question: &str, reference: &SecretReference, screen: &Screen) -> Result<SecretText, Failure> {
    if !screen.is_interactive {
        return Ok(Err("it requires a prompt, and there is no terminal".to_owned()));
    }
    let text = hidden::ask(question, screen).map_err(|error| unusable(reference, &error.to_string()))?;
    Ok(Ok(Secret::new(text)))
}

/// What AWS keeps. A plan works without it, so that it does not exist or that it must not be read is no failure.
async fn kept(stored: &StoredSecret, cloud: &Cloud, screen: &Screen) -> Result<SecretText, Failure> {
    let sent = with_spinner(screen, "reading the secret", async { Ok(cloud.secret(stored).await) }).await?;
    match sent {
        Ok(secret) => Ok(Ok(secret)),
        Err(error) if matches!(error.kind, ErrorKind::Absent | ErrorKind::Denied) => {
            let hint = error.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
            Ok(Err(format!("cannot read {stored}: {error}{hint}")))
        }
        Err(error) => Err(error.into()),
    }
}

fn not_empty(secret: &Secret, reference: &SecretReference) -> SecretText {
    match secret.expose().trim() {
        "" => Err(format!("{reference} is empty")),
        text => Ok(Secret::new(text)),
    }
}

fn unusable(reference: &SecretReference, why: &str) -> Failure {
    Failure::other(format!("cannot use the secret {reference}: {why}"), "")
}

fn webhook(secret: &Secret, section: &str, document: &Document) -> Result<(), Failure> {
    let findings = check_webhook(secret.expose(), section, document);
    if findings.is_empty() { Ok(()) } else { Err(Failure::Findings(findings)) }
}

/// A token that is not Slack's can be any secret of this machine that the file names, so the file must say that the host may
/// have it.
fn check_token(secret: &Secret, reference: &SecretReference, is_trusted: bool, screen: &Screen) -> Result<(), Failure> {
    let value = secret.expose();
    // What EventBridge takes as the value of a header.
    if value.len() > 500 || !value.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':') {
        return Err(unusable(reference, "a token has at most 500 printable characters, without spaces or colons"));
    }
    match (is_slack_token(value), is_trusted) {
        (true, _) => Ok(()),
        (false, true) => {
            let what = format!("{reference} is not a Slack token (xoxb-…): `plan` will not detect its rotation");
            screen.note(&format!("{} {what}", screen.paint_err.warn("warning:")));
            Ok(())
        }
        (false, false) => Err(Failure::other(
            format!("cannot use the secret {reference}: it does not have the form of a Slack token (xoxb-…)"),
            "nothing was sent; if the host of `api` uses tokens of another form, add `trusted_host: HOST` to `slack`",
        )),
    }
}
