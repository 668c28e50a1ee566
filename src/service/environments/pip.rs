//! Installing with the pip of an environment what a file wants from pip, on request.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use super::error::EnvironmentChangeError;
use crate::locations::Platform;
use crate::service::{ServiceError, Services};

impl Services {
    /// Runs `python -m pip install` of the environment for these requirements, in pip's own words; relative paths among them are
    /// below `folder`. `said` hears every line that pip says. Dropping the future ends pip.
    ///
    /// Errors: an environment without Python or pip; pip's own failure, with its last words.
    pub async fn install_with_pip(
        &self,
        prefix: &Path,
        requirements: &[String],
        folder: &Path,
        mut said: impl FnMut(&str),
    ) -> Result<(), ServiceError> {
        let failed = |reason: String| EnvironmentChangeError::Pip {
            prefix: prefix.to_owned(),
            reason,
        };
        let windows = self.locations().platform == Platform::Windows;
        let python = prefix.join(if windows { "python.exe" } else { "bin/python" });
        if !python.is_file() {
            return Err(failed("there is no Python in it".to_owned()).into());
        }
        let mut list = tempfile::Builder::new()
            .prefix("requirements-")
            .suffix(".txt")
            .tempfile()
            .map_err(|error| failed(error.to_string()))?;
        std::io::Write::write_all(&mut list, requirements.join("\n").as_bytes())
            .map_err(|error| failed(error.to_string()))?;
        // As in the environment when it is active, so that what pip builds finds the environment's tools.
        let programs = prefix.join(if windows { "Scripts" } else { "bin" });
        let path = self.locations().variable("PATH").unwrap_or_default();
        let path = std::env::join_paths(
            [programs, prefix.to_owned()]
                .into_iter()
                .chain(std::env::split_paths(path)),
        );
        let mut command = Command::new(&python);
        command
            .args([
                "-m",
                "pip",
                "install",
                "--no-input",
                "--disable-pip-version-check",
                "--requirement",
            ])
            .arg(list.path())
            .current_dir(folder)
            .env("CONDA_PREFIX", prefix)
            .env("PYTHONNOUSERSITE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Ok(path) = path {
            command.env("PATH", path);
        }
        let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
        let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(failed("it says nothing".to_owned()).into());
        };
        let (mut out, mut err) = (BufReader::new(out).lines(), BufReader::new(err).lines());
        let mut complaints = Vec::new();
        let (mut out_open, mut err_open) = (true, true);
        while out_open || err_open {
            tokio::select! {
                line = out.next_line(), if out_open => match line {
                    Ok(Some(line)) => said(&line),
                    _ => out_open = false,
                },
                line = err.next_line(), if err_open => match line {
                    Ok(Some(line)) => {
                        said(&line);
                        complaints.push(line);
                    }
                    _ => err_open = false,
                },
            }
        }
        let status = child.wait().await.map_err(|error| failed(error.to_string()))?;
        match status.success() {
            true => Ok(()),
            false => {
                const LAST: usize = 5;
                let from = complaints.len().saturating_sub(LAST);
                Err(failed(crate::secret::mask_text(&complaints[from..].join("\n"))).into())
            }
        }
    }
}
