//! The pages under `docs` that are made from the program: `docs/cli.md` (what `--help` says of every command, from the
//! definitions that read the command line), `docs/catalog.md`, and `docs/coverage.md`.

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Args, Command, CommandFactory, ValueEnum};

use super::screen::Screen;
use super::{Cli, ExitStatus, Failure};
use crate::blueprint::catalog::{self, CatalogEntry};
use crate::blueprint::{Blueprint, pack};
use crate::render;

const HEAD: &str = "\
# The command line

<!-- Made by `trailbell reference`; a test compares. -->

";

/// Arguments of `reference`.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Which page
    #[arg(default_value = "cli")]
    page: MadePage,
}

/// A page under `docs` that is made from the program.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum MadePage {
    Cli,
    Catalog,
    Coverage,
}

pub(super) fn run(arguments: &Arguments, screen: &Screen) -> Result<ExitStatus, Failure> {
    let text = match arguments.page {
        MadePage::Cli => page(),
        MadePage::Catalog => render::catalog::page(&blueprints()?, &pack::packs()?),
        MadePage::Coverage => render::catalog::coverage(&blueprints()?),
    };
    screen.result(text.trim_end());
    Ok(ExitStatus::Fine)
}

/// Every built-in blueprint with its topic.
fn blueprints() -> Result<Vec<(&'static str, Blueprint)>, Failure> {
    let one = |entry: CatalogEntry| Ok((entry.topic(), entry.load()?.blueprint));
    catalog::entries().into_iter().map(one).collect()
}

/// The whole page.
fn page() -> String {
    let mut program = Cli::command();
    program.build();
    let commands: Vec<&Command> = program.get_subcommands().filter(|one| !one.is_hide_set()).collect();
    let list: String = commands.iter().map(|one| row(&[&link(one), &text(one.get_about())])).collect();
    let sections: String = commands.iter().map(|one| section(one)).collect();
    let shared: String = program.get_arguments().filter(|arg| arg.is_global_set()).map(option).collect();
    format!(
        "{HEAD}{}\n\n{}{list}\n## Options of every command\n\n{}{shared}{}{sections}",
        text(program.get_about()),
        head(&["Command", "Does"]),
        head(&["Option", "Means"]),
        after(&program),
    )
}

/// What is said of one command.
fn section(command: &Command) -> String {
    let about = text(command.get_long_about().or(command.get_about()));
    let usage = command.clone().render_usage().to_string();
    let own = |arg: &&Arg| !arg.is_global_set() && !arg.is_hide_set() && arg.get_id() != "help";
    let rows: String = command.get_arguments().filter(own).map(option).collect();
    let table = if rows.is_empty() { String::new() } else { format!("\n{}{rows}", head(&["Argument", "Means"])) };
    let usage = usage.trim_start_matches("Usage: ");
    format!("\n## `trailbell {}`\n\n{about}\n\n```text\n{usage}\n```\n{table}{}", command.get_name(), after(command))
}

/// A row about an argument: how it is written, what it means, its values and its default.
fn option(arg: &Arg) -> String {
    let values: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set() && arg.get_action().takes_values())
        .map(|value| match value.get_help() {
            Some(help) => format!("<br>`{}`: {}", value.get_name(), text(Some(help))),
            None => format!("<br>`{}`", value.get_name()),
        })
        .collect();
    let defaults: Vec<String> =
        arg.get_default_values().iter().map(|value| format!("`{}`", value.to_string_lossy())).collect();
    let is_flag = matches!(arg.get_action(), ArgAction::SetTrue | ArgAction::SetFalse | ArgAction::Count);
    let default = match defaults.as_slice() {
        [] => String::new(),
        _ if is_flag || arg.is_hide_default_value_set() => String::new(),
        given => format!(" (default: {})", given.join(", ")),
    };
    let means = text(arg.get_long_help().or(arg.get_help()));
    row(&[&format!("`{}`", written(arg)), &format!("{means}{default}{}", values.concat())])
}

/// `-y, --yes` or `--profile <NAME>` or `[STACK]`.
fn written(arg: &Arg) -> String {
    // clap shows one spelling of an option; a short one is before it.
    let short = arg.get_short().filter(|_| arg.get_long().is_some()).map(|short| format!("-{short}, "));
    format!("{}{arg}", short.unwrap_or_default())
}

fn after(command: &Command) -> String {
    let said = text(command.get_after_long_help().or(command.get_after_help()));
    if said.is_empty() { String::new() } else { format!("\n```text\n{said}\n```\n") }
}

fn link(command: &Command) -> String {
    let name = command.get_name();
    format!("[`{name}`](#trailbell-{name})")
}

fn text(styled: Option<&StyledStr>) -> String {
    styled.map(ToString::to_string).unwrap_or_default().trim_end().to_owned()
}

fn head(names: &[&str]) -> String {
    row(names) + &row(&vec!["---"; names.len()])
}

fn row(cells: &[&str]) -> String {
    let cells = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', "<br>"));
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudtrail::techniques;

    #[test]
    fn the_pages_are_up_to_date() {
        let (rows, packs) = (blueprints().expect("good"), pack::packs().expect("good"));
        for (name, page) in [
            ("cli", page()),
            ("catalog", render::catalog::page(&rows, &packs)),
            ("coverage", render::catalog::coverage(&rows)),
        ] {
            let path = format!("{}/docs/{name}.md", env!("CARGO_MANIFEST_DIR"));
            let written = std::fs::read_to_string(path).expect("the page is there");
            assert!(written.trim_end() == page.trim_end(), "cargo run -- reference {name} > docs/{name}.md");
        }
    }

    #[test]
    fn a_technique_is_detected_or_has_a_reason() {
        let rows = blueprints().expect("good");
        let is_detected = |id: &str| rows.iter().any(|(_, one)| one.techniques.iter().any(|other| other == id));
        let all = techniques::all();
        for one in &all {
            assert!(is_detected(one.id) || !one.reason.is_empty(), "{} is not detected", one.id);
        }
        for (_, one) in &rows {
            for id in &one.techniques {
                assert!(all.iter().any(|technique| technique.id == id), "{}: {id} is not in the table", one.blueprint);
            }
        }
    }
}
