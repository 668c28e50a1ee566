//! The program as it is shipped, in a real window on a screen of its own: signing in and out by keyboard, checked by
//! what stands in the files. Needs Xvfb, openbox and xdotool; without them it is left out, except in continuous
//! integration, where it must run.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);
const CONDARC: &str = "# mine\nchannels:\n  - conda-forge  # fast\n";

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Screen {
    display: String,
    _server: Running,
    _manager: Running,
}

impl Screen {
    fn start() -> Self {
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

    fn tool(&self, words: &[&str]) -> Option<String> {
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
fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
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
struct Window<'a> {
    screen: &'a Screen,
    id: String,
    _program: Running,
}

impl<'a> Window<'a> {
    fn open(screen: &'a Screen, home: &Path) -> Self {
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
        let id = eventually("a window", || {
            let found = screen.tool(&["search", "--onlyvisible", "--name", "Sextant"])?;
            found
                .lines()
                .next()
                .map(str::to_owned)
                .filter(|id| !id.is_empty())
        });
        let window = Self {
            screen,
            id,
            _program: program,
        };
        eventually("the focus", || {
            screen.tool(&["windowactivate", &window.id]);
            (screen.tool(&["getactivewindow"])? == window.id).then_some(())
        });
        window
    }

    /// Waits until the window shows the dialog or page of this name.
    #[track_caller]
    fn shows(&self, name: &str) {
        eventually(name, || self.is(name).then_some(()));
    }

    /// Does something until the window shows the dialog or page of this name. On a busy machine the focus may come
    /// later than the title, and what is typed meanwhile is lost.
    #[track_caller]
    fn leads_to(&self, name: &str, act: impl Fn(usize)) {
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

    fn is(&self, name: &str) -> bool {
        let title = self.screen.tool(&["getwindowname", &self.id]).unwrap_or_default();
        title.starts_with(name)
    }

    fn key(&self, key: &str) {
        self.screen.tool(&["key", "--clearmodifiers", key]);
    }

    fn type_text(&self, text: &str) {
        self.screen.tool(&["type", "--delay", "20", text]);
    }
}

fn token_files(home: &Path) -> usize {
    let folder = fs::read_dir(home.join(".config/binstar"));
    folder.into_iter().flatten().flatten().count()
}

#[test]
fn sign_in_and_out_by_keyboard() {
    let is_there = |name: &str| Command::new(name).arg("--help").output().is_ok();
    if let Some(missing) = ["Xvfb", "openbox", "xdotool"]
        .into_iter()
        .find(|name| !is_there(name))
    {
        assert!(std::env::var_os("CI").is_none(), "{missing} is missing");
        eprintln!("left out: {missing} is missing");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    fs::write(home.join(".condarc"), CONDARC).unwrap();
    let file = |inside: &str| fs::read_to_string(home.join(inside)).unwrap_or_default();

    let screen = Screen::start();
    let window = Window::open(&screen, home);
    window.shows("Environments");
    window.leads_to("Connect", |_| window.key("ctrl+k"));
    window.leads_to("Set Domain", |_| window.key("Return"));
    window.leads_to("Login", |_| window.key("Return"));
    assert!(file(".anaconda/navigator/anaconda-navigator.ini").contains("http://127.0.0.1"));
    window.leads_to("Review", |times| {
        // After a refusal the password has the focus.
        if times > 0 {
            window.key("shift+Tab");
        }
        window.key("ctrl+a");
        window.type_text("alice");
        window.key("Tab");
        window.key("ctrl+a");
        window.type_text("sextant");
        window.key("Return");
    });
    assert_eq!(
        file(".condarc"),
        CONDARC,
        "nothing happens before it is confirmed"
    );
    window.leads_to("Channels", |_| window.key("Return"));
    assert!(file(".condarc").contains("channel_alias: http://127.0.0.1"));
    assert!(token_files(home) > 0);

    window.leads_to("Connect", |_| window.key("ctrl+k"));
    window.leads_to("Sign out", |_| window.key("Return"));
    // The button is there as soon as the plan is; until then Enter does nothing.
    eventually("signing out", || {
        window.key("Return");
        (!window.is("Sign out")).then_some(())
    });
    eventually("the file comes back", || {
        (file(".condarc") == CONDARC).then_some(())
    });
    assert_eq!(token_files(home), 0);
    assert!(!home.join("never-touched").exists(), "the real home");
}
