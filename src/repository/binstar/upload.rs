//! Uploading (repository reference, P2 to P11): a package and a release are made where they are missing, the file is
//! announced (`stage`), goes to wherever the server keeps files, and is taken over (`commit`). Until then nobody sees it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use super::access::{OwnedPackage, PackageKind, Visibility};
use super::client::{BinstarClient, check_name};
use crate::repository::answer::Answer;
use crate::repository::error::{FileRefusal, RepositoryError};
use crate::repository::excerpt::{EXCERPT_CHARACTERS, printable};
use crate::repository::http::{BytesSent, FileForm, FileToSend, Request};
use crate::repository::server::{text, texts};
use crate::secret::Token;

const UPLOADING: &str = "upload a file";

/// A licence as packages state it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct License {
    pub name: Option<String>,
    pub url: Option<String>,
    pub family: Option<String>,
}

/// Everything that a repository wants to know about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BinstarFile {
    pub owner: String,
    pub package: String,
    pub version: String,
    /// `<subdir>/<file name>` of a conda package, else the file name.
    pub basename: String,
    pub kind: PackageKind,
    pub summary: String,
    pub description: Option<String>,
    pub home: Option<String>,
    pub license: License,
    /// What is told of the file alone: build, platform, and what an index repeats.
    pub attributes: Value,
    /// `{"depends": [{"name", "specs"}]}`
    pub dependencies: Value,
    /// The labels that the file gets.
    pub labels: Vec<String>,
}

/// A file of a package, as the server tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    pub size: Option<u64>,
    /// In lower-case hexadecimal digits, where the server tells it.
    pub sha256: Option<String>,
    pub md5: Option<String>,
    pub labels: Vec<String>,
}

/// A file that was announced and is not there yet.
#[derive(Debug, Clone)]
pub struct Staged {
    id: String,
    /// Where it goes, which need not be the server itself.
    to: Url,
    fields: Vec<(String, String)>,
}

/// `<call>/<owner>/<package>/<version>/<basename>`; a basename may have a folder in it.
fn path_of<'a>(call: &'a str, file: &'a BinstarFile) -> Result<Vec<&'a str>, RepositoryError> {
    let mut path = vec![call, &file.owner, &file.package, &file.version];
    path.extend(file.basename.split('/'));
    for part in &path {
        check_name(part)?;
    }
    Ok(path)
}

impl BinstarClient {
    /// `GET dist/…`: the file that lies there already under the name of this one.
    ///
    /// # Errors
    /// As every call, but a file that is not there is no error.
    pub async fn stored_file(
        &self,
        token: &Token,
        file: &BinstarFile,
    ) -> Result<Option<StoredFile>, RepositoryError> {
        const EXPECTED: &str = "a description of the file";
        let path = path_of("dist", file)?;
        let found = self.get(&path, token.into(), "look for the file").await;
        let Some(answer) = unless_missing(found)? else {
            return Ok(None);
        };
        let body = answer.json(EXPECTED)?;
        let labels = body["labels"].as_array().or(body["channels"].as_array());
        Ok(Some(StoredFile {
            size: body["size"].as_u64(),
            sha256: text(&body, "sha256"),
            md5: text(&body, "md5"),
            labels: labels.map(|labels| texts(labels)).unwrap_or_default(),
        }))
    }

    /// [`BinstarClient::package`], where a package that is not there, or that the account may not see, is no error.
    ///
    /// # Errors
    /// As every call.
    pub async fn package_if_there(
        &self,
        token: &Token,
        owner: &str,
        name: &str,
    ) -> Result<Option<OwnedPackage>, RepositoryError> {
        unless_missing(self.package(token, owner, name).await)
    }

