//! Ctrl-C: wherever it comes, the terminal is left as it was, what was done is said, and the exit code is 130.
//!
//! Prompts and searches block the thread they run in, so a thread of its own watches. While changes are made, it leaves Ctrl-C
//! to `apply`, which finishes what is in progress. Neighbor: `consent`, which asks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use console::Term;

use super::ExitStatus;

/// What an interruption finds.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupts {
    stage: Arc<Mutex<Stage>>,
    terminal: Terminal,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Nothing was done yet.
    #[default]
    Before,
    /// This was done, as a sentence.
    After(String),
    /// Changes are being made, and whoever makes them listens.
    Applying,
}

impl Interrupts {
    /// Remembers how the terminal is now.
    pub(super) fn new() -> Self {
        Self { stage: Arc::default(), terminal: Terminal::now() }
    }

    /// Watches for Ctrl-C until the process ends. Where that is not possible, Ctrl-C ends the process as it always does.
    pub(super) fn watch(&self) {
        let interrupts = self.clone();
        std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(async {
                while tokio::signal::ctrl_c().await.is_ok() {
                    interrupts.end();
                }
            });
        });
    }

    /// From now on an interruption says that this was done.
    pub(super) fn done(&self, sentence: impl Into<String>) {
        *self.stage() = Stage::After(sentence.into());
    }

    /// Until the result is dropped, who makes changes decides what Ctrl-C does.
    pub(super) fn applying(&self) -> Applying<'_> {
        *self.stage() = Stage::Applying;
        Applying(self)
    }

    /// Ends the process at once, with the terminal as it was.
    pub(super) fn exit(&self) -> ! {
        self.terminal.restore();
        std::process::exit(i32::from(ExitStatus::Interrupted.number()));
    }

    /// A prompt was told of Ctrl-C before the watcher: gives the watcher the time to end the process.
    pub(super) fn wait(&self) -> ExitStatus {
        std::thread::sleep(Duration::from_secs(1));
        self.terminal.restore();
        ExitStatus::Interrupted
    }

    fn end(&self) {
        let said = match &*self.stage() {
            Stage::Applying => return,
            Stage::Before => "Interrupted. Nothing was changed.".to_owned(),
            Stage::After(sentence) => format!("Interrupted. {sentence}"),
        };
        self.terminal.restore();
        // There is nowhere to say that standard error is closed.
        let _ = Term::stderr().write_line(&said);
        self.exit();
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Changes are being made.
pub(super) struct Applying<'a>(&'a Interrupts);

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
