//! The person's own browser.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use thiserror::Error;
use url::Url;

use crate::error::{Explain, Kind, Problem};
use crate::locations::{Locations, Platform};

/// How long a browser's command is watched for failing at once.
const PATIENCE: Duration = Duration::from_millis(250);

/// How often it is looked at meanwhile.
const GLANCE: Duration = Duration::from_millis(10);

/// Why no browser could be opened. Holds nothing of the address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BrowserError {
    #[error("an address that begins with {scheme}: is not opened in the browser")]
    NotAWebAddress { scheme: String },
    #[error("the variable BROWSER cannot be understood: {reason}")]
    MalformedCommand { reason: &'static str },
    /// A terminal on another computer, a container: nothing to show a browser on.
    #[error("there is no desktop here on which a browser could open")]
    NoDesktop,
    #[error("{program} could not be started")]
    NotStarted { program: String, detail: String },
    /// It ended at once with a failure.
    #[error("{program} could not open the browser")]
    Failed { program: String, detail: String },
}

impl Explain for BrowserError {
    fn explain(&self) -> Problem {
        let problem = Problem::new(Kind::Conflict, self.to_string());
        match self {
            Self::NotAWebAddress { .. } => Problem::new(Kind::Usage, self.to_string())
                .because("Only addresses that begin with https:// or http:// are")
                .remedy("Check the address of the server"),
            Self::MalformedCommand { .. } => problem.remedy(
                "Correct the variable BROWSER, such as BROWSER=firefox, or open the address yourself",
            ),
            Self::NoDesktop => problem
                .because("Neither DISPLAY nor WAYLAND_DISPLAY is set")
                .remedy("Use the device code instead, or open the address in a browser on this computer"),
            Self::NotStarted { detail, .. } | Self::Failed { detail, .. } => {
                problem.because(detail.clone()).remedy(
                    "Open the address yourself in a browser on this computer, or use the device code instead",
                )
            }
        }
    }
}

/// Opens web addresses for the person to see.
pub trait Browser: Debug + Send + Sync {
    /// Opens `url`, which must be http or https. Returns as soon as the browser has it, not when it shows it; that may
    /// take a quarter of a second, so it is called off the window's thread.
    ///
    /// # Errors
    /// [`BrowserError`]; the person can open the address by hand then.
    fn open(&self, url: &Url) -> Result<(), BrowserError>;
}

/// The browser of this machine: what the variable `BROWSER` names, else the desktop's own choice.
#[derive(Debug, Clone)]
pub struct SystemBrowser {
    /// `BROWSER`: commands to try in turn; `%s` in them is the address.
    commands: Option<String>,
    platform: Platform,
    has_desktop: bool,
}

impl SystemBrowser {
    pub fn new(locations: &Locations) -> Self {
        Self {
            commands: set(&locations.variables, "BROWSER").map(str::to_owned),
            platform: locations.platform,
            has_desktop: locations.platform != Platform::Linux
                // A Linux inside Windows opens the browser of Windows.
                || ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "WSL_INTEROP"]
                    .iter()
                    .any(|name| set(&locations.variables, name).is_some()),
        }
    }

    fn open_with(&self, commands: &str, url: &Url) -> Result<(), BrowserError> {
        // A path on Windows holds a colon.
        let separator = if self.platform == Platform::Windows {
            ';'
        } else {
            ':'
        };
        let mut first_failure = None;
        for command in commands
            .split(separator)
            .filter(|command| !command.trim().is_empty())
        {
            match words(command, self.platform).and_then(|words| run(&words, url)) {
                Ok(()) => return Ok(()),
                Err(error) => {
                    first_failure.get_or_insert(error);
                }
            }
        }
        Err(first_failure.unwrap_or(BrowserError::MalformedCommand {
            reason: "it names no command",
        }))
    }
}

