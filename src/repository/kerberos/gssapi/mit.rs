//! What GSSAPI cannot tell, from MIT's own library: the realm of a host, and whose ticket has expired.
//!
//! GSSAPI can only name a server by a host that it resolves forth and back first. A server behind a proxy, or one whose
//! address has another name, is then asked for under a name that Kerberos does not know.

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr;

use libloading::Library;

type Pointer = *mut c_void;
type Init = unsafe extern "C" fn(*mut Pointer) -> i32;
type Free = unsafe extern "C" fn(Pointer);
type GetHostRealm = unsafe extern "C" fn(Pointer, *const c_char, *mut *mut *mut c_char) -> i32;
type FreeHostRealm = unsafe extern "C" fn(Pointer, *mut *mut c_char) -> i32;
type DefaultCache = unsafe extern "C" fn(Pointer, *mut Pointer) -> i32;
type CloseCache = unsafe extern "C" fn(Pointer, Pointer) -> i32;
type GetPrincipal = unsafe extern "C" fn(Pointer, Pointer, *mut Pointer) -> i32;
type FreePrincipal = unsafe extern "C" fn(Pointer, Pointer);
type Unparse = unsafe extern "C" fn(Pointer, Pointer, *mut *mut c_char) -> i32;
type FreeUnparsed = unsafe extern "C" fn(Pointer, *mut c_char);

/// `libkrb5`.
pub(super) struct Mit {
    init: Init,
    free: Free,
    get_host_realm: GetHostRealm,
    free_host_realm: FreeHostRealm,
    default_cache: DefaultCache,
    close_cache: CloseCache,
    get_principal: GetPrincipal,
    free_principal: FreePrincipal,
    unparse: Unparse,
    free_unparsed: FreeUnparsed,
    /// Keeps the functions above where they are.
    _library: Library,
}

impl Mit {
    /// `None` when this computer does not have the library.
    pub(super) fn open() -> Option<Self> {
        // SAFETY: GSSAPI has loaded this library already, and the types are those of MIT's `krb5.h`.
        unsafe {
            let library = Library::new("libkrb5.so.3").ok()?;
            Some(Self {
                init: *library.get(b"krb5_init_context\0").ok()?,
                free: *library.get(b"krb5_free_context\0").ok()?,
                get_host_realm: *library.get(b"krb5_get_host_realm\0").ok()?,
                free_host_realm: *library.get(b"krb5_free_host_realm\0").ok()?,
                default_cache: *library.get(b"krb5_cc_default\0").ok()?,
                close_cache: *library.get(b"krb5_cc_close\0").ok()?,
                get_principal: *library.get(b"krb5_cc_get_principal\0").ok()?,
                free_principal: *library.get(b"krb5_free_principal\0").ok()?,
                unparse: *library.get(b"krb5_unparse_name\0").ok()?,
                free_unparsed: *library.get(b"krb5_free_unparsed_name\0").ok()?,
                _library: library,
            })
        }
    }

    /// The realm that is configured for the host; `None` when there is none, and the Kerberos server has to know.
    pub(super) fn realm_of(&self, host: &str) -> Option<String> {
        let host = CString::new(host).ok()?;
        let context = self.context()?;
        let mut realms = ptr::null_mut();
        // SAFETY: the context is live. The list is used only when the call that makes it succeeded: it ends with null,
        // holds texts that end with null, and is freed once, after reading.
        unsafe {
            if (self.get_host_realm)(context.raw, host.as_ptr(), &mut realms) != 0 || realms.is_null() {
                return None;
            }
            let realm = text(*realms);
            (self.free_host_realm)(context.raw, realms);
            realm.filter(|realm| !realm.is_empty())
        }
    }

    /// Whose tickets lie in the cache that is used by default, be they good or expired.
    pub(super) fn principal(&self) -> Option<String> {
        let context = self.context()?;
        let (mut cache, mut principal, mut name) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        // SAFETY: the context is live. Each of the three is used only when the call that makes it succeeded, and is given
        // back once, after its last use.
        unsafe {
            if (self.default_cache)(context.raw, &mut cache) != 0 {
                return None;
            }
            let mut found = None;
            if (self.get_principal)(context.raw, cache, &mut principal) == 0 {
                if (self.unparse)(context.raw, principal, &mut name) == 0 {
                    found = text(name);
                    (self.free_unparsed)(context.raw, name);
                }
                (self.free_principal)(context.raw, principal);
            }
            (self.close_cache)(context.raw, cache);
            found
        }
    }

    fn context(&self) -> Option<Context<'_>> {
        let mut raw = ptr::null_mut();
        // SAFETY: the pointer is to a live value; what is made is freed when the context is dropped.
        let code = unsafe { (self.init)(&mut raw) };
        (code == 0).then_some(Context { library: self, raw })
    }
}

/// What the library wants for every call.
struct Context<'a> {
    library: &'a Mit,
    raw: Pointer,
}

impl Drop for Context<'_> {
    fn drop(&mut self) {
        // SAFETY: the context is live, and this is its one owner.
        unsafe { (self.library.free)(self.raw) };
    }
}

/// A copy of a C text.
///
/// # Safety
/// `raw` is null, or points to a text that ends with null.
unsafe fn text(raw: *const c_char) -> Option<String> {
    if raw.is_null() {
        return None;
    }
    // SAFETY: as the caller promises.
    unsafe { CStr::from_ptr(raw) }.to_str().ok().map(str::to_owned)
}
