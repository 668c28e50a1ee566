//! `sextant sign-in`.

use serde_json::json;

use super::Asked;
use super::arguments::{SignIn, SignInServer};
use super::channels::parse_names;
use super::output::{files_json, plan_json, plan_text};
use crate::conda::channel::ChannelEntry;
use crate::error::{Kind, Problem};
use crate::repository::{Domain, Found};
use crate::service::ServiceError;
use crate::service::connection::Service;
use crate::service::plan::Plan;
use crate::service::sign_in::{ChannelChoice, LoggedIn, Replacing};

pub(super) async fn sign_in(asked: &Asked<'_>, which: SignIn) -> Result<(), Problem> {
    match which {
        SignIn::Server(arguments) => server(asked, arguments).await,
    }
}

async fn server(asked: &Asked<'_>, arguments: SignInServer) -> Result<(), Problem> {
    let services = asked.services;
    let domain = domain_of(asked, arguments.domain.as_deref())?;
    // Before any question: what was asked for cannot be done while signed in.
    services.refuse_second_sign_in(Service::Server)?;
    let username = arguments
        .username
        .filter(|name| !name.is_empty())
        .ok_or_else(|| Problem::new(Kind::Usage, "the user name is missing").remedy("add --username NAME"))?;
    let password = asked
        .output
        .secret(
            arguments.password_stdin,
            &format!("Password of {username} at {}: ", domain.host()),
        )
        .ok_or_else(|| {
            Problem::new(Kind::Usage, "the password is missing")
                .because("without a terminal nothing is asked")
                .remedy("add --password-stdin and send the password on standard input")
        })?;
    if password.is_empty() {
        return Err(Problem::new(Kind::Usage, "the password is empty")
            .remedy("send it on the first line of standard input"));
    }
    let ca_file = arguments.ca_file.as_deref();
    let found = services.check_domain(&domain, ca_file, |_| {}).await?;
    asked.output.note(&format!(
        "{} answers ({})",
        domain.host(),
        Found::Server(found.info)
    ));
    let login = services.log_in(&domain, ca_file, &username, &password).await?;
    let choice = ChannelChoice::new(
        parse_names(&arguments.add_to_channels)?,
        parse_names(&arguments.add_to_default_channels)?,
    );
    refuse_unknown_channels(asked, &login, &choice).await?;
    let plan = services.plan_sign_in(&login, &choice, &Replacing::Nothing)?;
    asked.output.warn(&plan.warnings);
    if asked.dry_run {
        dry(asked, &login, &plan);
        return Ok(());
    }
    if !asked.output.agrees(&plan, asked.yes) {
        return Err(Problem::new(Kind::Cancelled, "cancelled").because("nothing was changed"));
    }
    let signed_in = services.sign_in(&login, &plan).await?;
    asked.output.answer(
        || json!(signed_in),
        || {
            let mut text = format!("Signed in to {} as {}.\n", domain.host_and_port(), signed_in.user);
            if let (Some(name), Some(expires)) = (&signed_in.token.name, signed_in.token.expires_at) {
                text.push_str(&format!(
                    "Token {name} expires on {}.\n",
                    expires.strftime("%Y-%m-%d")
                ));
            }
            for file in &signed_in.files {
                text.push_str(&format!("{:?} {}\n", file.change, file.path.display()));
            }
            if signed_in.channels.is_empty() {
                text.push_str("conda searches no channel yet.");
            } else {
                text.push_str(&format!("conda searches: {}", signed_in.channels.join(", ")));
            }
            text
        },
    );
    Ok(())
}

/// The address given, or the one that is set. What a pasted text was reduced to is said.
fn domain_of(asked: &Asked<'_>, given: Option<&str>) -> Result<Domain, Problem> {
    let text = match given {
        Some(text) => text.to_owned(),
        None => asked.services.domain()?.domain.ok_or(ServiceError::NoDomain)?,
    };
    super::domain::read(asked, &text)
}

async fn refuse_unknown_channels(
    asked: &Asked<'_>,
    login: &LoggedIn,
    choice: &ChannelChoice,
) -> Result<(), Problem> {
    let wanted: Vec<String> = choice
        .channels()
        .iter()
        .chain(choice.default_channels())
        .filter(|entry| matches!(entry, ChannelEntry::Name(_)))
        .map(ToString::to_string)
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let offered = asked.services.channels_for(login, |_| {}).await?;
    let names: Vec<String> = wanted
        .into_iter()
        .filter(|name| !offered.iter().any(|channel| channel.path() == *name))
        .collect();
    if names.is_empty() {
        Ok(())
    } else {
        Err(ServiceError::UnknownChannels { names }.into())
    }
}

fn dry(asked: &Asked<'_>, login: &LoggedIn, plan: &Plan) {
    asked.output.answer(
        || {
            json!({
                "service": "server",
                "domain": login.domain.as_str(),
                "user": login.user,
                "token": plan.token.as_ref().map(|token| json!({"id": null, "name": token.name, "expires_at": token.expires_on})),
                "files": files_json(plan),
                "channels": plan.channels,
                "default_channels": plan.default_channels,
                "dry_run": true,
                "plan": plan_json(plan),
            })
        },
        || plan_text(plan),
    );
}
