//! What each finding code means and what to do about it.
//!
//! The pages stand in one file for each group of codes. Every example raises the finding it is with and no other.

mod blueprint;
mod destination;
mod digest;
mod document;
mod events;
mod organization;
mod route;
mod stack;
mod suppression;
mod threshold;
mod topic;

use crate::diagnostic::Code;

/// What a code means and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// What it is and why it matters.
    pub means: &'static str,
    /// The fix.
    pub remedy: &'static str,
    /// The lines of a file that raise it; empty where no few lines could.
    pub example: &'static str,
}

impl Code {
    /// The page about this code.
    #[must_use]
    pub const fn page(self) -> Page {
        match self {
            Self::Unreadable => document::UNREADABLE,
            Self::Syntax => document::SYNTAX,
            Self::YamlFeature => document::YAML_FEATURE,
            Self::DuplicateKey => document::DUPLICATE_KEY,
            Self::UnknownKey => document::UNKNOWN_KEY,
            Self::WrongType => document::WRONG_TYPE,
            Self::MissingKey => document::MISSING_KEY,
            Self::NotAllowed => document::NOT_ALLOWED,
            Self::Reserved => document::RESERVED,
            Self::TooLarge => document::TOO_LARGE,
            Self::NotOurs => document::NOT_OURS,
            Self::BadId => blueprint::BAD_ID,
            Self::BadPattern => blueprint::BAD_PATTERN,
            Self::PatternTooLong => blueprint::PATTERN_TOO_LONG,
            Self::UndefinedPlaceholder => blueprint::UNDEFINED_PLACEHOLDER,
            Self::UnusedInputPath => blueprint::UNUSED_INPUT_PATH,
            Self::BadInputPath => blueprint::BAD_INPUT_PATH,
            Self::BadTemplate => blueprint::BAD_TEMPLATE,
            Self::MessageForm => blueprint::MESSAGE_FORM,
            Self::UndefinedParameter => blueprint::UNDEFINED_PARAMETER,
            Self::UnusedParameter => blueprint::UNUSED_PARAMETER,
            Self::BadParameter => blueprint::BAD_PARAMETER,
            Self::BadCase => blueprint::BAD_CASE,
            Self::PatternNotJudged => blueprint::PATTERN_NOT_JUDGED,
            Self::UnsafeValue => blueprint::UNSAFE_VALUE,
            Self::UnknownField => blueprint::UNKNOWN_FIELD,
            Self::SlackRefuses => blueprint::SLACK_REFUSES,
            Self::Mention => blueprint::MENTION,
            Self::AlertRoute => route::ALERT_ROUTE,
            Self::BadFilter => route::BAD_FILTER,
            Self::FilterNotJudged => route::FILTER_NOT_JUDGED,
            Self::BadLogGroup => route::BAD_LOG_GROUP,
            Self::AlarmWithoutTopic => route::ALARM_WITHOUT_TOPIC,
            Self::BadRegion => stack::BAD_REGION,
            Self::SlackDestination => stack::SLACK_DESTINATION,
            Self::BlueprintNotFound => stack::BLUEPRINT_NOT_FOUND,
            Self::MissingParameter => stack::MISSING_PARAMETER,
            Self::UnknownParameter => stack::UNKNOWN_PARAMETER,
            Self::DuplicateAlert => stack::DUPLICATE_ALERT,
            Self::LeftOutOfPack => stack::LEFT_OUT_OF_PACK,
            Self::UnsupportedVersion => stack::UNSUPPORTED_VERSION,
            Self::BlueprintInvalid => stack::BLUEPRINT_INVALID,
            Self::TooManyFilters => route::TOO_MANY_FILTERS,
            Self::PolicyTooLong => route::POLICY_TOO_LONG,
            Self::SharedDestination => stack::SHARED_DESTINATION,
            Self::OutsideFolder => stack::OUTSIDE_FOLDER,
            Self::UnknownRegion => stack::UNKNOWN_REGION,
            Self::NoApiDestinations => stack::NO_API_DESTINATIONS,
            Self::TooManyRules => stack::TOO_MANY_RULES,
            Self::BadTag => organization::BAD_TAG,
            Self::BadRole => organization::BAD_ROLE,
            Self::BadKmsKey => organization::BAD_KMS_KEY,
            Self::BadDestination => destination::BAD_DESTINATION,
            Self::UnknownDestination => destination::UNKNOWN_DESTINATION,
            Self::UnroutedAlert => destination::UNROUTED_ALERT,
            Self::UnusedDestination => destination::UNUSED_DESTINATION,
            Self::NotByAccount => destination::NOT_BY_ACCOUNT,
            Self::AccountNotReceived => destination::ACCOUNT_NOT_RECEIVED,
            Self::RolesNotWatched => organization::ROLES_NOT_WATCHED,
            Self::BadTopic => topic::BAD_TOPIC,
            Self::TopicByNotifier => topic::TOPIC_BY_NOTIFIER,
            Self::TopicMessage => topic::TOPIC_MESSAGE,
            Self::LiteralSecret => stack::LITERAL_SECRET,
            Self::BadSecretReference => stack::BAD_SECRET_REFERENCE,
            Self::InsecureWebhook => stack::INSECURE_WEBHOOK,
            Self::ForeignHost => stack::FOREIGN_HOST,
            Self::NotAWebhook => stack::NOT_A_WEBHOOK,
            Self::NeverMatches => events::NEVER_MATCHES,
            Self::UnknownEventName => events::UNKNOWN_EVENT_NAME,
            Self::UnknownEventSource => events::UNKNOWN_EVENT_SOURCE,
            Self::ReadOnlyNotReceived => events::READ_ONLY_NOT_HEARD,
            Self::ReadOnlyUndecided => events::READ_ONLY_UNDECIDED,
            Self::OtherRegion => events::OTHER_REGION,
            Self::SignInRegion => events::SIGN_IN_REGION,
            Self::SignInSpelling => events::SIGN_IN_SPELLING,
            Self::MissingCase => events::MISSING_CASE,
            Self::MatchesEverything => events::MATCHES_EVERYTHING,
            Self::UnknownValue => events::UNKNOWN_VALUE,
            Self::ForgeableAlert => events::FORGEABLE_ALERT,
            Self::DeadEntry => events::DEAD_ENTRY,
            Self::LeftOut => events::LEFT_OUT,
            Self::DataEvents => events::DATA_EVENTS,
            Self::PartnerEvents => events::PARTNER_EVENTS,
            Self::BadHandler => route::BAD_HANDLER,
            Self::BadAllow => route::BAD_ALLOW,
            Self::RemediationLoop => route::REMEDIATION_LOOP,
            Self::ForgeableRemediation => route::FORGEABLE_REMEDIATION,
            Self::OwnChanges => route::OWN_CHANGES,
            Self::CollectsItself => threshold::COLLECTS_ITSELF,
            Self::BadThreshold => threshold::BAD_THRESHOLD,
            Self::BadSuppression => suppression::BAD_SUPPRESSION,
            Self::SuppressesCase => suppression::SUPPRESSES_CASE,
            Self::ExpiredSuppression => suppression::EXPIRED_SUPPRESSION,
            Self::DeadSuppression => suppression::DEAD_SUPPRESSION,
            Self::SuppressionTooLong => suppression::SUPPRESSION_TOO_LONG,
            Self::BadDigest => digest::BAD_DIGEST,
            Self::DigestOfLines => digest::DIGEST_OF_LINES,
            Self::DigestLoop => digest::DIGEST_LOOP,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_written_and_short() {
        for page in Code::ALL.iter().map(|code| code.page()) {
            assert!(page.means.ends_with('.') && page.remedy.ends_with('.'), "{page:?}");
            assert!(page.example.lines().count() <= 8, "{page:?}");
        }
    }
}
