//! Data → what people read. Nothing here decides or does anything.
//!
//! `style` holds every symbol and color; `findings` draws what is wrong in a file, `plan` what would be done,
//! `markdown` the same for a comment on a pull request, `github` and
//! `sarif` findings for pipelines, `progress` what is happening, `messages` what reaches Slack, `slack` a message as it looks there, `explain` why an
//! alert matches, `verify` what was proven, `doctor` what was checked, `redrive` what is sent again, `import` what came of rules of others, `permissions` the
//! page about what AWS must allow.

pub mod cases;
pub mod catalog;
pub mod codes;
pub mod diagram;
pub mod doctor;
pub mod explain;
pub mod findings;
pub mod github;
pub mod history;
pub mod import;
pub mod junit;
pub mod markdown;
mod markup;
pub mod messages;
pub mod permissions;
pub mod plan;
pub mod progress;
pub mod redrive;
pub mod sarif;
pub mod slack;
pub mod stacks;
pub mod style;
pub mod suppress;
pub mod verify;
