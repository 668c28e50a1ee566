//! Signing in to Anaconda.com / Anaconda.org.

use super::single_sign_on::{How, sign_on};
use super::{finish, make_way, password_of};
use crate::cli::Asked;
use crate::cli::arguments::SignInAnacondaOrg;
use crate::error::{Kind, Problem};
use crate::service::connection::Service;
use crate::service::sign_in::ChannelChoice;
use crate::service::sign_in::sso::SignOnSite;

pub(super) async fn anaconda_org(asked: &Asked<'_>, arguments: SignInAnacondaOrg) -> Result<(), Problem> {
    let services = asked.services;
    let username = arguments.username.filter(|name| !name.trim().is_empty());
    let how = match (arguments.device, arguments.browser, &username) {
        (true, ..) => Some(How::Code),
        (_, true, _) => Some(How::Browser { port: arguments.port }),
        (_, _, Some(_)) => None,
        (false, false, None) => {
            return Err(Problem::new(Kind::Usage, "it is not said how to sign in")
                .remedy("add --browser, --device, or --username NAME"));
        }
    };
    let replacing = make_way(asked, Service::AnacondaOrg, arguments.replace).await?;
    let login = match how {
        Some(how) => sign_on(asked, SignOnSite::AnacondaCom, how).await?,
        None => {
            let username = username.unwrap_or_default();
            let api = services.anaconda_org()?;
            let host = api.domain().host();
            let password = password_of(asked, arguments.password_stdin, &username, host).await?;
            services.log_in_to_anaconda_org(&username, &password)?
        }
    };
    finish(asked, &login, &ChannelChoice::default(), &replacing).await
}
