//! Who vouches for a server: what is set for it, what conda's settings say, what the environment names.

use std::fs;
use std::path::{Path, PathBuf};

use super::{ClientShown, TrustShown, Way, pinned};
use crate::conda::configuration::{Configuration, Origin};
use crate::conda::network::{SslVerify, Told};
use crate::edit::file;
use crate::locations::Platform;
use crate::repository::{CaBundle, ClientCertificate, Domain, HttpSettings, Pin};
use crate::service::plan::Warning;
use crate::service::policy::Field;
use crate::service::trust::{ClientFiles, Trust};
use crate::service::{ServiceError, Services};

/// The variables that name one file or folder of authorities. conda obeys the first of its two that is set, the others
/// are for its libraries.
const BUNDLES: [&str; 3] = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"];

/// The variable that names folders of authorities.
const FOLDERS: &str = "SSL_CERT_DIR";

/// The most files of a folder that are read.
const FOLDER_LIMIT: usize = 4096;

/// Where Sextant's own settings for a server stand, in words for a person.
const TRUST: &str = "Sextant's settings for this server";

/// What is collected on the way through all sources.
struct Collected<'a> {
    bundles: Vec<CaBundle>,
    way: &'a mut Way,
}

impl Services {
    /// Whether the files that are named can be used.
    ///
    /// # Errors
    /// [`ServiceError::NoTrustFile`], [`ServiceError::CaFile`] and [`ServiceError::ClientCertificate`].
    pub fn check_trust(&self, trust: &Trust) -> Result<(), ServiceError> {
        if let Some(path) = &trust.ca_file {
            authorities_in(path)?;
        }
        trust
            .client_certificate
            .as_ref()
            .map_or(Ok(()), |files| read_client(files).map(drop))
    }

    /// Adds to `settings` and `way` who is trusted for `domain`.
    pub(super) fn add_trust(
        &self,
        domain: &Domain,
        ca_file: Option<&Path>,
        configuration: &Configuration,
        settings: &mut HttpSettings,
        way: &mut Way,
    ) -> Result<(), ServiceError> {
        let trust = self.trust_of(domain)?;
        let decided = self.policy()?.ca_file_for(domain);
        let decided_for_all = decided.as_ref().filter(|decided| decided.lock.is_some());
        if let (Some(decided), Some(named)) = (decided_for_all, ca_file)
            && decided.value != named
        {
            self.policy()?.unless_locked(Field::CaFile, || {
                format!("{domain} is trusted by another CA file")
            })?;
        }
        way.trust.push(TrustShown::OperatingSystem);
        let mut collected = Collected {
            bundles: Vec::new(),
            way,
        };
        if let Some(path) = ca_file {
            collected.require(path, "this call")?;
        }
        if let Some(path) = trust.ca_file.as_deref().filter(|path| Some(*path) != ca_file) {
            collected.require(path, TRUST)?;
        }
        if let Some(decided) = decided.filter(|decided| Some(decided.value.as_path()) != ca_file) {
            collected.require(&decided.value, &decided.path.display().to_string())?;
        }
        collected.of_conda(configuration, self.overriding_variable());
        for (name, path) in self.named_authorities() {
            collected.offer(&path, &format!("the environment variable {name}"));
        }
        settings.ca = CaBundle::together(collected.bundles);
        if let Some(fingerprint) = trust.pinned_certificate {
            settings.pin = Some(Pin::new(domain.host(), fingerprint));
            way.trust = vec![pinned(fingerprint)];
        }
        settings.client_certificate = match &trust.client_certificate {
            Some(files) => {
                let certificate = read_client(files)?;
                way.client_certificate = Some(shown(&certificate, files, TRUST));
                Some(certificate)
            }
            None => client_of_conda(configuration, way),
        };
        Ok(())
    }

    /// The variable that conda obeys instead of `ssl_verify`.
    fn overriding_variable(&self) -> Option<&'static str> {
        BUNDLES[..2].iter().copied().find(|name| self.set(name).is_some())
    }

    fn set(&self, name: &str) -> Option<&str> {
        self.locations().variable(name).filter(|value| !value.is_empty())
    }

    fn named_authorities(&self) -> Vec<(&'static str, PathBuf)> {
        let bundles = BUNDLES
            .iter()
            .filter_map(|name| Some((*name, PathBuf::from(self.set(name)?))));
        let separator = match self.locations().platform {
            Platform::Windows => ';',
            Platform::Linux | Platform::MacOs => ':',
        };
        let folders = self.set(FOLDERS).unwrap_or_default().split(separator);
        let folders = folders
            .filter(|folder| !folder.is_empty())
            .map(|folder| (FOLDERS, PathBuf::from(folder)));
        bundles.chain(folders).collect()
    }
}

