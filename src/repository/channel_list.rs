//! Reading all channels of a server: two lists, page by page (server reference, section 1.7).

use std::collections::HashSet;

use super::channel::{Channel, ChannelProgress, Collected, PAGE, Page, Position};
use super::error::RepositoryError;
use super::http::LIST_LIMIT;
use super::server::{Access, ServerClient, with_access};

/// More pages than this no server has; a list that goes on is not honest.
const MAX_PAGES: usize = 500;

const EXPECTED: &str = "a list of channels";

/// `account/channels` has what the account owns or shares, and no public ones; `channels` has what it may see.
const LISTS: [&[&str]; 2] = [&["account", "channels"], &["channels"]];

impl ServerClient {
    /// All channels that the account may see, each once, sub-channels after their parents. `progress` is called after
    /// every page.
    ///
    /// # Errors
    /// As every call. A list that the account may not read, or that the server does not have, is left out as long as
    /// the other one can be read.
    pub async fn channels(
        &self,
        access: impl Into<Access<'_>>,
        mut progress: impl FnMut(ChannelProgress),
    ) -> Result<Vec<Channel>, RepositoryError> {
        let access = access.into();
        let mut collected = Collected::default();
        // Both first pages at once: then the total is known from the start.
        let [mine, all] = LISTS;
        let first = futures::join!(self.page(mine, 0, access), self.page(all, 0, access));
        let pages = match first {
            (Ok(mine), Ok(all)) => [Some(mine), Some(all)],
            (Ok(mine), Err(error)) if may_be_left_out(&error) => [Some(mine), None],
            (Err(error), Ok(all)) if may_be_left_out(&error) => [None, Some(all)],
            (Err(error), _) | (_, Err(error)) => return Err(error),
        };
        let mut lists = Vec::new();
        for (path, page) in LISTS.into_iter().zip(pages) {
            let Some(page) = page else { continue };
            let mut list = (path, Position::default(), HashSet::new());
            collected.take(page, &mut list.1, &mut list.2);
            lists.push(list);
        }
        let total = lists.iter().map(|(_, position, _)| position.total).sum();
        progress(ChannelProgress {
            loaded: collected.entries,
            total,
        });
        for (path, mut position, mut seen) in lists {
            for _ in 1..MAX_PAGES {
                if position.finished {
                    break;
                }
                let page = self.page(path, position.offset, access).await?;
                collected.take(page, &mut position, &mut seen);
                progress(ChannelProgress {
                    loaded: collected.entries,
                    total,
                });
            }
        }
        Ok(collected.into_sorted())
    }

    /// One channel, `name` or `parent/name` (server reference, section 1.8).
    ///
    /// # Errors
    /// As every call; [`RepositoryError::NotFound`].
    pub async fn channel(
        &self,
        name: &str,
        access: impl Into<Access<'_>>,
    ) -> Result<Channel, RepositoryError> {
        const EXPECTED: &str = "a channel";
        let access = access.into();
        let path: Vec<&str> = match name.split_once('/') {
            Some((parent, name)) => vec!["channels", parent, "subchannels", name],
            None => vec!["channels", name],
        };
        let request = self.request(reqwest::Method::GET, &path)?;
        let answer = self.http.send(with_access(request, access)?).await?;
        self.expect_success(&answer, Some(access), "show the channel")?;
        let body = answer.json(EXPECTED)?;
        Channel::from_json(&body).ok_or_else(|| answer.missing(EXPECTED, "name"))
    }

    async fn page(&self, path: &[&str], offset: usize, access: Access<'_>) -> Result<Page, RepositoryError> {
        let request = self
            .request(reqwest::Method::GET, path)?
            .query(&[
                ("offset", &offset.to_string()),
                ("limit", &PAGE.to_string()),
                ("sort", "name,updated_at"),
                ("include_subchannels", "true"),
            ])
            .limit(LIST_LIMIT);
        let answer = self.http.send(with_access(request, access)?).await?;
        self.expect_success(&answer, Some(access), "list channels")?;
        let body = answer.json(EXPECTED)?;
        Page::from_json(&body).ok_or_else(|| answer.missing(EXPECTED, "items"))
    }
}

fn may_be_left_out(error: &RepositoryError) -> bool {
    matches!(
        error,
        RepositoryError::Forbidden { .. } | RepositoryError::NotFound { .. }
    )
}
