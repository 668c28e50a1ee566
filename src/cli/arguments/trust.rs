//! Trust in servers, and logins at proxies.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TrustCommand {
    /// Who vouches for a server, and how it is reached
    Show { url: String },
    /// Decide for a server; what is not named stays as it is
    Set(TrustSet),
    /// Take back what was decided for a server
    Forget { url: String },
    /// The certificate that a server presents, also one that is not accepted
    Certificate {
        url: String,
        /// CA certificate (PEM) to trust for this look
        #[arg(long, value_name = "FILE")]
        ca_file: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TrustSet {
    pub url: String,
    /// CA certificate (PEM) to trust for this server, beside those of the operating system
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// The only certificate to accept from it, by its SHA-256 fingerprint
    #[arg(long, value_name = "SHA256")]
    pub pin: Option<String>,
    /// Certificate (PEM) to present when the server asks for one
    #[arg(long, value_name = "FILE")]
    pub client_certificate: Option<PathBuf>,
    /// Its private key (PEM), when that is not in the same file
    #[arg(long, value_name = "FILE", requires = "client_certificate")]
    pub client_key: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ProxyCommand {
    /// Keep user name and password for a proxy
    LogIn {
        /// The proxy, as proxy.example.com:3128
        #[arg(value_name = "HOST:PORT")]
        proxy: String,
        /// Your name at the proxy
        #[arg(long, value_name = "NAME")]
        username: Option<String>,
        /// Read the password from standard input; otherwise it is asked for
        #[arg(long)]
        password_stdin: bool,
    },
    /// Forget user name and password for a proxy
    Forget {
        #[arg(value_name = "HOST:PORT")]
        proxy: String,
    },
}
