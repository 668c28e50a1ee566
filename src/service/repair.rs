//! The remedy for a login that is stuck (seed 003, "Trouble logging in"; server reference, section 6, row 6): the login
//! in Navigator's file becomes `None` in the names of both generations, `channel_alias` goes where it points at the
//! server, and so do the token files for it. Then one signs in again.
//!
//! It works from whatever is left: with a sign-in that Sextant remembers, with files and no sign-in, with a sign-in whose
//! files are gone. Nothing is revoked, so that it can be undone; the next sign-in revokes what it replaces.

use std::path::{Path, PathBuf};

use super::commit::{Filling, Prepared};
use super::connection::{Connection, Connections, Repaired, Service};
use super::plan::{Owner, Plan, Warning};
use super::{ServiceError, Services, blocking};
use crate::conda::CondaError;
use crate::conda::channel::ChannelUrl;
use crate::conda::condarc::Condarc;
use crate::conda::configuration::{Configuration, Origin};
use crate::conda::search_path::Scope;
use crate::conda::setting::Key;
use crate::conda::token_file::{self, ApiBase};
use crate::edit::file;
use crate::edit::history::Entry;
use crate::error::Explain;
use crate::navigator::{NavigatorFile, SERVER_BRAND, location};
use crate::repository::Domain;

/// A repair before it happens.
#[derive(Debug, Clone)]
pub struct RepairPlan {
    pub plan: Plan,
    /// The servers whose traces go.
    pub servers: Vec<Domain>,
    /// Where to sign in again; nothing where no server is known.
    pub sign_in_to: Option<Domain>,
    /// Files of Sextant's own that cannot be read and are put aside first.
    pub set_aside: Vec<PathBuf>,
    /// The sign-in that is taken out of what Sextant remembers.
    takes_out: Option<Connection>,
}

impl RepairPlan {
    /// Nothing is left of any login.
    pub fn is_empty(&self) -> bool {
        self.plan.is_empty() && self.takes_out.is_none() && self.set_aside.is_empty()
    }

    /// The sign-in that Sextant forgets.
    pub fn forgets(&self) -> Option<&Connection> {
        self.takes_out.as_ref()
    }
}

/// A repair that happened.
#[derive(Debug, Clone)]
pub struct RepairDone {
    /// The history entry, for Undo; nothing where no file had to change.
    pub entry: Option<Entry>,
    pub sign_in_to: Option<Domain>,
    /// Where the damaged files are now.
    pub set_aside: Vec<PathBuf>,
}

impl Services {
    /// What repairing the login to `domain` changes, or without one, that to every server of which there are traces.
    /// Reads files, writes none, asks no network. A file that is broken is left as it is, with a warning.
    ///
    /// Errors: file errors.
    pub fn plan_repair(&self, domain: Option<&Domain>) -> Result<RepairPlan, ServiceError> {
        blocking(|| {
            let (connections, set_aside) = match self.connections() {
                Ok(connections) => (connections, Vec::new()),
                Err(ServiceError::DamagedConnections { path, .. }) => (Connections::default(), vec![path]),
                Err(error) => return Err(error),
            };
            let is_meant = |connection: &&Connection| domain.is_none_or(|d| d.as_str() == connection.domain);
            let connection = connections.of(Service::Server).filter(is_meant);
            let servers = match domain {
                Some(domain) => vec![domain.clone()],
                None => self.servers_in_question(connection),
            };
            let mut plan = Plan::new("repair", said(&servers));
            if let Some(connection) = connection {
                self.plan_condarc_before_sign_in(connection, &mut plan);
            }
            self.plan_aliases_gone(&servers, &mut plan);
            // The login of another repository service is none of this one's.
            let other = connections
                .repository()
                .is_some_and(|other| other.service != Service::Server);
            self.plan_navigator_repaired(domain, other, &mut plan);
            self.plan_tokens_gone(&servers, connection, &mut plan)?;
            if let Some(name) = connection.and_then(|connection| connection.token.name.as_ref()) {
                plan.warnings.push(Warning::with_remedy(
                    format!("the token {name} stays on the server for now"),
                    "sign in again: it is revoked then",
                ));
            }
            Ok(RepairPlan {
                sign_in_to: connection
                    .and_then(|connection| Domain::parse(&connection.domain).ok())
                    .or_else(|| servers.first().cloned()),
                takes_out: connection.cloned(),
                plan,
                servers,
                set_aside,
            })
        })
    }

