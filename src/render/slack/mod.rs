//! A Slack message as Slack shows it, in a terminal or on a page.
//!
//! `view` reads a message into shapes that both renderers draw, with `mrkdwn` for Slack's markup, `emoji` for the
//! pictures and `safe` for text that must not reach a reader raw. `terminal` draws the shapes as lines (`wrap` breaks
//! them), `html` as a page.

mod emoji;
pub mod html;
mod mrkdwn;
mod safe;
pub mod terminal;
mod view;
mod wrap;

#[cfg(test)]
mod tests;

/// What is around a message in the channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The name of the channel, with or without its `#`.
    pub channel: String,
    /// The name of the app that posts.
    pub app: String,
    /// The time shown next to it, such as `11:31`.
    pub time: String,
}

impl Frame {
    /// The channel's name without its `#`, on one line and harmless.
    fn channel(&self) -> String {
        safe::label(self.channel.strip_prefix('#').unwrap_or(&self.channel))
    }

    fn app(&self) -> String {
        safe::label(&self.app)
    }

    fn time(&self) -> String {
        safe::label(&self.time)
    }
}
