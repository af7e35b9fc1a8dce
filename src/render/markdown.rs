//! A plan as Markdown, for a comment on a pull request: the summary first, the details folded, no longer than GitHub takes.
//!
//! Whatever comes from a file or an account is in a code block or a code span, where GitHub and GitLab make no links, images, HTML,
//! or mentions of it (html-pipeline, the filters that GitHub published, skips `pre` and `code`). A block's fence is longer than any
//! run of backticks inside.

use super::plan::{changes, details, extras, heading, open_extras};
use super::style::{Paint, count};
use crate::plan::{Plan, PlanStep};

/// GitHub takes 65,536 characters ("Body is too long (maximum is 65536 characters)"); the rest is for who posts the comment. Bytes
/// are counted, of which no character has less than one.
const MOST: usize = 65_000;
/// What the last words may take.
const END: usize = 500;
/// So many changes are listed in the part that is not folded.
const LISTED: usize = 100;
/// Nothing is colored.
const PLAIN: Paint = Paint { color: false };

/// The whole comment.
#[must_use]
pub fn document(plan: &Plan) -> String {
    let mut steps: Vec<&PlanStep> = plan.steps.iter().collect();
    steps.sort_by_key(|step| step.change.address());
    let mut out = head(plan, &steps);
    let mut left_out = 0;
    let folded = steps.iter().filter_map(|step| folded_step(step)).chain(folded_notes(plan));
    for part in folded {
        if out.len() + part.len() + END > MOST {
            left_out += 1;
        } else {
            out.push_str(&part);
        }
    }
    if left_out > 0 {
        let parts = count(left_out, "more part");
        out.extend([
            "
**The comment is cut here: ",
            &parts,
            " would not fit.** `trailbell plan` shows everything.
",
        ]);
    }
    out
}

/// What is read without a click.
fn head(plan: &Plan, steps: &[&PlanStep]) -> String {
    let scope = &plan.scope;
    let mut out = format!(
        "### trailbell: plan for `{}`, account {}, {}\n\n**{}**\n",
        scope.stack(),
        scope.account(),
        scope.region(),
        changes(plan, PLAIN)
    );
    if let Some(open) = open_extras(plan) {
        out.extend(["\n", &open, "\n"]);
    }
    let mut lines: Vec<String> = steps.iter().take(LISTED).map(|step| heading(step, PLAIN)).collect();
    lines.extend(extras(plan, PLAIN).into_iter().take(LISTED));
    let more = steps.len().saturating_sub(LISTED) + plan.extras.len().saturating_sub(LISTED);
    if more > 0 {
        lines.push(format!("… and {more} more"));
    }
    if !lines.is_empty() {
        // In this language, lines that begin with a plus or a minus sign are green or red.
        let lines: Vec<String> = lines.iter().map(|line| line.trim_start().to_owned()).collect();
        out.push_str(&block("diff", &lines));
    }
    out
}

/// The fields of a change, behind its address.
fn folded_step(step: &PlanStep) -> Option<String> {
    let mut lines = details(&step.change, PLAIN);
    lines.extend(step.pause.iter().map(|pause| format!("waits {} s {}", pause.seconds, pause.reason)));
    let what = format!("<code>{}</code> {}", escaped(&step.change.address().short()), step.change.action());
    (!lines.is_empty()).then(|| folded(&what, &lines))
}

fn folded_notes(plan: &Plan) -> Option<String> {
    (!plan.notes.is_empty()).then(|| folded(&count(plan.notes.len(), "note"), &plan.notes))
}

fn folded(summary: &str, lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| line.strip_prefix("      ").unwrap_or(line).to_owned()).collect();
    format!("\n<details><summary>{summary}</summary>\n{}\n</details>\n", block("text", &lines))
}

/// A code block that nothing inside can end.
fn block(language: &str, lines: &[String]) -> String {
    let text = lines.iter().map(|line| one_line(line)).collect::<Vec<_>>().join("\n");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("\n{fence}{language}\n{text}\n{fence}\n")
}

/// Text without line breaks and what else has no mark of its own.
fn one_line(text: &str) -> String {
    super::style::plain(text).replace('\n', " ")
}

/// Text inside of an element.
fn escaped(text: &str) -> String {
    super::markup::escaped(&one_line(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::live::Live;
    use crate::name::Scope;
    use crate::plan::plan;
    use crate::resource::mark::{description, tags};
    use crate::resource::{Address, ENABLED, Id, Kind, Resource, ResourceSet, Rule, RuleId, set};

    fn scope() -> Scope {
        Scope::offline(None, "us-east-1", "sec").expect("a scope")
    }

    fn rule(id: &str, value: &str) -> Resource {
        let scope = scope();
        Resource::Rule(Rule {
            address: Address::new("us-east-1", Id::Rule(RuleId::of(id))),
            name: scope.name(id, "rule"),
            bus: "default".to_owned(),
            description: description(value, &scope, Kind::Rule),
            pattern: json!({ "source": [value] }),
            schedule: None,
            state: ENABLED.to_owned(),
            tags: tags(&scope),
        })
    }

    fn document_of(resources: &ResourceSet) -> String {
        document(&plan(&scope(), resources, &Live::default()).expect("a plan"))
    }

    #[test]
    fn the_summary_is_first_and_values_are_folded() {
        insta::assert_snapshot!(document_of(&set([rule("a", "my.app")])));
    }

    #[test]
    fn nothing_to_do_is_one_line() {
        let text = document_of(&ResourceSet::new());
        assert!(text.ends_with("**No changes. 0 resources are as described in the stack file.**\n"), "{text}");
    }

    /// What of a document is outside of code blocks.
    fn outside(text: &str) -> String {
        let (mut fence, mut out) = (None::<String>, String::new());
        for line in text.lines() {
            let ticks: String = line.chars().take_while(|c| *c == '`').collect();
            match &fence {
                None if ticks.len() >= 3 => fence = Some(ticks),
                None => out.extend([line, "\n"]),
                Some(open) if *open == line => fence = None,
                Some(_) => {}
            }
        }
        assert!(fence.is_none(), "a block is not closed: {text}");
        out
    }

    #[test]
    fn what_others_write_does_nothing() {
        let hostile = "@everyone ``` \n```\n</details><img src=x> [x](https://example.com) ![y](z) ````` \u{202e} #1";
        let text = document_of(&set([rule("a", hostile)]));
        assert!(text.contains("@everyone"), "it is shown: {text}");
        let read = outside(&text);
        for part in ["@", "<img", "](", "#1", "https:"] {
            assert!(!read.contains(part), "{part}: {read}");
        }
        assert_eq!(read.matches("<details>").count(), read.matches("</details>").count());
        assert!(!text.contains('\u{202e}'));
    }

    #[test]
    fn a_long_plan_is_cut_where_it_says_so() {
        let long: String = "x".repeat(300);
        let many = set((0..400).map(|at| rule(&format!("alert-{at}"), &long)));
        let text = document_of(&many);
        assert!(text.len() <= 65_000, "{}", text.len());
        assert!(text.contains("400 to create") && text.contains("… and 300 more"), "{text}");
        let end = text.lines().last().expect("a line");
        assert!(end.starts_with("**The comment is cut here: ") && end.ends_with("shows everything."), "{end}");
        outside(&text);
    }
}
