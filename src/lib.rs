//! Sextant connects a data scientist's machine to private conda repositories.
//!
//! The map, from the top floor down; a module uses only what lies below it (ARCHITECTURE.md).

pub mod app;
pub mod cli;
pub mod screen;
pub mod service;
pub mod ui;

pub mod conda;
pub mod navigator;
pub mod repository;

pub mod credential;
pub mod edit;
pub mod error;
pub mod locations;
pub mod secret;

pub mod practice;
