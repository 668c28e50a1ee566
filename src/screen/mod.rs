//! What a person sees: one file per page or dialog.
//!
//! Every screen has the same shape: a state, a `Message` in the past tense, an `Action` for what it cannot do itself,
//! and pure `new`, `update` and `view`. [`app`](crate::app) turns actions into work over the services; the answer comes
//! back as a message with the [`Key`] of what was asked, and a screen drops an answer whose key is not its own.

pub mod access;
pub mod anaconda_org_login;
pub mod attempt;
pub mod browser_wait;
pub mod certificate;
pub mod channels;
pub mod clients;
pub mod cloud_token;
pub mod configuration_editor;
pub mod connect;
pub mod countdown;
pub mod credentials;
pub mod desk;
pub mod device_code;
pub mod doctor;
pub mod environments;
pub mod history;
pub mod kerberos_ticket;
pub mod left_behind;
pub mod login;
pub mod manage_channels;
pub mod package_index;
pub mod packages;
pub mod permissions;
pub mod preferences;
pub mod proxy_login;
pub mod put_back;
pub mod quantity;
pub mod renew;
pub mod repair;
pub mod replace;
pub mod repository_login;
pub mod review;
pub mod seat;
pub mod secret_field;
pub mod set_domain;
pub mod sign_on;
pub mod tokens;
pub mod typed;
pub mod upload;

#[cfg(test)]
mod dialog_trial;
pub(crate) mod shown;

use std::sync::atomic::{AtomicU64, Ordering};

/// The name of one question, so that its answer finds whoever still waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(u64);

impl Key {
    /// A key that was never given out before in this process.
    pub fn fresh() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

/// The name of the service that this release can sign in to, as it stands above every dialog about it.
pub const SERVER: &str = "Package Security Manager (On-prem)";
