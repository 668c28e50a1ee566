//! What a shell has to run so that an environment is active in it, without any conda.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rattler_conda_types::Subdir;
use rattler_shell::activation::{ActivationVariables, Activator, PathModificationBehavior};
use rattler_shell::shell::{Bash, CmdExe, Fish, PowerShell, Shell as RattlerShell, ShellScript, Zsh};
use thiserror::Error;

use crate::error::{Explain, Kind, Problem};

/// The shells that an environment can be activated in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// And every other descendant of the Bourne shell.
    Bash,
    Zsh,
    Fish,
    PowerShell,
    Cmd,
}

#[derive(Debug, Clone, Error)]
pub enum ActivationError {
    #[error("{prefix} cannot be activated by a script")]
    Characters { prefix: PathBuf },
    #[error("{prefix} cannot be activated")]
    Scripts { prefix: PathBuf, cause: String },
}

impl Explain for ActivationError {
    fn explain(&self) -> Problem {
        match self {
            Self::Characters { .. } => Problem::new(Kind::Conflict, self.to_string())
                .because("its path holds a character that means something to a shell")
                .remedy("rename it: sextant env rename"),
            Self::Scripts { cause, .. } => {
                Problem::new(Kind::Conflict, self.to_string()).because(cause.clone())
            }
        }
    }
}

/// The lines that activate an environment: search path, variables, the scripts that its packages bring. `name` is what it is called
/// in the prompt.
///
/// # Errors
/// [`ActivationError`]: a path that a shell would not take as it is; scripts that cannot be listed.
pub fn script(prefix: &Path, name: &str, shell: Shell) -> Result<String, ActivationError> {
    let text = prefix.display().to_string();
    let is_bad = |c: char| matches!(c, '$' | '`' | '"' | '%' | '!') || c.is_control();
    if text.contains(is_bad) || name.contains(is_bad) {
        return Err(ActivationError::Characters {
            prefix: prefix.to_owned(),
        });
    }
    match shell {
        Shell::Bash => lines(prefix, name, Bash::default(), shell),
        Shell::Zsh => lines(prefix, name, Zsh, shell),
        Shell::Fish => lines(prefix, name, Fish, shell),
        Shell::PowerShell => lines(prefix, name, PowerShell::default(), shell),
        Shell::Cmd => lines(prefix, name, CmdExe, shell),
    }
}

fn lines<S: RattlerShell + Clone + 'static>(
    prefix: &Path,
    name: &str,
    with: S,
    shell: Shell,
) -> Result<String, ActivationError> {
    let failed = |cause: String| ActivationError::Scripts {
        prefix: prefix.to_owned(),
        cause,
    };
    let platform = Subdir::current()
        .ok_or_else(|| failed("conda knows no packages for this kind of machine".to_owned()))?;
    let mut activator =
        Activator::from_path(prefix, with.clone(), platform).map_err(|error| failed(error.to_string()))?;
    // Values are set as they are: a shell must not run what stands in them.
    let variables = std::mem::take(&mut activator.env_vars);
    let mut script = String::new();
    for (variable, value) in &variables {
        if is_name(variable) {
            script.push_str(&literal(shell, variable, value));
        }
    }
    let activation = activator
        .activation(ActivationVariables {
            path_modification_behavior: PathModificationBehavior::Prepend,
            ..ActivationVariables::default()
        })
        .map_err(|error| failed(error.to_string()))?;
    let contents = activation
        .script
        .contents()
        .map_err(|error| failed(error.to_string()))?;
    script.push_str(&contents);
    let mut last = ShellScript::new(with, platform);
    last.set_env_var("CONDA_DEFAULT_ENV", name)
        .map_err(|error| failed(error.to_string()))?;
    let last = last.contents().map_err(|error| failed(error.to_string()))?;
    script.push_str(&last);
    script.push_str(&prompt(shell, name));
    Ok(script)
}

