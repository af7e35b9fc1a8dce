//! What `doctor --alert ID --event FILE` observes: everything on the way of one event.

use super::super::Failure;
use super::super::node;
use super::super::sample::input;
use super::super::screen::Screen;
use super::super::session::{Session, with_spinner};
use super::super::verify::chosen;
use super::stack::secrets;
use crate::doctor::{self, HealthCheck, Suspect};
use crate::provider::Provider;
use crate::sample::Sample;

/// How many letters of a queue are looked at.
const LETTERS: usize = 100;

/// Why an event did not arrive.
pub(super) async fn of_event(
    session: &Session,
    id: &str,
    sample: &Sample,
    screen: &Screen,
) -> Result<Vec<HealthCheck>, Failure> {
    let Session { installation, cloud, scope, .. } = session;
    let [alert] = chosen(installation, &[id.to_owned()])?[..] else {
        return Err(Failure::usage("name one alert", "`trailbell doctor --alert ID --event FILE`"));
    };
    let (secrets, _) = secrets(session, screen).await?;
    let desired = session.desired(&secrets.secrets);
    let live = session.read_for(&desired, screen).await?;
    let trails = async { Ok(cloud.trails(scope).await) };
    let trails = with_spinner(screen, "asking CloudTrail what its trails record", trails).await?;
    let mut letters = Vec::new();
    for to in alert.destinations() {
        let look = async { Ok(cloud.dead_letters(scope, &to, LETTERS).await) };
        letters.push(with_spinner(screen, "looking at undelivered alerts", look).await?);
    }
    let home = installation.home_in(scope.account());
    Ok(doctor::arrival(&Suspect {
        alert,
        input: input(sample),
        scope,
        desired: &desired,
        live: &live,
        home: &home,
        trails: &trails,
        letters: &letters,
        writer: &|asked| node::messages_at(Some(&home), Some(alert), asked),
    }))
}
