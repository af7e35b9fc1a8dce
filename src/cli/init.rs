//! `trailbell init`: asks a few questions, writes a commented stack file, shows the plan and offers to apply it.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::apply::{ApplyRequest, apply_session};
use super::changes::planned;
use super::choice::suffix;
use super::cloud::Cloud;
use super::guards::{Allowed, FirstLook};
use super::screen::Screen;
use super::session::{Session, identified, read};
use super::{ExitStatus, Failure, Global, Output};
use crate::alert::Installation;
use crate::blueprint::catalog;
use crate::check;
use crate::compile::compile;
use crate::document::Document;
use crate::output::Versioned;
use crate::output::apply::{ApplyLine, Before};
use crate::plan::{Purpose, Refusal};
use crate::render::findings;
use crate::stack::DEFAULT_FILE;
use crate::wizard::{
    Asker, Check, Given, SlackWay, TerminalAsker, Unanswered, WizardAnswers, WizardQuestion, answers, stack_file,
};

/// Arguments of `init`. Whatever is given is not asked.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell init
  trailbell init --write-only --alert cloudtrail-stop-logging --stack security-alerts \\
    --region us-east-1 --slack webhook --secret '${env:SLACK_WEBHOOK_URL}'")]
pub(super) struct Arguments {
    /// Stack file to write
    #[arg(value_name = "STACK", default_value = DEFAULT_FILE)]
    file: PathBuf,
    /// Built-in blueprint to install; can be repeated
    #[arg(long = "alert", value_name = "BLUEPRINT")]
    alerts: Vec<String>,
    /// Value of a parameter, or `BLUEPRINT.NAME=VALUE` for one blueprint only; can be repeated
    ///
    /// `NAME=VALUE` applies to every chosen blueprint that has the parameter. A list is `a,b`, or `[403, "a,b"]` as in
    /// a stack file.
    #[arg(long, value_name = "NAME=VALUE")]
    with: Vec<String>,
    /// The stack's name
    #[arg(long, value_name = "NAME")]
    stack: Option<String>,
    /// The account that the stack belongs to [default: that of the credentials]
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// How to post to Slack
    #[arg(long, value_enum)]
    slack: Option<SlackWay>,
    /// Channel id, for a bot
    #[arg(long, value_name = "ID")]
    channel: Option<String>,
    /// Reference to the secret, never the secret itself: `${env:NAME}`, `${file:PATH}`, `${prompt:QUESTION}`, `${ssm:NAME}`,
    /// `${secretsmanager:NAME}`, or `${secretsmanager:NAME#KEY}`
    #[arg(long, value_name = "REFERENCE")]
    secret: Option<String>,
    /// Only write the file
    #[arg(long)]
    write_only: bool,
    /// Do this although it is probably a mistake; can be repeated
    #[arg(long, value_name = "RISK", value_enum)]
    allow: Vec<Allowed>,
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    if arguments.file.exists() {
        let message = format!("`{}` already exists", arguments.file.display());
        return Err(Failure::usage(message, "edit it, or choose another file: `trailbell init other.yaml`"));
    }
    let mut answers = ask(arguments, global, screen)?;
    let asked = account(&mut answers, arguments, global, screen).await;
    let text = stack_file(&answers);
    let installation = checked(&arguments.file, &text).inspect_err(|_| {
        if global.output == Output::Text {
            screen.note(&format!("`{}` was not written because it would have findings.\n", arguments.file.display()));
        }
    })?;
    if asked.is_ok() {
        is_free(&installation, arguments, global, screen).await.inspect_err(|_| {
            screen.note(&format!("`{}` was not written.\n", arguments.file.display()));
        })?;
    }
    write(&arguments.file, &text)?;
    let file = arguments.file.display();
    match global.output {
        Output::Json => {
            let written = Before::Written { file: arguments.file.clone() };
            screen.json_line(&Versioned::new(ApplyLine::Before(written)));
        }
        Output::Text => screen.note(&format!("{} {file}", screen.paint_err.good("Wrote"))),
    }
    if arguments.write_only {
        if !installation.warnings.is_empty() {
            screen.note(&findings::text(&installation.warnings, screen.paint_err));
        }
        return Ok(ExitStatus::Fine);
    }
    screen.interrupts.done(format!("`{file}` was written, and nothing was changed in the account."));
    let planned = match asked {
        Ok(()) => plan_and_apply(arguments, global, screen).await,
        Err(failure) => Err(failure),
    };
    if !matches!(planned, Ok(ExitStatus::Fine)) && global.output == Output::Text {
        screen
            .note(&format!("{file} is unchanged. Continue with `trailbell plan {file}` and `trailbell apply {file}`."));
    }
    planned
}

