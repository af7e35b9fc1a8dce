//! What came of a shot, as people read it.

use serde_json::Value;

use super::super::node::Ran;
use super::super::screen::Screen;
use super::{RuleResult, Shot, ShotResult};
use crate::name::RELAY;
use crate::provider::sandbox::DeliveryOutcome;
use crate::render::messages;
use crate::render::style::plain;

/// What came of a shot, for people.
pub(super) fn show(shot: &Shot, ShotResult { fired, elsewhere }: &ShotResult, screen: &Screen) {
    let paint = screen.paint_out;
    screen.result(&paint.dim(&format!("{}: {}", if shot.event.is_some() { "event" } else { "log lines" }, shot.name)));
    if let Some(why) = elsewhere {
        screen.result(&format!("{} {}", paint.warn("The event does not reach the stack's event bus:"), plain(why)));
    }
    let is_silent = |one: &&RuleResult| matches!(one.sent.outcome, DeliveryOutcome::NotMatched { .. });
    if fired.iter().all(|one| is_silent(&one)) {
        screen.result(&paint.warn("No alert fires."));
        for one in fired.iter().filter(|one| one.sent.id != RELAY) {
            screen.result(&messages::sent(&one.sent, paint));
        }
    }
    for one in fired.iter().filter(|one| !is_silent(one)) {
        screen.result(&messages::sent(&one.sent, paint));
        if let Some(why) = &one.not_run {
            screen.result(&format!("  {} {}", paint.warn("not run:"), plain(why)));
        }
        if let Some(ran) = &one.ran {
            show_run(ran, screen);
        }
        if let Some(why) = &one.not_delivered {
            screen.result(&format!("  {} {}", paint.bad("not delivered:"), plain(why)));
            continue;
        }
        let DeliveryOutcome::Request(request) = &one.sent.outcome else { continue };
        let event = shot.event.as_ref().unwrap_or(&Value::Null);
        if let Some(bubble) = messages::bubble(&request.body, event, paint, screen.width()) {
            screen.result(&format!("\n{bubble}"));
        }
    }
    screen.result("");
}

fn show_run(ran: &Ran, screen: &Screen) {
    let paint = screen.paint_out;
    for call in &ran.calls {
        let what = if call.operation == "PutEvents" {
            "PutEvents on the stack's event bus, for the relay rule".to_owned()
        } else {
            format!("{} {}", plain(&call.operation), plain(&call.input.to_string()))
        };
        let region = if call.region.is_empty() { String::new() } else { format!(" in {}", plain(&call.region)) };
        screen.result(&format!("  would call {}{region}: {what}", plain(&call.service)));
    }
    for line in ran.log.iter().flat_map(|text| text.lines()) {
        screen.result(&paint.dim(&format!("  log: {}", plain(line))));
    }
    if !ran.result.is_null() && ran.events_put() == 0 {
        screen.result(&format!("  returns {}", plain(&ran.result.to_string())));
    }
    if ran.calls.is_empty() && ran.error.is_none() {
        screen.result("  makes no AWS calls");
    }
    if let Some(error) = &ran.error {
        screen.result(&format!("  {} {}", paint.bad("it fails:"), plain(error)));
    }
}
