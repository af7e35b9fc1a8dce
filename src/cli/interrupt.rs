//! Ctrl-C, wherever the program is: the terminal is put back, a line says what was done, and the exit code is 130.
//!
//! The program may be waiting for a key when the signal comes, so a thread of its own waits for the signal. `apply` finishes what
//! is under way and answers by itself meanwhile.

use std::sync::Mutex;

use console::Term;

/// The exit code of a program that Ctrl-C ended, as shells have it.
pub(super) const CODE: i32 = 130;

/// What is said when the signal comes; `None` while someone else answers it.
static STATE: Mutex<Option<&str>> = Mutex::new(Some("nothing was changed."));

/// Waits for the signal from now on.
pub fn watch() {
    std::thread::spawn(|| {
        // Without a runtime Ctrl-C ends the program as it does any other.
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            while tokio::signal::ctrl_c().await.is_ok() {
                if let Some(done) = STATE.lock().map_or(None, |state| *state) {
                    stop(done);
                }
            }
        });
    });
}

/// Says from now on that this was done.
pub(super) fn says(done: &'static str) {
    set(Some(done));
}

/// Leaves the signal to the caller.
pub(super) fn is_answered_here() {
    set(None);
}

fn set(done: Option<&'static str>) {
    if let Ok(mut state) = STATE.lock() {
        *state = done;
    }
}

fn stop(done: &str) {
    let term = Term::stderr();
    // The program ends here; a terminal that is gone needs nothing.
    let _ = term.show_cursor();
    let _ = term.write_line(&format!("\nStopped: {done}"));
    std::process::exit(CODE);
}
