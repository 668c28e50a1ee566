//! What the command line prints, as text for a person or as one JSON document for a program.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::edit::diff::{Change, FileDiff};
use crate::error::{Kind, Problem};
use crate::service::plan::{Plan, Warning};

/// Writes to standard output. A reader that went away is no error of ours.
pub(super) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", text.trim_end_matches('\n'));
    let _ = out.flush();
}

/// Writes to standard error.
pub(super) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

#[derive(Debug)]
pub(super) struct Output {
    json: bool,
    /// Whether the one document is out.
    has_answered: AtomicBool,
    /// The one document was printed, and it told of the failure.
    has_told: AtomicBool,
}

impl Output {
    pub(super) fn new(json: bool) -> Self {
        Self {
            json,
            has_answered: AtomicBool::new(false),
            has_told: AtomicBool::new(false),
        }
    }

    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// The one document of this command.
    pub(super) fn answer(&self, document: impl FnOnce() -> Value, text: impl FnOnce() -> String) {
        if self.json {
            self.has_answered.store(true, Ordering::Relaxed);
            say(&document().to_string());
        } else {
            let text = text();
            if !text.is_empty() {
                say(&text);
            }
        }
    }

    /// The same where a part of it failed: for programs the failure is in the document, and nothing else is printed.
    pub(super) fn answer_in_part(
        &self,
        problem: &Problem,
        document: impl FnOnce() -> Value,
        text: impl FnOnce() -> String,
    ) {
        let with_problem = || {
            let mut document = document();
            document["error"] = json!(problem);
            document
        };
        self.answer(with_problem, text);
        self.has_told.store(self.json, Ordering::Relaxed);
    }

    /// A line about work that goes on; on standard error, so that it never mixes with the answer.
    pub(super) fn note(&self, text: &str) {
        if !self.json {
            complain(text);
        }
    }

    /// What the person has to know to go on, such as an address to open; on standard error, whatever was asked for.
    pub(super) fn tell(&self, text: &str) {
        complain(text);
    }

    pub(super) fn warn(&self, warnings: &[Warning]) {
        for warning in warnings {
            complain(&format!("warning: {}", warning.message));
            if let Some(remedy) = &warning.remedy {
                complain(&format!("   try: {remedy}"));
            }
        }
    }

    /// Whatever was answered before stays the one document.
    pub(super) fn fail(&self, problem: &Problem) {
        if self.has_told.load(Ordering::Relaxed) {
            return;
        }
        if self.json && !self.has_answered.load(Ordering::Relaxed) {
            say(&json!({ "error": problem }).to_string());
        } else {
            complain(&format!("error: {}", problem.message));
            if let Some(cause) = &problem.cause {
                complain(&format!("cause: {cause}"));
            }
            if let Some(remedy) = &problem.remedy {
                complain(&format!("try: {remedy}"));
            }
        }
    }

    /// Shows a plan and asks whether to go on; without a terminal, or with `yes`, nothing is asked.
    pub(super) async fn agrees(&self, plan: &Plan, yes: bool) -> Result<(), Problem> {
        if plan.is_empty() {
            return Ok(());
        }
        self.agrees_to(&plan_text(plan), yes).await
    }

    /// The same for what has no plan.
    ///
    /// Errors: the person does not want it.
    pub(super) async fn agrees_to(&self, what: &str, yes: bool) -> Result<(), Problem> {
        if yes || !self.can_ask() {
            return Ok(());
        }
        complain(what.trim_end_matches('\n'));
        if self.confirms("Go on?", true).await {
            return Ok(());
        }
        Err(Problem::new(Kind::Cancelled, "cancelled").because("nothing was changed"))
    }
}

/// The diffs of a plan and its effects on the server, for `--dry-run` and before a question.
pub(super) fn plan_text(plan: &Plan) -> String {
    let mut text = String::new();
    for ended in &plan.ends {
        text.push_str(&format!(
            "sign out of {}\n",
            connected(&ended.domain, &ended.user)
        ));
        if let Some(name) = &ended.revokes {
            text.push_str(&format!("revoke token {name}\n"));
        }
    }
    for login in &plan.ends_logins {
        text.push_str(&format!(
            "end the login of {} at {}\n",
            login.program, login.address
        ));
    }
    if let Some(token) = &plan.token {
        text.push_str(&format!(
            "create token {}\n  scopes  {}\n  expires {}\n",
            token.name,
            token.scopes.join(", "),
            token.expires_on
        ));
    }
    if plan.creates_key {
        text.push_str("create a key of Anaconda.com\n");
    }
    if let Some(name) = &plan.revokes {
        text.push_str(&format!("revoke token {name}\n"));
    }
    for diff in plan.diffs() {
        text.push_str(&format!("{} {}\n", change_word(diff.change), diff.path.display()));
        text.push_str(&diff.to_text());
    }
    for edit in &plan.kept_edits {
        text.push_str(&format!(
            "{} was changed by somebody else meanwhile: {}\n",
            edit.key,
            if edit.kept {
                "their value stays"
            } else {
                "it is put back"
            }
        ));
    }
    if plan.is_empty() {
        text.push_str("nothing to change\n");
    }
    text
}

/// The same as JSON: what `--dry-run --json` adds to a document.
pub(super) fn plan_json(plan: &Plan) -> Value {
    let diffs: Vec<FileDiff> = plan.diffs();
    json!({
        "token": plan.token,
        "creates_key": plan.creates_key,
        "revokes": plan.revokes,
        "ends": plan.ends,
        "ended_logins": plan.ends_logins,
        "diffs": diffs,
        "kept_edits": plan.kept_edits,
        "warnings": plan.warnings,
    })
}

pub(super) fn files_json(plan: &Plan) -> Value {
    plan.diffs()
        .iter()
        .map(|diff| json!({"path": diff.path, "change": diff.change}))
        .collect()
}

pub(super) const fn change_word(change: Change) -> &'static str {
    match change {
        Change::Created => "create",
        Change::Edited => "edit",
        Change::Removed => "remove",
        Change::Unchanged => "keep",
    }
}

/// Where somebody is signed in, and as whom where that is known.
pub(super) fn connected(domain: &str, user: &str) -> String {
    match user {
        "" => domain.to_owned(),
        user => format!("{domain} as {user}"),
    }
}
