//! What conda is told about certificates and proxies (repository reference, section 3.3).

use std::path::PathBuf;

use super::configuration::{Configuration, Explanation, Origin};
use super::setting::{Key, Value};
use crate::secret::Secret;

/// Whom conda trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SslVerify {
    /// The authorities that conda brings along or the operating system has: the default, and `truststore`.
    Usual,
    /// Everybody. Nothing is checked.
    Nobody,
    /// The authorities in a file or folder, as it is written: conda stops when it is not there.
    Path(PathBuf),
}

/// A value, and where it stands; nowhere for a default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told<T> {
    pub value: T,
    pub origin: Option<Origin>,
}

/// The files of the certificate that conda presents; `key` where it is not in the same file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFiles {
    pub certificate: PathBuf,
    pub key: Option<PathBuf>,
}

/// One proxy of `proxy_servers`.
#[derive(Debug, Clone)]
pub struct ProxyServer {
    /// `https`, `all`, `https://host`, or `no_proxy`, which stands for a list of exceptions.
    pub name: String,
    /// The address; it may hold a password.
    pub address: Secret,
    pub origin: Option<Origin>,
}

impl Configuration {
    /// The value of `ssl_verify` that has effect.
    pub fn ssl_verify(&self) -> Told<SslVerify> {
        let explanation = self.explain(Key::SslVerify);
        let text = explanation.value.as_text().map(|text| text.expose().trim());
        let value = match (explanation.value.as_switch(), text) {
            // Nothing is not `false`: conda then takes its default.
            (_, None | Some("truststore")) | (Some(true), _) => SslVerify::Usual,
            (Some(false), _) => SslVerify::Nobody,
            (None, Some(path)) => SslVerify::Path(PathBuf::from(path)),
        };
        Told {
            value,
            origin: origin(&explanation),
        }
    }

    /// The certificate that conda presents to servers that ask for one. A key without a certificate, at which conda
    /// stops, is nothing.
    pub fn client_files(&self) -> Option<Told<ClientFiles>> {
        let certificate = self.explain(Key::ClientSslCert);
        let key = self.explain(Key::ClientSslCertKey);
        Some(Told {
            origin: origin(&certificate),
            value: ClientFiles {
                certificate: path(&certificate.value)?,
                key: path(&key.value),
            },
        })
    }

    /// The proxies of `proxy_servers`, in the order of the file; names without an address are left out.
    pub fn proxy_servers(&self) -> Vec<ProxyServer> {
        let explanation = self.explain(Key::ProxyServers);
        let servers = explanation.value.entries().iter().filter_map(|(name, value)| {
            let address = value.as_text()?.expose().trim();
            // The highest source that has the name gives its value.
            let source = explanation
                .sources
                .iter()
                .rev()
                .find(|source| source.wins() && source.value.entry(name).is_some());
            (!address.is_empty()).then(|| ProxyServer {
                name: name.clone(),
                address: Secret::new(address),
                origin: source.map(|source| source.origin.clone()),
            })
        });
        servers.collect()
    }
}

fn origin(explanation: &Explanation) -> Option<Origin> {
    explanation.decided_by().map(|source| source.origin.clone())
}

fn path(value: &Value) -> Option<PathBuf> {
    let text = value.as_text()?.expose().trim();
    (!text.is_empty()).then(|| PathBuf::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conda::fixture::Machine;

    fn read(condarc: &str) -> (Machine, Configuration) {
        let machine = Machine::linux()
            .file("home/.condarc", condarc)
            .variable("CORP", "/corp");
        let configuration = Configuration::read(&machine.surroundings);
        (machine, configuration)
    }

    #[test]
    fn whom_conda_trusts_is_read_with_its_place() {
        let path = |text: &str| SslVerify::Path(text.into());
        for (text, expected) in [
            ("", SslVerify::Usual),
            ("ssl_verify: true", SslVerify::Usual),
            ("ssl_verify: truststore", SslVerify::Usual),
            ("ssl_verify: null", SslVerify::Usual),
            ("ssl_verify: false", SslVerify::Nobody),
            ("verify_ssl: 'no'", SslVerify::Nobody),
            ("ssl_verify: 0", SslVerify::Nobody),
            ("ssl_verify: /etc/corp.pem", path("/etc/corp.pem")),
            ("ssl_verify: ${CORP}/ca", path("/corp/ca")),
        ] {
            assert_eq!(read(text).1.ssl_verify().value, expected, "{text}");
        }
        let (machine, configuration) = read("channels: []\nssl_verify: false\n");
        let origin = configuration.ssl_verify().origin.unwrap();
        assert_eq!(
            origin.to_string(),
            format!("line 2 of {}", machine.path("home/.condarc").display())
        );
        assert_eq!(read("").1.ssl_verify().origin, None);

        let machine = Machine::linux()
            .file("home/.condarc", "ssl_verify: true")
            .variable("CONDA_SSL_VERIFY", "false");
        let told = Configuration::read(&machine.surroundings).ssl_verify();
        assert_eq!(told.value, SslVerify::Nobody);
        assert_eq!(
            told.origin.unwrap().to_string(),
            "the environment variable CONDA_SSL_VERIFY"
        );
    }

    #[test]
    fn the_client_certificate_is_one_file_or_two() {
        let files = |text: &str| read(text).1.client_files().map(|told| told.value);
        assert_eq!(files(""), None);
        assert_eq!(files("client_ssl_cert_key: /k.pem"), None);
        assert_eq!(
            files("client_ssl_cert: $CORP/c.pem\nclient_cert_key: /k.pem"),
            Some(ClientFiles {
                certificate: "/corp/c.pem".into(),
                key: Some("/k.pem".into())
            })
        );
        assert_eq!(files("client_cert: /both.pem").unwrap().key, None);
    }

    #[test]
    fn proxies_are_joined_from_all_files_and_hide_their_passwords() {
        let machine = Machine::linux()
            .file(
                "etc/conda/.condarc",
                "proxy_servers:\n  http: http://low:1\n  https: http://low:2\n",
            )
            .file(
                "home/.condarc",
                "proxy_servers:\n  https: http://al:canary@high:3\n  https://repo.example.com: ''\n  ftp:\n",
            );
        let servers = Configuration::read(&machine.surroundings).proxy_servers();
        let mut shown: Vec<_> = servers
            .iter()
            .map(|server| {
                let origin = server.origin.as_ref().unwrap().path().unwrap();
                (
                    server.name.as_str(),
                    server.address.expose(),
                    machine.inside(origin),
                )
            })
            .collect();
        shown.sort();
        assert_eq!(
            shown,
            [
                ("http", "http://low:1", "etc/conda/.condarc".to_owned()),
                ("https", "http://al:canary@high:3", "home/.condarc".to_owned()),
            ]
        );
        assert!(!format!("{servers:?}").contains("canary"));
    }
}
