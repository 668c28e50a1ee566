//! Changing a person's file without hurting it.

pub mod diff;
pub mod file;
pub mod history;
pub mod ini;
pub mod journal;
pub mod json;
pub mod lock;
pub mod snapshot;
pub mod transaction;
pub mod yaml;