    /// `POST package/…`: makes the package that the file belongs to, for everybody or for its owner alone (P3).
    ///
    /// # Errors
    /// [`RepositoryError::FileRefused`] where the account has no room, or private packages are not part of it; otherwise as
    /// every call.
    pub async fn create_package(
        &self,
        token: &Token,
        file: &BinstarFile,
        visibility: Visibility,
    ) -> Result<(), RepositoryError> {
        check_name(&file.owner)?;
        check_name(&file.package)?;
        let body = json!({
            "public": visibility == Visibility::Public,
            "publish": false,
            "public_attrs": {
                "name": file.package,
                "summary": file.summary,
                "description": file.description,
                "home": file.home,
                "package_types": [file.kind.word()],
                "license": {
                    "name": file.license.name,
                    "url": file.license.url,
                    "family": file.license.family,
                },
            },
        });
        let request = self.request(Method::POST, &["package", &file.owner, &file.package])?;
        self.taken(request.json(&body), token, "make the package")
            .await
            .map(drop)
    }

    /// `GET` and, where it is missing, `POST release/…` (P8). True when it was made.
    ///
    /// # Errors
    /// As every call.
    pub async fn ensure_release(&self, token: &Token, file: &BinstarFile) -> Result<bool, RepositoryError> {
        let path = ["release", &file.owner, &file.package, &file.version];
        for part in path {
            check_name(part)?;
        }
        let found = self.get(&path, token.into(), "look for the version").await;
        if unless_missing(found)?.is_some() {
            return Ok(false);
        }
        let body = json!({
            "requirements": [],
            "announce": null,
            "version": file.version,
            "summary": file.summary,
            "description": file.description,
            "home_page": file.home,
            "license": file.license.name,
            "license_url": file.license.url,
            "license_family": file.license.family,
        });
        let request = self.request(Method::POST, &path)?.json(&body);
        self.taken(request, token, "make the version").await?;
        Ok(true)
    }

    /// `POST stage/…`: announces the file.
    ///
    /// # Errors
    /// [`RepositoryError::Conflict`] where such a file is there; [`RepositoryError::FileRefused`];
    /// [`RepositoryError::UnencryptedStorage`]; otherwise as every call.
    pub async fn stage(
        &self,
        token: &Token,
        file: &BinstarFile,
        sha256: &str,
    ) -> Result<Staged, RepositoryError> {
        const EXPECTED: &str = "an address for the file";
        let body = json!({
            "distribution_type": file.kind.word(),
            "description": file.description,
            "attrs": file.attributes,
            "dependencies": file.dependencies,
            "channels": file.labels,
            "sha256": sha256,
        });
        // What is answered may let anybody write to the storage for a while.
        let request = self
            .request(Method::POST, &path_of("stage", file)?)?
            .json(&body)
            .confidential();
        let answer = self.taken(request, token, UPLOADING).await?;
        let body = answer.json(EXPECTED)?;
        let to = answer.text(&body, EXPECTED, "post_url")?;
        let to = self
            .base()?
            .join(&to)
            .map_err(|_| answer.missing(EXPECTED, "post_url"))?;
        let is_secure = to.scheme() == "https" || (to.scheme() == "http" && self.api().is_plain_http());
        if !is_secure {
            return Err(RepositoryError::UnencryptedStorage {
                domain: self.api().domain().to_string(),
                to: to.host_str().unwrap_or_default().to_owned(),
            });
        }
        let fields = body["form_data"].as_object().into_iter().flatten();
        let fields = fields.filter_map(|(name, value)| match value {
            Value::String(value) => Some((name.clone(), value.clone())),
            Value::Number(value) => Some((name.clone(), value.to_string())),
            _ => None,
        });
        Ok(Staged {
            id: answer.text(&body, EXPECTED, "dist_id")?,
            to,
            fields: fields.collect(),
        })
    }

