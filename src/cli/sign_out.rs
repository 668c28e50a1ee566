//! `sextant sign-out`.

use serde_json::json;

use super::Asked;
use super::arguments::SignOut;
use super::output::{files_json, plan_json, plan_text};
use super::which::service_to_end;
use crate::error::{Kind, Problem};
use crate::service::connection::Service;
use crate::service::left_behind::LeftBehind;
use crate::service::merge::PutBack;
use crate::service::plan::Plan;
use crate::service::sign_out::SignedOut;

pub(super) async fn sign_out(asked: &Asked<'_>, arguments: SignOut) -> Result<(), Problem> {
    let service = service_to_end(asked, arguments.service)?;
    let how = if arguments.exact {
        PutBack::Exact
    } else {
        PutBack::KeepEdits
    };
    let plan = asked.services.plan_sign_out(service, &how)?;
    asked.output.warn(&plan.warnings);
    note_ended_logins(asked, &plan);
    if asked.dry_run {
        dry(asked, service, &plan);
        return Ok(());
    }
    let password = if arguments.password_stdin {
        let password = asked.output.secret(true, "").await;
        let password = password.filter(|password| !password.is_empty());
        Some(password.ok_or_else(|| {
            Problem::new(Kind::Usage, "the password is empty")
                .remedy("send it on the first line of standard input")
        })?)
    } else {
        None
    };
    asked.output.agrees(&plan, asked.yes).await?;
    let signed_out = asked.services.sign_out(service, &plan, password.as_ref()).await?;
    report(asked, &plan, &signed_out);
    Ok(())
}

/// What happens to other programs is said before it happens.
pub(super) fn note_ended_logins(asked: &Asked<'_>, plan: &Plan) {
    for login in &plan.ends_logins {
        asked.output.note(&format!(
            "this also ends the login of {} at {}",
            login.program, login.address
        ));
    }
}

fn dry(asked: &Asked<'_>, service: Service, plan: &Plan) {
    asked.output.answer(
        || {
            json!({
                "service": service,
                "token_revoked": false,
                "files": files_json(plan),
                "kept_edits": plan.kept_edits,
                "ended_logins": plan.ends_logins,
                "dry_run": true,
                "plan": plan_json(plan),
            })
        },
        || plan_text(plan),
    );
}

/// What became of the token.
#[derive(Clone, Copy, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
enum Token {
    Revoked,
    /// Its revocation is tried again later.
    Waiting,
    /// It is the person's own, or another program's.
    Kept,
}

impl Token {
    fn of(plan: &Plan, signed_out: &SignedOut) -> Self {
        match (signed_out.token_revoked, &plan.revokes) {
            (true, _) => Self::Revoked,
            (false, Some(_)) => Self::Waiting,
            (false, None) => Self::Kept,
        }
    }

    fn told(self) -> &'static str {
        match self {
            Self::Revoked => "The token was revoked.",
            Self::Waiting => "The token waits to be revoked.",
            Self::Kept => "The token still counts on the server: Sextant did not create it.",
        }
    }
}

/// Says plainly whether the token is really gone.
pub(super) fn report(asked: &Asked<'_>, plan: &Plan, signed_out: &SignedOut) {
    let token = Token::of(plan, signed_out);
    if let Some(problem) = &signed_out.not_revoked_because {
        asked.output.note(&format!(
            "warning: the token was not revoked on the server: {}\n   try: sextant recover, or sign in once more; Sextant remembers it",
            problem.message
        ));
    }
    asked.output.answer(
        || {
            let mut document = json!(signed_out);
            document["token"] = json!(token);
            document
        },
        || {
            let mut text = format!("Signed out of {}. {}", signed_out.service.title(), token.told());
            for file in &signed_out.files {
                text.push_str(&format!("\n{:?} {}", file.change, file.path.display()));
            }
            for edit in signed_out.kept_edits.iter().filter(|edit| edit.kept) {
                text.push_str(&format!(
                    "\nKept: {}, which somebody else changed meanwhile",
                    edit.key
                ));
            }
            for login in &signed_out.ended_logins {
                text.push_str(&format!(
                    "\nEnded: the login of {} at {}",
                    login.program, login.address
                ));
            }
            for left in &signed_out.left_behind {
                text.push_str(&format!(
                    "\nStill there: {} in {} of {}, which leads to {}",
                    left.name,
                    left.setting,
                    left.path.display(),
                    left.url
                ));
            }
            if signed_out.left_behind.iter().any(LeftBehind::can_be_removed) {
                text.push_str("\nconda goes on searching it. To end that: sextant channels remove NAME...");
            }
            text
        },
    );
}
