//! Homes in which something is broken: the window opens on every one of them, says which file and which line, offers the
//! last good version where there is one, `sextant status` answers, and nothing is lost or overwritten.

#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/window.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod window;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use iced_test::selector::id;
use sandbox::Sandbox;
use sextant::credential::FileStore;
use sextant::locations::Locations;
use sextant::service::{Services, SystemClock};
use sha2::{Digest, Sha256};
use window::Window;

const CONDARC: &str = ".condarc";
const NAVIGATOR: &str = ".anaconda/navigator/anaconda-navigator.ini";
const DATA: &str = ".local/share/sextant";
const CONFIG: &str = ".config/sextant";

/// One broken home.
struct Case {
    name: &'static str,
    prepare: Box<dyn Fn(&Path)>,
    /// The file that is named, by its end; nothing where the breakage is nobody's concern.
    file: Option<&'static str>,
    line: Option<usize>,
    /// Whether an earlier version is offered.
    offers: bool,
}

fn case(name: &'static str, prepare: impl Fn(&Path) + 'static) -> Case {
    Case {
        name,
        prepare: Box::new(prepare),
        file: None,
        line: None,
        offers: false,
    }
}

impl Case {
    fn names(self, file: &'static str) -> Self {
        Self {
            file: Some(file),
            ..self
        }
    }

    fn line(self, line: usize) -> Self {
        Self {
            line: Some(line),
            ..self
        }
    }

    fn offers(self) -> Self {
        Self { offers: true, ..self }
    }
}

fn write(home: &Path, inside: &str, content: impl AsRef<[u8]>) {
    let path = home.join(inside);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn folder(home: &Path, inside: &str) {
    fs::create_dir_all(home.join(inside)).unwrap();
}

/// Larger than any configuration, and nothing but NUL bytes.
fn huge(home: &Path, inside: &str) {
    let path = home.join(inside);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    File::create(path).unwrap().set_len(100 << 20).unwrap();
}

#[cfg(unix)]
fn link(home: &Path, inside: &str, target: &str) {
    let path = home.join(inside);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(target, path).unwrap();
}

/// Whoever reads it waits for ever.
#[cfg(unix)]
fn pipe(home: &Path, inside: &str) {
    let path = home.join(inside);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Sextant has seen the home as it is now.
fn seen(home: &Path) {
    services(home).notice_changes().unwrap();
}

fn services(home: &Path) -> Services {
    let locations = Locations::inside(home);
    let credentials = std::sync::Arc::new(FileStore::new(locations.credentials()));
    Services::with(locations, credentials, std::sync::Arc::new(SystemClock))
}

fn text_cases() -> Vec<Case> {
    let condarc =
        |name, bytes: &'static [u8]| case(name, move |home| write(home, CONDARC, bytes)).names(".condarc");
    let navigator = |name, bytes: &'static [u8]| {
        case(name, move |home| write(home, NAVIGATOR, bytes)).names("anaconda-navigator.ini")
    };
    let broken_later = |name, bytes: &'static [u8]| {
        case(name, move |home| {
            write(home, CONDARC, "# good\nchannels: [a]\n");
            write(home, NAVIGATOR, "[main]\noffline_mode = False\n");
            seen(home);
            write(home, CONDARC, bytes);
        })
        .names(".condarc")
        .offers()
    };
    vec![
        condarc("bad YAML", b"channels:\n  - a\n  b: [\n"),
        condarc("a tab", b"channels:\n\t- a\n").line(2),
        condarc("NUL bytes", b"channels: [a]\n\0\0\0\n").line(2),
        condarc("not UTF-8", b"# x\nchannels: [\xff]\n").line(2),
        condarc("a key twice", b"channels: [a]\nchannels: [b]\n").line(2),
        condarc("two documents", b"channels: [a]\n---\nchannels: [b]\n").line(2),
        condarc("a list", b"- a\n- b\n").line(1),
        broken_later("broken after it was good", b"channels: [a\n"),
        broken_later("NUL bytes after it was good", b"\0\0\0\0\0\0\0\0\0\0\0\0"),
        navigator(
            "half-written",
            b"[main]\nlogged_api_url = 'https://psm.example.com'\nanaconda_ser",
        )
        .line(3),
        navigator("half a section", b"[main]\nx = 1\n[ss").line(3),
        navigator("NUL bytes in the ini", b"[main]\n\0\0\0\n").line(2),
        navigator("no section", b"anaconda_server_token = None\n").line(1),
        navigator("an option twice", b"[main]\nx = 1\nx = 2\n").line(3),
        navigator("an ini in UTF-16", b"\xff\xfe[\0m\0a\0i\0n\0]\0\n\0").line(1),
        case("navigator broken after it was good", |home| {
            write(home, NAVIGATOR, "[main]\noffline_mode = False\n");
            seen(home);
            write(home, NAVIGATOR, "[main\n");
        })
        .names("anaconda-navigator.ini")
        .offers(),
        case("anaconda-client's file full of NUL bytes", |home| {
            write(home, ".continuum/anaconda-client/config.yaml", [0; 512]);
        }),
        case("anaconda-client's file for Python alone", |home| {
            let text = "url: !!python/object/apply:os.system ['x']\n";
            write(home, ".continuum/anaconda-client/config.yaml", text);
        }),
        case("tokens that are none", |home| {
            write(
                home,
                ".config/binstar/https%3A%2F%2Fpsm.example.com%2Fapi.token",
                [0; 64],
            );
            write(home, ".config/binstar/%ff%fe%.token", "x");
            write(home, ".config/binstar/jwt_https%3A%2F%2Fpsm.example.com.jwt", "{");
        }),
        case("Navigator's copies are damaged", |home| {
            let storage = ".anaconda/navigator/condarc_storage";
            write(
                home,
                &format!("{storage}/condarc_index.json"),
                "{\"snapshots\": [",
            );
            write(
                home,
                &format!("{storage}/.condarc_fad58de7366495db4650cfefac2fcd61"),
                "\0",
            );
            write(home, ".condarc_copy", "a: [\n");
        }),
    ]
}

