//! Setting up the clients of a repository.

use clap::{Args, Subcommand, ValueEnum};

use crate::clients::browsers::Browser;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SetupCommand {
    /// Point anaconda-client, and conda with it, at a repository; without --url, show what is set
    AnacondaClient(SetupAnacondaClient),
    /// Let pip use the index of an account
    Pip(SetupPip),
    /// Let uv use the index of an account
    Uv(SetupUv),
    /// Tell Kerberos where a server belongs; without --realm, show how it stands
    Kerberos(SetupKerberos),
    /// Let browsers show a Kerberos ticket to a server
    Browser(SetupBrowser),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SetupAnacondaClient {
    /// Address of the repository or of its API
    #[arg(long)]
    pub url: Option<String>,
    /// For everybody on this computer
    #[arg(long, requires = "url")]
    pub site: bool,
    /// An account that mirrors the public packages, for conda's defaults; may be given several times
    #[arg(long, value_name = "NAME", requires = "url", conflicts_with = "no_conda")]
    pub default_channel: Vec<String>,
    /// Leave conda's own file as it is
    #[arg(long, requires = "url")]
    pub no_conda: bool,
}

/// What one shows to be let in at an index.
#[derive(Debug, Args)]
pub(in crate::cli) struct IndexLoginWords {
    /// Read a token from standard input; it becomes part of the address
    #[arg(long, conflicts_with = "username")]
    pub token_stdin: bool,
    /// Name to be let in with; it goes into .netrc with its password
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,
    /// Read the password from standard input
    #[arg(long, requires = "username")]
    pub password_stdin: bool,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("index").required(true).multiple(false))]
pub(in crate::cli) struct SetupPip {
    /// Ask this index beside the public one
    #[arg(long, value_name = "URL", group = "index")]
    pub extra_index_url: Option<String>,
    /// Ask this index in the place of the public one
    #[arg(long, value_name = "URL", group = "index")]
    pub index_url: Option<String>,
    /// Host of an index that is reached without encryption; set by itself where it is needed
    #[arg(long, value_name = "HOST")]
    pub trusted_host: Option<String>,
    /// In your own file (the default)
    #[arg(long, conflicts_with_all = ["global", "site"])]
    pub user: bool,
    /// For everybody on this computer
    #[arg(long, conflicts_with = "site")]
    pub global: bool,
    /// For the active environment
    #[arg(long)]
    pub site: bool,
    #[command(flatten)]
    pub login: IndexLoginWords,
    /// Ask pip afterwards whether it has read it
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("uv_index").required(true).multiple(false))]
pub(in crate::cli) struct SetupUv {
    /// Ask this index before the public one
    #[arg(long, value_name = "URL", group = "uv_index")]
    pub index: Option<String>,
    /// Ask this index in the place of the public one
    #[arg(long, value_name = "URL", group = "uv_index")]
    pub default_index: Option<String>,
    /// What uv calls it
    #[arg(long, default_value = "repository")]
    pub name: String,
    /// For everybody on this computer
    #[arg(long)]
    pub global: bool,
    #[command(flatten)]
    pub login: IndexLoginWords,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SetupKerberos {
    /// Host of the repository
    #[arg(long, value_name = "HOST")]
    pub server: String,
    /// The realm that the server is in
    #[arg(long, requires = "kdc")]
    pub realm: Option<String>,
    /// A key server of that realm, with its port where that is not 88
    #[arg(long, value_name = "HOST", requires = "realm")]
    pub kdc: Option<String>,
    /// Get a ticket for NAME or NAME@REALM afterwards
    #[arg(long, value_name = "NAME")]
    pub kinit: Option<String>,
    /// Read the password for the ticket from standard input
    #[arg(long, requires = "kinit")]
    pub password_stdin: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum BrowserName {
    Chrome,
    Chromium,
    Edge,
    Firefox,
    Safari,
}

impl From<BrowserName> for Browser {
    fn from(name: BrowserName) -> Self {
        match name {
            BrowserName::Chrome => Self::Chrome,
            BrowserName::Chromium => Self::Chromium,
            BrowserName::Edge => Self::Edge,
            BrowserName::Firefox => Self::Firefox,
            BrowserName::Safari => Self::Safari,
        }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SetupBrowser {
    /// Host of the repository
    #[arg(long, value_name = "HOST")]
    pub server: String,
    /// May be given several times; without it, those that are found on this computer
    #[arg(long, value_enum)]
    pub browser: Vec<BrowserName>,
    /// Take the server's name as it stands in the address (DisableAuthNegotiateCnameLookup)
    #[arg(long)]
    pub no_cname_lookup: bool,
    /// Firefox: in your own profiles, which takes no administrator
    #[arg(long)]
    pub profile: bool,
}
