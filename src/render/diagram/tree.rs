//! The picture as lines of text: from where events come, along every way, to where they end.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::word;
use crate::diagram::{BoxState, Carries, Diagram, DiagramLink, Drawn};
use crate::render::style::{Paint, plain};

/// The text.
#[must_use]
pub fn tree(diagram: &Diagram, paint: Paint) -> String {
    let text = format!("{}\n", paint.bold(&plain(&diagram.title)));
    let mut walk = TreeWalk { diagram, paint, seen: vec![false; diagram.boxes.len()], text };
    let ends: BTreeSet<usize> = diagram.links.iter().map(|link| link.to).collect();
    for root in (0..diagram.boxes.len()).filter(|at| !ends.contains(at)) {
        walk.root(root);
    }
    // What only circles lead to.
    while let Some(at) = walk.seen.iter().position(|seen| !seen) {
        walk.root(at);
    }
    walk.text
}

struct TreeWalk<'d> {
    diagram: &'d Diagram,
    paint: Paint,
    seen: Vec<bool>,
    text: String,
}

impl<'d> TreeWalk<'d> {
    /// The links that begin at a box; the list of links is sorted.
    fn links(&self, at: usize) -> &'d [DiagramLink] {
        let links = &self.diagram.links;
        &links[links.partition_point(|link| link.from < at)..links.partition_point(|link| link.from <= at)]
    }

    fn root(&mut self, at: usize) {
        self.text.push('\n');
        self.line("", "", at, None);
        self.below(at, "");
    }

    /// What a box leads to, each with what follows; what was shown before is named only.
    fn below(&mut self, at: usize, indent: &str) {
        if std::mem::replace(&mut self.seen[at], true) {
            return;
        }
        let details = self.diagram.boxes[at].details.len();
        let links: Vec<&DiagramLink> = self.links(at).iter().filter(|link| !self.is_inline(link)).collect();
        for number in 0..details {
            let is_last = number + 1 == details && links.is_empty();
            self.detail(at, number, &format!("{indent}{}", branch(is_last)));
        }
        for (number, link) in links.iter().enumerate() {
            let is_last = number + 1 == links.len();
            self.line(indent, branch(is_last), link.to, Some(link));
            self.below(link.to, &format!("{indent}{}", if is_last { "   " } else { "│  " }));
        }
    }

    /// Whether a link is named on the line of the box that it begins at: there is nothing below its end that was not shown.
    fn is_inline(&self, link: &DiagramLink) -> bool {
        self.seen[link.to] || self.links(link.to).is_empty() && self.diagram.boxes[link.to].details.is_empty()
    }

    /// The links of a box that are named on its own line: where events go, then where goes what is not delivered.
    fn inline(&mut self, at: usize) -> String {
        let mut links: Vec<&DiagramLink> = self.links(at).iter().filter(|link| self.is_inline(link)).collect();
        links.sort_by_key(|link| link.carries);
        let (mut text, mut before) = (String::new(), None);
        for link in links {
            let name = self.name(link.to);
            let condition = self.condition(self.diagram.boxes[link.to].condition.max(link.condition));
            let arrow = match link.carries {
                again if before.replace(again) == Some(again) => ", ".to_owned(),
                Carries::Events => " → ".to_owned(),
                Carries::Undelivered => self.paint.dim("; undelivered → "),
            };
            let _ = write!(text, "{arrow}{name}{condition}");
            self.seen[link.to] = true;
        }
        text
    }

    fn name(&self, at: usize) -> String {
        let one = &self.diagram.boxes[at];
        let label = plain(&one.label);
        match one.what {
            Drawn::Slack => self.paint.bold(&label),
            Drawn::Outside => format!("{label}{}", self.paint.dim(&format!(" ({})", one.note))),
            Drawn::Resource => label,
        }
    }

    fn detail(&mut self, at: usize, number: usize, lead: &str) {
        let detail = &self.diagram.boxes[at].details[number];
        let label = self.paint.dim(&format!("uses {}", plain(&detail.label)));
        let condition = self.condition(detail.condition);
        let _ = writeln!(self.text, "{}{label}{condition}", self.paint.dim(lead));
    }

    fn line(&mut self, indent: &str, branch: &str, at: usize, link: Option<&DiagramLink>) {
        let one = &self.diagram.boxes[at];
        let lead = self.paint.dim(&format!("{indent}{branch}"));
        let is_undelivered = link.is_some_and(|link| link.carries == Carries::Undelivered);
        let how = if is_undelivered { self.paint.dim("undelivered: ") } else { String::new() };
        let condition = self.condition(one.condition.max(link.and_then(|link| link.condition)));
        let name = self.name(at);
        let inline = if self.seen[at] { String::new() } else { self.inline(at) };
        let _ = writeln!(self.text, "{lead}{how}{name}{condition}{inline}");
    }

    fn condition(&self, condition: Option<BoxState>) -> String {
        word(condition).map_or_else(String::new, |word| format!("  {}", self.paint.bad(word)))
    }
}

const fn branch(is_last: bool) -> &'static str {
    if is_last { "└─ " } else { "├─ " }
}
