//! `sextant env`.

use serde_json::{Value, json};

use super::Asked;
use super::arguments::EnvCommand;
use super::change::table;
use crate::conda::environment::Environment;
use crate::error::{Kind, Problem};

pub(super) async fn environments(asked: &Asked<'_>, command: EnvCommand) -> Result<(), Problem> {
    match command {
        EnvCommand::List => {
            list(asked);
            Ok(())
        }
        _ => Err(Problem::new(Kind::Usage, "todo")),
    }
}

fn list(asked: &Asked<'_>) {
    let environments = asked.services.environments();
    asked.output.answer(
        || {
            let environments: Vec<Value> = environments.iter().map(environment_json).collect();
            json!({ "environments": environments })
        },
        || {
            if environments.is_empty() {
                return "There is no environment yet. Make one: sextant env create -n NAME python".to_owned();
            }
            table(&environments.iter().map(row).collect::<Vec<_>>())
        },
    );
}

fn environment_json(environment: &Environment) -> Value {
    json!({
        "name": environment.name,
        "prefix": environment.prefix,
        "python": environment.python,
        "packages": environment.packages,
        "base": environment.is_base,
        "protections": environment.protections,
    })
}

fn row(environment: &Environment) -> [String; 4] {
    [
        environment.name.clone().unwrap_or_default(),
        environment
            .python
            .as_ref()
            .map(|python| format!("python {python}"))
            .unwrap_or_default(),
        super::progress::counted(environment.packages, "package"),
        environment.prefix.display().to_string(),
    ]
}
