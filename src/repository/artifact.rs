//! Files of an Anaconda Server's channels: looking for them, uploading and removing them (server reference, sections 1.9 and
//! 1.10).

use reqwest::Method;
use serde_json::{Value, json};

use super::error::{FileRefusal, RepositoryError};
use super::http::{BytesSent, FileForm, FileToSend, LIST_LIMIT};
use super::server::{ServerClient, text, with_access};
use crate::secret::Token;

const UPLOADING: &str = "upload a file";

/// How many files of a package are asked for at once.
const PAGE: &str = "1000";

/// What a server calls a file (`filetype` of an upload), and the family it lists it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArtifactKind {
    Conda,
    Wheel,
    Notebook,
    Environment,
}

impl ArtifactKind {
    const fn file_type(self) -> &'static str {
        match self {
            Self::Conda => "conda1",
            Self::Wheel => "bdist_wheel",
            Self::Notebook => "jupyter_notebook",
            Self::Environment => "anaconda_env",
        }
    }

    const fn family(self) -> &'static str {
        match self {
            Self::Conda => "conda",
            Self::Wheel => "python",
            Self::Notebook => "notebook",
            Self::Environment => "anaconda_env",
        }
    }
}

/// Where a file lies, or will lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactPlace {
    /// `<channel>` or `<channel>/<sub-channel>`.
    pub channel: String,
    pub kind: ArtifactKind,
    pub package: String,
    /// The end of the server's key: `<subdir>/<file name>` of a conda package, else the file name.
    pub key: String,
}

impl ArtifactPlace {
    /// `channels/<channel>[/subchannels/<sub-channel>]`, as everything but an upload wants it.
    fn below(&self) -> Result<Vec<&str>, RepositoryError> {
        below(&self.channel)
    }

    fn is_at(&self, key: &str) -> bool {
        let end = key.strip_suffix(self.key.as_str());
        end.is_some_and(|before| before.is_empty() || before.ends_with('/'))
    }
}

/// A file of a channel, as the server tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredArtifact {
    /// By which the server knows it.
    pub key: String,
    pub size: Option<u64>,
    /// In lower-case hexadecimal digits, where the server tells it.
    pub sha256: Option<String>,
}

impl StoredArtifact {
    fn read(item: &Value) -> Option<Self> {
        let record = &item["metadata"]["repodata_record.json"];
        Some(Self {
            key: text(item, "ckey")?,
            size: item["size"].as_u64().or_else(|| record["size"].as_u64()),
            sha256: text(item, "sha256").or_else(|| text(record, "sha256")),
        })
    }
}

fn below(channel: &str) -> Result<Vec<&str>, RepositoryError> {
    let parts: Vec<&str> = channel.split('/').collect();
    if parts.iter().any(|part| matches!(*part, "" | "." | "..")) {
        return Err(unusable());
    }
    match parts.as_slice() {
        [channel] => Ok(vec!["channels", channel]),
        [channel, sub] => Ok(vec!["channels", channel, "subchannels", sub]),
        _ => Err(unusable()),
    }
}

fn unusable() -> RepositoryError {
    RepositoryError::Internal {
        detail: "a channel has no usable name".to_owned(),
    }
}

impl ServerClient {
    /// `GET …/artifacts/<family>/<package>/files`: the file that lies there under this name. A server that does
    /// not list files says so only when the file is uploaded.
    ///
    /// # Errors
    /// As every call, but a package that is not there is no error.
    pub async fn stored_artifact(
        &self,
        token: &Token,
        place: &ArtifactPlace,
    ) -> Result<Option<StoredArtifact>, RepositoryError> {
        let mut path = place.below()?;
        path.extend(["artifacts", place.kind.family(), &place.package, "files"]);
        let request = self
            .request(Method::GET, &path)?
            .query(&[("offset", "0"), ("limit", PAGE)])
            .limit(LIST_LIMIT);
        let answer = self.http.send(with_access(request, token.into())?).await?;
        if matches!(answer.status, 404 | 405) {
            return Ok(None);
        }
        self.expect_success(&answer, Some(token.into()), "look for the file")?;
        let body = answer.json("a list of files")?;
        let items = body.get("items").unwrap_or(&body).as_array();
        let mut files = items.into_iter().flatten().filter_map(StoredArtifact::read);
        Ok(files.find(|file| place.is_at(&file.key)))
    }

    /// `POST channels/<channel>[/<sub-channel>]/artifacts`, multipart. When the connection breaks off behind the last byte,
    /// the file may be there all the same: look with [`ServerClient::stored_artifact`].
    ///
    /// # Errors
    /// [`RepositoryError::Conflict`] where such a file is there; [`RepositoryError::FileRefused`];
    /// [`RepositoryError::FileChanged`]; otherwise as every call.
    pub async fn upload(
        &self,
        token: &Token,
        place: &ArtifactPlace,
        file: &FileToSend,
        sent: &BytesSent,
    ) -> Result<(), RepositoryError> {
        // Of all paths this one has no `subchannels` in it.
        let mut path = place.below()?;
        path.retain(|part| *part != "subchannels");
        path.push("artifacts");
        let request = with_access(self.request(Method::POST, &path)?, token.into())?;
        let form = FileForm {
            fields: vec![
                ("filetype".to_owned(), place.kind.file_type().to_owned()),
                ("size".to_owned(), file.length.to_string()),
            ],
            file_field: "content",
            file,
        };
        let answer = self.http.send_file(request, form, sent).await?;
        if let Some(refusal) = FileRefusal::of_status(answer.status) {
            return Err(RepositoryError::FileRefused {
                domain: self.domain.to_string(),
                refusal,
                said: answer.said(),
            });
        }
        self.expect_success(&answer, Some(token.into()), UPLOADING)?;
        // A gateway's page with status 200 must not pass for an upload.
        if !answer.body.is_empty() {
            answer.json("a description of the file")?;
        }
        Ok(())
    }

    /// `PUT …/artifacts/bulk` with the action `delete`: removes the file with this key.
    ///
    /// # Errors
    /// As every call.
    pub async fn remove_artifact(
        &self,
        token: &Token,
        place: &ArtifactPlace,
        key: &str,
    ) -> Result<(), RepositoryError> {
        let mut path = place.below()?;
        path.extend(["artifacts", "bulk"]);
        let body: Value = json!({
            "action": "delete",
            "items": [{"name": place.package, "family": place.kind.family(), "ckey": key}],
        });
        let request = with_access(self.request(Method::PUT, &path)?, token.into())?.json(&body);
        let answer = self.http.send(request).await?;
        self.expect_success(&answer, Some(token.into()), "remove a file")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_recognised_by_its_end() {
        let place = |key: &str| ArtifactPlace {
            channel: "research".into(),
            kind: ArtifactKind::Conda,
            package: "tools".into(),
            key: key.into(),
        };
        assert!(place("noarch/a.conda").is_at("noarch/a.conda"));
        assert!(place("a.ipynb").is_at("jupyter/a.ipynb"));
        assert!(!place("a.ipynb").is_at("jupyter/aa.ipynb"));
        assert!(!place("noarch/a.conda").is_at("linux-64/a.conda"));
    }

    #[test]
    fn channels_have_one_name_or_two() {
        assert_eq!(below("a").unwrap(), ["channels", "a"]);
        assert_eq!(below("a/b").unwrap(), ["channels", "a", "subchannels", "b"]);
        for wrong in ["", "a/", "/a", "a/b/c", ".."] {
            assert!(below(wrong).is_err(), "{wrong}");
        }
    }
}
