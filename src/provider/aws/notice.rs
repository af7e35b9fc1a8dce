//! Telling people that a call waits, from where no one knows what the call is for.
//!
//! A throttled call waits in [`call`](super::call), below everything that knows whom to tell. So whoever knows runs the work in
//! here, and what it tells on the way is passed on.

use std::pin::pin;

use futures_util::future::{Either, select};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::provider::Wait;

tokio::task_local! {
    static TOLD: UnboundedSender<Wait>;
}

/// Says that something waits to whoever runs the work; to no one when no one wants to know.
pub(super) fn tell(wait: Wait) {
    // Who no longer listens has what the work was for.
    let _ = TOLD.try_with(|told| told.send(wait));
}

/// Runs the work, passing on what it tells.
pub(super) async fn passing_on<T>(told: &dyn Fn(Wait), work: impl Future<Output = T>) -> T {
    let (sender, mut waits) = unbounded_channel();
    let mut work = pin!(TOLD.scope(sender, work));
    loop {
        match select(&mut work, pin!(waits.recv())).await {
            Either::Left((result, _)) => return result,
            Either::Right((Some(wait), _)) => told(wait),
            // The sender lives as long as the work.
            Either::Right((None, _)) => return work.await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn what_is_told_arrives_and_what_no_one_hears_is_no_error() {
        let wait = || Wait { reason: "until it is tested".to_owned(), limit_seconds: 1 };
        tell(wait());
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let heard = RefCell::new(Vec::new());
        let result = runtime.block_on(passing_on(&|wait| heard.borrow_mut().push(wait), async {
            tell(wait());
            tokio::task::yield_now().await;
            7
        }));
        assert_eq!((result, heard.into_inner()), (7, vec![wait()]));
    }
}
