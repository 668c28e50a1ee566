//! What a change of an environment would do: solved, and put into words before anything happens.

use std::path::{Path, PathBuf};

use super::change::{Preview, Updates, Wanted};
use super::settings::Settings;
use crate::conda::channel::ChannelEntry;
use crate::conda::configuration::Configuration;
use crate::conda::environment::history::History;
use crate::conda::environment::protection::{self, Intent, Protection};
use crate::conda::environment::{self, EnvironmentError};
use crate::conda::resolution::Through;
use crate::conda::setting::Key;
use crate::package::solve::{
    self, Goal, GoesAlong, Indexes, Installed, Machine, Note, Request, SearchedChannel, SolveProgress, Solved,
};
use crate::package::{Channel, ChannelNames, Record, Solution};
use crate::service::plan::Warning;
use crate::service::{ServiceError, Services, blocking};

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

    async fn solve_prepared(
        &self,
        prepared: Prepared,
        progress: impl Fn(SolveProgress) + Send + Sync + 'static,
    ) -> Result<ChangePlan, ServiceError> {
        let before = prepared.request.installed.clone();
        let names = ChannelNames::new(
            prepared
                .request
                .channels
                .iter()
                .map(|searched| searched.channel.clone()),
        );
        let before = before.packages(&names);
        let indexes = self.solve_indexes()?;
        let solved = solve::solve(prepared.request, &indexes, progress).await?;
        let mut warnings = prepared.warnings;
        warnings.extend(about(&solved, &self.private_channels(&prepared.configuration)));
        Ok(blocking(|| self.plan_of(solved, &before, warnings)))
    }

    /// Where a solve takes indexes from: what an update of the index has fetched, and the servers.
    fn solve_indexes(&self) -> Result<Indexes, ServiceError> {
        Ok(Indexes::new(&self.transport()?, &self.locations().cache()))
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

    fn plan_of(&self, solved: Solved, before: &[Record], warnings: Vec<Warning>) -> ChangePlan {
        let cache = self.locations().cache().join("pkgs");
        let prefix = solved.solution.prefix.clone();
        let preview = Preview {
            bytes_to_download: solved.bytes_to_download(&cache),
            scripts: scripts(&prefix, &cache, &solved, before),
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
    let refused = |refused: crate::conda::resolution::RefusedChannel| ServiceError::ChannelNotAllowed {
        channel: refused.entry.to_string(),
        reason: refused.to_string(),
    };
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

/// What a person should know about a solution.
fn about(solved: &Solved, private: &[String]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for note in &solved.notes {
        warnings.push(match note {
            Note::GoesAlong { name, why } => Warning::new(match why {
                GoesAlong::Needs(removed) => format!("{name} is removed too, since it needs {removed}"),
                GoesAlong::Unneeded => format!("{name} is removed too, since nothing else needs it"),
                GoesAlong::DoesNotFit => format!("{name} is removed, since it does not go with the rest"),
            }),
            Note::Broken { name, needs } => Warning::with_remedy(
                format!("{name} needs {needs}, which was not there before either; it is left as it was"),
                format!("update it, or remove it: sextant remove {name}"),
            ),
            Note::Loosened { was, now } => Warning::new(format!(
                "{was}, which was asked for before, gives way: from now on, {now}"
            )),
        });
    }
    for (before, after) in &solved.changed {
        warnings.extend(about_change(before, after, private));
    }
    warnings
}

fn about_change(before: &Record, after: &Record, private: &[String]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let name = &before.name;
    if solve::is_older(&after.version, &before.version) {
        warnings.push(Warning::new(format!(
            "{name} becomes older: {} instead of {}",
            after.version, before.version
        )));
    }
    let minor = |version: &str| {
        version
            .splitn(3, '.')
            .take(2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    if name == "python" && minor(&before.version) != minor(&after.version) {
        warnings.push(Warning::with_remedy(
            format!(
                "python becomes {} instead of {}: every package that is made for one python changes, and what pip has \
                 installed is no longer found",
                after.version, before.version
            ),
            "make another environment for the other python: sextant env create",
        ));
    }
    if before.channel.url != after.channel.url {
        let is_private = |record: &Record| private.contains(&record.channel.url);
        let (from, to) = (&before.channel.name, &after.channel.name);
        match (is_private(before), is_private(after)) {
            (true, false) => warnings.push(Warning::with_remedy(
                format!(
                    "{name} came from the private channel {from}, and would come from the public channel {to}"
                ),
                format!("if it is your organisation's own, ask for it with its channel: {from}::{name}"),
            )),
            (false, true) => warnings.push(Warning::new(format!(
                "{name} came from the public channel {from}, and would come from the private channel {to}"
            ))),
            _ => {}
        }
    }
    warnings
}

/// The packages with a script that conda would run before or after this change, as far as it can be known without unpacking.
fn scripts(prefix: &Path, cache: &Path, solved: &Solved, before: &[Record]) -> Vec<String> {
    let has = |folder: &Path, name: &str, when: &str| {
        let unix = folder.join("bin").join(format!(".{name}-{when}.sh"));
        let windows = folder.join("Scripts").join(format!(".{name}-{when}.bat"));
        unix.is_file() || windows.is_file()
    };
    let gone = solved
        .removed
        .iter()
        .chain(solved.changed.iter().map(|(before, _)| before));
    let gone = gone.filter(|record| before.contains(record) && has(prefix, &record.name, "pre-unlink"));
    let coming = solved
        .added
        .iter()
        .chain(solved.changed.iter().map(|(_, after)| after));
    let coming = coming.filter(|record| {
        let folder: PathBuf = cache.join(format!("{}-{}-{}", record.name, record.version, record.build));
        ["post-link", "pre-link"]
            .iter()
            .any(|when| has(&folder, &record.name, when))
    });
    let mut names: Vec<_> = gone.chain(coming).map(|record| record.name.clone()).collect();
    names.sort();
    names.dedup();
    names
}

impl Protection {
    /// The kind of failure that it is when it stands in the way.
    pub(crate) fn kind(&self) -> crate::error::Kind {
        match self {
            Self::Base
            | Self::Running { .. }
            | Self::Frozen { .. }
            | Self::Active
            | Self::ActivatedByDefault => crate::error::Kind::Conflict,
            Self::ReadOnly { .. } => crate::error::Kind::File,
        }
    }
}
