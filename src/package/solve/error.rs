//! Why no solution was found.

use std::path::PathBuf;

use thiserror::Error;

use super::explanation::Explanation;
use crate::error::{Explain, Kind, Problem};

#[derive(Debug, Clone, Error)]
pub enum SolveError {
    #[error("{text} is no match spec")]
    BadSpec { text: String, reason: String },
    /// The channel in front of `::` is not among those that are searched.
    #[error("the channel {channel} of {spec} is not searched")]
    UnknownChannel { channel: String, spec: String },
    #[error("{} not in the environment", are(names))]
    NotInstalled { names: Vec<String> },
    /// An update takes the newest version; another is asked for by installing it.
    #[error("{text} names a version, which an update does not take")]
    UpdateWithVersion { text: String },
    #[error("no channel is searched")]
    NoChannels,
    #[error("{subdir} is no platform that packages are made for")]
    UnknownPlatform { subdir: String },
    #[error("this machine cannot be told by its variables")]
    Machine { cause: String },
    #[error("{path} cannot be read")]
    Prefix { path: PathBuf, cause: String },
    #[error("{path} is damaged")]
    DamagedRecord { path: PathBuf, cause: String },
    #[error("{prefix} holds {name} twice")]
    LinkedTwice { prefix: PathBuf, name: String },
    /// The configuration allows no such package in any environment.
    #[error("{package} may not be installed")]
    Disallowed { package: String, rule: String },
    #[error("{address} is made for {subdir}, not for {platform}")]
    OtherPlatform {
        address: String,
        subdir: String,
        platform: String,
    },
    #[error("{address} is another file than the list means")]
    OtherSum { address: String },
    /// conda would not run any more.
    #[error("{} cannot be removed from where conda runs", list(names))]
    CondaNeeds { names: Vec<String> },
    #[error("{0}")]
    Index(Problem),
    #[error("{}", .0.headline)]
    Unsolvable(Box<Explanation>),
    #[error("finding out what fits together was cancelled")]
    Cancelled,
    #[error("Sextant has a defect here")]
    Defect { cause: String },
}

fn list(names: &[String]) -> String {
    names.join(", ")
}

fn are(names: &[String]) -> String {
    match names {
        [name] => format!("{name} is"),
        names => format!("{} are", names.join(", ")),
    }
}

impl Explain for SolveError {
    fn explain(&self) -> Problem {
        let usage = || Problem::new(Kind::Usage, self.to_string());
        let file = || Problem::new(Kind::File, self.to_string());
        match self {
            Self::BadSpec { reason, .. } => usage()
                .because(reason.clone())
                .remedy("write it as conda does, such as: numpy, numpy=1.26, \"numpy>=1.24,<2\" or conda-forge::numpy"),
            Self::UnknownChannel { .. } => usage().remedy("add the channel first: sextant channels add"),
            Self::NotInstalled { .. } => usage()
                .because("only what is there can be updated or removed")
                .remedy("see what is there: sextant packages list"),
            Self::UpdateWithVersion { text } => {
                usage().remedy(format!("install that version: sextant install \"{text}\""))
            }
            Self::NoChannels => Problem::new(Kind::Conflict, self.to_string())
                .because("conda's configuration lists none")
                .remedy("add one: sextant channels add"),
            Self::UnknownPlatform { .. } => usage().remedy("name one such as linux-64, osx-arm64 or win-64"),
            Self::Machine { cause } => usage()
                .because(cause.clone())
                .remedy("correct or remove the variables CONDA_OVERRIDE_..."),
            Self::Prefix { cause, .. } => file().because(cause.clone()),
            Self::DamagedRecord { cause, .. } => file()
                .because(cause.clone())
                .remedy("what fits together cannot be told without it: reinstall that package with conda, or make the environment anew"),
            Self::LinkedTwice { .. } => Problem::new(Kind::Conflict, self.to_string())
                .because("two records of one package lie in conda-meta, as an interrupted change leaves them")
                .remedy("remove the older of the two files, or make the environment anew"),
            Self::Disallowed { rule, .. } => Problem::new(Kind::Forbidden, self.to_string())
                .because(format!("disallowed_packages of conda's configuration has {rule}")),
            Self::OtherPlatform { .. } => usage().remedy("use a list that was made on the same kind of machine"),
            Self::OtherSum { .. } => Problem::new(Kind::Conflict, self.to_string())
                .because("its channel tells another checksum: the package was replaced since the list was made, or the list is wrong")
                .remedy("make the list anew, or leave the checksum out if you trust the channel"),
            Self::CondaNeeds { .. } => Problem::new(Kind::Conflict, self.to_string())
                .because("conda itself would no longer work")
                .remedy("leave the base environment to conda, and make one of your own: sextant env create"),
            Self::Index(problem) => problem.clone(),
            Self::Unsolvable(explanation) => explanation.problem(),
            Self::Cancelled => Problem::new(Kind::Cancelled, self.to_string()),
            Self::Defect { cause } => Problem::new(Kind::Internal, self.to_string())
                .because(cause.clone())
                .remedy("please report it with what you did before"),
        }
    }
}
