//! One file to an account of Anaconda Repository or Anaconda.org.

use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::plan::{hexadecimal, is_this};
use super::progress::{Teller, UploadStep};
use super::{OnConflict, ReadyFile, UploadOutcome, WishedAccess};
use crate::error::{Explain, Kind, Problem};
use crate::package::Stop;
use crate::package::distribution::{CondaIndex, Distribution, Form};
use crate::repository::{
    BinstarClient, BinstarFile, BytesSent, FileToSend, License, OwnedPackage, PackageKind, RepositoryError,
    Staged, Visibility,
};
use crate::secret::Token;

/// How long it is tried to take back what was begun.
const PATIENCE: Duration = Duration::from_secs(10);

/// The file as a repository wants it described.
pub(super) fn described(file: &Distribution, owner: &str, labels: &[String]) -> BinstarFile {
    let about = &file.about;
    let (kind, basename, attributes, dependencies) = match &file.form {
        Form::Conda(index) => (
            PackageKind::Conda,
            format!("{}/{}", index.subdir, file.file_name),
            conda_attributes(index),
            json!({ "depends": index.depends.iter().map(|spec| dependency(spec)).collect::<Vec<_>>() }),
        ),
        Form::Wheel(tags) => (
            PackageKind::Pypi,
            file.file_name.clone(),
            json!({
                "packagetype": "bdist_wheel",
                "python_version": tags.python,
                "abi": tags.abi,
                "platform": tags.platform,
                "build_no": tags.build.as_deref().unwrap_or("0"),
            }),
            python_dependencies(&tags.requires),
        ),
        Form::SourceDistribution { requires } => (
            PackageKind::Pypi,
            file.file_name.clone(),
            json!({"packagetype": "sdist", "python_version": "source"}),
            python_dependencies(requires),
        ),
        Form::Notebook => (
            PackageKind::Notebook,
            file.file_name.clone(),
            json!({}),
            Value::Null,
        ),
        Form::Environment => (
            PackageKind::Environment,
            file.file_name.clone(),
            json!({}),
            Value::Null,
        ),
    };
    BinstarFile {
        owner: owner.to_owned(),
        package: file.name.clone(),
        version: file.version.clone(),
        basename,
        kind,
        // A package without one would be refused.
        summary: about.summary.clone().unwrap_or_default(),
        description: about.description.clone(),
        home: about.home.clone(),
        license: License {
            name: about.license.clone(),
            url: about.license_url.clone(),
            family: about.license_family.clone(),
        },
        attributes,
        dependencies,
        labels: labels.to_vec(),
    }
}

/// What an index repeats, and what the website tells of a file.
fn conda_attributes(index: &CondaIndex) -> Value {
    let mut attributes: Map<String, Value> = index.fields.clone();
    // These are said of the package and of the version.
    attributes.remove("name");
    attributes.remove("version");
    let text = |key: &str| index.fields.get(key).and_then(Value::as_str);
    let system = text("platform").map(|platform| match platform {
        "osx" => "darwin",
        "win" => "win32",
        other => other,
    });
    let machine = text("arch");
    let said = |word: Option<&str>| word.unwrap_or("None").to_owned();
    attributes.insert("operatingsystem".to_owned(), json!(system));
    attributes.insert("machine".to_owned(), json!(machine));
    attributes.insert(
        "target-triplet".to_owned(),
        json!(format!("{}-any-{}", said(machine), said(system))),
    );
    attributes.insert("has_prefix".to_owned(), json!(index.has_prefix));
    attributes.insert("subdir".to_owned(), json!(index.subdir));
    attributes.insert("build".to_owned(), json!(index.build));
    Value::Object(attributes)
}

