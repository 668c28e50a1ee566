//! `sextant channels add`.

use super::{apply, list_of, resolved};
use crate::cli::Asked;
use crate::cli::arguments::ChannelsAdd;
use crate::conda::channel::ChannelEntry;
use crate::error::{Explain, Kind, Problem};
use crate::secret::Token;
use crate::service::manage_channels::{Change, End, WantedChannel};

pub(super) async fn add(asked: &Asked<'_>, words: ChannelsAdd) -> Result<(), Problem> {
    let mut names = Vec::new();
    for name in &words.names {
        names.extend(entries_of(asked, name)?);
    }
    let names = resolved(asked, names)?;
    let token = match words.token_stdin {
        true => Some(token(asked, &names).await?),
        false => None,
    };
    if words.check {
        checked(asked, &names, token.as_ref()).await?;
    }
    let added: Vec<(ChannelEntry, Option<Token>)> =
        names.into_iter().map(|name| (name, token.clone())).collect();
    let end = words.first.then_some(End::First);
    let wanted = asked
        .services
        .with_channels(&added, list_of(words.default), end)?;
    apply(asked, &wanted).await
}

/// The channels that an argument names.
///
/// # Errors
/// It names none, or it holds a secret: what stands in a command can be read by others.
pub(super) fn entries_of(asked: &Asked<'_>, text: &str) -> Result<Vec<ChannelEntry>, Problem> {
    // A folder that is named relative to where the command was given.
    let text = match text.starts_with("./") || text.starts_with("../") {
        true => std::path::absolute(text).map_or_else(|_| text.to_owned(), |path| path.display().to_string()),
        false => text.to_owned(),
    };
    let wanted = WantedChannel::parse(&text).map_err(|error| error.explain())?;
    if wanted.iter().any(|channel| channel.token.is_some()) {
        return Err(Problem::new(Kind::Usage, "the channel holds a token")
            .because("what stands in a command can be read by others, and stays in the history of the shell")
            .remedy(
                "leave out t/ and the token, and send the token on standard input: sextant channels add NAME --token-stdin",
            ));
    }
    for change in wanted.iter().flat_map(|channel| &channel.changes) {
        if *change != Change::OutOfLine {
            asked.output.note(&change.to_string());
        }
    }
    Ok(wanted.into_iter().map(|channel| channel.entry).collect())
}

/// # Errors
/// No token came, or it is for several channels.
async fn token(asked: &Asked<'_>, names: &[ChannelEntry]) -> Result<Token, Problem> {
    if names.len() != 1 {
        return Err(Problem::new(Kind::Usage, "a token is for one channel")
            .remedy("add the channels one by one, each with its token"));
    }
    let pasted = asked.output.pasted_secret(true, "").await;
    let pasted = pasted.ok_or_else(|| {
        Problem::new(Kind::Usage, "the token is missing").remedy("send it on standard input")
    })?;
    let (token, changes) = Token::from_pasted(pasted.expose())
        .map_err(|error| Problem::new(Kind::Usage, error.to_string()).remedy(error.remedy()))?;
    for change in changes {
        asked.output.note(&change.to_string());
    }
    Ok(token)
}

/// # Errors
/// The first channel that is not there, or not open.
async fn checked(asked: &Asked<'_>, names: &[ChannelEntry], token: Option<&Token>) -> Result<(), Problem> {
    let wanted: Vec<WantedChannel> = names
        .iter()
        .map(|entry| WantedChannel {
            entry: entry.clone(),
            token: None,
            list: None,
            end: None,
            changes: Vec::new(),
        })
        .collect();
    for channel in asked.services.resolve_wanted(&wanted)? {
        let checked = asked.services.check_channel(&channel, token).await;
        let problem = checked.addresses.into_iter().find_map(|address| address.problem);
        if let Some(problem) = problem {
            return Err(problem);
        }
    }
    Ok(())
}
