//! Which built-in blueprints someone looks for: by words, topic, severity, technique, AWS service, and pack.

use serde_json::Value;

use super::{Blueprint, Urgency};

/// What a blueprint must have to be found. Everything that is given must fit.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Words that its name, title, description, or event names contain, in any case.
    pub words: Vec<String>,
    /// Its topic.
    pub topic: Option<String>,
    /// Its severity.
    pub severity: Option<Urgency>,
    /// A technique of MITRE ATT&CK; `T1562` also finds `T1562.008`.
    pub technique: Option<String>,
    /// An AWS service, such as `iam`.
    pub service: Option<String>,
    /// The names of the blueprints of a pack.
    pub pack: Option<Vec<String>>,
}

impl Query {
    /// Whether it finds a blueprint of a topic.
    #[must_use]
    pub fn finds(&self, topic: &str, blueprint: &Blueprint) -> bool {
        let text = searched(blueprint);
        let is_technique = |wanted: &String| {
            let starts = |one: &String| {
                one.strip_prefix(wanted.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            blueprint.techniques.iter().any(starts)
        };
        self.words.iter().all(|word| text.contains(&word.to_lowercase()))
            && self.topic.as_ref().is_none_or(|wanted| wanted == topic)
            && self.severity.is_none_or(|wanted| wanted == blueprint.severity)
            && self.technique.as_ref().map(|wanted| wanted.to_uppercase()).as_ref().is_none_or(is_technique)
            && self.service.as_ref().is_none_or(|wanted| services(blueprint).contains(&wanted.to_lowercase()))
            && self.pack.as_ref().is_none_or(|names| names.contains(&blueprint.blueprint))
    }
}

/// Everything of a blueprint that words are looked for in, in lowercase.
fn searched(blueprint: &Blueprint) -> String {
    let pattern =
        blueprint.alert.filter.clone().unwrap_or_else(|| Value::Object(blueprint.alert.pattern.clone()).to_string());
    [&blueprint.blueprint, &blueprint.title, &blueprint.description, &pattern]
        .map(|text| text.to_lowercase())
        .join("\n")
}

/// The AWS services whose events a blueprint is about, as EventBridge names them without `aws.`: `iam`. None for an alert about
/// events of all services.
#[must_use]
pub fn services(blueprint: &Blueprint) -> Vec<String> {
    let sources = blueprint.alert.pattern.get("source").and_then(Value::as_array);
    let names = sources.into_iter().flatten().filter_map(Value::as_str);
    names.map(|name| name.strip_prefix("aws.").unwrap_or(name).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blueprint::catalog;

    #[test]
    fn everything_that_is_given_must_fit() {
        let blueprint = catalog::find("cloudtrail-stop-logging").expect("built in").load().expect("good").blueprint;
        let query = |change: fn(&mut Query)| {
            let mut query = Query::default();
            change(&mut query);
            query.finds("cloudtrail", &blueprint)
        };
        assert!(query(|_| {}));
        assert!(query(|one| one.words = vec!["STOPLOGGING".to_owned(), "turned".to_owned()]));
        assert!(!query(|one| one.words = vec!["turned".to_owned(), "sideways".to_owned()]));
        assert!(query(|one| one.technique = Some("t1562".to_owned())));
        assert!(query(|one| one.technique = Some("T1562.008".to_owned())));
        assert!(!query(|one| one.technique = Some("T15".to_owned())));
        assert!(query(|one| one.service = Some("CloudTrail".to_owned())));
        assert!(!query(|one| one.service = Some("iam".to_owned())));
        assert!(!query(|one| one.topic = Some("iam".to_owned())));
        assert!(query(|one| one.severity = Some(Urgency::Critical)));
        assert!(!query(|one| one.severity = Some(Urgency::Low)));
        assert!(!query(|one| one.pack = Some(Vec::new())));
    }
}
