//! Signing in to Anaconda Server.

use super::single_sign_on::{How, sign_on};
use super::{finish, make_way, password_of, username_of, whole_path};
use crate::cli::Asked;
use crate::cli::arguments::SignInServer;
use crate::cli::channels::choice_of;
use crate::cli::domain::read;
use crate::cli::remedy::reach;
use crate::conda::channel::ChannelEntry;
use crate::error::{Explain, Problem};
use crate::repository::{Domain, Found};
use crate::service::ServiceError;
use crate::service::connection::Service;
use crate::service::sign_in::sso::SignOnSite;
use crate::service::sign_in::{ChannelChoice, LoggedIn};

pub(super) async fn server(asked: &Asked<'_>, arguments: SignInServer) -> Result<(), Problem> {
    let domain = domain_of(asked, arguments.domain.as_deref())?;
    asked.services.may_sign_in(Service::Server, Some(&domain))?;
    let choice = match arguments.channels.says_nothing() {
        true => asked.services.proposed_channels()?,
        false => choice_of(&arguments.channels)?,
    };
    let through = arguments.sso_site.as_deref().map(Domain::parse).transpose();
    let through = through.map_err(|error| error.explain())?;
    let ca_file = whole_path(arguments.ca_file);
    let replacing = make_way(asked, Service::Server, arguments.replace).await?;
    let login = if arguments.sso {
        answers(asked, &domain, ca_file.as_deref()).await?;
        let site = SignOnSite::Server {
            domain: domain.clone(),
            ca_file,
            through: through.map(|site| site.host().to_owned()),
        };
        let how = match arguments.device {
            true => How::Code,
            false => How::Browser { port: arguments.port },
        };
        sign_on(asked, site, how).await?
    } else {
        let username = username_of(asked, arguments.username, "add --username NAME, or --sso").await?;
        let password = password_of(asked, arguments.password_stdin, &username, domain.host()).await?;
        let ca_file = ca_file.as_deref();
        answers(asked, &domain, ca_file).await?;
        let services = asked.services;
        reach(asked, async || {
            services.log_in(&domain, ca_file, &username, &password).await
        })
        .await?
    };
    refuse_unknown_channels(asked, &login, &choice).await?;
    finish(asked, &login, &choice, &replacing).await
}

/// The address given, or the one that is set. What a pasted text was reduced to is said.
fn domain_of(asked: &Asked<'_>, given: Option<&str>) -> Result<Domain, Problem> {
    let text = match given {
        Some(text) => text.to_owned(),
        None => asked.services.domain()?.domain.ok_or(ServiceError::NoDomain)?,
    };
    read(asked, &text)
}

/// Says that an Anaconda Server answers, before anything is sent to it.
async fn answers(
    asked: &Asked<'_>,
    domain: &Domain,
    ca_file: Option<&std::path::Path>,
) -> Result<(), Problem> {
    let services = asked.services;
    let found = reach(asked, async || {
        services.check_domain(domain, ca_file, |_| {}).await
    })
    .await?;
    asked.output.note(&format!(
        "{} answers ({})",
        domain.host(),
        Found::Server(found.info)
    ));
    Ok(())
}

/// Refuses names that the service does not list for this person.
pub(super) async fn refuse_unknown_channels(
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
    let services = asked.services;
    let offered = reach(asked, async || services.channels_for(login, |_| {}).await).await?;
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
