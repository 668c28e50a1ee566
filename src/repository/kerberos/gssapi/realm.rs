//! The realm of a host, as `[domain_realm]` in `krb5.conf` has it, from MIT's own library.
//!
//! GSSAPI can only name a server by a host that it resolves forth and back first. A server behind a proxy, or one whose
//! address has another name, is then asked for under a name that Kerberos does not know.

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr;

use libloading::Library;

type Pointer = *mut c_void;
type InitContext = unsafe extern "C" fn(*mut Pointer) -> i32;
type FreeContext = unsafe extern "C" fn(Pointer);
type GetHostRealm = unsafe extern "C" fn(Pointer, *const c_char, *mut *mut *mut c_char) -> i32;
type FreeHostRealm = unsafe extern "C" fn(Pointer, *mut *mut c_char) -> i32;

/// The library that knows the realms.
pub(super) struct Realms {
    init_context: InitContext,
    free_context: FreeContext,
    get_host_realm: GetHostRealm,
    free_host_realm: FreeHostRealm,
    /// Keeps the functions above where they are.
    _library: Library,
}

impl Realms {
    /// `None` when this computer does not have the library.
    pub(super) fn open() -> Option<Self> {
        // SAFETY: GSSAPI has loaded this library already, and the types are those of MIT's `krb5.h`.
        unsafe {
            let library = Library::new("libkrb5.so.3").ok()?;
            Some(Self {
                init_context: *library.get(b"krb5_init_context\0").ok()?,
                free_context: *library.get(b"krb5_free_context\0").ok()?,
                get_host_realm: *library.get(b"krb5_get_host_realm\0").ok()?,
                free_host_realm: *library.get(b"krb5_free_host_realm\0").ok()?,
                _library: library,
            })
        }
    }

    /// The realm that is configured for the host; `None` when there is none, and the Kerberos server has to know.
    pub(super) fn of_host(&self, host: &str) -> Option<String> {
        let host = CString::new(host).ok()?;
        let mut context = ptr::null_mut();
        let mut realms = ptr::null_mut();
        // SAFETY: the context is used only after it was made, and freed once. The list is used only when the call that
        // makes it succeeded: it ends with null, holds texts that end with null, and is freed once after reading.
        unsafe {
            if (self.init_context)(&mut context) != 0 {
                return None;
            }
            let mut realm = None;
            if (self.get_host_realm)(context, host.as_ptr(), &mut realms) == 0 && !realms.is_null() {
                if !(*realms).is_null() {
                    realm = CStr::from_ptr(*realms).to_str().ok().map(str::to_owned);
                }
                (self.free_host_realm)(context, realms);
            }
            (self.free_context)(context);
            realm.filter(|realm| !realm.is_empty())
        }
    }
}
