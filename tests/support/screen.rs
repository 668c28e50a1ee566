//! The program as it is shipped, in a real window on a screen of its own. Needs Xvfb, openbox and xdotool.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// Whether a test in a real window has to be left out, which is said; in continuous integration it must run.
pub fn is_left_out() -> bool {
    let is_there = |name: &str| Command::new(name).arg("--help").output().is_ok();
    let missing = ["Xvfb", "openbox", "xdotool"]
        .into_iter()
        .find(|name| !is_there(name));
    if let Some(missing) = missing {
        assert!(std::env::var_os("CI").is_none(), "{missing} is missing");
        eprintln!("left out: {missing} is missing");
    }
    missing.is_some()
}

/// A process that ends with the test.
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub struct Screen {
    pub display: String,
    _server: Running,
    _manager: Running,
}

impl Screen {
    pub fn start() -> Self {
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1280x800x24",
                "-nolisten",
                "tcp",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map(Running)
            .unwrap();
        let mut number = String::new();
        BufReader::new(server.0.stdout.take().unwrap())
            .read_line(&mut number)
            .unwrap();
        let display = format!(":{}", number.trim());
        let manager = Command::new("openbox")
            .env("DISPLAY", &display)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(Running)
            .unwrap();
        let screen = Self {
            display,
            _server: server,
            _manager: manager,
        };
        // A window that comes while the manager starts would never be shown.
        eventually("a window manager", || screen.tool(&["get_desktop"]));
        screen
    }

    pub fn tool(&self, words: &[&str]) -> Option<String> {
        let ran = Command::new("xdotool")
            .env("DISPLAY", &self.display)
            .args(words)
            .output()
            .unwrap();
        ran.status
            .success()
            .then(|| String::from_utf8(ran.stdout).unwrap().trim().to_owned())
    }
}

#[track_caller]
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "{what}: it did not happen");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The program's window.
pub struct Window<'a> {
    screen: &'a Screen,
    id: String,
    program: Running,
}

impl<'a> Window<'a> {
    pub fn open(screen: &'a Screen, home: &Path) -> Self {
        let program = Command::new(env!("CARGO_BIN_EXE_sextant"))
            .arg("--demo")
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("DISPLAY", &screen.display)
            .env("HOME", home.join("never-touched"))
            .env("SEXTANT_DEMO_HOME", home)
            .spawn()
            .map(Running)
            .unwrap();
        let mut window = Self {
            screen,
            id: String::new(),
            program,
        };
        window.find("", |_| {});
        window
    }

    /// Does something until the program has a window that shows this, which may be another than before, and gives it
    /// the focus.
    #[track_caller]
    pub fn find(&mut self, name: &str, act: impl Fn(&Self)) {
        let mut last = None;
        let name = format!("^{name}.*Sextant");
        self.id = eventually("a window", || {
            if last.is_none_or(|last: Instant| last.elapsed() > Duration::from_secs(4)) {
                act(self);
                last = Some(Instant::now());
            }
            let found = self.screen.tool(&["search", "--onlyvisible", "--name", &name])?;
            let found = found.lines().find(|id| !id.is_empty());
            found.map(str::to_owned)
        });
        eventually("the focus", || {
            self.screen.tool(&["windowactivate", &self.id]);
            (self.screen.tool(&["getactivewindow"])? == self.id).then_some(())
        });
    }

    /// The process that was started, and the one the window belongs to.
    pub fn processes(&self) -> (String, String) {
        let owner = self.screen.tool(&["getwindowpid", &self.id]).unwrap_or_default();
        (self.program.0.id().to_string(), owner)
    }

    /// Where it is and how large, in the words of the tool.
    pub fn geometry(&self) -> String {
        let words = ["getwindowgeometry", "--shell", &self.id];
        let told = self.screen.tool(&words).unwrap_or_default();
        let lines = told.lines().filter(|line| {
            ["X=", "Y=", "WIDTH=", "HEIGHT="]
                .iter()
                .any(|name| line.starts_with(name))
        });
        lines.collect::<Vec<_>>().join(" ")
    }

    pub fn place(&self, x: i32, y: i32, width: i32, height: i32) {
        let number = |number: i32| number.to_string();
        self.screen
            .tool(&["windowsize", "--sync", &self.id, &number(width), &number(height)]);
        self.screen
            .tool(&["windowmove", "--sync", &self.id, &number(x), &number(y)]);
    }

    /// Presses the pointer so far from the window's corner.
    pub fn click(&self, x: i32, y: i32) {
        let (x, y) = (x.to_string(), y.to_string());
        self.screen.tool(&[
            "mousemove",
            "--window",
            &self.id,
            &x,
            &y,
            "sleep",
            "0.1",
            "click",
            "1",
        ]);
    }

    /// Waits until the window shows the dialog or page of this name.
    #[track_caller]
    pub fn shows(&self, name: &str) {
        eventually(name, || self.is(name).then_some(()));
    }

    /// Does something until the window shows the dialog or page of this name. On a busy machine the focus may come
    /// later than the title, and what is typed meanwhile is lost.
    #[track_caller]
    pub fn leads_to(&self, name: &str, act: impl Fn(usize)) {
        let mut times = 0;
        eventually(name, || {
            if self.is(name) {
                return Some(());
            }
            act(times);
            times += 1;
            let until = Instant::now() + Duration::from_secs(4);
            while !self.is(name) && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(50));
            }
            None
        });
    }

    pub fn is(&self, name: &str) -> bool {
        let title = self.screen.tool(&["getwindowname", &self.id]).unwrap_or_default();
        title.starts_with(name)
    }

    pub fn key(&self, key: &str) {
        self.screen.tool(&["key", "--clearmodifiers", key]);
    }

    pub fn type_text(&self, text: &str) {
        self.screen.tool(&["type", "--delay", "20", text]);
    }
}
