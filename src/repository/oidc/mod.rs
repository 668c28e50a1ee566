//! OpenID Connect for an application on a person's own computer: single sign-on through the system's browser
//! (RFC 8252 with PKCE, RFC 7636) or with a device code (RFC 8628).
//!
//! A [`Provider`] is where one signs in, a [`Client`] is as what Sextant is known there. [`BrowserSignIn`] and
//! [`DeviceSignIn`] lead to a [`Grant`]. All of them are cancelled by dropping them, which closes the port.
//! Contract: server reference, sections 1.4 and 2; practice: RFC 9700.

mod browser;
mod callback;
mod client;
mod device;
mod error;
mod grant;
mod loopback;
mod page;
mod proof;
mod provider;
#[cfg(test)]
mod tests;

pub use browser::BrowserSignIn;
pub use client::{Client, Port, RedirectHost};
pub use device::{DevicePrompt, DeviceSignIn};
pub use error::{DiscoveryFlaw, OidcError};
pub use grant::Grant;
pub use provider::Provider;
