//! `trailbell import`: rules of others as blueprint files.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::cloud::Cloud;
use super::screen::Screen;
use super::session::{region, with_spinner};
use super::{ExitStatus, Failure, Global, Output, files};
use crate::file;
use crate::import::eventbridge::{self, GivenRule, GivenTarget};
use crate::import::{ImportNote, ImportedRule, NoteKind, sigma};
use crate::name::DEFAULT_BUS;
use crate::output::Versioned;
use crate::output::import::{ImportResult, RuleReport};
use crate::provider::{AccountRule, AccountTarget, Provider};
use crate::render;

/// Arguments of `import`.
#[derive(Args, Debug)]
#[command(after_help = "\
What a rule says is kept exactly, or the rule is refused with the reason. Every file that is
written has no errors for `check` and passes its tests. Existing files are never overwritten.

Examples:
  trailbell import sigma rules/cloud/aws/cloudtrail --to imported
  trailbell import sigma rule.yml --output json
  trailbell import eventbridge template.yaml --to imported
  trailbell import eventbridge --rule my-rule --region us-east-1
  terraform show -json plan > plan.json && trailbell import eventbridge plan.json

Exit codes: 0 all rules were imported, 1 a rule was refused, 2 usage.")]
pub(super) struct Arguments {
    /// What the files hold
    #[arg(value_name = "RULES", value_enum)]
    rules: ImportFormat,
    /// Files to read; of a folder, all `.yml` and `.yaml` files below it, for EventBridge also `.json` and `.template`
    #[arg(value_name = "FILE", required_unless_present = "rule", conflicts_with = "rule")]
    files: Vec<PathBuf>,
    /// The folder to write the blueprints to; it is created if it does not exist
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    to: PathBuf,
    /// Where Sigma rules are published; the blueprints name it next to author and license
    #[arg(long, value_name = "URL", default_value = sigma::HOME)]
    from: String,
    /// Read this rule of EventBridge from the account; requires `--region`
    #[arg(long, value_name = "NAME")]
    rule: Option<String>,
    /// The event bus of that rule
    #[arg(long, value_name = "BUS", default_value = DEFAULT_BUS)]
    bus: String,
}

/// A format of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ImportFormat {
    /// Sigma rules for CloudTrail
    Sigma,
    /// EventBridge rules: templates of CloudFormation and SAM, literal `.tf` files, and what `terraform show -json` prints
    Eventbridge,
}

impl ImportFormat {
    /// How the names of such files end.
    const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Sigma => &["yml", "yaml"],
            Self::Eventbridge => &["yml", "yaml", "json", "template"],
        }
    }

    /// The most bytes of such a file.
    const fn limit(self) -> u64 {
        match self {
            Self::Sigma => sigma::MAX_BYTES,
            Self::Eventbridge => eventbridge::MAX_BYTES,
        }
    }
}

pub(super) async fn run(arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    if let Some(name) = &arguments.rule {
        let rule = live(name, arguments, global, screen).await?;
        let report = written(&format!("the rule {name}"), rule, &arguments.to)?;
        return Ok(self::report(vec![report], global, screen));
    }
    if !arguments.from.starts_with("https://") {
        let hint = "give the URL of the rule set, such as https://github.com/SigmaHQ/sigma";
        return Err(Failure::usage("`--from` must be a URL that begins with `https://`", hint));
    }
    let sources = sources(&arguments.files, arguments.rules.endings())?;
    let mut reports = Vec::new();
    for path in sources {
        let rules = match &path {
            Ok(path) => read(path, arguments),
            Err((path, error)) => vec![unreadable(path, error)],
        };
        let source = path.unwrap_or_else(|(path, _)| path).display().to_string();
        for rule in rules {
            reports.push(written(&source, rule, &arguments.to)?);
        }
    }
    Ok(report(reports, global, screen))
}

