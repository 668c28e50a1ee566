//! Sextant connects a data scientist's machine to private conda repositories.

pub mod credential;
pub mod edit;
pub mod conda;
pub mod error;
pub mod locations;
pub mod practice;
pub mod edit;
pub mod error;
pub mod navigator;
pub mod repository;
pub mod secret;
