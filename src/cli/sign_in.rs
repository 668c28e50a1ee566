//! `sextant sign-in`.

mod anaconda_org;
mod cloud;
mod repository;
mod server;
mod single_sign_on;
mod take_over;

use std::path::PathBuf;

use serde_json::json;

use super::Asked;
use super::arguments::{ReplaceWord, SignIn};
use super::output::{connected, files_json, plan_json, plan_text};
use super::remedy::{in_commands, reach};
use crate::error::{Kind, Problem};
use crate::secret::Secret;
use crate::service::connection::Service;
use crate::service::merge::PutBack;
use crate::service::plan::{Owner, Plan};
use crate::service::sign_in::{ChannelChoice, LoggedIn, Replacing, SignedIn};

pub(super) use cloud::addresses;
pub(super) use take_over::take_over;

pub(super) async fn sign_in(asked: &Asked<'_>, which: SignIn) -> Result<(), Problem> {
    match which {
        SignIn::Server(arguments) => server::server(asked, arguments).await,
        SignIn::Cloud(arguments) => cloud::cloud(asked, arguments).await,
        SignIn::Repository(arguments) => repository::repository(asked, arguments).await,
        SignIn::AnacondaOrg(arguments) => anaconda_org::anaconda_org(asked, arguments).await,
    }
}

/// What to do about the sign-in that is in the way of one to `service`: decided before any other question.
///
/// Errors: it may not be replaced.
async fn make_way(asked: &Asked<'_>, service: Service, word: ReplaceWord) -> Result<Replacing, Problem> {
    asked.services.may_sign_in(service, None)?;
    let Some(other) = asked.services.in_the_way(service)? else {
        return Ok(Replacing::Nothing);
    };
    if word.replace {
        return Ok(Replacing::Other(PutBack::KeepEdits));
    }
    if asked.yes || !asked.output.can_ask() {
        let refused = asked.services.refuse_second_sign_in(service);
        return refused
            .map(|()| Replacing::Nothing)
            .map_err(|error| in_commands(&error));
    }
    let question = format!(
        "You are signed in to {}. Sign out of it first?",
        connected(&other.domain, &other.user)
    );
    if asked.output.confirms(&question, false).await {
        return Ok(Replacing::Other(PutBack::KeepEdits));
    }
    Err(Problem::new(Kind::Cancelled, "cancelled").because("nothing was changed"))
}

/// The user name that was given, or is typed at the terminal.
async fn username_of(asked: &Asked<'_>, given: Option<String>, remedy: &str) -> Result<String, Problem> {
    let given = given.filter(|name| !name.trim().is_empty());
    let name = match given {
        Some(name) => Some(name),
        None => asked.output.line("User name: ").await,
    };
    name.ok_or_else(|| Problem::new(Kind::Usage, "the user name is missing").remedy(remedy))
}

/// The password of `username` at `place`, from standard input or asked for without echo.
///
/// Errors: there is none.
pub(super) async fn password_of(
    asked: &Asked<'_>,
    from_input: bool,
    username: &str,
    place: &str,
) -> Result<Secret, Problem> {
    let prompt = format!("Password of {username} at {place}: ");
    let password = asked.output.secret(from_input, &prompt).await.ok_or_else(|| {
        Problem::new(Kind::Usage, "the password is missing")
            .because("without a terminal nothing is asked")
            .remedy("add --password-stdin and send the password on standard input")
    })?;
    if password.is_empty() {
        return Err(Problem::new(Kind::Usage, "the password is empty")
            .remedy("send it on the first line of standard input"));
    }
    Ok(password)
}

/// A file that is named relative to where the command was given; it is used from elsewhere later.
pub(super) fn whole_path(path: Option<PathBuf>) -> Option<PathBuf> {
    path.map(|path| std::path::absolute(&path).unwrap_or(path))
}

/// The way that every sign-in goes from accepted credentials: plan, agreement, change, answer.
async fn finish(
    asked: &Asked<'_>,
    login: &LoggedIn,
    choice: &ChannelChoice,
    replacing: &Replacing,
) -> Result<(), Problem> {
    let services = asked.services;
    let plan = services.plan_sign_in(login, choice, replacing)?;
    asked.output.warn(&plan.warnings);
    if asked.dry_run {
        dry(asked, login, &plan);
        return Ok(());
    }
    asked.output.agrees(&plan, asked.yes).await?;
    let signed_in = reach(asked, async || services.sign_in(login, &plan).await).await?;
    for ended in &signed_in.ended {
        if let Some(problem) = &ended.not_revoked_because {
            asked.output.note(&format!(
                "warning: the token for {} was not revoked: {}\n   try: sextant recover; Sextant remembers it",
                ended.domain, problem.message
            ));
        }
    }
    asked.output.answer(
        || {
            let mut document = json!(signed_in);
            if !plan.ends_logins.is_empty() {
                document["ended_logins"] = json!(plan.ends_logins);
            }
            document
        },
        || told(login, &plan, &signed_in),
    );
    Ok(())
}

fn told(login: &LoggedIn, plan: &Plan, signed_in: &SignedIn) -> String {
    let mut text = String::new();
    for ended in &signed_in.ended {
        text.push_str(&format!("Signed out of {}.\n", ended.domain));
    }
    text.push_str(&format!(
        "Signed in to {}.\n",
        connected(login.domain.host_and_port(), &signed_in.user)
    ));
    match (&signed_in.token.name, signed_in.token.expires_at) {
        (Some(name), Some(expires)) => {
            text.push_str(&format!(
                "Token {name} expires on {}.\n",
                expires.strftime("%Y-%m-%d")
            ));
        }
        (Some(name), None) => text.push_str(&format!("Token {name}.\n")),
        (None, _) => text.push_str("Signing out keeps the token on the server: Sextant did not create it.\n"),
    }
    for file in &signed_in.files {
        text.push_str(&format!("{:?} {}\n", file.change, file.path.display()));
    }
    // Where the sign-in leaves `.condarc` alone, it says nothing of channels.
    if plan.files.iter().any(|file| file.owner == Owner::Condarc) {
        text.push_str(&match signed_in.channels.as_slice() {
            [] => "conda searches no channel yet.".to_owned(),
            channels => format!("conda searches: {}", channels.join(", ")),
        });
    }
    text
}

fn dry(asked: &Asked<'_>, login: &LoggedIn, plan: &Plan) {
    asked.output.answer(
        || {
            let mut document = json!({
                "service": login.service,
                "domain": login.domain.as_str(),
                "user": login.user,
                "token": plan.token.as_ref().map(|token| json!({"id": null, "name": token.name, "expires_at": token.expires_on})),
                "files": files_json(plan),
                "channels": plan.channels,
                "default_channels": plan.default_channels,
                "dry_run": true,
                "plan": plan_json(plan),
            });
            if !plan.ends.is_empty() {
                document["ended"] = json!(plan.ends);
            }
            document
        },
        || plan_text(plan),
    );
}
