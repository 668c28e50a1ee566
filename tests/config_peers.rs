//! What Sextant says about the configuration of anaconda-client and of pip is what these programs say themselves, and
//! what Sextant writes is what they read.

#[path = "support/peers.rs"]
mod peers;
#[path = "support/planted.rs"]
mod planted;

use std::collections::BTreeMap;

use peers::Peer;
use planted::Planted;
use serde_json::{Map, Value, json};
use sextant::service::configuration::{ConfigurationFile, Origin, PlaceState, SettingValue};

const CLIENT: ConfigurationFile = ConfigurationFile::AnacondaClient;
const PIP: ConfigurationFile = ConfigurationFile::Pip;

/// What `anaconda config --show` and `--show-sources` print, as JSON.
const CONFIG: &str = r#"
import argparse, json, logging, sys, warnings
warnings.simplefilter("ignore")
from binstar_client.commands.config import main
import yaml
lines = []
class Keep(logging.Handler):
    def emit(self, record):
        lines.append(record.getMessage())
logging.getLogger("binstar").addHandler(Keep())
logging.getLogger("binstar").setLevel(logging.INFO)
logging.getLogger("binstar").propagate = False
def ask(**what):
    lines.clear()
    asked = dict(show=False, show_sources=False, get=None, files=False, set=[], remove=[], user=True, type=None)
    main(argparse.Namespace(**{**asked, **what}))
    return list(lines)
shown = [yaml.safe_load(text) for text in ask(show=True) if not text.startswith("Site alias")]
sources, path = {}, None
for text in ask(show_sources=True):
    if text.startswith("==> "):
        path = text[4:-4]
    elif path:
        sources[path] = yaml.safe_load(text) or {}
print(json.dumps({"shown": shown[-1], "sources": sources}, default=str))
"#;

fn anaconda_clients() -> Vec<Peer> {
    [
        &["anaconda-client==1.13.0"][..],
        &["anaconda-client==1.16.0", "anaconda-auth==0.15.3"],
    ]
    .into_iter()
    .filter_map(Peer::with)
    .collect()
}

fn ask(peer: &Peer, home: &Planted, script: &str) -> Value {
    let said = peer.run(script, home.home(), home.variables(), "");
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
}

fn moved() -> Planted {
    Planted::new()
        .place("XDG_DATA_DIRS", "site")
        .place("XDG_CONFIG_HOME", "xdg")
        .place("CONDA_ROOT", "conda")
        .place("CONDA_PREFIX", "env")
}

/// Homes in which the order of anaconda-client's files matters.
fn homes_of_anaconda_client() -> Vec<Planted> {
    let order = [
        "site/binstar",
        "conda/etc/anaconda-client",
        "xdg/binstar",
        ".continuum/anaconda-client",
        "env/etc/anaconda-client",
    ];
    let mut homes = vec![Planted::new(), moved()];
    for count in 1..=order.len() {
        let files = order[..count].iter().enumerate();
        homes.push(files.fold(moved(), |home, (at, folder)| {
            home.file(
                &format!("{folder}/any-name.yml"),
                format!("url: https://h{at}/api\nupload_user: u{at}\nsites:\n  lab:\n    k{at}: {at}\n    url: https://lab{at}\n"),
            )
        }));
    }
    let own = ".continuum/anaconda-client/config.yaml";
    for content in [
        "default_site: lab\nsites:\n  lab: {url: 'https://lab/api', ssl_verify: no}\nurl: https://own/api\nssl_verify: yes\n",
        "default_site: nowhere\nurl: https://own/api\n",
        "url: https://a\nurl: https://b\n",
        "auto_register: off\nssl_verify: /ca.pem\nverify_ssl: false\n",
        "url: [broken\n",
        "url: !!python/name:os.system x\n",
        "mine: {a: {b: [1, two, null]}}\n",
        "base: &x {url: https://a}\nsites: {lab: *x}\n",
        "",
        "# a comment\n",
    ] {
        homes.push(
            moved()
                .file("xdg/binstar/a.yaml", "url: https://below\nssl_verify: true\n")
                .file(own, content),
        );
    }
    homes.push(
        Planted::new()
            .place("BINSTAR_CONFIG_DIR", "one")
            .file("one/data/config.yaml", "url: https://one\n")
            .file(own, "url: https://two\n"),
    );
    homes.push(
        moved()
            .place("CONDA_PREFIX", "conda")
            .file("conda/etc/anaconda-client/c.yml", "url: https://base\n"),
    );
    homes
}

