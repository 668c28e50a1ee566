//! Signing in and out.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::ServiceName;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SignIn {
    /// Anaconda Server / Package Security Manager (On-prem)
    Server(SignInServer),
    /// Package Security Manager Cloud, with the token of your organisation
    Cloud(SignInCloud),
    /// Anaconda Repository (Enterprise 4)
    Repository(SignInRepository),
    /// Anaconda.com / Anaconda.org
    AnacondaOrg(SignInAnacondaOrg),
}

/// What conda shall search after the sign-in.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct ChannelWords {
    /// Channels to search, in this order
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub add_to_channels: Vec<String>,
    /// Channels that `defaults` stands for
    #[arg(long, value_name = "C", value_delimiter = ',')]
    pub add_to_default_channels: Vec<String>,
    /// Choose no channels now
    #[arg(long, conflicts_with_all = ["add_to_channels", "add_to_default_channels"])]
    pub skip_channels: bool,
}

impl ChannelWords {
    /// Neither which channels, nor that there shall be none.
    pub fn says_nothing(&self) -> bool {
        !self.skip_channels && self.add_to_channels.is_empty() && self.add_to_default_channels.is_empty()
    }
}

#[derive(Debug, Clone, Copy, Args)]
pub(in crate::cli) struct ReplaceWord {
    /// Sign out of the service that you are signed in to, in the same change
    #[arg(long)]
    pub replace: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SignInServer {
    /// Address of the server, as https://repo.example.com; the one that is set, when left out
    #[arg(long, value_name = "URL")]
    pub domain: Option<String>,
    /// Your name at the server
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,
    /// Read the password from standard input; otherwise it is asked for
    #[arg(long)]
    pub password_stdin: bool,
    /// Sign in with your organisation's single sign-on, in the browser
    #[arg(long, conflicts_with_all = ["username", "password_stdin"])]
    pub sso: bool,
    /// With a code that you enter on any device, where there is no browser here
    #[arg(long, requires = "sso")]
    pub device: bool,
    /// Wait for the browser on this port
    #[arg(long, value_name = "N", requires = "sso", conflicts_with = "device", value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    /// Another site on which your organisation signs in, if the server sends you there
    #[arg(long, value_name = "HOST", requires = "sso")]
    pub sso_site: Option<String>,
    /// CA certificate (PEM) to trust for this server, beside those of the operating system
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    #[command(flatten)]
    pub channels: ChannelWords,
    #[command(flatten)]
    pub replace: ReplaceWord,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SignInCloud {
    /// Read the token from standard input; otherwise it is asked for
    #[arg(long)]
    pub token_stdin: bool,
    /// Address of the repository, when it is not the usual one
    #[arg(long, value_name = "REPO_BASE_URL")]
    pub url: Option<String>,
    #[command(flatten)]
    pub channels: ChannelWords,
    #[command(flatten)]
    pub replace: ReplaceWord,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("proof").args(["username", "kerberos"]))]
pub(in crate::cli) struct SignInRepository {
    /// Address of the repository, as http://repo.example.com:8080
    #[arg(long, value_name = "URL")]
    pub domain: String,
    /// Your name at the repository
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,
    /// Read the password from standard input; otherwise it is asked for
    #[arg(long, conflicts_with = "kerberos")]
    pub password_stdin: bool,
    /// Sign in with your Kerberos ticket
    #[arg(long)]
    pub kerberos: bool,
    /// What the token may do; downloads only, when left out
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub scopes: Vec<String>,
    /// CA certificate (PEM) to trust for this server, beside those of the operating system
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Use Kerberos although the connection is not encrypted
    #[arg(long, requires = "kerberos")]
    pub allow_plain_http: bool,
    #[command(flatten)]
    pub channels: ChannelWords,
    #[command(flatten)]
    pub replace: ReplaceWord,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("way").args(["device", "browser", "username"]))]
pub(in crate::cli) struct SignInAnacondaOrg {
    /// At Anaconda.com, with a code that you enter on any device
    #[arg(long, conflicts_with_all = ["password_stdin"])]
    pub device: bool,
    /// At Anaconda.com, in the browser
    #[arg(long, conflicts_with_all = ["password_stdin"])]
    pub browser: bool,
    /// Your name at Anaconda.org
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,
    /// Read the password from standard input; otherwise it is asked for
    #[arg(long)]
    pub password_stdin: bool,
    /// Wait for the browser on this port
    #[arg(long, value_name = "N", requires = "browser", value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    #[command(flatten)]
    pub replace: ReplaceWord,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SignOut {
    /// The service; when left out, the repository that you are signed in to, else Anaconda.org
    pub service: Option<ServiceName>,
    /// Keep what others changed in .condarc meanwhile (the default)
    #[arg(long, conflicts_with = "exact")]
    pub keep_edits: bool,
    /// Put the old .condarc back byte for byte, whatever stands there now
    #[arg(long)]
    pub exact: bool,
    /// Read the password from standard input, to revoke the token although the session has expired
    #[arg(long)]
    pub password_stdin: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TakeOver {
    /// The service whose login it is
    pub service: ServiceName,
    #[command(flatten)]
    pub channels: ChannelWords,
    #[command(flatten)]
    pub replace: ReplaceWord,
}
