//! Uploading.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Person;

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("place"))]
pub(in crate::cli) struct Upload {
    /// conda packages (.conda, .tar.bz2), wheels, source distributions, notebooks, environment files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Where to: an account or organisation, or a channel of Anaconda Server; your own when left out
    #[arg(long, value_name = "OWNER|CHANNEL", group = "place")]
    pub to: Option<String>,
    /// A channel of Anaconda Server, as CHANNEL or CHANNEL/SUBCHANNEL
    #[arg(long, value_name = "C", group = "place")]
    pub channel: Option<String>,
    /// An account or organisation of Anaconda Repository or Anaconda.org
    #[arg(long, value_name = "O", group = "place")]
    pub owner: Option<String>,
    /// Give the files this label; may be repeated; main when left out
    #[arg(long = "label", value_name = "L")]
    pub labels: Vec<String>,
    /// Packages that are new are for you and whom you let in
    #[arg(long)]
    pub private: bool,
    /// What to do about a file that is there already with other content; asked when left out, or fail where nobody can be
    /// asked
    #[arg(long, value_enum, value_name = "WHAT")]
    pub on_conflict: Option<OnConflictName>,
    #[command(flatten)]
    pub person: Person,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum OnConflictName {
    /// Leave it there, and leave this one out
    Skip,
    /// Remove it before this one is sent
    Replace,
    /// Send nothing at all
    Fail,
}
