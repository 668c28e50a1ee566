//! Scripts that packages bring to be run after they are linked and before they are unlinked.
//!
//! They run as the person, with everything that the person may do, and so only with the person's consent. As with conda, a
//! script lies at `bin/.<name>-post-link.sh` or `bin/.<name>-pre-unlink.sh`, on Windows at `Scripts\.<name>-post-link.bat`.

use std::collections::{BTreeMap, HashMap};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rattler_conda_types::{RepoDataRecord, Subdir};
use rattler_shell::activation::{
    ActivationVariables, Activator, PathModificationBehavior, prefix_path_entries,
};
use rattler_shell::shell::{Bash, CmdExe, ShellEnum};

use super::change::dist;
use super::error::TransactionError;
use crate::package::stop::Stop;

/// How often a running script is asked whether it has ended.
const LOOK_EACH: Duration = Duration::from_millis(20);

/// How long the last words of a script that has failed are waited for.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The last lines of what a script said that are told when it fails.
const LAST_LINES: usize = 12;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    PreUnlink,
    PostLink,
}

impl Moment {
    pub fn name(self) -> &'static str {
        match self {
            Self::PreUnlink => "pre-unlink",
            Self::PostLink => "post-link",
        }
    }

    /// The script of a package, told from the prefix.
    pub fn path(self, record: &RepoDataRecord, platform: Subdir) -> PathBuf {
        let name = record.package_record.name.as_normalized();
        let moment = self.name();
        PathBuf::from(match platform.is_windows() {
            true => format!("Scripts/.{name}-{moment}.bat"),
            false => format!("bin/.{name}-{moment}.sh"),
        })
    }
}

/// Runs the script of a package. What it leaves in `.messages.txt` for the person is given back.
///
/// Errors: [`TransactionError::Script`] when it cannot be run or fails; [`TransactionError::Cancelled`], and then it has been
/// ended.
pub(super) fn run(
    moment: Moment,
    prefix: &Path,
    record: &RepoDataRecord,
    platform: Subdir,
    variables: &BTreeMap<String, String>,
    stop: &Stop,
) -> Result<Option<String>, TransactionError> {
    let failed = |output: String| TransactionError::Script {
        package: dist(record),
        script: moment.name(),
        output,
    };
    let mut command = command(moment, prefix, record, platform, variables);
    let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
    let said = read_along(&mut child);
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if stop.is_set() => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(TransactionError::Cancelled);
            }
            Ok(None) => std::thread::sleep(LOOK_EACH),
            Err(error) => return Err(failed(error.to_string())),
        }
    };
    let messages = prefix.join(".messages.txt");
    let message = fs::read_to_string(&messages).ok();
    let _ = fs::remove_file(&messages);
    if status.success() {
        return Ok(message.filter(|text| !text.trim().is_empty()));
    }
    // What a script left running in the background may hold the pipes for ever.
    let said = said.recv_timeout(LAST_WORDS).unwrap_or_default();
    let lines: Vec<&str> = said.lines().collect();
    Err(failed(lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")))
}

/// In the activated environment, as conda runs it.
fn command(
    moment: Moment,
    prefix: &Path,
    record: &RepoDataRecord,
    platform: Subdir,
    variables: &BTreeMap<String, String>,
) -> Command {
    let script = prefix.join(moment.path(record, platform));
    let mut command = match platform.is_windows() {
        true => {
            let mut command = Command::new("cmd.exe");
            command.args(["/d", "/c"]).arg(&script);
            command
        }
        false => {
            let mut command = Command::new("bash");
            command.arg(&script);
            command
        }
    };
    let package = &record.package_record;
    command
        .current_dir(prefix)
        .env_clear()
        .envs(variables)
        .envs(activated(prefix, platform, variables))
        .env("PREFIX", prefix)
        .env("PKG_NAME", package.name.as_normalized())
        .env("PKG_VERSION", package.version.to_string())
        .env("PKG_BUILDNUM", package.build_number.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What activating the environment sets. Where that fails, its programs are found all the same.
fn activated(
    prefix: &Path,
    platform: Subdir,
    variables: &BTreeMap<String, String>,
) -> HashMap<String, String> {
    let shell = match platform.is_windows() {
        true => ShellEnum::CmdExe(CmdExe),
        false => ShellEnum::Bash(Bash::default()),
    };
    let before = ActivationVariables {
        path_modification_behavior: PathModificationBehavior::Prepend,
        current_env: variables.clone().into_iter().collect(),
        ..ActivationVariables::default()
    };
    let environment = variables
        .iter()
        .map(|(name, value)| (OsStr::new(name), OsStr::new(value)))
        .collect();
    let activation = Activator::from_path(prefix, shell, platform)
        .and_then(|activator| activator.run_activation(before, Some(environment)));
    activation.unwrap_or_else(|_| {
        let own = prefix_path_entries(prefix, &platform);
        let outer = variables.get("PATH").map(OsString::from).unwrap_or_default();
        let all = own.into_iter().chain(std::env::split_paths(&outer));
        let path = std::env::join_paths(all).unwrap_or_else(|_| outer.clone());
        HashMap::from([
            ("PATH".to_owned(), path.to_string_lossy().into_owned()),
            ("CONDA_PREFIX".to_owned(), prefix.to_string_lossy().into_owned()),
        ])
    })
}

/// Reads what a script says while it runs, so that it never waits for a reader.
fn read_along(child: &mut Child) -> mpsc::Receiver<String> {
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (tell, hear) = mpsc::channel();
    std::thread::spawn(move || {
        let errors = std::thread::spawn(move || text_of(err));
        let mut said = text_of(out);
        said.push_str(&errors.join().unwrap_or_default());
        let _ = tell.send(said);
    });
    hear
}

fn text_of(pipe: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        let _ = pipe.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
