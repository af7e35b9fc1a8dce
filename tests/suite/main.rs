//! The suite: the built program on two emulators that others wrote, through a proxy that makes calls go wrong.
//!
//! One binary, because each links the SDK. `support` installs and starts what the tests need; each test takes an account
//! of its own. Only loopback is used.

#![expect(unreachable_pub, reason = "in a test binary nothing is reachable, and `pub` marks what the tests may use")]
#![expect(clippy::print_stdout, reason = "the counting tests print the figures that the documents state")]
#![expect(clippy::semicolon_if_nothing_returned, clippy::needless_for_each, reason = "lines of tables read better so")]

mod support;

mod account_names;
mod adopt;
mod alarms;
mod authentic;
mod bad_world;
mod bench;
mod calls;
mod concurrency;
mod consent;
mod contract;
mod destinations;
mod digests;
mod doctor;
mod documents;
mod drift;
#[cfg(target_os = "linux")]
mod escapes;
mod files;
mod foreign;
mod functions;
mod guards;
mod handlers;
mod imported;
mod index;
mod init;
mod leaks;
mod leftovers;
mod lifecycle;
mod logs;
mod messages;
mod organization;
mod packs;
mod policy;
mod quotas;
mod rates;
mod redrive;
mod rename;
mod runs;
mod sarif;
mod schedules;
mod search;
mod secrets;
mod self_watch;
mod shapes;
mod shell;
mod stacks;
mod staged;
mod stored_secrets;
mod topics;
mod under_node;
mod unmanaged;
mod verify;
mod workflows;
