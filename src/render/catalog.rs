//! The built-in blueprints for people: the list that `catalog` prints, and the pages `docs/catalog.md` and `docs/coverage.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::style::Paint;
use crate::blueprint::pack::Pack;
use crate::blueprint::{Blueprint, Parameter, Urgency};
use crate::cloudtrail::techniques::{self, Technique};

/// A line for each blueprint, under the heading of its topic.
#[must_use]
pub fn list(rows: &[(&'static str, Blueprint)], paint: Paint) -> String {
    let width = rows.iter().map(|(_, one)| one.blueprint.len()).max().unwrap_or_default();
    let mut lines = Vec::new();
    let mut last = None;
    for (topic, one) in rows {
        if last != Some(topic) {
            lines.extend([last.map(|_| String::new()), Some(paint.dim(topic))].into_iter().flatten());
            last = Some(topic);
        }
        let name = paint.bold(&format!("{:width$}", one.blueprint));
        lines.push(format!("{name}  {}  {}", severity(one.severity, paint), one.title));
    }
    lines.join("\n")
}

fn severity(severity: Urgency, paint: Paint) -> String {
    let word = format!("{:8}", severity.word());
    match severity {
        Urgency::Critical => paint.bad(&word),
        Urgency::High => paint.warn(&word),
        Urgency::Medium | Urgency::Low | Urgency::Info => word,
    }
}

/// `docs/catalog.md`: every built-in blueprint, with what to do when it fires.
#[must_use]
pub fn page(rows: &[(&'static str, Blueprint)], packs: &[Pack]) -> String {
    let mut page = String::from(
        "# The catalog\n\n<!-- Made by `trailbell reference catalog`; a test compares. -->\n\n\
        The built-in blueprints, by topic: what happened, why it matters, and what to do. `trailbell catalog NAME` shows one with its\n\
        pattern and tests, `--copy-to` copies it to edit.\n\n## Packs\n\n\
        A pack is a list of blueprints that belong together: `use: NAME` under `alerts` of a stack file.\n\n\
        | Pack | Alerts | For |\n|---|---|---|\n",
    );
    for pack in packs {
        let about = one_line(&format!("**{}**. {}", pack.title, pack.description));
        let _ = writeln!(page, "| `{}` | {} | {about} |", pack.pack, pack.blueprints.len());
    }
    let mut last = "";
    for (topic, one) in rows {
        if *topic != last {
            let _ = write!(page, "\n## {topic}\n");
            last = topic;
        }
        page.push_str(&entry(one, packs));
    }
    page
}

fn entry(one: &Blueprint, packs: &[Pack]) -> String {
    let mut text = format!(
        "\n### {}\n\n**{}** ({})\n\n{}\n",
        one.blueprint,
        one.title,
        one.severity.word(),
        one.description.trim()
    );
    let steps = one.response.iter().enumerate().map(|(at, step)| format!("{}. {step}\n", at + 1));
    section(&mut text, "What to do", steps);
    section(&mut text, "False positives", listed(&one.false_positives));
    section(&mut text, "Limits", listed(&one.limits));
    section(&mut text, "Parameters", one.parameters.iter().map(|(name, one)| parameter(name, one)));
    let links: Vec<String> = one.techniques.iter().map(|id| format!("[{id}]({})", techniques::page(id))).collect();
    let used: Vec<String> = packs
        .iter()
        .filter(|pack| pack.blueprints.contains(&one.blueprint))
        .map(|pack| format!("`{}`", pack.pack))
        .collect();
    for (label, values) in [("Techniques", links), ("Controls", one.controls.clone()), ("Packs", used)] {
        if !values.is_empty() {
            let _ = write!(text, "\n{label}: {}\n", values.join(", "));
        }
    }
    section(&mut text, "References", one.references.iter().map(|page| format!("- <{page}>\n")));
    text
}

fn listed(lines: &[String]) -> impl Iterator<Item = String> {
    lines.iter().map(|line| format!("- {line}\n"))
}

fn section(text: &mut String, label: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        let _ = write!(text, "\n{label}:\n\n");
        text.extend(lines);
    }
}

fn parameter(name: &str, one: &Parameter) -> String {
    let default = one.default.as_ref().map_or_else(|| "required".to_owned(), |value| format!("default `{value}`"));
    let about = one.description.as_deref().map(|about| format!(": {about}")).unwrap_or_default();
    format!("- `{name}` ({default}){about}\n")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `docs/coverage.md`: the techniques of MITRE ATT&CK for clouds, which blueprints detect them, and which are not detected.
#[must_use]
pub fn coverage(rows: &[(&'static str, Blueprint)]) -> String {
    let mut detected: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (_, one) in rows {
        for id in &one.techniques {
            detected.entry(id).or_default().push(&one.blueprint);
        }
    }
    let all = techniques::all();
    let is_detected = |one: &Technique| detected.contains_key(one.id);
    let mut page = format!(
        "# Coverage by technique\n\n<!-- Made by `trailbell reference coverage`; a test compares. -->\n\n\
        The techniques of MITRE ATT&CK that concern an AWS account, and the built-in blueprints that detect them: {} of {}. A technique\n\
        counts as detected if a blueprint reports one way to use it, not all. The others are listed with the reason.\n\n\
        ## Detected\n\n| Technique | Name | Blueprints |\n|---|---|---|\n",
        all.iter().filter(|one| is_detected(one)).count(),
        all.len(),
    );
    for one in all.iter().filter(|one| is_detected(one)) {
        let names: Vec<String> = detected[one.id].iter().map(|name| format!("[{name}](catalog.md#{name})")).collect();
        let _ = writeln!(page, "| [{}]({}) | {} | {} |", one.id, techniques::page(one.id), one.name, names.join(", "));
    }
    page.push_str("\n## Not detected\n\n| Technique | Name | Why |\n|---|---|---|\n");
    for one in all.iter().filter(|one| !is_detected(one)) {
        let _ = writeln!(page, "| [{}]({}) | {} | {} |", one.id, techniques::page(one.id), one.name, one.reason);
    }
    page
}
