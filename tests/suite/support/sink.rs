//! A loopback HTTP server that is in for Slack and remembers what it got.
//!
//! An API destination of an emulator (or trailbell itself) posts to
//! `sink.url(path)`; the test then waits for the requests it expects and looks
//! at their method, path, headers and body. The answer is `ok`, as Slack's
//! webhooks give it, with status 200.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tiny_http::{Response, Server};

/// One request as the sink received it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `POST`, `GET` and so on.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The headers in the order received, names as sent.
    pub headers: Vec<(String, String)>,
    /// The body; bytes that are not UTF-8 are replaced.
    pub body: String,
}

impl Request {
    /// The value of a header, whatever the case of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn read(request: &mut tiny_http::Request) -> Self {
        let mut body = Vec::new();
        // A request that breaks off is recorded with what arrived.
        let _ = request.as_reader().read_to_end(&mut body);
        let text = |h: &tiny_http::Header| (h.field.to_string(), h.value.to_string());
        Self {
            method: request.method().to_string(),
            path: request.url().to_owned(),
            headers: request.headers().iter().map(text).collect(),
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }
}

#[derive(Default)]
struct Shared {
    requests: Mutex<Vec<Request>>,
    arrived: Condvar,
}

impl Shared {
    fn requests(&self) -> MutexGuard<'_, Vec<Request>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The running server. It stops when dropped.
pub struct Sink {
    server: Arc<Server>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    port: u16,
}

impl Sink {
    /// Starts a sink on a free port that answers 200.
    ///
    /// # Panics
    /// When no loopback port can be bound.
    #[must_use]
    pub fn start() -> Self {
        let server = Server::http(("127.0.0.1", 0)).expect("a free loopback port for the sink");
        let port = server.server_addr().to_ip().expect("the sink listens on TCP").port();
        let (server, shared) = (Arc::new(server), Arc::new(Shared::default()));
        let thread = {
            let (server, shared) = (Arc::clone(&server), Arc::clone(&shared));
            thread::spawn(move || serve(&server, &shared))
        };
        Self { server, shared, thread: Some(thread), port }
    }

    /// The URL of a path, which begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Everything received so far, in order.
    #[must_use]
    pub fn received(&self) -> Vec<Request> {
        self.shared.requests().clone()
    }

    /// Waits until at least `n` requests arrived and returns all of them.
    ///
    /// # Panics
    /// When fewer arrive within the time limit; the message shows those.
    #[must_use]
    pub fn wait_for(&self, n: usize, timeout: Duration) -> Vec<Request> {
        let few = |requests: &mut Vec<Request>| requests.len() < n;
        let waited = self.shared.arrived.wait_timeout_while(self.shared.requests(), timeout, few);
        let (requests, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let got = requests.clone();
        drop(requests);
        assert!(got.len() >= n, "the sink waited {timeout:?} for {n} requests and got {}: {got:#?}", got.len());
        got
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.server.unblock();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(server: &Server, shared: &Shared) {
    while let Ok(mut request) = server.recv() {
        let record = Request::read(&mut request);
        let answer = Response::from_string("ok");
        // Recorded before the answer: a sender that has its answer can rely on the request being visible. A client
        // that left is not an error.
        shared.requests().push(record);
        shared.arrived.notify_all();
        let _ = request.respond(answer);
    }
}