    /// Sends the file to where it was announced for. No token goes there: the form itself says what it is for.
    ///
    /// # Errors
    /// [`RepositoryError::FileRefused`], [`RepositoryError::FileChanged`]; otherwise as every call.
    pub async fn send_staged(
        &self,
        staged: &Staged,
        file: &FileToSend,
        sent: &BytesSent,
    ) -> Result<(), RepositoryError> {
        let mut fields = staged.fields.clone();
        fields.push(("Content-Length".to_owned(), file.length.to_string()));
        fields.push(("Content-MD5".to_owned(), BASE64_STANDARD.encode(file.md5)));
        let form = FileForm {
            fields,
            file_field: "file",
            file,
        };
        let request = Request::new(Method::POST, staged.to.clone());
        let answer = self.http().send_file(request, form, sent).await?;
        match storage_refusal(&answer) {
            Some(refusal) => Err(self.refused(refusal, storage_said(&answer))),
            None => self.expect_success(&answer, None, UPLOADING),
        }
    }

    /// `POST commit/…`: takes the file over. When the connection breaks off, it may be there all the same: look with
    /// [`BinstarClient::stored_file`].
    ///
    /// # Errors
    /// [`RepositoryError::FileRefused`]; otherwise as every call.
    pub async fn commit(
        &self,
        token: &Token,
        file: &BinstarFile,
        staged: &Staged,
    ) -> Result<(), RepositoryError> {
        let request = self
            .request(Method::POST, &path_of("commit", file)?)?
            .json(&json!({"dist_id": staged.id}));
        self.taken(request, token, UPLOADING).await.map(drop)
    }

    /// `DELETE dist/…/-/<id>`: takes an announcement back (P9).
    ///
    /// # Errors
    /// As every call, but what is not there is no error.
    pub async fn discard_staged(
        &self,
        token: &Token,
        file: &BinstarFile,
        staged: &Staged,
    ) -> Result<(), RepositoryError> {
        let path = [
            "dist",
            &file.owner,
            &file.package,
            &file.version,
            "-",
            staged.id.as_str(),
        ];
        self.removed(&path, token).await
    }

    /// `DELETE dist/…`: removes the file that lies there under the name of this one.
    ///
    /// # Errors
    /// As every call, but what is not there is no error.
    pub async fn remove_stored(&self, token: &Token, file: &BinstarFile) -> Result<(), RepositoryError> {
        self.removed(&path_of("dist", file)?, token).await
    }

    /// Removes the version if no file is in it.
    ///
    /// # Errors
    /// As every call, but what is not there is no error.
    pub async fn remove_empty_release(
        &self,
        token: &Token,
        file: &BinstarFile,
    ) -> Result<(), RepositoryError> {
        let path = ["release", &file.owner, &file.package, &file.version];
        self.remove_if_empty(&path, "distributions", token).await
    }

    /// Removes the package if no file is in it.
    ///
    /// # Errors
    /// As every call, but what is not there is no error.
    pub async fn remove_empty_package(
        &self,
        token: &Token,
        file: &BinstarFile,
    ) -> Result<(), RepositoryError> {
        let path = ["package", &file.owner, &file.package];
        self.remove_if_empty(&path, "files", token).await
    }

    /// A server that does not list what is inside keeps what it has.
    async fn remove_if_empty(
        &self,
        path: &[&str],
        inside: &'static str,
        token: &Token,
    ) -> Result<(), RepositoryError> {
        let found = self.get(path, token.into(), "look at what was made").await;
        let Some(answer) = unless_missing(found)? else {
            return Ok(());
        };
        let body = answer.json("a description")?;
        match body[inside].as_array() {
            Some(files) if files.is_empty() => self.removed(path, token).await,
            _ => Ok(()),
        }
    }

    async fn removed(&self, path: &[&str], token: &Token) -> Result<(), RepositoryError> {
        for part in path {
            check_name(part)?;
        }
        unless_missing(self.change(Method::DELETE, path, token, "remove a file").await).map(drop)
    }

    /// A call whose refusal may be about the file.
    async fn taken(
        &self,
        request: Request,
        token: &Token,
        doing: &'static str,
    ) -> Result<Answer, RepositoryError> {
        let answer = self.send_as(request, token.into()).await?.believed()?;
        if let Some(refusal) = FileRefusal::of_status(answer.status) {
            return Err(self.refused(refusal, answer.said()));
        }
        self.expect_success(&answer, Some(token.into()), doing)?;
        Ok(answer)
    }

