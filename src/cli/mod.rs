//! The command-line twin of the window. Names, flags and JSON keys are a contract that scripts rely on.

mod access;
mod arguments;
mod as_person;
mod change;
mod channels;
mod config;
mod create;
mod demo;
mod doctor;
mod domain;
mod environments;
mod export;
mod history;
mod index;
mod install;
mod interrupt;
mod output;
mod packages;
mod policy;
mod progress;
mod prompt;
mod proxy;
mod remedy;
mod repair;
mod search;
mod setup;
mod sign_in;
mod sign_out;
mod status;
mod target;
mod tokens;
mod tree;
mod trust;
mod upload;
mod which;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use clap::error::ErrorKind;

use crate::edit::transaction::Transaction;
use crate::error::{Explain, Kind, Problem};
use crate::locations::Locations;
use crate::service::Services;

pub use arguments::Arguments;
use arguments::Command;
use interrupt::Interrupt;
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
        Ok(arguments) if arguments.command.is_none() && arguments.preset.is_none() => {
            Call::Window { demo: arguments.demo }
        }
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

/// So long is waited for files of an ended change to be removed, after everything was said.
const SWEEP: Duration = Duration::from_secs(2);

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
    let code = runtime.block_on(async {
        // Listens from the first moment on: a question that is interrupted must give the terminal back.
        let interrupt = Interrupt::watch().await;
        let locations = match Locations::discover(variables) {
            Ok(locations) => locations,
            Err(error) => return ended(&output, Err(error.explain())),
        };
        let services = services(locations);
        let asked = Asked {
            services: &services,
            output: &output,
            dry_run: arguments.dry_run,
            yes: arguments.yes,
            interrupt,
        };
        let done = tokio::select! {
            biased;
            () = asked.interrupt.unheard() => {
                if only_serves { Ok(()) } else { Err(cancelled(&asked).await) }
            }
            done = dispatch(&asked, arguments.preset.as_deref(), arguments.command) => done,
        };
        let code = ended(&output, done);
        let start = Instant::now();
        while services.removes_discarded_files() && start.elapsed() < SWEEP {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        code
    });
    // A name lookup that hangs must not keep the program.
    runtime.shutdown_background();
    code
}

/// Says what went wrong, and gives the exit code.
fn ended(output: &Output, done: Result<(), Problem>) -> ExitCode {
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
    interrupt: Interrupt,
}

async fn dispatch(asked: &Asked<'_>, preset: Option<&str>, command: Option<Command>) -> Result<(), Problem> {
    match (preset, &command) {
        (Some(source), None) => return policy::take_preset(asked, source).await,
        (Some(_), Some(_)) => {
            return Err(Problem::new(Kind::Usage, "--preset stands alone")
                .because("what it decides is shown before anything else happens")
                .remedy("take the preset over first, then give the command"));
        }
        (None, _) => {}
    }
    match command {
        None => Ok(()),
        Some(Command::PracticeServer(options)) => demo::practice_server(asked, options).await,
        Some(Command::Status) => status::status(asked),
        Some(Command::SignIn(arguments)) => sign_in::sign_in(asked, arguments).await,
        Some(Command::TakeOver(arguments)) => sign_in::take_over(asked, arguments).await,
        Some(Command::SignOut(arguments)) => sign_out::sign_out(asked, arguments).await,
        Some(Command::Domain(command)) => domain::domain(asked, command).await,
        Some(Command::Channels(command)) => channels::channels(asked, command).await,
        Some(Command::Config(command)) => config::config(asked, command).await,
        Some(Command::Tokens(command)) => tokens::tokens(asked, command).await,
        Some(Command::Setup(command)) => setup::setup(asked, command).await,
        Some(Command::Access(command)) => access::access(asked, command).await,
        Some(Command::Upload(words)) => upload::upload(asked, words).await,
        Some(Command::Trust(command)) => trust::trust(asked, command).await,
        Some(Command::Proxy(command)) => proxy::proxy(asked, command).await,
        Some(Command::Env(command)) => environments::environments(asked, command).await,
        Some(Command::Packages(words)) => packages::packages(asked, words),
        Some(Command::Index(command)) => index::index(asked, command).await,
        Some(Command::Search(words)) => search::search(asked, words).await,
        Some(Command::Install(words)) => install::install(asked, words).await,
        Some(Command::Update(words)) => install::update(asked, words).await,
        Some(Command::Remove(words)) => install::remove(asked, words).await,
        Some(Command::Doctor(arguments)) => doctor::doctor(asked, arguments).await,
        Some(Command::History(words)) => history::history(asked, words),
        Some(Command::Undo(arguments)) => history::undo(asked, arguments).await,
        Some(Command::Restore(words)) => history::restore(asked, words).await,
        Some(Command::Repair(words)) => repair::repair(asked, words).await,
        Some(Command::Offline(words)) => policy::offline(asked, &words),
        Some(Command::Policy(command)) => policy::policy(asked, command),
        Some(Command::Recover) => history::recover(asked).await,
    }
}

/// Nothing stays of what was interrupted. Undoing what was begun on a server takes as long as the server does; whoever
/// interrupts that too leaves it to a later recovery.
async fn cancelled(asked: &Asked<'_>) -> Problem {
    let problem = Problem::new(Kind::Cancelled, "cancelled");
    let begun = Transaction::pending(&asked.services.locations().journals());
    if begun.is_ok_and(|begun| begun.is_empty()) {
        return problem.because("nothing was changed");
    }
    asked.output.note("cancelling: what was begun is undone");
    let recovered = tokio::select! {
        biased;
        () = asked.interrupt.again() => None,
        recovered = asked.services.recover() => Some(recovered),
    };
    let unfinished = |because: String| {
        problem
            .clone()
            .because(because)
            .remedy("finish the clean-up: sextant recover")
    };
    match recovered {
        Some(Ok(recovery)) if recovery.waiting.is_empty() => problem.because("nothing was changed"),
        Some(Ok(_)) => unfinished("a token could not be revoked on its server yet".to_owned()),
        Some(Err(error)) => unfinished(error.explain().message),
        None => unfinished("what was begun is not undone yet".to_owned()),
    }
}
