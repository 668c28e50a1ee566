//! What a change of an environment would do: solved, and put into words before anything happens.

use std::path::Path;

use super::change::{Preview, Updates, Wanted};
use super::index::{forms, freshness};
use super::settings::Settings;
use super::warnings::{about, outdated, scripts};
use crate::conda::channel::ChannelEntry;
use crate::conda::configuration::Configuration;
use crate::conda::environment::history::History;
use crate::conda::environment::protection::{self, Intent};
use crate::conda::environment::{self, EnvironmentError};
use crate::conda::resolution::{RefusedChannel, Through};
use crate::conda::setting::Key;
use crate::error::Problem;
use crate::package::index::Stock;
use crate::package::solve::{
    self, ExplicitRequest, Goal, Indexes, Installed, Machine, Request, SearchedChannel, SolveError,
    SolveProgress, Solved,
};
use crate::package::{Channel, ChannelNames, Solution};
use crate::service::plan::Warning;
use crate::service::{ServiceError, Services, blocking};

/// The line that begins the addresses in a list of conda's.
const EXPLICIT: &str = "@EXPLICIT";

/// A change that has been worked out: what it does, for a person to see, and what carries it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePlan {
    pub preview: Preview,
    pub solution: Solution,
}

/// What a person says for one change only.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangeOptions {
    /// Names or addresses, searched before those that conda searches.
    pub channels: Vec<String>,
    /// Whether nothing but `channels` is searched.
    pub only_these_channels: bool,
    /// Whether an environment that is frozen (CEP 22) is changed nevertheless.
    pub although_frozen: bool,
    /// The platform of a new environment; this machine's where it is not given.
    pub subdir: Option<String>,
}

impl Services {
    /// What it takes to do what is wanted with an environment. Asks the servers of the channels; changes nothing. `progress` is
    /// told of every phase. Dropping the future cancels it at once.
    ///
    /// # Errors
    /// [`ServiceError::Solve`], with why it cannot be done and what could be done instead; [`ServiceError::Protected`];
    /// [`ServiceError::ChannelNotAllowed`]; [`EnvironmentError::NotAnEnvironment`]; what cannot be read.
    pub async fn plan_change(
        &self,
        prefix: &Path,
        wanted: &Wanted,
        progress: impl Fn(SolveProgress) + Send + Sync + 'static,
    ) -> Result<ChangePlan, ServiceError> {
        self.plan_change_with(prefix, wanted, &ChangeOptions::default(), progress)
            .await
    }

    /// The same, with what the person says for this change only.
    ///
    /// # Errors
    /// As for [`Services::plan_change`].
    pub async fn plan_change_with(
        &self,
        prefix: &Path,
        wanted: &Wanted,
        options: &ChangeOptions,
        progress: impl Fn(SolveProgress) + Send + Sync + 'static,
    ) -> Result<ChangePlan, ServiceError> {
        let goal = goal_of(wanted);
        let prepared = blocking(|| self.prepare_change(prefix, goal, options))?;
        self.solve_prepared(prepared, progress).await
    }

    /// What a new environment at this place would hold.
    ///
    /// # Errors
    /// As for [`Services::plan_change`].
    pub async fn plan_create(
        &self,
        prefix: &Path,
        specs: &[String],
        options: &ChangeOptions,
        progress: impl Fn(SolveProgress) + Send + Sync + 'static,
    ) -> Result<ChangePlan, ServiceError> {
        let goal = Goal {
            install: specs.to_vec(),
            ..Goal::default()
        };
        let prepared = blocking(|| self.prepare_new(prefix, goal, options))?;
        self.solve_prepared(prepared, progress).await
    }

    /// What an environment would hold once packages given by their addresses (`conda list --explicit`, lock files) have taken
    /// their places in it; a prefix that is not there yet holds nothing else.
    ///
    /// # Errors
    /// As for [`Services::plan_change`]; above all [`SolveError::BadSpec`](solve::SolveError::BadSpec) for what is no address.
    pub async fn plan_explicit(
        &self,
        prefix: &Path,
        addresses: &[String],
        options: &ChangeOptions,
        progress: impl Fn(SolveProgress) + Send + Sync + 'static,
    ) -> Result<ChangePlan, ServiceError> {
        let addresses: Vec<_> = addresses
            .iter()
            .map(|line| line.trim())
            .filter(|line| !line.is_empty() && !line.starts_with('#') && *line != EXPLICIT)
            .map(str::to_owned)
            .collect();
        let (request, warnings) = blocking(|| self.prepare_explicit(prefix, addresses, options))?;
        let indexes = self.solve_indexes()?;
        let solved = solve::explicit(request, &indexes, progress).await?;
        let mut warnings = warnings;
        warnings.extend(indexes.stale().iter().map(outdated));
        warnings.extend(about(&solved, &[]));
        Ok(blocking(|| self.plan_of(solved, warnings)))
    }

