//! A Kerberos realm of its own, with MIT's real programs, in a folder that is thrown away, and a repository in it.
//!
//! Without the programs the tests are left out, except in continuous integration, where they fail.

#![allow(dead_code, reason = "every test uses its part")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

pub const PRINCIPAL: &str = "jsmith@TEST.LOCAL";
pub const PASSWORD: &str = "canary-password";

/// Debian's own Python, for which its GSSAPI is packaged.
const PYTHON: &str = "/usr/bin/python3";

/// A realm with a running key server. The person is not signed in to it.
pub struct Realm {
    folder: TempDir,
    kdc: Child,
    kdc_port: u16,
}

impl Drop for Realm {
    fn drop(&mut self) {
        let _ = self.kdc.kill();
        let _ = self.kdc.wait();
    }
}

impl Realm {
    /// `None` when a program is missing here.
    pub fn start() -> Option<Self> {
        Self::with_skew(300)
    }

    /// A realm in which clocks may differ by so many seconds, and tickets are accepted for as long after their end.
    pub fn with_skew(seconds: u32) -> Option<Self> {
        if let Err(missing) = programs() {
            assert!(std::env::var_os("CI").is_none(), "{missing} is needed here");
            eprintln!("skipped, because {missing} is missing");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let kdc_port = free_port();
        configure(folder.path(), kdc_port, seconds);
        let run = |program: &str, arguments: &[&str]| {
            let output = command(folder.path(), program).args(arguments).output().unwrap();
            assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
        };
        run("kdb5_util", &["create", "-s", "-P", "master", "-r", "TEST.LOCAL"]);
        let keytab = folder.path().join("http.keytab");
        for query in [
            format!("addprinc -pw {PASSWORD} jsmith"),
            "addprinc -randkey HTTP/localhost".to_owned(),
            format!("ktadd -k {} HTTP/localhost", keytab.display()),
        ] {
            run("kadmin.local", &["-r", "TEST.LOCAL", "-q", &query]);
        }
        let kdc = command(folder.path(), "krb5kdc")
            .args(["-n", "-r", "TEST.LOCAL"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut realm = Self {
            folder,
            kdc,
            kdc_port,
        };
        realm.await_kdc();
        Some(realm)
    }

    fn await_kdc(&mut self) {
        let patience = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", self.kdc_port)).is_err() {
            assert!(self.kdc.try_wait().unwrap().is_none(), "the key server ended");
            assert!(Instant::now() < patience, "the key server does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Signs the person in to the realm, as she would do in a terminal.
    pub fn kinit(&self, arguments: &[&str]) {
        let mut kinit = self
            .command("kinit")
            .args(arguments)
            .arg("jsmith")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        writeln!(kinit.stdin.take().unwrap(), "{PASSWORD}").unwrap();
        assert!(kinit.wait().unwrap().success());
    }

    /// Waits until the ticket has expired.
    pub fn await_expiry(&self) {
        let patience = Instant::now() + Duration::from_secs(120);
        while self.command("klist").arg("-s").status().unwrap().success() {
            assert!(Instant::now() < patience, "the ticket does not expire");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A program in the surroundings of the person in this realm.
    pub fn command(&self, program: &str) -> Command {
        command(self.folder.path(), program)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The address of its key server.
    pub fn key_server(&self) -> String {
        format!("127.0.0.1:{}", self.kdc_port)
    }

    /// A repository in the realm; see `acceptor.py` for what it can be like.
    pub fn repository(&self, mode: &str) -> Repository {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/kerberos/acceptor.py");
        let mut server = self
            .command(PYTHON)
            .arg(script)
            .arg(mode)
            .env("KRB5_KTNAME", self.path("http.keytab"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(server.stdout.take().unwrap())
            .read_line(&mut port)
            .unwrap();
        let port = port
            .trim()
            .parse()
            .unwrap_or_else(|_| panic!("the acceptor did not start"));
        Repository { server, port }
    }
}

/// A server that accepts tickets.
pub struct Repository {
    server: Child,
    port: u16,
}

impl Drop for Repository {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Repository {
    pub fn url(&self, host: &str) -> String {
        format!("http://{host}:{}/api", self.port)
    }

    /// What it was asked and did.
    pub fn log(&self) -> Vec<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(b"GET /log HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let log: Vec<Value> = serde_json::from_str(body).unwrap();
        log.iter().map(|line| line.as_str().unwrap().to_owned()).collect()
    }
}

fn command(folder: &Path, program: &str) -> Command {
    let mut command = Command::new(program);
    let path = std::env::var("PATH").unwrap_or_default();
    command
        .env_clear()
        .env("PATH", format!("{path}:/usr/sbin:/sbin"))
        .env("HOME", folder)
        .env("KRB5_CONFIG", folder.join("krb5.conf"))
        .env("KRB5_KDC_PROFILE", folder.join("kdc.conf"))
        .env("KRB5CCNAME", format!("FILE:{}", folder.join("cache").display()));
    command
}

/// Host names are resolved forth and back, as they are when nobody says otherwise: the client must not depend on it.
fn configure(folder: &Path, kdc_port: u16, skew: u32) {
    let client =
        client_configuration(kdc_port).replace("[realms]", &format!(" clockskew = {skew}\n[realms]"));
    fs::write(folder.join("krb5.conf"), client).unwrap();
    let at = |name: &str| folder.join(name).display().to_string();
    let kdc = format!(
        "[kdcdefaults]\n kdc_listen = 127.0.0.1:{kdc_port}\n kdc_tcp_listen = 127.0.0.1:{kdc_port}\n\
         [realms]\n TEST.LOCAL = {{\n  database_name = {}\n  key_stash_file = {}\n  acl_file = {}\n }}\n\
         [logging]\n kdc = FILE:{}\n",
        at("principal"),
        at("stash"),
        at("acl"),
        at("kdc.log")
    );
    fs::write(folder.join("kdc.conf"), kdc).unwrap();
}

pub fn client_configuration(kdc_port: u16) -> String {
    format!(
        "[libdefaults]\n default_realm = TEST.LOCAL\n dns_lookup_kdc = false\n dns_lookup_realm = false\n \
         rdns = true\n dns_canonicalize_hostname = true\n\
         [realms]\n TEST.LOCAL = {{\n  kdc = 127.0.0.1:{kdc_port}\n }}\n"
    )
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// What is missing here.
fn programs() -> Result<(), String> {
    let runs = |program: &str, arguments: &[&str]| {
        let output: std::io::Result<Output> = command(Path::new("/"), program).args(arguments).output();
        output.is_ok_and(|output| program != PYTHON || output.status.success())
    };
    // Asked for something they do not know, they end at once.
    for program in ["kdb5_util", "kadmin.local", "krb5kdc", "kinit", "klist"] {
        if !runs(program, &["-?"]) {
            return Err(program.to_owned());
        }
    }
    if runs(PYTHON, &["-c", "import gssapi"]) {
        Ok(())
    } else {
        Err("python3-gssapi".to_owned())
    }
}
