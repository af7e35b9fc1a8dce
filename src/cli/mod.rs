//! The command line: one file per command, and what they share.
//!
//! `screen` is where output goes, `session` opens a stack with its account and secret, `failure` turns everything that
//! can go wrong into a message and an exit code. Commands return failures; only [`run`] prints them.

mod adopt;
mod apply;
mod arguments;
mod catalog;
mod changes;
mod check;
mod choice;
mod cloud;
mod completions;
mod consent;
mod demo;
mod destroy;
mod doctor;
mod explain;
mod failure;
mod files;
mod fire;
mod graph;
mod guards;
mod help;
mod hidden;
mod history;
mod import;
mod init;
mod interrupt;
mod list;
mod lock;
mod man;
mod matching;
mod node;
mod plan;
mod policy;
mod preview;
mod reap;
mod recheck;
mod redrive;
mod reference;
mod rename;
mod sample;
mod saved;
mod schema;
pub mod screen;
mod secrets;
mod selection;
mod session;
mod slack_manifest;
mod status;
mod suppress;
mod test;
mod turn;
mod unlock;
mod verify;
mod version;

use std::path::PathBuf;

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};

use crate::document::Reach;
use crate::provider::aws::CallRate;
pub use arguments::parse;
pub use completions::complete;
pub use failure::{ExitStatus, Failure};
pub use node::contain::enter as enter_boundary;
use screen::Screen;

/// Connect AWS CloudTrail to Slack: plan, apply, verify, and destroy alerts defined in YAML.
#[derive(Debug, Parser)]
#[command(name = "trailbell", version, long_version = version::LONG.as_str(), max_term_width = 100, after_help = failure::EXIT_CODES, disable_help_subcommand = true)]
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
    /// AWS profile to use, even if there are keys in the environment
    #[arg(long, global = true, value_name = "NAME")]
    profile: Option<String>,
    /// AWS region; must match the stack's region, which is the default
    #[arg(long, global = true, value_name = "REGION")]
    region: Option<String>,
    /// Send AWS requests to this URL, for example of an emulator (also: `AWS_ENDPOINT_URL`)
    #[arg(long, global = true, value_name = "URL")]
    endpoint_url: Option<String>,
    /// Send calls at this many times AWS's published rates: 0.25 where four pipelines share an account, `unlimited` for an
    /// emulator
    #[arg(long, global = true, value_name = "TIMES", env = "TRAILBELL_CALL_RATE", default_value = "1", value_parser = call_rate, hide_short_help = true)]
    call_rate: CallRate,
    /// Send a throttled call again for at most this many seconds
    #[arg(
        long,
        global = true,
        value_name = "SECONDS",
        env = "TRAILBELL_THROTTLE_LIMIT",
        default_value_t = 300,
        hide_short_help = true
    )]
    throttle_limit: u64,
    /// Use the embedded sandbox instead of AWS, stored in this file between commands
    #[arg(long, global = true, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = ".trailbell-sandbox.json")]
    sandbox: Option<PathBuf>,
    /// Format of results
    #[arg(long = "output", global = true, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
    /// The same for what every command prints, errors included: text unless JSON was asked for.
    #[arg(skip)]
    output: Output,
    /// Use colors: `auto` does in a terminal, unless the environment variable `NO_COLOR` is set
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = ColorChoice::Auto, hide_short_help = true)]
    color: ColorChoice,
    /// Also read blueprints and handlers outside of the stack file's folder
    #[arg(long, global = true)]
    allow_outside: bool,
    /// Append `-TEXT` to the stack's name: a stack of its own, for example `pr-17` for a pull request
    #[arg(long, global = true, value_name = "TEXT")]
    suffix: Option<String>,
    /// Never ask, not even in a terminal; required by apply and destroy when not running in a terminal
    #[arg(long, short = 'y', global = true)]
    yes: bool,
}

impl Global {
    /// Which files a stack file or a blueprint may name.
    fn reach(&self) -> Reach {
        if self.allow_outside { Reach::Anywhere } else { Reach::Own }
    }
}

impl Global {
    /// Options that cannot both be honored.
    fn contradiction(&self) -> Option<Failure> {
        self.sandbox.as_ref()?;
        let options = [("--profile", self.profile.is_some()), ("--endpoint-url", self.endpoint_url.is_some())];
        let (option, _) = options.into_iter().find(|(_, is_given)| *is_given)?;
        Some(Failure::usage(
            format!("{option} has no meaning with --sandbox, which does not use AWS"),
            "remove one of the two",
        ))
    }
}

