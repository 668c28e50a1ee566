//! Sextant connects a data scientist's machine to private conda repositories.

pub mod error;
pub mod practice;
pub mod secret;
