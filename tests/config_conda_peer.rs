//! What Sextant says about conda's configuration is what conda itself says, where one is installed on this machine.
//! conda is in no index of packages, so that nothing is installed for it.

#[path = "support/planted.rs"]
mod planted;

use std::path::PathBuf;
use std::process::Command;

use planted::Planted;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use sextant::service::configuration::{ConfigurationFile, Origin};

const CONDA: ConfigurationFile = ConfigurationFile::Conda;

struct Conda {
    program: PathBuf,
    root: String,
}

impl Conda {
    /// The conda on `PATH`, if there is one.
    fn find() -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        let program = std::env::split_paths(&path)
            .map(|folder| folder.join("conda"))
            .find(|program| program.is_file());
        let Some(program) = program else {
            eprintln!("skipped, because there is no conda on this machine");
            return None;
        };
        let mut conda = Self {
            program,
            root: String::new(),
        };
        let home = Planted::new();
        let root = conda.ask(&home, &["--show", "root_prefix"]);
        conda.root = root["root_prefix"].as_str()?.to_owned();
        Some(conda)
    }

    /// conda's answer in a home, with nothing of this process's environment.
    fn ask(&self, home: &Planted, arguments: &[&str]) -> Value {
        let output = Command::new(&self.program)
            .arg("config")
            .args(arguments)
            .arg("--json")
            .env_clear()
            .env("HOME", home.home())
            .env("PATH", "/usr/bin:/bin")
            .envs(home.variables().iter().map(|(name, value)| (name, value)))
            .current_dir(home.home())
            .output()
            .unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
    }

    /// A home in which conda and Sextant look at the same places.
    fn home(&self) -> Planted {
        Planted::new().variable("CONDA_ROOT", &self.root)
    }
}

/// Sources and what each says, as `conda config --show-sources` has it.
fn sources(home: &Planted) -> Value {
    let effective = home.services().effective(CONDA).unwrap();
    let mut sources: Map<String, Value> = Map::new();
    for setting in &effective.settings {
        for source in &setting.sources {
            if setting.documentation.is_none() || setting.key == "plugins" {
                continue;
            }
            let (place, name) = match &source.origin {
                Origin::Variable { name } => (
                    "envvars".to_owned(),
                    name.trim_start_matches("CONDA_").to_lowercase(),
                ),
                other => (other.place(), source.spelling.clone()),
            };
            let said = sources.entry(place).or_insert_with(|| json!({}));
            said[name] = source.value.to_json();
        }
    }
    sources.into()
}

/// What of conda's answer this home is answerable for, with the spellings of single values made the same: conda shows
/// `yes` as true and 5 seconds as 5.0.
fn of_home(home: &Planted, said: Value) -> Value {
    let home = home.home().display().to_string();
    let Value::Object(said) = said else {
        panic!("{said}")
    };
    let mine = |place: &String| place.starts_with(&home) || place == "envvars";
    said.into_iter()
        .filter(|(place, said)| mine(place) && said.as_object().is_some_and(|said| !said.is_empty()))
        .map(|(place, said)| (place, plain(said)))
        .collect::<Map<_, _>>()
        .into()
}

