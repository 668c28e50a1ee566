//! What would be sent where, without sending it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use futures::StreamExt as _;
use futures::stream;

use super::account::{AtServer, Product, Purpose};
use super::to_repository::{described, obstacle};
use super::to_server::place_of;
use super::{
    MAIN_LABEL, OnConflict, Outlook, PlannedUpload, ReadyFile, There, UploadError, UploadPlace, UploadPlan,
    UploadWish, WishedAccess,
};
use crate::error::{Explain, Kind, Problem};
use crate::package::Stop;
use crate::package::distribution::{self, Distribution, DistributionError};
use crate::repository::{Privacy, RepositoryError, Visibility};
use crate::secret::Secret;
use crate::service::access::AsManager;
use crate::service::connection::Service;
use crate::service::plan::Warning;
use crate::service::{ServiceError, Services};

/// How many files are asked about at once.
const AT_ONCE: usize = 8;

impl Services {
    /// What would become of these files. They are read to their end, and the server is asked what lies there; nothing is sent.
    ///
    /// `stop` ends it at once, and nothing of it stays. `told` hears which file is being read.
    ///
    /// # Errors
    /// [`UploadError`], a place that is not there or closed, credentials that do not count (then `password` is needed),
    /// network. A file that cannot be uploaded is no error but refused in the plan.
    pub async fn plan_upload(
        &self,
        service: Service,
        wish: &UploadWish,
        password: Option<&Secret>,
        stop: &Stop,
        told: impl Fn(&Path) + Send + Sync,
    ) -> Result<UploadPlan, ServiceError> {
        let product = Product::of(service)?;
        let connection = self.connection_of(service)?;
        if wish.files.is_empty() {
            return Err(UploadError::NoFiles.into());
        }
        let labels = labels(product, wish)?;
        let read = read_all(&wish.files, stop, &told).await?;
        let looked = match product {
            Product::Repository => {
                self.uploading_to_repository(service, password, Purpose::Looking, async |manager| {
                    let looking = look_at_repository(manager, wish, read, &labels);
                    or_stopped(stop, looking).await
                })
                .await
            }
            Product::Server => {
                self.uploading_to_server(password, Purpose::Looking, async |server| {
                    or_stopped(stop, look_at_server(server, wish, read)).await
                })
                .await
            }
        };
        let (place, files, mut warnings) = looked?;
        if product == Product::Server && !wish.labels.is_empty() {
            warnings.push(Warning::new(
                "Anaconda Server has no labels; those that are named are not used",
            ));
        }
        Ok(UploadPlan {
            service,
            domain: connection.domain,
            place,
            labels,
            access: wish.access,
            files,
            warnings,
        })
    }
}

type Looked = (UploadPlace, Vec<PlannedUpload>, Vec<Warning>);
type ReadFile = (PathBuf, Result<Distribution, Problem>);

/// The answer, unless somebody wished to stop before it was there.
pub(super) async fn or_stopped<T>(
    stop: &Stop,
    work: impl Future<Output = Result<T, ServiceError>>,
) -> Result<T, ServiceError> {
    tokio::select! {
        biased;
        () = stop.wished() => Err(UploadError::Cancelled.into()),
        done = work => done,
    }
}

fn labels(product: Product, wish: &UploadWish) -> Result<Vec<String>, UploadError> {
    if product == Product::Server {
        return Ok(Vec::new());
    }
    for label in &wish.labels {
        let is_usable = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
        if matches!(label.as_str(), "" | "." | "..") || !label.chars().all(is_usable) {
            return Err(UploadError::InvalidLabel { label: label.clone() });
        }
    }
    match wish.labels.as_slice() {
        [] => Ok(vec![MAIN_LABEL.to_owned()]),
        labels => {
            let mut seen = HashSet::new();
            Ok(labels
                .iter()
                .filter(|label| seen.insert(*label))
                .cloned()
                .collect())
        }
    }
}

