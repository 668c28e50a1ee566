//! The part of the channels' indexes that a solve looks at: every build of the wanted packages and of whatever they may need.

use std::collections::{BTreeSet, HashSet};
use std::error::Error;
#[cfg(test)]
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use rattler_conda_types::{Channel, MatchSpec, PackageName, RepoDataRecord, Subdir};
use rattler_repodata_gateway::sparse::PackageFormatSelection;
use rattler_repodata_gateway::{
    Gateway, GatewayError, MultiSource, RepoData, RepoDataQuery, RepoDataSource, Source,
};
use tokio::task::JoinSet;
use url::Url;

use super::SolveError;
use super::request::SearchedChannel;
use crate::error::{Explain, Kind, Problem};
use crate::package::CourierError;
use crate::package::index::{IndexError, Stale, Stock, StockedChannel};

/// Where a solve takes indexes from. Cheap to clone; what it has read stays in memory as long as it lives.
#[derive(Clone)]
pub struct Indexes {
    gateway: Gateway,
    /// Where the channels' indexes are kept; nothing where the gateway asks the channels itself.
    stock: Option<Arc<Stock>>,
}

impl std::fmt::Debug for Indexes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Indexes")
    }
}

impl Indexes {
    /// Takes what is in the stock: what an update of the index has fetched is not fetched again.
    pub fn new(stock: Stock) -> Self {
        Self {
            gateway: stock.gateway().clone(),
            stock: Some(Arc::new(stock)),
        }
    }

    #[cfg(test)]
    pub(super) fn of_folders(cache: &Path) -> Self {
        Self {
            gateway: Gateway::builder().with_cache_dir(cache).finish(),
            stock: None,
        }
    }

    /// The indexes in use that could not be asked after.
    pub fn stale(&self) -> Vec<Stale> {
        self.stock.as_ref().map(|stock| stock.stale()).unwrap_or_default()
    }

    /// Every build of these packages and of all that they may need, by channel and subdir in the order of search.
    pub(super) async fn of(
        &self,
        channels: &[SearchedChannel],
        platform: Subdir,
        names: &BTreeSet<PackageName>,
        only_tar_bz2: bool,
        pip_comes_with_python: bool,
    ) -> Result<Vec<RepoData>, SolveError> {
        let specs = names.iter().cloned().map(MatchSpec::from);
        let platforms = platforms(platform);
        let query = self
            .gateway
            .query(self.sources(channels, &platforms).await?, platforms, specs)
            .recursive(true)
            .package_format_selection(match only_tar_bz2 {
                true => PackageFormatSelection::OnlyTarBz2,
                false => PackageFormatSelection::PreferConda,
            })
            .with_record_patch(move |record| as_conda_reads_it(record, pip_comes_with_python));
        builds(query).await
    }

    /// Every build of exactly these packages.
    pub(super) async fn builds_of(
        &self,
        channels: &[SearchedChannel],
        platforms: &[Subdir],
        names: &BTreeSet<PackageName>,
    ) -> Result<Vec<RepoData>, SolveError> {
        let specs = names.iter().cloned().map(MatchSpec::from);
        let sources = self.sources(channels, platforms).await?;
        let query = self.gateway.query(sources, platforms.to_vec(), specs);
        let query = query.package_format_selection(PackageFormatSelection::Both);
        builds(query).await
    }

    /// The names of all packages.
    pub(super) async fn names(
        &self,
        channels: &[SearchedChannel],
        platform: Subdir,
    ) -> Result<Vec<PackageName>, SolveError> {
        let platforms = platforms(platform);
        let Some(stock) = &self.stock else {
            let all = channels.iter().map(channel).collect::<Result<Vec<_>, _>>()?;
            let query = self.gateway.names(all, platforms);
            let found = query.execute().await.map_err(|error| unreadable(&error))?;
            return Ok(found.names);
        };
        let mut names = BTreeSet::new();
        for stocked in stocked(stock, channels, &platforms).await? {
            for platform in &platforms {
                let of_platform = stocked.package_names(*platform).into_iter();
                names.extend(of_platform.filter_map(|name| PackageName::from_str(&name).ok()));
            }
        }
        Ok(names.into_iter().collect())
    }

    /// The channels as sources, those of one multichannel together, each once.
    async fn sources(
        &self,
        channels: &[SearchedChannel],
        platforms: &[Subdir],
    ) -> Result<Vec<Source>, SolveError> {
        let mut seen = HashSet::new();
        let once: Vec<_> = channels
            .iter()
            .filter(|searched| seen.insert(searched.channel.url.trim_end_matches('/')))
            .cloned()
            .collect();
        let single: Vec<Source> = match &self.stock {
            Some(stock) => {
                let stocked = stocked(stock, &once, platforms).await?.into_iter();
                stocked.map(|channel| Source::Custom(channel)).collect()
            }
            None => once
                .iter()
                .map(|searched| channel(searched).map(Source::Channel))
                .collect::<Result<_, _>>()?,
        };
        grouped(once.iter().zip(single).collect())
    }
}

