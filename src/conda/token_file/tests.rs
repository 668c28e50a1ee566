use std::process::{Command, Stdio};

use proptest::prelude::*;

use super::*;
use crate::conda::channel::ChannelUrl;
use crate::conda::fixture::Machine;

const API: &str = "https://psm.example.com/api";

fn stored(machine: Machine, folder: &str, keys: &[&str]) -> Machine {
    keys.iter().fold(machine, |machine, key| {
        machine.file(&format!("{folder}/{}", file_name(key)), "tok")
    })
}

fn relative(machine: &Machine, paths: impl IntoIterator<Item = PathBuf>) -> Vec<String> {
    paths.into_iter().map(|path| machine.inside(&path)).collect()
}

fn api() -> ApiBase {
    ApiBase::parse(API).unwrap()
}

fn keys(files: Vec<TokenFile>) -> Vec<String> {
    files.into_iter().map(|file| file.key).collect()
}

/// The table of the server reference, section 3.2.
#[test]
fn files_are_named_as_conda_names_them() {
    for (key, name) in [
        (
            "https://psm.example.com/api",
            "https%3A%2F%2Fpsm.example.com%2Fapi.token",
        ),
        (
            "https://psm.example.com/api/repo",
            "https%3A%2F%2Fpsm.example.com%2Fapi%2Frepo.token",
        ),
        (
            "http://localhost:8088/api",
            "http%3A%2F%2Flocalhost%3A8088%2Fapi.token",
        ),
        (
            "https://repo.anaconda.cloud/repo/",
            "https%3A%2F%2Frepo.anaconda.cloud%2Frepo%2F.token",
        ),
        ("https://api.anaconda.org", "https%3A%2F%2Fapi.anaconda.org.token"),
        ("a b+c~_-ü", "a+b%2Bc~_-%C3%BC.token"),
    ] {
        assert_eq!(file_name(key), name);
        assert_eq!(key_of(name).as_deref(), Some(key));
    }
    assert_eq!(key_of("https%3A%2F%2Fh.jwt"), None);
    assert_eq!(key_of(".token").as_deref(), Some(""));
    assert_eq!(
        session_file_name("https://psm.example.com"),
        "jwt_https%3A%2F%2Fpsm.example.com.jwt"
    );
}

proptest! {
    #[test]
    fn every_key_is_found_again_from_its_file(key in "\\PC{0,40}") {
        prop_assert_eq!(key_of(&file_name(&key)), Some(key));
    }
}

