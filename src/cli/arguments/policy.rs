//! What an administrator decided, and working offline.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum PolicyCommand {
    /// Show what is decided for this computer, and by which file
    Show,
    /// Check a policy or preset before it is rolled out
    Check { file: PathBuf },
    /// Take the preset out of force
    ForgetPreset,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Offline {
    /// Leave it out to see how it is
    #[arg(value_enum)]
    pub switch: Option<OfflineSwitch>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum OfflineSwitch {
    /// Ask nothing of the network
    On,
    /// Use the network, whatever Anaconda Navigator's preferences say
    Off,
    /// Do as Anaconda Navigator's preferences say
    Follow,
}
