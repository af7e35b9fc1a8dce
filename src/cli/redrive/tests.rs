//! `redrive` and `destroy`, or another `apply`, at once in the sandbox: one of the two goes first, and no letter is sent by halves.
//!
//! `TRAILBELL_SEED=N cargo test --lib cli::redrive` repeats a history.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::time::Duration;

use super::RedriveRun;
use crate::cli::changes::tests::{
    ALERTS, Random, Said, Site, WEBHOOK, Wish, alone, installation, interleaved, seeds, with_clock, world,
};
use crate::cli::cloud::Cloud;
use crate::cli::lock::Waiter;
use crate::cli::session::Session;
use crate::cli::{ExitStatus, Failure};
use crate::compile::compile;
use crate::provider::DeadLetter;
use crate::provider::run_log::RunStream;
use crate::provider::sandbox::{DeliveryOutcome, Sandbox};
use crate::runs;
use crate::secret::Secret;

/// A command at work.
type Work<'a> = Pin<Box<dyn Future<Output = Result<ExitStatus, Failure>> + 'a>>;

/// How many pairs of runs.
const PAIRS: u64 = 300;
/// How many letters.
const LETTERS: usize = 3;

fn put_letters(sandbox: &Sandbox, site: &Site) {
    sandbox.by_hand(|world| {
        for at in 0..LETTERS {
            world.dead_letters.push(DeadLetter {
                sent_ms: at as u64,
                rule_arn: site.scope.events_arn("rule/trailbell-sec_cloudtrail-stop-logging_rule"),
                body: format!(r#"{{"text":"letter {at}"}}"#),
                ..DeadLetter::default()
            });
        }
        world.name_letters();
    });
}

/// Runs `redrive` as the program does.
async fn redrive(session: &Session, site: &Site, patience: Duration) -> Result<ExitStatus, Failure> {
    let desired = compile(&session.installation, &site.scope, Some(&Secret::new(WEBHOOK)));
    let mut turn = Waiter::new(&session.cloud, &site.scope, patience, &site.screen);
    let queue = &crate::name::DestinationId::slack();
    let run = RedriveRun { session, queue, desired: &desired, most: 100, global: &site.global, screen: &site.screen };
    Box::pin(run.redrive(&mut turn)).await
}

fn session(cloud: Cloud, site: &Site) -> Session {
    let installation = installation("sec", ALERTS[0]);
    Session { installation, cloud, scope: site.scope.clone(), caller: "bob".to_owned() }
}

/// The letters that Slack got.
fn delivered(sandbox: &Sandbox) -> Vec<String> {
    let sent = sandbox.sent().into_iter();
    sent.filter_map(|one| match one.outcome {
        DeliveryOutcome::Request(request) => Some(request.body),
        _ => None,
    })
    .collect()
}

#[test]
fn a_destroy_waits_for_letters_and_letters_for_a_destroy() {
    with_clock(|| {
        let site = Site::new("sec");
        let mut sides = BTreeSet::new();
        for seed in seeds(PAIRS) {
            let _said = Said(seed);
            let mut random = Random::new(seed);
            let sandbox = Sandbox::new();
            let clouds = [sandbox.second(), sandbox].map(|one| Cloud::Sandbox(Box::new(one), Vec::new()));
            let [other, own] = clouds;
            assert!(alone(site.run(&other, "alice", Wish::Apply(0))).is_ok_and(|code| code == ExitStatus::Fine));
            put_letters(world(&own), &site);
            let session = session(own, &site);
            let patience = Duration::from_secs(40 * (seed % 2));
            let wish = if seed % 3 == 0 { Wish::Apply(1) } else { Wish::Destroy };
            let works: [Work<'_>; 2] =
                [Box::pin(redrive(&session, &site, patience)), Box::pin(site.run(&other, "alice", wish))];
            let [sent, changed] = interleaved(works, &mut random, || {});
            let is_fine = |one: &Option<Result<ExitStatus, Failure>>| matches!(one, Some(Ok(ExitStatus::Fine)));
            let number = delivered(world(&session.cloud)).len();
            assert!(number == 0 || number == LETTERS, "{number} letters of {LETTERS}: {sent:?}");
            assert_eq!(is_fine(&sent), number == LETTERS, "{sent:?} {changed:?}");
            assert!(is_fine(&sent) || is_fine(&changed), "no one came through: {sent:?} {changed:?}");
            sides.insert((is_fine(&sent), is_fine(&changed)));
        }
        println!("ended well, redrive and the other: {sides:?}");
    });
}

#[test]
fn a_run_of_redrive_is_recorded_and_ends() {
    with_clock(|| {
        let site = Site::new("sec");
        let session = session(Cloud::Sandbox(Box::default(), Vec::new()), &site);
        assert!(alone(site.run(&session.cloud, "alice", Wish::Apply(0))).is_ok_and(|code| code == ExitStatus::Fine));
        // Without letters there is nothing to lock for.
        assert!(alone(redrive(&session, &site, Duration::ZERO)).is_ok_and(|code| code == ExitStatus::Fine));
        put_letters(world(&session.cloud), &site);
        assert!(alone(redrive(&session, &site, Duration::ZERO)).is_ok_and(|code| code == ExitStatus::Fine));
        let history = alone(runs::history(&session.cloud, &site.scope, 10)).expect("it is read").expect("runs");
        let of = |at: usize| (history[at].begun.clone().expect("begun"), history[at].ended.clone().expect("ended"));
        let (begun, ended) = of(0);
        assert_eq!((history.len(), begun.command.as_str(), ended.changes.sent), (2, "redrive", LETTERS));
        assert_eq!(ended.result, runs::RunResult::Complete);
    });
}

#[test]
fn a_run_in_progress_refuses_to_send() {
    with_clock(|| {
        let site = Site::new("sec");
        let session = session(Cloud::Sandbox(Box::default(), Vec::new()), &site);
        assert!(alone(site.run(&session.cloud, "alice", Wish::Apply(0))).is_ok_and(|code| code == ExitStatus::Fine));
        put_letters(world(&session.cloud), &site);
        // Another run is in progress.
        let newest = alone(runs::newest(&session.cloud, &site.scope)).expect("it is read");
        world(&session.cloud).by_hand(|world| {
            let log = world.run_logs.values_mut().next().expect("a record");
            log.streams.insert(RunStream::run(newest.number + 1).name(), <_>::default());
        });
        let refused = alone(redrive(&session, &site, Duration::ZERO));
        assert!(refused.is_err_and(|failure| failure.code() == ExitStatus::Refused));
        assert_eq!(delivered(world(&session.cloud)), [""; 0]);
    });
}