    fn prepare_explicit(
        &self,
        prefix: &Path,
        addresses: Vec<String>,
        options: &ChangeOptions,
    ) -> Result<(ExplicitRequest, Vec<Warning>), ServiceError> {
        let prepared = match prefix.join("conda-meta").is_dir() {
            true => self.prepare_change(prefix, Goal::default(), options)?,
            false => self.prepare_new(prefix, Goal::default(), options)?,
        };
        let resolver = prepared.configuration.resolver();
        let at = |address: &String| resolver.channel_at(address.split('#').next().unwrap_or_default());
        let mut channels: Vec<SearchedChannel> = Vec::new();
        for channel in addresses.iter().filter_map(at) {
            let url = channel.url();
            if channels.iter().all(|known| known.channel.url != url) {
                prepared
                    .configuration
                    .searched_by(std::slice::from_ref(&url))
                    .map_err(refused)?;
                let name = channel.canonical_name().to_owned();
                channels.push(SearchedChannel {
                    channel: Channel { name, url },
                    multichannel: None,
                });
            }
        }
        let request = ExplicitRequest {
            prefix: prefix.to_owned(),
            installed: prepared.request.installed,
            requested: prepared.request.requested,
            addresses,
            channels,
            machine: prepared.request.machine,
        };
        Ok((request, prepared.warnings))
    }

    async fn solve_prepared(
        &self,
        prepared: Prepared,
        progress: impl Fn(SolveProgress) + Send + Sync + 'static,
    ) -> Result<ChangePlan, ServiceError> {
        let indexes = self.solve_indexes()?;
        let solved = match solve::solve(prepared.request, &indexes, progress).await {
            Err(SolveError::Index(problem)) => return Err(self.blame_index(problem).await),
            solved => solved?,
        };
        let mut warnings = prepared.warnings;
        warnings.extend(indexes.stale().iter().map(outdated));
        warnings.extend(about(&solved, &self.private_channels(&prepared.configuration)));
        Ok(blocking(|| self.plan_of(solved, warnings)))
    }

    /// Which channel's index could not be read, and whose credential is to blame: the solver reads them all at once and does
    /// not tell, so each is asked alone. What cannot be found out that way stays as it was told.
    async fn blame_index(&self, problem: Problem) -> ServiceError {
        let rows = self.update_index(|_| {}).await.unwrap_or_default();
        let blamed = rows.into_iter().find_map(|row| row.problem);
        SolveError::Index(blamed.unwrap_or(problem)).into()
    }

    /// Where a solve takes indexes from: what an update of the index has fetched, and the servers.
    fn solve_indexes(&self) -> Result<Indexes, ServiceError> {
        let configuration = blocking(|| Configuration::read(&self.surroundings()));
        let stock = Stock::new(self.indexer()?, forms(&configuration), freshness(&configuration));
        Ok(Indexes::new(stock))
    }

    fn prepare_change(
        &self,
        prefix: &Path,
        goal: Goal,
        options: &ChangeOptions,
    ) -> Result<Prepared, ServiceError> {
        if !prefix.join("conda-meta").is_dir() {
            let prefix = prefix.to_owned();
            return Err(EnvironmentError::NotAnEnvironment { prefix }.into());
        }
        let is_base = self.is_base(prefix);
        let in_the_way = protection::of(prefix, is_base);
        let refusal = in_the_way.into_iter().find(|protection| {
            let is_overridden = options.although_frozen && protection.can_be_overridden();
            protection.forbids(Intent::ChangePackages) && !is_overridden
        });
        if let Some(protection) = refusal {
            return Err(ServiceError::Protected {
                prefix: prefix.to_owned(),
                protection,
            });
        }
        let installed = Installed::read(prefix)?;
        let history = History::read(prefix)?;
        let names = installed.packages(&ChannelNames::default());
        let requested = history.requested_specs(names.iter().map(|record| record.name.as_str()));
        let mut prepared = self.prepare_solve(prefix, goal, options, installed, is_base)?;
        prepared.request.requested = requested.into_iter().map(|spec| spec.spec).collect();
        if is_base {
            prepared.warnings.push(Warning::with_remedy(
                "this is the base environment: conda itself runs from it",
                "make an environment for your own packages: sextant env create",
            ));
        }
        Ok(prepared)
    }

    fn prepare_new(
        &self,
        prefix: &Path,
        mut goal: Goal,
        options: &ChangeOptions,
    ) -> Result<Prepared, ServiceError> {
        let configuration = Configuration::read(&self.surroundings());
        let always = configuration.explain(Key::CreateDefaultPackages).value;
        let named = |spec: &str| environment::match_spec::MatchSpec::parse(spec).name().to_owned();
        let wanted: Vec<_> = goal.install.iter().map(|spec| named(spec)).collect();
        let missing = always.items().iter().map(|item| item.expose().to_owned());
        goal.install
            .extend(missing.filter(|spec| !wanted.contains(&named(spec))));
        self.prepare_solve(prefix, goal, options, Installed::default(), false)
    }