/// The rule of this name in the account.
async fn live(name: &str, arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ImportedRule, Failure> {
    if arguments.rules != ImportFormat::Eventbridge {
        return Err(Failure::usage(
            "`--rule` is a rule of EventBridge",
            "write `trailbell import eventbridge --rule NAME`",
        ));
    }
    let region = region(global, "import --rule")?;
    let cloud = Cloud::open(global, &region).await?;
    let found = with_spinner(screen, "reading the rule", cloud.rule(&region, &arguments.bus, name)).await?;
    let Some(found) = found else {
        let message = format!("there is no rule `{name}` on the event bus `{}` in {region}", arguments.bus);
        return Err(Failure::other(message, "name another one, or its event bus with `--bus`"));
    };
    Ok(eventbridge::import_rule(&given(name, &arguments.bus, found)))
}

/// A rule of the account as one that can be imported.
fn given(name: &str, bus: &str, found: AccountRule) -> GivenRule {
    let target = |target: AccountTarget| GivenTarget { arn: target.arn, transformer: target.transformer.map(Ok) };
    GivenRule {
        name: name.to_owned(),
        description: found.description,
        pattern: found.pattern.map(|text| eventbridge::pattern(&text)),
        has_schedule: found.has_schedule,
        state: Some(found.state),
        bus: Some(bus.to_owned()).filter(|bus| bus != DEFAULT_BUS),
        targets: found.targets.into_iter().map(target).collect(),
        unknown: Vec::new(),
    }
}

/// The rules in a file.
fn read(path: &Path, arguments: &Arguments) -> Vec<ImportedRule> {
    let text = match file::text(path, arguments.rules.limit()) {
        Ok(text) => text,
        Err(error) => return vec![unreadable(path, &error)],
    };
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    match arguments.rules {
        ImportFormat::Sigma => vec![sigma::import(&name, &text, &arguments.from)],
        ImportFormat::Eventbridge => eventbridge::import(&path.to_string_lossy(), &text),
    }
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> ImportedRule {
    ImportedRule::refused(path.display().to_string(), format!("the file cannot be read: {error}"))
}

/// A file, or a folder with its reason.
type ImportSource = Result<PathBuf, (PathBuf, std::io::Error)>;

/// The files that were named, and those below the folders that were.
fn sources(given: &[PathBuf], endings: &[&str]) -> Result<Vec<ImportSource>, Failure> {
    let is_meant = |path: &Path| {
        path.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| endings.contains(&ending))
    };
    let mut found = Vec::new();
    for path in given {
        if path.is_dir() {
            found.extend(files::below(path).into_iter().filter(|one| one.as_ref().map_or(true, |path| is_meant(path))));
        } else if path.exists() {
            found.push(Ok(path.clone()));
        } else {
            return Err(Failure::usage(format!("there is no file `{}`", path.display()), "nothing was written"));
        }
    }
    if found.is_empty() {
        let hint = format!("expected files that end in .{}", endings.join(" or ."));
        return Err(Failure::usage("there is no file to import in these folders", hint));
    }
    Ok(found)
}

/// Writes the blueprint of a rule, if it has one, and reports what came of it.
fn written(source: &str, rule: ImportedRule, folder: &Path) -> Result<RuleReport, Failure> {
    let mut report = RuleReport {
        source: source.to_owned(),
        rule: rule.rule,
        blueprint: None,
        written: None,
        tests: 0,
        notes: rule.notes,
    };
    let Some(made) = rule.blueprint else { return Ok(report) };
    let path = folder.join(format!("{}.yaml", made.name));
    let failed = |error: &std::io::Error| {
        Failure::other(format!("cannot write `{}`: {error}", path.display()), "choose another folder with `--to`")
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    match std::fs::File::create_new(&path) {
        Ok(mut file) => file.write_all(made.text.as_bytes()).map_err(|error| failed(&error))?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let what =
                format!("`{}` exists and is not overwritten; remove it, or choose another folder", path.display());
            report.notes = vec![ImportNote { kind: NoteKind::Refused, what }];
            return Ok(report);
        }
        Err(error) => return Err(failed(&error)),
    }
    (report.blueprint, report.written, report.tests) = (Some(made.name), Some(path), made.tests);
    Ok(report)
}

fn report(rules: Vec<RuleReport>, global: &Global, screen: &Screen) -> ExitStatus {
    let imported = rules.iter().filter(|rule| rule.written.is_some()).count();
    let refused = rules.len() - imported;
    let code = if refused == 0 { ExitStatus::Fine } else { ExitStatus::Failed };
    let result = ImportResult { rules, imported, refused, exit_code: code.number() };
    match global.output {
        Output::Json => screen.json(&Versioned::new(result)),
        Output::Text => screen.result(&render::import::text(&result, screen.paint_out)),
    }
    code
}
