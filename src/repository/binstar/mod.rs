//! Anaconda Repository (Enterprise 4) and Anaconda.org over HTTP: the binstar API (repository reference, section 1).
//!
//! [`BinstarApi`] is where it is, [`BinstarClient`] its calls, and [`Proof`] as whom a call is made.

mod access;
mod api;
mod client;
mod group;
mod proof;
mod recognition;
mod token;
mod upload;
mod warning;

pub use access::{OwnedPackage, PackageKind, SetVisibility, Visibility};
pub(super) use api::is_anaconda_org;
pub use api::{ANACONDA_ORG, BinstarApi, PastedApi};
pub use client::{BinstarClient, BinstarUser, Organization, UserKind};
pub use group::{Group, Member, Permission};
pub use proof::Proof;
pub use recognition::{AuthenticationType, RepositoryInfo};
pub(super) use recognition::{look, recognise};
pub use token::{BinstarTokenInfo, Extent, NameTaken, NewBinstarToken, Scope, Strength};
pub use upload::{BinstarFile, License, Staged, StoredFile};
pub use warning::ServerWarning;
