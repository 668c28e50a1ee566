//! Indexes of packages, and the packages of an environment.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum IndexCommand {
    /// Fetch the indexes of all channels that conda searches
    Update,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Search {
    /// A name, or a part of it
    pub query: String,
    /// Show so many packages at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: usize,
    /// Show versions, builds, dependencies, size and licence of every package found
    #[arg(long)]
    pub details: bool,
}

/// The environment that is meant.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct Target {
    /// The environment with this name
    #[arg(short, long, value_name = "NAME")]
    pub name: Option<String>,
    /// The environment in this folder
    #[arg(short, long, value_name = "PREFIX")]
    pub prefix: Option<PathBuf>,
}

/// What somebody has to agree to beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Args)]
pub(in crate::cli) struct Consents {
    /// Let packages run their scripts after they are linked and before they are removed
    #[arg(long)]
    pub allow_scripts: bool,
    /// Change the environment although it is frozen, or a program of it is running
    #[arg(long)]
    pub override_protection: bool,
}

/// Where else packages come from, for one command.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
pub(in crate::cli) struct MoreChannels {
    /// Search this channel before all others, for this command only: a name or an address; may be given several times
    #[arg(short, long = "channel", value_name = "CHANNEL")]
    pub channels: Vec<String>,
}

#[derive(Debug, Args)]
#[command(subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct Packages {
    #[command(flatten)]
    pub target: Option<Target>,
    #[command(subcommand)]
    pub command: Option<PackagesCommand>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum PackagesCommand {
    /// Why a package is there: everything that leads to it
    Why(OfPackage),
    /// What a package needs, and what that needs
    Needs(OfPackage),
    /// What needs a package, and what needs that
    NeededBy(OfPackage),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct OfPackage {
    #[arg(value_name = "PACKAGE")]
    pub package: String,
    #[command(flatten)]
    pub target: Target,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Install {
    #[command(flatten)]
    pub target: Target,
    /// Match specs, such as numpy, "numpy>=2" or python=3.12
    #[arg(required = true, value_name = "SPEC")]
    pub specs: Vec<String>,
    #[command(flatten)]
    pub more: MoreChannels,
    #[command(flatten)]
    pub consents: Consents,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Update {
    #[command(flatten)]
    pub target: Target,
    /// Packages to update
    #[arg(value_name = "SPEC", required_unless_present = "all", conflicts_with = "all")]
    pub specs: Vec<String>,
    /// Update everything
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub more: MoreChannels,
    #[command(flatten)]
    pub consents: Consents,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Remove {
    #[command(flatten)]
    pub target: Target,
    /// Packages to remove; whatever needs them goes too
    #[arg(required = true, value_name = "SPEC")]
    pub specs: Vec<String>,
    #[command(flatten)]
    pub consents: Consents,
}
