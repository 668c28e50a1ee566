//! What conda still searches of a service that one has signed out of (seed 003: "channels that you have added … are not
//! automatically removed when you disconnect").

use std::path::PathBuf;

use serde::Serialize;

use super::commit::Prepared;
use super::connection::{Connections, Service};
use super::plan::{Owner, Plan};
use super::{ServiceError, Services, blocking};
use crate::conda::channel::{ChannelEntry, ChannelUrl};
use crate::conda::condarc::Condarc;
use crate::conda::configuration::{Configuration, Origin, SourceValue};
use crate::conda::resolution::Resolver;
use crate::conda::setting::{Key, Value};
use crate::edit::file;
use crate::edit::history::Entry;
use crate::repository::Domain;

/// A service before it is signed out of: what leads there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldService {
    /// Its address.
    pub domain: String,
    /// Under which hosts, with their ports, it is reached.
    hosts: Vec<String>,
    /// Names that led there; without its alias they lead elsewhere, which nobody meant.
    names: Vec<ChannelEntry>,
}

/// A setting of conda's that still leads to a service, or is left of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftBehind {
    /// The setting of conda's that it stands in.
    pub setting: &'static str,
    /// As the file has it, secrets masked.
    pub name: String,
    /// Where conda looks because of it now, secrets masked.
    pub url: String,
    pub path: PathBuf,
    /// Why it cannot be removed from here; nothing where it can.
    pub stays_because: Option<String>,
    #[serde(skip)]
    pub(super) key: Key,
    #[serde(skip)]
    pub(super) entry: ChannelEntry,
}

impl LeftBehind {
    pub fn can_be_removed(&self) -> bool {
        self.stays_because.is_none()
    }
}

impl Services {
    /// What leads to a service that one is signed in to, to be asked for before signing out.
    pub fn old_service(&self, service: Service) -> Result<Option<OldService>, ServiceError> {
        let connections = self.connections()?;
        let domain = match connections.of(service) {
            Some(connection) => Some(connection.domain.clone()),
            None => self.found_login(service)?.map(|found| found.domain),
        };
        Ok(domain.map(|domain| blocking(|| self.old_service_at(service, &domain))))
    }

    /// The same for a service at an address.
    fn old_service_at(&self, service: Service, domain: &str) -> OldService {
        let mut hosts: Vec<String> = Vec::new();
        let mut add = |text: &str| {
            if let Ok(domain) = Domain::parse(text)
                && !hosts.iter().any(|host| host == domain.host_and_port())
            {
                hosts.push(domain.host_and_port().to_owned());
            }
        };
        add(domain);
        if matches!(service, Service::Repository | Service::AnacondaOrg)
            && let Ok(api) = self.api_of(service, domain)
        {
            add(&api.channel_alias());
            if api.is_anaconda_org() {
                add("https://conda.anaconda.org");
                add("https://anaconda.org");
            }
        }
        let configuration = Configuration::read(&self.surroundings());
        let resolver = configuration.resolver();
        let mut names = Vec::new();
        for (_, entry) in listed(&configuration) {
            if matches!(entry, ChannelEntry::Name(_))
                && leads_to(&resolver, &entry, &hosts)
                && !names.contains(&entry)
            {
                names.push(entry);
            }
        }
        OldService {
            domain: domain.to_owned(),
            hosts,
            names,
        }
    }

    /// What of the service is still in conda's files. `defaults` is never among it. Asks no network.
    pub fn left_behind(&self, old: &OldService) -> Vec<LeftBehind> {
        blocking(|| {
            let configuration = Configuration::read(&self.surroundings());
            let resolver = configuration.resolver();
            let mut left = Vec::new();
            for (found, entry) in listed(&configuration) {
                let is_usual = found.key == Key::ChannelAlias && entry == usual_alias();
                if is_usual || !leads_to(&resolver, &entry, &old.hosts) && !old.names.contains(&entry) {
                    continue;
                }
                left.push(LeftBehind {
                    setting: found.key.name(),
                    name: entry.to_string(),
                    url: address_of(&resolver, &entry),
                    stays_because: found.stays_because(),
                    path: found.path,
                    key: found.key,
                    entry,
                });
            }
            left
        })
    }

    /// What removing some of them changes.
    ///
    /// Errors: files that cannot be edited.
    pub fn plan_remove_left_behind(&self, gone: &[LeftBehind]) -> Result<Plan, ServiceError> {
        blocking(|| {
            let what = match gone {
                [one] => format!("Removed {}", one.name),
                several => format!("Removed {} channels that were left behind", several.len()),
            };
            let mut plan = Plan::new("left-behind", what);
            for one in gone.iter().filter(|one| one.can_be_removed()) {
                let Some(before) = plan.content(&one.path)? else {
                    continue;
                };
                file::check_writable(&one.path)?;
                let mut condarc = Condarc::parse(&before).map_err(ServiceError::in_condarc(&one.path))?;
                match one.key {
                    Key::ChannelAlias => condarc.forget_channel_alias().map(drop),
                    key => condarc.take_out(key, std::slice::from_ref(&one.entry)),
                }
                .map_err(ServiceError::in_condarc(&one.path))?;
                let after = condarc.text().as_bytes().to_vec();
                plan.put(one.path.clone(), Owner::Condarc, Some(after))?;
            }
            self.allowed(&plan)?;
            Ok(plan)
        })
    }

