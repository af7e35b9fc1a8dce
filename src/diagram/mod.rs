//! A stack as a picture: boxes, what each is made of, and how events go from one to the next.
//!
//! Made of the edges that kinds state, so a new kind is drawn without a line here. Roles, connections, permissions, and the log
//! groups of functions are details of the box that uses them; a target is the link between its rule and where it leads. Pure:
//! `render::diagram` writes it as text, Mermaid, or SVG.

mod build;
mod layers;

use schemars::JsonSchema;
use serde::Serialize;

use crate::resource::Kind;

pub use build::{BoxState, diagram};

/// The picture.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Diagram {
    /// What it shows, for its head.
    pub title: String,
    /// The boxes, by layer and then in the order in which kinds are shown.
    pub boxes: Vec<DiagramBox>,
    /// The links between them, sorted.
    pub links: Vec<DiagramLink>,
}

/// A box.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DiagramBox {
    /// What is drawn.
    pub what: Drawn,
    /// Its text: the address without the region, or the name of something outside.
    pub label: String,
    /// What it is, in words.
    pub note: String,
    /// How it is in the account; nothing for what is outside, and without a look at the account.
    pub condition: Option<BoxState>,
    /// What belongs to it: its role, its secret.
    pub details: Vec<Detail>,
    /// How many links an event takes at most to get here.
    pub layer: usize,
}

/// What a box shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Drawn {
    /// A resource of the stack.
    Resource,
    /// Something that is not the stack's.
    Outside,
    /// Slack.
    Slack,
}

/// A resource that has no box of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Detail {
    /// Its address without its region.
    pub label: String,
    /// How it is in the account.
    pub condition: Option<BoxState>,
}

/// A link between two boxes, by their places in the list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct DiagramLink {
    /// Where it begins.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// What goes along it.
    pub carries: Carries,
    /// How the target that makes the link is in the account.
    pub condition: Option<BoxState>,
}

/// What goes along a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Carries {
    /// Events, lines, and messages.
    Events,
    /// What could not be delivered.
    Undelivered,
}

/// Whether a kind is a detail of what uses it.
const fn is_detail(kind: Kind) -> bool {
    matches!(kind, Kind::Role | Kind::Connection | Kind::Permission)
}
