//! The picture as a Mermaid flowchart, which GitHub and many editors draw.

use std::fmt::Write as _;

use super::word;
use crate::diagram::{BoxState, Carries, Diagram, DiagramBox, Drawn};

/// The text of the flowchart.
#[must_use]
pub fn mermaid(diagram: &Diagram) -> String {
    let mut text = format!("---\ntitle: {}\n---\nflowchart LR\n", quoted(&diagram.title));
    for (at, one) in diagram.boxes.iter().enumerate() {
        let _ = writeln!(text, "  n{at}{}{}", shape(one), class(one));
    }
    for link in &diagram.links {
        let line = match link.carries {
            Carries::Events => "-->",
            Carries::Undelivered => "-.->",
        };
        let words = word(link.condition).map_or_else(String::new, |word| format!("|{}|", quoted(word)));
        let _ = writeln!(text, "  n{} {line}{words} n{}", link.from, link.to);
    }
    text.push_str("  classDef outside stroke-dasharray: 4\n");
    text.push_str("  classDef missing stroke:#b35900,stroke-width:3px\n");
    text.push_str("  classDef differs stroke:#c00000,stroke-width:3px\n");
    text
}

fn shape(one: &DiagramBox) -> String {
    let words = std::iter::once((one.label.as_str(), one.condition))
        .chain(one.details.iter().map(|detail| (detail.label.as_str(), detail.condition)));
    let lines: Vec<String> = words
        .map(|(label, condition)| match word(condition) {
            Some(word) => format!("{label} ({word})"),
            None => label.to_owned(),
        })
        .collect();
    let text = quoted(&lines.join("\n"));
    match one.what {
        Drawn::Resource => format!("[{text}]"),
        Drawn::Outside => format!("([{text}])"),
        Drawn::Slack => format!("(({text}))"),
    }
}

fn class(one: &DiagramBox) -> &'static str {
    match (one.condition, one.what) {
        (Some(BoxState::Missing), _) => ":::missing",
        (Some(BoxState::Differs | BoxState::Superfluous), _) => ":::differs",
        (_, Drawn::Outside) => ":::outside",
        _ => "",
    }
}

/// A text in quotes, as Mermaid wants it: what has a meaning in it becomes an entity.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '\n' => quoted.push_str("<br/>"),
            '"' | '#' | '<' | '>' | '&' | '`' | ';' => {
                let _ = write!(quoted, "#{};", u32::from(character));
            }
            character if character.is_control() => quoted.push(' '),
            character => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