fn is_name(variable: &str) -> bool {
    !variable.is_empty()
        && !variable.starts_with(|c: char| c.is_ascii_digit())
        && variable.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The line that sets a variable to exactly this value.
fn literal(shell: Shell, variable: &str, value: &str) -> String {
    match shell {
        Shell::Bash | Shell::Zsh => {
            format!("export {variable}='{}'\n", value.replace('\'', r"'\''"))
        }
        Shell::Fish => {
            let value = value.replace('\\', r"\\").replace('\'', r"\'");
            format!("set -gx {variable} '{value}'\n")
        }
        Shell::PowerShell => format!("$Env:{variable} = '{}'\n", value.replace('\'', "''")),
        Shell::Cmd => {
            // A line ends there, and percent signs are doubled in a batch file.
            let value: String = value
                .chars()
                .filter(|c| !matches!(c, '"' | '\r' | '\n'))
                .collect();
            format!("@SET \"{variable}={}\"\r\n", value.replace('%', "%%"))
        }
    }
}

/// The name in front of the prompt, in the place of the one that conda's own start-up may have put there.
fn prompt(shell: Shell, name: &str) -> String {
    let mut lines = String::new();
    let written = match shell {
        Shell::Bash | Shell::Zsh => write!(
            lines,
            "PS1=\"${{PS1#\"${{CONDA_PROMPT_MODIFIER:-}}\"}}\"\n\
             export CONDA_PROMPT_MODIFIER='({0}) '\n\
             PS1=\"$CONDA_PROMPT_MODIFIER$PS1\"\n",
            name.replace('\'', r"'\''")
        ),
        Shell::Fish => write!(
            lines,
            "set -gx CONDA_PROMPT_MODIFIER '({0}) '\n\
             functions -q fish_prompt; and functions -c fish_prompt __sextant_fish_prompt\n\
             function fish_prompt\n  echo -n '({0}) '\n  functions -q __sextant_fish_prompt; and __sextant_fish_prompt\nend\n",
            name.replace('\'', r"\'")
        ),
        Shell::PowerShell => write!(
            lines,
            "$Env:CONDA_PROMPT_MODIFIER = '({0}) '\n\
             $SextantPrompt = $function:prompt\n\
             function prompt {{ '({0}) ' + (& $SextantPrompt) }}\n",
            name.replace('\'', "''")
        ),
        Shell::Cmd => write!(lines, "@SET \"PROMPT=({name}) %PROMPT%\"\r\n"),
    };
    // Writing to a string cannot fail.
    let _ = written;
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    fn prefix() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let prefix = folder.path().join("my env's");
        let write = |inside: &str, content: &str| {
            let path = prefix.join(inside);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        };
        write("conda-meta/history", "");
        write(
            "conda-meta/state",
            r#"{"env_vars": {"A": "it's $(touch /tmp/never) `x` $HOME \\ \"q\"", "bad name": "x"}}"#,
        );
        write(
            "etc/conda/activate.d/hello.sh",
            "export HELLO=\"$CONDA_PREFIX\"\n",
        );
        write("bin/tool", "#!/bin/sh\necho tool\n");
        (folder, prefix)
    }

    /// What a shell says after running the lines.
    #[cfg(unix)]
    fn says(program: &str, script: &str, more: &str) -> Option<String> {
        let output = std::process::Command::new(program)
            .arg("-c")
            .arg(format!(
                "PS1='(base) $ '; CONDA_PROMPT_MODIFIER='(base) '\n{script}\n{more}"
            ))
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", "/home/ana")
            .output()
            .ok()?;
        assert!(output.status.success(), "{output:?}\n{script}");
        Some(String::from_utf8(output.stdout).unwrap())
    }

    #[cfg(unix)]
    #[test]
    fn shells_activate_it_and_run_nothing_that_stands_in_a_value() {
        let (_folder, prefix) = prefix();
        let shown = prefix.display();
        for (program, shell) in [("bash", Shell::Bash), ("sh", Shell::Bash), ("zsh", Shell::Zsh)] {
            let script = script(&prefix, "my env's", shell).unwrap();
            let more = "printf '%s\\n' \"$CONDA_PREFIX\" \"$CONDA_DEFAULT_ENV\" \"$HELLO\" \"${PATH%%:*}\" \"$PS1\" \"$A\"";
            let Some(said) = says(program, &script, more) else {
                eprintln!("skipped, because there is no {program} on this machine");
                continue;
            };
            let lines: Vec<&str> = said.lines().collect();
            assert_eq!(lines[0], shown.to_string(), "{script}");
            assert_eq!(lines[1], "my env's");
            assert_eq!(lines[2], shown.to_string());
            assert_eq!(lines[3], format!("{shown}/bin"));
            assert_eq!(lines[4], "(my env's) $ ");
            assert_eq!(lines[5], "it's $(touch /tmp/never) `x` $HOME \\ \"q\"");
        }
        assert!(!Path::new("/tmp/never").exists());
        for shell in [Shell::Fish, Shell::PowerShell, Shell::Cmd] {
            let script = script(&prefix, "e", shell).unwrap();
            assert!(
                script.contains(&shown.to_string()) && script.contains("CONDA_PREFIX"),
                "{script}"
            );
            assert!(!script.contains("bad name"));
        }
    }

    #[test]
    fn a_path_that_a_shell_would_read_otherwise_is_refused() {
        for path in [
            "/envs/$(id)",
            "/envs/`id`",
            "/envs/a\"b",
            "/envs/%PATH%",
            "/envs/a\nb",
        ] {
            let refused = script(Path::new(path), "e", Shell::Bash);
            assert!(
                matches!(refused, Err(ActivationError::Characters { .. })),
                "{path}"
            );
        }
    }
}