/// Asks on a task of its own: reading much at once must not keep whoever gives up waiting. Dropping the future ends it.
async fn builds(query: RepoDataQuery) -> Result<Vec<RepoData>, SolveError> {
    let mut task = JoinSet::new();
    task.spawn(query.execute());
    match task.join_next().await {
        Some(Ok(found)) => Ok(found.map_err(|error| unreadable(&error))?.repodata),
        Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The runtime is going down.
        Some(Err(_)) | None => Err(SolveError::Cancelled),
    }
}

async fn stocked(
    stock: &Stock,
    channels: &[SearchedChannel],
    platforms: &[Subdir],
) -> Result<Vec<Arc<StockedChannel>>, SolveError> {
    let channels: Vec<_> = channels.iter().map(|searched| &searched.channel).collect();
    let subdirs: Vec<_> = platforms.iter().map(ToString::to_string).collect();
    let stocked = stock.channels(&channels, &subdirs).await;
    stocked.map_err(|error| SolveError::Index(error.explain()))
}

fn platforms(platform: Subdir) -> Vec<Subdir> {
    match platform {
        Subdir::NoArch => vec![platform],
        _ => vec![platform, Subdir::NoArch],
    }
}

fn channel(searched: &SearchedChannel) -> Result<Channel, SolveError> {
    let address = format!("{}/", searched.channel.url.trim_end_matches('/'));
    let url = Url::parse(&address).map_err(|error| {
        let message = format!(
            "the address {} of the channel {} is none",
            address, searched.channel.name
        );
        SolveError::Index(Problem::new(Kind::Usage, message).because(error.to_string()))
    })?;
    Ok(Channel::from_url(url))
}

/// Sources in the order of search, neighbours of one multichannel as one.
fn grouped(single: Vec<(&SearchedChannel, Source)>) -> Result<Vec<Source>, SolveError> {
    let is_together = |one: &SearchedChannel, other: &SearchedChannel| {
        one.multichannel.is_some() && one.multichannel == other.multichannel
    };
    let mut sources = Vec::new();
    for group in single.chunk_by(|(one, _), (other, _)| is_together(one, other)) {
        let members: Vec<_> = group.iter().map(|(_, source)| source.clone()).collect();
        match &group[0].0.multichannel {
            Some(name) => {
                let multiple =
                    MultiSource::new(name.as_str(), members).map_err(|error| SolveError::Defect {
                        cause: error.to_string(),
                    })?;
                sources.push(Source::Multi(multiple));
            }
            None => sources.extend(members),
        }
    }
    Ok(sources)
}

/// An entry of an index as conda understands it, where that differs: `python` depends on `pip` (conda's setting
/// `add_pip_as_python_dependency`), and an empty list of features has none in it.
fn as_conda_reads_it(record: &RepoDataRecord, pip_comes_with_python: bool) -> Option<RepoDataRecord> {
    let package = &record.package_record;
    let brings_pip = pip_comes_with_python && package.name.as_normalized() == "python" && {
        let version = package.version.to_string();
        (version.starts_with("2.") || version.starts_with("3."))
            && !package.depends.iter().any(|depend| is_pip(depend))
    };
    let has_empty_feature = package.track_features.iter().any(String::is_empty);
    if !brings_pip && !has_empty_feature {
        return None;
    }
    let mut record = record.clone();
    record
        .package_record
        .track_features
        .retain(|feature| !feature.is_empty());
    if brings_pip {
        record.package_record.depends.push("pip".to_owned());
    }
    Some(record)
}

pub(super) fn is_pip(depend: &str) -> bool {
    PackageName::normalized_name_from_matchspec_str(depend) == "pip"
}

/// What the courier said comes through unchanged; everything else is told with all of its causes.
fn unreadable(error: &GatewayError) -> SolveError {
    if matches!(error, GatewayError::Cancelled) {
        return SolveError::Cancelled;
    }
    let mut causes = Vec::new();
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(cause) = next {
        if let Some(CourierError(problem)) = cause.downcast_ref::<CourierError>() {
            return SolveError::Index(problem.clone());
        }
        if let Some(error) = cause.downcast_ref::<IndexError>() {
            return SolveError::Index(error.explain());
        }
        let text = cause.to_string();
        if causes.last() != Some(&text) {
            causes.push(text);
        }
        next = cause.source();
    }
    let message = match error {
        GatewayError::SubdirNotFoundError(missing) => format!(
            "the channel {} has no index for {}",
            missing.channel.canonical_name(),
            missing.subdir
        ),
        _ => "the index of the channels cannot be read".to_owned(),
    };
    let problem = Problem::new(Kind::Network, message).because(causes.join(": "));
    SolveError::Index(problem.remedy("update the index first: sextant index update"))
}
