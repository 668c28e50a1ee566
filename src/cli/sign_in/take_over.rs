//! `sextant take-over`.

use super::{addresses, finish, make_way};
use crate::cli::Asked;
use crate::cli::arguments::TakeOver;
use crate::cli::channels::choice_of;
use crate::error::Problem;
use crate::service::ServiceError;
use crate::service::connection::Service;
use crate::service::sign_in::ChannelChoice;

pub(in crate::cli) async fn take_over(asked: &Asked<'_>, arguments: TakeOver) -> Result<(), Problem> {
    let services = asked.services;
    let service = Service::from(arguments.service);
    let choice = choice_of(&arguments.channels)?;
    let replacing = make_way(asked, service, arguments.replace).await?;
    let found = services.found_login(service)?.ok_or(ServiceError::NotSignedIn {
        service: service.title(),
    })?;
    let login = services.take_over(&found)?;
    let choice = match login.cloud() {
        Some(base) => ChannelChoice::new(
            addresses(base, choice.channels()),
            addresses(base, choice.default_channels()),
        ),
        None => choice,
    };
    // Only Anaconda Server lists every channel there is.
    if service == Service::Server {
        super::server::refuse_unknown_channels(asked, &login, &choice).await?;
    }
    finish(asked, &login, &choice, &replacing).await
}
