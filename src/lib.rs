//! Sextant connects a data scientist's machine to private conda repositories.

pub mod error;
pub mod secret;
pub mod ui;
