//! Kerberos's configuration, `krb5.conf`: which realm a server is in, where its key servers are, and adding what is
//! missing without touching anything else.
//!
//! The grammar is that of MIT's profile library, whose files Heimdal and Java read too: sections in brackets that may
//! stand there several times, relations `name = value`, relations in braces, comments that fill a line, and files that
//! are taken in with `include` and `includedir`.

mod change;
mod file;
mod files;

pub use file::{Krb5Error, Krb5File, Relation};
pub use files::{Krb5Files, Krb5Place, Krb5State, main_file};