/// `numpy >=2` as `{"name": "numpy", "specs": [[">=", "2"]]}`.
fn dependency(spec: &str) -> Value {
    let mut words = spec.split_whitespace();
    let name = words.next().unwrap_or_default();
    let specs = match (words.next(), words.next()) {
        (None, _) => json!([]),
        (Some(version), Some(build)) => {
            json!([["==", format!("{}+{build}", version.trim_end_matches('*'))]])
        }
        (Some(version), None) => {
            let end = version
                .find(|c: char| !"=<>!~".contains(c))
                .unwrap_or(version.len());
            let (operator, number) = version.split_at(end);
            let operator = if operator.is_empty() { "==" } else { operator };
            json!([[operator, number.trim_end_matches('*')]])
        }
    };
    json!({"name": name, "specs": specs})
}

/// `numpy>=2; python_version > "3"` without the condition, which the server has no place for.
fn python_dependencies(requires: &[String]) -> Value {
    let depends: Vec<Value> = requires
        .iter()
        .filter_map(|line| {
            let line = line.split(';').next()?.trim();
            let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            let end = line.find(|c: char| !is_name(c)).unwrap_or(line.len());
            let (name, rest) = line.split_at(end);
            let rest = rest.split_once(']').map_or(rest, |(_, rest)| rest);
            let specs: Vec<Value> = rest
                .trim()
                .trim_matches(['(', ')'])
                .split(',')
                .filter_map(|part| {
                    let part = part.trim();
                    let end = part.find(|c: char| !"=<>!~".contains(c))?;
                    let (operator, version) = part.split_at(end);
                    (!operator.is_empty()).then(|| json!([operator, version.trim()]))
                })
                .collect();
            (!name.is_empty()).then(|| json!({"name": name, "specs": specs}))
        })
        .collect();
    json!({"depends": depends, "extras": [], "has_dep_errors": false})
}

/// What speaks against a file in a package that is there.
pub(super) fn obstacle(package: &OwnedPackage, file: &BinstarFile, access: WishedAccess) -> Option<Problem> {
    let name = format!("{}/{}", package.owner, package.name);
    let both_python = |kind: &PackageKind| matches!(kind, PackageKind::Conda | PackageKind::Pypi);
    let fits = package.kinds.is_empty()
        || package.kinds.contains(&file.kind)
        || (both_python(&file.kind) && package.kinds.iter().any(both_python));
    if !fits {
        let kind = package.kinds.first().map_or("package", PackageKind::title);
        return Some(
            Problem::new(
                Kind::Conflict,
                format!("{name} is there already, and it is a {kind}"),
            )
            .remedy(format!("give the {} another name", file.kind.title())),
        );
    }
    match (access, package.visibility) {
        (WishedAccess::Private, now) if now != Some(Visibility::Private) => Some(
            Problem::new(
                Kind::Conflict,
                match now {
                    Some(now) => format!("{name} is there already, and it is {now}"),
                    None => format!("{name} is there already, and the server does not say who sees it"),
                },
            )
            .because("a file is seen by whoever sees its package, so this one would not be private")
            .remedy(format!(
                "make the package private first (sextant access set {name} private), or upload the file as it is"
            )),
        ),
        _ => None,
    }
}

/// The file as it was read, to be sent under its name.
pub(super) fn to_send(path: &Path, file: &Distribution) -> FileToSend {
    FileToSend {
        path: path.to_owned(),
        name: file.file_name.clone(),
        length: file.size,
        sha256: file.sha256,
        md5: file.md5,
    }
}

/// A file on its way to a repository.
pub(super) struct ToRepository<'a> {
    pub client: &'a BinstarClient,
    pub token: &'a Token,
    pub owner: &'a str,
    pub labels: &'a [String],
    pub access: WishedAccess,
    pub stop: &'a Stop,
}

/// What was begun, so that it can be taken back.
#[derive(Default)]
struct Begun {
    made_package: bool,
    made_release: bool,
    removed_other: bool,
    staged: Option<Staged>,
    /// Whether it may be there although nobody said so.
    committing: bool,
}

/// Why a file is not there.
enum Failure {
    Stopped,
    Repository(RepositoryError),
    /// The server did not keep to what it was asked.
    NotPrivate,
}

