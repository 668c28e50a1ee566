//! Sextant connects a data scientist's machine to private conda repositories.

pub mod conda;
pub mod edit;
pub mod error;
pub mod secret;
