//! Questions to the person, and what programs send on standard input. Waiting for either can be interrupted: a call that
//! waits runs in a thread of its own.

use std::io::{BufRead, ErrorKind, IsTerminal, Read, Write};
use std::sync::mpsc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::output::Output;
use crate::secret::Secret;

/// The longest line that is read.
const LIMIT: u64 = 64 * 1024;

/// How long an interrupted question may take to give the terminal back as it was.
const GIVING_BACK: Duration = Duration::from_millis(50);

/// A question that waits. Dropping it gives the terminal time to get its echo back.
struct Waiting<T> {
    answer: oneshot::Receiver<T>,
    /// Closed when the question is over.
    over: mpsc::Receiver<()>,
    hides: bool,
}

impl<T: Send + 'static> Waiting<T> {
    /// `ask` gives nothing when the person interrupted it: then there is no answer, and the signal that came with it ends the
    /// command.
    fn begin(hides: bool, ask: impl FnOnce() -> Option<T> + Send + 'static) -> Self {
        let (answer, receiver) = oneshot::channel();
        let (ended, over) = mpsc::channel();
        std::thread::spawn(move || {
            match ask() {
                Some(given) => drop(answer.send(given)),
                // A sender that goes would be an answer too.
                None => std::mem::forget(answer),
            }
            drop(ended);
        });
        Self {
            answer: receiver,
            over,
            hides,
        }
    }

    async fn wait(mut self) -> Option<T> {
        (&mut self.answer).await.ok()
    }
}

impl<T> Drop for Waiting<T> {
    fn drop(&mut self) {
        if self.hides {
            let _ = self.over.recv_timeout(GIVING_BACK);
        }
    }
}

impl Output {
    /// True when the person may be asked: standard input and error are a terminal, and JSON was not asked for.
    pub(super) fn can_ask(&self) -> bool {
        !self.is_json() && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Asks for a line. Nothing without a terminal, and when nothing is typed.
    pub(super) async fn line(&self, question: &str) -> Option<String> {
        if !self.can_ask() {
            return None;
        }
        ask(question);
        let line = Waiting::begin(false, || Some(first_line())).wait().await??;
        let line = line.trim();
        (!line.is_empty()).then(|| line.to_owned())
    }

    /// Asks yes or no; the answer is no without a terminal, and `usual` for an empty line.
    pub(super) async fn confirms(&self, question: &str, usual: bool) -> bool {
        if !self.can_ask() {
            return false;
        }
        ask(&format!("{question} [{}] ", if usual { "Y/n" } else { "y/N" }));
        let line = Waiting::begin(false, || Some(first_line()))
            .wait()
            .await
            .flatten();
        match line.as_deref().map(|line| line.trim().to_ascii_lowercase()) {
            None => false,
            Some(line) if line.is_empty() => usual,
            Some(line) => line.starts_with('y'),
        }
    }

    /// A secret: the first line of standard input that is not empty or, for a password, the first line; else asked for
    /// without echo.
    pub(super) async fn secret(&self, from_input: bool, prompt: &str) -> Option<Secret> {
        if from_input {
            let line = Waiting::begin(false, || Some(first_line())).wait().await?;
            return line.map(Secret::new);
        }
        if !self.can_ask() {
            return None;
        }
        let prompt = prompt.to_owned();
        let typed = Waiting::begin(true, move || match rpassword::prompt_password(prompt) {
            Err(error) if error.kind() == ErrorKind::Interrupted => None,
            typed => Some(typed.ok()),
        });
        typed.wait().await?.map(Secret::new)
    }

    /// What was pasted: the first line of standard input that says something; else asked for without echo.
    pub(super) async fn pasted_secret(&self, from_input: bool, prompt: &str) -> Option<Secret> {
        if !from_input {
            return self.secret(false, prompt).await;
        }
        let read = || {
            loop {
                match first_line() {
                    Some(line) if line.trim().is_empty() => {}
                    line => return line,
                }
            }
        };
        Waiting::begin(false, move || Some(read()))
            .wait()
            .await?
            .map(Secret::new)
    }
}

fn ask(question: &str) {
    let mut out = std::io::stderr().lock();
    let _ = write!(out, "{question}");
    let _ = out.flush();
}

/// The next line of standard input without its end; nothing when there is none.
fn first_line() -> Option<String> {
    let mut line = Vec::new();
    let read = std::io::stdin().lock().take(LIMIT).read_until(b'\n', &mut line);
    read.ok().filter(|length| *length > 0)?;
    let mut line = String::from_utf8(line).ok()?;
    line.truncate(line.trim_end_matches(['\n', '\r']).len());
    Some(line)
}
