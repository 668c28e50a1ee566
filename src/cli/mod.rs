//! The command-line twin of the window. Names, flags and JSON keys are a contract that scripts rely on.

mod arguments;
mod channels;
mod demo;
mod domain;
mod history;
mod output;
mod sign_in;
mod sign_out;
mod status;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::error::{Explain, Kind, Problem};
use crate::locations::Locations;
use crate::service::Services;

pub use arguments::Arguments;
use arguments::Command;
use output::Output;

/// What the program was asked to be.
#[derive(Debug)]
pub enum Call {
    Window {
        demo: bool,
    },
    Command(Arguments),
    /// The words were help, a version, or wrong; everything was said already.
    Ended(ExitCode),
}

/// Reads the command line. Usage errors are reported here, as text or, with `--json`, as JSON; exit code 2.
pub fn read(words: Vec<OsString>) -> Call {
    let json = words.iter().any(|word| word == "--json");
    match Arguments::try_parse_from(words) {
        Ok(arguments) if arguments.command.is_none() => Call::Window { demo: arguments.demo },
        Ok(arguments) => Call::Command(arguments),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            output::say(&error.to_string());
            Call::Ended(ExitCode::SUCCESS)
        }
        Err(error) => {
            let text = error.to_string();
            let message = text.lines().next().unwrap_or_default();
            let problem = Problem::new(Kind::Usage, message.trim_start_matches("error: "))
                .remedy("see what there is: sextant --help");
            if json {
                Output::new(true).fail(&problem);
            } else {
                output::complain(text.trim_end());
            }
            Call::Ended(ExitCode::from(2))
        }
    }
}

/// Runs a command to its end. `services` prepares the services for a machine; tests and the crash hook differ in it.
pub fn run(
    arguments: Arguments,
    variables: BTreeMap<String, String>,
    services: impl FnOnce(Locations) -> Services,
) -> ExitCode {
    let output = Output::new(arguments.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            output.fail(
                &Problem::new(Kind::Internal, "the program could not start").because(error.to_string()),
            );
            return ExitCode::FAILURE;
        }
    };
    // Interrupting is how the practice server is ended, and it changes nothing on this machine.
    let only_serves = matches!(arguments.command, Some(Command::PracticeServer(_)));
    let done = runtime.block_on(async {
        let locations = Locations::discover(variables).map_err(|error| error.explain())?;
        let services = services(locations);
        let asked = Asked {
            services: &services,
            output: &output,
            dry_run: arguments.dry_run,
            yes: arguments.yes,
        };
        tokio::select! {
            done = dispatch(&asked, arguments.command) => done,
            _ = tokio::signal::ctrl_c() => {
                if only_serves { Ok(()) } else { Err(cancelled(&services).await) }
            }
        }
    });
    // A name lookup that hangs must not keep the program.
    runtime.shutdown_background();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            output.fail(&problem);
            ExitCode::from(if problem.kind == Kind::Usage { 2 } else { 1 })
        }
    }
}

/// What every command needs.
struct Asked<'a> {
    services: &'a Services,
    output: &'a Output,
    dry_run: bool,
    yes: bool,
}

async fn dispatch(asked: &Asked<'_>, command: Option<Command>) -> Result<(), Problem> {
    match command {
        None => Ok(()),
        Some(Command::PracticeServer(options)) => demo::practice_server(asked, options).await,
        Some(Command::Status) => status::status(asked),
        Some(Command::SignIn(arguments)) => sign_in::sign_in(asked, arguments).await,
        Some(Command::SignOut(arguments)) => sign_out::sign_out(asked, arguments).await,
        Some(Command::Domain(command)) => domain::domain(asked, command).await,
        Some(Command::Channels(command)) => channels::channels(asked, command).await,
        Some(Command::History) => history::history(asked),
        Some(Command::Undo(arguments)) => history::undo(asked, arguments).await,
        Some(Command::Recover) => history::recover(asked).await,
    }
}

/// Nothing stays of what was interrupted.
async fn cancelled(services: &Services) -> Problem {
    let problem = Problem::new(Kind::Cancelled, "cancelled");
    match services.recover().await {
        Ok(_) => problem.because("nothing was changed"),
        Err(error) => problem
            .because(error.explain().message)
            .remedy("finish the clean-up: sextant recover"),
    }
}
