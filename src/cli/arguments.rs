//! The words of the command line (command-line contract).

mod access;
mod config;
mod environments;
mod history;
mod packages;
mod policy;
mod setup;
mod sign_in;
mod tokens;
mod trust;
mod upload;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use access::{
    AccessCommand, AccessList, AccessName, AccessSet, AccessWho, CollaboratorCommand, CollaboratorWords,
    GroupCommand, GroupCreate, GroupSubjectWords, Groups, KindName, PermissionName, Person,
};
pub(super) use config::{ConfigCommand, ConfigEdit, ConfigSet};
pub(super) use environments::{
    EnvClone, EnvCommand, EnvCreate, EnvExport, EnvImport, EnvRemove, EnvRename, EnvTerminal,
    EnvTrashCommand, ExportForm,
};
pub(super) use history::{History, HistoryCommand, Repair, Restore, Undo};
pub(super) use packages::{
    Consents, IndexCommand, Install, MoreChannels, OfPackage, Packages, PackagesCommand, Remove, Search,
    Target, Update,
};
pub(super) use policy::{Offline, OfflineSwitch, PolicyCommand};
pub(super) use setup::{
    IndexLoginWords, SetupAnacondaClient, SetupBrowser, SetupCommand, SetupKerberos, SetupPip, SetupUv,
};
pub(super) use sign_in::{
    ChannelWords, ReplaceWord, SignIn, SignInAnacondaOrg, SignInCloud, SignInRepository, SignInServer,
    SignOut, TakeOver,
};
pub(super) use tokens::{
    PresetName, TokenUseName, TokensCommand, TokensCreate, TokensLeftOver, TokensList, TokensRenew,
    TokensRevoke, TokensScopes,
};
pub(super) use trust::{ProxyCommand, TrustCommand, TrustSet};
pub(super) use upload::{OnConflictName, Upload};

/// Connects this machine to a private conda repository. Without a command, opens the window.
#[derive(Debug, Parser)]
#[command(
    name = "sextant",
    version,
    disable_help_subcommand = true,
    subcommand_value_name = "COMMAND"
)]
pub struct Arguments {
    /// Open the window on the built-in practice server, in a throw-away home
    #[arg(long)]
    pub(super) demo: bool,
    /// Print one JSON document and nothing else on standard output
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Print what would change, and change nothing
    #[arg(long, global = true)]
    pub(super) dry_run: bool,
    /// Ask no questions
    #[arg(short, long, global = true)]
    pub(super) yes: bool,
    /// Take settings over from a file or a link that begins with https://
    #[arg(long, value_name = "FILE-OR-LINK", conflicts_with = "demo")]
    pub(super) preset: Option<String>,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show what this machine is signed in to
    Status,
    /// Sign in to a service
    #[command(subcommand)]
    SignIn(SignIn),
    /// Look after the login of another program: choose channels for it
    TakeOver(TakeOver),
    /// Sign out: put everything back as it was and revoke the token
    SignOut(SignOut),
    /// Show, set or check the server's address
    #[command(subcommand)]
    Domain(DomainCommand),
    /// See and choose what conda searches
    #[command(subcommand)]
    Channels(ChannelsCommand),
    /// See and change the settings of conda, Navigator, anaconda-client and pip
    #[command(subcommand)]
    Config(ConfigCommand),
    /// See, renew and revoke the tokens of this machine
    #[command(subcommand)]
    Tokens(TokensCommand),
    /// Set up anaconda-client, pip, uv, Kerberos and browsers for a repository
    #[command(subcommand)]
    Setup(SetupCommand),
    /// See and decide who may see the packages of your account and organisations
    #[command(subcommand)]
    Access(AccessCommand),
    /// Upload conda packages, wheels, notebooks and environment files
    Upload(Upload),
    /// Decide whom to trust for a server
    #[command(subcommand)]
    Trust(TrustCommand),
    /// Log in to a proxy
    #[command(subcommand)]
    Proxy(ProxyCommand),
    /// Fetch what the channels offer
    #[command(subcommand)]
    Index(IndexCommand),
    /// Find packages in the channels that conda searches
    Search(Search),
    /// See, make, copy, rename, remove, export and import environments
    #[command(subcommand)]
    Env(EnvCommand),
    /// The packages of an environment, why they are there, and what they need
    Packages(Packages),
    /// Install packages into an environment
    Install(Install),
    /// Update packages of an environment
    Update(Update),
    /// Remove packages from an environment
    Remove(Remove),
    /// Find out what keeps things from working, and what to do about it
    Doctor(Doctor),
    /// List what was changed, by Sextant and by others
    History(History),
    /// Undo a change, Sextant's newest one unless an id is given
    Undo(Undo),
    /// Put an earlier version of a file back
    Restore(Restore),
    /// Clear away what is left of a login that is stuck, to sign in anew
    Repair(Repair),
    /// See or switch whether Sextant uses the network
    Offline(Offline),
    /// See what an administrator has decided
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Make good what a crash or an unreachable server left behind
    Recover,
    /// Run the practice server alone; its first line is JSON
    PracticeServer(PracticeServer),
}

