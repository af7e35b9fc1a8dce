//! The message of an alarm: a card about what was counted, which the input transformer of the alarm's rule makes.
//!
//! It is a blueprint that is made here. What AWS says of the alarm in its event is not shown, so the card is safe for every such
//! event. Neighbors: `compile::alarm` (the rule), `card` (the layout).

use serde_json::{Map, Value};

use crate::blueprint::{AlertSection, Blueprint, Card, Link, WrittenMessage};
use crate::cloudtrail::console;
use crate::name::Scope;

/// Longest title of a card that says how many were counted.
const MAX_TITLE: usize = 145;

/// What the message of an alarm says.
#[derive(Clone, Debug)]
pub struct AlarmMessage<'a> {
    /// Whose name, title, severity, and advice it has.
    pub about: &'a Blueprint,
    /// What was counted: `5 or more within 10 minutes`.
    pub counted: String,
    /// More facts.
    pub facts: Vec<(&'static str, String)>,
    /// Where to look, besides the alarm.
    pub links: Vec<Link>,
}

impl AlarmMessage<'_> {
    /// The message about the alarm of this name, as a blueprint whose alert matches `pattern`.
    #[must_use]
    pub fn blueprint(&self, scope: &Scope, alarm: &str, pattern: Map<String, Value>) -> Blueprint {
        let titled = format!("{}: {}", self.about.title, self.counted);
        let title = if titled.chars().count() <= MAX_TITLE { titled } else { self.about.title.clone() };
        let story = format!("{}. {}", self.counted, self.about.description.trim());
        let mut facts: Map<String, Value> =
            self.facts.iter().map(|(label, text)| ((*label).to_owned(), text.clone().into())).collect();
        facts.insert("Alarm".to_owned(), alarm.into());
        let mut links: Vec<Link> = of_alarm(scope, alarm).into_iter().collect();
        links.extend(self.links.iter().cloned());
        let card = Card { text: Some(story), facts, links };
        let message = WrittenMessage { card: Some(card), ..WrittenMessage::default() };
        let about = self.about;
        Blueprint {
            title,
            response: about.response.clone(),
            runbook: about.runbook.clone(),
            ..Blueprint::bare(
                about.blueprint.clone(),
                String::new(),
                about.severity,
                AlertSection::of_events(pattern, None, message),
            )
        }
    }
}

/// The page of an alarm in the console.
fn of_alarm(scope: &Scope, alarm: &str) -> Option<Link> {
    cloudwatch(scope, &format!("alarmsV2:alarm/{alarm}"), "Open the alarm")
}

/// The page of a log group in the console, which wants the name encoded twice, with `$` for `%`.
#[must_use]
pub fn of_log_group(scope: &Scope, name: &str) -> Option<Link> {
    let encoded = name.replace('/', "$252F").replace('#', "$2523");
    cloudwatch(scope, &format!("logsV2:log-groups/log-group/{encoded}"), "Open the log group")
}

fn cloudwatch(scope: &Scope, page: &str, text: &'static str) -> Option<Link> {
    let (region, console) = (scope.region(), console(scope.partition())?);
    Some(Link { url: format!("https://{region}.{console}/cloudwatch/home?region={region}#{page}"), text })
}