    fn refused(&self, refusal: FileRefusal, said: Option<String>) -> RepositoryError {
        RepositoryError::FileRefused {
            domain: self.api().domain().to_string(),
            refusal,
            said,
        }
    }

    fn base(&self) -> Result<Url, RepositoryError> {
        Url::parse(self.api().as_str()).map_err(|error| RepositoryError::Internal {
            detail: error.to_string(),
        })
    }
}

/// Storages of the kind of S3 answer with XML, which names the reason in a word.
fn storage_refusal(answer: &Answer) -> Option<FileRefusal> {
    let by_status = FileRefusal::of_status(answer.status);
    match storage_code(answer)?.as_str() {
        "InvalidDigest" | "BadDigest" => Some(FileRefusal::Digest),
        "EntityTooLarge" => Some(FileRefusal::TooLarge),
        _ => by_status,
    }
}

/// `<Code>…</Code>` of a refusal; empty where there is none.
fn storage_code(answer: &Answer) -> Option<String> {
    (!(200..300).contains(&answer.status)).then(|| element(answer, "Code").unwrap_or_default())
}

fn storage_said(answer: &Answer) -> Option<String> {
    answer.said().or_else(|| element(answer, "Message"))
}

fn element(answer: &Answer, name: &str) -> Option<String> {
    let body = String::from_utf8_lossy(&answer.body);
    let rest = body.split_once(&format!("<{name}>"))?.1;
    let words = rest.split_once(&format!("</{name}>"))?.0;
    Some(printable(words, EXCERPT_CHARACTERS)).filter(|words| !words.is_empty())
}

fn unless_missing<T>(outcome: Result<T, RepositoryError>) -> Result<Option<T>, RepositoryError> {
    match outcome {
        Err(RepositoryError::NotFound { .. }) => Ok(None),
        other => other.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::answer::Content;
    use crate::repository::excerpt::Scrub;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            address: "https://storage".into(),
            status,
            headers: reqwest::header::HeaderMap::new(),
            body: body.into(),
            content: Content::Showable,
            scrub: Scrub::default(),
        }
    }

    #[test]
    fn what_a_storage_refuses_is_told_apart() {
        let xml = |code: &str| format!("<Error><Code>{code}</Code><Message>No</Message></Error>");
        let of = |status, body: &str| storage_refusal(&answer(status, body));
        assert_eq!(of(400, &xml("InvalidDigest")), Some(FileRefusal::Digest));
        assert_eq!(of(400, &xml("EntityTooLarge")), Some(FileRefusal::TooLarge));
        assert_eq!(of(413, "<html>"), Some(FileRefusal::TooLarge));
        assert_eq!(of(507, ""), Some(FileRefusal::NoRoom));
        assert_eq!(of(400, &xml("AccessDenied")), None);
        assert_eq!(of(201, &xml("BadDigest")), None);
        assert_eq!(storage_said(&answer(400, &xml("x"))).as_deref(), Some("No"));
        assert_eq!(
            storage_said(&answer(400, "{\"error\": \"Full\"}")).as_deref(),
            Some("Full")
        );
    }

    #[test]
    fn a_basename_has_its_folder_and_leads_nowhere_else() {
        let file = |basename: &str| BinstarFile {
            owner: "alice".into(),
            package: "tools".into(),
            version: "1.0".into(),
            basename: basename.into(),
            kind: PackageKind::Conda,
            summary: String::new(),
            description: None,
            home: None,
            license: License::default(),
            attributes: json!({}),
            dependencies: json!({}),
            labels: vec!["main".into()],
        };
        assert_eq!(
            path_of("dist", &file("noarch/a.conda")).unwrap(),
            ["dist", "alice", "tools", "1.0", "noarch", "a.conda"]
        );
        for wrong in ["", "noarch/", "../a.conda", "/a.conda"] {
            assert!(path_of("dist", &file(wrong)).is_err(), "{wrong}");
        }
    }
}
