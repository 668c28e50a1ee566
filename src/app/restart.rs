//! **Save and Restart**: the program starts itself anew with the same words, and comes back where it was.
//!
//! What the next one has to know lies in a file that it removes as it starts; a variable names the file. So nothing that
//! is started later from the new one takes it for its own.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use iced::{Point, Size, Task, window};

use super::{App, Message, Notice, Page};
use crate::edit::file;
use crate::error::{Kind, Problem};
use crate::locations::Locations;

/// Names the file with what the next window has to know.
pub(super) const VARIABLE: &str = "SEXTANT_RESUME";

/// What the next window is like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resume {
    pub page: Page,
    /// In the units of the screen, which the text size does not change.
    pub size: Option<Size>,
    /// Nothing where the system does not tell: on Wayland.
    pub position: Option<Point>,
    pub is_maximized: bool,
}

/// Where the window is now, as far as the system tells.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Placement {
    pub size: Option<Size>,
    pub position: Option<Point>,
    pub is_maximized: bool,
}

/// How the program is started anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restart {
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    pub variables: Vec<(String, OsString)>,
}

/// What `page` is called in the file. Pages that only make sense after something else come back as the first.
fn name_of(page: Page) -> &'static str {
    match page {
        Page::Environments => "environments",
        Page::Channels => "channels",
        Page::Tokens => "tokens",
        Page::Access => "access",
        Page::Preferences => "preferences",
        Page::Clients => "clients",
        Page::Doctor => "doctor",
        Page::History => "history",
    }
}

const PAGES: [Page; 8] = [
    Page::Environments,
    Page::Channels,
    Page::Tokens,
    Page::Access,
    Page::Preferences,
    Page::Clients,
    Page::Doctor,
    Page::History,
];

impl Resume {
    /// The window of now; `text_size` enlarges what iced calls its size.
    pub fn of(page: Page, placement: Placement, text_size: f32) -> Self {
        Self {
            page,
            size: placement
                .size
                .map(|size| Size::new(size.width * text_size, size.height * text_size)),
            position: placement.position,
            is_maximized: placement.is_maximized,
        }
    }

    /// The lines of the file.
    pub fn written(&self) -> String {
        let mut text = format!("page {}\n", name_of(self.page));
        if let Some(size) = self.size {
            let _ = writeln!(text, "size {} {}", size.width.round(), size.height.round());
        }
        if let Some(position) = self.position {
            let _ = writeln!(text, "position {} {}", position.x.round(), position.y.round());
        }
        if self.is_maximized {
            text.push_str("maximized\n");
        }
        text
    }

    /// Reads what [`Resume::written`] gave; what cannot be read, or no window can be, is left out.
    pub fn read(text: &str) -> Self {
        let mut resume = Self {
            page: Page::Environments,
            size: None,
            position: None,
            is_maximized: false,
        };
        for line in text.lines() {
            let mut words = line.split_whitespace();
            let name = words.next().unwrap_or_default();
            let rest: Vec<&str> = words.collect();
            let numbers: Vec<f32> = rest
                .iter()
                .filter_map(|word| word.parse().ok())
                .filter(|number: &f32| number.abs() < 32_000.0)
                .collect();
            match (name, numbers.as_slice()) {
                ("page", _) => {
                    let named = PAGES.into_iter().find(|page| [name_of(*page)] == *rest);
                    resume.page = named.unwrap_or(resume.page);
                }
                ("size", [width, height]) if *width >= 1.0 && *height >= 1.0 => {
                    resume.size = Some(Size::new(*width, *height));
                }
                ("position", [x, y]) => resume.position = Some(Point::new(*x, *y)),
                ("maximized", []) => resume.is_maximized = true,
                _ => {}
            }
        }
        resume
    }

    /// The settings of a window that comes back so.
    pub fn window(&self, usual: window::Settings) -> window::Settings {
        window::Settings {
            size: self.size.unwrap_or(usual.size),
            position: self.position.map_or(usual.position, window::Position::Specific),
            maximized: self.is_maximized,
            ..usual
        }
    }
}

/// What a former process left for this one, taken away with the reading.
pub fn resumed(locations: &Locations) -> Option<Resume> {
    let path = PathBuf::from(locations.variable(VARIABLE)?);
    let image = file::read(&path).ok().flatten()?;
    // A file that cannot be removed would be read at the next start as well, which does no harm.
    let _ = file::remove(&path);
    Some(Resume::read(&String::from_utf8_lossy(&image.bytes)))
}

/// The start of the same program with the same words; `state` is the file with what it has to know.
pub fn restart_of(
    program: PathBuf,
    arguments: Vec<OsString>,
    state: &Path,
    kept: &[(String, OsString)],
) -> Restart {
    let mut variables = vec![(VARIABLE.to_owned(), state.as_os_str().to_owned())];
    variables.extend(kept.iter().cloned());
    Restart {
        program,
        arguments,
        variables,
    }
}

