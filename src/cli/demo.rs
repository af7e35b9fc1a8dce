//! `trailbell demo`: the whole story on an embedded sandbox, in one go: no account, no network, no file written.

use clap::Args;
use serde_json::Value;

use super::screen::Screen;
use super::{ExitStatus, Failure, Global, Output};
use crate::alert::Installation;
use crate::apply::{Event, Report, StopRequest, apply};
use crate::cases;
use crate::check;
use crate::compile::compile;
use crate::document::Document;
use crate::name::Scope;
use crate::output::Versioned;
use crate::output::demo::DemoResult;
use crate::plan::{self, Plan};
use crate::provider::sandbox::{DeliveryOutcome, Sandbox};
use crate::provider::{Identity, Provider, Search};
use crate::render;
use crate::render::progress::line;
use crate::secret::Secret;
use crate::stack;
use crate::trace::Request;

/// Arguments of `demo`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell demo")]
pub(super) struct Arguments {}

/// The stack of the story.
const STACK: &str = r#"version: 1
stack: demo
region: us-east-1
slack: { webhook: "${env:SLACK_WEBHOOK_URL}" }
alerts:
  - blueprint: cloudtrail-stop-logging
"#;

/// A made-up address; nothing is ever sent to it.
const WEBHOOK: &str = "https://hooks.slack.com/services/demo";

pub(super) async fn run(_arguments: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let story = Story { screen, is_text: global.output == Output::Text, sandbox: Sandbox::new() };
    let told = story.tell().await?;
    if !story.is_text {
        screen.json(&Versioned::new(told));
    }
    Ok(ExitStatus::Fine)
}

struct Story<'s> {
    screen: &'s Screen,
    is_text: bool,
    sandbox: Sandbox,
}

impl Story<'_> {
    async fn tell(&self) -> Result<DemoResult, Failure> {
        self.say("A stack file says which alerts to install, where, and how to reach Slack:\n");
        self.say(&indented(STACK));
        self.command("check");
        let document = Document::parse(stack::DEFAULT_FILE, STACK)?;
        let installation = check::stack(document, std::path::PathBuf::new())?;
        self.say(&self.screen.paint_out.good("1 file: no findings."));
        let scope = self.scope(&installation).await?;

        self.command("plan");
        let planned = self.plan(&installation, &scope).await?;
        self.say(&render::plan::text(&planned, self.screen.paint_out));
        self.command("apply");
        let applied = self.apply(&planned).await?;

        self.command("fire");
        self.say(&self.screen.paint_out.dim(
            "Someone stops the trail. The event passes through the rule, the input transformer, and the API \
                    destination:\n",
        ));
        let fired = self.fire(&installation)?;

        self.command("plan");
        let again = self.plan(&installation, &scope).await?;
        self.say(&render::plan::text(&again, self.screen.paint_out));

        self.command("destroy");
        let removal = plan::destroy(&scope, &self.sandbox.read(&scope, Search::alone()).await?)?;
        self.say(&render::plan::summary(&removal, self.screen.paint_out));
        let destroyed = self.apply(&removal).await?;
        let left = self.sandbox.by_hand(|world| world.objects.len());
        self.say(&format!("{left} resources left in the account."));
        self.say("\nYour turn: `trailbell init` writes a stack file for your account.");
        Ok(DemoResult {
            plan: planned.summary(),
            apply: applied,
            fire: fired,
            second_plan: again.summary(),
            destroy: destroyed,
            resources_left: left,
        })
    }

    fn bubble(&self, body: &str, event: &Value) -> Option<String> {
        render::messages::bubble(body, event, self.screen.paint_out, self.screen.width())
    }

    fn say(&self, text: &str) {
        if self.is_text {
            self.screen.result(text);
        }
    }

    fn command(&self, name: &str) {
        self.say(&format!("\n{}", self.screen.paint_out.bold(&format!("$ trailbell {name}"))));
    }

    async fn scope(&self, installation: &Installation) -> Result<Scope, Failure> {
        let Identity { partition, account, .. } = self.sandbox.identity().await?;
        Ok(Scope::new(partition, account, installation.region.as_str(), installation.name.as_str())?)
    }

    async fn plan(&self, installation: &Installation, scope: &Scope) -> Result<Plan, Failure> {
        let live = self.sandbox.read(scope, Search::alone()).await?;
        Ok(plan::plan(scope, &compile(installation, scope, Some(&Secret::new(WEBHOOK))), &live)?)
    }

    async fn apply(&self, plan: &Plan) -> Result<Report, Failure> {
        let show = |event: Event| {
            let line = line(&event, self.screen.paint_out);
            if !line.is_empty() {
                self.say(&line);
            }
        };
        let report = apply(plan, &self.sandbox, &StopRequest::default(), &show).await;
        self.say(&render::progress::report(&report, "trailbell demo", self.screen.paint_out));
        if report.is_complete() { Ok(report) } else { Err(Failure::Incomplete(Box::new(report))) }
    }

    fn fire(&self, installation: &Installation) -> Result<Vec<Request>, Failure> {
        let mut requests = Vec::new();
        for alert in &installation.alerts {
            let Some(case) = cases::matching(&alert.blueprint) else { continue };
            let event = case.sent();
            for sent in self.sandbox.put_event(&installation.region, &event)? {
                let DeliveryOutcome::Request(request) = &sent.outcome else { continue };
                self.say(&render::messages::sent(&sent, self.screen.paint_out));
                if let Some(bubble) = self.bubble(&request.body, &event) {
                    self.say(&format!("\n{bubble}"));
                }
                requests.push(request.clone());
            }
        }
        Ok(requests)
    }
}

fn indented(text: &str) -> String {
    text.trim_end().lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
