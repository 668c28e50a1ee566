//! The types of GSSAPI's C interface (RFC 2744), as far as they are needed.

use std::ffi::{c_int, c_void};
use std::ptr;

pub(super) type Handle = *mut c_void;

/// `gss_OID_desc`. Apple's headers pack it on Intel.
#[cfg_attr(not(all(target_os = "macos", target_arch = "x86_64")), repr(C))]
#[cfg_attr(all(target_os = "macos", target_arch = "x86_64"), repr(C, packed(2)))]
pub(super) struct Oid {
    pub(super) length: u32,
    pub(super) elements: *const u8,
}

// SAFETY: every `Oid` of this file points to constant bytes, which nobody writes.
unsafe impl Sync for Oid {}

impl Oid {
    const fn new(elements: &'static [u8]) -> Self {
        Self {
            length: elements.len() as u32,
            elements: elements.as_ptr(),
        }
    }

    /// As the functions want it, which do not write to it although they do not say so.
    pub(super) fn raw(&'static self) -> *mut Self {
        ptr::from_ref(self).cast_mut()
    }
}

/// 1.2.840.113554.1.2.2
pub(super) const KRB5_BYTES: &[u8] = b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";
/// 1.2.840.48018.1.2.2, the same mechanism as Windows once misspelt it
pub(super) const MICROSOFT_KRB5_BYTES: &[u8] = b"\x2a\x86\x48\x82\xf7\x12\x01\x02\x02";
/// 1.3.6.1.5.5.2
pub(super) const SPNEGO_BYTES: &[u8] = b"\x2b\x06\x01\x05\x05\x02";

pub(super) static KRB5: Oid = Oid::new(KRB5_BYTES);
pub(super) static SPNEGO: Oid = Oid::new(SPNEGO_BYTES);
/// 1.2.840.113554.1.2.1.4, `service@host`
pub(super) static HOST_BASED_SERVICE: Oid = Oid::new(b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04");
/// 1.2.840.113554.1.2.2.1, `service/host@REALM`
pub(super) static PRINCIPAL: Oid = Oid::new(b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01");

/// `gss_OID_set_desc`
#[repr(C)]
pub(super) struct OidSet {
    pub(super) count: usize,
    pub(super) elements: *mut Oid,
}

/// `gss_buffer_desc`
#[repr(C)]
pub(super) struct RawBuffer {
    pub(super) length: usize,
    pub(super) value: *mut c_void,
}

impl RawBuffer {
    pub(super) const EMPTY: Self = Self {
        length: 0,
        value: ptr::null_mut(),
    };

    /// A buffer that is only read. It must not outlive `bytes`.
    pub(super) fn lent(bytes: &[u8]) -> Self {
        Self {
            length: bytes.len(),
            value: bytes.as_ptr().cast_mut().cast(),
        }
    }
}

pub(super) const COMPLETE: u32 = 0;
/// The two upper bytes of a major status: calling and routine errors.
pub(super) const ERRORS: u32 = 0xffff_0000;
pub(super) const INDEFINITE: u32 = u32::MAX;
pub(super) const MUTUAL_FLAG: u32 = 2;
pub(super) const INITIATE: c_int = 1;
pub(super) const GSS_CODE: c_int = 1;
pub(super) const MECHANISM_CODE: c_int = 2;

pub(super) type ImportName = unsafe extern "C" fn(*mut u32, *const RawBuffer, *mut Oid, *mut Handle) -> u32;
pub(super) type Release = unsafe extern "C" fn(*mut u32, *mut Handle) -> u32;
pub(super) type DisplayName = unsafe extern "C" fn(*mut u32, Handle, *mut RawBuffer, *mut *mut Oid) -> u32;
pub(super) type ReleaseBuffer = unsafe extern "C" fn(*mut u32, *mut RawBuffer) -> u32;
pub(super) type AcquireCredential = unsafe extern "C" fn(
    *mut u32,
    Handle,
    u32,
    *const OidSet,
    c_int,
    *mut Handle,
    *mut *mut OidSet,
    *mut u32,
) -> u32;
pub(super) type InquireCredential =
    unsafe extern "C" fn(*mut u32, Handle, *mut Handle, *mut u32, *mut c_int, *mut *mut OidSet) -> u32;
pub(super) type SetNegotiableMechanisms = unsafe extern "C" fn(*mut u32, Handle, *const OidSet) -> u32;
pub(super) type InitContext = unsafe extern "C" fn(
    *mut u32,
    Handle,
    *mut Handle,
    Handle,
    *mut Oid,
    u32,
    u32,
    *mut c_void,
    *const RawBuffer,
    *mut *mut Oid,
    *mut RawBuffer,
    *mut u32,
    *mut u32,
) -> u32;
pub(super) type DeleteContext = unsafe extern "C" fn(*mut u32, *mut Handle, *mut RawBuffer) -> u32;
pub(super) type DisplayStatus =
    unsafe extern "C" fn(*mut u32, u32, c_int, *mut Oid, *mut u32, *mut RawBuffer) -> u32;
pub(super) type SetCanonicalize = unsafe extern "C" fn(c_int) -> u32;
