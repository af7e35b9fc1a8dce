//! Resolves secret references: environment, files, and a hidden prompt. Messages name the reference, never the value.

use std::path::Path;

use super::screen::Screen;
use super::{Failure, hidden};
use crate::alert::Installation;
use crate::check::{check_webhook, is_trusted};
use crate::file::{self, FileError};
use crate::secret::{Secret, SecretReference, is_slack_token};
use crate::stack::Destination;

/// No secret of Slack's comes near this; a file that does is not one.
const MAX_BYTES: u64 = 64 * 1024;

/// What came of a reference.
pub(super) enum Resolved {
    /// The secret, fit to be used.
    Secret(Secret),
    /// It is not available; why.
    Missing(String),
}

/// The secret of a stack, checked for its form. Warnings are printed.
pub(super) fn resolve(installation: &Installation, screen: &Screen) -> Result<Resolved, Failure> {
    let reference = installation.destination.reference();
    let secret = match read(reference, &installation.folder, screen)? {
        Ok(secret) => secret,
        Err(missing) => return Ok(Resolved::Missing(missing)),
    };
    match &installation.destination {
        Destination::Webhook { .. } => webhook(&secret, installation)?,
        Destination::Bot { endpoint, .. } => {
            check_token(&secret, reference, is_trusted(endpoint, &installation.document), screen)?;
        }
    }
    Ok(Resolved::Secret(secret))
}

fn read(reference: &SecretReference, folder: &Path, screen: &Screen) -> Result<Result<Secret, String>, Failure> {
    let text = match reference {
        SecretReference::Environment(name) => match std::env::var(name) {
            Ok(value) => value,
            Err(std::env::VarError::NotPresent) => {
                return Ok(Err(format!("the environment variable {name} is not set")));
            }
            Err(std::env::VarError::NotUnicode(_)) => return Err(unusable(reference, "it is not valid UTF-8")),
        },
        SecretReference::File(path) => {
            let path = folder.join(path);
            match file::text(&path, MAX_BYTES) {
                Ok(text) => text,
                Err(FileError::System(error)) => {
                    return Ok(Err(format!("cannot read the file `{}`: {error}", path.display())));
                }
                // It is there and cannot be a secret.
                Err(error) => return Err(unusable(reference, &error.to_string())),
            }
        }
        SecretReference::Prompt(question) if screen.is_interactive => {
            hidden::ask(question, screen).map_err(|error| unusable(reference, &error.to_string()))?
        }
        SecretReference::Prompt(_) => return Ok(Err("it requires a prompt, and there is no terminal".to_owned())),
    };
    let text = text.trim();
    if text.is_empty() {
        return Ok(Err(format!("{reference} is empty")));
    }
    Ok(Ok(Secret::new(text)))
}

fn unusable(reference: &SecretReference, why: &str) -> Failure {
    Failure::other(format!("cannot use the secret {reference}: {why}"), "")
}

fn webhook(secret: &Secret, installation: &Installation) -> Result<(), Failure> {
    let findings = check_webhook(secret.expose(), &installation.document);
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
