use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use super::*;
use crate::credential::FileStore;
use crate::locations::Locations;
use crate::service::SystemClock;

struct Desktop {
    home: tempfile::TempDir,
    variables: BTreeMap<String, String>,
}

impl Desktop {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let variables = [("DISPLAY", ":1"), ("PATH", "/nowhere"), ("SHELL", "/bin/bash")];
        let desktop = Self {
            variables: variables
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            home,
        };
        desktop.write("envs/etl/conda-meta/history", "", 0o644);
        desktop.write(
            "envs/etl/etc/conda/activate.d/x.sh",
            "export HELLO=there\n",
            0o644,
        );
        desktop
    }

    fn write(&self, inside: &str, content: &str, mode: u32) {
        let path = self.home.path().join(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// A terminal that types into what it shows, and writes down what comes back.
    fn with_terminal(self, name: &str, shows: &str) -> Self {
        let out = self.home.path().join("out");
        let typed = r#"printf '%s|' "$CONDA_PREFIX" "$HELLO" "$MINE" "$PS1""#;
        let script = format!(
            "#!/bin/sh\n{shows}\nprintf '%s\\nexit\\n' '{}' | \"$1\" > {} 2>/dev/null\n",
            typed.replace('\'', r"'\''"),
            out.display()
        );
        self.write(&format!("programs/{name}"), &script, 0o755);
        let programs = self.home.path().join("programs").display().to_string();
        self.with("PATH", &format!("{programs}:/usr/bin:/bin"))
    }

    fn open(&self) -> Result<OpenedTerminal, Problem> {
        let mut locations = Locations::inside(self.home.path());
        locations.platform = Platform::Linux;
        locations.variables.extend(self.variables.clone());
        let credentials = Arc::new(FileStore::new(locations.credentials()));
        let services = Services::with(locations, credentials, Arc::new(SystemClock));
        let environment = Environment {
            name: Some("etl".to_owned()),
            prefix: self.home.path().join("envs/etl"),
            python: None,
            packages: 0,
            is_base: false,
            protections: Vec::new(),
        };
        services
            .open_terminal(&environment)
            .map_err(|error| error.explain())
    }

    /// What came back, once the terminal has ended.
    fn said(&self) -> String {
        let out = self.home.path().join("out");
        for _ in 0..500 {
            let said = fs::read_to_string(&out).unwrap_or_default();
            if said.matches('|').count() >= 4 {
                return said;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the terminal said nothing: {:?}", fs::read_to_string(&out));
    }
}

#[test]
fn the_environment_is_active_after_the_persons_own_start() {
    let desktop = Desktop::new().with_terminal("xterm", "[ \"$1\" = -e ] && shift");
    desktop.write(
        ".bashrc",
        "MINE=yes; PS1='(base) > '; CONDA_PROMPT_MODIFIER='(base) '\nexport CONDA_PREFIX=/base\n",
        0o644,
    );
    let opened = desktop.open().unwrap();
    assert_eq!(
        (opened.program.as_str(), opened.shell.as_str()),
        ("xterm", "/bin/bash")
    );
    let prefix = desktop.home.path().join("envs/etl");
    assert!(
        desktop
            .said()
            .ends_with(&format!("{}|there|yes|(etl) > |", prefix.display())),
        "{}",
        desktop.said()
    );
}

#[test]
fn the_person_chooses_terminal_and_shell() {
    let shows = "[ \"$1\" = --quiet ] && shift; [ \"$1\" = -- ] && shift";
    let desktop = Desktop::new()
        .with_terminal("gnome-terminal", shows)
        .with("TERMINAL", "gnome-terminal --quiet")
        .with("SHELL", "/bin/sh")
        .with("ENV", "$HOME/.shrc");
    desktop.write(".shrc", "MINE=too\n", 0o644);
    desktop.write("programs/xterm", "#!/bin/sh\nexit 1\n", 0o755);
    let opened = desktop.open().unwrap();
    assert_eq!(
        (opened.program.as_str(), opened.shell.as_str()),
        ("gnome-terminal", "/bin/sh")
    );
    assert!(desktop.said().contains("|there|too|"), "{}", desktop.said());
    // A shell with another language gives way.
    let opened = desktop.with("SHELL", "/usr/bin/env").open().unwrap();
    assert_eq!(opened.shell, "/bin/bash");
}

#[test]
fn what_is_missing_is_told() {
    let nothing = Desktop::new().open().unwrap_err();
    assert_eq!(nothing.message, "no terminal program was found");
    assert!(nothing.cause.unwrap().contains("konsole"));
    let wrong = Desktop::new()
        .with("TERMINAL", "no-such-thing")
        .open()
        .unwrap_err();
    assert!(wrong.message.contains("no-such-thing"));
    let no_desktop = Desktop::new().with("DISPLAY", "").open().unwrap_err();
    assert_eq!(
        no_desktop.message,
        "there is no desktop here on which a terminal could open"
    );
    let failing = Desktop::new()
        .with_terminal("xterm", "exit 3")
        .open()
        .unwrap_err();
    assert!(
        failing.message.ends_with("xterm could not be started"),
        "{failing:?}"
    );
}

#[test]
fn every_terminal_is_told_in_its_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    for (name, told) in [
        ("gnome-terminal", "-- /s"),
        ("konsole", "-e /s"),
        ("xfce4-terminal", "-x /s"),
        ("kitty", "/s"),
        ("wezterm", "start -- /s"),
        ("unheard-of", "-e /s"),
    ] {
        let program = folder.path().join(name);
        fs::write(&program, "").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let terminal = programs::find(Platform::Linux, &path, Some(name)).unwrap();
        let (found, arguments) = terminal.command(Path::new("/s"), Path::new("/h"));
        assert_eq!(found, program);
        let arguments: Vec<_> = arguments
            .iter()
            .map(|argument| argument.to_string_lossy())
            .collect();
        assert_eq!(arguments.join(" "), told);
    }
    let terminal = programs::find(Platform::MacOs, "", None).unwrap();
    assert_eq!(
        terminal.command(Path::new("/s"), Path::new("/h")).0,
        Path::new("/usr/bin/open")
    );
    let terminal = programs::find(Platform::Windows, &path, None).unwrap();
    let (_, arguments) = terminal.command(Path::new("/s.bat"), Path::new("/h"));
    assert_eq!(arguments, ["/C", "start", "", "cmd.exe", "/K", "/s.bat"]);
}
