//! What the library hands out, released when it is dropped.

use std::ptr;

use super::raw::{
    COMPLETE, Handle, INDEFINITE, KRB5_BYTES, MICROSOFT_KRB5_BYTES, MUTUAL_FLAG, Oid, RawBuffer,
};
use super::{Failure, Gssapi, Mechanism};

/// Memory that the library allocated.
pub(super) struct Buffer<'a> {
    pub(super) library: &'a Gssapi,
    pub(super) raw: RawBuffer,
}

impl Buffer<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        if self.raw.value.is_null() {
            return &[];
        }
        // SAFETY: the library wrote pointer and length of memory that is ours until `drop`.
        unsafe { std::slice::from_raw_parts(self.raw.value.cast(), self.raw.length) }
    }
}

impl Drop for Buffer<'_> {
    fn drop(&mut self) {
        // SAFETY: the buffer is empty, or the library allocated it and nobody else releases it.
        unsafe { (self.library.release_buffer)(&mut 0, &mut self.raw) };
    }
}

/// A name that the library understands.
pub(in crate::repository::kerberos) struct Name {
    pub(super) library: &'static Gssapi,
    pub(super) raw: Handle,
}

// SAFETY: the library keeps nothing of a name in the thread that made it, and it is only used by its one owner.
unsafe impl Send for Name {}

impl Name {
    fn text(&self) -> Result<String, Failure> {
        let mut text = self.library.buffer();
        let mut minor = 0;
        // SAFETY: the name is live; the library allocates what `text` then releases.
        let major =
            unsafe { (self.library.display_name)(&mut minor, self.raw, &mut text.raw, ptr::null_mut()) };
        self.library.check(major, minor, None)?;
        Ok(String::from_utf8_lossy(text.bytes()).into_owned())
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        if !self.raw.is_null() {
            // SAFETY: the name is live, and this is its one owner.
            unsafe { (self.library.release_name)(&mut 0, &mut self.raw) };
        }
    }
}

/// How long a credential is still good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::repository::kerberos) enum Lifetime {
    Seconds(u32),
    Indefinite,
}

/// The person's credential.
pub(in crate::repository::kerberos) struct Credential {
    pub(super) library: &'static Gssapi,
    pub(super) raw: Handle,
}

// SAFETY: as for `Name`.
unsafe impl Send for Credential {}

impl Credential {
    /// Whose it is, and how long it is good.
    ///
    /// # Errors
    /// That there is none after all, or that it has expired.
    pub(in crate::repository::kerberos) fn inquire(&self) -> Result<(String, Lifetime), Failure> {
        let library = self.library;
        let mut name = Name {
            library,
            raw: ptr::null_mut(),
        };
        let (mut minor, mut lifetime) = (0, 0);
        // SAFETY: the credential is live; null stands for outputs that are not wanted.
        let major = unsafe {
            (library.inquire_credential)(
                &mut minor,
                self.raw,
                &mut name.raw,
                &mut lifetime,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        library.check(major, minor, Some(Mechanism::Kerberos))?;
        let lifetime = match lifetime {
            INDEFINITE => Lifetime::Indefinite,
            seconds => Lifetime::Seconds(seconds),
        };
        Ok((name.text()?, lifetime))
    }
}

impl Drop for Credential {
    fn drop(&mut self) {
        if !self.raw.is_null() {
            // SAFETY: the credential is live, and this is its one owner.
            unsafe { (self.library.release_credential)(&mut 0, &mut self.raw) };
        }
    }
}

/// What a step of an exchange came to.
pub(in crate::repository::kerberos) struct Stepped {
    /// To be sent; empty when there is nothing to send.
    pub(in crate::repository::kerberos) token: Vec<u8>,
    pub(in crate::repository::kerberos) state: State,
}

/// How an exchange stands after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::repository::kerberos) enum State {
    Unfinished,
    /// Both sides agree.
    Complete {
        /// Whether the server has proven itself.
        is_mutual: bool,
        /// Whether it was Kerberos that was agreed on.
        is_kerberos: bool,
    },
}

/// One exchange of tokens.
pub(in crate::repository::kerberos) struct Context {
    credential: Credential,
    server: Name,
    mechanism: Mechanism,
    raw: Handle,
}

// SAFETY: a context may move to another thread as long as no two use it at once (MIT and Heimdal both document so), and
// stepping takes it by exclusive reference.
unsafe impl Send for Context {}

impl Context {
    pub(in crate::repository::kerberos) fn new(
        credential: Credential,
        server: Name,
        mechanism: Mechanism,
    ) -> Self {
        Self {
            credential,
            server,
            mechanism,
            raw: ptr::null_mut(),
        }
    }

    /// Takes the server's token, and makes the next one. Asks the Kerberos server of the realm when it has to.
    ///
    /// # Errors
    /// The exchange is over then.
    pub(in crate::repository::kerberos) fn step(
        &mut self,
        from_server: Option<&[u8]>,
    ) -> Result<Stepped, Failure> {
        let library = self.credential.library;
        let input = from_server.map(RawBuffer::lent);
        let mut output = library.buffer();
        let (mut minor, mut flags) = (0, 0);
        let mut agreed: *mut Oid = ptr::null_mut();
        // SAFETY: credential and name are live, the context is null or what an earlier call made of it, the input is only
        // read during the call, and what is written to `output` is released by it.
        let major = unsafe {
            (library.init_context)(
                &mut minor,
                self.credential.raw,
                &mut self.raw,
                self.server.raw,
                self.mechanism.oid().raw(),
                MUTUAL_FLAG,
                0,
                ptr::null_mut(),
                input.as_ref().map_or(ptr::null(), ptr::from_ref),
                &mut agreed,
                &mut output.raw,
                &mut flags,
                ptr::null_mut(),
            )
        };
        let state = match library.check(major, minor, Some(self.mechanism))? {
            COMPLETE => State::Complete {
                is_mutual: flags & MUTUAL_FLAG != 0,
                is_kerberos: is_kerberos(agreed),
            },
            // To be continued. The other remarks that a library can make are about messages, of which there are none.
            _ => State::Unfinished,
        };
        Ok(Stepped {
            token: output.bytes().to_vec(),
            state,
        })
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if !self.raw.is_null() {
            // SAFETY: the context is live, and this is its one owner; no token is wanted for its end.
            unsafe { (self.credential.library.delete_context)(&mut 0, &mut self.raw, ptr::null_mut()) };
        }
    }
}

/// Whether the library's answer names Kerberos itself.
fn is_kerberos(agreed: *mut Oid) -> bool {
    if agreed.is_null() {
        return false;
    }
    // SAFETY: the library returned a pointer to one of its own constant identifiers, with as many bytes as it says.
    let elements = unsafe {
        let Oid { length, elements } = ptr::read(agreed);
        if elements.is_null() {
            return false;
        }
        std::slice::from_raw_parts(elements, length as usize)
    };
    [KRB5_BYTES, MICROSOFT_KRB5_BYTES].contains(&elements)
}
