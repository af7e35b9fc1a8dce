//! Signals that end a run: Ctrl-C, SIGTERM, which is how pipelines cancel, and SIGHUP, when a terminal is closed. Whenever one
//! comes, the terminal is left as it was, what was done is said, and the exit code names the signal.
//!
//! Prompts and searches block the thread they run in, so a thread of its own watches. While changes are made, it leaves them
//! to `apply`, which finishes what is in progress. Neighbor: `consent`, which asks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use console::Term;
use tokio::sync::Notify;

use super::ExitStatus;

/// A signal that ends a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP.
    HangUp,
}

impl Signal {
    /// The exit code, as shells number it.
    pub(super) const fn code(self) -> ExitStatus {
        match self {
            Self::Interrupt => ExitStatus::Interrupted,
            Self::Terminate => ExitStatus::Terminated,
            Self::HangUp => ExitStatus::HungUp,
        }
    }

    /// The next of these signals.
    #[cfg(unix)]
    async fn next(streams: &mut [(Self, tokio::signal::unix::Signal)]) -> Option<Self> {
        let waits = streams.iter_mut().map(|(signal, stream)| {
            Box::pin(async move {
                // A stream that ends says nothing more.
                match stream.recv().await {
                    Some(()) => *signal,
                    None => std::future::pending().await,
                }
            })
        });
        let waits: Vec<_> = waits.collect();
        if waits.is_empty() {
            return None;
        }
        Some(futures_util::future::select_all(waits).await.0)
    }

    #[cfg(unix)]
    fn streams() -> Vec<(Self, tokio::signal::unix::Signal)> {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [
            (Self::Interrupt, SignalKind::interrupt()),
            (Self::Terminate, SignalKind::terminate()),
            (Self::HangUp, SignalKind::hangup()),
        ];
        // `nohup` has SIGHUP ignored, and means it. Shells ignore SIGINT for what runs in the background, where no one sends it
        // but a supervisor, who means it, too.
        let is_meant = |(one, kind): &(Self, SignalKind)| *one != Self::HangUp || !is_ignored(kind.as_raw_value());
        kinds.into_iter().filter(is_meant).filter_map(|(one, kind)| Some((one, signal(kind).ok()?))).collect()
    }
}

/// Whether the process was started with this signal ignored. Only Linux says so in a file; elsewhere none counts as ignored.
#[cfg(unix)]
fn is_ignored(number: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask & (1 << (number - 1)) != 0
}

/// What an interruption finds.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupts {
    stage: Arc<Mutex<Stage>>,
    /// The signals that came while changes were made, for the code that makes them.
    came: Arc<(Mutex<Vec<Signal>>, Notify)>,
    terminal: Terminal,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Nothing was done yet.
    #[default]
    Before,
    /// This was done, as a sentence.
    After(String),
    /// Changes are being made, and what makes them listens.
    Applying,
}

impl Interrupts {
    /// Remembers how the terminal is now.
    pub(super) fn new() -> Self {
        Self { stage: Arc::default(), came: Arc::default(), terminal: Terminal::now() }
    }

    /// Watches for signals until the process ends. Where that is not possible, they end the process as they always do.
    pub(super) fn watch(&self) {
        let interrupts = self.clone();
        std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(interrupts.listen());
        });
    }

    #[cfg(unix)]
    async fn listen(&self) {
        let mut streams = Signal::streams();
        while let Some(signal) = Signal::next(&mut streams).await {
            self.on(signal);
        }
    }

    #[cfg(not(unix))]
    async fn listen(&self) {
        while tokio::signal::ctrl_c().await.is_ok() {
            self.on(Signal::Interrupt);
        }
    }

    /// The next signal that comes while changes are made.
    pub(super) async fn next(&self) -> Signal {
        loop {
            let came = self.came.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match came {
                Some(signal) => return signal,
                None => self.came.1.notified().await,
            }
        }
    }

    /// From now on an interruption says that this was done.
    pub(super) fn done(&self, sentence: impl Into<String>) {
        *self.stage() = Stage::After(sentence.into());
    }

    /// Until the result is dropped, who makes changes decides what a signal does, and takes them from [`Self::next`].
    pub(super) fn applying(&self) -> Applying<'_> {
        *self.stage() = Stage::Applying;
        Applying(self)
    }

    /// Ends the process at once, with the terminal as it was.
    pub(super) fn exit(&self, signal: Signal) -> ! {
        self.terminal.restore();
        std::process::exit(i32::from(signal.code().number()));
    }

    /// A prompt was told of Ctrl-C before the watcher: gives the watcher the time to end the process.
    pub(super) fn wait(&self) -> ExitStatus {
        std::thread::sleep(Duration::from_secs(1));
        self.terminal.restore();
        ExitStatus::Interrupted
    }

    fn on(&self, signal: Signal) {
        let said = match &*self.stage() {
            Stage::Applying => {
                self.came.0.lock().unwrap_or_else(PoisonError::into_inner).push(signal);
                self.came.1.notify_one();
                return;
            }
            Stage::Before => "Interrupted. Nothing was changed.".to_owned(),
            Stage::After(sentence) => format!("Interrupted. {sentence}"),
        };
        self.terminal.restore();
        // There is nowhere to say that standard error is closed.
        let _ = Term::stderr().write_line(&said);
        self.exit(signal);
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Changes are being made.
pub(super) struct Applying<'a>(&'a Interrupts);

impl Applying<'_> {
    /// Ends it before anything was changed; gives the signal that came meanwhile, if one did.
    pub(super) fn ended_unchanged(self) -> Option<Signal> {
        let interrupts = self.0;
        drop(self);
        *interrupts.stage() = Stage::Before;
        interrupts.came.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

impl Drop for Applying<'_> {
    fn drop(&mut self) {
        self.0.done("The report above says what was changed.");
    }
}

/// How the terminal was when the program started. A hidden prompt turns echo off, and a list hides the cursor.
#[derive(Clone, Debug, Default)]
struct Terminal {
    #[cfg(unix)]
    attributes: Option<rustix::termios::Termios>,
}

impl Terminal {
    fn now() -> Self {
        Self {
            #[cfg(unix)]
            attributes: rustix::termios::tcgetattr(std::io::stdin()).ok(),
        }
    }

    /// A terminal that is gone needs nothing, so failures are of no interest.
    fn restore(&self) {
        #[cfg(unix)]
        if let Some(attributes) = &self.attributes {
            let _ = rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Now, attributes);
        }
        let terminal = Term::stderr();
        if terminal.is_term() {
            // What a spinner or a prompt left in the line would run into the sentence.
            let _ = terminal.show_cursor().and_then(|()| terminal.write_line(""));
        }
    }
}
