//! `trailbell list`: every stack of the account in a region, with its age, its expiry, who applied it last, and with which version.

use clap::Args;
use jiff::Timestamp;

use super::cloud::Cloud;
use super::screen::Screen;
use super::session::{region, with_spinner};
use super::{ExitStatus, Failure, Global, Output};
use crate::output::Versioned;
use crate::output::list::{ListResult, ListedStack};
use crate::provider::Provider;
use crate::provider::run_log::RunLog;
use crate::render;

/// Arguments of `list`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  trailbell list --region us-east-1
  trailbell list --region us-east-1 --output json")]
pub(super) struct Arguments {}

pub(super) async fn run(_: &Arguments, global: &Global, screen: &Screen) -> Result<ExitStatus, Failure> {
    let region = region(global, "list")?;
    let cloud = Cloud::open(global, &region).await?;
    let account = with_spinner(screen, "asking AWS which account the credentials belong to", cloud.identity()).await?;
    let stacks = listed(&cloud, &region, screen).await?;
    match global.output {
        Output::Json => {
            screen.json(&Versioned::new(ListResult { account: account.account, region, stacks }));
        }
        Output::Text => {
            screen.note(&screen.paint_err.dim(&format!("{region}, account {}", account.account)));
            screen.result(&render::stacks::text(&stacks, Timestamp::now(), screen.paint_out));
        }
    }
    Ok(ExitStatus::Fine)
}

/// Every stack that is found.
pub(super) async fn listed(cloud: &Cloud, region: &str, screen: &Screen) -> Result<Vec<ListedStack>, Failure> {
    let found = with_spinner(screen, "looking for stacks", cloud.stacks(region)).await?;
    let now = Timestamp::now();
    Ok(found.iter().map(|(name, stack)| ListedStack::new(name, stack, now)).collect())
}