fn ask(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<WizardAnswers, Failure> {
    let mut blueprints = Vec::new();
    for entry in catalog::entries() {
        blueprints.push(entry.load()?.blueprint);
    }
    let given = Given {
        alerts: arguments.alerts.clone(),
        with: arguments.with.clone(),
        stack: arguments.stack.clone(),
        region: global.region.clone(),
        account: arguments.account.clone(),
        channel: arguments.channel.clone(),
        slack: arguments.slack,
        secret: arguments.secret.clone(),
    };
    let mut asker: Box<dyn Asker> = if screen.is_interactive { Box::new(TerminalAsker) } else { Box::new(NoTerminal) };
    answers(&given, &blueprints, asker.as_mut()).map_err(refused)
}

/// The account of the credentials, unless a flag says it or nothing is asked of AWS.
async fn account(
    answers: &mut WizardAnswers,
    arguments: &Arguments,
    global: &Global,
    screen: &Screen,
) -> Result<(), Failure> {
    if answers.account.is_some() || arguments.write_only {
        return Ok(());
    }
    let cloud = Cloud::open(global, &answers.region).await?;
    answers.account = Some(identified(&cloud, &answers.stack, &answers.region, screen).await?.0.account().to_owned());
    Ok(())
}

fn refused(Unanswered { message, hint, is_interrupted }: Unanswered) -> Failure {
    if is_interrupted { Failure::Interrupted } else { Failure::usage(message, hint) }
}

/// The stack that the file would be. What was chosen may not go together, such as an alert and a region that never
/// receives it, or a value and what the blueprint takes.
fn checked(path: &Path, text: &str) -> Result<Installation, Failure> {
    let document = Document::parse(&path.display().to_string(), text)?;
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    Ok(check::stack(document, folder)?)
}

/// Refuses, before the file is written, what applying it would refuse: the first apply of a stack that exists elsewhere, or with alerts
/// that another stack has. What else goes wrong is said by the plan.
async fn is_free(
    installation: &Installation,
    arguments: &Arguments,
    global: &Global,
    screen: &Screen,
) -> Result<(), Failure> {
    let is_applied = screen.is_interactive || global.yes;
    if arguments.write_only || !is_applied {
        return Ok(());
    }
    match look(installation, arguments, global, screen).await {
        Ok(refusals) if !refusals.is_empty() => Err(Failure::Refused(refusals)),
        Ok(_) | Err(_) => Ok(()),
    }
}

async fn look(
    installation: &Installation,
    arguments: &Arguments,
    global: &Global,
    screen: &Screen,
) -> Result<Vec<Refusal>, Failure> {
    let cloud = Cloud::open(global, &installation.region).await?;
    let (scope, _) = identified(&cloud, &installation.name, &installation.region, screen).await?;
    let desired = compile(installation, &scope, None);
    if !read(&cloud, &scope, &desired, Purpose::Apply, screen).await?.managed.is_empty() {
        return Ok(Vec::new());
    }
    let is_copy = global.suffix.is_some();
    let (cloud, scope, desired) = (&cloud, &scope, &desired);
    FirstLook { cloud, scope, desired, renames: None, is_copy, allowed: &arguments.allow }.around(screen).await
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let written = std::fs::File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| Failure::other(format!("cannot write `{}`: {error}", path.display()), ""))
}

async fn plan_and_apply(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let session = Session::open(&arguments.file, global, screen).await?;
    let again = format!("trailbell apply {}{}", arguments.file.display(), suffix(global));
    if !screen.is_interactive && !global.yes {
        // No one can say yes: the plan is all there is to show.
        let secrets = session.secrets(screen).await?;
        let plan = session.plan(&secrets, screen).await?;
        match global.output {
            Output::Json => screen.json_line(&planned(&plan)),
            Output::Text => screen.result(&crate::render::plan::text(&plan, screen.paint_out)),
        }
        return Ok(ExitStatus::Fine);
    }
    let request = ApplyRequest { again: &again, allowed: &arguments.allow, ..ApplyRequest::default() };
    apply_session(&session, &request, global, screen).await
}

/// No terminal: every question must be answered by a flag.
struct NoTerminal;

impl Asker for NoTerminal {
    fn text(&mut self, question: &WizardQuestion, default: &str, check: Check<'_>) -> Result<String, Unanswered> {
        // What Enter would give is good enough where no one can press it.
        check(default).map(|()| default.to_owned()).map_err(|_| unanswered(question))
    }

    fn yes(&mut self, question: &WizardQuestion, default: Option<bool>) -> Result<Option<bool>, Unanswered> {
        default.map(|_| None).ok_or_else(|| unanswered(question))
    }

    fn one(&mut self, question: &WizardQuestion, _choices: &[String]) -> Result<usize, Unanswered> {
        Err(unanswered(question))
    }

    fn several(&mut self, question: &WizardQuestion, _choices: &[String]) -> Result<Vec<usize>, Unanswered> {
        Err(unanswered(question))
    }
}

fn unanswered(question: &WizardQuestion) -> Unanswered {
    let message = format!("cannot ask without a terminal: {}", question.text);
    Unanswered::new(message, format!("answer with `{}`", question.flag))
}
