//! Starts the AWS emulators, one of each kind per test process, at first use.
//!
//! An emulator listens on a free port of 127.0.0.1 and must never outlive the
//! test process, however that ends. So it runs below a small Python wrapper
//! that reads a pipe from the test process: when the pipe closes (exit, panic,
//! SIGKILL), the wrapper ends the emulator's whole process group.
//! The emulator's environment is built from nothing, so that no credentials,
//! proxies or AWS settings of the developer reach it.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use super::http1::agent;
use super::install;

/// How long an emulator may take until it answers; far above the usual 2 s,
/// because a continuous-integration machine may be busy compiling.
const READY_LIMIT: Duration = Duration::from_mins(1);
/// Another process may take the free port before the emulator binds it.
const ATTEMPTS: usize = 3;
const KEEP_LOGS: Duration = Duration::from_hours(24);

const WRAPPER: &str = r"
import os, signal, subprocess, sys, threading, time

child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)

def stop(sig):
    try:
        os.killpg(child.pid, sig)
    except (ProcessLookupError, PermissionError):
        pass

def watch():
    while os.read(0, 4096):
        pass
    # Asked first, so that it can end its own children; the rest is killed.
    stop(signal.SIGTERM)
    time.sleep(2)
    stop(signal.SIGKILL)

watcher = threading.Thread(target=watch, daemon=True)
watcher.start()
code = child.wait()
stop(signal.SIGKILL)
sys.exit(1 if code else 0)
";

/// A running emulator. It ends with the test process.
#[derive(Debug)]
pub struct Emulator {
    /// `ministack` or `moto`, for messages and for tests of known differences.
    pub name: &'static str,
    /// The endpoint, `http://127.0.0.1:<port>`, without a final slash.
    pub url: String,
    // Holds the pipe whose closing ends the emulator.
    _wrapper: Child,
}

struct Kind {
    name: &'static str,
    /// What Python runs.
    program: [&'static str; 2],
    health: &'static str,
    arguments: fn(port: u16) -> Vec<String>,
    settings: fn(port: u16) -> Vec<(&'static str, String)>,
}

const MINISTACK: Kind = Kind {
    name: "ministack",
    program: ["-m", "ministack"],
    health: "/_ministack/health",
    arguments: |_| Vec::new(),
    settings: |port| {
        vec![
            ("AWS_ACCESS_KEY_ID", "test".into()),
            ("AUTH", "true".into()),
            ("GATEWAY_PORT", port.to_string()),
            ("BIND_HOST", "127.0.0.1".into()),
            ("MINISTACK_HOST", "127.0.0.1".into()),
            // On by default, and it would listen on every interface.
            ("IOT_MTLS_ENABLED", "0".into()),
            ("SFTP_ENABLED", "0".into()),
        ]
    },
};

const MOTO: Kind = Kind {
    name: "moto",
    program: ["-c", include_str!("moto.py")],
    health: "/moto-api/",
    arguments: |port| ["-H", "127.0.0.1", "-p", &port.to_string()].map(String::from).to_vec(),
    settings: |_| vec![("MOTO_IAM_LOAD_MANAGED_POLICIES", "true".into())],
};

/// The ministack of this test process: it delivers events and enforces IAM.
///
/// # Panics
/// When it cannot be installed or started, with the reason and the fix.
pub fn ministack() -> &'static Emulator {
    static RUNNING: OnceLock<Result<Emulator, String>> = OnceLock::new();
    running(&RUNNING, &MINISTACK)
}

/// The moto of this test process: stricter about identifiers and deletions.
///
/// # Panics
/// When it cannot be installed or started, with the reason and the fix.
pub fn moto() -> &'static Emulator {
    static RUNNING: OnceLock<Result<Emulator, String>> = OnceLock::new();
    running(&RUNNING, &MOTO)
}

