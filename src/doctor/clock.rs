//! Whether the clock of this machine is that of AWS.

use super::HealthCheck;

/// AWS rejects requests that are signed with a time more than five minutes from its own (IAM user guide, "Why requests are signed").
const REJECTED_SECONDS: i64 = 300;
/// More than an answer takes.
const NOTICED_SECONDS: i64 = 30;

/// `ahead` is by how many seconds the clock of this machine is ahead of that of AWS, where AWS told.
#[must_use]
pub fn clock(ahead: Option<i64>) -> HealthCheck {
    let (id, title) = ("clock", "clock");
    let fix = "turn on time synchronization: `sudo timedatectl set-ntp true`";
    let Some(ahead) = ahead else {
        return HealthCheck::not_known(id, title, "AWS did not tell its time", "see the credentials");
    };
    let side = if ahead < 0 { "behind" } else { "ahead of" };
    let detail = format!("{} s {side} that of AWS", ahead.abs());
    match ahead.abs() {
        0..=NOTICED_SECONDS => HealthCheck::ok(id, title, format!("within {NOTICED_SECONDS} s of that of AWS")),
        off if off < REJECTED_SECONDS => HealthCheck::warning(id, title, detail, fix),
        _ => {
            HealthCheck::failed(id, title, format!("{detail}; AWS rejects requests that are off by five minutes"), fix)
        }
    }
}
