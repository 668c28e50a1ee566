//! Repository servers over HTTP.
//!
//! [`Domain`] is where a server is, [`HttpClient`] the way there, [`check_domain`] tells step by step whether an
//! Anaconda Server answers, and [`ServerClient`] signs in, makes and revokes tokens, and lists channels.
//! [`BinstarApi`], [`check_repository`] and [`BinstarClient`] are the same for an Anaconda Repository and Anaconda.org,
//! to which [`kerberos`] can sign in too.
//! [`oidc`] signs in through the browser.

mod anaconda_com;
mod answer;
mod artifact;
mod binstar;
mod certificate;
mod channel;
mod channel_list;
mod channel_probe;
mod check;
mod cloud;
mod domain;
mod error;
mod excerpt;
mod failure;
mod http;
pub mod kerberos;
pub mod oidc;
mod probe;
mod product;
mod proxy;
mod reach;
mod server;
mod session;
mod text;
mod tls;

pub use anaconda_com::{ANACONDA_COM, AnacondaComClient, ApiKey, CloudOrganization, Person, issuer_of};
pub use artifact::{ArtifactKind, ArtifactPlace, StoredArtifact};
pub use binstar::{
    ANACONDA_ORG, AuthenticationType, BinstarApi, BinstarClient, BinstarFile, BinstarTokenInfo, BinstarUser,
    Extent, Group, License, Member, NameTaken, NewBinstarToken, Organization, OwnedPackage, PackageKind,
    PastedApi, Permission, Proof, RepositoryInfo, Scope, ServerWarning, SetVisibility, Staged, StoredFile,
    Strength, UserKind, Visibility,
};
pub use certificate::{Certificate, PublicKey, Signature};
pub use channel::{Channel, ChannelProgress, Privacy};
pub use channel_probe::{ChannelAnswer, probe_channel, probe_index};
pub use check::{
    CheckStep, Checked, CheckedRepository, Found, Outcome, PresentedCertificates, Step, SystemInfo, TlsFacts,
    check_domain, check_repository, check_way, compare_clocks, look_at_certificate,
};
pub use cloud::{CLOUD_REPOSITORY, CloudBase, CloudClient};
pub use domain::{Change, Domain, DomainError, Parsed};
pub use error::{Answered, FileRefusal, Leftover, RepositoryError, Wait};
pub use http::{BytesSent, FileToSend, HttpClient, HttpSettings, THROUGH_PROXY, Timeouts};
pub use product::Product;
pub use proxy::{
    Applies, Exceptions, ProxyAddress, ProxyAddressError, ProxyCredentials, ProxyError, ProxyLogin,
    ProxyRule, ProxySettings, ProxyUsed,
};
pub use reach::Reach;
pub use server::{Access, Account, CreatedToken, NewToken, READ_SCOPES, Revocation, ServerClient, TokenInfo};
pub use session::{Session, SessionError};
pub use text::fetch_text;
pub use tls::{
    CaBundle, CaError, ClientCertificate, ClientCertificateError, Clocks, Fingerprint, FingerprintError, Pin,
    TlsFailure, TlsReason,
};
