//! The arguments of `chat.postMessage`, for the relay rule: a message that sets one which trailbell does not send is not its
//! message.
//!
//! Sources: docs.slack.dev, "chat.postMessage method", arguments; for the fields of attachments and metadata the types of the
//! npm packages `@slack/web-api` 7.19.0 and `@slack/types` 3.2.0. Incoming webhooks take the same ones: `@slack/webhook` 8.0.2
//! has no other.

/// An argument of `chat.postMessage`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// Whether messages of trailbell may have it.
    pub is_sent: bool,
    /// Where it is an object, or a list of objects, fields without which Slack shows nothing of it, as dotted paths. An event
    /// pattern sees values, not objects, and says of a path either that it has no value or what is inside, not both.
    pub fields: &'static [&'static str],
}

const fn sent(name: &'static str) -> Argument {
    Argument { name, is_sent: true, fields: &[] }
}

const fn never(name: &'static str) -> Argument {
    Argument { name, is_sent: false, fields: &[] }
}

const fn never_with(name: &'static str, fields: &'static [&'static str]) -> Argument {
    Argument { name, is_sent: false, fields }
}

/// Every argument. A bot's messages also have a `channel`, which is that of the stack.
pub const ARGUMENTS: [Argument; 19] = [
    never("as_user"),
    never_with("attachments", ATTACHMENT),
    sent("blocks"),
    never("channel"),
    never("current_draft_last_updated_ts"),
    never("icon_emoji"),
    never("icon_url"),
    never("link_names"),
    never("markdown_text"),
    never_with("metadata", METADATA),
    sent("mrkdwn"),
    never("parse"),
    never("reply_broadcast"),
    sent("text"),
    never("thread_ts"),
    never("token"),
    sent("unfurl_links"),
    sent("unfurl_media"),
    never("username"),
];

/// What an attachment can show: each has one of these, or Slack shows nothing.
const ATTACHMENT: &[&str] = &[
    "actions.type",
    "author_name",
    "blocks.type",
    "fallback",
    "fields.title",
    "fields.value",
    "footer",
    "image_url",
    "pretext",
    "text",
    "thumb_url",
    "title",
];

/// What metadata must have: an event type, or entities with a type.
const METADATA: &[&str] = &["entities.entity_type", "event_type"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_has_nothing_twice() {
        assert!(ARGUMENTS.is_sorted_by(|one, other| one.name < other.name));
        for argument in ARGUMENTS {
            assert!(argument.fields.is_sorted_by(|one, other| one < other), "{argument:?}");
        }
    }
}