/// What Sextant itself has written.
fn own_cases() -> Vec<Case> {
    let own = |name, inside: &'static str, bytes: &'static [u8], file| {
        case(name, move |home| write(home, inside, bytes)).names(file)
    };
    vec![
        own(
            "half of connections.json",
            ".local/share/sextant/connections.json",
            b"{\n\"connections\": [",
            "connections.json",
        )
        .line(2),
        own(
            "NUL bytes in connections.json",
            ".local/share/sextant/connections.json",
            &[0; 64],
            "connections.json",
        )
        .line(1),
        own(
            "preferences of nobody",
            ".config/sextant/preferences.toml",
            b"appearance = \"dark\"\nx = [\n",
            "preferences.toml",
        )
        .line(2),
        own(
            "preferences of the wrong kind",
            ".config/sextant/preferences.toml",
            b"appearance = 3\n",
            "preferences.toml",
        )
        .line(1),
        own(
            "trust with a misspelt key",
            ".config/sextant/trust.toml",
            b"\n[server.\"https://h\"]\nca_file = \"/x\"\n",
            "trust.toml",
        )
        .line(3),
        own(
            "a policy with a misspelt key",
            "system-root/etc/sextant/policy.toml",
            b"\ndomian = \"https://h\"\n",
            "policy.toml",
        )
        .line(2),
        own(
            "a damaged preset",
            ".config/sextant/preset.toml",
            b"domain = \"https://h\"\nlocked = 1\n",
            "preset.toml",
        )
        .line(2),
        own(
            "a damaged entry of the history",
            ".local/share/sextant/history/entries/20260101-000000-aaaaaa.json",
            b"{",
            "aaaaaa.json",
        )
        .line(1),
        own(
            "a damaged journal",
            ".local/share/sextant/journal/20260101-000000-bbbbbb/journal.json",
            b"{\"id\":",
            "bbbbbb",
        )
        .line(1),
        case("a damaged note of what is known", |home| {
            write(home, &format!("{DATA}/history/known.json"), "{");
        }),
        case("damaged credentials", |home| {
            write(home, &format!("{DATA}/credentials.json"), "{\"a\": ");
        }),
        case("a file in the place of Sextant's folder", |home| {
            write(home, DATA, "");
        })
        .names("sextant"),
        case("a file in the place of its settings", |home| {
            write(home, CONFIG, "");
        })
        .names("sextant"),
        case("a folder in the place of connections.json", |home| {
            folder(home, &format!("{DATA}/connections.json"));
        })
        .names("connections.json"),
        case("a folder in the place of the preferences", |home| {
            folder(home, &format!("{CONFIG}/preferences.toml"));
        })
        .names("preferences.toml"),
    ]
}

