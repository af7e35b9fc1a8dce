//! Findings about what a person wrote: code, place, what was found, what was expected, the fix.
//!
//! Findings are collected, never thrown: every check runs and everything is reported at once. Errors about the world
//! (network, permissions) are a different channel, see `cli::failure`. Drawing is `render::findings`; this file knows
//! no terminal.

mod nearest;
mod pages;

use std::iter;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use serde::{Serialize, Serializer};

use crate::redact;

use nearest::similar;
pub use nearest::{nearest, nearest_within};
pub use pages::Page;

/// A list of known words with more than these is too long to be shown.
const MOST_KNOWN: usize = 24;
/// How many similar words are shown.
const MOST_SIMILAR: usize = 8;

/// How bad a finding is. A document with an `Error` is not used; a `Warning` is shown and the work goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The document cannot be used.
    Error,
    /// Worth knowing; nothing stops.
    Warning,
}

macro_rules! codes {
    ($($name:ident = $id:literal $severity:ident $title:literal;)*) => {
        /// The stable identity of a kind of finding. Ids are never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $title] $name,)* }

        impl Code {
            /// Every code, in the order of their ids.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The id people search for, such as `TB0105`.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// One line on what the code represents.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// How bad a finding with this code is.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }
        }
    };
}

codes! {
    Unreadable = "TB0101" Error "the file cannot be read";
    Syntax = "TB0102" Error "the text is not valid YAML";
    YamlFeature = "TB0103" Error "a YAML feature that is not supported";
    DuplicateKey = "TB0104" Error "a duplicate key in a mapping";
    UnknownKey = "TB0105" Error "an unknown key";
    WrongType = "TB0106" Error "a value of the wrong type";
    MissingKey = "TB0107" Error "a required key is missing";
    NotAllowed = "TB0108" Error "a value that is not allowed";
    Reserved = "TB0109" Error "reserved for a later version";
    TooLarge = "TB0110" Error "the document is too large or nested too deeply";
    NotOurs = "TB0111" Error "neither a blueprint nor a stack file";
    BadId = "TB0201" Error "an id or name that is not valid";
    BadPattern = "TB0202" Error "the event pattern is not valid";
    PatternTooLong = "TB0203" Warning "the event pattern is longer than EventBridge accepts by default";
    UndefinedPlaceholder = "TB0204" Error "a placeholder without an input path";
    UnusedInputPath = "TB0205" Error "an input path that no placeholder uses";
    BadInputPath = "TB0206" Error "an input path that EventBridge does not accept";
    BadTemplate = "TB0207" Error "the message template cannot be delivered";
    MessageForm = "TB0208" Error "a message needs exactly one of `card`, `text`, and `template`";
    UndefinedParameter = "TB0209" Error "a parameter that is not declared";
    UnusedParameter = "TB0210" Error "a declared parameter that is not used";
    BadParameter = "TB0211" Error "a parameter value of the wrong type";
    BadCase = "TB0212" Error "a test that cannot be run";
    PatternNotJudged = "TB0213" Warning "a pattern that EventBridge evaluates differently than it reads, or that only \
        AWS can evaluate";
    UnsafeValue = "TB0214" Error "a value in a place where an event can lose or abuse the message";
    UnknownField = "TB0215" Error "a field whose content is not known";
    SlackRefuses = "TB0216" Error "a message that Slack can reject";
    Mention = "TB0217" Error "a message that can mention someone";
    AlertRoute = "TB0218" Error "an alert whose parts do not fit together";
    BadFilter = "TB0219" Error "the filter pattern is not valid";
    FilterNotJudged = "TB0220" Warning "a filter pattern whose behavior AWS does not document";
    BadLogGroup = "TB0221" Error "a log group that cannot be used";
    AlarmWithoutTopic = "TB0222" Warning "an alarm that a compliance control asks for and that tells no SNS topic";
    BadRegion = "TB0301" Error "not an AWS region";
    SlackDestination = "TB0302" Error "the Slack destination is incomplete or ambiguous";
    BlueprintNotFound = "TB0303" Error "a blueprint that does not exist";
    MissingParameter = "TB0304" Error "a parameter without a value";
    UnknownParameter = "TB0305" Error "a parameter the blueprint does not have";
    DuplicateAlert = "TB0306" Error "two alerts with the same id";
    UnsupportedVersion = "TB0307" Error "a version of a file format that is not supported";
    BlueprintInvalid = "TB0308" Error "the blueprint of an alert has errors";
    TooManyFilters = "TB0309" Error "more filters on one log group than AWS accepts";
    PolicyTooLong = "TB0310" Error "more log groups than fit into the notifier's policy";
    SharedDestination = "TB0311" Warning "a critical alert that others can delay";
    OutsideFolder = "TB0312" Error "a blueprint outside of the stack file's folder";
    UnknownRegion = "TB0313" Warning "a region that is not known";
    NoApiDestinations = "TB0314" Error "a region without API destinations";
    TooManyRules = "TB0315" Warning "more rules than an event bus has by default";
    BadTag = "TB0316" Error "a tag that AWS does not accept";
    BadRole = "TB0317" Error "a permissions boundary or a path that roles cannot have";
    BadKmsKey = "TB0318" Error "a key that cannot encrypt the stack";
    LeftOutOfPack = "TB0319" Warning "alerts of a pack whose events are recorded in another region";
    BadDestination = "TB0330" Error "a destination with a name that cannot be used";
    UnknownDestination = "TB0331" Error "a destination that the stack does not have";
    UnroutedAlert = "TB0332" Error "an alert whose messages go nowhere";
    UnusedDestination = "TB0333" Warning "a destination that no alert goes to";
    NotByAccount = "TB0334" Error "an alert whose messages cannot be sent by account";
    AccountNotReceived = "TB0335" Warning "an account whose events the stack does not receive";
    RolesNotWatched = "TB0340" Warning "changes of the stack's roles that are not reported";
    BadTopic = "TB0350" Error "an SNS topic that cannot be used";
    TopicByNotifier = "TB0351" Error "a message for a topic that only Slack can have";
    TopicMessage = "TB0352" Error "a message that does not fit into a topic";
    LiteralSecret = "TB0401" Error "a secret in the file";
    BadSecretReference = "TB0402" Error "not a secret reference";
    InsecureWebhook = "TB0403" Error "the Slack URL is not https";
    ForeignHost = "TB0404" Error "the URL is not on a Slack host";
    NotAWebhook = "TB0405" Error "not the URL of an incoming webhook";
    NeverMatches = "TB0501" Error "a pattern that no event can match";
    UnknownEventName = "TB0502" Warning "an event name that is not known";
    UnknownEventSource = "TB0503" Warning "an event source that is not known";
    ReadOnlyNotReceived = "TB0504" Error "read-only calls that the rule never receives";
    ReadOnlyUndecided = "TB0505" Warning "not stated whether read-only calls are intended";
    OtherRegion = "TB0506" Error "events that never reach the stack's region";
    SignInRegion = "TB0507" Warning "sign-ins that the stack's region receives only in part";
    SignInSpelling = "TB0508" Warning "only one spelling of the detail type of sign-in events";
    MissingCase = "TB0509" Warning "tests that do not show when the alert fires and when it does not";
    MatchesEverything = "TB0510" Error "a pattern that matches everything";
    UnknownValue = "TB0511" Warning "a value that a field is not known to have";
    ForgeableAlert = "TB0512" Warning "an alert that anyone in the account can trigger";
    DeadEntry = "TB0513" Warning "a part of the pattern that no event can match";
    LeftOut = "TB0514" Warning "callers that a negation leaves out";
    DataEvents = "TB0515" Warning "data events, which a trail records only if it selects them";
    PartnerEvents = "TB0516" Warning "events of a partner, which the default event bus does not receive";
    BadHandler = "TB0601" Error "a handler that cannot be run";
    BadAllow = "TB0602" Error "remediation permissions that are not exact";
    RemediationLoop = "TB0603" Error "a function that can trigger its own alert";
    ForgeableRemediation = "TB0604" Error "a remediation that others can run with events of their choice";
    OwnChanges = "TB0605" Warning "a remediation that trailbell's own changes run";
    BadSuppression = "TB0701" Error "a suppression that cannot be exact";
    SuppressesCase = "TB0702" Error "a suppression that holds for a test of its blueprint";
    ExpiredSuppression = "TB0703" Warning "a suppression that has expired";
    DeadSuppression = "TB0704" Warning "a suppression that never holds";
    SuppressionTooLong = "TB0705" Error "suppressions that make an event pattern too long";
    BadThreshold = "TB0720" Error "a threshold that CloudWatch cannot count";
    CollectsItself = "TB0721" Error "an alert whose collected events cause more of them";
    BadDigest = "TB0725" Error "a digest that cannot be made";
    DigestOfLines = "TB0726" Error "a digest of log lines";
    DigestLoop = "TB0727" Error "a digest that makes the events that it counts";
}

