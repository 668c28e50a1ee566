//! Linking 200 packages out of a warm cache into a new environment, beside py-rattler's `install` of the same packages in the
//! same run, where `PYTHON` (or `python3`) has it.
//!
//! `cargo bench --bench install`. Each measurement is a process of its own, so that the memory is its own too. It fails beyond the
//! promise only in an optimised build.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sextant::credential::FileStore;
use sextant::locations::Locations;
use sextant::package::transaction::Scripts;
use sextant::service::packages::apply::Consent;
use sextant::service::packages::plan::ChangeOptions;
use sextant::service::{Services, SystemClock};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

const PACKAGES: usize = 200;
const FILES: usize = 100;
const ROUNDS: usize = 7;
/// Of py-rattler's time and memory.
const PROMISE: f64 = 1.1;
const PLACEHOLDER: &str = "/built/for/placehold_placehold_placehold_placehold_placehold_placehold_placehold";

fn main() {
    let mut words = std::env::args().skip(1);
    if let (Some("--link"), Some(folder)) = (words.next().as_deref(), words.next()) {
        link(Path::new(&folder));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let channel = folder.path().join("channel");
    let bytes = build(&channel);
    println!(
        "{PACKAGES} packages with {} files, {:.0} MB unpacked",
        PACKAGES * FILES,
        bytes as f64 / 1e6
    );
    let own = || {
        let program = std::env::current_exe().unwrap();
        measured(Command::new(program).arg("--link").arg(folder.path()))
    };
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let peer = || measured(Command::new(&python).args(["-c", PEER]).arg(folder.path()));
    let has_peer = Command::new(&python).args(["-c", "import rattler"]).output();
    let has_peer = has_peer.is_ok_and(|output| output.status.success());
    // The caches fill, and the files are read once.
    own();
    if has_peer {
        peer();
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(own());
        if has_peer {
            theirs.push(peer());
        }
    }
    let (time, memory) = report("sextant", &ours);
    if !has_peer {
        println!("py-rattler                  not on this machine");
        return;
    }
    let (their_time, their_memory) = report("py-rattler", &theirs);
    let times = time.as_secs_f64() / their_time.as_secs_f64();
    let memories = memory / their_memory;
    println!("{times:.2} of its time, {memories:.2} of its memory; promised: at most {PROMISE}");
    assert!(
        cfg!(debug_assertions) || (times <= PROMISE && memories <= PROMISE),
        "more than promised"
    );
}

/// Says how long it took, and the most memory that it held beyond what it held before.
#[derive(Clone, Copy)]
struct Measured {
    took: Duration,
    megabytes: f64,
}

fn measured(command: &mut Command) -> Measured {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    Measured {
        took: Duration::from_secs_f64(said["seconds"].as_f64().unwrap()),
        megabytes: said["megabytes"].as_f64().unwrap(),
    }
}

fn report(what: &str, all: &[Measured]) -> (Duration, f64) {
    let mut times: Vec<Duration> = all.iter().map(|one| one.took).collect();
    let mut memories: Vec<f64> = all.iter().map(|one| one.megabytes).collect();
    times.sort_unstable();
    memories.sort_by(f64::total_cmp);
    let (time, memory) = (times[times.len() / 2], memories[memories.len() / 2]);
    println!(
        "{what:<12} best {:>8.2?}, median {time:>8.2?}, worst {:>8.2?}, {memory:>6.1} MB",
        times[0],
        times[times.len() - 1]
    );
    (time, memory)
}

/// Kilobytes of a line of `/proc/self/status`; nothing elsewhere than on Linux.
fn status(line: &str) -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = text.lines().find_map(|found| found.strip_prefix(line));
    let digits = found.and_then(|rest| rest.split_whitespace().next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or_default()
}

/// The part that is measured: everything between the agreement and the environment.
fn link(folder: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let locations = Locations::inside(&folder.join("home"));
    let credentials = Arc::new(FileStore::new(locations.credentials()));
    let services = Services::with(locations, credentials, Arc::new(SystemClock));
    let prefix = folder.join("sextant-environment");
    let addresses: Vec<String> = records(&folder.join("channel"))
        .iter()
        .map(|record| {
            format!(
                "{}#{}",
                record["url"].as_str().unwrap(),
                record["sha256"].as_str().unwrap()
            )
        })
        .collect();
    let options = ChangeOptions::default();
    let plan = runtime
        .block_on(services.plan_explicit(&prefix, &addresses, &options, |_| {}))
        .unwrap();
    assert_eq!(plan.preview.added.len(), PACKAGES);
    let consent = Consent {
        scripts: Scripts::Skip,
        command: "bench".to_owned(),
    };
    let before = status("VmRSS:");
    let start = Instant::now();
    let stop = std::future::pending::<Result<(), ()>>();
    runtime
        .block_on(services.apply_change(&plan, &consent, |_| {}, stop))
        .unwrap();
    let took = start.elapsed();
    let megabytes = (status("VmHWM:") - before) / 1e3;
    check(&prefix);
    println!(
        "{}",
        json!({"seconds": took.as_secs_f64(), "megabytes": megabytes})
    );
}

/// The environment is whole; and gone again for the next round.
fn check(prefix: &Path) {
    let records = fs::read_dir(prefix.join("conda-meta")).unwrap().flatten();
    let records = records.filter(|entry| entry.path().extension().is_some_and(|found| found == "json"));
    assert_eq!(records.count(), PACKAGES);
    let text = fs::read_to_string(prefix.join("bin/tool0")).unwrap();
    assert!(text.contains(prefix.to_str().unwrap()));
    fs::remove_dir_all(prefix).unwrap();
}

const PEER: &str = r#"
import asyncio, json, os, pathlib, shutil, sys, time
import rattler
folder = pathlib.Path(sys.argv[1])
def status(line):
    with open("/proc/self/status") as file:
        return next(int(found.split()[1]) for found in file if found.startswith(line))
channel = rattler.Channel((folder / "channel").as_uri())
records = []
for subdir in ("noarch", "linux-64"):
    data = rattler.RepoData.from_path(str(folder / "channel" / subdir / "repodata.json"))
    records += data.into_repo_data(channel)
prefix = folder / "rattler-environment"
async def work():
    await rattler.install(records, target_prefix=str(prefix), cache_dir=str(folder / "rattler-cache"), show_progress=False)
before = status("VmRSS:")
start = time.perf_counter()
asyncio.run(work())
took = time.perf_counter() - start
peak = status("VmHWM:")
assert len(list((prefix / "conda-meta").glob("*.json"))) == len(records)
shutil.rmtree(prefix)
print(json.dumps({"seconds": took, "megabytes": (peak - before) / 1e3}))
"#;

fn records(channel: &Path) -> Vec<Value> {
    serde_json::from_slice(&fs::read(channel.join("records.json")).unwrap()).unwrap()
}

/// A channel in a folder: a Python, packages for it, and packages of this platform.
fn build(channel: &Path) -> usize {
    let mut all = Vec::new();
    let mut unpacked = 0;
    for number in 0..PACKAGES {
        let package = package(number);
        unpacked += package.files.iter().map(|file| file.content.len()).sum::<usize>();
        all.push(write(channel, &package));
    }
    for subdir in ["noarch", "linux-64"] {
        let of_subdir = all.iter().filter(|record| record["subdir"] == subdir);
        let packages: serde_json::Map<String, Value> = of_subdir
            .map(|record| {
                let mut entry = record.clone();
                let name = entry["fn"].as_str().unwrap().to_owned();
                entry
                    .as_object_mut()
                    .unwrap()
                    .retain(|key, _| key != "fn" && key != "url");
                (name, entry)
            })
            .collect();
        let data = json!({"info": {"subdir": subdir}, "packages": {}, "packages.conda": packages, "repodata_version": 1});
        fs::write(channel.join(subdir).join("repodata.json"), data.to_string()).unwrap();
    }
    fs::write(channel.join("records.json"), Value::from(all).to_string()).unwrap();
    unpacked
}

struct File {
    path: String,
    content: Vec<u8>,
    has_placeholder: bool,
}

struct Package {
    name: String,
    is_for_every_python: bool,
    files: Vec<File>,
}

/// As real ones are: most files small, one in twenty naming the prefix, half of the packages for every Python.
fn package(number: usize) -> Package {
    let file = |path: String, content: Vec<u8>, has_placeholder| File {
        path,
        content,
        has_placeholder,
    };
    if number == 0 {
        let files =
            (0..FILES).map(|at| file(format!("lib/python3.12/module{at}.py"), vec![b'#'; 4_000], false));
        let mut files: Vec<File> = files.collect();
        files[0] = file("bin/python3.12".to_owned(), vec![0; 1_000_000], false);
        files[1] = file(
            "bin/tool0".to_owned(),
            format!("#!{PLACEHOLDER}/bin/python\n").into_bytes(),
            true,
        );
        return Package {
            name: "python".to_owned(),
            is_for_every_python: false,
            files,
        };
    }
    let is_for_every_python = number.is_multiple_of(2);
    let name = format!("package{number}");
    let folder = match is_for_every_python {
        true => format!("site-packages/{name}"),
        false => format!("lib/{name}"),
    };
    let files = (0..FILES).map(|at| {
        let path = format!("{folder}/part{}/file{at}.py", at % 8);
        let size = 500 + (number * 31 + at * 97) % 8_000;
        match at % 20 {
            0 => file(
                path,
                format!("#!{PLACEHOLDER}/bin/python\n{}", "x".repeat(size)).into_bytes(),
                true,
            ),
            _ => file(path, vec![b'x'; size], false),
        }
    });
    Package {
        files: files.collect(),
        name,
        is_for_every_python,
    }
}

fn write(channel: &Path, package: &Package) -> Value {
    let subdir = match package.is_for_every_python {
        true => "noarch",
        false => "linux-64",
    };
    let version = if package.name == "python" { "3.12.4" } else { "1.0" };
    let stem = format!("{}-{version}-0", package.name);
    let mut index = json!({
        "name": package.name, "version": version, "build": "0", "build_number": 0, "subdir": subdir,
        "depends": if package.is_for_every_python { json!(["python"]) } else { json!([]) },
    });
    if package.is_for_every_python {
        index["noarch"] = json!("python");
    }
    let paths: Vec<Value> = package.files.iter().map(path_of).collect();
    let mut info = Builder::new(Vec::new());
    append(&mut info, "info/index.json", index.to_string().as_bytes());
    append(&mut info, "info/about.json", b"{}");
    append(
        &mut info,
        "info/paths.json",
        json!({"paths_version": 1, "paths": paths}).to_string().as_bytes(),
    );
    let mut content = Builder::new(Vec::new());
    for file in &package.files {
        append(&mut content, &file.path, &file.content);
    }
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let compressed = |tar: Builder<Vec<u8>>| zstd::encode_all(&*tar.into_inner().unwrap(), 1).unwrap();
    for (name, bytes) in [
        (
            "metadata.json".to_owned(),
            br#"{"conda_pkg_format_version": 2}"#.to_vec(),
        ),
        (format!("pkg-{stem}.tar.zst"), compressed(content)),
        (format!("info-{stem}.tar.zst"), compressed(info)),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    let place: PathBuf = channel.join(subdir).join(format!("{stem}.conda"));
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(&place, &bytes).unwrap();
    index["fn"] = json!(format!("{stem}.conda"));
    index["url"] = json!(format!("file://{}", place.display()));
    index["size"] = json!(bytes.len());
    index["sha256"] = json!(hexadecimal(&bytes));
    index
}

fn path_of(file: &File) -> Value {
    let mut path = json!({
        "_path": file.path, "path_type": "hardlink", "size_in_bytes": file.content.len(),
        "sha256": hexadecimal(&file.content),
    });
    if file.has_placeholder {
        path["file_mode"] = json!("text");
        path["prefix_placeholder"] = json!(PLACEHOLDER);
    }
    path
}

fn hexadecimal(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn append(tar: &mut Builder<Vec<u8>>, path: &str, content: &[u8]) {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_mtime(1_700_000_000);
    header.set_size(content.len() as u64);
    tar.append_data(&mut header, path, content).unwrap();
}