impl From<RepositoryError> for Failure {
    fn from(error: RepositoryError) -> Self {
        Self::Repository(error)
    }
}

impl ToRepository<'_> {
    /// Sends one file; what was begun of one that fails is taken back.
    pub(super) async fn send(
        &self,
        path: &Path,
        ready: &ReadyFile,
        on_conflict: OnConflict,
        teller: &Teller<'_>,
    ) -> Result<UploadOutcome, Failed> {
        let distribution = &ready.distribution;
        let file = described(distribution, self.owner, self.labels);
        let to_send = to_send(path, distribution);
        let mut begun = Begun::default();
        teller.tell(UploadStep::Preparing);
        let outcome = tokio::select! {
            biased;
            () = self.stop.wished() => Err(Failure::Stopped),
            outcome = self.steps(&file, &to_send, on_conflict, &mut begun, teller) => outcome,
        };
        let failure = match outcome {
            Ok(()) => {
                return Ok(UploadOutcome::Uploaded {
                    replaced: begun.removed_other,
                });
            }
            Err(failure) => failure,
        };
        teller.tell(UploadStep::TakingBack);
        let taken_back = tokio::time::timeout(PATIENCE, self.take_back(&file, distribution, &begun)).await;
        if let Ok(Some(Arrived)) = taken_back {
            return Ok(UploadOutcome::Uploaded {
                replaced: begun.removed_other,
            });
        }
        let removed = begun.removed_other.then(|| {
            format!(
                "The file that was there under the name {} is removed",
                file.basename
            )
        });
        match failure {
            Failure::Stopped if !begun.removed_other => Ok(UploadOutcome::Cancelled),
            Failure::Stopped => Err(Failed::own(
                Problem::new(Kind::Cancelled, "it was cancelled")
                    .because(removed.unwrap_or_default())
                    .remedy("upload it again"),
            )),
            Failure::NotPrivate => Err(Failed::own(
                Problem::new(
                    Kind::Conflict,
                    format!(
                        "the server makes {}/{} public, or does not say that it is private",
                        file.owner, file.package
                    ),
                )
                .because("it does not offer private packages, or not to this account; the file was not sent")
                .remedy("upload it as public, or to a repository that has private packages"),
            )),
            Failure::Repository(error) => Err(Failed::of(&error, removed)),
        }
    }

    async fn steps(
        &self,
        file: &BinstarFile,
        to_send: &FileToSend,
        on_conflict: OnConflict,
        begun: &mut Begun,
        teller: &Teller<'_>,
    ) -> Result<(), Failure> {
        let Self { client, token, .. } = self;
        match client.package_if_there(token, &file.owner, &file.package).await? {
            Some(package) => {
                if self.access == WishedAccess::Private && !is_private(&package) {
                    return Err(Failure::NotPrivate);
                }
            }
            None => self.make_package(file, begun).await?,
        }
        if client.ensure_release(token, file).await? {
            begun.made_release = true;
        }
        if on_conflict == OnConflict::Replace && client.stored_file(token, file).await?.is_some() {
            client.remove_stored(token, file).await?;
            begun.removed_other = true;
        }
        let staged = client.stage(token, file, &hexadecimal(&to_send.sha256)).await?;
        begun.staged = Some(staged.clone());
        let sent = BytesSent::default();
        teller
            .while_sending(&sent, client.send_staged(&staged, to_send, &sent))
            .await?;
        teller.tell(UploadStep::TakingOver);
        begun.committing = true;
        client.commit(token, file, &staged).await?;
        Ok(())
    }

    /// What is to be private is not sent before the server says that it is.
    async fn make_package(&self, file: &BinstarFile, begun: &mut Begun) -> Result<(), Failure> {
        let visibility = match self.access {
            WishedAccess::Usual => Visibility::Public,
            WishedAccess::Private => Visibility::Private,
        };
        // Also when the answer is lost it may be there.
        begun.made_package = true;
        self.client.create_package(self.token, file, visibility).await?;
        if self.access == WishedAccess::Private {
            let made = self
                .client
                .package(self.token, &file.owner, &file.package)
                .await?;
            if !is_private(&made) {
                return Err(Failure::NotPrivate);
            }
        }
        Ok(())
    }

    /// Looks whether the file is there after all; else removes what was made for it. What cannot be removed stays: an
    /// announcement that nobody sees, a version or a package without a file.
    async fn take_back(
        &self,
        file: &BinstarFile,
        distribution: &Distribution,
        begun: &Begun,
    ) -> Option<Arrived> {
        let Self { client, token, .. } = self;
        if begun.committing
            && let Ok(Some(stored)) = client.stored_file(token, file).await
            && is_this(
                distribution,
                stored.sha256.as_deref(),
                stored.md5.as_deref(),
                stored.size,
            )
        {
            return Some(Arrived);
        }
        if let Some(staged) = &begun.staged {
            let _ = client.discard_staged(token, file, staged).await;
        }
        if begun.made_release {
            let _ = client.remove_empty_release(token, file).await;
        }
        if begun.made_package {
            let _ = client.remove_empty_package(token, file).await;
        }
        None
    }
}