impl Browser for SystemBrowser {
    fn open(&self, url: &Url) -> Result<(), BrowserError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BrowserError::NotAWebAddress {
                scheme: url.scheme().to_owned(),
            });
        }
        match &self.commands {
            Some(commands) => self.open_with(commands, url),
            None if !self.has_desktop => Err(BrowserError::NoDesktop),
            None => open::that_detached(url.as_str()).map_err(|_| BrowserError::Failed {
                program: "the desktop".to_owned(),
                // Its own words are about the programs that were tried one after another.
                detail: "No program that opens web addresses could be started, or none is set".to_owned(),
            }),
        }
    }
}

fn set<'a>(variables: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    variables
        .get(name)
        .map(|value| value.trim())
        .filter(|value| !value.is_empty())
}

/// The words of a command as a shell reads them: white space parts, quotes keep together, and outside Windows a
/// backslash takes the next character as it is.
fn words(command: &str, platform: Platform) -> Result<Vec<String>, BrowserError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = command.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') if platform != Platform::Windows => {
                let next = characters.next().ok_or(BrowserError::MalformedCommand {
                    reason: "it ends with a backslash",
                })?;
                word.get_or_insert_default().push(next);
            }
            (None, character) if character.is_whitespace() => words.extend(word.take()),
            (_, character) => word.get_or_insert_default().push(character),
        }
    }
    if quote.is_some() {
        return Err(BrowserError::MalformedCommand {
            reason: "a quotation mark is not closed",
        });
    }
    words.extend(word);
    Ok(words)
}

/// Runs the command with the address in place of every `%s`, or after it, and leaves it alone once it has not failed
/// at once. No shell sees the address.
fn run(words: &[String], url: &Url) -> Result<(), BrowserError> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(BrowserError::MalformedCommand {
            reason: "it names no command",
        });
    };
    let mut command = Command::new(program);
    command.args(
        arguments
            .iter()
            .map(|argument| argument.replace("%s", url.as_str())),
    );
    if !arguments.iter().any(|argument| argument.contains("%s")) {
        command.arg(url.as_str());
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // Otherwise an interrupt on the terminal would end the browser too.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let not_started = |error: io::Error| BrowserError::NotStarted {
        program: program.clone(),
        detail: without(&error.to_string(), url),
    };
    let child = command.spawn().map_err(not_started)?;
    watch(child, program)
}

fn watch(mut child: Child, program: &str) -> Result<(), BrowserError> {
    let until = Instant::now() + PATIENCE;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => {
                return Err(BrowserError::Failed {
                    program: program.to_owned(),
                    detail: format!("It ended with {status}"),
                });
            }
            Ok(None) if Instant::now() < until => std::thread::sleep(GLANCE),
            // It runs. Somebody must take note of its end, or it would stay as a zombie.
            Ok(None) | Err(_) => break,
        }
    }
    std::thread::spawn(move || child.wait());
    Ok(())
}

