//! Test support: what the suite needs around trailbell to test it offline.
//!
//! Two AWS emulators (`emulator`, installed by `install`), raw calls and fresh accounts on them (`api`), a proxy in
//! front of them that injects the faults of a `script` (`proxy`, over `http1`), trails (`trail`), runs of others (`runs`), dead letters
//! (`letter`), someone at a terminal (`terminal`) and a receiver for alerts (`sink`). Everything listens on and talks
//! to 127.0.0.1 only.

pub mod api;
pub mod emulator;
pub mod http1;
pub mod inside;
pub mod install;
pub mod letter;
pub mod proxy;
pub mod runs;
pub mod script;
pub mod sink;
pub mod stack;
pub mod survey;
pub mod terminal;
pub mod trail;