    /// Executes the plan of [`Services::plan_repair`]. From the moment its journal is complete it happens, even after a
    /// crash.
    pub async fn repair(&self, repair: &RepairPlan) -> Result<RepairDone, ServiceError> {
        let mut set_aside = Vec::new();
        for path in &repair.set_aside {
            set_aside.push(blocking(|| self.set_aside(path))?);
        }
        let filling = Filling {
            keeps_tokens: true,
            ..Filling::default()
        };
        let note = |connections: &mut Connections, prepared: &Prepared| {
            let Some(gone) = &repair.takes_out else { return };
            let is_it = |connection: &Connection| {
                connection.service == gone.service && connection.entry == gone.entry
            };
            if let Some(at) = connections.connections.iter().position(is_it) {
                connections.repaired.push(Repaired {
                    entry: prepared.entry.id.clone(),
                    connection: connections.connections.remove(at),
                });
            }
        };
        let changes = !repair.plan.is_empty() || repair.takes_out.is_some();
        let entry = match changes {
            true => Some(self.commit_files_with(&repair.plan, &filling, note).await?),
            false => None,
        };
        Ok(RepairDone {
            entry,
            sign_in_to: repair.sign_in_to.clone(),
            set_aside,
        })
    }

    /// The servers that a sign-in, Navigator's files or conda's say this machine is logged in to.
    fn servers_in_question(&self, connection: Option<&Connection>) -> Vec<Domain> {
        let mut servers: Vec<Domain> = Vec::new();
        let mut add = |text: Option<String>| {
            if let Some(domain) = text.and_then(|text| Domain::parse(&text).ok())
                && !servers.contains(&domain)
            {
                servers.push(domain);
            }
        };
        add(connection.map(|connection| connection.domain.clone()));
        for (_, navigator) in self.readable_navigator_files() {
            add(navigator.domain());
            let brand = navigator.logged_brand();
            if brand.is_none_or(|brand| brand == SERVER_BRAND) {
                add(navigator.logged_api_url());
            }
        }
        for (_, alias) in self.aliases() {
            // What Anaconda Server's alias looks like (server reference, section 1.11).
            add(alias.public().strip_suffix("/api/repo").map(str::to_owned));
        }
        // A token file alone may be the login of another program that is well.
        servers
    }

    /// The files of Navigator's that exist and can be read, the one in use first.
    fn readable_navigator_files(&self) -> Vec<(PathBuf, NavigatorFile)> {
        let read = |path: PathBuf| {
            let image = file::read(&path).ok()??;
            Some((path, NavigatorFile::parse(&image.bytes).ok()?))
        };
        self.navigator_files().into_iter().filter_map(read).collect()
    }

    fn navigator_files(&self) -> Vec<PathBuf> {
        let locations = self.locations();
        let variable = |name: &str| locations.variable(name).map(str::to_owned);
        let found = location::find(&locations.home, variable, locations.platform, Path::exists);
        std::iter::once(found.file).chain(found.copies).collect()
    }

    /// Where `channel_alias` stands, and what it is.
    fn aliases(&self) -> Vec<(Origin, ChannelUrl)> {
        let explanation = Configuration::read(&self.surroundings()).explain(Key::ChannelAlias);
        let alias = |text: &str| ChannelUrl::parse(text).ok();
        explanation
            .sources
            .into_iter()
            .filter_map(|source| Some((source.origin, alias(source.value.as_text()?.expose())?)))
            .collect()
    }

    /// `.condarc` as before the sign-in, as far as that is known: its channels are of no use without the server.
    fn plan_condarc_before_sign_in(&self, connection: &Connection, plan: &mut Plan) {
        let Some(record) = &connection.condarc else { return };
        let mut back = Plan::new("repair", "");
        let planned = self.plan_condarc_back(record, &super::merge::PutBack::KeepEdits, &mut back);
        match planned {
            Ok(()) => {
                plan.files.append(&mut back.files);
                plan.kept_edits.append(&mut back.kept_edits);
            }
            Err(error) => plan.warnings.push(left_as_it_is(&error)),
        }
    }