/// A rate of calls, as a person writes it.
fn call_rate(text: &str) -> Result<CallRate, String> {
    if text == "unlimited" {
        return Ok(CallRate::Unlimited);
    }
    let times = text.parse().ok().filter(|times| (0.01..=100.0).contains(times));
    times.map(CallRate::Times).ok_or_else(|| "expected a number from 0.01 to 100, or `unlimited`".to_owned())
}

/// A format of results, as a person asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// Text for people
    Text,
    /// JSON on standard output: one document, or one line per event from apply and destroy
    Json,
    /// Markdown for a comment on a pull request (`plan`)
    Markdown,
    /// Annotations of GitHub Actions, next to the lines they are about (`check`)
    Github,
    /// SARIF 2.1.0, for code scanning (`check`)
    Sarif,
}

/// How results are printed by commands that have no further format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// Text for people.
    #[default]
    Text,
    /// JSON.
    Json,
}

impl OutputFormat {
    /// What it is to commands that have no such format, and for errors.
    const fn plain(self) -> Output {
        match self {
            Self::Json => Output::Json,
            Self::Text | Self::Markdown | Self::Github | Self::Sarif => Output::Text,
        }
    }

    /// That a command has no such format.
    fn lacking(self, command: &Command) -> Option<Failure> {
        let (word, has_it, owner) = match self {
            Self::Text | Self::Json => return None,
            Self::Markdown => ("markdown", matches!(command, Command::Plan(_)), "plan"),
            Self::Github => ("github", matches!(command, Command::Check(_)), "check"),
            Self::Sarif => ("sarif", matches!(command, Command::Check(_)), "check"),
        };
        let failure = || {
            let hint =
                format!("every command has `--output text` and `--output json`; `trailbell {owner}` has this one, too");
            Failure::usage(format!("this command has no `--output {word}`"), hint)
        };
        (!has_it).then(failure)
    }
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
    /// Create a stack file interactively, show the plan, and offer to apply it
    Init(init::Arguments),
    /// Check stack and blueprint files offline and report all problems
    Check(check::Arguments),
    /// Search for events that match event patterns, or log lines that match filter patterns
    Match(matching::Arguments),
    /// Run the tests of blueprints offline
    Test(test::Arguments),
    /// Explain why an event does or does not fire an alert, or what a finding code means
    Explain(explain::Arguments),
    /// Propose a suppression for an event that is expected
    Suppress(suppress::Arguments),
    /// Show messages as they will look in Slack
    Preview(preview::Arguments),
    /// Show what apply would change
    Plan(plan::Arguments),
    /// Change the account to match the stack file
    Apply(apply::Arguments),
    /// Take over resources that exist under names of the stack and are not managed
    Adopt(adopt::Arguments),
    /// Show the stack's resources in the account and whether they match the stack file
    Status(status::Arguments),
    /// Check everything that alerts depend on, from the credentials to Slack, and say what to fix
    Doctor(doctor::Arguments),
    /// Draw the stack, from where events come to where they end, for the terminal, as Mermaid, or as SVG
    Graph(graph::Arguments),
    /// Prove that alerts arrive in Slack, without changing anything in the account
    Verify(verify::Arguments),
    /// Send what is in the dead-letter queue to Slack again, marked as late
    Redrive(redrive::Arguments),
    /// Send sample events through the stack offline and show what would reach Slack
    Fire(fire::Arguments),
    /// Delete all of the stack's resources in the account
    Destroy(destroy::Arguments),
    /// List every stack of the account in a region, with its age, expiry, owner, and version
    List(list::Arguments),
    /// Remove the stacks that have expired; without --yes, show them
    Reap(reap::Arguments),
    /// Show who changed the stack, when, from where, and what came of it
    History(history::Arguments),
    /// End a run that was killed, so that another one can begin
    Unlock(unlock::Arguments),
    /// Print the exact IAM policy that the stack needs
    Policy(policy::Arguments),
    /// List the built-in blueprints, show one, or copy one to edit it
    Catalog(catalog::Arguments),
    /// Make blueprints of rules in other formats: Sigma, EventBridge
    Import(import::Arguments),
    /// Print the JSON Schema of a file format, for editors
    Schema(schema::Arguments),
    /// Print the manifest for creating a Slack app
    SlackManifest(slack_manifest::Arguments),
    /// Print the script that makes a shell complete commands, options, and names
    Completions(completions::Arguments),
    /// Write the manual pages to a folder
    Man(man::Arguments),
    /// Run a demonstration in the embedded sandbox, without an account or network
    Demo(demo::Arguments),
    /// Print a page of the documentation that is made from the program, as Markdown
    #[command(hide = true)]
    Reference(reference::Arguments),
    /// Print the help of a command, or the reference of a language: patterns, filters, templates
    Help(help::Arguments),
}

