//! Opening the window.

use std::collections::BTreeMap;
use std::process::ExitCode;

use iced::{Executor, Program, Size, Task, Theme, window};

use super::demo::Stage;
use super::{App, Message, Start, display, restart};
use crate::error::{Explain, Problem};
use crate::locations::Locations;
use crate::service::Services;
use crate::ui::font;

/// The window's size as it opens, and the smallest it can be made: 1024x600 at 200 %.
const SIZE: Size = Size::new(1180.0, 760.0);
const LEAST: Size = Size::new(512.0, 300.0);
/// The name of the desktop entry, by which the desktop finds icon and windows.
const APPLICATION_ID: &str = "sextant";

/// Opens the window and stays until it is closed. `services` prepares the services for a machine.
pub fn run(
    variables: BTreeMap<String, String>,
    demo: bool,
    services: impl FnOnce(Locations) -> Services,
) -> ExitCode {
    let ended = if let Some(problem) = display::missing(&variables) {
        Err(problem)
    } else if demo {
        Stage::set(&variables).and_then(|stage| open(stage.start()))
    } else {
        // Without a home there is nothing to change, but somebody to be told: the window opens on an empty folder.
        let empty = tempfile::tempdir();
        let locations = match (Locations::discover(variables), &empty) {
            (Err(_), Ok(folder)) => Ok(Locations::standing_in(folder.path())),
            (found, _) => found,
        };
        locations.map_err(|error| error.explain()).and_then(|locations| {
            open(Start {
                services: services(locations),
                demonstration: None,
            })
        })
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            complain(&problem);
            ExitCode::FAILURE
        }
    }
}

fn open(start: Start) -> Result<(), Problem> {
    application(start).run().map_err(|error| {
        Problem::new(crate::error::Kind::Internal, "the window could not be opened")
            .because(error.to_string())
            .remedy("without a screen, use the command line: sextant --help")
    })
}

/// The program, for [`run`] and for tests.
pub fn application(
    start: Start,
) -> iced::Application<impl Program<State = App, Message = Message, Theme = Theme>> {
    let resume = restart::resumed(start.services.locations());
    let usual = window_settings();
    let window = resume.map_or_else(|| usual.clone(), |resume| resume.window(usual.clone()));
    let boot = move || {
        let (mut app, begun) = App::new(start.clone());
        let page = resume.map_or_else(Task::none, |resume| app.open_page(resume.page));
        (app, Task::batch([begun, page]))
    };
    iced::application(boot, App::update, App::view)
        .title(App::title)
        .theme(App::theme)
        .scale_factor(App::scale_factor)
        .subscription(App::subscription)
        .settings(iced::Settings {
            id: Some(APPLICATION_ID.to_owned()),
            ..font::settings()
        })
        .window(window)
        .executor::<Background>()
}

fn window_settings() -> window::Settings {
    window::Settings {
        size: SIZE,
        min_size: Some(LEAST),
        // What was typed must not be lost: the window asks first.
        exit_on_close_request: false,
        icon: icon(),
        #[cfg(target_os = "linux")]
        platform_specific: window::settings::PlatformSpecific {
            application_id: APPLICATION_ID.to_owned(),
            ..Default::default()
        },
        ..window::Settings::default()
    }
}

/// The icon as raw RGBA, made from `assets/icon/sextant.svg`; a window without it is no reason to stop.
fn icon() -> Option<window::Icon> {
    const SIDE: u32 = 64;
    let pixels = include_bytes!("../../assets/icon/sextant-64.rgba");
    window::icon::from_rgba(pixels.to_vec(), SIDE, SIDE).ok()
}

/// On Windows nobody sees it; there the exit code has to do.
fn complain(problem: &Problem) {
    use std::io::Write as _;
    let mut text = format!("error: {}\n", problem.message);
    for (name, part) in [("cause", &problem.cause), ("try", &problem.remedy)] {
        if let Some(part) = part {
            text.push_str(&format!("{name}: {part}\n"));
        }
    }
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Two threads are enough beside the window's, and closing the window waits for none of them: a name lookup that hangs
/// must not keep the program.
struct Background {
    handle: tokio::runtime::Handle,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Executor for Background {
    fn new() -> Result<Self, iced::futures::io::Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        drop(self.handle.spawn(future));
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.handle.block_on(future)
    }

    fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        let _guard = self.handle.enter();
        f()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
