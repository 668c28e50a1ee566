//! Changing a person's file without hurting it.

pub mod ini;
