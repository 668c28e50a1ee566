//! Which addresses channels stand for is what conda itself makes of them, where one is installed on this machine. conda is in
//! no index of packages, so that nothing is installed for it.

#[path = "support/planted.rs"]
mod planted;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use planted::Planted;
use proptest::prelude::*;
use serde_json::{Value, json};
use sextant::conda::Surroundings;
use sextant::conda::channel::ChannelEntry;
use sextant::conda::configuration::Configuration;

/// Asks conda's own objects for what they say of the texts on standard input.
const SCRIPT: &str = r#"
import json, sys
from conda.base.context import context, reset_context
reset_context()
from conda.models.channel import Channel
def about(text):
    try:
        channel = Channel(text)
        return [[c.canonical_name, c.urls(True, ("noarch",))[0], list(c.urls(True))] for c in channel.channels]
    except Exception:
        return None
def searched():
    try:
        return [url for text in context.channels for url in Channel(text).urls(False)]
    except Exception:
        return None
json.dump({"channels": [about(text) for text in json.load(sys.stdin)], "searched": searched()}, sys.stdout)
"#;

/// The interpreter that conda runs on, and the folder in which its package lies.
struct Conda {
    python: PathBuf,
    library: PathBuf,
    root: String,
}

impl Conda {
    /// The conda on `PATH`, if there is one.
    fn find() -> Option<&'static Self> {
        static FOUND: OnceLock<Option<Conda>> = OnceLock::new();
        FOUND.get_or_init(Self::look).as_ref()
    }

    fn look() -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        let program = std::env::split_paths(&path)
            .map(|folder| folder.join("conda"))
            .find(|program| program.is_file());
        let Some(program) = program else {
            eprintln!("skipped, because there is no conda on this machine");
            return None;
        };
        let home = Planted::new();
        let output = Command::new(program)
            .args(["info", "--json", "--offline"])
            .env_clear()
            .env("HOME", home.home())
            .env("PATH", "/usr/bin:/bin")
            .output()
            .unwrap();
        let info: Value = serde_json::from_slice(&output.stdout).unwrap();
        let library = Path::new(info["conda_location"].as_str()?).parent()?.to_owned();
        Some(Self {
            python: info["sys.executable"].as_str()?.into(),
            library,
            root: info["root_prefix"].as_str()?.to_owned(),
        })
    }

    fn home(&self) -> Planted {
        Planted::new()
            .variable("CONDA_ROOT", &self.root)
            .variable("LABEL", "dev")
    }

    fn ask(&self, home: &Planted, texts: &[String]) -> Value {
        use std::io::Write as _;
        let mut child = Command::new(&self.python)
            .args(["-W", "ignore", "-c", SCRIPT])
            .env_clear()
            .env("HOME", home.home())
            .env("PATH", "/usr/bin:/bin")
            .env("PYTHONPATH", &self.library)
            .envs(home.variables().iter().map(|(name, value)| (name, value)))
            .current_dir(home.home())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let input = json!(texts).to_string();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn surroundings(home: &Planted) -> Surroundings {
    let services = home.services();
    let locations = services.locations();
    Surroundings {
        home: locations.home.clone(),
        variables: locations.variables.clone(),
        platform: locations.platform,
        system_root: locations.system_root.clone(),
    }
}

/// What Sextant says in the same form.
fn ours(home: &Planted, texts: &[String]) -> Value {
    let configuration = Configuration::read(&surroundings(home));
    let resolver = configuration.resolver();
    let usual = configuration.subdirs();
    let about = |text: &String| -> Value {
        let resolution = resolver.resolve_text(text);
        let channels = resolution.channels.iter().map(|channel| {
            let address = channel.request_address(None);
            let subdirs = channel.subdirs(&usual);
            let urls: Vec<String> = subdirs
                .iter()
                .map(|subdir| format!("{}/{subdir}", address.expose().trim_end_matches('/')))
                .collect();
            json!([
                channel.canonical_name(),
                format!("{}/noarch", address.expose().trim_end_matches('/')),
                urls
            ])
        });
        channels.collect()
    };
    let searched = configuration.searched().map(|searched| -> Vec<String> {
        searched
            .iter()
            .flat_map(sextant::conda::resolution::SearchedChannel::urls)
            .collect()
    });
    json!({ "channels": texts.iter().map(about).collect::<Vec<_>>(), "searched": searched.ok() })
}

fn shown(home: &Planted) -> String {
    home.read(".condarc").unwrap_or_default()
}

/// Compares the two. What conda stops at or knows nothing of is left out.
fn compare(conda: &Conda, home: &Planted, texts: &[String]) {
    let (theirs, ours) = (conda.ask(home, texts), ours(home, texts));
    let differing: Vec<String> = texts
        .iter()
        .enumerate()
        .map(|(at, text)| (text, &ours["channels"][at], &theirs["channels"][at]))
        .filter(|(_, ours, theirs)| !theirs.is_null() && ours != theirs)
        .map(|(text, ours, theirs)| format!("{text}\n  ours   {ours}\n  conda's {theirs}"))
        .collect();
    assert!(
        differing.is_empty(),
        "with\n{}{}",
        shown(home),
        differing.join("\n")
    );
    let unique = |urls: &Value| -> Option<Vec<Value>> {
        let mut unique: Vec<Value> = Vec::new();
        for url in urls.as_array()? {
            if !unique.contains(url) {
                unique.push(url.clone());
            }
        }
        Some(unique)
    };
    assert_eq!(
        unique(&ours["searched"]),
        unique(&theirs["searched"]),
        "{}",
        shown(home)
    );
}

const CONDARCS: [&str; 9] = [
    "",
    "channel_alias: https://psm.example.com/api/repo/\ndefault_channels: [main, research/gpu]\nchannels: [team, defaults, team]\n",
    "channel_alias: https://u:p@h.example/t/tok-1/conda\nchannels: ['org/label/${LABEL}']\n",
    "channel_alias: https://psm.example.com/api/repo\ncustom_channels:\n  team: https://other.example.com/conda/t/tok-1\n  \
     deep/er: 'https://u:p@d.example/x'\n  plain: /shared\nchannels: [team/x, deep/er, local]\n",
    "custom_multichannels:\n  lab: [conda-forge, 'https://psm.example.com/api/repo/lab']\n  defaults: [main]\n\
     default_channels: [unused]\nchannels: [lab, defaults]\n",
    "channel_alias: https://new.example/api/repo\nmigrated_channel_aliases: ['https://old.example/conda', \
     'https://older.example']\nmigrated_custom_channels:\n  darwin: s3://my-bucket/here\n  team/x: https://t.example/deep\n\
     channels: ['https://old.example/conda/org', 's3://my-bucket/here/darwin/noarch']\n",
    "allowlist_channels: [conda-forge, 'https://h.example/x']\nchannels: [conda-forge, 'https://H.example/x/']\n",
    "denylist_channels: [defaults]\nchannels: [a, pkgs/main]\n",
    "subdir: win-64\nuse_local: true\nrestore_free_channel: true\ndefault_channels: ['https://h.example/t/tok-1/d', \
     'file:///opt/d']\nchannels: [defaults, /opt/x, '~/y', 'https://h.example/d']\n",
];

#[test]
fn known_texts_are_resolved_alike() {
    let Some(conda) = Conda::find() else { return };
    let texts = [
        "conda-forge",
        "team",
        "team/sub",
        "team/label/dev/linux-64",
        "Team/Linux-64",
        "linux-64",
        "pkgs",
        "pkgs/main",
        "pkgs/pro/x",
        "main/",
        "lab",
        "lab/osx-64",
        "local",
        "defaults/noarch",
        "darwin",
        "a//b",
        "x y",
        "https://repo.anaconda.com/pkgs",
        "https://repo.anaconda.com/pkgs/main/noarch/x-1-0.conda",
        "https://psm.example.com/api",
        "https://psm.example.com/apis/x",
        "https://psm.example.com/api/repo/t/tok-2/team/linux-64/",
        "https://h/t/a/t/b/x",
        "https://h/t//x",
        "https://h/t/ab_cd/main",
        "https://H.Example:0443/A;b/C;d?e#f",
        "https://:secret@h/x",
        "https://u@h/x%20y",
        "https://h/linux-64/deep/linux-64",
        "https://h/linux-64x/linux-64",
        "http://h:8080/conda",
        "http://h:8080/conda/t/tok/org/label/dev",
        "https://conda.anaconda.orgx/y",
        "file:///opt/ch/noarch",
        "file:///ch",
        "/opt/a b/../ch/",
        "~/ch",
        "//opt/x",
        "s3://my-bucket/here",
        "HTTPS://h/x",
        "",
    ]
    .map(str::to_owned);
    for condarc in CONDARCS {
        compare(conda, &conda.home().file(".condarc", condarc), &texts);
    }
    let home = conda
        .home()
        .file(".condarc", "channels: [local, ~]\n")
        .file("conda-bld/noarch/repodata.json", "{}");
    compare(conda, &home, &texts);
    let home = home
        .variable("CONDA_CHANNELS", "v,w")
        .variable("CONDA_CHANNEL_ALIAS", "http://a:1/b");
    compare(conda, &home, &texts);
}

/// Texts made of what channels are made of.
fn text() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "team", "x", "sub", "deep", "er", "pkgs", "main", "conda", "label", "dev", "lab", "linux-64",
        "noarch", "t", "tok-1", "api", "repo", "org", "darwin", "here", "a%20b", "", "defaults", "Osx-64",
        "d", "e;f",
    ]);
    let start = prop::sample::select(vec![
        "",
        "https://psm.example.com/",
        "https://psm.example.com/api/repo/",
        "http://other.example.com/conda/",
        "https://u:p@D.example/x/",
        "https://h.example:8443/",
        "https://old.example/conda/",
        "s3://my-bucket/",
        "https://repo.anaconda.com/",
        "https://t.example/deep/",
        "file:///",
        "/opt/",
        "https://conda.anaconda.org/",
    ]);
    (start, prop::collection::vec(part, 1..5))
        .prop_map(|(start, parts)| format!("{start}{}", parts.join("/")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_text_is_resolved_alike(texts in prop::collection::vec(text(), 120), which in 0..CONDARCS.len()) {
        let Some(conda) = Conda::find() else { return Ok(()) };
        // A name with a token is shown without it, which conda does not do; where it is asked for is the same. Four slashes
        // are a host to Python's file addresses, and to nobody else. And what lies below a channel of `defaults` gets the name of
        // that list from conda, since it renames the listed channel itself while it looks the name up.
        let home = conda.home().file(".condarc", CONDARCS[which]);
        let resolver = Configuration::read(&surroundings(&home)).resolver();
        let is_below_defaults = |text: &String| {
            let names = resolver.resolve_text(text).channels;
            let mut names = names.iter().map(sextant::conda::resolution::ResolvedChannel::canonical_name);
            names.any(|name| ["main/", "research/gpu/", "d/"].iter().any(|listed| name.starts_with(listed)))
        };
        let is_odd = |text: &String| {
            text.starts_with("t/") || text.starts_with("file:////") || is_below_defaults(text)
        };
        let texts: Vec<String> = texts.into_iter().filter(|text| !is_odd(text)).collect();
        compare(conda, &home, &texts);
    }
}

#[test]
fn an_entry_is_read_as_it_is_written() {
    // What the comparison above leaves to the configuration: variables.
    let home = Planted::new()
        .file(".condarc", "channels: ['$LABEL/x']\n")
        .variable("LABEL", "dev");
    let resolver = Configuration::read(&surroundings(&home)).resolver();
    let resolved = resolver.resolve(&ChannelEntry::from_text("$LABEL/x"));
    assert_eq!(resolved.addresses, ["https://conda.anaconda.org/dev/x"]);
}