impl Code {
    /// The code with that id, in any case.
    #[must_use]
    pub fn find(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.id().eq_ignore_ascii_case(id))
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// A text that findings are about.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The path as given, or `catalog:<blueprint>` for a built-in one.
    pub name: String,
    /// The text with what looks like a secret replaced by asterisks, byte for byte as long as the original.
    pub shown: String,
    /// Where its lines begin, once someone asks.
    lines: OnceLock<Vec<usize>>,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.shown) == (&other.name, &other.shown)
    }
}

impl Eq for Source {}

impl Source {
    /// A text of this name, fit to be shown.
    #[must_use]
    pub fn new(name: impl Into<String>, shown: impl Into<String>) -> Self {
        Self { name: name.into(), shown: shown.into(), lines: OnceLock::new() }
    }

    /// Line and column of a byte, both from 1, columns in characters.
    #[must_use]
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let starts = || iter::once(0).chain(self.shown.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let lines = self.lines.get_or_init(starts);
        let offset = if self.shown.is_char_boundary(offset) { offset } else { self.shown.len() };
        let line = lines.partition_point(|start| *start <= offset);
        (line, self.shown[lines[line - 1]..offset].chars().count() + 1)
    }
}

/// One thing that is wrong, or worth knowing, in a text a person wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of finding.
    pub code: Code,
    /// One line; the place and the advice stand elsewhere.
    pub message: String,
    /// The text it is about.
    pub source: Arc<Source>,
    /// Bytes of the text to underline; empty when the finding is about the whole file.
    pub span: Range<usize>,
    /// What is there, in few words.
    pub found: Option<String>,
    /// What should stand there.
    pub expected: Option<String>,
    /// The fix.
    pub help: Option<String>,
}

