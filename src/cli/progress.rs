//! How far something is: one line on standard error that is written over and over, for a person at a terminal; nothing
//! anywhere else.

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::output::Output;

/// No line is written more often.
const PAUSE: Duration = Duration::from_millis(60);

/// The longest line; one that is broken could not be written over.
const WIDTH: usize = 78;

/// The line. When it is dropped, it is wiped.
#[derive(Debug)]
pub(super) struct ProgressLine {
    seen: bool,
    written: Option<Instant>,
}

impl Output {
    /// A line for work that begins now.
    pub(super) fn progress(&self) -> ProgressLine {
        ProgressLine {
            seen: !self.is_json() && std::io::stderr().is_terminal(),
            written: None,
        }
    }
}

impl ProgressLine {
    /// Shows this in place of what was shown before, unless that was a moment ago.
    pub(super) fn show(&mut self, text: impl FnOnce() -> String) {
        if !self.seen || self.written.is_some_and(|written| written.elapsed() < PAUSE) {
            return;
        }
        let text: String = text().chars().take(WIDTH).collect();
        self.write(&format!("\r{text}\u{1b}[K"));
        self.written = Some(Instant::now());
    }

    /// Nothing is shown any more.
    pub(super) fn wipe(&mut self) {
        if self.written.take().is_some() {
            self.write("\r\u{1b}[K");
        }
    }

    fn write(&self, text: &str) {
        let mut out = std::io::stderr().lock();
        let _ = write!(out, "{text}");
        let _ = out.flush();
    }
}

/// A line that several threads write. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct SharedLine(Arc<Mutex<ProgressLine>>);

impl Output {
    pub(super) fn shared_progress(&self) -> SharedLine {
        SharedLine(Arc::new(Mutex::new(self.progress())))
    }
}

impl SharedLine {
    /// As [`ProgressLine::show`].
    pub(super) fn show(&self, text: impl FnOnce() -> String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).show(text);
    }

    /// As [`ProgressLine::wipe`].
    pub(super) fn wipe(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).wipe();
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// `840 B`, `12.3 kB`, `4.1 MB`, by powers of a thousand as conda counts.
pub(super) fn bytes_text(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1_000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1_000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1_000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// `1 package`, `7 packages`.
pub(super) fn counted(count: usize, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {what}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_in_the_unit_that_fits() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (8_005_250, "8.0 MB"),
            (3_500_000_000, "3.5 GB"),
            (u64::MAX, "18446744.1 TB"),
        ] {
            assert_eq!(bytes_text(bytes), text);
        }
    }

    #[test]
    fn one_is_one() {
        assert_eq!(counted(1, "package"), "1 package");
        assert_eq!(counted(0, "package"), "0 packages");
    }
}