/// Python is asked itself, once for many keys. Where there is none, the table above has to do.
#[test]
fn file_names_agree_with_python() {
    let script = "import sys,urllib.parse as u\nfor l in sys.stdin.buffer.read().decode().split('\\0'): print(u.quote_plus(l))";
    let started = Command::new("python3")
        .args(["-X", "utf8", "-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut python) = started else { return };
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut samples = vec![
        (0..=127u8)
            .filter(|b| *b != 0)
            .map(char::from)
            .collect::<String>(),
    ];
    for _ in 0..300 {
        let sample = "\\PC{1,30}".new_tree(&mut runner).unwrap();
        samples.push(proptest::strategy::ValueTree::current(&sample));
    }
    python
        .stdin
        .take()
        .unwrap()
        .write_all(samples.join("\0").as_bytes())
        .unwrap();
    let output = python.wait_with_output().unwrap();
    let quoted = String::from_utf8(output.stdout).unwrap();
    let quoted: Vec<_> = quoted.lines().collect();
    assert_eq!(quoted.len(), samples.len());
    for (sample, python) in samples.iter().zip(quoted) {
        assert_eq!(quote_plus(sample), python, "{sample:?}");
    }
}

#[test]
fn the_api_is_never_a_bare_host() {
    for (text, base) in [
        ("https://psm.example.com/api", API),
        ("https://PSM.Example.com:443/api/", API),
        ("http://localhost:8088/api", "http://localhost:8088/api"),
        ("https://h/behind/a/proxy/api", "https://h/behind/a/proxy/api"),
    ] {
        assert_eq!(ApiBase::parse(text).unwrap().as_str(), base);
    }
    for (text, error) in [
        ("https://psm.example.com/", InvalidApiBase::BareHost),
        ("psm.example.com/api", InvalidApiBase::NotHttp),
        ("ftp://h/api", InvalidApiBase::NotHttp),
        ("https://ana:pw@h/api", InvalidApiBase::Superfluous),
        ("https://h/api?x=1", InvalidApiBase::Superfluous),
    ] {
        assert_eq!(ApiBase::parse(text).unwrap_err(), error, "{text}");
    }
    assert_eq!(
        ChannelUrl::try_from(&api()).unwrap().public(),
        "https://psm.example.com/api/repo"
    );
}

/// Server reference, section 3.1.
#[test]
fn condas_folder_depends_on_the_platform() {
    let conda = |home: Machine| relative(&home, conda_folders(&home.surroundings)).join(" ");
    for (home, folder) in [
        (Machine::linux(), "home/.config/binstar"),
        (Machine::linux().place("XDG_CONFIG_HOME", "xdg"), "xdg/binstar"),
        (
            Machine::linux()
                .place("BINSTAR_CONFIG_DIR", "b")
                .place("XDG_CONFIG_HOME", "xdg"),
            "b/data",
        ),
        (
            Machine::on(Platform::MacOs),
            "home/Library/Application Support/binstar",
        ),
        (
            Machine::on(Platform::MacOs).place("XDG_CONFIG_HOME", "xdg"),
            "home/Library/Application Support/binstar xdg/binstar",
        ),
        (
            Machine::on(Platform::Windows).place("LOCALAPPDATA", "Local"),
            "Local/ContinuumIO/binstar",
        ),
        (
            Machine::on(Platform::Windows),
            "home/AppData/Local/ContinuumIO/binstar",
        ),
        (
            Machine::on(Platform::Windows).place("BINSTAR_CONFIG_DIR", "b"),
            "b/data",
        ),
    ] {
        assert_eq!(conda(home), folder);
    }
}

#[test]
fn a_sign_in_writes_both_keys_where_conda_and_its_relatives_look() {
    let home = Machine::linux();
    let written = |home: &Machine| {
        relative(
            home,
            files_to_write(&home.surroundings, &api())
                .into_iter()
                .map(|f| f.path),
        )
    };
    let (first, second) = (
        "https%3A%2F%2Fpsm.example.com%2Fapi.token",
        "https%3A%2F%2Fpsm.example.com%2Fapi%2Frepo.token",
    );
    let in_folders = |folders: &[&str]| -> Vec<String> {
        folders
            .iter()
            .flat_map(|folder| [format!("{folder}/{first}"), format!("{folder}/{second}")])
            .collect()
    };
    let usual = ["home/.config/binstar", "home/.continuum/anaconda-client/tokens"];
    assert_eq!(written(&home), in_folders(&usual));
    // Only who used conda 23.11 has this folder.
    fs::create_dir_all(home.path("home/.local/share/binstar")).unwrap();
    assert_eq!(
        written(&home),
        in_folders(&[usual[0], usual[1], "home/.local/share/binstar"])
    );
    assert!(
        files_to_write(&home.surroundings, &api())
            .iter()
            .all(|file| origin(&file.key) != file.key)
    );
}

fn repository() -> ApiBase {
    ApiBase::of_repository(
        "http://Repo.Example.com:8080/api/",
        "http://repo.example.com:8080/conda",
    )
    .unwrap()
}

fn subdomains() -> ApiBase {
    ApiBase::of_repository("https://api.corp.example", "https://conda.corp.example").unwrap()
}

#[test]
fn the_token_of_a_repository_is_found_by_conda_and_anaconda_client_without_a_leak() {
    let home = Machine::linux();
    let written = |api: &ApiBase| {
        let files = files_to_write(&home.surroundings, api);
        let shown = files
            .into_iter()
            .map(|file| format!("{:?} {}", file.place, file.key));
        shown.collect::<Vec<_>>()
    };
    assert_eq!(
        written(&repository()),
        [
            "Conda http://repo.example.com:8080/api/",
            "AnacondaClient http://repo.example.com:8080/api/",
            "AnacondaClient http://repo.example.com:8080/api",
        ]
    );
    assert_eq!(
        written(&subdomains()),
        [
            "Conda https://api.corp.example/",
            "AnacondaClient https://api.corp.example/",
            "AnacondaClient https://api.corp.example",
        ]
    );
    for (api, channel, elsewhere) in [
        (
            repository(),
            "http://repo.example.com:8080/conda/jsmith/label/dev/linux-64/repodata.json",
            "http://repo.example.com:8080.evil.net/conda/jsmith",
        ),
        (
            subdomains(),
            "https://conda.corp.example/jsmith/noarch/repodata.json",
            "https://conda.corp.example.evil.net/jsmith",
        ),
        // conda reads the `api` in the host as `conda`, so its own rule does not lead to the channels.
        (
            ApiBase::of_repository("https://api.corp.example/api", "https://api.corp.example/conda").unwrap(),
            "https://api.corp.example/conda/jsmith",
            "https://api.corp.example.evil.net/conda/jsmith",
        ),
    ] {
        let keys = api.keys_in(Place::Conda);
        let matching = |url| matching_keys(url, keys.iter().map(String::as_str));
        assert!(!matching(channel).is_empty(), "{channel}: {keys:?}");
        assert!(matching(elsewhere).is_empty(), "{elsewhere}: {keys:?}");
        for file in files_to_write(&home.surroundings, &api) {
            write(&file.path, &Token::parse("js-1").unwrap()).unwrap();
        }
        assert_eq!(leaks(&home.surroundings), []);
    }
    // Where anaconda-client looks when it is told to.
    let home = Machine::linux().place("BINSTAR_CONFIG_DIR", "b");
    let folders = files_to_write(&home.surroundings, &repository());
    let folders = folders.iter().map(|file| file.path.parent().unwrap().to_owned());
    let mut folders = relative(&home, folders);
    folders.dedup();
    assert_eq!(
        folders,
        [
            "b/data",
            "b/data/tokens",
            "home/.continuum/anaconda-client/tokens"
        ]
    );
}

#[test]
fn anaconda_clients_own_spelling_of_the_address_is_a_key_too() {
    let keys = |api: ApiBase, url| api.configured_as(url).keys_in(Place::AnacondaClient);
    let usual = [
        "http://repo.example.com:8080/api/",
        "http://repo.example.com:8080/api",
    ];
    for url in [
        "HTTP://Repo.Example.com:8080/api",
        "http://repo.example.com:8080/api//",
    ] {
        assert_eq!(keys(repository(), url), [usual[0], usual[1], url]);
        assert_eq!(repository().configured_as(url).keys_in(Place::Conda), [usual[0]]);
    }
    for url in [
        usual[0],
        usual[1],
        "http://repo.example.com:8081/api",
        "repo.example.com:8080/api",
        "",
    ] {
        assert_eq!(keys(repository(), url), usual, "{url}");
    }
    // It puts https:// in front of an address without.
    assert_eq!(keys(subdomains(), "api.corp.example")[2..], ["api.corp.example"]);
    assert_eq!(
        ApiBase::parse(API)
            .unwrap()
            .configured_as(API)
            .keys_in(Place::AnacondaClient)
            .len(),
        2
    );
    assert_eq!(
        ApiBase::of_repository("https://h/api", "https://al:pw@h/conda").unwrap_err(),
        InvalidApiBase::Superfluous
    );
}

#[test]
fn old_tokens_of_a_repository_are_found_under_every_spelling() {
    let found = |api: &ApiBase, all: &[&str]| {
        let mut of_each: Vec<Vec<String>> =
            ["home/.config/binstar", "home/.continuum/anaconda-client/tokens"]
                .iter()
                .map(|folder| {
                    let home = stored(Machine::linux(), folder, all);
                    let mut found = keys(stale(&home.surroundings, api));
                    found.sort();
                    found
                })
                .collect();
        assert_eq!(of_each[0], of_each[1]);
        of_each.remove(0)
    };
    let mut mine = [
        "http://repo.example.com:8080/api",
        "http://repo.example.com:8080/api/",
        "http://repo.example.com:8080",
        "http://Repo.Example.com:8080/api",
        "http://repo.example.com:8080/conda",
        "http://repo.example.com:8080/conda/jsmith",
        "repo.example.com:8080",
    ];
    let others = [
        "http://repo.example.com/api",
        "https://repo.example.com:8080/api",
        "http://repo.example.com:8080/pypi",
        "http://repo.example.com:80800/api",
        "https://api.anaconda.org/",
    ];
    mine.sort_unstable();
    assert_eq!(found(&repository(), &[&mine[..], &others].concat()), mine);
    let mut mine = [
        "https://api.corp.example",
        "https://api.corp.example/",
        "https://API.corp.example",
        "https://conda.corp.example",
        "https://conda.corp.example/jsmith/",
        "api.corp.example",
    ];
    let others = [
        "https://corp.example",
        "https://api.corp.exampl",
        "https://api.corp.example.evil.net",
        "https://pypi.corp.example",
    ];
    mine.sort_unstable();
    assert_eq!(found(&subdomains(), &[&mine[..], &others].concat()), mine);
    let home = stored(Machine::linux(), "home/.config/binstar", &others);
    assert_eq!(
        keys(intruders(&home.surroundings, &subdomains())),
        ["https://api.corp.exampl"]
    );
}

#[test]
fn old_tokens_of_the_server_are_found_under_every_spelling() {
    let mine = [
        "https://psm.example.com/api",
        "https://psm.example.com/api/",
        "https://psm.example.com/api/repo",
        "https://psm.example.com/api/repo/main",
        "https://psm.example.com",
        "https://PSM.Example.com/api",
        "https://psm.example.com:443/api",
        "https://psm.example.com/api\\repo",
        "psm.example.com",
    ];
    let others = [
        "https://psm.example.co",
        "",
        "https://psm.example.com/apix",
        "https://psm.example.com/conda",
        "https://psm.example.com:8443/api",
        "http://psm.example.com/api",
        "https://api.anaconda.org",
        "https://repo.anaconda.cloud/repo/",
    ];
    let all: Vec<_> = mine.iter().chain(&others).copied().collect();
    for folder in [
        "home/.config/binstar",
        "home/.local/share/binstar",
        "home/.continuum/anaconda-client/tokens",
        "home/.conda/tokens",
    ] {
        let home = stored(Machine::linux(), folder, &all);
        let mut found = keys(stale(&home.surroundings, &api()));
        let mut expected = mine.map(str::to_owned).to_vec();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{folder}");
    }
}

#[test]
fn a_key_that_becomes_another_by_condas_api_rule_counts_too() {
    let machine = stored(
        Machine::linux(),
        "home/.config/binstar",
        &["https://h/api/api", "https://h/apis"],
    );
    let api = ApiBase::parse("https://h/conda/api").unwrap();
    assert_eq!(keys(stale(&machine.surroundings, &api)), ["https://h/api/api"]);
}

#[test]
fn tokens_of_other_hosts_that_conda_may_send_here_are_told_but_not_ours() {
    let intruding = ["", "https://api.example.com", "https://conda.example.co"];
    let all = [
        &intruding[..],
        &["https://conda.example.com", "https://conda.example.org/api"],
    ]
    .concat();
    let machine = stored(Machine::linux(), "home/.config/binstar", &all);
    let machine = stored(machine, "home/.conda/tokens", &["https://conda.example.co"]);
    let api = ApiBase::parse("https://conda.example.com/api").unwrap();
    let mut found = keys(intruders(&machine.surroundings, &api));
    found.sort();
    assert_eq!(found, intruding);
    assert_eq!(
        keys(stale(&machine.surroundings, &api)),
        ["https://conda.example.com"]
    );
}

#[test]
fn keys_that_end_with_the_host_leak() {
    let leaking = ["https://psm.example.com", "http://h:80", "h", ""];
    let closed = ["https://psm.example.com/", "https://psm.example.com/api"];
    let all: Vec<_> = leaking.iter().chain(&closed).copied().collect();
    let home = stored(
        stored(Machine::linux(), "home/.config/binstar", &all),
        "home/.conda/tokens",
        &["https://h"],
    );
    let mut found = keys(leaks(&home.surroundings));
    found.sort();
    assert_eq!(found, ["", "h", "http://h:80", "https://psm.example.com"]);
    for key in leaking {
        let elsewhere = format!("{key}0.evil.net/x");
        assert!(!matching_keys(&elsewhere, [key]).is_empty(), "{key}");
    }
}

#[test]
fn a_token_is_written_bare_and_for_its_owner_only() {
    let home = Machine::linux();
    for file in files_to_write(&home.surroundings, &api()) {
        fs::create_dir_all(home.path("home/.config/binstar")).unwrap();
        write(&file.path, &Token::parse("first").unwrap()).unwrap();
        write(&file.path, &Token::parse("46e98d3d-a").unwrap()).unwrap();
        assert_eq!(fs::read(&file.path).unwrap(), b"46e98d3d-a");
        assert_eq!(read(&file.path).unwrap().unwrap().expose(), "46e98d3d-a");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                fs::metadata(&file.path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        let left: Vec<_> = fs::read_dir(file.path.parent().unwrap())
            .unwrap()
            .flatten()
            .collect();
        assert!(
            left.iter()
                .all(|entry| entry.path().extension().is_some_and(|e| e == "token")),
            "{left:?}"
        );
        assert!(remove(&file.path).unwrap());
        assert!(!remove(&file.path).unwrap());
        assert!(read(&file.path).unwrap().is_none());
    }
}

#[test]
fn what_is_in_a_token_file_is_read_generously_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.token");
    fs::write(&path, "tok-1\r\n").unwrap();
    assert_eq!(read(&path).unwrap().unwrap().expose(), "tok-1");
    fs::write(&path, "\n").unwrap();
    assert!(read(&path).unwrap().is_none());
    fs::write(&path, "secret_part").unwrap();
    let error = read(&path).unwrap_err();
    assert!(!format!("{error:?} {error}").contains("secret_part"));
    assert!(matches!(error, CondaError::TokenUnusable { .. }));
    assert!(matches!(
        read(folder.path()).unwrap_err(),
        CondaError::TokenUnreadable { .. }
    ));
}

#[test]
fn navigators_sessions_are_found() {
    let home = stored(Machine::linux(), "home/.config/binstar", &[API]);
    let path = home
        .path("home/.config/binstar")
        .join(session_file_name("https://psm.example.com"));
    fs::write(&path, "{}").unwrap();
    fs::write(
        path.with_file_name(session_file_name("https://other.example.com")),
        "{}",
    )
    .unwrap();
    assert_eq!(session_files(&home.surroundings, &api()), [path]);
}
