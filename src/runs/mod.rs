//! Runs: whoever changes a stack does so alone, and leaves a record of it.
//!
//! There is no service and no file for this: a run is a log stream in a log group of the stack (`provider::run_log`). `lock` is
//! the rule that makes one run at a time of it, `record` what a run writes, `history` who ran before, `label` what the log group's
//! tags say about the stack, `note` where its filters are.

mod history;
mod label;
mod lock;
mod note;
mod record;

pub use history::{PastRun, end_of, history, past};
pub use label::{Expiry, Label, LabelRequest, Lifetime};
pub use lock::{
    Attempt, DEAD_SECONDS, FRESH, HEARTBEAT, Held, HeldGate, Newest, begin, disown, end, last_sign, newest,
};
pub use note::note_log_groups;
pub use record::{Begun, Ended, RunChanges, RunResult};
