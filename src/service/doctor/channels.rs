//! Whether every channel that conda searches is there for it: its index is asked for, with the token that conda would send.

use std::path::PathBuf;

use super::check::{Announced, CheckId, Finding, Kind, Outcome};
use super::remedy::Remedy;
use super::run::{Desk, Job};
use super::token::{known_fix, sign_in};
use super::world::{Target, World};
use crate::conda::channel::{ChannelEntry, ChannelUrl};
use crate::conda::configuration::Configuration;
use crate::conda::setting::{Key, Value};
use crate::conda::token_file::{self, Place};
use crate::conda::token_match::{conda_form, matching_keys};
use crate::error::Explain;
use crate::repository::{ChannelAnswer, Domain, RepositoryError, probe_channel};
use crate::secret::{Token, mask_text};
use crate::service::ServiceError;

/// The path at which conda begins with a channel.
const INDEX: &str = "noarch/repodata.json";

/// No more tokens than this are tried for one address.
const MOST_TOKENS: usize = 4;

pub(super) fn jobs(world: &World) -> Vec<Job> {
    let channels = world.configuration.explain(Key::Channels);
    let mut entries: Vec<ChannelEntry> = Vec::new();
    for text in channels.value.items() {
        let entry = ChannelEntry::from_text(text.expose());
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    if entries.is_empty() {
        let announced = Announced::new(CheckId::new(Kind::Channel), "");
        return vec![Job::new(vec![announced.clone()], move |desk| async move {
            let finding = Finding::warn("conda has no channel to search")
                .because("channels is empty; versions of conda before 25 then search defaults, later ones find nothing")
                .remedy("choose channels on the Channels page, or: sextant channels add NAME");
            desk.tell(announced, std::time::Duration::ZERO, finding);
        })];
    }
    entries.into_iter().map(job).collect()
}

fn job(entry: ChannelEntry) -> Job {
    let shown = match &entry {
        ChannelEntry::Url(url) => url.public(),
        other => other.to_string(),
    };
    let announced = Announced::new(CheckId::of(Kind::Channel, Some(shown.clone())), shown);
    Job::new(vec![announced.clone()], move |desk| async move {
        if let Some(finding) = without_network(&desk, &entry) {
            desk.tell(announced, std::time::Duration::ZERO, finding);
            return;
        }
        // The way to the service has its own time.
        if let Err(reason) = reached(&desk, &entry).await {
            desk.skip(announced, reason);
            return;
        }
        desk.ask(announced, ask(&desk, &entry)).await;
    })
}

/// What can be said of a channel without asking anybody; nothing where somebody has to be asked.
fn without_network(desk: &Desk, entry: &ChannelEntry) -> Option<Finding> {
    match entry {
        ChannelEntry::Local => return Some(Finding::skip("what was built on this machine")),
        ChannelEntry::Folder(folder) => {
            let folder = desk.services.surroundings().expand_home(folder);
            return Some(of_folder(&folder));
        }
        ChannelEntry::Url(url) if url.scheme() == "file" => {
            return Some(of_folder(&PathBuf::from(url.location())));
        }
        ChannelEntry::Other(_) => {
            return Some(
                Finding::warn("this may be no channel for conda")
                    .remedy("write the name of a channel, or an address that begins with https://"),
            );
        }
        ChannelEntry::Defaults | ChannelEntry::Name(_) | ChannelEntry::Url(_) => {}
    }
    desk.world.offline.map(Finding::skip)
}

fn of_folder(folder: &std::path::Path) -> Finding {
    if folder.join(INDEX).is_file() {
        return Finding::pass("a folder with an index");
    }
    Finding::fail(format!("there is no index in {}", folder.display()))
        .because(format!("conda looks for {INDEX} in it"))
        .remedy("correct the folder, or take the channel out")
}

/// The address of a channel, and the token that it carries itself.
#[derive(Debug, Clone)]
struct Address {
    public: String,
    own: Option<ChannelUrl>,
}

fn addresses(configuration: &Configuration, entry: &ChannelEntry) -> Vec<Address> {
    let found = configuration.resolver().resolve(entry).addresses;
    let alias = configuration.explain(Key::ChannelAlias).value;
    let alias = alias
        .as_text()
        .and_then(|text| ChannelUrl::parse(text.expose()).ok());
    // `default_channels` may hold addresses with tokens of their own.
    let defaults = configuration.explain(Key::DefaultChannels).value;
    let written = match entry {
        ChannelEntry::Url(url) => vec![url.clone()],
        ChannelEntry::Defaults => defaults
            .items()
            .iter()
            .filter_map(|text| ChannelUrl::parse(text.expose()).ok())
            .collect(),
        _ => Vec::new(),
    };
    found
        .into_iter()
        .map(|public| {
            let below_alias = alias
                .clone()
                .filter(|alias| alias.has_secret() && public.starts_with(&format!("{}/", alias.public())));
            let own = written
                .iter()
                .find(|url| url.has_secret() && public.starts_with(&url.public()))
                .cloned();
            Address {
                own: own.or(below_alias),
                public,
            }
        })
        .collect()
}

/// A token that conda may send to an address, and where it comes from.
struct Candidate {
    token: Option<Token>,
    source: String,
    /// The file in which it lies.
    path: Option<PathBuf>,
}

/// Every different token that conda may send to an address. conda takes the first that it comes across, and the order in
/// which it looks is not specified (server reference, section 3.4).
fn candidates(desk: &Desk, address: &Address) -> Vec<Candidate> {
    if let Some(token) = address.own.as_ref().and_then(ChannelUrl::token) {
        return vec![Candidate {
            token: Some(token.clone()),
            source: "the token in its address".to_owned(),
            path: None,
        }];
    }
    let uses_tokens = desk
        .world
        .configuration
        .explain(Key::AddAnacondaToken)
        .value
        .as_switch();
    let mut all: Vec<Candidate> = Vec::new();
    if uses_tokens != Some(false) {
        let url = format!("{}/{INDEX}", address.public);
        for file in token_file::existing(&desk.services.surroundings()) {
            let is_read = matches!(file.place, Place::Conda | Place::Conda2311);
            // A look-alike host must not get the token from here, even if conda would send it; that is told elsewhere.
            let applies = !matching_keys(&url, [file.key.as_str()]).is_empty();
            if !is_read || !applies || !is_kept_for(&file.key, &address.public) {
                continue;
            }
            let Ok(Some(token)) = token_file::read(&file.path) else {
                continue;
            };
            if !all.iter().any(|known| known.token.as_ref() == Some(&token)) && all.len() < MOST_TOKENS {
                all.push(Candidate {
                    token: Some(token),
                    source: format!("the token in {}", desk.world.short(&file.path)),
                    path: Some(file.path),
                });
            }
        }
    }
    if all.is_empty() {
        all.push(Candidate {
            token: None,
            source: "no token".to_owned(),
            path: None,
        });
    }
    all
}

/// Whether a key is for the host of an address, and not only the beginning of its name.
fn is_kept_for(key: &str, address: &str) -> bool {
    let host = |text: &str| {
        Domain::parse(text)
            .ok()
            .map(|domain| domain.host_and_port().to_owned())
    };
    let wanted = host(address);
    wanted.is_some() && (host(key) == wanted || host(&conda_form(key)) == wanted)
}

/// Where conda puts the token: after the part of the address that `channel_alias` or `custom_channels` names, else after
/// the host, or after `/conda` behind it (server reference, section 3.4; repository reference, section 3.3).
fn split(configuration: &Configuration, public: &str) -> (String, String) {
    let alias = configuration.explain(Key::ChannelAlias).value;
    let custom = configuration.explain(Key::CustomChannels).value;
    let texts = alias.as_text().into_iter().chain(
        custom
            .entries()
            .iter()
            .filter_map(|(_, value)| Value::as_text(value)),
    );
    let bases = texts.filter_map(|text| Some(ChannelUrl::parse(text.expose()).ok()?.public()));
    let longest = bases
        .filter(|base| public.starts_with(&format!("{base}/")))
        .max_by_key(String::len);
    let base = longest.unwrap_or_else(|| {
        let host = public.find("://").map_or(0, |at| at + 3);
        let end = public[host..].find('/').map_or(public.len(), |at| host + at);
        let rest = &public[end..];
        if rest.starts_with("/conda/") {
            public[..end + "/conda".len()].to_owned()
        } else {
            public[..end].to_owned()
        }
    });
    let name = public[base.len()..].trim_matches('/').to_owned();
    (base, name)
}

/// # Errors
/// Why the service of the channel is not reached.
async fn reached(desk: &Desk, entry: &ChannelEntry) -> Result<(), String> {
    let addresses = addresses(&desk.world.configuration, entry);
    for target in addresses.iter().filter_map(|address| target_of(desk, address)) {
        desk.reached(target).await?;
    }
    Ok(())
}

async fn ask(desk: &Desk, entry: &ChannelEntry) -> Finding {
    let addresses = addresses(&desk.world.configuration, entry);
    if addresses.is_empty() {
        return Finding::warn("conda cannot tell where this channel is").remedy("write its whole address");
    }
    let mut whole: Option<Finding> = None;
    let mut details = Vec::new();
    for address in &addresses {
        for candidate in candidates(desk, address) {
            let finding = answered(desk, address, &candidate).await;
            details.push(super::check::Detail {
                outcome: finding.outcome,
                text: format!(
                    "{} with {}: {}",
                    address.public, candidate.source, finding.message
                ),
            });
            let is_worse = whole
                .as_ref()
                .is_none_or(|known| known.outcome.worse(finding.outcome) != known.outcome);
            if is_worse {
                whole = Some(finding);
            }
        }
    }
    let finding = whole.unwrap_or_else(|| Finding::skip("it leads nowhere"));
    finding.with_all(details)
}

async fn answered(desk: &Desk, address: &Address, candidate: &Candidate) -> Finding {
    match probed(desk, address, candidate).await {
        Ok(ChannelAnswer::Open) => Finding::pass("its index is there"),
        Ok(ChannelAnswer::NotThere) => Finding::fail("it has no index there (404)")
            .because(format!(
                "{} does not exist, or is hidden from you",
                address.public
            ))
            .remedy("check the spelling, ask its owner for access, or take the channel out"),
        Ok(ChannelAnswer::Unauthorized) => unauthorized(desk, address, candidate),
        Ok(ChannelAnswer::Forbidden) => Finding::fail("it is closed to you (403)")
            .because(match candidate.token {
                Some(_) => format!(
                    "the server knows {}, and does not open this channel to it",
                    candidate.source
                ),
                None => "it is private, and conda sends no token with its request".to_owned(),
            })
            .remedy("ask the owner of the channel for access, or take the channel out")
            .fixed_by(sign_in_there(desk, address).filter(|_| candidate.token.is_none())),
        // conda follows; where it leads is not this check's to follow with a token.
        Err(ServiceError::Repository(RepositoryError::Redirected { to, .. })) => {
            Finding::pass(format!("its index is at {}", mask_text(&to)))
        }
        Err(error) => Finding::of_problem(Outcome::Fail, error.explain()),
    }
}

/// 401: the token is no good any more, or there is none.
fn unauthorized(desk: &Desk, address: &Address, candidate: &Candidate) -> Finding {
    let target = target_of(desk, address);
    let finding = match (&candidate.token, &candidate.path) {
        (Some(_), Some(path)) => Finding::fail("the token for it is refused (401)").because(format!(
            "the one in {} has expired or was revoked; conda fails with it on public channels too",
            desk.world.short(path)
        )),
        (Some(_), None) => Finding::fail("the token in its address is refused (401)")
            .because("it has expired or was revoked")
            .remedy("take it out, and sign in instead"),
        (None, _) => {
            Finding::fail("it wants a sign-in (401)").because("conda sends no token with its request")
        }
    };
    let is_of_sign_in = |target: &Target| match (&target.connection, &candidate.path) {
        (Some(connection), Some(path)) => connection.token_files.contains(path),
        _ => false,
    };
    let fix = match (target, &candidate.path) {
        // A token that lies beside those of the sign-in; a new one would change nothing about it.
        (Some(target), Some(path)) if target.connection.is_some() && !is_of_sign_in(target) => {
            Some(Remedy::RemoveTokenFiles {
                paths: vec![path.clone()],
            })
        }
        (Some(target), _) if target.connection.is_some() => known_fix(&desk.services, target),
        (Some(target), _) => Some(sign_in(target)),
        // Nobody is signed in there any more: what lies around only does harm.
        (None, Some(path)) => Some(Remedy::RemoveTokenFiles {
            paths: vec![path.clone()],
        }),
        (None, None) => None,
    };
    match finding.remedy {
        Some(_) => finding,
        None => finding.remedy("renew the token, or sign in again"),
    }
    .fixed_by(fix)
}

/// The examined service at the host of an address.
fn target_of<'a>(desk: &'a Desk, address: &Address) -> Option<&'a Target> {
    let domain = Domain::parse(&address.public).ok()?;
    let is_there = |target: &&Target| {
        let host = target.domain.host_and_port();
        // The channels of anaconda.org, and of repositories like it, are on a host beside that of their API.
        let beside = host.replacen("api.", "conda.", 1);
        domain.host_and_port() == host || domain.host_and_port() == beside
    };
    desk.world.targets.iter().find(is_there)
}

