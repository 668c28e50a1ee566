//! Setting up the clients of a repository: anaconda-client, pip and uv, Kerberos, browsers (seed 002).
//!
//! Every set-up is a [`SetupPlan`]: what Sextant changes, as any other plan, and beside it what this account may not change,
//! with the exact command for somebody who may.

mod address;
mod anaconda_client;
mod browser;
mod browser_system;
mod by_hand;
mod error;
mod kerberos;
mod pip;
mod standing;
mod uv;

use std::fs::{self, OpenOptions};
use std::path::Path;

use serde::Serialize;

pub use address::{IndexAddress, IndexLogin};
pub use anaconda_client::{AnacondaClientSetup, CondaPart, DEFAULT_MIRROR};
pub use browser::{BrowserSetup, BrowserView, FirefoxPlace, Standing};
pub use by_hand::ByHand;
pub use error::SetupError;
pub use kerberos::{KerberosSetup, KerberosState, KerberosView, KeyServerState};
pub use pip::{IndexUse, PipAnswer, PipLevel, PipSetup};
pub use standing::{ClientSetup, ClientsStanding, ServersInQuestion};
pub use uv::UvSetup;

use super::plan::{Plan, PlannedFile};
use super::{ServiceError, Services};
use crate::edit::file;
use crate::edit::history::Entry;
use crate::secret::find_in_text;

/// The kind of the entry in the history.
pub(crate) const KIND: &str = "setup";

/// Whom a set-up is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// The person who asks.
    #[default]
    Person,
    /// Everybody on this machine.
    Everybody,
}

/// What a set-up will change.
#[derive(Debug, Clone)]
pub struct SetupPlan {
    /// What Sextant changes.
    pub plan: Plan,
    /// What this account may not change.
    pub by_hand: Vec<ByHand>,
    /// What is left to do afterwards, such as restarting a browser.
    pub afterwards: Vec<String>,
}

impl SetupPlan {
    /// Nothing is to be changed, by nobody.
    pub fn is_empty(&self) -> bool {
        self.plan.is_empty() && self.by_hand.is_empty()
    }
}

impl Services {
    /// Executes what a set-up changes by itself; nothing where that is nothing. To be undone like any other change.
    ///
    /// Errors: another Sextant at work; a file that cannot be written, with nothing changed.
    pub async fn set_up(&self, setup: &SetupPlan) -> Result<Option<Entry>, ServiceError> {
        if setup.plan.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.commit_files(&setup.plan, None, |_, _| {}).await?))
    }

    /// Parts a plan into what this account may change and what it may not. `words` are those of the command line that
    /// make the same plan.
    fn parted(&self, mut plan: Plan, words: &str) -> Result<SetupPlan, ServiceError> {
        self.allowed(&plan)?;
        let (mine, theirs): (Vec<PlannedFile>, Vec<PlannedFile>) = plan
            .files
            .into_iter()
            .filter(PlannedFile::changes)
            .partition(|planned| may_write(&planned.path));
        plan.files = mine;
        let platform = self.locations().platform;
        let by_hand = theirs
            .iter()
            .map(|planned| ByHand::file(planned, platform, words));
        Ok(SetupPlan {
            by_hand: by_hand.collect(),
            plan,
            afterwards: Vec::new(),
        })
    }
}

/// Whether this account may write the file, as far as that can be told without writing it.
fn may_write(path: &Path) -> bool {
    let Ok(target) = file::resolve(path) else {
        // Said in detail when it is written.
        return true;
    };
    if let Ok(metadata) = fs::metadata(&target) {
        return !metadata.permissions().readonly() && OpenOptions::new().append(true).open(&target).is_ok();
    }
    let folder = target.ancestors().skip(1).find(|folder| folder.is_dir());
    // A file without a name, where the system has such; it is gone at once.
    folder.is_some_and(|folder| tempfile::tempfile_in(folder).is_ok())
}

/// Whether a content holds a token or password that nobody else may see.
fn holds_secret(content: &[u8]) -> bool {
    !find_in_text(&String::from_utf8_lossy(content)).is_empty()
}

#[cfg(test)]
mod tests;
