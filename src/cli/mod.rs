//! The command line: one file per command, and what they share.
//!
//! `screen` is where output goes, `session` opens a stack with its account and secret, `failure` turns everything that
//! can go wrong into a message and an exit code. Commands return failures; only [`run`] prints them.

mod apply;
mod catalog;
mod check;
mod cloud;
mod demo;
mod destroy;
mod explain;
mod failure;
mod files;
mod fire;
mod help;
mod init;
mod matching;
mod node;
mod plan;
mod preview;
mod reference;
mod sample;
mod schema;
pub mod screen;
mod secrets;
mod session;
mod slack_manifest;
mod status;
mod targets;
mod test;
mod verify;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use failure::{Code, Failure};
use screen::Screen;

/// Wire AWS CloudTrail to Slack: alerts from YAML blueprints, planned, applied, proven and removed.
#[derive(Debug, Parser)]
#[command(name = "trailbell", version, max_term_width = 100, after_help = failure::EXIT_CODES, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command takes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// The profile of the AWS configuration files to use
    #[arg(long, global = true, value_name = "NAME")]
    profile: Option<String>,
    /// The AWS region; must be the stack's, which is the default
    #[arg(long, global = true, value_name = "REGION")]
    region: Option<String>,
    /// Send AWS requests to this address instead, for emulators (also: `AWS_ENDPOINT_URL`)
    #[arg(long, global = true, value_name = "URL")]
    endpoint_url: Option<String>,
    /// Work on the embedded sandbox instead of AWS, kept in this file between commands
    #[arg(long, global = true, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = ".trailbell-sandbox.json")]
    sandbox: Option<PathBuf>,
    /// How to print results
    #[arg(long, global = true, value_enum, default_value_t = Output::Text)]
    output: Output,
    /// Do not ask; required by apply and destroy when there is no terminal
    #[arg(long, short = 'y', global = true)]
    yes: bool,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Text,
    /// For machines, on standard output: one document, or one line per event from apply and destroy.
    Json,
}

/// A stack file as argument.
#[derive(Args, Clone, Debug)]
pub struct StackFile {
    /// The stack file
    #[arg(value_name = "STACK", default_value = crate::stack::DEFAULT_FILE)]
    stack: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Ask a few questions and write a stack file; then show the plan and offer to apply it
    Init(init::Arguments),
    /// Find everything wrong in stack and blueprint files, offline
    Check(check::Arguments),
    /// Find the events that match event patterns, or the log lines that match filter patterns
    Match(matching::Arguments),
    /// Run the blueprints' own tests offline
    Test(test::Arguments),
    /// Say why an event rings an alert or does not, or what the code of a finding means
    Explain(explain::Arguments),
    /// Show messages as they will look in Slack
    Preview(preview::Arguments),
    /// Show what apply would change
    Plan(plan::Arguments),
    /// Make the account as the stack file says
    Apply(apply::Arguments),
    /// Show what the stack has in the account and whether it is as it should be
    Status(status::Arguments),
    /// Prove in the account that alerts arrive, without changing anything
    Verify(verify::Arguments),
    /// Send sample events through the stack offline and show what would reach Slack
    Fire(fire::Arguments),
    /// Remove everything the stack has in the account
    Destroy(destroy::Arguments),
    /// List the built-in blueprints, show one, or copy one out to edit
    Catalog(catalog::Arguments),
    /// Print the JSON Schema of a file format, for editors
    Schema(schema::Arguments),
    /// Print the manifest of a Slack app to post with, for Slack's form
    SlackManifest(slack_manifest::Arguments),
    /// Tell the whole story on the embedded sandbox: no account, no network
    Demo(demo::Arguments),
    /// Print the reference of the commands, in Markdown
    #[command(hide = true)]
    Reference,
    /// Print the help of a command, or what a language means: patterns, filters, templates
    Help(help::Arguments),
}

/// Runs a parsed command line and gives the exit code.
pub async fn run(cli: Cli, screen: &Screen) -> Code {
    let Cli { global, command } = cli;
    let result = match &command {
        Command::Init(arguments) => init::run(arguments, &global, screen).await,
        Command::Check(arguments) => check::run(arguments, &global, screen),
        Command::Match(arguments) => matching::run(arguments, &global, screen),
        Command::Test(arguments) => test::run(arguments, &global, screen),
        Command::Explain(arguments) => explain::run(arguments, &global, screen),
        Command::Preview(arguments) => preview::run(arguments, &global, screen),
        Command::Plan(arguments) => plan::run(arguments, &global, screen).await,
        Command::Apply(arguments) => apply::run(arguments, &global, screen).await,
        Command::Status(arguments) => status::run(arguments, &global, screen).await,
        Command::Verify(arguments) => verify::run(arguments, &global, screen).await,
        Command::Fire(arguments) => fire::run(arguments, &global, screen).await,
        Command::Destroy(arguments) => destroy::run(arguments, &global, screen).await,
        Command::Catalog(arguments) => catalog::run(arguments, &global, screen),
        Command::Schema(arguments) => Ok(schema::run(arguments, screen)),
        Command::SlackManifest(arguments) => slack_manifest::run(arguments, &global, screen),
        Command::Reference => Ok(reference::run(screen)),
        Command::Demo(arguments) => demo::run(arguments, &global, screen).await,
        Command::Help(arguments) => help::run(arguments, screen),
    };
    let code = match result {
        Ok(code) => code,
        Err(failure) => {
            failure.print(global.output, screen);
            failure.code()
        }
    };
    let Some(lost) = screen.lost() else { return code };
    screen.note(&format!("{} the results cannot be written: {lost}", screen.paint_err.bad("error:")));
    // To `match`, as to grep, 1 means that nothing was found.
    if matches!(command, Command::Match(_)) { Code::Usage } else { Code::Failed }
}