    /// Executes the plan of [`Services::plan_remove_left_behind`].
    pub async fn remove_left_behind(&self, plan: &Plan) -> Result<Entry, ServiceError> {
        let note = |connections: &mut Connections, prepared: &Prepared| prepared.note_condarc(connections);
        self.commit_files(plan, None, note).await
    }

    /// Where a channel stands that a person names, whatever file it is in: as it is written, or by its address without
    /// the token in it.
    pub fn places_of_channel(&self, name: &ChannelEntry) -> Vec<LeftBehind> {
        let public = |entry: &ChannelEntry| match entry {
            ChannelEntry::Url(url) => Some(url.public()),
            _ => None,
        };
        let wanted = public(name);
        blocking(|| {
            let configuration = Configuration::read(&self.surroundings());
            let resolver = configuration.resolver();
            listed(&configuration)
                .into_iter()
                .filter(|(found, _)| matches!(found.key, Key::Channels | Key::DefaultChannels))
                .filter(|(_, entry)| {
                    entry == name
                        || entry.to_string() == name.to_string()
                        || (wanted.is_some() && public(entry) == wanted)
                })
                .map(|(found, entry)| LeftBehind {
                    setting: found.key.name(),
                    name: entry.to_string(),
                    url: address_of(&resolver, &entry),
                    stays_because: found.stays_because(),
                    path: found.path,
                    key: found.key,
                    entry,
                })
                .collect()
        })
    }
}

impl Services {
    /// What taking channels out of whatever file they stand in changes. Where all of them stand in the file that Sextant
    /// edits, that is [`Services::plan_remove_channels`].
    ///
    /// Errors: [`ServiceError::ChannelNotListed`] for one that stands nowhere.
    pub fn plan_remove_channels_anywhere(&self, names: &[ChannelEntry]) -> Result<Plan, ServiceError> {
        let refused = match self.plan_remove_channels(names) {
            Err(error @ (ServiceError::ChannelNotListed { .. } | ServiceError::Condarc { .. })) => error,
            other => return other,
        };
        let mut places = Vec::new();
        for name in names {
            let found = self.places_of_channel(name);
            if found.iter().all(|place| !place.can_be_removed()) {
                return Err(refused);
            }
            places.extend(found);
        }
        self.plan_remove_left_behind(&places)
    }
}

/// Where an entry was found.
struct Place {
    key: Key,
    path: PathBuf,
}

impl Place {
    fn stays_because(&self) -> Option<String> {
        if matches!(self.key, Key::CustomChannels | Key::CustomMultichannels) {
            return Some(format!("{} is edited by hand", self.key));
        }
        file::check_writable(&self.path)
            .err()
            .map(|error| error.to_string())
    }
}

/// Every entry of every file that can lead somewhere. What a variable says cannot be taken out of a file.
fn listed(configuration: &Configuration) -> Vec<(Place, ChannelEntry)> {
    let mut all = Vec::new();
    let keys = [
        Key::Channels,
        Key::DefaultChannels,
        Key::ChannelAlias,
        Key::MigratedChannelAliases,
        Key::CustomChannels,
        Key::CustomMultichannels,
    ];
    for key in keys {
        for SourceValue { origin, value, .. } in configuration.explain(key).sources {
            let Origin::File { path, .. } = origin else {
                continue;
            };
            for text in texts(&value) {
                let place = Place {
                    key,
                    path: path.clone(),
                };
                all.push((place, ChannelEntry::from_text(&text)));
            }
        }
    }
    all
}

/// What conda takes where no file says otherwise.
fn usual_alias() -> ChannelEntry {
    ChannelEntry::from_text("https://conda.anaconda.org")
}

/// Every text in a value.
fn texts(value: &Value) -> Vec<String> {
    let own = value.as_text().map(|text| text.expose().to_owned());
    let items = value.items().iter().map(|text| text.expose().to_owned());
    let below = value.entries().iter().flat_map(|(_, value)| texts(value));
    own.into_iter().chain(items).chain(below).collect()
}

fn leads_to(resolver: &Resolver, entry: &ChannelEntry, hosts: &[String]) -> bool {
    if matches!(entry, ChannelEntry::Defaults) {
        return false;
    }
    let host = |address: &String| {
        Domain::parse(address)
            .ok()
            .map(|domain| domain.host_and_port().to_owned())
    };
    let resolution = resolver.resolve(entry);
    // The channels behind a name that stands for several are listed themselves.
    if matches!(entry, ChannelEntry::Name(_)) && resolution.addresses.len() > 1 {
        return false;
    }
    resolution
        .addresses
        .iter()
        .filter_map(host)
        .any(|host| hosts.contains(&host))
}

fn address_of(resolver: &Resolver, entry: &ChannelEntry) -> String {
    match entry {
        ChannelEntry::Url(url) => ChannelUrl::public(url),
        entry => resolver.resolve(entry).addresses.join(", "),
    }
}
