//! What the fault proxy does with each call: forward it, or make it go wrong.
//!
//! A script is a list of rules; the first that applies to a call decides, and
//! a call that none applies to is forwarded. Rules choose by operation and by
//! count (`on`, `every`), by the number of the call over all (`kill_from`) or
//! by any code of the test (`with`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::http1::{Response, header};

/// A call from the client to AWS, as the proxy saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its number over all calls, from 1, in the order of arrival.
    pub number: usize,
    /// Its number among the calls of the same operation, from 1.
    pub nth: usize,
    /// The service the call was signed for: `events`, `iam`, `sqs`, `sts`.
    pub service: String,
    /// The operation: `PutRule`; method and path where the protocol has none.
    pub operation: String,
    /// The request's body.
    pub body: String,
    /// Whether it was passed on to the emulator.
    pub forwarded: bool,
    /// When it arrived.
    pub at: Instant,
}

/// A change of a response's body, see [`Action::Rewrite`].
pub type Edit = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// What to do with a call.
#[derive(Clone)]
pub enum Action {
    /// Pass it on and return the answer unchanged.
    Forward,
    /// Do not pass it on; answer with an AWS error in the call's own protocol.
    Error {
        /// The HTTP status, such as 400 or 503.
        status: u16,
        /// The error code as on the wire, such as `ThrottlingException`.
        code: String,
        /// The message.
        message: String,
    },
    /// Wait, then pass it on.
    Delay(Duration),
    /// Close the connection without passing it on.
    Drop,
    /// Pass it on and close the connection without answering: AWS did what it
    /// was asked for, and the client does not know.
    LoseResponse,
    /// Pass it on and change the body of the answer (states, small pages).
    Rewrite(Edit),
}

impl Action {
    /// An AWS error answer.
    #[must_use]
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::Error { status, code: code.to_owned(), message: message.to_owned() }
    }

    /// The answer `EventBridge` and SQS give when they throttle.
    #[must_use]
    pub fn throttle() -> Self {
        Self::error(400, "ThrottlingException", "Rate exceeded")
    }

    /// A change of the answer's body.
    #[must_use]
    pub fn rewrite(edit: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::Rewrite(Arc::new(edit))
    }

    pub(super) const fn forwards(&self) -> bool {
        !matches!(self, Self::Error { .. } | Self::Drop)
    }
}

type Rule = Box<dyn FnMut(&Call) -> Option<Action> + Send>;

/// The rules for a proxy; the first that applies decides.
#[derive(Default)]
pub struct Script(Vec<Rule>);

impl Script {
    /// A script that forwards everything, to which rules can be added.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Does this to the `nth` call (from 1) of an operation.
    #[must_use]
    pub fn on(self, operation: &'static str, nth: usize, action: Action) -> Self {
        let applies = move |call: &Call| call.operation == operation && call.nth == nth;
        self.with(move |call| applies(call).then(|| action.clone()))
    }

    /// Does this to every call of an operation.
    #[must_use]
    pub fn every(self, operation: &'static str, action: Action) -> Self {
        self.with(move |call| (call.operation == operation).then(|| action.clone()))
    }

    /// Drops the `n`th call (from 1) of all and every call after it, as if the
    /// network, or trailbell, had died there.
    #[must_use]
    pub fn kill_from(self, n: usize) -> Self {
        self.with(move |call| (call.number >= n).then_some(Action::Drop))
    }

    /// Refuses the `n`th call (from 1) of all and every call after it: what was done before is the same as after
    /// [`Self::kill_from`], and nothing is tried again.
    #[must_use]
    pub fn refuse_from(self, n: usize) -> Self {
        self.with(move |call| (call.number >= n).then(|| Action::error(403, "AccessDeniedException", "not any more")))
    }

    /// Asks the test's own code, which may keep count of what it wants.
    #[must_use]
    pub fn with(mut self, rule: impl FnMut(&Call) -> Option<Action> + Send + 'static) -> Self {
        self.0.push(Box::new(rule));
        self
    }

    pub(super) fn decide(&mut self, call: &Call) -> Action {
        self.0.iter_mut().find_map(|rule| rule(call)).unwrap_or(Action::Forward)
    }
}

/// An AWS error in the protocol of the request: the XML of the query protocol
/// when it is a form (IAM, STS), CBOR (`CloudWatch`), else JSON (`EventBridge`, SQS, Lambda, logs).
pub(super) fn error_response(request: &[(String, String)], status: u16, code: &str, message: &str) -> Response {
    let mut headers = vec![("x-amzn-requestid".to_owned(), "injected-by-the-test".to_owned())];
    let kind = header(request, "content-type").unwrap_or("application/json");
    let body = if kind.contains("x-www-form-urlencoded") {
        headers.push(("Content-Type".to_owned(), "text/xml".to_owned()));
        let kind = if status < 500 { "Sender" } else { "Receiver" };
        let (code, message) = (escape(code), escape(message));
        format!(
            "<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code>\
             <Message>{message}</Message></Error>\
             <RequestId>injected-by-the-test</RequestId></ErrorResponse>"
        )
        .into_bytes()
    } else if kind.contains("cbor") {
        headers.push(("Content-Type".to_owned(), kind.to_owned()));
        headers.push(("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned()));
        let texts = ["__type", code, "message", message];
        // A map of two pairs of texts.
        [0xa2].into_iter().chain(texts.into_iter().flat_map(cbor_text)).collect()
    } else {
        headers.push(("Content-Type".to_owned(), kind.to_owned()));
        headers.push(("x-amzn-errortype".to_owned(), code.to_owned()));
        serde_json::json!({ "__type": code, "message": message }).to_string().into_bytes()
    };
    Response { status, headers, body }
}

/// A text in CBOR: its kind, its length in two bytes, and itself.
fn cbor_text(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("a short text").to_be_bytes();
    [&[0x79], &length[..], text.as_bytes()].concat()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