/// What lies there is no file to be read.
fn odd_cases() -> Vec<Case> {
    let mut cases = vec![
        case("a folder in the place of .condarc", |home| folder(home, CONDARC)).names(".condarc"),
        case("a folder in the place of the ini", |home| folder(home, NAVIGATOR))
            .names("anaconda-navigator.ini"),
        case("a folder in the place of a token", |home| {
            folder(home, ".config/binstar/x.token");
        }),
        case("a huge .condarc", |home| huge(home, CONDARC)).names(".condarc"),
        case("a huge ini", |home| huge(home, NAVIGATOR)).names("anaconda-navigator.ini"),
        case("a huge connections.json", |home| {
            huge(home, &format!("{DATA}/connections.json"));
        })
        .names("connections.json"),
        case("huge everything else", |home| {
            for inside in [
                ".config/binstar/https%3A%2F%2Fpsm.example.com%2Fapi.token",
                ".conda/environments.txt",
                ".condarc_copy",
                ".continuum/anaconda-client/config.yaml",
                ".conda/repo-cli-config.yaml",
            ] {
                huge(home, inside);
            }
        }),
    ];
    #[cfg(unix)]
    cases.extend([
        case("a dangling .condarc", |home| {
            link(home, CONDARC, "dotfiles/condarc");
        })
        .names(".condarc"),
        case("a .condarc that leads to itself", |home| {
            link(home, CONDARC, ".condarc");
        })
        .names(".condarc"),
        case("a dangling ini", |home| link(home, NAVIGATOR, "nowhere")).names("anaconda-navigator.ini"),
        case("an ini that leads to itself", |home| {
            link(home, NAVIGATOR, "anaconda-navigator.ini");
        })
        .names("anaconda-navigator.ini"),
        case("folders that lead in a circle", |home| {
            link(home, ".conda", ".conda");
        })
        .names(".conda"),
        case("dangling tokens", |home| {
            link(
                home,
                ".config/binstar/https%3A%2F%2Fpsm.example.com%2Fapi.token",
                "nowhere",
            );
        }),
        case("a looping connections.json", |home| {
            link(home, &format!("{DATA}/connections.json"), "connections.json");
        })
        .names("connections.json"),
        case("a pipe in the place of .condarc", |home| pipe(home, CONDARC)).names(".condarc"),
        case("a pipe in the place of the ini", |home| pipe(home, NAVIGATOR)).names("anaconda-navigator.ini"),
        case("pipes everywhere else", |home| {
            for inside in [
                ".config/binstar/https%3A%2F%2Fpsm.example.com%2Fapi.token",
                ".conda/environments.txt",
                ".conda/.condarc",
                ".condarc_copy",
                ".continuum/anaconda-client/config.yaml",
                ".conda/repo-cli-config.yaml",
                ".anaconda/keyring",
                ".anaconda/config.toml",
            ] {
                pipe(home, inside);
            }
        })
        .names(".condarc"),
    ]);
    cases
}

/// Every file, folder and link with what it holds, but for what Sextant itself adds beside its damaged files.
fn listing(home: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![home.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let kind = entry.file_type().unwrap();
            let content = if kind.is_symlink() {
                format!("link to {}", fs::read_link(&path).unwrap().display())
            } else if kind.is_dir() {
                folders.push(path.clone());
                "folder".to_owned()
            } else if kind.is_file() {
                format!("{:x?}", Sha256::digest(fs::read(&path).unwrap()))
            } else {
                "something else".to_owned()
            };
            found.insert(path, content);
        }
    }
    found
}

#[track_caller]
fn nothing_is_lost(name: &str, before: &BTreeMap<PathBuf, String>, home: &Path) {
    let after = listing(home);
    for (path, content) in before {
        // What is known of the files is renewed; it is no file of a person's.
        if path.ends_with("known.json") {
            continue;
        }
        assert_eq!(after.get(path), Some(content), "{name}: {}", path.display());
    }
}

/// What the command line says of the home.
#[track_caller]
fn status(sandbox: &Sandbox, home: &Path, case: &Case) {
    let mut command = sandbox.command(&["status", "--json"]);
    command
        .env("HOME", home)
        .env("SEXTANT_SYSTEM_ROOT", home.join("system-root"));
    let ran: sandbox::Ran = command.output().unwrap().into();
    assert_eq!(ran.code, Some(0), "{}: {ran:?}", case.name);
    let problems = ran.json()["problems"].as_array().unwrap().clone();
    let Some(file) = case.file else {
        assert!(problems.is_empty(), "{}: {problems:#?}", case.name);
        return;
    };
    let is_it = |problem: &&serde_json::Value| problem["path"].as_str().unwrap().ends_with(file);
    let problem = problems.iter().find(is_it);
    let problem = problem.unwrap_or_else(|| panic!("{}: {file} is not named in {problems:#?}", case.name));
    if let Some(line) = case.line {
        assert_eq!(problem["line"], line, "{}: {problem:#}", case.name);
    }
    assert_eq!(
        problem["snapshot"].is_null(),
        !case.offers,
        "{}: {problem:#}",
        case.name
    );
    assert!(
        !problem["remedy"].is_null() || !problem["cause"].is_null(),
        "{}: {problem:#}",
        case.name
    );
}

