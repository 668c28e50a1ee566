//! Prefixes as conda leaves them, made up: records with the fields, the layout and the amount of files of real ones.

#![allow(dead_code, reason = "every test uses its part")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A package to be put into a prefix.
pub struct Package {
    pub name: String,
    pub version: String,
    pub build: String,
    /// How many files its record lists.
    pub files: usize,
    pub is_python: bool,
}

impl Package {
    pub fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            build: "h0_0".to_owned(),
            files: 3,
            is_python: false,
        }
    }

    pub fn record_name(&self) -> String {
        format!("{}-{}-{}.json", self.name, self.version, self.build)
    }

    fn paths(&self) -> Vec<String> {
        let module = self.name.replace('-', "_");
        let mut paths: Vec<String> = (0..self.files)
            .map(|at| match self.is_python {
                true => format!(
                    "lib/python3.12/site-packages/{module}/part_{:03}/module_{at:05}.py",
                    at / 40
                ),
                false => format!("include/{module}/group_{:03}/header_{at:05}.h", at / 40),
            })
            .collect();
        if self.is_python {
            for file in ["METADATA", "RECORD"] {
                paths.push(format!(
                    "lib/python3.12/site-packages/{module}-{}.dist-info/{file}",
                    self.version
                ));
            }
        }
        paths
    }

    /// The record as conda writes it: keys in order, two spaces a level.
    pub fn record(&self) -> String {
        let subdir = if self.is_python { "noarch" } else { "linux-64" };
        let file = format!("{}-{}-{}", self.name, self.version, self.build);
        let paths = self.paths();
        let mut record = serde_json::json!({
            "arch": "x86_64",
            "build": self.build,
            "build_number": 0,
            "channel": format!("https://conda.example.com/main/{subdir}"),
            "constrains": [],
            "depends": ["libgcc >=13", "python >=3.12,<3.13.0a0", "__glibc >=2.17"],
            "extracted_package_dir": format!("/opt/conda/pkgs/{file}"),
            "features": "",
            "files": paths,
            "fn": format!("{file}.conda"),
            "license": "BSD-3-Clause",
            "link": {"source": format!("/opt/conda/pkgs/{file}"), "type": 1},
            "md5": "d3b07384d113edec49eaa6238ad5ff00",
            "name": self.name,
            "package_tarball_full_path": format!("/opt/conda/pkgs/{file}.conda"),
            "paths_data": {
                "paths": paths.iter().map(|path| serde_json::json!({
                    "_path": path,
                    "path_type": "hardlink",
                    "sha256": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                    "sha256_in_prefix": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                    "size_in_bytes": 3021,
                })).collect::<Vec<_>>(),
                "paths_version": 1,
            },
            "requested_spec": "None",
            "sha256": "7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730",
            "size": 173_021,
            "subdir": subdir,
            "timestamp": 1_700_000_000_000_u64,
            "track_features": "",
            "url": format!("https://conda.example.com/main/{subdir}/{file}.conda"),
            "version": self.version,
        });
        if self.is_python {
            record["noarch"] = "python".into();
        }
        serde_json::to_string_pretty(&record).unwrap()
    }
}

/// Makes a prefix that holds these packages; of their files only what tells of a Python package.
pub fn make(prefix: &Path, packages: &[Package]) {
    let meta = prefix.join("conda-meta");
    fs::create_dir_all(&meta).unwrap();
    let mut history =
        String::from("==> 2026-11-20 08:00:00 <==\n# cmd: conda create\n# conda version: 26.7.0\n");
    for package in packages {
        fs::write(meta.join(package.record_name()), package.record()).unwrap();
        history.push_str(&format!(
            "+main/linux-64::{}-{}-{}\n",
            package.name, package.version, package.build
        ));
        if package.is_python {
            let module = package.name.replace('-', "_");
            let info = prefix.join(format!(
                "lib/python3.12/site-packages/{module}-{}.dist-info",
                package.version
            ));
            fs::create_dir_all(&info).unwrap();
            let metadata = format!("Name: {}\nVersion: {}\n", package.name, package.version);
            fs::write(info.join("METADATA"), metadata).unwrap();
            fs::write(info.join("RECORD"), "").unwrap();
        }
    }
    fs::File::create(meta.join("history"))
        .and_then(|mut file| file.write_all(history.as_bytes()))
        .unwrap();
}

/// As many packages as a large environment for data science has, with 120,000 files among 500 of them.
pub fn many(count: usize) -> Vec<Package> {
    let mut packages = vec![Package {
        files: 7_000,
        ..Package::new("python", "3.12.4")
    }];
    for at in 1..count {
        // Few packages have most of the files.
        let files = match at % 50 {
            0 => 4_500,
            1..=5 => 800,
            6..=20 => 160,
            _ => 35,
        };
        packages.push(Package {
            files,
            is_python: at % 2 == 0,
            ..Package::new(&format!("package-{at:03}"), "1.2.3")
        });
    }
    packages
}

/// The bytes of all records.
pub fn bytes_of_records(prefix: &Path) -> u64 {
    let records: Vec<PathBuf> = fs::read_dir(prefix.join("conda-meta"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    records.iter().map(|path| fs::metadata(path).unwrap().len()).sum()
}
