//! The provider of `provider.mjs`, run by Node. `NODE` and `NPM` name the programs.
//!
//! Its packages are installed once for each `package-lock.json` beside the build's own files. Without Node the tests are
//! left out, except in continuous integration, where they fail.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};
use url::Url;

const PACKAGE: &str = include_str!("package.json");
const LOCK: &str = include_str!("package-lock.json");
const PROVIDER: &str = include_str!("provider.mjs");

pub struct Peer {
    child: Child,
    pub issuer: Url,
}

impl Peer {
    pub fn start() -> Option<Self> {
        static INSTALLED: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        let folder = match INSTALLED.get_or_init(install) {
            Ok(folder) => folder,
            Err(reason) if std::env::var_os("CI").is_some() => {
                panic!("the provider is needed here: {reason}")
            }
            Err(reason) => {
                eprintln!("skipped, because the provider could not be installed: {reason}");
                return None;
            }
        };
        let mut child = Command::new(program("NODE", "node"))
            .arg("provider.mjs")
            .current_dir(folder)
            .env_remove("NODE_OPTIONS")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Node starts");
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("standard output is piped"));
        output.read_line(&mut line).expect("the provider speaks");
        let told: serde_json::Value = serde_json::from_str(&line).expect("the provider says where it is");
        let issuer = Url::parse(told["issuer"].as_str().unwrap()).unwrap();
        Some(Self { child, issuer })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(variable: &str, usual: &str) -> String {
    // npm is a script, and Windows starts it only by its full name.
    let suffix = if cfg!(windows) && usual == "npm" {
        ".cmd"
    } else {
        ""
    };
    std::env::var(variable).unwrap_or_else(|_| format!("{usual}{suffix}"))
}

/// The folder with the provider and its packages.
fn install() -> Result<PathBuf, String> {
    let version = run(Command::new(program("NODE", "node")).arg("--version"))?;
    let digest = Sha256::digest(format!("{LOCK}{PACKAGE}{PROVIDER}"));
    let digest: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = temporary.join(format!("oidc-provider-{digest}"));
    if folder.is_dir() {
        return Ok(folder);
    }
    // Made under another name first: what bears the right name is complete.
    let unfinished = temporary.join(format!("oidc-provider-{digest}-{}", std::process::id()));
    fs::create_dir_all(&unfinished).map_err(|e| e.to_string())?;
    for (name, text) in [
        ("package.json", PACKAGE),
        ("package-lock.json", LOCK),
        ("provider.mjs", PROVIDER),
    ] {
        fs::write(unfinished.join(name), text).map_err(|e| e.to_string())?;
    }
    run(Command::new(program("NPM", "npm"))
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&unfinished))
    .map_err(|reason| format!("{reason} (Node {})", version.trim()))?;
    match fs::rename(&unfinished, &folder) {
        Ok(()) => Ok(folder),
        // Another run was faster.
        Err(_) if folder.is_dir() => fs::remove_dir_all(&unfinished)
            .map(|()| folder)
            .map_err(|e| e.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

fn run(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => Err(format!(
            "{program} failed: {}",
            String::from_utf8_lossy(&output.stderr)
        )),
        Err(error) => Err(format!("{program} could not be started: {error}")),
    }
}