/// Reads all files on another thread. What a file is wrong in, is its own matter.
async fn read_all(
    files: &[PathBuf],
    stop: &Stop,
    told: &(impl Fn(&Path) + Send + Sync),
) -> Result<Vec<ReadFile>, ServiceError> {
    let mut all = Vec::new();
    for path in files {
        told(path);
        let (read_from, heard) = (path.clone(), stop.clone());
        let reading = tokio::task::spawn_blocking(move || distribution::read(&read_from, &|| heard.is_set()));
        let read = or_stopped(stop, async {
            reading
                .await
                .map_err(|error| ServiceError::Internal(error.to_string()))
        })
        .await?;
        all.push((
            path.clone(),
            match read {
                Err(DistributionError::Cancelled) => return Err(UploadError::Cancelled.into()),
                other => other.map_err(|error| error.explain()),
            },
        ));
    }
    Ok(all)
}

/// Refuses every further file that would take the place of one before it.
fn without_doubles(read: Vec<ReadFile>, key: impl Fn(&Distribution) -> String) -> Vec<ReadFile> {
    let mut seen = HashSet::new();
    let once = |(path, file): ReadFile| {
        let file = file.and_then(|file| match seen.insert(key(&file)) {
            true => Ok(file),
            false => Err(
                Problem::new(Kind::Usage, format!("{} is in the list already", file.file_name))
                    .remedy("leave one of the two out"),
            ),
        });
        (path, file)
    };
    read.into_iter().map(once).collect()
}

fn planned(path: PathBuf, outlook: Result<ReadyFile, Problem>) -> PlannedUpload {
    PlannedUpload {
        path,
        outlook: match outlook {
            Ok(file) => Outlook::Ready(Box::new(file)),
            Err(problem) => Outlook::Refused(problem),
        },
        on_conflict: OnConflict::default(),
    }
}

/// Hexadecimal digits, as servers tell digests.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What lies there, by what the server tells of it.
pub(super) fn there(file: &Distribution, sha256: Option<&str>, md5: Option<&str>) -> There {
    let is_same = match (sha256, md5) {
        (Some(sha256), _) => sha256.eq_ignore_ascii_case(&hexadecimal(&file.sha256)),
        (None, Some(md5)) => md5.eq_ignore_ascii_case(&hexadecimal(&file.md5)),
        (None, None) => false,
    };
    match is_same {
        true => There::SameFile,
        false => There::OtherFile,
    }
}

/// Whether what lies there is this file: by its digest, or by its size where the server tells no digest.
pub(super) fn is_this(
    file: &Distribution,
    sha256: Option<&str>,
    md5: Option<&str>,
    size: Option<u64>,
) -> bool {
    match (sha256, md5) {
        (None, None) => size == Some(file.size),
        (sha256, md5) => there(file, sha256, md5) == There::SameFile,
    }
}

async fn look_at_repository(
    manager: AsManager<'_>,
    wish: &UploadWish,
    read: Vec<ReadFile>,
    labels: &[String],
) -> Result<Looked, ServiceError> {
    let AsManager { client, token, login } = manager;
    let mut warnings = Vec::new();
    let owner = match &wish.to {
        None => login.to_owned(),
        Some(name) if name.eq_ignore_ascii_case(login) => login.to_owned(),
        Some(name) => {
            if matches!(name.as_str(), "" | "." | "..") || name.contains(['/', '\\', ' ']) {
                return Err(UploadError::NotAnAccount { name: name.clone() }.into());
            }
            let organizations = client.organizations(token).await?;
            let found = organizations
                .into_iter()
                .find(|one| one.login.eq_ignore_ascii_case(name));
            match found {
                Some(found) => found.login,
                // It may let people in all the same; the server decides.
                None => {
                    warnings.push(Warning::new(format!(
                        "{login} does not belong to {name}, as far as the server says"
                    )));
                    name.clone()
                }
            }
        }
    };
    let read = without_doubles(read, |file| {
        let described = described(file, &owner, labels);
        format!(
            "{}/{}/{}",
            described.package, described.version, described.basename
        )
    });
    let (owner_of, access) = (&owner, wish.access);
    let looking = stream::iter(read).map(|(path, file)| async move {
        let file = match file {
            Ok(file) => file,
            Err(problem) => return Ok(planned(path, Err(problem))),
        };
        let described = described(&file, owner_of, labels);
        let package = client
            .package_if_there(token, &described.owner, &described.package)
            .await?;
        if let Some(package) = &package
            && let Some(problem) = obstacle(package, &described, access)
        {
            return Ok(planned(path, Err(problem)));
        }
        let stored = match &package {
            Some(_) => client.stored_file(token, &described).await?,
            None => None,
        };
        let there = stored.map_or(There::Nothing, |stored| {
            there(&file, stored.sha256.as_deref(), stored.md5.as_deref())
        });
        let visible_to = match (&package, access) {
            (Some(package), _) => package.visibility,
            (None, WishedAccess::Usual) => Some(Visibility::Public),
            (None, WishedAccess::Private) => Some(Visibility::Private),
        };
        Ok(planned(
            path,
            Ok(ReadyFile {
                distribution: file,
                visible_to,
                there,
            }),
        ))
    });
    let files = in_order(looking).await?;
    Ok((UploadPlace::Account { login: owner }, files, warnings))
}

