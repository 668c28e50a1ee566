//! The promise that a text is checked as one types: 2,000 lines within 5 ms.
//!
//! `cargo bench --bench check_text`. It prints the median and the worst of many rounds, and fails beyond the promise only
//! in an optimised build.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use sextant::service::configuration::{ConfigurationFile, Position, check_text, completions};

const PROMISE: Duration = Duration::from_millis(5);
const ROUNDS: usize = 50;

fn condarc() -> String {
    let mut text = String::from("# shared\nssl_verify: true #!final\nchannels:\n");
    for index in 0..1000 {
        let _ = writeln!(
            text,
            "  - https://repo.example.com/channel{index} # remark {index}"
        );
    }
    text.push_str("proxy_servers:\n");
    for index in 0..996 {
        let _ = writeln!(text, "  https://host{index}: http://proxy{index}:3128");
    }
    text
}

fn ini(section: &str) -> String {
    let mut text = format!("[{section}]\n");
    for index in 0..1999 {
        let _ = writeln!(text, "option-{index} = 'value {index}'");
    }
    text
}

fn main() {
    let texts = [
        (ConfigurationFile::Conda, condarc()),
        (ConfigurationFile::AnacondaClient, condarc()),
        (ConfigurationFile::Navigator, ini("main")),
        (ConfigurationFile::Pip, ini("global")),
    ];
    for (file, text) in texts {
        let mut took: Vec<Duration> = (0..ROUNDS)
            .map(|_| {
                let begun = Instant::now();
                let findings = check_text(file, &text);
                let proposals = completions(
                    file,
                    &text,
                    Position {
                        line: 1500,
                        column: 3,
                    },
                );
                let took = begun.elapsed();
                std::hint::black_box((findings, proposals));
                took
            })
            .collect();
        took.sort();
        let (median, worst) = (took[ROUNDS / 2], took[ROUNDS - 1]);
        println!(
            "{file}: {} lines, median {median:?}, worst {worst:?}",
            text.lines().count()
        );
        if !cfg!(debug_assertions) {
            assert!(median < PROMISE, "{file}: {median:?}, promised {PROMISE:?}");
        }
    }
}
