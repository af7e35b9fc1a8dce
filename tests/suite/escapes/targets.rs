//! What escapes try to reach: servers that count who comes, a process that can be killed, files that can be changed, and
//! descriptors that were left open.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::spawn;
use std::time::Duration;

use rustix::io::{FdFlags, fcntl_setfd};
use serde_json::{Value, json};
use tempfile::TempDir;

const CANARY: &str = "canary";

/// Servers and open descriptors, for any number of escapes.
pub struct Servers {
    tcp: u16,
    udp: u16,
    visitors: Arc<AtomicUsize>,
    folder: TempDir,
    file: File,
    socket: UnixStream,
    /// The other end of `socket`.
    received: UnixStream,
}

/// A process and files, which an escape may destroy.
pub struct Prey {
    victim: Child,
    folder: TempDir,
}

impl Servers {
    /// Started, and counting.
    pub fn new() -> Self {
        let visitors = Arc::new(AtomicUsize::new(0));
        let folder = tempfile::tempdir().expect("a folder");
        let count = |visitors: &Arc<AtomicUsize>| {
            let visitors = Arc::clone(visitors);
            move || visitors.fetch_add(1, Ordering::SeqCst)
        };
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let tcp = listener.local_addr().expect("an address").port();
        let seen = count(&visitors);
        spawn(move || {
            for mut stream in listener.incoming().flatten() {
                seen();
                drop(stream.set_read_timeout(Some(Duration::from_millis(100))));
                drop(stream.read(&mut [0; 4_096]));
                drop(stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"));
            }
        });
        let datagrams = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let udp = datagrams.local_addr().expect("an address").port();
        let seen = count(&visitors);
        spawn(move || {
            let mut packet = [0; 4_096];
            while let Ok((length, from)) = datagrams.recv_from(&mut packet) {
                seen();
                // The question again, as an answer that knows nothing.
                if length > 3 {
                    packet[2] |= 0x80;
                    drop(datagrams.send_to(&packet[..length], from));
                }
            }
        });
        let name = SocketAddr::from_abstract_name(abstract_name()).expect("a name");
        let path = UnixListener::bind(folder.path().join("server")).expect("a path");
        // Tests of other topics may have bound it; anyone who connects reaches something.
        let listeners = [Some(path), UnixListener::bind_addr(&name).ok()];
        for listener in listeners.into_iter().flatten() {
            let seen = count(&visitors);
            spawn(move || {
                listener.incoming().flatten().for_each(|_| {
                    seen();
                })
            });
        }
        std::fs::write(folder.path().join(CANARY), CANARY).expect("written");
        std::fs::copy(library(), folder.path().join("library.so")).expect("copied");
        let file = File::open(folder.path().join(CANARY)).expect("readable");
        let (socket, mut received) = UnixStream::pair().expect("a pair");
        received.write_all(&[b'x'; 100]).expect("written");
        received.set_nonblocking(true).expect("set");
        inherit(&file);
        inherit(&socket);
        Self { tcp, udp, visitors, folder, file, socket, received }
    }

    /// What an escape is told. `is_fired`: its parent is trailbell, and not this test.
    pub fn told(&self, prey: &Prey, is_fired: bool) -> Value {
        let path = |name: &str| prey.folder.path().join("files").join(name);
        json!({
            "tcp": self.tcp, "udp": self.udp, "unix": self.folder.path().join("server"), "abstract": abstract_name(),
            "victim": prey.victim.id(), "parent": is_fired, "folder": path("."), "prey": path("prey"),
            "canary": prey.folder.path().join(CANARY), "json": prey.folder.path().join("canary.json"),
            "module": prey.folder.path().join("canary.mjs"), "addon": prey.folder.path().join("addon.node"),
            "library": self.folder.path().join("library.so"),
            "script": prey.folder.path().join("script.cjs"), "file": self.file.as_raw_fd(), "socket": self.socket.as_raw_fd(),
        })
    }

    /// Who was reached.
    pub fn reached(&self) -> Vec<String> {
        let mut all = Vec::new();
        let visitors = self.visitors.load(Ordering::SeqCst);
        if visitors > 0 {
            all.push(format!("the servers had {visitors} visitors"));
        }
        if (&self.received).read(&mut [0; 10]).is_ok_and(|count| count > 0) {
            all.push("the inherited socket was written to".to_owned());
        }
        all
    }
}

impl Prey {
    /// Alive and whole.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("files")).expect("a folder");
        for (name, text) in [
            (CANARY, CANARY),
            ("canary.json", r#"{ "text": "canary" }"#),
            ("canary.mjs", "export default 'canary';"),
            ("addon.node", "x"),
            ("script.cjs", ""),
            ("files/prey", "whole"),
        ] {
            std::fs::write(folder.path().join(name), text).expect("written");
        }
        let mut command = Command::new("sleep");
        let victim = command.arg("600").env("SECRET", CANARY).process_group(0).spawn().expect("it starts");
        Self { victim, folder }
    }

    /// What was done to it.
    pub fn harmed(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        if let Ok(Some(status)) = self.victim.try_wait() {
            all.push(format!("the other process ended: {status}"));
        }
        let files = self.folder.path().join("files");
        let names: Vec<_> = std::fs::read_dir(&files).expect("a folder").flatten().map(|one| one.file_name()).collect();
        if names != ["prey"] || std::fs::read_to_string(files.join("prey")).is_ok_and(|text| text != "whole") {
            all.push(format!("the files changed: {names:?}"));
        }
        all
    }
}

impl Drop for Prey {
    fn drop(&mut self) {
        drop(self.victim.kill());
        drop(self.victim.wait());
    }
}

/// As long as a name can be: older Nodes fill a shorter one up.
fn abstract_name() -> String {
    format!("{:x<107}", format!("trailbell-test-{}-", std::process::id()))
}

/// A library that this program has loaded, and any other can load.
fn library() -> String {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("readable");
    let path = maps.lines().filter_map(|line| line.split_whitespace().nth(5)).find(|path| path.contains("/libm"));
    path.expect("the mathematical library is loaded").to_owned()
}

/// Leaves it open for the programs that are started, as a careless shell does.
fn inherit(descriptor: impl AsFd) {
    fcntl_setfd(descriptor, FdFlags::empty()).expect("set");
}
