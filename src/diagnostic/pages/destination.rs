//! The pages of codes about several destinations.

use super::Page;

pub(super) const BAD_DESTINATION: Page = Page {
    means: "The names of a destination's resources in AWS contain its name. So it has lowercase letters, digits, and hyphens, is not \
        longer than the names allow, and is not called like something else of the stack.",
    remedy: "Choose another name, such as `security` or `operations`.",
    example: r#"slack:
  relay: { webhook: "${env:SLACK_WEBHOOK_URL}" }   # a name that trailbell uses itself"#,
};

pub(super) const UNKNOWN_DESTINATION: Page = Page {
    means: "`to` names a destination that is not under `slack` or `sns`. Messages would go nowhere.",
    remedy: "Correct the name, or add the destination.",
    example: r#"slack:
  security: { webhook: "${env:SECURITY_WEBHOOK}" }
alerts:
  - blueprint: cloudtrail-stop-logging
    to: securty                                    # security"#,
};

pub(super) const UNROUTED_ALERT: Page = Page {
    means: "The stack has several destinations, and neither the alert nor the stack says which of them its messages are for. \
        trailbell does not guess: the alert would fire where no one expects it.",
    remedy: "Add `to` to the alert, or a `default` to the `to` of the stack.",
    example: r#"slack:
  security: { webhook: "${env:SECURITY_WEBHOOK}" }
  operations: { webhook: "${env:OPERATIONS_WEBHOOK}" }
alerts:
  - blueprint: cloudtrail-stop-logging             # and `to: security` is missing"#,
};

pub(super) const UNUSED_DESTINATION: Page = Page {
    means: "No alert goes to this destination. It gets resources in AWS all the same.",
    remedy: "Remove it, or name it in the `to` of an alert or of the stack.",
    example: r#"slack:
  security: { webhook: "${env:SECURITY_WEBHOOK}" }
  operations: { webhook: "${env:OPERATIONS_WEBHOOK}" }   # nothing goes there
to: { default: security }
alerts:
  - blueprint: cloudtrail-stop-logging"#,
};

pub(super) const NOT_BY_ACCOUNT: Page = Page {
    means: "The `to` of the stack has other destinations for some accounts, and this alert cannot have a rule for each group of \
        accounts: it counts the events of all accounts together, its pattern asks for `account` in a way that cannot be combined with \
        a list of accounts, or the list makes the pattern too long.",
    remedy: "Add `to` to the alert, or to the item that uses its pack: then its messages go to the same destinations for all accounts.",
    example: r#"to:
  default: operations
  accounts: [{ accounts: ["111122223333"], to: payments }]
alerts:
  - blueprint: cloudtrail-stop-logging
    digest: 1h                                     # one message about all accounts: `to: operations` is missing"#,
};

pub(super) const ACCOUNT_NOT_RECEIVED: Page = Page {
    means: "The `to` of the stack names an account that is neither the stack's own nor under `forwarded`, and no alert reads a log group, \
        which could have records of any account. So there is never a message about it, and its rules are for nothing.",
    remedy: "Forward the events of the account to the event bus of the stack and list it under `forwarded`, or remove it from `to`.",
    example: r#"account: "123456789012"
forwarded: { accounts: ["111122223333"] }
to:
  default: operations
  accounts: [{ accounts: ["444455556666"], to: payments }]   # not forwarded"#,
};