/// A service as the command line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ServiceName {
    Server,
    Cloud,
    Repository,
    AnacondaOrg,
}

/// A product that may answer at an address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ProductName {
    /// Anaconda Server / Package Security Manager (On-prem)
    #[default]
    Server,
    /// Anaconda Repository (Enterprise 4)
    Repository,
}

#[derive(Debug, Subcommand)]
pub(super) enum DomainCommand {
    /// Print the domain that is set
    Show,
    /// Check the domain and set it
    Set {
        url: String,
        /// CA certificate (PEM) to trust for the check
        #[arg(long, value_name = "FILE")]
        ca_file: Option<PathBuf>,
        /// Set it without asking the server
        #[arg(long)]
        no_check: bool,
    },
    /// Forget the domain that is set
    Forget,
    /// Check name, connection, TLS and answer of a server
    Check {
        url: String,
        /// What should answer there
        #[arg(long, value_enum, default_value_t)]
        product: ProductName,
        /// CA certificate (PEM) to trust for the check
        #[arg(long, value_name = "FILE")]
        ca_file: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ChannelsCommand {
    /// The channels of the server that you may use
    Available {
        /// At Anaconda Repository: read the password from standard input, to list the channels of your organisations, too
        #[arg(long)]
        password_stdin: bool,
    },
    /// What conda searches, in order, and where it is written
    List,
    /// Ask the server of each channel whether it is there, and open to you
    Check {
        /// Only these
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Add channels: names, parent/child, addresses, addresses of labels
    Add(ChannelsAdd),
    /// Take channels out
    Remove {
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
    /// Put these first, in this order
    Order {
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
        /// In default_channels instead of channels
        #[arg(long)]
        default: bool,
    },
    /// See or set how the order counts
    Priority {
        #[arg(value_enum)]
        value: Option<PriorityName>,
    },
}

#[derive(Debug, Args)]
pub(super) struct ChannelsAdd {
    #[arg(required = true, value_name = "NAME")]
    pub names: Vec<String>,
    /// To default_channels instead of channels
    #[arg(long)]
    pub default: bool,
    /// Before the others, to be searched first
    #[arg(long)]
    pub first: bool,
    /// Read the token of the channel from standard input; it is kept where conda finds it
    #[arg(long)]
    pub token_stdin: bool,
    /// Ask the server first, and add only what is there and open
    #[arg(long)]
    pub check: bool,
}

/// What the order of channels means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PriorityName {
    /// Only the first channel that has a package is looked at for it
    Strict,
    /// A later channel is looked at where no version of an earlier one fits
    Flexible,
    /// The newest version wins, from whatever channel
    Disabled,
}

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Write everything that was found into a file, for somebody who helps: no secret is in it. JSON if it ends in .json
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Leave the names of people in the report
    #[arg(long, requires = "report")]
    pub keep_names: bool,
    /// Carry out the remedy of one check
    #[arg(long, value_name = "ID", conflicts_with = "report")]
    pub fix: Option<String>,
    /// Read the password from standard input, where the remedy renews a token and the session has expired
    #[arg(long, requires = "fix")]
    pub password_stdin: bool,
}

/// The certificate that the practice server shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PracticeTls {
    Off,
    Valid,
    SelfSigned,
    Expired,
    WrongHost,
    UnknownIssuer,
}

#[derive(Debug, Args)]
pub(super) struct PracticeServer {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub port: u16,
    #[arg(long, value_enum, default_value = "off")]
    pub tls: PracticeTls,
    /// Add so many generated channels
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub channels: usize,
}