impl Cli {
    /// The streams of the process, as this command line uses them. Ctrl-C is watched from here on.
    #[must_use]
    pub fn screen(&self) -> Screen {
        arguments::color(self.global.color);
        let mut screen = Screen::process();
        screen.is_interactive &= !self.global.yes;
        screen.interrupts.watch();
        screen
    }
}

/// Runs a parsed command line and gives the exit code.
pub async fn run(cli: Cli, screen: &Screen) -> ExitStatus {
    let Cli { mut global, command } = cli;
    global.output = global.format.plain();
    if let Some(failure) = global.contradiction().or_else(|| global.format.lacking(&command)) {
        failure.print(global.output, screen);
        return failure.code();
    }
    let result = match &command {
        Command::Init(arguments) => init::run(arguments, &global, screen).await,
        Command::Check(arguments) => check::run(arguments, &global, screen),
        Command::Match(arguments) => matching::run(arguments, &global, screen),
        Command::Test(arguments) => test::run(arguments, &global, screen),
        Command::Explain(arguments) => explain::run(arguments, &global, screen),
        Command::Suppress(arguments) => suppress::run(arguments, &global, screen),
        Command::Preview(arguments) => preview::run(arguments, &global, screen),
        Command::Plan(arguments) => plan::run(arguments, &global, screen).await,
        Command::Apply(arguments) => apply::run(arguments, &global, screen).await,
        Command::Adopt(arguments) => adopt::run(arguments, &global, screen).await,
        Command::Status(arguments) => status::run(arguments, &global, screen).await,
        Command::Doctor(arguments) => doctor::run(arguments, &global, screen).await,
        Command::Graph(arguments) => graph::run(arguments, &global, screen).await,
        Command::Verify(arguments) => verify::run(arguments, &global, screen).await,
        Command::Redrive(arguments) => redrive::run(arguments, &global, screen).await,
        Command::Fire(arguments) => fire::run(arguments, &global, screen).await,
        Command::Destroy(arguments) => destroy::run(arguments, &global, screen).await,
        Command::List(arguments) => list::run(arguments, &global, screen).await,
        Command::Reap(arguments) => reap::run(arguments, &global, screen).await,
        Command::Policy(arguments) => policy::run(arguments, &global, screen).await,
        Command::History(arguments) => history::run(arguments, &global, screen).await,
        Command::Unlock(arguments) => unlock::run(arguments, &global, screen).await,
        Command::Catalog(arguments) => catalog::run(arguments, &global, screen),
        Command::Import(arguments) => import::run(arguments, &global, screen).await,
        Command::Schema(arguments) => Ok(schema::run(arguments, screen)),
        Command::SlackManifest(arguments) => slack_manifest::run(arguments, &global, screen),
        Command::Completions(arguments) => completions::run(arguments, screen),
        Command::Man(arguments) => man::run(arguments, screen),
        Command::Reference(arguments) => reference::run(arguments, screen),
        Command::Demo(arguments) => demo::run(arguments, &global, screen).await,
        Command::Help(arguments) => help::run(arguments, screen),
    };
    let code = match result {
        Ok(code) => code,
        Err(Failure::Interrupted) => screen.interrupts.wait(),
        Err(failure) => {
            failure.print(global.output, screen);
            failure.code()
        }
    };
    let Some(lost) = screen.lost() else { return code };
    screen.note(&format!("{} cannot write the results: {lost}", screen.paint_err.bad("error:")));
    // To `match`, as to grep, 1 means that nothing was found.
    if matches!(command, Command::Match(_)) { ExitStatus::Usage } else { ExitStatus::Failed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_of_calls_is_a_factor_or_unlimited() {
        assert_eq!(call_rate("0.25"), Ok(CallRate::Times(0.25)));
        assert_eq!(call_rate("unlimited"), Ok(CallRate::Unlimited));
        for wrong in ["0", "-1", "1e9", "NaN", "inf", "fast", ""] {
            assert!(call_rate(wrong).is_err(), "{wrong}");
        }
    }
}
