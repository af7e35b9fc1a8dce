//! What only one of the two routes reports, and where that is said.

use serde_json::Value;

/// Which of the two routes reports a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Only {
    /// The one on log lines.
    Log,
    /// The one on events.
    Events,
    /// The one on events, and of the other that is not documented.
    EventsForCertain,
}

/// A difference between the routes.
pub(super) struct Declared {
    /// What the names of the alerts on the log route begin with.
    pub(super) alerts: &'static [&'static str],
    pub(super) only: Only,
    /// The records that it is about.
    pub(super) is: fn(&Value) -> bool,
    /// Words of the alert's limits that say it.
    pub(super) said: &'static str,
}

impl Declared {
    /// Whether it is about the alert of that name; `$` at the end of a beginning is the end of the name.
    pub(super) fn is_of(&self, name: &str) -> bool {
        self.alerts.iter().any(|one| one.strip_suffix('$').map_or(name.starts_with(one), |whole| whole == name))
    }
}

/// The alerts about refused calls.
const REFUSED: &[&str] = &["cis-5-1-", "cloudtrail-access-denied-logs"];

/// The differences.
pub(super) const DECLARED: &[Declared] = &[
    Declared {
        alerts: REFUSED,
        only: Only::Log,
        is: |record| record.pointer("/userIdentity/invokedBy").is_some(),
        said: "What AWS services try on behalf of others fires, too",
    },
    Declared {
        alerts: REFUSED,
        only: Only::Log,
        is: |record| text(record, "/eventType") != "AwsApiCall",
        said: "Sign-ins and events of services themselves that were refused fire, too",
    },
    Declared {
        alerts: &["cis-5-1-unauthorized-calls-logs$"],
        only: Only::Log,
        is: |record| is_excepted(record) && text(record, "/errorCode").ends_with("UnauthorizedOperation"),
        said: "its two exceptions hold for errors that begin with AccessDenied only",
    },
    Declared {
        alerts: &["cloudtrail-access-denied-logs"],
        only: Only::Log,
        is: is_excepted,
        said: "Calls of HeadBucket and the delivery of logs fire, too",
    },
    Declared {
        alerts: &[
            "cis-5-10-",
            "cis-5-11-",
            "cis-5-12-",
            "cis-5-13-",
            "cis-5-14-",
            "cis-5-15-",
            "cis-5-4-",
            "cis-5-5-",
            "cis-5-7-",
            "cis-5-8-",
            "cis-5-9-",
        ],
        only: Only::Log,
        is: is_refused,
        said: "Refused calls match, too",
    },
    Declared {
        alerts: &[
            "cis-5-10-security-group-changes-logs$",
            "cis-5-10-security-group-changes-logs-security-hub",
            "cis-5-11-",
            "cis-5-12-",
            "cis-5-13-route-table-changes-logs$",
            "cis-5-14-vpc-changes-logs$",
        ],
        only: Only::Log,
        is: |record| text(record, "/eventSource") != "ec2.amazonaws.com",
        said: "names no service",
    },
    Declared {
        alerts: &["cis-5-4-iam-policy-changes-logs$"],
        only: Only::Log,
        is: |record| text(record, "/eventSource") != "iam.amazonaws.com",
        said: "names no service",
    },
    Declared {
        alerts: &["cis-5-5-"],
        only: Only::Log,
        is: |record| text(record, "/eventSource") != "cloudtrail.amazonaws.com",
        said: "names no service",
    },
    Declared {
        alerts: &["cis-5-2-", "cis-5-6-"],
        only: Only::Log,
        is: |record| text(record, "/eventSource") != "signin.amazonaws.com",
        said: "names no service",
    },
    Declared {
        alerts: &["cis-5-10-security-group-changes-logs-security-hub"],
        only: Only::Events,
        is: |record| text(record, "/eventName") == "ModifySecurityGroupRules",
        said: "ModifySecurityGroupRules does not fire",
    },
    Declared {
        alerts: &["cis-5-14-vpc-changes-logs-corrected"],
        only: Only::Events,
        is: |record| text(record, "/eventName").contains("ClassicLink"),
        said: "The calls of EC2-Classic, which is gone, are not in it",
    },
    Declared {
        alerts: &["cis-5-15-"],
        only: Only::Events,
        is: |record| text(record, "/eventName") == "CloseAccount",
        said: "CloseAccount, RegisterDelegatedAdministrator, and DisableAWSServiceAccess are not in the filter",
    },
    Declared {
        alerts: &["cis-5-7-"],
        only: Only::Events,
        is: |record| text(record, "/eventName") == "DeleteImportedKeyMaterial",
        said: "Imported key material that is deleted is not in the filter",
    },
    Declared {
        alerts: &["cis-5-9-"],
        only: Only::Events,
        is: |record| text(record, "/eventName") == "DeleteConfigurationRecorder",
        said: "DeleteConfigurationRecorder is not in the filter",
    },
    Declared {
        alerts: &["cis-5-2-sign-in-without-mfa-logs-corrected"],
        only: Only::Events,
        is: has_no_word_of_mfa,
        said: "of which CloudTrail does not say whether MFA was used does not fire",
    },
    Declared {
        alerts: &["cis-5-2-sign-in-without-mfa-logs$", "cis-5-2-sign-in-without-mfa-logs-security-hub"],
        only: Only::EventsForCertain,
        is: has_no_word_of_mfa,
        said: "What the filter says of a sign-in without the field `MFAUsed` is not documented",
    },
    Declared {
        alerts: &["cis-5-2-sign-in-without-mfa-logs-security-hub"],
        only: Only::Events,
        is: |record| text(record, "/userIdentity/type") == "Root",
        said: "A sign-in of the root user is left out",
    },
    Declared {
        alerts: &["cis-5-2-sign-in-without-mfa-logs$"],
        only: Only::Log,
        is: |record| text(record, "/responseElements/ConsoleLogin") != "Success",
        said: "Sign-ins that failed fire, too",
    },
    Declared {
        alerts: &["cis-5-2-sign-in-without-mfa-logs$"],
        only: Only::Log,
        is: |record| !matches!(text(record, "/userIdentity/type"), "Root" | "IAMUser"),
        said: "those of federated users",
    },
    Declared {
        alerts: &["cis-5-6-"],
        only: Only::Events,
        is: |record| text(record, "/errorMessage") != "Failed authentication",
        said: "is recorded with another message and does not match",
    },
];

fn text<'r>(record: &'r Value, pointer: &str) -> &'r str {
    record.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn is_refused(record: &Value) -> bool {
    ["/errorCode", "/errorMessage"].iter().any(|field| record.pointer(field).is_some())
}

fn is_excepted(record: &Value) -> bool {
    text(record, "/eventName") == "HeadBucket" || text(record, "/sourceIPAddress") == "delivery.logs.amazonaws.com"
}

fn has_no_word_of_mfa(record: &Value) -> bool {
    record.pointer("/additionalEventData/MFAUsed").is_none()
}
