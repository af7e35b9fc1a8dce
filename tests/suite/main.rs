//! The suite: the built program on two emulators that others wrote, through a proxy that makes calls go wrong.
//!
//! One binary, because each links the SDK. `support` installs and starts what the tests need; each test takes an account
//! of its own. Only loopback is used.

mod support;

mod bad_world;
mod calls;
mod contract;
mod drift;
mod files;
mod foreign;
mod lifecycle;
mod secrets;
