//! Whom a person trusts beyond the operating system's trust store, server by server: `trust.toml` in Sextant's own
//! configuration folder.
//!
//! ```toml
//! [server."https://repo.example.com"]
//! ca-file = "/etc/ssl/example-corp.pem"
//! pinned-certificate = "AA:BB:…"
//! client-certificate = "/home/ana/client.pem"
//! client-key = "/home/ana/client.key"
//! ```

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::policy::Field;
use super::{ServiceError, Services, blocking};
use crate::edit::file;
use crate::edit::lock::Lock;
use crate::repository::{Domain, Fingerprint};

/// What the file begins with when Sextant writes it.
const HEADER: &str = "# Whom Sextant trusts beyond the operating system's trust store, server by server.\n\n";

/// What is decided for one server. The default is to leave it to the operating system and to conda's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// Its certificates are trusted beside those of the operating system.
    pub ca_file: Option<PathBuf>,
    /// The only certificate that is accepted, whoever issued it.
    pub pinned_certificate: Option<Fingerprint>,
    /// Given to the server when it asks for one.
    pub client_certificate: Option<ClientFiles>,
}

/// The files of a client certificate in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFiles {
    pub certificate: PathBuf,
    /// `None` when the key stands in the file of the certificate.
    pub key: Option<PathBuf>,
}

/// The file, word for word.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrustFile {
    #[serde(default)]
    server: BTreeMap<toml::Spanned<String>, Entry>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned_certificate: Option<toml::Spanned<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_certificate: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_key: Option<toml::Spanned<PathBuf>>,
}

impl Services {
    pub(crate) fn trust_path(&self) -> PathBuf {
        self.locations().config.join("trust.toml")
    }

    /// What is decided for the server at `domain`.
    ///
    /// # Errors
    /// [`ServiceError::DamagedTrust`] with the line.
    pub fn trust_of(&self, domain: &Domain) -> Result<Trust, ServiceError> {
        Ok(self.trust_by_server()?.remove(domain).unwrap_or_default())
    }

    /// Decides for the server at `domain`; the default takes back what was decided. Files that are named are not read
    /// until they are used.
    ///
    /// # Errors
    /// [`ServiceError::DamagedTrust`]: a file that cannot be understood is not overwritten.
    pub fn set_trust(&self, domain: &Domain, trust: Trust) -> Result<(), ServiceError> {
        blocking(|| {
            let _lock = Lock::take(&self.locations().lock())?;
            if self.trust_by_server()?.get(domain) == Some(&trust) {
                return Ok(());
            }
            let policy = self.policy()?;
            let decided = policy.ca_file_for(domain);
            let is_decided = |path: &PathBuf| decided.as_ref().is_some_and(|decided| decided.value == *path);
            let adds = trust.ca_file.as_ref().is_some_and(|path| !is_decided(path));
            if decided.is_some() && (adds || trust.pinned_certificate.is_some()) {
                policy.unless_locked(Field::CaFile, || format!("whom to trust for {domain} is fixed"))?;
            }
            let path = self.trust_path();
            match self.trust_file_with(domain, trust)? {
                None => Ok(file::remove(&path)?),
                Some(bytes) => Ok(file::write(&path, &bytes, 0o644)?),
            }
        })
    }

    /// The content of the file once `trust` is decided for the server at `domain`; nothing where nothing is decided.
    ///
    /// # Errors
    /// As for [`Services::set_trust`].
    pub(crate) fn trust_file_with(
        &self,
        domain: &Domain,
        trust: Trust,
    ) -> Result<Option<Vec<u8>>, ServiceError> {
        let mut all = self.trust_by_server()?;
        all.remove(domain);
        if trust != Trust::default() {
            all.insert(domain.clone(), trust);
        }
        match all.is_empty() {
            true => Ok(None),
            false => Ok(Some(written(&all)?.into_bytes())),
        }
    }

    /// Every server for which something is decided.
    ///
    /// # Errors
    /// As for [`Services::trust_of`].
    pub fn trust_by_server(&self) -> Result<BTreeMap<Domain, Trust>, ServiceError> {
        let path = self.trust_path();
        let Some(image) = file::read(&path)? else {
            return Ok(BTreeMap::new());
        };
        read(&image.bytes).map_err(|reason| ServiceError::DamagedTrust { path, reason })
    }
}

/// # Errors
/// What is wrong, with the line.
fn read(bytes: &[u8]) -> Result<BTreeMap<Domain, Trust>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let at = |span: Range<usize>, what: &str| in_line(text, Some(span), what);
    let file: TrustFile = toml::from_str(text).map_err(|e| in_line(text, e.span(), e.message()))?;
    let mut all = BTreeMap::new();
    for (name, entry) in file.server {
        let span = name.span();
        let domain = Domain::parse(name.get_ref()).map_err(|e| at(span.clone(), &e.to_string()))?;
        let pinned = entry
            .pinned_certificate
            .map(|text| Fingerprint::parse(text.get_ref()).map_err(|e| at(text.span(), &e.to_string())));
        let client = match (entry.client_certificate, entry.client_key) {
            (None, Some(key)) => {
                return Err(at(
                    key.span(),
                    "there is a client-key without a client-certificate",
                ));
            }
            (None, None) => None,
            (Some(certificate), key) => Some(ClientFiles {
                certificate,
                key: key.map(toml::Spanned::into_inner),
            }),
        };
        let trust = Trust {
            ca_file: entry.ca_file,
            pinned_certificate: pinned.transpose()?,
            client_certificate: client,
        };
        if all.insert(domain, trust).is_some() {
            return Err(at(span, "the server stands in the file twice"));
        }
    }
    Ok(all)
}