fn put(into: &mut Value, path: &[&str], value: Value) {
    match path {
        [] => *into = value,
        [name, rest @ ..] => {
            if !into.is_object() {
                *into = json!({});
            }
            put(&mut into[*name], rest, value);
        }
    }
}

#[test]
fn anaconda_clients_own_view_is_ours() {
    for peer in anaconda_clients() {
        for home in homes_of_anaconda_client() {
            let said = ask(&peer, &home, CONFIG);
            let effective = home.services().effective(CLIENT).unwrap();
            // The files that have something to say, in the order of the tool.
            let theirs: Vec<&String> = said["sources"].as_object().unwrap().keys().collect();
            let unreadable = |path: &str| said["sources"][path].as_object().is_some_and(Map::is_empty);
            let ours: Vec<String> = effective
                .places
                .iter()
                .filter(|place| place.state != PlaceState::Missing)
                .map(|place| place.origin.place())
                .collect();
            assert_eq!(ours.iter().collect::<Vec<_>>(), theirs);
            for place in &effective.places {
                if let PlaceState::Unused { reason } = &place.state {
                    assert!(unreadable(&place.origin.place()), "{reason}");
                }
            }
            // What each file says.
            let mut sources: BTreeMap<String, Value> =
                theirs.iter().map(|path| ((*path).clone(), json!({}))).collect();
            for setting in &effective.settings {
                for source in &setting.sources {
                    let Origin::File { path, .. } = &source.origin else {
                        continue;
                    };
                    let names: Vec<&str> = source.spelling.split('.').collect();
                    let into = sources.get_mut(&path.display().to_string()).unwrap();
                    put(into, &names, source.value.to_json());
                }
            }
            assert_eq!(json!(sources), said["sources"]);
            // What is in effect.
            let shown = said["shown"].as_object().unwrap();
            for (key, value) in shown {
                let explained = home.services().explain(CLIENT, key).unwrap();
                let ours = explained.value.map_or(Value::Null, |value| value.to_json());
                assert_eq!(&ours, value, "{key}");
            }
        }
    }
}

#[test]
fn anaconda_client_reads_what_is_written_for_it() {
    for peer in anaconda_clients() {
        let home = moved().file(
            ".continuum/anaconda-client/config.yaml",
            "# mine\nurl: https://old/api  # here\nsites:\n  lab:\n    url: https://lab\n",
        );
        let services = home.services();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        for (key, value) in [
            ("url", "https://new/api/"),
            ("ssl_verify", "no"),
            ("sites.lab.ssl_verify", "/ca.pem"),
            ("sites.other.url", "https://other/api"),
            ("default_site", "other"),
            ("upload_user", "yes"),
            ("auto_register", "off"),
        ] {
            let plan = services.plan_set(CLIENT, key, value).unwrap();
            runtime.block_on(services.change_configuration(&plan)).unwrap();
        }
        let shown = &ask(&peer, &home, CONFIG)["shown"];
        assert_eq!(shown["url"], "https://other/api");
        assert_eq!(shown["ssl_verify"], false);
        assert_eq!(
            shown["sites"]["lab"],
            json!({"url": "https://lab", "ssl_verify": "/ca.pem"})
        );
        assert_eq!(shown["default_site"], "other");
        assert_eq!(shown["upload_user"], "yes");
        assert_eq!(shown["auto_register"], false);
        let text = home.read(".continuum/anaconda-client/config.yaml").unwrap();
        assert!(
            text.starts_with("# mine\nurl: https://new/api/  # here\n"),
            "{text}"
        );
    }
}

/// Runs pip with the words that follow on standard input, and tells what it said.
const RUN_PIP: &str = r#"
import json, runpy, sys, io, contextlib
out, err = io.StringIO(), io.StringIO()
words = json.loads(WORDS)
sys.argv = ["pip", *words]
code = 0
with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
    try:
        runpy.run_module("pip", run_name="__main__")
    except SystemExit as ended:
        code = ended.code or 0
