//! Signing in to Anaconda Repository.

use super::{finish, make_way, password_of, username_of, whole_path};
use crate::cli::Asked;
use crate::cli::arguments::SignInRepository;
use crate::cli::channels::choice_of;
use crate::cli::domain::read_repository;
use crate::cli::remedy::{in_commands, reach};
use crate::error::{Kind, Problem};
use crate::repository::kerberos::KerberosError;
use crate::repository::{AuthenticationType, BinstarApi, Product, RepositoryError};
use crate::service::connection::Service;
use crate::service::plan::Warning;
use crate::service::sign_in::repository::{DOWNLOAD_SCOPES, RepositoryLogin, RepositoryOffer};

pub(super) async fn repository(asked: &Asked<'_>, arguments: SignInRepository) -> Result<(), Problem> {
    let services = asked.services;
    let api = read_repository(asked, &arguments.domain)?;
    if api.is_anaconda_org() {
        let error = RepositoryError::OtherProduct {
            address: api.as_str().to_owned(),
            expected: Product::AnacondaRepository,
            found: Product::AnacondaOrg,
        };
        return Err(in_commands(&error.into()));
    }
    let choice = choice_of(&arguments.channels)?;
    let scopes = scopes_of(&arguments.scopes);
    if arguments.kerberos {
        judge_plain_http(asked, &api, arguments.allow_plain_http)?;
    }
    let ca_file = whole_path(arguments.ca_file);
    let ca_file = ca_file.as_deref();
    let replacing = make_way(asked, Service::Repository, arguments.replace).await?;
    let login = if arguments.kerberos {
        RepositoryLogin::Kerberos {
            over_plain_http: arguments.allow_plain_http,
        }
    } else {
        let username = username_of(asked, arguments.username, "add --username NAME, or --kerberos").await?;
        let host = api.domain().host();
        RepositoryLogin::Password {
            password: password_of(asked, arguments.password_stdin, &username, host).await?,
            username,
        }
    };
    reach(asked, async || {
        services.check_repository(&api, ca_file, |_| {}).await
    })
    .await?;
    asked
        .output
        .note(&format!("{} answers (Anaconda Repository)", api.domain().host()));
    let offer = reach(asked, async || services.repository_offer(&api, ca_file).await).await?;
    refuse_unknown_scopes(&offer, &scopes)?;
    refuse_other_proof(&offer, &login)?;
    let login = services.log_in_to_repository(&api, ca_file, login, scopes)?;
    finish(asked, &login, &choice, &replacing).await
}

/// What the token may do: downloads, unless more was named.
fn scopes_of(named: &[String]) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in named.iter().map(|scope| scope.trim()) {
        if !scope.is_empty() && !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    match named.is_empty() {
        true => DOWNLOAD_SCOPES.map(str::to_owned).to_vec(),
        false => scopes,
    }
}

/// A ticket that is shown without encryption can be used by others: only where the person accepts that.
fn judge_plain_http(asked: &Asked<'_>, api: &BinstarApi, allowed: bool) -> Result<(), Problem> {
    if !api.is_plain_http() {
        return Ok(());
    }
    let host = api.domain().host().to_owned();
    if !allowed {
        let error = RepositoryError::from(KerberosError::PlainHttp { host });
        return Err(in_commands(&error.into()));
    }
    asked.output.warn(&[Warning {
        message: format!(
            "the connection to {host} is not encrypted: somebody on the way could use the Kerberos sign-in for themselves"
        ),
        remedy: Some("use https:// if the server offers it".to_owned()),
    }]);
    Ok(())
}

fn refuse_unknown_scopes(offer: &RepositoryOffer, scopes: &[String]) -> Result<(), Problem> {
    let known = |name: &String| offer.scopes.iter().any(|scope| scope.name == *name);
    let unknown: Vec<&str> = scopes
        .iter()
        .filter(|name| !known(name))
        .map(String::as_str)
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let offered: Vec<&str> = offer.scopes.iter().map(|scope| scope.name.as_str()).collect();
    Err(Problem::new(
        Kind::Usage,
        format!(
            "{} knows no scope {}",
            offer.api.domain().host(),
            unknown.join(", ")
        ),
    )
    .remedy(format!("choose among: {}", offered.join(", "))))
}

/// What the server would refuse is said before anything is sent.
fn refuse_other_proof(offer: &RepositoryOffer, login: &RepositoryLogin) -> Result<(), Problem> {
    let host = offer.api.domain().host();
    match (&offer.authentication, login) {
        (AuthenticationType::Kerberos, RepositoryLogin::Password { .. }) => {
            Err(Problem::new(Kind::Auth, format!("{host} takes no passwords"))
                .because("it wants a sign-in with Kerberos")
                .remedy("use --kerberos in the place of --username"))
        }
        (AuthenticationType::Password, RepositoryLogin::Kerberos { .. }) => {
            let error = RepositoryError::from(KerberosError::NotOffered {
                host: host.to_owned(),
            });
            Err(in_commands(&error.into()).remedy("sign in with your password: --username NAME"))
        }
        (AuthenticationType::Kerberos, RepositoryLogin::Kerberos { .. }) if offer.ticket.is_none() => {
            let missing = || in_commands(&RepositoryError::from(KerberosError::NoTicket).into());
            Err(offer.no_ticket_because.clone().unwrap_or_else(missing))
        }
        _ => Ok(()),
    }
}
