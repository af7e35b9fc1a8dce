//! A loopback proxy between the AWS SDK and an emulator that injects faults.
//!
//! No emulator throttles, loses answers or dies in the middle of an apply, so
//! the proxy does: it forwards every call unchanged unless the test's script
//! says otherwise, and records all of them in the order of arrival.
//! The `Host` header passes through as the client sent and signed it, because
//! ministack verifies signatures; only the framing of messages is made anew.

use std::collections::HashMap;
use std::io::{self, BufReader};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

pub use super::script::{Action, Call, Script};

use super::http1::{Request, Response, agent, header, is_hop_by_hop, read_request, write_response};
use super::script::error_response;

/// Emulators' answers stay far below this.
const MAX_BODY: u64 = 64 * 1024 * 1024;

/// A running proxy. It stops when dropped.
pub struct Proxy {
    /// Its endpoint, `http://127.0.0.1:<port>`, to be used as `AWS_ENDPOINT_URL`.
    pub url: String,
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

struct Shared {
    upstream: String,
    state: Mutex<State>,
    /// Every connection, to be closed when the proxy stops.
    connections: Mutex<Vec<TcpStream>>,
    stopping: AtomicBool,
}

/// Behind one lock, so that numbers, records and decisions agree.
struct State {
    calls: Vec<Call>,
    counts: HashMap<String, usize>,
    script: Script,
}

impl Proxy {
    /// Starts a proxy on a free port, in front of `http://127.0.0.1:<port>`.
    ///
    /// # Panics
    /// When no loopback port can be bound.
    #[must_use]
    pub fn start(upstream: &str, script: Script) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free loopback port");
        let address = listener.local_addr().expect("the proxy's own address");
        let state = State { calls: Vec::new(), counts: HashMap::new(), script };
        let shared = Arc::new(Shared {
            upstream: upstream.trim_end_matches('/').to_owned(),
            state: Mutex::new(state),
            connections: Mutex::default(),
            stopping: AtomicBool::new(false),
        });
        let acceptor = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || accept(&listener, &shared))
        };
        Self { url: format!("http://{address}"), address, shared, acceptor: Some(acceptor) }
    }

    /// All calls so far, in the order of arrival.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        guard(&self.shared.state).calls.clone()
    }

    /// The names of the operations called so far, in the order of arrival.
    #[must_use]
    pub fn operations(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.operation).collect()
    }

    /// Replaces the script from the next call on; counts and records go on.
    pub fn set_script(&self, script: Script) {
        guard(&self.shared.state).script = script;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // Wakes the acceptor, which then sees that it has to stop.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
        for connection in guard(&self.shared.connections).drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

/// A test that failed while it held a lock must not hide its own message.
fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One thread per connection: a delayed call must not hold up the others.
fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        if let Ok(copy) = stream.try_clone() {
            guard(&shared.connections).push(copy);
        }
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // The copy above keeps the socket open, so it is shut explicitly.
            // A broken connection is the client's to notice, not the proxy's.
            if let Ok(mut writer) = stream.try_clone() {
                let _ = serve(BufReader::new(stream), &mut writer, &shared);
                let _ = writer.shutdown(Shutdown::Both);
            }
        });
    }
}

/// Answers the requests of one connection until a side closes it.
fn serve(mut reader: BufReader<TcpStream>, writer: &mut TcpStream, shared: &Shared) -> io::Result<()> {
    writer.set_nodelay(true)?;
    while let Some(request) = read_request(&mut reader)? {
        let Some(response) = handle(&request, shared) else {
            return Ok(());
        };
        write_response(writer, &response)?;
        let wish = header(&request.headers, "connection");
        if wish.is_some_and(|value| value.eq_ignore_ascii_case("close")) {
            return Ok(());
        }
    }
    Ok(())
}

/// The answer to a request; none to close the connection instead.
fn handle(request: &Request, shared: &Shared) -> Option<Response> {
    match record(request, shared) {
        Action::Forward => Some(forward(request, shared)),
        Action::Error { status, code, message } => Some(error_response(&request.headers, status, &code, &message)),
        Action::Delay(time) => {
            thread::sleep(time);
            Some(forward(request, shared))
        }
        Action::Drop => None,
        Action::LoseResponse => {
            forward(request, shared);
            None
        }
        Action::Rewrite(edit) => {
            let mut response = forward(request, shared);
            response.body = edit(&String::from_utf8_lossy(&response.body)).into_bytes();
            Some(response)
        }
    }
}

/// Numbers the call, decides what happens to it, and notes both.
fn record(request: &Request, shared: &Shared) -> Action {
    let operation = operation(request);
    let mut state = guard(&shared.state);
    let nth = state.counts.entry(operation.clone()).or_default();
    *nth += 1;
    let mut call = Call {
        nth: *nth,
        number: state.calls.len() + 1,
        service: service(request),
        operation,
        body: String::from_utf8_lossy(&request.body).into_owned(),
        forwarded: false,
        at: Instant::now(),
    };
    let action = state.script.decide(&call);
    call.forwarded = action.forwards();
    state.calls.push(call);
    action
}

/// The service from the signature's scope, `…/<region>/<service>/aws4_request`.
fn service(request: &Request) -> String {
    let signature = header(&request.headers, "authorization").unwrap_or_default();
    let scope = signature.split("/aws4_request").next().unwrap_or_default();
    scope.rsplit('/').next().unwrap_or_default().to_owned()
}

/// The operation from the target header, the path in rpc-v2-cbor (CloudWatch), or the form in the query protocol.
fn operation(request: &Request) -> String {
    if let Some((_, operation)) = request.target.split_once("/operation/") {
        return operation.to_owned();
    }
    if let Some(target) = header(&request.headers, "x-amz-target") {
        return target.rsplit('.').next().unwrap_or_default().to_owned();
    }
    let body = String::from_utf8_lossy(&request.body);
    let action = body.split('&').find_map(|pair| pair.strip_prefix("Action="));
    action.map_or_else(|| format!("{} {}", request.method, request.target), str::to_owned)
}

/// Passes a call on. An unreachable upstream becomes a 502 that says so.
fn forward(request: &Request, shared: &Shared) -> Response {
    send(request, &shared.upstream).unwrap_or_else(|error| Response {
        status: 502,
        headers: Vec::new(),
        body: format!("the proxy cannot reach {}: {error}", shared.upstream).into_bytes(),
    })
}

fn send(request: &Request, upstream: &str) -> Result<Response, ureq::Error> {
    let mut builder =
        ureq::http::Request::builder().method(request.method.as_str()).uri(format!("{upstream}{}", request.target));
    for (name, value) in request.headers.iter().filter(|(name, _)| !is_hop_by_hop(name)) {
        builder = builder.header(name, value);
    }
    let mut answer = if request.body.is_empty() {
        agent().run(builder.body(())?)?
    } else {
        agent().run(builder.body(request.body.clone())?)?
    };
    let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = answer.headers().iter().map(|(name, value)| (name.to_string(), text(value)));
    Ok(Response {
        status: answer.status().as_u16(),
        headers: headers.collect(),
        body: answer.body_mut().with_config().limit(MAX_BODY).read_to_vec()?,
    })
}