print(json.dumps({"code": code, "out": out.getvalue(), "err": err.getvalue(), "prefix": sys.prefix}))
"#;

/// The options of `pip install` in the order in which later ones prevail.
const OPTIONS_OF_PIP: &str = r#"
import json, sys
from pip._internal.commands import create_command
parser = create_command("install").parser
parser.config.load()
items = list(parser._get_ordered_configuration_items())
print(json.dumps({"items": items, "prefix": sys.prefix}))
"#;

fn options_of_install(peer: &Peer, home: &Planted) -> (BTreeMap<String, String>, String) {
    let said = ask(peer, home, OPTIONS_OF_PIP);
    let items = said["items"].as_array().unwrap().iter();
    let plain = |text: &Value| {
        text.as_str()
            .unwrap()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let options = items.map(|item| (plain(&item[0]), plain(&item[1]))).collect();
    (options, said["prefix"].as_str().unwrap().to_owned())
}

fn pips() -> Vec<Peer> {
    [&["pip==24.0"][..], &["pip==26.3"]]
        .into_iter()
        .filter_map(Peer::with)
        .collect()
}

fn pip(peer: &Peer, home: &Planted, words: &[&str]) -> Value {
    let script = RUN_PIP.replace("WORDS", &format!("{:?}", json!(words).to_string()));
    ask(peer, home, &script)
}

/// `key='value'` of `pip config list`, as a map.
fn listed(said: &Value) -> BTreeMap<String, String> {
    let lines = said["out"].as_str().unwrap().lines();
    lines
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| {
            let text = value.trim_matches('\'').replace("\\n", "\n");
            (key.to_owned(), text)
        })
        .collect()
}

/// The files of `pip config debug` in its order, with whether each is there.
fn debugged(said: &Value) -> Vec<(String, bool)> {
    let lines = said["out"].as_str().unwrap().lines();
    lines
        .filter_map(|line| line.trim().split_once(", exists: "))
        .map(|(path, exists)| (path.to_owned(), exists == "True"))
        .collect()
}

fn homes_of_pip() -> Vec<Planted> {
    let base = || {
        Planted::new()
            .place("XDG_CONFIG_DIRS", "machine")
            .place("XDG_CONFIG_HOME", "xdg")
    };
    let order = ["machine/pip/pip.conf", ".pip/pip.conf", "xdg/pip/pip.conf"];
    let mut homes = vec![base()];
    for count in 1..=order.len() {
        let files = order[..count].iter().enumerate();
        homes.push(files.fold(base(), |home, (at, path)| {
            home.file(
                path,
                format!("[global]\nindex-url = https://h{at}/simple\nextra-index-url =\n    https://a{at}\n    https://b{at}\n[install]\nno-deps = yes\n[list]\nk{at} = x\n"),
            )
        }));
    }
    homes.push(base().file(
        order[2],
        "[global]\nIndex_URL: https://a  ; not a comment\n# one\ntimeout = 5\n",
    ));
    homes.push(
        base()
            .file(order[2], "[global]\ntimeout = 5\n")
            .variable("PIP_TIMEOUT", "9")
            .variable("PIP_NO_INPUT", "1"),
    );
    homes.push(
        base()
            .file(order[2], "[global]\ntimeout = 5\n")
            .file("named.conf", "[global]\nretries = 7\n")
            .place("PIP_CONFIG_FILE", "named.conf"),
    );
    homes.push(
        base()
            .file(order[2], "[global]\ntimeout = 5\n")
            .place("PIP_CONFIG_FILE", "missing.conf"),
    );
    homes.push(
        base()
            .file(order[0], "[global]\ntimeout = 5\n")
            .variable("PIP_CONFIG_FILE", "/dev/null"),
    );
    homes.push(base().file(order[2], "[DEFAULT]\ntimeout = 3\n[global]\nretries = 1\n"));
    homes
}

fn text_of(value: &SettingValue) -> String {
    match value {
        SettingValue::List(items) => items
            .iter()
            .filter_map(SettingValue::expose)
            .collect::<Vec<_>>()
            .join("\n"),
        other => other.expose().unwrap_or_default(),
    }
}