impl Restart {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        for (name, value) in &self.variables {
            command.env(name, value);
        }
        command
    }

    /// Starts it. On Unix it takes this process's place, and only a failure comes back; elsewhere it is another process,
    /// and this one has to end.
    fn carry_out(&self) -> std::io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt as _;
            Err(self.command().exec())
        }
        #[cfg(not(unix))]
        {
            self.command().spawn().map(drop)
        }
    }
}

impl App {
    /// Asks where the window is; the answer begins the restart.
    pub(super) fn begin_restart(&self) -> Task<Message> {
        window::latest().then(|id| match id {
            None => Task::done(Message::WindowPlaced(Placement::default())),
            Some(id) => window::size(id).then(move |size| {
                window::position(id).then(move |position| {
                    window::is_maximized(id).map(move |is_maximized| {
                        Message::WindowPlaced(Placement {
                            size: Some(size),
                            position,
                            is_maximized,
                        })
                    })
                })
            }),
        })
    }

    pub(super) fn restart(&self, placement: Placement) -> Task<Message> {
        let resume = Resume::of(self.page, placement, self.scale_factor());
        let state = self.services.locations().data.join("resume");
        let kept: Vec<(String, OsString)> = self
            .demonstration
            .as_ref()
            .map(|demonstration| demonstration.again.clone())
            .unwrap_or_default();
        let turn = self.turn.clone();
        let work = async move {
            // Not while files are being changed.
            let _turn = turn.lock().await;
            file::write(&state, resume.written().as_bytes(), file::PRIVATE)
                .map_err(|error| not_restarted(&error.to_string()))?;
            let program = std::env::current_exe().map_err(|error| not_restarted(&error.to_string()))?;
            let arguments = std::env::args_os().skip(1).collect();
            restart_of(program, arguments, &state, &kept)
                .carry_out()
                .map_err(|error| not_restarted(&error.to_string()))
        };
        Task::perform(work, Message::Restarted)
    }

    /// It was started as a process of its own, or not at all.
    pub(super) fn restarted(&mut self, result: Result<(), Problem>) -> Task<Message> {
        match result {
            Ok(()) => iced::exit(),
            Err(problem) => self.notify(Notice::problem(&problem)),
        }
    }
}

fn not_restarted(reason: &str) -> Problem {
    Problem::new(Kind::Internal, "Sextant could not start itself anew")
        .because(reason.to_owned())
        .remedy("what you changed is saved; close the window and open Sextant again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_window_comes_back_where_this_one_was() {
        for page in PAGES {
            let resume = Resume {
                page,
                size: Some(Size::new(1180.0, 760.0)),
                position: Some(Point::new(-12.0, 40.0)),
                is_maximized: page == Page::History,
            };
            assert_eq!(Resume::read(&resume.written()), resume);
        }
    }

    #[test]
    fn the_size_of_the_text_does_not_count() {
        let placement = Placement {
            size: Some(Size::new(640.0, 400.0)),
            ..Placement::default()
        };
        let resume = Resume::of(Page::Preferences, placement, 2.0);
        assert_eq!(resume.size, Some(Size::new(1280.0, 800.0)));
        assert_eq!(resume.written(), "page preferences\nsize 1280 800\n");
    }

    #[test]
    fn nonsense_gives_the_usual_window() {
        for text in [
            "",
            "page nowhere\nsize x y\n",
            "size 0 0\nposition 1\nsize 1 2 3\nsize NaN 5\nposition inf 0",
        ] {
            let resume = Resume::read(text);
            assert_eq!((resume.page, resume.size), (Page::Environments, None), "{text:?}");
            let window = resume.window(window::Settings::default());
            assert_eq!(window.size, window::Settings::default().size);
        }
    }

    #[test]
    fn the_same_words_and_nothing_else() {
        let restart = restart_of(
            "/usr/bin/sextant".into(),
            vec!["--demo".into()],
            Path::new("/d/resume"),
            &[("SEXTANT_DEMO_HOME".to_owned(), "/tmp/x".into())],
        );
        assert_eq!(restart.arguments, ["--demo"]);
        assert_eq!(
            restart.variables,
            [
                ("SEXTANT_RESUME".to_owned(), OsString::from("/d/resume")),
                ("SEXTANT_DEMO_HOME".to_owned(), OsString::from("/tmp/x"))
            ]
        );
    }

    #[test]
    fn what_was_left_is_read_once() {
        let home = tempfile::tempdir().unwrap();
        let mut locations = Locations::inside(home.path());
        assert_eq!(resumed(&locations), None);
        let path = home.path().join("resume");
        locations
            .variables
            .insert(VARIABLE.to_owned(), path.display().to_string());
        assert_eq!(resumed(&locations), None);
        std::fs::write(&path, "page preferences\n").unwrap();
        assert_eq!(
            resumed(&locations).map(|resume| resume.page),
            Some(Page::Preferences)
        );
        assert_eq!(resumed(&locations), None);
    }
}