async fn look_at_server(
    server: AtServer<'_>,
    wish: &UploadWish,
    read: Vec<ReadFile>,
) -> Result<Looked, ServiceError> {
    let AtServer { client, token } = server;
    let domain = client.domain().to_string();
    let path = match &wish.to {
        Some(path) => path.trim_matches('/').to_owned(),
        None => {
            let account = client.account(token).await?;
            account.default_channel.ok_or_else(|| UploadError::NoOwnChannel {
                domain: domain.clone(),
            })?
        }
    };
    let parts: Vec<&str> = path.split('/').collect();
    if parts.len() > 2 || parts.iter().any(|part| matches!(*part, "" | "." | "..")) {
        return Err(ServiceError::NotAChannel);
    }
    let channel = match client.channel(&path, token).await {
        Ok(channel) => channel,
        Err(RepositoryError::NotFound { .. }) => {
            return Err(ServiceError::NoSuchChannel { name: path, domain });
        }
        Err(RepositoryError::Forbidden { .. }) => {
            return Err(ServiceError::ChannelClosed { name: path, domain });
        }
        Err(error) => return Err(error.into()),
    };
    let mut warnings = Vec::new();
    if wish.access == WishedAccess::Private && channel.privacy != Privacy::Private {
        warnings.push(Warning::with_remedy(
            format!(
                "Anaconda Server has no private packages: who may read the channel {path} sees them, and it is {}",
                channel.privacy
            ),
            "choose a private channel",
        ));
    }
    let read = without_doubles(read, |file| {
        place_of(file, &path).map_or_else(|_| file.file_name.clone(), |place| place.key)
    });
    let path_of_channel = &path;
    let visible_to = match channel.privacy {
        Privacy::Public => Some(Visibility::Public),
        Privacy::Authenticated => Some(Visibility::Authenticated),
        Privacy::Private => Some(Visibility::Private),
        Privacy::Other(_) => None,
    };
    let looking = stream::iter(read).map(|(path, file)| async move {
        let ready = async {
            let file = match file {
                Ok(file) => file,
                Err(problem) => return Ok(Err(problem)),
            };
            let place = match place_of(&file, path_of_channel) {
                Ok(place) => place,
                Err(problem) => return Ok(Err(problem)),
            };
            let stored = client.stored_artifact(token, &place).await?;
            let there = stored.map_or(There::Nothing, |stored| {
                there(&file, stored.sha256.as_deref(), None)
            });
            Ok::<_, ServiceError>(Ok(ReadyFile {
                distribution: file,
                visible_to,
                there,
            }))
        };
        Ok(planned(path, ready.await?))
    });
    let files = in_order(looking).await?;
    let place = UploadPlace::Channel {
        path,
        privacy: channel.privacy,
    };
    Ok((place, files, warnings))
}

/// Several at once, told in the order in which they were asked.
async fn in_order<F>(looking: impl stream::Stream<Item = F>) -> Result<Vec<PlannedUpload>, ServiceError>
where
    F: Future<Output = Result<PlannedUpload, ServiceError>>,
{
    let all: Vec<_> = looking.buffered(AT_ONCE).collect().await;
    all.into_iter().collect()
}
