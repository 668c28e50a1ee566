//! Signing in to Package Security Manager Cloud.

use super::{finish, make_way};
use crate::cli::Asked;
use crate::cli::arguments::SignInCloud;
use crate::cli::channels::choice_of;
use crate::cli::remedy::reach;
use crate::conda::channel::ChannelEntry;
use crate::error::{Explain, Kind, Problem};
use crate::repository::{CloudBase, Domain};
use crate::secret::{Secret, Token};
use crate::service::connection::Service;
use crate::service::plan::Warning;
use crate::service::sign_in::ChannelChoice;

pub(super) async fn cloud(asked: &Asked<'_>, arguments: SignInCloud) -> Result<(), Problem> {
    let services = asked.services;
    let base = match arguments.url.as_deref() {
        Some(text) => read(text)?,
        None => services.cloud_base()?,
    };
    let chosen = choice_of(&arguments.channels)?;
    let replacing = make_way(asked, Service::Cloud, arguments.replace).await?;
    let host = base.domain().map_err(|error| error.explain())?;
    let pasted = asked
        .output
        .pasted_secret(
            arguments.token_stdin,
            &format!("Token for {}: ", host.host_and_port()),
        )
        .await;
    let token = token_in(asked, pasted)?;
    if host.is_plain_http() {
        asked.output.warn(&[Warning {
            message: format!("{host} is not encrypted: the token travels in clear"),
            remedy: Some("use https:// if the service offers it".to_owned()),
        }]);
    }
    let login = reach(asked, async || services.log_in_to_cloud(&base, &token).await).await?;
    asked
        .output
        .note(&format!("{} accepts the token", host.host_and_port()));
    let choice = ChannelChoice::new(
        addresses(&base, chosen.channels()),
        addresses(&base, chosen.default_channels()),
    );
    refuse_closed_channels(asked, &base, &token, &choice).await?;
    finish(asked, &login, &choice, &replacing).await
}

/// The address of a repository. A token in it is refused: it would stand in files and in the list of processes.
fn read(text: &str) -> Result<CloudBase, Problem> {
    let parsed = Domain::parse_pasted(text).map_err(|error| error.explain())?;
    if parsed.token.is_some() {
        return Err(Problem::new(Kind::Usage, "the address contains a token")
            .because("what stands in a command can be read by others")
            .remedy("leave out /t/ and the token; send the token on standard input: --token-stdin"));
    }
    CloudBase::parse(text).map_err(|error| error.explain())
}

/// The token in what was pasted; what was done to find it is said.
fn token_in(asked: &Asked<'_>, pasted: Option<Secret>) -> Result<Token, Problem> {
    let pasted = pasted.ok_or_else(|| {
        Problem::new(Kind::Usage, "the token is missing")
            .because("without a terminal nothing is asked")
            .remedy("add --token-stdin and send the token on standard input")
    })?;
    let (token, changes) = Token::from_pasted(pasted.expose())
        .map_err(|error| Problem::new(Kind::Usage, error.to_string()).remedy(error.remedy()))?;
    for change in changes {
        asked.output.note(&change.to_string());
    }
    Ok(token)
}

/// The entries with the addresses of channels in the place of their names: conda would look for a bare name elsewhere.
pub(in crate::cli) fn addresses(base: &CloudBase, entries: &[ChannelEntry]) -> Vec<ChannelEntry> {
    let address = |entry: &ChannelEntry| match entry {
        ChannelEntry::Name(name) => ChannelEntry::from_text(&base.channel(name.as_str())),
        other => other.clone(),
    };
    entries.iter().map(address).collect()
}

/// Refuses channels of this repository that the token does not open.
async fn refuse_closed_channels(
    asked: &Asked<'_>,
    base: &CloudBase,
    token: &Token,
    choice: &ChannelChoice,
) -> Result<(), Problem> {
    let services = asked.services;
    let chosen = choice.channels().iter().chain(choice.default_channels());
    let mut closed = Vec::new();
    for entry in chosen {
        let ChannelEntry::Url(url) = entry else { continue };
        let Some(channel) = url.expose().strip_prefix(base.as_str()) else {
            continue;
        };
        let opens = reach(asked, async || {
            Ok(services.cloud(base).await?.opens(token, channel).await?)
        });
        if !opens.await? {
            closed.push(channel);
        }
    }
    if closed.is_empty() {
        return Ok(());
    }
    let closed = closed.join(", ");
    Err(Problem::new(
        Kind::Usage,
        format!("the token does not open the channel {closed}"),
    )
    .because("there is none of that name, or your organisation has no access to it")
    .remedy("give it as ORGANISATION/CHANNEL, as the page of the channel names it"))
}