impl Finding {
    /// A finding with nothing but its place; the rest is added with the methods below.
    pub fn new(code: Code, source: &Arc<Source>, span: Range<usize>, message: impl Into<String>) -> Self {
        let source = Arc::clone(source);
        // A message may quote what is there, and a secret is allowed where no one expects one.
        let message = redact::message(&message.into());
        Self { code, message, source, span, found: None, expected: None, help: None }
    }

    /// Adds what is there.
    #[must_use]
    pub fn found(mut self, found: impl Into<String>) -> Self {
        self.found = Some(redact::message(&found.into()));
        self
    }

    /// Adds what should stand there.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(redact::message(&expected.into()));
        self
    }

    /// Adds the fix.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(redact::message(&help.into()));
        self
    }

    /// Adds "did you mean" when one of `known` is close to `word`, and otherwise the whole list, or of a long one what is similar.
    #[must_use]
    pub fn suggest<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        match nearest(word, &known) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None if known.is_empty() => self,
            None if known.len() > MOST_KNOWN => match similar(word, &known, MOST_SIMILAR)[..] {
                [] => self,
                ref all => self.help(format!("similar: {}", all.join(", "))),
            },
            None => self.help(format!("known here: {}", known.join(", "))),
        }
    }

    /// Whether the document cannot be used because of this finding.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.code.severity() == Severity::Error
    }

    /// Line and column of the first underlined character, both from 1, columns in characters.
    #[must_use]
    pub fn position(&self) -> (usize, usize) {
        self.source.position(self.span.start)
    }

    /// Line and column after the last underlined character.
    #[must_use]
    pub fn end(&self) -> (usize, usize) {
        self.source.position(self.span.end)
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (line, column) = self.position();
        let (end_line, end_column) = self.end();
        serde_json::json!({
            "code": self.code, "severity": self.code.severity(), "message": self.message,
            "file": self.source.name, "line": line, "column": column, "end_line": end_line, "end_column": end_column,
            "found": self.found, "expected": self.expected, "help": self.help,
        })
        .serialize(serializer)
    }
}

/// So many findings of a run are shown; the rest is counted. More than that does not help a person, and each costs time.
pub const SHOWN: usize = 100;

/// Whether any of the findings forbids using the document.
#[must_use]
pub fn has_errors(findings: &[Finding]) -> bool {
    findings.iter().any(Finding::is_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_ids_are_unique_sorted_and_titled() {
        let ids: Vec<_> = Code::ALL.iter().map(|code| code.id()).collect();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(ids, sorted);
        assert!(Code::ALL.iter().all(|code| !code.title().is_empty()));
    }

    #[test]
    fn positions_count_characters_not_bytes() {
        assert_eq!(Source::new("", "é: 1\nключ: 2").position(10), (2, 3));
        assert_eq!(Source::new("", "a").position(99), (1, 2));
        assert_eq!(Source::new("", "a\n").position(2), (2, 1));
        assert_eq!(Source::new("", "").position(0), (1, 1));
    }
}
