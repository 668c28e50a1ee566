//! A channel of real packages: a Python, packages for it, and packages of this platform.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

pub const PACKAGES: usize = 200;
pub const FILES: usize = 100;
const PLACEHOLDER: &str = "/built/for/placehold_placehold_placehold_placehold_placehold_placehold_placehold";

/// The addresses of all packages with their hashes, below the address at which the channel is.
pub fn addresses(channel: &Path, address: &str) -> Vec<String> {
    let records = fs::read(channel.join("records.json")).unwrap();
    let records: Vec<Value> = serde_json::from_slice(&records).unwrap();
    let text = |record: &Value, key: &str| record[key].as_str().unwrap().to_owned();
    let one = |record| {
        let (subdir, file, hash) = (text(record, "subdir"), text(record, "fn"), text(record, "sha256"));
        format!("{address}/{subdir}/{file}#{hash}")
    };
    records.iter().map(one).collect()
}

/// Writes the channel into a folder; the bytes of its packages once they are unpacked.
pub fn build(channel: &Path) -> usize {
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
                entry.as_object_mut().unwrap().remove("fn");
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
