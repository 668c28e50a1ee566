//! The words of the command line (command-line contract).

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
    /// Sign out: put everything back as it was and revoke the token
    SignOut(SignOut),
    /// Show, set or check the server's address
    #[command(subcommand)]
    Domain(DomainCommand),
    /// See and choose what conda searches
    #[command(subcommand)]
    Channels(ChannelsCommand),
    /// List what Sextant changed
    History,
    /// Undo a change, the newest one unless an id is given
    Undo(Undo),
    /// Make good what a crash or an unreachable server left behind
    Recover,
    /// Run the practice server alone; its first line is JSON
    PracticeServer(PracticeServer),
}

#[derive(Debug, Subcommand)]
pub(super) enum SignIn {
    /// Anaconda Server / Package Security Manager (On-prem)
    Server(SignInServer),
}

#[derive(Debug, Args)]
pub(super) struct SignInServer {
    /// Address of the server, as https://repo.example.com; the one that is set, when left out
    #[arg(long, value_name = "URL")]
    pub domain: Option<String>,
    /// Your name at the server
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,
    /// Read the password from standard input; otherwise it is asked for
    #[arg(long)]
    pub password_stdin: bool,
    /// CA certificate (PEM) to trust for this server, beside those of the operating system
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ServiceName {
    Server,
}

#[derive(Debug, Args)]
pub(super) struct SignOut {
    /// The service; may be left out
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
    /// Check name, connection, TLS and answer of a server
    Check {
        url: String,
        /// CA certificate (PEM) to trust for the check
        #[arg(long, value_name = "FILE")]
        ca_file: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ChannelsCommand {
    /// The channels of the server that you may use
    Available,
    /// What conda searches, in order, and where it is written
    List,
    /// Append channels
    Add {
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
        /// To default_channels instead of channels
        #[arg(long)]
        default: bool,
    },
    /// Take channels out
    Remove {
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
    /// Put these first, in this order
    Order {
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(super) struct Undo {
    pub id: Option<String>,
    /// Put the old file back byte for byte, whatever stands there now
    #[arg(long)]
    pub exact: bool,
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
