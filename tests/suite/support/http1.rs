//! The little HTTP/1.1 that the fault proxy needs on its client's side.
//!
//! A ready-made server does not let a handler close the connection without an
//! answer, which is the very fault the proxy must be able to make. This reads
//! requests from a socket and writes responses to it, with keep-alive, a
//! `Content-Length` or chunked request body, and nothing more. Also here: the
//! HTTP client that all test support uses towards loopback.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::OnceLock;
use std::time::Duration;

/// Header names and values in the order in which they were received.
pub type Headers = Vec<(String, String)>;

/// One request as it came over the wire.
#[derive(Debug, Clone)]
pub struct Request {
    /// `POST`, `GET` and so on.
    pub method: String,
    /// The path with its query, as sent.
    pub target: String,
    /// The headers, names as sent.
    pub headers: Headers,
    /// The body, with chunks already joined.
    pub body: Vec<u8>,
}

/// One response, with its body complete.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers; those that frame the message are written anew.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

/// The value of a header, whatever the case of its name.
#[must_use]
pub fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// Whether a header belongs to one connection only and is not passed on.
#[must_use]
pub fn is_hop_by_hop(name: &str) -> bool {
    const NAMES: [&str; 7] =
        ["connection", "content-length", "expect", "keep-alive", "te", "trailer", "transfer-encoding"];
    NAMES.iter().any(|n| n.eq_ignore_ascii_case(name))
}

/// A client for loopback: no proxy from the environment, no redirects, error
/// statuses are answers, and every call has a connection of its own, so that
/// a stale one can never cause a call to be repeated or lost.
pub fn agent() -> &'static ureq::Agent {
    static AGENT: OnceLock<ureq::Agent> = OnceLock::new();
    AGENT.get_or_init(|| {
        ureq::Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .timeout_global(Some(Duration::from_mins(1)))
            .build()
            .new_agent()
    })
}

/// Reads the next request; none when the client closed the connection.
///
/// # Errors
/// When the connection breaks or the bytes are not HTTP/1.1.
pub fn read_request(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Request>> {
    let first = read_line(stream)?;
    let mut words = first.split(' ').map(str::to_owned);
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let headers = read_headers(stream)?;
    if header(&headers, "expect").is_some() {
        stream.get_mut().write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let body = read_body(stream, &headers)?;
    Ok(Some(Request { method, target, headers, body }))
}

/// Writes a response and leaves the connection open.
///
/// # Errors
/// When the client is gone.
pub fn write_response(stream: &mut TcpStream, response: &Response) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {} Status\r\n", response.status).into_bytes();
    for (name, value) in response.headers.iter().filter(|(name, _)| !is_hop_by_hop(name)) {
        write!(head, "{name}: {value}\r\n")?;
    }
    write!(head, "Content-Length: {}\r\n\r\n", response.body.len())?;
    // In one piece: two small writes would wait for each other's delayed
    // acknowledgement, some 40 ms per call.
    stream.write_all(&[head, response.body.clone()].concat())
}

/// A line without its end; empty at the end of the stream.
fn read_line(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line)?;
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

fn read_headers(stream: &mut BufReader<TcpStream>) -> io::Result<Headers> {
    let mut headers = Headers::new();
    loop {
        let line = read_line(stream)?;
        if line.is_empty() {
            return Ok(headers);
        }
        let (name, value) = line.split_once(':').ok_or_else(|| invalid("a header has no colon"))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
}

fn read_body(stream: &mut BufReader<TcpStream>, headers: &Headers) -> io::Result<Vec<u8>> {
    if header(headers, "transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked")) {
        return read_chunks(stream);
    }
    let length = header(headers, "content-length").unwrap_or("0");
    read_exactly(stream, length.parse().map_err(|_| invalid("bad Content-Length"))?)
}

fn read_chunks(stream: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(stream)?;
        let size = line.split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size, 16).map_err(|_| invalid("bad chunk size"))?;
        if size == 0 {
            // Trailers end with an empty line, as headers do.
            read_headers(stream)?;
            return Ok(body);
        }
        body.extend(read_exactly(stream, size)?);
        read_line(stream)?;
    }
}

fn read_exactly(stream: &mut BufReader<TcpStream>, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
