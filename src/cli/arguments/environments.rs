//! Environments.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::packages::{Consents, MoreChannels, Target};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum EnvCommand {
    /// Every environment of this machine
    List,
    /// Make an environment, with packages in it
    Create(EnvCreate),
    /// Copy an environment
    Clone(EnvClone),
    /// Give an environment another name
    Rename(EnvRename),
    /// Remove an environment; it can be put back from the trash
    Remove(EnvRemove),
    /// Write down what is in an environment
    Export(EnvExport),
    /// Make an environment from a file that was exported
    Import(EnvImport),
    /// Open a terminal in which an environment is activated
    Terminal(EnvTerminal),
    /// See, put back and empty what was removed
    #[command(subcommand)]
    Trash(EnvTrashCommand),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct EnvCreate {
    #[command(flatten)]
    pub target: Target,
    /// Match specs, such as numpy, "numpy>=2" or python=3.12
    #[arg(value_name = "SPEC")]
    pub specs: Vec<String>,
    #[command(flatten)]
    pub more: MoreChannels,
    #[command(flatten)]
    pub consents: Consents,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct EnvClone {
    #[command(flatten)]
    pub target: Target,
    /// The name or the folder of the copy
    #[arg(value_name = "NEW")]
    pub to: String,
    #[command(flatten)]
    pub consents: Consents,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct EnvRename {
    #[command(flatten)]
    pub target: Target,
    /// The new name or folder
    #[arg(value_name = "NEW")]
    pub to: String,
    /// Rename it although it is frozen, or a program of it is running
    #[arg(long)]
    pub override_protection: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct EnvRemove {
    #[command(flatten)]
    pub target: Target,
    /// Remove it although it is frozen, or a program of it is running
    #[arg(long)]
    pub override_protection: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct EnvExport {
    #[command(flatten)]
    pub target: Target,
    /// What to write
    #[arg(long, value_enum, default_value_t)]
    pub format: ExportForm,
    /// Leave the builds out of environment.yml, which then fits other platforms
    #[arg(long)]
    pub no_builds: bool,
    /// Write into this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// The ways in which an environment is written down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ExportForm {
    /// environment.yml with every package and its build
    #[default]
    Yml,
    /// environment.yml with what was asked for only
    FromHistory,
    /// The addresses of all packages, for one platform
    Explicit,
    /// A lock file with addresses and checksums
    Lock,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct EnvImport {
    /// environment.yml, an explicit list, or a lock file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The name of the new environment; when left out, the one in the file
    #[arg(short, long, value_name = "NAME", conflicts_with = "prefix")]
    pub name: Option<String>,
    /// The folder of the new environment
    #[arg(short, long, value_name = "PREFIX")]
    pub prefix: Option<PathBuf>,
    /// Let pip install what the file has for it, too
    #[arg(long)]
    pub pip: bool,
    #[command(flatten)]
    pub consents: Consents,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct EnvTerminal {
    #[command(flatten)]
    pub target: Target,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum EnvTrashCommand {
    /// What was removed and can be put back
    List,
    /// Put an environment back where it was
    Restore {
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Delete what was removed for good: one environment, or all of them
    Empty {
        #[arg(value_name = "ID")]
        id: Option<String>,
    },
}
