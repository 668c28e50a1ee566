//! `sextant sign-out`.

use serde_json::json;

use super::Asked;
use super::arguments::{ServiceName, SignOut};
use super::output::{files_json, plan_json, plan_text};
use crate::error::{Kind, Problem};
use crate::service::connection::Service;
use crate::service::merge::PutBack;
use crate::service::sign_out::SignedOut;

pub(super) async fn sign_out(asked: &Asked<'_>, arguments: SignOut) -> Result<(), Problem> {
    let service = match arguments.service {
        Some(ServiceName::Server) | None => Service::Server,
    };
    let how = if arguments.exact {
        PutBack::Exact
    } else {
        PutBack::KeepEdits
    };
    let plan = asked.services.plan_sign_out(service, &how)?;
    asked.output.warn(&plan.warnings);
    if asked.dry_run {
        asked.output.answer(
            || {
                json!({
                    "service": service,
                    "token_revoked": false,
                    "files": files_json(&plan),
                    "kept_edits": plan.kept_edits,
                    "dry_run": true,
                    "plan": plan_json(&plan),
                })
            },
            || plan_text(&plan),
        );
        return Ok(());
    }
    let password = if arguments.password_stdin {
        Some(
            asked
                .output
                .secret(true, "")
                .filter(|password| !password.is_empty())
                .ok_or_else(|| {
                    Problem::new(Kind::Usage, "the password is empty")
                        .remedy("send it on the first line of standard input")
                })?,
        )
    } else {
        None
    };
    if !asked.output.agrees(&plan, asked.yes) {
        return Err(Problem::new(Kind::Cancelled, "cancelled").because("nothing was changed"));
    }
    let signed_out = asked.services.sign_out(service, &plan, password.as_ref()).await?;
    report(asked, &signed_out);
    Ok(())
}

/// Says plainly whether the token is really gone.
pub(super) fn report(asked: &Asked<'_>, signed_out: &SignedOut) {
    if let Some(problem) = &signed_out.not_revoked_because {
        asked.output.note(&format!(
            "warning: the token was not revoked on the server: {}\n   try: sextant recover, or sign in once more; Sextant remembers it",
            problem.message
        ));
    }
    asked.output.answer(
        || json!(signed_out),
        || {
            let mut text = format!("Signed out of {}.", signed_out.service.title());
            if signed_out.token_revoked {
                text.push_str(" The token was revoked.");
            }
            for file in &signed_out.files {
                text.push_str(&format!("\n{:?} {}", file.change, file.path.display()));
            }
            for edit in signed_out.kept_edits.iter().filter(|edit| edit.kept) {
                text.push_str(&format!(
                    "\nKept: {}, which somebody else changed meanwhile",
                    edit.key
                ));
            }
            text
        },
    );
}
