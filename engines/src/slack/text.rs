//! Text objects and other texts that Slack formats.

use std::collections::HashSet;

use super::model::Text;
use super::mrkdwn::{Special, specials};
use super::node::{PlacedObject, PlacedValue, Problems, quoted};
use super::problem::ProblemKind;

/// A text object with at most `most` characters.
///
/// Texts of white space only are refused: "Text object" asks for one character at least, and Slack trims in places
/// (getsentry/sentry#64891).
pub(super) fn text_object(node: &PlacedValue, most: usize, found: &mut Problems) -> Option<Text> {
    let object = node.object(found)?;
    match object.tag(found)? {
        "plain_text" => plain(&object, most, found).map(Text::Plain),
        "mrkdwn" => mrkdwn(&object, most, found).map(Text::Mrkdwn),
        "image" => {
            node.report(found, ProblemKind::Unsupported, "trailbell does not use images");
            None
        }
        other => {
            node.report(
                found,
                ProblemKind::Shape,
                format!("`type` must be plain_text or mrkdwn, found {}", quoted(other)),
            );
            None
        }
    }
}

/// A text object that must be `plain_text`.
pub(super) fn plain_object(node: &PlacedValue, most: usize, found: &mut Problems) -> Option<String> {
    match text_object(node, most, found)? {
        Text::Plain(text) => Some(text),
        Text::Mrkdwn(_) => {
            node.report(found, ProblemKind::Shape, "only plain_text is allowed here, found mrkdwn");
            None
        }
    }
}

/// The text of a `plain_text` object, which Slack shows as it is: `<@U1>` stays that (slackapi/node-slack-sdk#712).
fn plain(object: &PlacedObject, most: usize, found: &mut Problems) -> Option<String> {
    object.only(&["type", "text", "emoji"], &[], found);
    object.flag("emoji", found);
    words(object, most, found).map(|(_, text)| text.to_owned())
}

fn mrkdwn(object: &PlacedObject, most: usize, found: &mut Problems) -> Option<String> {
    object.only(&["type", "text", "verbatim"], &[], found);
    object.flag("verbatim", found);
    let (node, text) = words(object, most, found)?;
    formatted(&node, text, found);
    Some(text.to_owned())
}

fn words<'j>(object: &PlacedObject<'j>, most: usize, found: &mut Problems) -> Option<(PlacedValue<'j>, &'j str)> {
    let node = object.need("text", found)?;
    let text = node.words(found)?;
    node.at_most(most, text, found);
    Some((node, text))
}

/// Leaves a problem for everything in a formatted text that is more than text or a link, once for each thing found.
pub(super) fn formatted(node: &PlacedValue, text: &str, found: &mut Problems) {
    let mut seen = HashSet::new();
    for special in specials(text).filter(|special| seen.insert(*special)) {
        match special {
            Special::Mention(what) => {
                node.report(found, ProblemKind::Mention, format!("{} mentions people or a channel", quoted(what)));
            }
            Special::Date(what) => {
                node.report(
                    found,
                    ProblemKind::Unsupported,
                    format!("trailbell does not use dates such as {}", quoted(what)),
                );
            }
        }
    }
}
