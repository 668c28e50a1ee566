//! An account that this machine is signed in to, as pages about it name it.

use super::connect::host_of;
use crate::service::connection::Service;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    pub service: Service,
    pub domain: String,
    /// Empty where the service does not say who it is.
    pub user: String,
}

impl Seat {
    pub fn host(&self) -> &str {
        host_of(&self.domain)
    }

    /// `alice on psm.example.com`
    pub fn label(&self) -> String {
        match self.user.as_str() {
            "" => self.host().to_owned(),
            user => format!("{user} on {}", self.host()),
        }
    }
}