    fn plan_aliases_gone(&self, servers: &[Domain], plan: &mut Plan) {
        for (origin, alias) in self.aliases() {
            let points_there = Domain::parse(&alias.public()).is_ok_and(|at| {
                servers
                    .iter()
                    .any(|server| server.host_and_port() == at.host_and_port())
            });
            if !points_there {
                continue;
            }
            match &origin {
                Origin::File {
                    path,
                    scope: Scope::Person | Scope::Named,
                    ..
                } => {
                    if let Err(error) = plan_alias_gone(path, plan) {
                        plan.warnings.push(left_as_it_is(&error));
                    }
                }
                _ => plan.warnings.push(Warning::with_remedy(
                    format!("channel_alias also stands in {origin}, which is not yours alone"),
                    "ask whoever looks after it to take it out",
                )),
            }
        }
    }

    /// A file that is broken is left alone; that must keep nobody from being repaired. `domain` is the only server that is
    /// meant.
    fn plan_navigator_repaired(&self, domain: Option<&Domain>, keeps_login: bool, plan: &mut Plan) {
        for path in self.navigator_files() {
            let planned = (|| {
                let Some(before) = plan.content(&path)? else {
                    return Ok(());
                };
                let mut navigator =
                    NavigatorFile::parse(&before).map_err(ServiceError::in_navigator(&path))?;
                let logged_in = navigator.logged_api_url();
                let is_elsewhere = domain.is_some_and(|domain| {
                    logged_in.is_some_and(|url| Domain::parse(&url).as_ref() != Ok(domain))
                });
                match keeps_login || is_elsewhere {
                    true => navigator.forget_server_token(),
                    false => navigator.set_signed_out(),
                }
                .map_err(ServiceError::in_navigator(&path))?;
                let after = navigator.bytes();
                if after != before {
                    file::check_writable(&path)?;
                    plan.put(path.clone(), Owner::Navigator, Some(after))?;
                }
                Ok::<(), ServiceError>(())
            })();
            if let Err(error) = planned {
                plan.warnings.push(left_as_it_is(&error));
            }
        }
    }

    fn plan_tokens_gone(
        &self,
        servers: &[Domain],
        connection: Option<&Connection>,
        plan: &mut Plan,
    ) -> Result<(), ServiceError> {
        let surroundings = self.surroundings();
        let mut paths: Vec<PathBuf> = Vec::new();
        if let Some(connection) = connection {
            paths.extend(connection.token_files.iter().cloned());
        }
        for server in servers {
            let api = ApiBase::parse(&format!("{server}/api")).map_err(CondaError::from)?;
            paths.extend(
                token_file::stale(&surroundings, &api)
                    .into_iter()
                    .map(|found| found.path),
            );
            paths.extend(token_file::session_files(&surroundings, &api));
        }
        for path in paths {
            let planned = plan.files.iter().any(|planned| planned.path == path);
            match plan.content(&path) {
                Ok(Some(_)) if !planned => plan.put(path, Owner::TokenFile, None)?,
                Ok(_) => {}
                Err(error) => plan.warnings.push(left_as_it_is(&error.into())),
            }
        }
        self.note_logins_that_end(connection, plan);
        Ok(())
    }
}

fn plan_alias_gone(path: &Path, plan: &mut Plan) -> Result<(), ServiceError> {
    let Some(before) = plan.content(path)? else {
        return Ok(());
    };
    file::check_writable(path)?;
    let mut condarc = Condarc::parse(&before).map_err(ServiceError::in_condarc(path))?;
    if condarc
        .forget_channel_alias()
        .map_err(ServiceError::in_condarc(path))?
    {
        let after = condarc.text().as_bytes().to_vec();
        plan.put(path.to_owned(), Owner::Condarc, Some(after))?;
    }
    Ok(())
}

fn left_as_it_is(error: &ServiceError) -> Warning {
    let problem = error.explain();
    Warning {
        message: format!("left as it is: {}", problem.message),
        remedy: problem.remedy,
    }
}

fn said(servers: &[Domain]) -> String {
    match servers {
        [] => "Repaired the login".to_owned(),
        [one] => format!("Repaired the login to {}", one.host_and_port()),
        several => {
            let hosts: Vec<&str> = several.iter().map(Domain::host_and_port).collect();
            format!("Repaired the logins to {}", hosts.join(", "))
        }
    }
}
