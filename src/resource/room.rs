//! Rooms: a log group takes few filters of a kind, no matter whose they are, a rule few targets, and an account in a region few
//! event buses, rules on its default bus, connections, API destinations, and roles.

use super::{Address, Kind};

/// Something in which there are few places for resources of a kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Room<'a> {
    /// The kind they are for.
    pub kind: Kind,
    /// What they are in.
    pub within: Within<'a>,
    /// How many there are.
    pub most: usize,
}

/// What has room for few.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Within<'a> {
    /// A log group, by its name.
    LogGroup(&'a str),
    /// A resource of the stack.
    Part(Address),
    /// The region of the account, whichever stack it is.
    Region,
}

/// A room that is a log group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogGroupRoom<'a> {
    /// The kind of filters it is for.
    pub kind: Kind,
    /// The log group.
    pub log_group: &'a str,
    /// How many of them it takes.
    pub most: usize,
}

impl<'a> Room<'a> {
    /// The log group that it is.
    #[must_use]
    pub fn place(self) -> Option<LogGroupRoom<'a>> {
        match self.within {
            Within::LogGroup(log_group) => Some(LogGroupRoom { kind: self.kind, log_group, most: self.most }),
            Within::Part(_) | Within::Region => None,
        }
    }
}
