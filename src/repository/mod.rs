//! Repository servers over HTTP.
//!
//! [`Domain`] is where a server is, [`HttpClient`] the way there, [`check_domain`] tells step by step whether an
//! Anaconda Server answers, and [`ServerClient`] signs in, makes and revokes tokens, and lists channels.

mod answer;
mod certificate;
mod channel;
mod channel_list;
mod check;
mod domain;
mod error;
mod excerpt;
mod failure;
mod http;
mod probe;
mod proxy;
mod server;
mod session;
mod tls;

pub use certificate::Certificate;
pub use channel::{Channel, ChannelProgress, Privacy};
pub use check::{CheckStep, Checked, Found, Outcome, Step, SystemInfo, TlsFacts, check_domain};
pub use domain::{Change, Domain, DomainError, Parsed};
pub use error::{Answered, RepositoryError, Wait};
pub use http::{HttpClient, HttpSettings, Timeouts};
pub use proxy::{
    Applies, Exceptions, ProxyAddress, ProxyAddressError, ProxyCredentials, ProxyError, ProxyLogin,
    ProxyRule, ProxySettings, ProxyUsed,
};
pub use server::{Access, Account, CreatedToken, NewToken, READ_SCOPES, Revocation, ServerClient, TokenInfo};
pub use session::{Session, SessionError};
pub use tls::{
    CaBundle, CaError, ClientCertificate, ClientCertificateError, Clocks, Fingerprint, FingerprintError, Pin,
    TlsFailure, TlsReason,
};