    fn prepare_solve(
        &self,
        prefix: &Path,
        goal: Goal,
        options: &ChangeOptions,
        installed: Installed,
        is_base: bool,
    ) -> Result<Prepared, ServiceError> {
        let configuration = Configuration::read(&self.surroundings());
        let Settings { rules, warnings } = Settings::read(&configuration, prefix, is_base, self.now())?;
        let channels = channels(&configuration, &goal, options)?;
        let machine = self.machine_of(&configuration, &installed, options)?;
        Ok(Prepared {
            request: Request {
                prefix: prefix.to_owned(),
                channels,
                installed,
                requested: Vec::new(),
                goal,
                rules,
                machine,
            },
            warnings,
            configuration,
        })
    }

    /// Whether conda runs from there.
    fn is_base(&self, prefix: &Path) -> bool {
        let roots = environment::roots(&self.surroundings());
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        roots.iter().any(|root| real(root) == real(prefix))
    }

    /// The machine that the environment is for: its own platform, that of the configuration, or this one's.
    fn machine_of(
        &self,
        configuration: &Configuration,
        installed: &Installed,
        options: &ChangeOptions,
    ) -> Result<Machine, ServiceError> {
        let configured = configuration.subdir();
        let subdir = options
            .subdir
            .as_deref()
            .or_else(|| installed.subdir())
            .unwrap_or(&configured);
        let variable = |name: &str| self.locations().variables.get(name).cloned();
        Ok(Machine::detect(subdir, variable)?)
    }

    /// The addresses of channels that a token or a login opens.
    fn private_channels(&self, configuration: &Configuration) -> Vec<String> {
        let searched = configuration.searched().unwrap_or_default();
        let urls = searched.into_iter().map(|searched| searched.channel.url());
        let is_private = |url: &String| {
            let address = url::Url::parse(url);
            address.is_ok_and(|address| self.credential_source(&address).is_some())
        };
        urls.filter(is_private).collect()
    }

    pub(in crate::service) fn plan_of(&self, solved: Solved, warnings: Vec<Warning>) -> ChangePlan {
        let cache = self.package_cache();
        let prefix = solved.solution.prefix.clone();
        let preview = Preview {
            bytes_to_download: solved.bytes_to_download(&cache),
            scripts: scripts(&prefix, &cache, &solved),
            added: solved.added,
            changed: solved.changed,
            removed: solved.removed,
            warnings,
            prefix,
        };
        ChangePlan {
            preview,
            solution: solved.solution,
        }
    }
}

/// A request, and what is told along with its answer.
struct Prepared {
    request: Request,
    warnings: Vec<Warning>,
    configuration: Configuration,
}

fn goal_of(wanted: &Wanted) -> Goal {
    let mut goal = Goal {
        install: wanted.install.clone(),
        remove: wanted.remove.clone(),
        ..Goal::default()
    };
    match &wanted.update {
        Updates::Nothing => {}
        Updates::Packages(names) => goal.update.clone_from(names),
        Updates::Everything => goal.update_everything = true,
    }
    goal
}

/// Every channel that is searched, in order: the person's for this change, conda's, and those that specs name.
fn channels(
    configuration: &Configuration,
    goal: &Goal,
    options: &ChangeOptions,
) -> Result<Vec<SearchedChannel>, ServiceError> {
    if !options.channels.is_empty() && !configuration.allows_other_channels() {
        return Err(ServiceError::ChannelNotAllowed {
            channel: options.channels.join(", "),
            reason: "override_channels_enabled of conda's configuration is off".to_owned(),
        });
    }
    let mut searched = configuration.searched_by(&options.channels).map_err(refused)?;
    if !options.only_these_channels {
        searched.extend(configuration.searched().map_err(refused)?);
    }
    let named = goal
        .install
        .iter()
        .filter_map(|spec| solve::channel_of_spec(spec));
    let named: Vec<_> = named.map(str::to_owned).collect();
    searched.extend(configuration.searched_by(&named).map_err(refused)?);

    let resolver = configuration.resolver();
    let mut channels: Vec<SearchedChannel> = Vec::new();
    for found in searched {
        let url = found.channel.url();
        if channels.iter().any(|known| known.channel.url == url) {
            continue;
        }
        let multichannel = match (&found.entry, resolver.resolve(&found.entry).through) {
            (_, Through::Multichannel(name)) => Some(name),
            (ChannelEntry::Local, _) => Some("local".to_owned()),
            _ => None,
        };
        channels.push(SearchedChannel {
            channel: Channel {
                name: found.channel.canonical_name().to_owned(),
                url,
            },
            multichannel,
        });
    }
    Ok(channels)
}

fn refused(refused: RefusedChannel) -> ServiceError {
    ServiceError::ChannelNotAllowed {
        channel: refused.entry.to_string(),
        reason: refused.to_string(),
    }
}