/// Whether the server says so: what it is silent about counts as open.
fn is_private(package: &OwnedPackage) -> bool {
    package.visibility == Some(Visibility::Private)
}

/// The file is there although its answer was lost, or came too late.
pub(super) struct Arrived;

/// A failure of one file, and whom else it concerns.
pub(super) struct Failed {
    pub problem: Problem,
    pub reach: Reach,
}

/// What a failure says about the files that are still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    ThisFile,
    /// Perhaps all of them: the network.
    Perhaps,
    All,
}

impl Failed {
    /// A failure that says nothing about other files.
    pub(super) fn own(problem: Problem) -> Self {
        Self {
            problem,
            reach: Reach::ThisFile,
        }
    }

    /// `removed` says what is no longer there.
    pub(super) fn of(error: &RepositoryError, removed: Option<String>) -> Self {
        use crate::repository::FileRefusal;

        let mut problem = error.explain();
        if let Some(removed) = removed {
            problem.cause = Some(match problem.cause {
                Some(cause) => format!("{cause}. {removed}"),
                None => removed,
            });
        }
        let reach = match error {
            RepositoryError::FileRefused {
                refusal: FileRefusal::NoRoom,
                ..
            } => Reach::All,
            RepositoryError::FileRefused { .. } => Reach::ThisFile,
            _ => match problem.kind {
                Kind::Auth | Kind::Tls => Reach::All,
                Kind::Network => Reach::Perhaps,
                _ => Reach::ThisFile,
            },
        };
        Self { problem, reach }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_conda_package_needs_is_told_in_parts() {
        assert_eq!(dependency("numpy"), json!({"name": "numpy", "specs": []}));
        assert_eq!(
            dependency("numpy >=2"),
            json!({"name": "numpy", "specs": [[">=", "2"]]})
        );
        assert_eq!(
            dependency("python 3.12.*"),
            json!({"name": "python", "specs": [["==", "3.12."]]})
        );
        assert_eq!(
            dependency("a 1.0 h_0"),
            json!({"name": "a", "specs": [["==", "1.0+h_0"]]})
        );
    }

    #[test]
    fn what_a_wheel_needs_is_told_without_its_conditions() {
        let lines = [
            "numpy>=2,<3; python_version > \"3\"",
            "rich[jupyter] (==13)",
            "plain",
        ];
        let told = python_dependencies(&lines.map(str::to_owned));
        assert_eq!(
            told["depends"],
            json!([
                {"name": "numpy", "specs": [[">=", "2"], ["<", "3"]]},
                {"name": "rich", "specs": [["==", "13"]]},
                {"name": "plain", "specs": []},
            ])
        );
    }
}