/// The words without the address, which the failure of a command may repeat.
fn without(words: &str, url: &Url) -> String {
    words.replace(url.as_str(), "the address")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn browser(variables: &[(&str, &str)]) -> SystemBrowser {
        let home = tempfile::tempdir().unwrap();
        let mut locations = Locations::inside(home.path());
        locations.variables.extend(
            variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        SystemBrowser::new(&locations)
    }

    fn url() -> Url {
        Url::parse("https://sso.example.com/auth?state=a%20b&x=$(id)").unwrap()
    }

    #[test]
    fn only_web_addresses_are_opened() {
        for address in [
            "file:///etc/passwd",
            "javascript:alert(1)",
            "mailto:a@b",
            "ms-settings:x",
        ] {
            let url = Url::parse(address).unwrap();
            let refused = browser(&[("BROWSER", "true"), ("DISPLAY", ":0")]).open(&url);
            assert!(
                matches!(refused, Err(BrowserError::NotAWebAddress { .. })),
                "{address}: {refused:?}"
            );
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn without_a_desktop_the_device_code_is_named() {
        let refused = browser(&[("BROWSER", " ")]).open(&url()).unwrap_err();
        assert_eq!(refused, BrowserError::NoDesktop);
        assert!(refused.explain().remedy.unwrap().contains("device code"));
        assert!(browser(&[("WSL_DISTRO_NAME", "Debian")]).has_desktop);
        assert!(browser(&[("WAYLAND_DISPLAY", "wayland-0")]).has_desktop);
    }

    #[test]
    fn a_command_is_read_as_a_shell_reads_it() {
        let read = |command| words(command, Platform::Linux).unwrap();
        assert_eq!(read(" firefox  --new-tab\t%s "), ["firefox", "--new-tab", "%s"]);
        assert_eq!(
            read(r#"'/opt/my browser' "" "a \"b" c\ d"#),
            ["/opt/my browser", "", "a \"b", "c d"]
        );
        assert_eq!(
            words(r#""C:\Program Files\b.exe" -x"#, Platform::Windows).unwrap(),
            [r"C:\Program Files\b.exe", "-x"]
        );
        for broken in ["firefox '", "firefox \\"] {
            assert!(words(broken, Platform::Linux).is_err(), "{broken}");
        }
    }

    #[cfg(unix)]
    mod commands {
        use std::os::unix::fs::PermissionsExt as _;
        use std::path::Path;

        use super::*;

        /// A browser that writes its arguments to `seen` in its folder, a line each, and ends with `code`.
        fn script(folder: &Path, name: &str, code: u8) -> String {
            let path = folder.join(name);
            let seen = folder.join("seen");
            let text = format!(
                "#!/bin/sh\nfor a in \"$@\"; do printf '%s\\n' \"$a\"; done > '{0}.part' && mv '{0}.part' '{0}'\nexit {code}\n",
                seen.display()
            );
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
            path.display().to_string()
        }

        fn seen(folder: &Path) -> Vec<String> {
            let until = Instant::now() + Duration::from_secs(30);
            loop {
                if let Ok(text) = std::fs::read_to_string(folder.join("seen")) {
                    return text.lines().map(str::to_owned).collect();
                }
                assert!(Instant::now() < until, "the browser was never started");
                std::thread::sleep(GLANCE);
            }
        }

        #[test]
        fn the_address_takes_its_place_or_comes_last_and_no_shell_sees_it() {
            for (arguments, expected) in [
                ("", vec![url().to_string()]),
                (" --new-tab", vec!["--new-tab".to_owned(), url().to_string()]),
                (" --app=%s -q", vec![format!("--app={}", url()), "-q".to_owned()]),
            ] {
                let folder = tempfile::tempdir().unwrap();
                let command = script(folder.path(), "browser", 0) + arguments;
                browser(&[("BROWSER", &command)]).open(&url()).unwrap();
                assert_eq!(seen(folder.path()), expected);
            }
        }

        #[test]
        fn the_next_command_is_tried_when_one_is_missing() {
            let folder = tempfile::tempdir().unwrap();
            let command = format!("/nowhere/browser:{}", script(folder.path(), "browser", 0));
            browser(&[("BROWSER", &command)]).open(&url()).unwrap();
            assert_eq!(seen(folder.path()), [url().to_string()]);
        }

        #[test]
        fn what_cannot_be_started_is_named_without_the_address() {
            let refused = browser(&[("BROWSER", "/nowhere/browser:/nowhere/either")])
                .open(&url())
                .unwrap_err();
            let BrowserError::NotStarted { program, .. } = &refused else {
                panic!("{refused:?}");
            };
            assert_eq!(program, "/nowhere/browser");
            assert!(!format!("{refused:?} {:?}", refused.explain()).contains("sso.example.com"));
            let empty = browser(&[("BROWSER", "::")]).open(&url());
            assert!(matches!(empty, Err(BrowserError::MalformedCommand { .. })));
        }

        #[test]
        fn a_command_that_fails_at_once_has_failed() {
            let mut child = Command::new("/bin/sh").args(["-c", "exit 3"]).spawn().unwrap();
            child.wait().unwrap();
            let failed = watch(child, "browser").unwrap_err();
            assert!(matches!(&failed, BrowserError::Failed { program, .. } if program == "browser"));
            assert!(failed.explain().cause.unwrap().contains('3'));
        }
    }
}
