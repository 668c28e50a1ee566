//! The time line, and ways back.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct History {
    #[command(subcommand)]
    pub command: Option<HistoryCommand>,
    /// Only the changes of one file: conda, navigator, or a path
    #[arg(long, value_name = "FILE")]
    pub file: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum HistoryCommand {
    /// Show what one change did to the files
    Show { id: String },
    /// List the versions of a file that are kept, those of Anaconda Navigator included
    Versions {
        /// conda, navigator, or a path
        #[arg(default_value = "conda")]
        file: String,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Undo {
    pub id: Option<String>,
    /// Put the old file back byte for byte, whatever stands there now
    #[arg(long)]
    pub exact: bool,
    /// Put this key back although somebody else changed it meanwhile
    #[arg(long, value_name = "KEY", value_delimiter = ',', conflicts_with = "exact")]
    pub put_back: Vec<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Restore {
    /// conda, navigator, or a path
    pub file: String,
    /// The version, as `sextant history versions` names it; the last good one of a broken file when left out
    #[arg(long, value_name = "VERSION")]
    pub to: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Repair {
    /// Only the login to this server
    #[arg(long, value_name = "URL")]
    pub domain: Option<String>,
}
