//! What the command line prints, as text for a person or as one JSON document for a program.

use std::io::{IsTerminal, Write};

use serde_json::{Value, json};

use crate::edit::diff::{Change, FileDiff};
use crate::error::Problem;
use crate::secret::Secret;
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
}

impl Output {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    /// The one document of this command.
    pub(super) fn answer(&self, document: impl FnOnce() -> Value, text: impl FnOnce() -> String) {
        if self.json {
            say(&document().to_string());
        } else {
            let text = text();
            if !text.is_empty() {
                say(&text);
            }
        }
    }

    /// A line about work that goes on; on standard error, so that it never mixes with the answer.
    pub(super) fn note(&self, text: &str) {
        if !self.json {
            complain(text);
        }
    }

    pub(super) fn warn(&self, warnings: &[Warning]) {
        for warning in warnings {
            complain(&format!("warning: {}", warning.message));
            if let Some(remedy) = &warning.remedy {
                complain(&format!("   try: {remedy}"));
            }
        }
    }

    pub(super) fn fail(&self, problem: &Problem) {
        if self.json {
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

    /// True when the person may be asked: standard input and error are a terminal, and JSON was not asked for.
    pub(super) fn can_ask(&self) -> bool {
        !self.json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Shows a plan and asks whether to go on; without a terminal, or with `yes`, nothing is asked.
    pub(super) fn agrees(&self, plan: &Plan, yes: bool) -> bool {
        if yes || !self.can_ask() || plan.is_empty() {
            return true;
        }
        complain(&plan_text(plan));
        let _ = write!(std::io::stderr(), "Go on? [Y/n] ");
        let mut answer = String::new();
        let read = std::io::stdin().read_line(&mut answer);
        read.is_ok_and(|length| length > 0) && !answer.trim().to_ascii_lowercase().starts_with('n')
    }

    /// A secret from the first line of standard input, or asked for without echo.
    pub(super) fn secret(&self, from_input: bool, prompt: &str) -> Option<Secret> {
        let mut line = if from_input {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).ok()?;
            line
        } else if self.can_ask() {
            rpassword::prompt_password(prompt).ok()?
        } else {
            return None;
        };
        line.truncate(line.trim_end_matches(['\n', '\r']).len());
        Some(Secret::new(line))
    }
}

/// The diffs of a plan and its effects on the server, for `--dry-run` and before a question.
pub(super) fn plan_text(plan: &Plan) -> String {
    let mut text = String::new();
    if let Some(token) = &plan.token {
        text.push_str(&format!(
            "create token {}\n  scopes  {}\n  expires {}\n",
            token.name,
            token.scopes.join(", "),
            token.expires_on
        ));
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
        "revokes": plan.revokes,
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