impl Collected<'_> {
    fn add(&mut self, path: &Path, source: &str, bundle: CaBundle) {
        let shown =
            |known: &TrustShown| matches!(known, TrustShown::Authorities { path: at, .. } if at == path);
        if !self.way.trust.iter().any(shown) {
            self.way.trust.push(TrustShown::Authorities {
                path: path.to_owned(),
                count: bundle.len(),
                source: source.to_owned(),
            });
            self.bundles.push(bundle);
        }
    }

    /// A file that a person named to Sextant must be there and right.
    fn require(&mut self, path: &Path, source: &str) -> Result<(), ServiceError> {
        let bundle = authorities_in(path)?;
        self.add(path, source, bundle);
        Ok(())
    }

    /// A file or folder that others named is used as far as it can be.
    fn offer(&mut self, path: &Path, source: &str) {
        match store(path) {
            Ok(bundle) => self.add(path, source, bundle),
            Err(reason) => self.way.warnings.push(Warning::with_remedy(
                format!("{} is not used as {source} says: {reason}", path.display()),
                "correct it or take it out; conda and its libraries stumble over it too",
            )),
        }
    }

    fn of_conda(&mut self, configuration: &Configuration, overriding: Option<&str>) {
        let Told { value, origin } = configuration.ssl_verify();
        let place = origin.as_ref().map_or_else(String::new, Origin::to_string);
        match value {
            SslVerify::Usual => return,
            SslVerify::Nobody => self.way.warnings.push(Warning::with_remedy(
                format!("conda does not check certificates (ssl_verify: false in {place}); Sextant does"),
                "let conda use the trust store of the operating system: conda config --set ssl_verify truststore",
            )),
            // What it means depends on where conda is started.
            SslVerify::Path(path) if path.is_relative() => self.way.warnings.push(Warning::with_remedy(
                format!("{} in {place} is not a whole path, so Sextant does not use it", path.display()),
                "write the whole path in ssl_verify",
            )),
            SslVerify::Path(path) => self.offer(&path, &format!("ssl_verify in {place}")),
        }
        if let Some(name) = overriding {
            self.way.warnings.push(Warning::with_remedy(
                format!("conda obeys the environment variable {name} instead of ssl_verify in {place}"),
                format!("unset {name} if that is not meant"),
            ));
        }
    }
}

/// The client certificate that conda presents; one that cannot be used is told.
fn client_of_conda(configuration: &Configuration, way: &mut Way) -> Option<ClientCertificate> {
    let Told { value, origin } = configuration.client_files()?;
    let place = origin.as_ref().map_or_else(String::new, Origin::to_string);
    let source = format!("client_ssl_cert in {place}");
    let files = ClientFiles {
        certificate: value.certificate,
        key: value.key,
    };
    match read_client(&files) {
        Ok(certificate) => {
            way.client_certificate = Some(shown(&certificate, &files, &source));
            Some(certificate)
        }
        Err(error) => {
            let problem = crate::error::Explain::explain(&error);
            way.warnings.push(Warning {
                message: format!(
                    "the client certificate of {source} is not used: {}",
                    problem.message
                ),
                remedy: problem.remedy,
            });
            None
        }
    }
}

fn shown(certificate: &ClientCertificate, files: &ClientFiles, source: &str) -> ClientShown {
    ClientShown {
        subject: certificate.certificate().subject.clone(),
        path: files.certificate.clone(),
        source: source.to_owned(),
    }
}

fn read_client(files: &ClientFiles) -> Result<ClientCertificate, ServiceError> {
    let certificate = needed(&files.certificate)?;
    // The buffer with the key is wiped when it is dropped.
    let certificate = zeroize::Zeroizing::new(certificate);
    let key = files.key.as_deref().map(needed).transpose()?;
    let key = key.map(zeroize::Zeroizing::new);
    let read = ClientCertificate::from_pem(&certificate, key.as_ref().map(|key| key.as_slice()));
    read.map_err(|source| ServiceError::ClientCertificate {
        path: files.certificate.clone(),
        source,
    })
}

fn authorities_in(path: &Path) -> Result<CaBundle, ServiceError> {
    CaBundle::from_bytes(&needed(path)?).map_err(|source| ServiceError::CaFile {
        path: path.to_owned(),
        source,
    })
}

fn needed(path: &Path) -> Result<Vec<u8>, ServiceError> {
    match file::read(path)? {
        Some(image) => Ok(image.bytes),
        None => Err(ServiceError::NoTrustFile {
            path: path.to_owned(),
        }),
    }
}

/// The authorities in a file, or in all files of a folder.
fn store(path: &Path) -> Result<CaBundle, String> {
    let bundle = if path.is_dir() {
        let entries = fs::read_dir(path).map_err(|error| error.to_string())?;
        let files = entries.flatten().map(|entry| entry.path()).take(FOLDER_LIMIT);
        // A folder of authorities has other files too, and links that lead nowhere.
        let images = files.filter_map(|path| file::read(&path).ok().flatten());
        CaBundle::together(images.map(|image| CaBundle::from_store(&image.bytes)))
    } else {
        match file::read(path) {
            Ok(Some(image)) => CaBundle::from_store(&image.bytes),
            Ok(None) => return Err("there is no such file or folder".to_owned()),
            Err(error) => return Err(error.to_string()),
        }
    };
    match bundle.is_empty() {
        true => Err("it holds no certificate of an authority".to_owned()),
        false => Ok(bundle),
    }
}
