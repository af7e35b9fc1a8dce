//! The manifest of a Slack app that trailbell posts with, for the form at api.slack.com/apps.
//!
//! As little as is needed: a webhook has a scope of its own, a bot may write and nothing else. Token rotation is off, since
//! EventBridge keeps one token and cannot renew it.
//! Source: Slack's "App manifest reference".

use serde_json::{Value, json};

/// The most characters of an app's name.
pub const MAX_NAME: usize = 35;

/// The manifest of an app with this name, for a webhook or, with `is_bot`, for a bot token.
#[must_use]
pub fn manifest(name: &str, is_bot: bool) -> Value {
    let scope = if is_bot { "chat:write" } else { "incoming-webhook" };
    json!({
        "_metadata": { "major_version": 1, "minor_version": 1 },
        "display_information": {
            "name": name,
            "description": "Alerts from AWS CloudTrail",
            "background_color": "#4a154b",
        },
        "features": { "bot_user": { "display_name": name, "always_online": false } },
        "oauth_config": { "scopes": { "bot": [scope] } },
        "settings": { "org_deploy_enabled": false, "socket_mode_enabled": false, "token_rotation_enabled": false },
    })
}

/// The manifest as YAML, which the form shows first.
#[must_use]
pub fn yaml(manifest: &Value) -> String {
    let mut lines = Vec::new();
    write(manifest, 0, &mut lines);
    lines.join("\n")
}

/// Mappings and lists of texts are all a manifest has; a text is written as JSON, which is YAML.
fn write(value: &Value, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            if value.is_object() || value.is_array() {
                lines.push(format!("{indent}{key}:"));
                write(value, depth + 1, lines);
            } else {
                lines.push(format!("{indent}{key}: {value}"));
            }
        }),
        Value::Array(items) => lines.extend(items.iter().map(|item| format!("{indent}- {item}"))),
        other => lines.push(format!("{indent}{other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    #[test]
    fn the_yaml_says_what_the_manifest_says() {
        for (name, is_bot) in [("trailbell", false), ("a: \"b\" #c", true)] {
            let manifest = manifest(name, is_bot);
            let document = Document::parse("manifest.yaml", &yaml(&manifest)).expect("YAML");
            assert_eq!(document.root.to_json(), manifest);
        }
        insta::assert_snapshot!(yaml(&manifest("trailbell", false)));
    }

    #[test]
    fn each_way_has_the_scope_it_needs_and_no_other() {
        let scopes = |is_bot| manifest("x", is_bot)["oauth_config"]["scopes"].clone();
        assert_eq!(scopes(false), json!({ "bot": ["incoming-webhook"] }));
        assert_eq!(scopes(true), json!({ "bot": ["chat:write"] }));
    }
}