fn plain(value: Value) -> Value {
    match value {
        Value::Object(entries) => entries
            .into_iter()
            .map(|(name, value)| (name, plain(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::String(text) => match text.to_lowercase().as_str() {
            "yes" | "on" | "true" => json!(true),
            "no" | "off" | "false" => json!(false),
            _ => json!(text),
        },
        Value::Number(number) => json!(number.as_f64()),
        other => other,
    }
}

/// Settings of which conda shows something else than what the sources say: objects, or what it works out itself.
const WORKED_OUT: [&str; 31] = [
    "bld_path",
    "channel_alias",
    "conda_build",
    "console",
    "croot",
    "custom_channels",
    "custom_multichannels",
    "debug",
    "default_channels",
    "default_python",
    "default_threads",
    "envs_dirs",
    "error_upload_url",
    "execute_threads",
    "export_platforms",
    "fetch_threads",
    "json",
    "migrated_channel_aliases",
    "migrated_custom_channels",
    "pkgs_dirs",
    "repodata_threads",
    "root_prefix",
    "signing_metadata_url_base",
    "subdir",
    "subdirs",
    "trace",
    "use_only_tar_bz2",
    "verbosity",
    "verify_threads",
    "allowlist_channels",
    "denylist_channels",
];

/// The values in effect of everything else.
fn compare_effective(conda: &Conda, home: &Planted) {
    let theirs = conda.ask(home, &["--show"]);
    let theirs = theirs.as_object().unwrap();
    let services = home.services();
    for (key, value) in theirs {
        if WORKED_OUT.contains(&key.as_str()) {
            continue;
        }
        // A newer or older conda may know other settings.
        let Ok(explained) = services.explain(CONDA, key) else {
            continue;
        };
        let ours = explained.value.map_or(Value::Null, |value| value.to_json());
        assert_eq!(plain(ours), plain(value.clone()), "{key}");
    }
}

#[test]
fn without_files_the_defaults_are_condas() {
    if let Some(conda) = Conda::find() {
        compare_effective(&conda, &conda.home());
    }
}

#[test]
fn every_setting_that_conda_lists_is_known() {
    let Some(conda) = Conda::find() else { return };
    let home = conda.home();
    let described = conda.ask(&home, &["--describe"]);
    let unknown: Vec<&str> = described
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|parameter| {
            let name = parameter["name"].as_str()?;
            let known = sextant::service::configuration::known_key(CONDA, name);
            let aliases = parameter["aliases"].as_array()?;
            let same = known.is_some_and(|known| {
                aliases
                    .iter()
                    .filter_map(Value::as_str)
                    .all(|alias| known.aliases.contains(&alias))
            });
            (!same && !name.starts_with("plugins.")).then_some(name)
        })
        .collect();
    assert_eq!(unknown, [""; 0]);
}

#[test]
fn sources_and_values_are_condas() {
    let Some(conda) = Conda::find() else { return };
    let homes = [
        conda
            .home()
            .file(".condarc", "channels: [a, b]\nssl_verify: no\nchannel_priority: strict\nself_update: off\n")
            .file(".config/conda/condarc", "channels: [c]\nremote_read_timeout_secs: 5\n"),
        conda
            .home()
            .file(".conda/condarc.d/10-a.yml", "offline: true\nchannels: [ten]\n")
            .file(".conda/condarc.d/9-b.yaml", "offline: false\nchannels:\n  - nine\n  - top #!top\n  - low #!bottom\n")
            .file(".condarc", "channels: [low, mine]\npinned_packages: ['a=1']\n"),
        conda
            .home()
            .file(".config/conda/.condarc", "channels: #!final\n  - locked\nssl_verify: true #!final\n")
            .file(".condarc", "channels: [mine]\nssl_verify: false\n"),
        conda
            .home()
            .file(".config/conda/.condarc", "proxy_servers:\n  http: http://a:1 #!final\n  https: http://b:2\n")
            .file(".condarc", "proxy_servers:\n  http: http://c:3\n  https: http://d:4\n"),
        conda
            .home()
            .file(
                ".config/conda/.condarc",
                "channel_settings:\n  - channel: a\n    auth: low\n  - auth: nobody\naggressive_update_packages: []\n",
            )
            .file(".condarc", "channel_settings:\n  - channel: a\n    auth: high\nlist_fields: [name, url]\n"),
        conda
            .home()
            .place("XDG_CONFIG_HOME", "xdg")
            .place("CONDA_PREFIX", "env")
            .place("CONDARC", "named/my.yml")
            .file("xdg/conda/condarc", "channels: [x]\n")
            .file("env/.condarc", "channels: [e]\n")
            .file("named/my.yml", "channels: [n]\nshow_channel_urls: yes\n")
            .variable("CONDA_CHANNELS", "v, w")
            .variable("CONDA_OFFLINE", "on")
            .variable("CONDA_PINNED_PACKAGES", "p=1&q=2"),
        conda.home().file("x/myrc", "channels: [never]\n").place("CONDARC", "x/myrc"),
        conda
            .home()
            .file(".condarc", "env_prompt: '$HOME'\nclient_ssl_cert: $HOME/cert\nshortcuts_only: [$HOME]\n"),
        conda.home().variable("CONDA_SOLVER", "classic!important").file(".condarc", "solver: libmamba\n"),
    ];
    for home in homes {
        let theirs = of_home(&home, conda.ask(&home, &["--show-sources"]));
        assert_eq!(of_home(&home, sources(&home)), theirs);
        compare_effective(&conda, &home);
    }
}

/// Whether conda stops at a file, or leaves it out.
fn stumbles(conda: &Conda, content: &str) -> bool {
    let home = conda.home().file(".condarc", content);
    let output = Command::new(&conda.program)
        .args(["config", "--validate"])
        .env_clear()
        .env("HOME", home.home())
        .env("PATH", "/usr/bin:/bin")
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    !output.status.success() || said.contains("Ignoring configuration file")
}

#[test]
fn an_error_is_told_where_conda_stumbles_and_nowhere_else() {
    let Some(conda) = Conda::find() else { return };
    let texts = [
        "",
        "channels: [a]\n",
        "channels:\n",
        "channels: a\n",
        "channels: {a: b}\n",
        "channels: [a, ~]\n",
        "channels: [a, [b]]\n",
        "channels: [1, true]\n",
        "channels: [a]\nchannels: [b]\n",
        "channels: [a]\nchannel: [b]\n",
        "ssl_verify: true\nverify_ssl: true\n",
        "ssl_verify: ~\n",
        "ssl_verify: 1\n",
        "ssl_verify: [a]\n",
        "channel_alias: repo.example.com\n",
        "channel_alias: https://repo.example.com\n",
        "channel_alias:\n",
        "offline: maybe\n",
        "offline: yes\n",
        "offline: 1\n",
        "offline: ~\n",
        "always_yes: ~\n",
        "always_yes: none\n",
        "remote_max_retries: 3.5\n",
        "remote_max_retries: many\n",
        "remote_max_retries: true\n",
        "remote_max_retries: ~\n",
        "remote_read_timeout_secs: soon\n",
        "remote_read_timeout_secs: 5\n",
        "local_repodata_ttl: 1.5\n",
        "local_repodata_ttl: true\n",
        "local_repodata_ttl: 3600\n",
        "local_repodata_ttl: later\n",
        "safety_checks: WARN\n",
        "safety_checks: warn\n",
        "channel_priority: STRICT\n",
        "channel_priority: true\n",
        "channel_priority: high\n",
        "update_modifier: UPDATE_ALL\n",
        "proxy_servers: x\n",
        "proxy_servers:\n  http: ~\n",
        "proxy_servers:\n  http: [x]\n",
        "custom_multichannels:\n  a: b\n",
        "custom_multichannels:\n  a: ~\n",
        "channel_settings: [a]\n",
        "channel_settings:\n  - channel: a\n",
        "channel_settings: {channel: a}\n",
        "exclude_newer: 2026-01-01\n",
        "exclude_newer: '2026-01-01'\n",
        "anything: 2026-01-01\n",
        "anything: {a: [1, {b: c}]}\n",
        "list_fields: [name, colour]\n",
        "list_fields: [name]\n",
        "default_python: python3\n",
        "default_python: 3.12\n",
        "create_default_packages: pip\n",
        "channels:\n\t- a\n",
        "channels: [a\n",
        "- a\n",
        "just words\n",
        "a: 1\n---\nb: 2\n",
        "a: \u{1}\n",
        "a: &x 1\nb: *x\n",
        "a: *x\n",
        "key: value: other\n",
        "{channels: [a], offline: true}\n",
        "channels: ['a]\n",
        "\u{feff}channels: [a]\n",
        "channels: [a]\r\noffline: true\r\n",
    ];
    let mut disagreements = Vec::new();
    for text in texts {
        let findings = sextant::service::configuration::check_text(CONDA, text);
        let told = findings
            .iter()
            .any(|finding| finding.severity == sextant::service::configuration::Severity::Error);
        if told != stumbles(&conda, text) {
            disagreements.push((text, told));
        }
    }
    assert_eq!(disagreements, []);
}

/// The file of one place: settings with marks wherever a comment can stand.
fn file() -> impl Strategy<Value = String> {
    let mark = prop_oneof![
        5 => Just(""),
        1 => Just(" #!final"),
        1 => Just(" #!top"),
        1 => Just(" #!bottom"),
        1 => Just(" # !final"),
        1 => Just(" #!final\n  # note"),
        1 => Just(" #!top\n\n  # note"),
        1 => Just(" #final\n"),
    ];
    let item = (0..5u8, mark.clone()).prop_map(|(item, mark)| format!("  - c{item}{mark}\n"));
    let items = (mark.clone(), proptest::collection::vec(item, 1..4))
        .prop_map(|(mark, items)| format!("channels:{mark}\n{}", items.concat()));
    let single = (any::<bool>(), mark.clone()).prop_map(|(on, mark)| format!("offline: {on}{mark}\n"));
    let names = (mark.clone(), mark.clone(), mark.clone(), 0..9u8).prop_map(|(key, first, second, value)| {
        format!("proxy_servers:{key}\n  http: v{value}{first}\n  https: w{value}{second}\n")
    });
    (
        proptest::option::of(items),
        proptest::option::of(single),
        proptest::option::of(names),
    )
        .prop_map(|(items, single, names)| {
            [items, single, names]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .concat()
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn random_files_mean_to_sextant_what_they_mean_to_conda(files in [file(), file(), file()]) {
        let Some(conda) = Conda::find() else { return Ok(()) };
        let places = [".config/conda/condarc", ".conda/condarc", ".condarc"];
        let home = places.iter().zip(&files).fold(conda.home(), |home, (place, content)| home.file(place, content));
        let theirs = conda.ask(&home, &["--show", "channels", "offline", "proxy_servers"]);
        for key in ["channels", "offline", "proxy_servers"] {
            let ours = home.services().explain(CONDA, key).unwrap().value.map_or(Value::Null, |value| value.to_json());
            prop_assert_eq!(&ours, &theirs[key], "{} of {:?}", key, files);
        }
    }
}
