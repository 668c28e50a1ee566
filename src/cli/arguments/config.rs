//! Settings of conda, Navigator, anaconda-client and pip.

use clap::{Args, Subcommand, ValueEnum};

use crate::service::configuration::ConfigurationFile;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ConfigCommand {
    /// Every setting that is in effect, and every place that is looked at
    Show {
        #[arg(value_enum)]
        file: FileName,
        /// Defaults too
        #[arg(long)]
        all: bool,
    },
    /// The value of a setting that is in effect
    Get {
        #[arg(value_enum)]
        file: FileName,
        key: String,
    },
    /// Change a setting in your own file
    Set(ConfigSet),
    /// Remove a setting from your own file
    Unset {
        #[arg(value_enum)]
        file: FileName,
        key: String,
    },
    /// Open your own file in an editor, check it, and save it
    Edit(ConfigEdit),
    /// Where a setting comes from, and what prevents a change
    Explain {
        key: String,
        #[arg(long, value_enum, default_value_t)]
        file: FileName,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ConfigSet {
    #[arg(value_enum)]
    pub file: FileName,
    /// In an ini file section.option; one name of a map behind a dot
    pub key: String,
    /// As it would stand in the file; a list as [a, b] or a,b
    #[arg(required_unless_present = "value_stdin", allow_hyphen_values = true)]
    pub value: Option<String>,
    /// Read the value from standard input, for one that holds a password
    #[arg(long, conflicts_with = "value")]
    pub value_stdin: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ConfigEdit {
    #[arg(value_enum)]
    pub file: FileName,
    /// Where the file changed meanwhile: join both changes
    #[arg(long)]
    pub merge: bool,
    /// Where the file changed meanwhile: overwrite it
    #[arg(long, conflicts_with = "merge")]
    pub overwrite: bool,
}

/// A configuration as the command line names it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum FileName {
    Navigator,
    #[default]
    Conda,
    AnacondaClient,
    Pip,
}

impl From<FileName> for ConfigurationFile {
    fn from(name: FileName) -> Self {
        match name {
            FileName::Navigator => Self::Navigator,
            FileName::Conda => Self::Conda,
            FileName::AnacondaClient => Self::AnacondaClient,
            FileName::Pip => Self::Pip,
        }
    }
}