fn opens(cases: Vec<Case>) {
    let sandbox = Sandbox::new();
    for case in cases {
        let name = case.name;
        let mut before = BTreeMap::new();
        let mut window = Window::open_after(&[], |home, _| {
            (case.prepare)(home);
            before = listing(home);
        });
        window.until_idle();
        if let Some(file) = case.file {
            assert!(window.says(file), "{name}: {:#?}", window.texts());
            assert!(window.has("Check again"), "{name}");
        }
        if let Some(line) = case.line {
            // It may begin the sentence.
            assert!(
                window.says(&format!("line {line}")) || window.says(&format!("Line {line}")),
                "{name}: {:#?}",
                window.texts()
            );
        }
        assert_eq!(window.has(id("trouble-put-back")), case.offers, "{name}");
        // Every page can be opened all the same.
        for page in [
            "page-channels",
            "page-tokens",
            "page-history",
            "page-environments",
        ] {
            window.click(page);
            window.until_idle();
        }
        let home = window.path("");
        nothing_is_lost(name, &before, &home);
        status(&sandbox, &home, &case);
        nothing_is_lost(name, &before, &home);
    }
}

#[test]
fn files_that_hold_nonsense() {
    opens(text_cases());
}

#[test]
fn files_of_sextants_own_that_are_damaged() {
    opens(own_cases());
}

#[test]
fn what_is_no_file_at_all() {
    opens(odd_cases());
}

#[test]
fn one_click_puts_the_last_good_version_back() {
    let good = "# good\nchannels: [a]\n";
    let mut window = Window::open_after(&[], |home, _| {
        write(home, CONDARC, good);
        seen(home);
        write(home, CONDARC, "channels: [a\0\n");
    });
    window.until_idle();
    window.click("trouble-put-back");
    window.until_it_says("earlier version of ~/.condarc back");
    assert_eq!(window.file(CONDARC), good);
    window.until("the banner goes", |window| !window.has(id("trouble-put-back")));
    window.click_text("Undo");
    window.until_it_says("Undid: ");
    window.until_idle();
    assert_eq!(window.file(CONDARC), "channels: [a\0\n");
}

#[test]
fn one_click_puts_a_file_of_sextants_own_aside() {
    for (inside, content) in [
        (format!("{DATA}/connections.json"), "{\"connections\": ["),
        (format!("{CONFIG}/preferences.toml"), "appearance = 3\n"),
        (format!("{DATA}/journal/20260101-000000-bbbbbb/journal.json"), "{"),
        (format!("{DATA}/history/entries/20260101-000000-aaaaaa.json"), "{"),
    ] {
        let mut window = Window::open_after(&[], |home, _| write(home, &inside, content));
        window.until_idle();
        window.click("trouble-put-aside");
        window.until_it_says("was put aside");
        window.until("the banner goes", |window| !window.has(id("trouble-put-aside")));
        let kept = listing(&window.path(""));
        let wanted = format!("{:x?}", Sha256::digest(content));
        let aside = kept.iter().find(|(_, held)| **held == wanted);
        let (path, _) = aside.unwrap_or_else(|| panic!("{inside} is lost: {kept:#?}"));
        assert!(
            path.display().to_string().contains(".damaged-"),
            "{}",
            path.display()
        );
        // And everything works again.
        window.sign_in();
        assert_eq!(window.practice.tokens().len(), 1, "{inside}");
    }
}

/// Runs one of the tests below in another process: as another person, or in a name space of its own.
fn elsewhere(command: &mut Command, test: &str, home: &Path) -> Option<String> {
    let output = command
        .args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env("SEXTANT_BROKEN_HOME", home)
        .env("HOME", home)
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    match said.contains("test result: ok. 1 passed") {
        true => Some(said),
        false if said.contains("running 1 test") => {
            panic!("{said}{}", String::from_utf8_lossy(&output.stderr))
        }
        false => {
            println!("skipped: {}", String::from_utf8_lossy(&output.stderr));
            None
        }
    }
}