fn sign_in_there(desk: &Desk, address: &Address) -> Option<Remedy> {
    target_of(desk, address).map(sign_in)
}

async fn probed(
    desk: &Desk,
    address: &Address,
    candidate: &Candidate,
) -> Result<ChannelAnswer, ServiceError> {
    let domain = Domain::parse(&address.public)?;
    let (base, name) = split(&desk.world.configuration, &address.public);
    let ca_file = target_of(desk, address).and_then(Target::ca_file);
    let http = desk.services.http(&domain, ca_file).await?;
    let base = match address.own.as_ref().and_then(credentials) {
        // A user name and password in the address go along, as conda sends them.
        Some(credentials) => base.replacen("://", &format!("://{credentials}@"), 1),
        None => base,
    };
    Ok(probe_channel(&http, &base, candidate.token.as_ref(), &name).await?)
}

/// `user:password` as it stands in an address.
fn credentials(url: &ChannelUrl) -> Option<&str> {
    let (_, rest) = url.expose().split_once("://")?;
    let authority = rest.split('/').next()?;
    authority.rfind('@').map(|at| &authority[..at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conda::Surroundings;
    use crate::locations::Locations;

    fn configuration(condarc: &str) -> (tempfile::TempDir, Configuration) {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join(".condarc"), condarc).unwrap();
        let locations = Locations::inside(home.path());
        let surroundings = Surroundings {
            home: locations.home.clone(),
            variables: locations.variables.clone(),
            platform: locations.platform,
            system_root: locations.system_root.clone(),
        };
        let configuration = Configuration::read(&surroundings);
        (home, configuration)
    }

    /// The table of the server reference, section 3.6, as far as it is about where the token goes.
    #[test]
    fn the_token_goes_where_conda_puts_it() {
        for (condarc, address, base, name) in [
            (
                "channel_alias: https://s/api/repo",
                "https://s/api/repo/team/sub",
                "https://s/api/repo",
                "team/sub",
            ),
            ("", "https://s/api/repo/main", "https://s", "api/repo/main"),
            (
                "",
                "https://conda.anaconda.org/me",
                "https://conda.anaconda.org",
                "me",
            ),
            (
                "",
                "http://h:8080/conda/org/label/dev",
                "http://h:8080/conda",
                "org/label/dev",
            ),
            (
                "custom_channels:\n  mine: https://h/deep/place\n",
                "https://h/deep/place/mine",
                "https://h/deep/place",
                "mine",
            ),
            (
                "channel_alias: https://s/t/tok-1/conda",
                "https://s/conda/main",
                "https://s/conda",
                "main",
            ),
        ] {
            let (_home, configuration) = configuration(condarc);
            assert_eq!(
                split(&configuration, address),
                (base.to_owned(), name.to_owned()),
                "{condarc} {address}"
            );
        }
    }

    #[test]
    fn the_token_of_an_alias_belongs_to_the_names_below_it() {
        let (_home, configuration) = configuration("channel_alias: https://s/t/tok-1/conda\n");
        let found = addresses(&configuration, &ChannelEntry::from_text("main"));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].public, "https://s/conda/main");
        assert!(found[0].own.as_ref().unwrap().token().is_some());
        let elsewhere = addresses(&configuration, &ChannelEntry::from_text("https://other/main"));
        assert!(elsewhere[0].own.is_none());
    }

    #[test]
    fn a_token_is_tried_at_its_own_host_only() {
        for (key, address, is_for) in [
            (
                "https://psm.example.com/api",
                "https://psm.example.com/api/repo/main",
                true,
            ),
            (
                "https://psm.example.com",
                "https://psm.example.com.evil.net/main",
                false,
            ),
            ("https://api.anaconda.org", "https://conda.anaconda.org/me", true),
            ("https://h:8443/api/", "https://h/api/repo/main", false),
            ("", "https://h/main", false),
        ] {
            assert_eq!(is_kept_for(key, address), is_for, "{key} {address}");
        }
    }

    #[test]
    fn credentials_are_what_stands_before_the_host() {
        let url = ChannelUrl::parse("https://al:p@ss@h:8/x@y").unwrap();
        assert_eq!(credentials(&url), Some("al:p@ss"));
        assert_eq!(credentials(&ChannelUrl::parse("https://h/x@y").unwrap()), None);
    }
}
