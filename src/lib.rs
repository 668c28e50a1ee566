//! Sextant connects a data scientist's machine to private conda repositories.
//!
//! The map, from the top floor down; a module uses only what lies below it (ARCHITECTURE.md).

#![cfg_attr(
    not(test),
    warn(
        clippy::dbg_macro,
        clippy::expect_used,
        clippy::panic,
        clippy::print_stdout,
        clippy::todo,
        clippy::unimplemented,
        clippy::unwrap_used
    )
)]

pub mod app;
pub mod cli;
pub mod screen;
pub mod ui;

pub mod service;

pub mod clients;
pub mod conda;
pub mod navigator;
pub mod package;
pub mod repository;

pub mod credential;
pub mod edit;
pub mod error;
pub mod locations;
pub mod secret;
mod side_by_side;

pub mod practice;