#[test]
fn pips_own_view_is_ours() {
    for peer in pips() {
        // What the machine itself says, to every home.
        let (of_machine, prefix) =
            options_of_install(&peer, &Planted::new().place("XDG_CONFIG_DIRS", "machine"));
        for home in homes_of_pip() {
            let home = home.variable("VIRTUAL_ENV", &prefix);
            let effective = home.services().effective(PIP).unwrap();

            // The files that count.
            let theirs = debugged(&pip(&peer, &home, &["config", "debug"]));
            let mut theirs: Vec<String> = theirs
                .into_iter()
                .filter(|(path, exists)| *exists && path.starts_with(&home.home().display().to_string()))
                .map(|(path, _)| path)
                .collect();
            let mut ours: Vec<String> = effective
                .places
                .iter()
                .filter(|place| {
                    matches!(place.origin, Origin::File { .. }) && place.state == PlaceState::Read
                })
                .map(|place| place.origin.place())
                .collect();
            theirs.sort();
            ours.sort();
            // pip lists the files also where it reads none of them.
            let off = home.variables().iter().any(|(_, value)| value == "/dev/null");
            assert_eq!(ours, if off { Vec::new() } else { theirs });

            // The values in effect for a command: its own section prevails over the general one, a variable over both.
            let (mut theirs, _) = options_of_install(&peer, &home);
            let mut ours: BTreeMap<String, String> = BTreeMap::new();
            for section in ["global", "install"] {
                for setting in &effective.settings {
                    let Some((_, option)) = setting.key.split_once('.').filter(|(own, _)| *own == section)
                    else {
                        continue;
                    };
                    let value = setting.value.as_ref().map(text_of).unwrap_or_default();
                    ours.insert(
                        option.to_owned(),
                        value.split_whitespace().collect::<Vec<_>>().join(" "),
                    );
                }
            }
            theirs.remove("config-file");
            theirs.retain(|key, value| ours.contains_key(key) || of_machine.get(key) != Some(value));
            assert_eq!(ours, theirs);
        }
    }
}

#[test]
fn where_pip_stops_is_told() {
    for peer in pips() {
        for content in [
            "timeout = 5\n",
            "[global]\ntimeout = 5\ntimeout = 6\n",
            "[global]\n[global]\n",
            "[global]\njust words\n",
            "\u{feff}[global]\ntimeout = 5\n",
            "[global]\ntimeout = 5\n",
            "[global]\n; note\nextra-index-url = a\n   b\n",
        ] {
            let home = Planted::new().file(".config/pip/pip.conf", content);
            let stops = pip(&peer, &home, &["config", "list"])["code"] != 0;
            let told = home
                .services()
                .effective(PIP)
                .unwrap()
                .places
                .iter()
                .any(|place| matches!(place.state, PlaceState::Unused { .. }));
            assert_eq!(told, stops, "{content:?}");
        }
    }
}

#[test]
fn pip_reads_what_is_written_for_it() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for peer in pips() {
        let home = Planted::new().file(
            ".pip/pip.conf",
            "# mine\n[global]\nExtra_Index_URL = https://old\n\n[list]\nformat = json\n",
        );
        let services = home.services();
        for (key, value) in [
            ("extra-index-url", "https://a/simple https://b/simple"),
            ("global.timeout", "30"),
            ("install.no_deps", "yes"),
        ] {
            let plan = services.plan_set(PIP, key, value).unwrap();
            runtime.block_on(services.change_configuration(&plan)).unwrap();
        }
        let listed = listed(&pip(&peer, &home, &["config", "list"]));
        assert_eq!(
            listed["global.extra-index-url"]
                .split_whitespace()
                .collect::<Vec<_>>(),
            ["https://a/simple", "https://b/simple"]
        );
        assert_eq!(listed["global.timeout"], "30");
        assert_eq!(listed["install.no-deps"], "true");
        assert_eq!(listed["list.format"], "json");
        let text = home.read(".pip/pip.conf").unwrap();
        assert!(
            text.starts_with("# mine\n[global]\nExtra_Index_URL = \n"),
            "{text}"
        );
        assert_eq!(home.read(".config/pip/pip.conf"), None);
    }
}
