//! The command line to a window or a command, nothing else.

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

use std::collections::BTreeMap;
use std::process::ExitCode;

use sextant::cli::{self, Call};
use sextant::locations::Locations;
use sextant::service::Services;

fn main() -> ExitCode {
    // Values that are no Unicode can be no address, path or switch that we could show; they are left out.
    let variables: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    match cli::read(std::env::args_os().collect()) {
        Call::Ended(code) => code,
        Call::Command(arguments) => cli::run(arguments, variables, services),
        Call::Window { demo } => sextant::app::run(variables, demo, services),
    }
}

fn services(locations: Locations) -> Services {
    let stop_at = locations.variable("SEXTANT_STOP_AT_STEP").map(str::to_owned);
    let services = Services::new(locations);
    match stop_at {
        #[cfg(debug_assertions)]
        Some(step) => services.watched_by(stop_at_step(step)),
        _ => services,
    }
}

/// For the tests of crash safety: at the step of this number or name, says so and waits to be killed. Not in release
/// builds.
#[cfg(debug_assertions)]
fn stop_at_step(step: String) -> std::sync::Arc<dyn Fn(&str) + Send + Sync> {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let count = AtomicUsize::new(0);
    std::sync::Arc::new(move |name| {
        let number = count.fetch_add(1, Ordering::SeqCst).to_string();
        if step == number || step == name {
            eprintln!("stopped at: {name}");
            loop {
                std::thread::park();
            }
        }
    })
}
