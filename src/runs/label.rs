//! What the tags of the record of runs say about a stack: who applied it last, with which version, and when it expires.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::name::Scope;
use crate::provider::ProviderError;
use crate::provider::run_log::RunLog;

const VERSION: &str = "trailbell:version";
const OWNER: &str = "trailbell:owner";
const EXPIRES: &str = "trailbell:expires";
/// Longest value of a tag.
const MAX_VALUE: usize = 256;

/// What the tags say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// The version of trailbell that applied the stack last.
    pub version: Option<String>,
    /// The ARN of who did.
    pub owner: Option<String>,
    /// When the stack is to be removed.
    pub expires: Option<Expiry>,
}

/// When a stack is to be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// Then.
    At(Timestamp),
    /// The tag holds something else, which someone must have written by hand.
    Unreadable(String),
}

impl Label {
    /// What the tags of a log group say.
    #[must_use]
    pub fn read(tags: &BTreeMap<String, String>) -> Self {
        let expiry = |text: &String| text.parse().map_or_else(|_| Expiry::Unreadable(text.clone()), Expiry::At);
        Self {
            version: tags.get(VERSION).cloned(),
            owner: tags.get(OWNER).cloned(),
            expires: tags.get(EXPIRES).map(expiry),
        }
    }

    /// Whether the stack is to be removed by now.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        matches!(self.expires, Some(Expiry::At(at)) if at <= now)
    }
}

/// How long a stack is to live, as an apply is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// It does not expire.
    Unlimited,
    /// It expires after this time.
    For(SignedDuration),
    /// It expires when it was to expire before, if it was.
    AsItIs,
}

/// What an apply writes into the tags.
#[derive(Clone, Copy, Debug)]
pub struct LabelRequest<'a> {
    /// Who applies.
    pub owner: &'a str,
    /// How long the stack is to live from now on.
    pub lifetime: Lifetime,
    /// What the stack file wants on everything that has tags.
    pub tags: &'a BTreeMap<String, String>,
}

impl LabelRequest<'_> {
    /// Whether the tags say something else about the expiry, so that even an apply without changes has something to do.
    #[must_use]
    pub fn differs(&self, live: &Label) -> bool {
        match self.lifetime {
            Lifetime::Unlimited => live.expires.is_some(),
            Lifetime::For(_) => true,
            Lifetime::AsItIs => false,
        }
    }

    /// Writes the tags; gives when the stack expires.
    ///
    /// # Errors
    /// The cloud cannot be told.
    pub async fn write(
        &self,
        log: &impl RunLog,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, ProviderError> {
        let live = log.log_tags(scope).await?.unwrap_or_default();
        let mut wanted = self.tags.clone();
        wanted.insert(VERSION.to_owned(), env!("CARGO_PKG_VERSION").to_owned());
        wanted.insert(OWNER.to_owned(), value(self.owner));
        let expires = match self.lifetime {
            Lifetime::Unlimited => None,
            Lifetime::For(time) => now.checked_add(time).ok(),
            Lifetime::AsItIs => live.get(EXPIRES).and_then(|text| text.parse().ok()),
        };
        if self.lifetime != Lifetime::AsItIs {
            wanted.extend(expires.map(|at| (EXPIRES.to_owned(), at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())));
        }
        wanted.retain(|key, value| live.get(key) != Some(value));
        let is_left = self.lifetime == Lifetime::Unlimited && live.contains_key(EXPIRES);
        let removed: Vec<String> = is_left.then(|| EXPIRES.to_owned()).into_iter().collect();
        if !wanted.is_empty() || !removed.is_empty() {
            log.tag_log(scope, &wanted, &removed).await?;
        }
        Ok(expires)
    }
}

/// What a tag of CloudWatch Logs takes (API reference, `TagResource`): letters, digits, spaces, and `_.:/=+-@`.
fn value(text: &str) -> String {
    let good = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
    text.chars().map(|c| if good(c) { c } else { '_' }).take(MAX_VALUE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let sandbox = crate::provider::sandbox::Sandbox::new();
        let scope = Scope::offline(None, "us-east-1", "sec").expect("a good scope");
        let wait = |future| futures_util::FutureExt::now_or_never(future).expect("the sandbox never waits");
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        let tags = BTreeMap::from([("team".to_owned(), "red".to_owned())]);
        let label = |lifetime| LabelRequest { owner: "arn:aws:sts::1:assumed-role/ci/a,b", lifetime, tags: &tags };
        futures_util::FutureExt::now_or_never(sandbox.create_log(&scope)).expect("at once").expect("it is created");
        let lasting = |hours| Lifetime::For(SignedDuration::from_hours(hours));
        for (lifetime, hours) in [
            (lasting(2), Some(2)),
            (lasting(3), Some(3)),
            (Lifetime::AsItIs, Some(3)),
            (Lifetime::Unlimited, None),
            (Lifetime::AsItIs, None),
        ] {
            let request = label(lifetime);
            futures_util::FutureExt::now_or_never(request.write(&sandbox, &scope, now))
                .expect("at once")
                .expect("written");
            let written = wait(sandbox.log_tags(&scope)).expect("read").expect("there");
            assert_eq!(written["team"], "red");
            let read = Label::read(&written);
            assert_eq!(read.owner.as_deref(), Some("arn:aws:sts::1:assumed-role/ci/a_b"));
            let at = hours.map(|hours| Expiry::At(now + SignedDuration::from_hours(hours)));
            assert_eq!(read.expires, at);
            assert!(!read.is_expired(now));
            assert_eq!(read.is_expired(now + SignedDuration::from_hours(3)), hours.is_some());
        }
        let odd = Label::read(&BTreeMap::from([(EXPIRES.to_owned(), "soon".to_owned())]));
        assert!(odd.expires == Some(Expiry::Unreadable("soon".to_owned())) && !odd.is_expired(now));
    }
}
