//! The system's GSSAPI (RFC 2743 and 2744), found when it is first needed: MIT Kerberos, Heimdal, or macOS's framework.
//!
//! This is the one place of Sextant that calls foreign code. It offers a safe interface: every handle is released when
//! it is dropped, every failure carries the library's own words, and nothing here decides what a failure means.

#![allow(unsafe_code)]

mod handle;
mod mit;
mod raw;

use std::ffi::c_int;
use std::ptr;
use std::sync::OnceLock;

use libloading::Library;

use handle::Buffer;
pub(super) use handle::{Context, Credential, Lifetime, Name, State};
use mit::Mit;
use raw::{
    AcquireCredential, DeleteContext, DisplayName, DisplayStatus, ERRORS, GSS_CODE, HOST_BASED_SERVICE,
    INDEFINITE, INITIATE, ImportName, InitContext, InquireCredential, KRB5, MECHANISM_CODE, Oid, OidSet,
    PRINCIPAL, RawBuffer, Release, ReleaseBuffer, SPNEGO, SetCanonicalize, SetNegotiableMechanisms,
};

/// Where the library may be, in the order of trying, and which it is then.
#[cfg(target_os = "macos")]
const LIBRARIES: [(&str, Flavour); 1] = [("/System/Library/Frameworks/GSS.framework/GSS", Flavour::Heimdal)];
#[cfg(not(target_os = "macos"))]
const LIBRARIES: [(&str, Flavour); 2] = [
    ("libgssapi_krb5.so.2", Flavour::Mit),
    ("libgssapi.so.3", Flavour::Heimdal),
];

/// Whose implementation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flavour {
    Mit,
    Heimdal,
}

/// A mechanism to make tokens with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mechanism {
    Kerberos,
    /// Kerberos, wrapped as web servers want it.
    Spnego,
}

impl Mechanism {
    fn oid(self) -> &'static Oid {
        match self {
            Self::Kerberos => &KRB5,
            Self::Spnego => &SPNEGO,
        }
    }
}

/// What the library said of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// The routine error, as RFC 2744 numbers them from 1.
    pub(super) routine: u32,
    /// The mechanism's own number; for Kerberos, its error code.
    pub(super) code: i32,
    pub(super) words: String,
}

/// The loaded library.
pub(super) struct Gssapi {
    flavour: Flavour,
    mit: Option<Mit>,
    import_name: ImportName,
    release_name: Release,
    display_name: DisplayName,
    release_buffer: ReleaseBuffer,
    acquire_credential: AcquireCredential,
    inquire_credential: InquireCredential,
    release_credential: Release,
    set_negotiable_mechanisms: Option<SetNegotiableMechanisms>,
    init_context: InitContext,
    delete_context: DeleteContext,
    display_status: DisplayStatus,
    /// Keeps the functions above where they are.
    _library: Library,
}

