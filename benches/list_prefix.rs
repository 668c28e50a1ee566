//! Listing the 500 packages of a large environment within 20 ms; beside it conda's own listing, where conda is on `PATH`.
//!
//! `cargo bench --bench list_prefix`. It fails beyond the promise only in an optimised build. The files of the environment
//! are in the system's cache, but for one round where this account may empty that.

#[path = "../tests/support/prefix.rs"]
mod prefix;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use sextant::conda::environment::installed;

const COUNT: usize = 500;
const PROMISE: Duration = Duration::from_millis(20);
const ROUNDS: usize = 40;

fn list(prefix: &Path) -> Duration {
    let start = Instant::now();
    let installed = installed::read(prefix).unwrap();
    let took = start.elapsed();
    assert_eq!(installed.packages.len(), COUNT);
    assert!(installed.damaged.is_empty());
    took
}

/// Empties the system's cache of files, as only an administrator of Linux may.
fn emptied_cache() -> bool {
    let written = Command::new("sync").status().is_ok_and(|status| status.success());
    written && fs::write("/proc/sys/vm/drop_caches", "3").is_ok()
}

fn report(what: &str, mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let median = times[times.len() / 2];
    println!(
        "{what:<34} best {:>9.2?}, median {median:>9.2?}, worst {:>9.2?}",
        times[0],
        times[times.len() - 1]
    );
    median
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let prefix = folder.path().join("envs/large");
    prefix::make(&prefix, &prefix::many(COUNT));
    println!(
        "{COUNT} packages, {:.0} MB of records",
        prefix::bytes_of_records(&prefix) as f64 / 1e6
    );
    if emptied_cache() {
        report("sextant, nothing cached", vec![list(&prefix)]);
    }
    list(&prefix);
    let median = report("sextant", (0..ROUNDS).map(|_| list(&prefix)).collect());

    let path = std::env::var_os("PATH").unwrap_or_default();
    let conda = std::env::split_paths(&path)
        .map(|folder| folder.join("conda"))
        .find(|program| program.is_file());
    match conda {
        None => println!("conda                              not on this machine"),
        Some(conda) => {
            let ask = || {
                let start = Instant::now();
                let output = Command::new(&conda)
                    .args(["list", "--json", "--prefix"])
                    .arg(&prefix)
                    .env("HOME", folder.path())
                    .env("CONDA_OFFLINE", "1")
                    .output()
                    .unwrap();
                assert!(
                    output.status.success(),
                    "{}",
                    String::from_utf8_lossy(&output.stderr)
                );
                start.elapsed()
            };
            ask();
            report("conda list --json", (0..5).map(|_| ask()).collect());
        }
    }
    println!("promised: {PROMISE:?}");
    assert!(
        cfg!(debug_assertions) || median <= PROMISE,
        "{median:?} is longer than promised"
    );
}