/// A failure is kept too, so that every test reports it but none repeats it.
fn running(slot: &'static OnceLock<Result<Emulator, String>>, kind: &Kind) -> &'static Emulator {
    match slot.get_or_init(|| start(kind)) {
        Ok(emulator) => emulator,
        Err(message) => panic!("{message}"),
    }
}

fn start(kind: &Kind) -> Result<Emulator, String> {
    let python = install::python()?;
    let mut last = String::new();
    for _ in 0..ATTEMPTS {
        match attempt(kind, &python) {
            Ok(emulator) => return Ok(emulator),
            Err(message) => last = message,
        }
    }
    Err(last)
}

fn attempt(kind: &Kind, python: &Path) -> Result<Emulator, String> {
    let io = |e: std::io::Error| format!("cannot start {}: {e}", kind.name);
    let port = free_port().map_err(io)?;
    let home = install::root().join("run");
    prune(&home);
    fs::create_dir_all(&home).map_err(io)?;
    let log = home.join(format!("{}-{}-{port}.log", kind.name, std::process::id()));
    let output = File::create(&log).map_err(io)?;
    let mut command = Command::new(python);
    command.args(["-c", WRAPPER]).arg(python).args(kind.program);
    command.args((kind.arguments)(port));
    isolate(&mut command, &home);
    command.envs((kind.settings)(port));
    command.stdin(Stdio::piped()).stdout(output.try_clone().map_err(io)?).stderr(output);
    // A group of its own: Ctrl-C must reach the emulator through the pipe only.
    command.process_group(0);
    let mut wrapper = command.spawn().map_err(io)?;
    let url = format!("http://127.0.0.1:{port}");
    wait_until_ready(kind, &mut wrapper, &url, &log)?;
    Ok(Emulator { name: kind.name, url, _wrapper: wrapper })
}

/// Gives the emulator a bare environment in which only loopback is reachable
/// over HTTP: everything else is sent to a proxy that does not exist.
fn isolate(command: &mut Command, home: &Path) {
    let dead_proxy = "http://127.0.0.1:9";
    command.env_clear();
    // Needed to find node, which runs Lambda functions.
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", home).env("TMPDIR", home).current_dir(home);
    command.env("PYTHONUNBUFFERED", "1").env("PYTHONDONTWRITEBYTECODE", "1");
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"] {
        command.env(name, dead_proxy);
    }
    for name in ["no_proxy", "NO_PROXY"] {
        command.env(name, "127.0.0.1,localhost");
    }
}

/// A port of loopback that nothing listens on.
///
/// # Errors
/// When there is none.
pub fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn wait_until_ready(kind: &Kind, wrapper: &mut Child, url: &str, log: &Path) -> Result<(), String> {
    let started = Instant::now();
    let health = format!("{url}{}", kind.health);
    loop {
        if let Ok(Some(status)) = wrapper.try_wait() {
            return Err(failure(kind, log, &format!("ended at once with {status}")));
        }
        if announced(log, url) && agent().get(&health).call().is_ok_and(|r| r.status() == 200) {
            return Ok(());
        }
        if started.elapsed() > READY_LIMIT {
            // Dropping the wrapper closes the pipe, which ends the emulator.
            let limit = READY_LIMIT.as_secs();
            return Err(failure(kind, log, &format!("did not answer {health} in {limit} s")));
        }
        sleep(Duration::from_millis(50));
    }
}

/// An answer alone could come from another process that took the port; this
/// emulator's own log tells that it is the one that listens.
fn announced(log: &Path, url: &str) -> bool {
    fs::read_to_string(log).is_ok_and(|text| text.contains(&format!("Running on {url}")))
}

fn failure(kind: &Kind, log: &Path, what: &str) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let tail = lines[lines.len().saturating_sub(20)..].join("\n");
    format!(
        "the emulator {} {what}. The end of its log, {}:\n{tail}\n\
         If its installation is broken, remove {} and run the tests again.",
        kind.name,
        log.display(),
        install::root().display(),
    )
}

/// Logs are kept for a day, to look into a failed run, and not for ever.
fn prune(home: &Path) {
    let old = |path: &Path| -> std::io::Result<bool> {
        let age = SystemTime::now().duration_since(fs::metadata(path)?.modified()?);
        Ok(path.is_file() && age.is_ok_and(|age| age > KEEP_LOGS))
    };
    for entry in fs::read_dir(home).into_iter().flatten().flatten() {
        if old(&entry.path()).unwrap_or(false) {
            let _ = fs::remove_file(entry.path());
        }
    }
}