/// The texts of a window that opens on the home of this process.
fn opened() -> Vec<String> {
    let home = PathBuf::from(std::env::var("SEXTANT_BROKEN_HOME").unwrap());
    let mut window = Window::open_in(home);
    window.until_idle();
    window.texts()
}

#[test]
#[ignore = "run by the test of foreign owners, as another person"]
fn it_opens_and_names_condarc_and_the_ini() {
    let texts = opened().concat();
    for file in [".condarc", "anaconda-navigator.ini", "connections.json"] {
        assert!(texts.contains(file), "{file}: {texts}");
    }
}

#[test]
#[ignore = "run by the tests of a full disk and a read-only home"]
fn it_opens_and_says_what_cannot_be_written() {
    let texts = opened().concat();
    assert!(texts.contains("Environments"), "{texts}");
    assert!(
        texts.contains("space left") || texts.contains("read-only") || texts.contains("refused"),
        "{texts}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_belong_to_somebody_else() {
    use std::os::unix::fs::{PermissionsExt, chown};
    const NOBODY: u32 = 65534;
    let home = tempfile::tempdir().unwrap();
    let inside = home.path();
    for path in [CONDARC, NAVIGATOR, ".local/share/sextant/connections.json"] {
        write(inside, path, "x: 1\n");
        fs::set_permissions(inside.join(path), fs::Permissions::from_mode(0o600)).unwrap();
    }
    // The folders are the person's own, the files are not.
    for path in [
        "",
        ".anaconda",
        ".anaconda/navigator",
        ".local",
        ".local/share",
        DATA,
    ] {
        if chown(inside.join(path), Some(NOBODY), Some(NOBODY)).is_err() {
            println!("skipped: only an administrator can give files away");
            return;
        }
    }
    let before = listing(inside);
    let program = std::env::current_exe().unwrap();
    let id = NOBODY.to_string();
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid", &id, "--regid", &id, "--clear-groups", "--"])
        .arg(program);
    elsewhere(&mut command, "it_opens_and_names_condarc_and_the_ini", inside);
    let after = listing(inside);
    for path in [CONDARC, NAVIGATOR, ".local/share/sextant/connections.json"] {
        assert_eq!(before[&inside.join(path)], after[&inside.join(path)]);
    }
    let sandbox = Sandbox::new();
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid", &id, "--regid", &id, "--clear-groups", "--"])
        .args([env!("CARGO_BIN_EXE_sextant"), "status", "--json"])
        .env_clear()
        .env("HOME", inside)
        .env("PATH", "/usr/bin:/bin")
        .env("SEXTANT_SYSTEM_ROOT", sandbox.system())
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    if let Ok(output) = command.output() {
        let ran: sandbox::Ran = output.into();
        let problems = ran.succeeded().json()["problems"].as_array().unwrap().len();
        assert_eq!(problems, 3);
    }
}

/// A mount name space in which the home is a file system of its own.
#[cfg(target_os = "linux")]
fn in_file_system(script: &str, test: &str) {
    let home = tempfile::tempdir().unwrap();
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new("unshare");
    command
        .args([
            "-rm",
            "sh",
            "-c",
            &format!("{script}\nexec \"$PROGRAM\" \"$@\""),
            "sh",
        ])
        .env("PROGRAM", program);
    elsewhere(&mut command, test, home.path());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    let script = r#"
        mount -t tmpfs -o size=100k,mode=700 tmpfs "$HOME" || exit 77
        printf 'channels: [a]\n' > "$HOME/.condarc"
        dd if=/dev/zero of="$HOME/filler" bs=4096 2>/dev/null
    "#;
    in_file_system(script, "it_opens_and_says_what_cannot_be_written");
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_home() {
    let script = r#"
        mount -t tmpfs -o size=1m,mode=700 tmpfs "$HOME" || exit 77
        printf 'channels: [a]\n' > "$HOME/.condarc"
        mount -o remount,ro "$HOME" || exit 77
    "#;
    in_file_system(script, "it_opens_and_says_what_cannot_be_written");
}

#[test]
fn no_home_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open_with(Locations::standing_in(folder.path()));
    window.until_idle();
    assert!(
        window.says("this account has no home folder") && window.says("HOME"),
        "{:#?}",
        window.texts()
    );
    // A home that the environment does not name is found all the same.
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["status", "--json"]);
    command.env_remove("HOME");
    command
        .env("XDG_DATA_HOME", sandbox.home())
        .env("XDG_CONFIG_HOME", sandbox.home());
    let ran: sandbox::Ran = command.output().unwrap().into();
    assert!(ran.code == Some(0) || ran.failed() == "file", "{ran:?}");
}