fn written(all: &BTreeMap<Domain, Trust>) -> Result<String, ServiceError> {
    let spanned = |text: String| toml::Spanned::new(0..0, text);
    let entry = |trust: &Trust| {
        let client = trust.client_certificate.as_ref();
        let key = client.and_then(|files| files.key.clone());
        Entry {
            ca_file: trust.ca_file.clone(),
            pinned_certificate: trust.pinned_certificate.map(|pin| spanned(pin.to_string())),
            client_certificate: client.map(|files| files.certificate.clone()),
            client_key: key.map(|key| toml::Spanned::new(0..0, key)),
        }
    };
    let server = all
        .iter()
        .map(|(domain, trust)| (spanned(domain.as_str().to_owned()), entry(trust)));
    let text = toml::to_string(&TrustFile {
        server: server.collect(),
    });
    // A path that is no Unicode has no place in TOML.
    let text = text.map_err(|error| ServiceError::Internal(error.to_string()))?;
    Ok(format!("{HEADER}{text}"))
}

/// `what` with the line it is about. The text itself is not repeated.
pub(super) fn in_line(text: &str, span: Option<Range<usize>>, what: &str) -> String {
    let what = what.lines().next().unwrap_or_default();
    match span.and_then(|span| text.get(..span.start)) {
        Some(before) => format!("line {}: {what}", before.matches('\n').count() + 1),
        None => what.to_owned(),
    }
}

impl Trust {
    /// Every file that it names.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let client = self.client_certificate.as_ref();
        [
            self.ca_file.as_deref(),
            client.map(|files| files.certificate.as_path()),
            client.and_then(|files| files.key.as_deref()),
        ]
        .into_iter()
        .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Explain;
    use crate::locations::Locations;

    fn services() -> (tempfile::TempDir, Services) {
        let folder = tempfile::tempdir().unwrap();
        let services = Services::new(Locations::inside(folder.path()));
        (folder, services)
    }

    fn domain(text: &str) -> Domain {
        Domain::parse(text).unwrap()
    }

    #[test]
    fn what_is_decided_for_a_server_comes_back_and_goes_without_a_trace() {
        let (_folder, services) = services();
        let one = domain("https://repo.example.com");
        let two = domain("https://repo.example.com:8443");
        assert_eq!(services.trust_of(&one).unwrap(), Trust::default());
        let trust = Trust {
            ca_file: Some("/etc/ssl/corp \"1\".pem".into()),
            pinned_certificate: Some(Fingerprint::of(b"x")),
            client_certificate: Some(ClientFiles {
                certificate: "/c.pem".into(),
                key: Some("/c.key".into()),
            }),
        };
        services.set_trust(&one, trust.clone()).unwrap();
        let pinned = Trust {
            pinned_certificate: Some(Fingerprint::of(b"y")),
            ..Trust::default()
        };
        services.set_trust(&two, pinned.clone()).unwrap();
        assert_eq!(services.trust_of(&one).unwrap(), trust);
        assert_eq!(services.trust_of(&two).unwrap(), pinned);
        let text = std::fs::read_to_string(services.trust_path()).unwrap();
        assert!(
            text.contains("[server.\"https://repo.example.com:8443\"]\npinned-certificate = \""),
            "{text}"
        );
        services.set_trust(&one, Trust::default()).unwrap();
        assert_eq!(services.trust_of(&one).unwrap(), Trust::default());
        services.set_trust(&two, Trust::default()).unwrap();
        assert!(!services.trust_path().exists());
    }

    #[test]
    fn a_damaged_file_is_explained_with_its_line_and_never_overwritten() {
        let (_folder, services) = services();
        std::fs::create_dir_all(services.trust_path().parent().unwrap()).unwrap();
        let pin = Fingerprint::of(b"x");
        for (text, reason) in [
            (
                "\n[server.\"https://h\"]\nca_file = \"/x\"\n",
                "line 3: unknown field `ca_file`",
            ),
            ("[servers]\n", "line 1: unknown field `servers`"),
            ("[server.\"https://h\"]\nca-file = 1\n", "line 2: invalid type"),
            (
                "[server.\"https://h\"]\npinned-certificate = \"AB:CD\"\n",
                "line 2: a SHA-256 fingerprint has 64",
            ),
            (
                "# x\n[server.\"ftp://h\"]\n",
                "line 2: ftp:// is not the address of a web server",
            ),
            (
                "[server.\"https://h\"]\nclient-key = \"/k\"\n",
                "line 2: there is a client-key without",
            ),
            (
                "[server.\"https://h\"]\n[server.\"HTTPS://H/\"]\n",
                "line 1: the server stands in the file twice",
            ),
            ("[server.\n", "line 1: "),
            ("\u{0}", "line 1: "),
        ] {
            std::fs::write(services.trust_path(), text).unwrap();
            let error = services.trust_of(&domain("https://h")).unwrap_err();
            let ServiceError::DamagedTrust { reason: told, .. } = &error else {
                panic!("{error:?}")
            };
            assert!(told.starts_with(reason), "{text:?}: {told}");
            assert!(error.explain().remedy.unwrap().contains("trust.toml"));
            let trust = Trust {
                pinned_certificate: Some(pin),
                ..Trust::default()
            };
            services.set_trust(&domain("https://h"), trust).unwrap_err();
            assert_eq!(std::fs::read_to_string(services.trust_path()).unwrap(), text);
        }
        std::fs::write(services.trust_path(), b"\xff").unwrap();
        services.trust_of(&domain("https://h")).unwrap_err();
    }
}
