//! Changing a user's file without hurting it.

pub mod yaml;