impl Gssapi {
    /// The library of this computer. It is looked for until it is found, and stays from then on.
    ///
    /// # Errors
    /// Why none of the libraries could be loaded.
    pub(super) fn load() -> Result<&'static Self, String> {
        static LOADED: OnceLock<Gssapi> = OnceLock::new();
        if let Some(loaded) = LOADED.get() {
            return Ok(loaded);
        }
        let mut reasons = Vec::new();
        for (name, flavour) in LIBRARIES {
            match Self::open(name, flavour) {
                Ok(opened) => return Ok(LOADED.get_or_init(|| opened)),
                Err(error) => reasons.push(error.to_string()),
            }
        }
        Err(reasons.join("; "))
    }

    fn open(name: &str, flavour: Flavour) -> Result<Self, libloading::Error> {
        // SAFETY: these are the system's own libraries under their well-known names; their initialisers are meant to be
        // run by any program. Each symbol is read with the type that RFC 2744 gives the function of that name, and
        // the two extensions with that of the implementations' headers.
        unsafe {
            let library = Library::new(name)?;
            if let Ok(set) = library.get::<SetCanonicalize>(b"gsskrb5_set_dns_canonicalize\0") {
                // Heimdal's switch for what `Mit` does for MIT: names are taken as they are.
                set(0);
            }
            Ok(Self {
                flavour,
                mit: (flavour == Flavour::Mit).then(Mit::open).flatten(),
                import_name: *library.get(b"gss_import_name\0")?,
                release_name: *library.get(b"gss_release_name\0")?,
                display_name: *library.get(b"gss_display_name\0")?,
                release_buffer: *library.get(b"gss_release_buffer\0")?,
                acquire_credential: *library.get(b"gss_acquire_cred\0")?,
                inquire_credential: *library.get(b"gss_inquire_cred\0")?,
                release_credential: *library.get(b"gss_release_cred\0")?,
                set_negotiable_mechanisms: library.get(b"gss_set_neg_mechs\0").ok().map(|symbol| *symbol),
                init_context: *library.get(b"gss_init_sec_context\0")?,
                delete_context: *library.get(b"gss_delete_sec_context\0")?,
                display_status: *library.get(b"gss_display_status\0")?,
                _library: library,
            })
        }
    }

    /// The name of the web server at `host`, which is taken as it is: no name service is asked for another spelling.
    ///
    /// # Errors
    /// A host that can be no name.
    pub(super) fn web_server(&'static self, host: &str) -> Result<Name, Failure> {
        // MIT resolves the host of a service name forth and back; a principal's name it leaves alone. An empty realm
        // is one that the Kerberos server is to find out.
        match self.flavour {
            Flavour::Mit => {
                let realm = self
                    .mit
                    .as_ref()
                    .and_then(|mit| mit.realm_of(host))
                    .unwrap_or_default();
                self.import(&format!("HTTP/{host}@{realm}"), &PRINCIPAL)
            }
            Flavour::Heimdal => self.import(&format!("HTTP@{host}"), &HOST_BASED_SERVICE),
        }
    }

    /// Whose tickets are used by default, be they good or expired; `None` when that is not known.
    pub(super) fn principal(&self) -> Option<String> {
        self.mit.as_ref().and_then(Mit::principal)
    }

    fn import(&'static self, text: &str, kind: &'static Oid) -> Result<Name, Failure> {
        let mut name = Name {
            library: self,
            raw: ptr::null_mut(),
        };
        let mut minor = 0;
        let buffer = RawBuffer::lent(text.as_bytes());
        // SAFETY: all pointers are to live values of the right types; the buffer is only read during the call.
        let major = unsafe { (self.import_name)(&mut minor, &buffer, kind.raw(), &mut name.raw) };
        self.check(major, minor, None).map(|_| name)
    }

    /// The person's own credential for this mechanism.
    ///
    /// # Errors
    /// That there is none, above all.
    pub(super) fn credential(&'static self, mechanism: Mechanism) -> Result<Credential, Failure> {
        let mut credential = Credential {
            library: self,
            raw: ptr::null_mut(),
        };
        let wanted = OidSet {
            count: 1,
            elements: mechanism.oid().raw(),
        };
        let mut minor = 0;
        // SAFETY: as in `import`; null stands for the default name, and for outputs that are not wanted.
        let major = unsafe {
            (self.acquire_credential)(
                &mut minor,
                ptr::null_mut(),
                INDEFINITE,
                &wanted,
                INITIATE,
                &mut credential.raw,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        self.check(major, minor, Some(mechanism))?;
        if mechanism == Mechanism::Spnego
            && let Some(set) = self.set_negotiable_mechanisms
        {
            let only = OidSet {
                count: 1,
                elements: KRB5.raw(),
            };
            // SAFETY: the credential was just acquired; the set is only read during the call.
            let major = unsafe { set(&mut minor, credential.raw, &only) };
            self.check(major, minor, Some(mechanism))?;
        }
        Ok(credential)
    }

    /// `Ok` with the major status unless it tells of an error.
    fn check(&self, major: u32, minor: u32, mechanism: Option<Mechanism>) -> Result<u32, Failure> {
        if major & ERRORS == 0 {
            return Ok(major);
        }
        let mut words = self.words(major, GSS_CODE, None);
        if minor != 0 {
            let own = self.words(minor, MECHANISM_CODE, mechanism);
            if !own.is_empty() {
                words = own;
            }
        }
        Err(Failure {
            routine: (major >> 16) & 0xff,
            code: minor.cast_signed(),
            words,
        })
    }

    /// The library's words for a status. To be asked on the thread on which it was returned.
    fn words(&self, status: u32, kind: c_int, mechanism: Option<Mechanism>) -> String {
        let oid = mechanism.map_or(ptr::null_mut(), |mechanism| mechanism.oid().raw());
        let (mut minor, mut context) = (0, 0);
        let mut lines: Vec<String> = Vec::new();
        // A status has at most a few lines; the bound is for a library that never ends.
        for _ in 0..4 {
            let mut line = self.buffer();
            // SAFETY: as in `import`; the library allocates what `line` then releases.
            let major =
                unsafe { (self.display_status)(&mut minor, status, kind, oid, &mut context, &mut line.raw) };
            if major & ERRORS != 0 {
                break;
            }
            lines.push(String::from_utf8_lossy(line.bytes()).into_owned());
            if context == 0 {
                break;
            }
        }
        lines.join(", ")
    }

    fn buffer(&self) -> Buffer<'_> {
        Buffer {
            library: self,
            raw: RawBuffer::EMPTY,
        }
    }
}
