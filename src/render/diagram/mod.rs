//! The picture of a stack as text for a terminal, as Mermaid, and as SVG.

mod mermaid;
mod svg;
mod tree;

use crate::diagram::BoxState;

pub use mermaid::mermaid;
pub use svg::svg;
pub use tree::tree;

/// A condition in words; nothing to say about what is as it should be.
const fn word(condition: Option<BoxState>) -> Option<&'static str> {
    match condition {
        None | Some(BoxState::Ok) => None,
        Some(BoxState::Missing) => Some("missing"),
        Some(BoxState::Differs) => Some("differs"),
        Some(BoxState::Superfluous) => Some("not in the stack file"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::{Carries, Detail, Diagram, DiagramBox, DiagramLink, Drawn};
    use crate::render::style::Paint;

    /// Two rules on one bus, the second of which is not as it should be, with names that want to be markup.
    fn example() -> Diagram {
        let one = |what, label: &str, condition, layer| DiagramBox {
            what,
            label: label.to_owned(),
            note: "not managed by this stack".to_owned(),
            condition,
            details: Vec::new(),
            layer,
        };
        let link = |from, to, carries, condition| DiagramLink { from, to, carries, condition };
        let mut destination = one(Drawn::Resource, "api_destination.slack", Some(BoxState::Ok), 2);
        destination.details = vec![Detail { label: "role.slack".to_owned(), condition: Some(BoxState::Missing) }];
        Diagram {
            title: "stack \"a\" & <b>".to_owned(),
            boxes: vec![
                one(Drawn::Outside, "event-bus/<default>", None, 0),
                one(Drawn::Resource, "rule.a", Some(BoxState::Ok), 1),
                one(Drawn::Resource, "rule.b", Some(BoxState::Differs), 1),
                destination,
                one(Drawn::Resource, "queue.slack", Some(BoxState::Superfluous), 2),
                one(Drawn::Slack, "Slack", None, 3),
            ],
            links: vec![
                link(0, 1, Carries::Events, None),
                link(0, 2, Carries::Events, None),
                link(1, 3, Carries::Events, Some(BoxState::Ok)),
                link(1, 4, Carries::Undelivered, None),
                link(2, 3, Carries::Events, Some(BoxState::Missing)),
                link(3, 5, Carries::Events, None),
            ],
        }
    }

    #[test]
    fn every_way_is_in_the_text_and_what_was_shown_is_only_named_again() {
        insta::assert_snapshot!(tree(&example(), Paint { color: false }));
    }

    #[test]
    fn names_are_no_markup_of_mermaid() {
        insta::assert_snapshot!(mermaid(&example()));
    }

    #[test]
    fn names_are_no_markup_of_svg_and_nothing_leaves_the_picture() {
        let text = svg(&example());
        assert!(text.contains("stack &quot;a&quot; &amp; &lt;b&gt;") && !text.contains("<default>"), "{text}");
        assert!(!text.contains("<script") && !text.contains("href"), "{text}");
        let number = |text: &str, name: &str| -> Vec<f64> {
            text.split(&format!(" {name}=\"")).skip(1).filter_map(|rest| rest.split('"').next()?.parse().ok()).collect()
        };
        let (width, height) = (number(&text, "width")[0], number(&text, "height")[0]);
        assert!(number(&text, "x").iter().all(|x| *x < width) && number(&text, "y").iter().all(|y| *y < height));
        assert_eq!(text.matches("<path").count(), 6);
    }

    #[test]
    fn a_circle_of_boxes_ends() {
        let mut circle = example();
        circle.links.push(DiagramLink { from: 5, to: 0, carries: Carries::Events, condition: None });
        let text = tree(&circle, Paint { color: false });
        for one in &circle.boxes {
            assert!(text.contains(&one.label), "{text}");
        }
    }
}
